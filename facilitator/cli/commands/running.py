"""Verbs serve, next, run, sandbox: what does the work."""

from pathlib import Path
from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import At, Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""

    @app.command()
    def serve(as_json: Json = False) -> None:
        """Fire every ceremony at its hour, and advance what is unfinished. Stops cleanly on SIGTERM or Ctrl-C."""
        from facilitator.cli.running import serve as work

        deliver(as_json, lambda: work(context))

    @app.command()
    def worker(as_json: Json = False) -> None:
        """Advance a cluster's runs beside the processes that serve: as many of these as are wanted."""
        from facilitator.cli.running import worker as work

        deliver(as_json, lambda: work(context))

    @app.command("next")
    def coming(
        days: Annotated[int, typer.Option(min=1, max=366)] = 7,
        team: Annotated[str, typer.Option(help="Only this team.")] = "",
        missed: Annotated[
            bool, typer.Option("--missed", help="What was missed, and what becomes of it.")
        ] = False,
        ics: Annotated[Path | None, typer.Option(help="Also write them as an iCalendar file.")] = None,
        as_json: Json = False,
    ) -> None:
        """Show the coming fires in each team's local time, with their windows and reasons."""
        from facilitator.cli import coming as verb

        deliver(
            as_json, lambda: verb.missed(context, team) if missed else verb.coming(context, days, team, ics)
        )

    @app.command()
    def run(
        ceremony: Annotated[str, typer.Argument(help="Such as standup.")],
        team: Annotated[str, typer.Option(help="The team's slug in facilitator.toml.")],
        at: At = "",
        mode: Annotated[str, typer.Option(help="shadow, approve or auto; default: the team's own.")] = "",
        as_json: Json = False,
    ) -> None:
        """Fire one window now and follow it."""
        from facilitator.cli.running import run as work

        deliver(as_json, lambda: work(context, ceremony, team, at, mode, quiet=as_json))

    @app.command()
    def sandbox(
        workspace: Annotated[
            Path | None, typer.Option(help="A workspace file; default: the built-in world.")
        ] = None,
        asana_port: Annotated[int, typer.Option(help="0 picks a free one.")] = 0,
        agents_port: Annotated[int, typer.Option(help="0 picks a free one.")] = 0,
        faults: Annotated[Path | None, typer.Option(help="A JSON file of faults to inject.")] = None,
        speed: Annotated[float, typer.Option(min=0.01, help="How much faster than life.")] = 1.0,
        seed: Annotated[int, typer.Option(help="Seed of the built-in world and of the faults.")] = 7,
        quotas: Annotated[
            bool, typer.Option("--quotas", help="Enforce the published rate limits of Managed Agents too.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Serve the local sandbox alone until stopped: a simulated Asana and Managed Agents."""
        from facilitator.cli.sandbox import sandbox as work

        deliver(
            as_json,
            lambda: work(
                workspace, asana_port, agents_port, faults, speed, seed, quotas=quotas, as_json=as_json
            ),
        )
