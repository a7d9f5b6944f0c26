"""Verb health: whether a due window would be fired, for whoever watches over the process from outside."""

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put this verb into the command tree."""

    @app.command()
    def health(as_json: Json = False) -> None:
        """Tell whether `serve` is alive and ready; exit code 1 where it is not."""
        from facilitator.cli.health import health as work

        deliver(as_json, lambda: work(context))
