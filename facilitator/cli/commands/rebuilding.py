"""Verbs rebuild, sessions list: what stands outside the run log."""

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json

Since = Annotated[
    str, typer.Option(help="Sessions made since this instant, such as 2026-06-10T00:00:00+02:00.")
]


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""

    @app.command()
    def rebuild(
        apply: Annotated[
            bool, typer.Option("--apply", help="Put the runs back; without this they are only shown.")
        ] = False,
        since: Since = "",
        as_json: Json = False,
    ) -> None:
        """Make a lost run log again from our comments in Asana and our sessions; posts nothing."""
        from facilitator.cli.rebuilding import rebuild as work

        deliver(as_json, lambda: work(context, since, apply=apply))

    sessions = typer.Typer(help="This deployment's sessions.", no_args_is_help=True)
    app.add_typer(sessions, name="sessions")

    @sessions.command("list")
    def sessions_list(
        since: Since = "",
        limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
        as_json: Json = False,
    ) -> None:
        """Newest sessions first, each with its run."""
        from facilitator.cli.rebuilding import sessions as work

        deliver(as_json, lambda: work(context, since, limit))
