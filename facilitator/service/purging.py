"""The daily purge: what has been kept long enough goes, here and at Managed Agents.

Looks every hour, since a process may not live for a day. What fails is left for the next look; nothing here is urgent, and
the order does not matter. A dry run only counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog

from facilitator.errors import FacilitatorError
from facilitator.runs.keeping import KINDS, Keeping
from facilitator.runs.ports import AgentBackend
from facilitator.settings import Retention

log = structlog.get_logger()

LOOK_FOR_OLD = timedelta(hours=1)
AT_ONCE = 200
"""Runs and sessions of one kind in one look: a first purge of years must not hold up a morning."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How much went, or in a dry run would go; `left` counts sessions that would not be closed this time."""

    snapshots: int = 0
    texts: int = 0
    events: int = 0
    archived: int = 0
    deleted: int = 0
    left: int = 0

    @property
    def anything(self) -> bool:
        """Whether there is anything to tell."""
        return any(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Purger:
    """The purges of one run log under the policy that holds at the moment."""

    keeping: Keeping
    agents: AgentBackend
    retention: Callable[[], Retention]
    clock: Callable[[], datetime]

    async def turn(self) -> None:
        """One look of the serving process."""
        done = await self.purge()
        if done.anything:
            log.info("purged", **asdict(done))

    async def purge(self, *, dry_run: bool = False) -> Purged:
        """Purge what is due, at most `AT_ONCE` of each kind; a second time at once there is nothing left."""
        now = self.clock()
        counts = {kind: self._texts(kind, now, dry_run=dry_run) for kind in KINDS}
        policy = self.retention()
        if policy.texts and not dry_run:
            self.keeping.forget_notices(now - policy.texts)
        deleted, stayed = await self._sessions("deleted_at", now, dry_run=dry_run)
        archived, open_still = await self._sessions("archived_at", now, dry_run=dry_run)
        return Purged(**counts, archived=archived, deleted=deleted, left=stayed + open_still)

    def _texts(self, kind: str, now: datetime, *, dry_run: bool) -> int:
        period: timedelta | None = getattr(self.retention(), kind)
        due = self.keeping.due(kind, now - period) if period else ()
        for run in due[:AT_ONCE] if not dry_run else ():
            self.keeping.purge(kind, run, now=now)
        return len(due) if dry_run else len(due[:AT_ONCE])

    async def _sessions(self, done: str, now: datetime, *, dry_run: bool) -> tuple[int, int]:
        archiving = done == "archived_at"
        policy = self.retention()
        period = policy.archive_sessions if archiving else policy.delete_sessions
        due = self.keeping.sessions(now - period, done=done) if period else ()
        if dry_run:
            return len(due), 0
        closed = 0
        for old in due[:AT_ONCE]:
            try:
                await (self.agents.archive if archiving else self.agents.delete)(old.session)
            except FacilitatorError as error:
                log.warning("session_not_closed", session=old.session, run=old.run, error=error.message)
                continue
            self.keeping.closed(old, done=done, now=now)
            closed += 1
        return closed, len(due[:AT_ONCE]) - closed
