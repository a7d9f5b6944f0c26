"""The verb `purge`: what has been kept long enough goes."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.runs.steps.desk import unobserved
from facilitator.service.purging import Purged, Purger


def purge(context: Context, *, dry_run: bool) -> Answer:
    """Purge now what `serve` would purge within the hour; a dry run changes nothing."""
    with context.application() as app:

        async def work() -> Purged:
            async with app.working(app, unobserved) as pipeline:
                purger = Purger(app.keeping, pipeline.agents, app.settings.retention, app.clock)
                return await purger.purge(dry_run=dry_run)

        done = asyncio.run(work())
    verb = "would go" if dry_run else "went"
    text = (
        f"Snapshots of {done.snapshots} runs, texts of {done.texts} and events of {done.events} {verb}; "
        f"{done.archived} sessions {'would be ' if dry_run else ''}archived, {done.deleted} deleted."
    )
    left = f" {done.left} sessions could not be closed now and are tried again." if done.left else ""
    return Answer({**asdict(done), "dry_run": dry_run}, text + left)
