"""Verbs triggers list, webhook-register, webhook-remove: what was asked for on the boards, and hearing of it sooner."""

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json

Team = Annotated[str, typer.Option(help="The team's slug in facilitator.toml.")]


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""
    triggers = typer.Typer(help="What people start from their boards.", no_args_is_help=True)
    app.add_typer(triggers, name="triggers")

    @triggers.command("list")
    def triggers_list(
        limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, as_json: Json = False
    ) -> None:
        """Newest requests first, with what became of each."""
        from facilitator.cli.triggers import listed as work

        deliver(as_json, lambda: work(context, limit))

    @triggers.command("webhook-register")
    def register(team: Team, as_json: Json = False) -> None:
        """Have Asana push the team's events to `serve`, which must be reachable at [web] base_url."""
        from facilitator.cli.triggers import registered as work

        deliver(as_json, lambda: work(context, team))

    @triggers.command("webhook-remove")
    def remove(team: Team, as_json: Json = False) -> None:
        """End the team's webhooks; its board is still asked every half minute."""
        from facilitator.cli.triggers import removed as work

        deliver(as_json, lambda: work(context, team))
