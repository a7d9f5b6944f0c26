"""Verb signin: a link into the dashboard."""

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put this verb into the command tree."""

    @app.command()
    def signin(
        who: Annotated[
            str,
            typer.Option("--as", help="A name, login or gid among a team's approvers, viewers or admins."),
        ],
        token: Annotated[
            bool, typer.Option(help="A token for programs instead, as `Authorization: Bearer`.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Print a one-time link that signs a person in to the dashboard."""
        from facilitator.cli.signin import signin as work

        deliver(as_json, lambda: work(context, who, token=token))
