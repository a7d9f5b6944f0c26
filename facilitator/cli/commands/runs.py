"""Verbs runs list, show, tail, resume, replay: the run log."""

from pathlib import Path
from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""
    runs = typer.Typer(help="The run log.", no_args_is_help=True)
    app.add_typer(runs, name="runs")

    @runs.command("list")
    def runs_list(
        team: Annotated[str, typer.Option()] = "",
        ceremony: Annotated[str, typer.Option()] = "",
        state: Annotated[str, typer.Option(help="Such as judged, written, failed.")] = "",
        limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
        as_json: Json = False,
    ) -> None:
        """Newest runs first."""
        from facilitator.cli.listing import listed as work

        deliver(as_json, lambda: work(context, team, ceremony, state, limit))

    @runs.command("show")
    def runs_show(run_id: str, as_json: Json = False) -> None:
        """One run's whole story: history, verdicts, document, cost."""
        from facilitator.cli.runs import shown as work

        deliver(as_json, lambda: work(context, run_id))

    @runs.command("tail")
    def runs_tail(
        run_id: str,
        follow: Annotated[bool, typer.Option(help="Wait for more until the run stops.")] = True,
        as_json: Json = False,
    ) -> None:
        """A run's session events as they come."""
        from facilitator.cli.runs import tailed as work

        deliver(as_json, lambda: work(context, run_id, follow=follow, as_json=as_json))

    @runs.command("resume")
    def runs_resume(run_id: str, as_json: Json = False) -> None:
        """Advance an unfinished run from where it stands."""
        from facilitator.cli.running import resume as work

        deliver(as_json, lambda: work(context, run_id, quiet=as_json))

    @runs.command("replay")
    def runs_replay(
        run_id: str,
        rubric: Annotated[
            Path | None, typer.Option("--rubric", help="Another rubric than the ceremony's own.")
        ] = None,
        as_json: Json = False,
    ) -> None:
        """Play a run's recorded facts again in a new session; shows both, writes nothing."""
        from facilitator.cli.replaying import replayed as work

        deliver(as_json, lambda: work(context, run_id, rubric, quiet=as_json))
