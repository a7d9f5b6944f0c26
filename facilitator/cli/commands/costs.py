"""Verbs costs and quality: what documents cost and save, and how good they are."""

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""

    @app.command()
    def costs(
        team: Annotated[str, typer.Option(help="Only this team.")] = "",
        ceremony: Annotated[str, typer.Option(help="Only this ceremony.")] = "",
        month: Annotated[str, typer.Option(help="Only this month, such as 2026-06.")] = "",
        as_json: Json = False,
    ) -> None:
        """What sessions cost by team, ceremony and month, per document, and the minutes they saved."""
        from facilitator.cli.costs import costs as work

        deliver(as_json, lambda: work(context, team, ceremony, month))

    @app.command()
    def quality(
        team: Annotated[str, typer.Option(help="Only this team.")] = "",
        days: Annotated[int, typer.Option(min=1, max=3660, help="Runs of so many days.")] = 90,
        as_json: Json = False,
    ) -> None:
        """Verdicts, edits, rejections, feedback, latency, and how right the predictions were."""
        from facilitator.cli.quality import quality as work

        deliver(as_json, lambda: work(context, team, days))
