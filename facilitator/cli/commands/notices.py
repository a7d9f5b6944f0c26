"""Verbs notices list, test: what people were told, and whether they can be."""

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""
    notices = typer.Typer(help="What people were told.", no_args_is_help=True)
    app.add_typer(notices, name="notices")

    @notices.command("list")
    def notices_list(
        limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, as_json: Json = False
    ) -> None:
        """Newest notices first, with what became of each way."""
        from facilitator.cli.notices import listed as work

        deliver(as_json, lambda: work(context, limit))

    @notices.command("test")
    def notices_test(
        team: Annotated[str, typer.Option(help="The team's slug; default: everybody's channels.")] = "",
        as_json: Json = False,
    ) -> None:
        """Send one notice through every configured channel now, and tell what arrived."""
        from facilitator.cli.notices import tested as work

        deliver(as_json, lambda: work(context, team))
