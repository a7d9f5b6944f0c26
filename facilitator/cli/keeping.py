"""Verbs `purge` and `people export | erase`: what goes when its time is over, and on one person's wish."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.errors import ConfigurationError
from facilitator.runs.person import Person
from facilitator.runs.steps.desk import unobserved
from facilitator.service.application import Application
from facilitator.service.purging import Purged, Purger


def purge(context: Context, *, dry_run: bool) -> Answer:
    """Purge now what `serve` would purge within the hour; a dry run changes nothing."""
    with context.application() as app:

        async def work() -> Purged:
            async with app.working(app, unobserved) as pipeline:
                purger = Purger(app.keeping, pipeline.agents, lambda: app.settings.retention, app.clock)
                return await purger.purge(dry_run=dry_run)

        done = asyncio.run(work())
    verb = "would go" if dry_run else "went"
    text = (
        f"Snapshots of {done.snapshots} runs, texts of {done.texts} and events of {done.events} {verb}; "
        f"{done.archived} sessions {'would be ' if dry_run else ''}archived, {done.deleted} deleted."
    )
    left = f" {done.left} sessions could not be closed now and are tried again." if done.left else ""
    return Answer({**asdict(done), "dry_run": dry_run}, text + left)


def exported(context: Context, gid: str) -> Answer:
    """Everything held of one person."""
    with context.application() as app:
        data = app.people.export(_person(app, gid))
    return Answer(data, json.dumps(data, ensure_ascii=False, indent=2))


def erased(context: Context, gid: str, *, sure: bool) -> Answer:
    """Take one person out of everything that has ended; recorded in the audit chain without saying whom."""
    with context.application() as app:
        person = _person(app, gid)
        if not sure:
            raise ConfigurationError(
                f"this takes {gid} ({', '.join(sorted(person.names)) or 'no name known'}) out of the run log for good.",
                suggestion="Look with `people export` first, then say --yes.",
            )
        done = app.people.erase(person, now=app.clock())
    left = (
        f" {len(done.left)} runs have not ended and are left: erase again when they have."
        if done.left
        else ""
    )
    return Answer(asdict(done), f"Erased {done.values} values in {done.runs} runs.{left}")


def _person(app: Application, gid: str) -> Person:
    if not (gid.isascii() and gid.isdigit()):
        raise ConfigurationError(
            f"{gid[:40]!r} is no gid.", suggestion="A gid is digits, as in a profile's address."
        )
    known = [
        person for team in app.settings.teams for person in (*team.approvers, *team.viewers, *team.admins)
    ]
    return app.people.find(gid, [person.name for person in known if person.gid == gid])
