"""Verbs teams list, pause, resume."""

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json

Team = Annotated[str, typer.Argument(help="The team's slug in facilitator.toml.")]
Ceremony = Annotated[str, typer.Option(help="Only this ceremony; default: all of the team's.")]
Who = Annotated[str, typer.Option("--by", envvar="FACILITATOR_USER", help="Who does it; it is recorded.")]


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""
    teams = typer.Typer(help="Who is served, and who wants a break.", no_args_is_help=True)
    app.add_typer(teams, name="teams")

    @teams.command("list")
    def teams_list(as_json: Json = False) -> None:
        """Every team's ceremonies, when they are due next, and which are paused."""
        from facilitator.cli.teams import listed as work

        deliver(as_json, lambda: work(context))

    @teams.command("pause")
    def teams_pause(
        team: Team,
        ceremony: Ceremony = "",
        until: Annotated[str, typer.Option(help="The last day of the pause; default: until resumed.")] = "",
        because: Annotated[str, typer.Option(help="The reason; skipped windows show it.")] = "",
        by: Who = "",
        as_json: Json = False,
    ) -> None:
        """Fire nothing of a team for a while; what is due meanwhile joins the next window."""
        from facilitator.cli.teams import pause as work

        deliver(as_json, lambda: work(context, team, ceremony, until, by, because))

    @teams.command("resume")
    def teams_resume(team: Team, ceremony: Ceremony = "", by: Who = "", as_json: Json = False) -> None:
        """Let a paused team go on."""
        from facilitator.cli.teams import resume as work

        deliver(as_json, lambda: work(context, team, ceremony, by))
