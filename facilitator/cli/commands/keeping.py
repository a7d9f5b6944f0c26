"""Verbs purge and people: how long what is stored is kept, and what is stored of one person."""

from __future__ import annotations

from typing import Annotated

import typer

from facilitator.cli.answer import deliver
from facilitator.cli.context import Context
from facilitator.cli.words import Json


def add(app: typer.Typer, context: Context) -> None:
    """Put these verbs into the command tree."""

    @app.command()
    def purge(
        dry_run: Annotated[bool, typer.Option(help="Only count what is due.")] = False,
        as_json: Json = False,
    ) -> None:
        """Purge what has been kept for its time in [retention]; `serve` does the same every hour."""
        from facilitator.cli.keeping import purge as work

        deliver(as_json, lambda: work(context, dry_run=dry_run))
