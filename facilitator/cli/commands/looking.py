"""Verbs board, explain, drafts check: looking without recording."""

from pathlib import Path
from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import At, Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""

    @app.command()
    def board(
        team: Annotated[str, typer.Argument(help="The team's slug in facilitator.toml.")],
        ceremony: Annotated[str, typer.Option(help="Whose facts.")] = "standup",
        at: At = "",
        as_json: Json = False,
    ) -> None:
        """The facts of a board, computed live; nothing is recorded."""
        from facilitator.cli.looking import board as work

        deliver(as_json, lambda: work(context, team, ceremony, at))

    @app.command()
    def explain(
        what: Annotated[
            str, typer.Argument(help="A fact's id (sprint.done_points) or a line (headline, blocked[0]).")
        ],
        run_id: Annotated[str, typer.Argument(help="The run whose document it is.")],
        as_json: Json = False,
    ) -> None:
        """Why a figure or a line is there: its rule, tasks and stories, offline from the run log."""
        from facilitator.cli.looking import explained as work

        deliver(as_json, lambda: work(context, what, run_id))

    drafts = typer.Typer(help="Drafts, on files.", no_args_is_help=True)
    app.add_typer(drafts, name="drafts")

    @drafts.command("check")
    def drafts_check(
        facts: Annotated[Path, typer.Option(help="A facts.json.")],
        draft: Annotated[Path, typer.Option(help="A draft.json.")],
        ceremony: Annotated[str, typer.Option(help="Such as standup.")],
        as_json: Json = False,
    ) -> None:
        """List every fault that code finds in a draft."""
        from facilitator.cli.looking import drafts_check as work

        deliver(as_json, lambda: work(context, facts, draft, ceremony))
