"""Verbs db copy: the run log's database itself."""

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""
    database = typer.Typer(help="The run log's database.", no_args_is_help=True)
    app.add_typer(database, name="db")

    @database.command("copy")
    def db_copy(
        target: Annotated[
            str, typer.Argument(help="Where to: postgresql://USER@HOST/NAME or sqlite:///PATH; empty.")
        ],
        as_json: Json = False,
    ) -> None:
        """Copy this deployment's run log into an empty database, as it is; stop `serve` before."""
        from facilitator.cli.database import copy as work

        deliver(as_json, lambda: work(context, target))
