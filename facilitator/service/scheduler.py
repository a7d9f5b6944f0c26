"""The APScheduler process: a wake-up for every coming fire, catching up at the start, and a clean stop.

Nothing is kept in a job store. A wake-up carries no meaning: it asks `fire_due` what is due by now, so an early, late or
double wake-up is harmless. Decisions made elsewhere (the command line) are noticed by a look at the run log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import RunState
from facilitator.runs.store import RunStore
from facilitator.service.executor import Executor
from facilitator.service.firing import fire_due

log = structlog.get_logger()

HORIZON = timedelta(days=120)
"""How far a trigger looks for its next fire: past the longest holiday or quarter."""

LOOK_FOR_DECISIONS = timedelta(seconds=5)
"""How soon a yes given at the command line is taken up by the serving process."""


class CadenceTrigger(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Our cadences in APScheduler's words: the next fire after the previous one, in the team's zone."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next due instant after the last one, or after now at the start."""
        after = max(previous_fire_time or now, now - timedelta(seconds=1))
        coming = self._assignment.timetable.fires(after, after + HORIZON)
        return coming[0].at if coming else None


class Scheduler:
    """Fires the windows of the assignments and hands their runs to an executor, until stopped."""

    def __init__(
        self,
        store: RunStore,
        assignments: Iterable[Assignment],
        executor: Executor,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._assignments = tuple(assignments)
        self._executor = executor
        self._clock = clock
        self._started = clock()
        self._scheduler = AsyncIOScheduler(executors={"default": AsyncIOExecutor()}, timezone="UTC")

    async def serve(self, stop: asyncio.Event) -> None:
        """Catch up, then fire until `stop` is set. Runs being advanced are let go where they stand."""
        for run in self._store.unfinished():
            self._executor.now(run.id)
        for assignment in self._assignments:
            self._fire(assignment)
            self._scheduler.add_job(
                self._fire,
                CadenceTrigger(assignment),
                args=[assignment],
                id=f"{assignment.team}/{assignment.ceremony.name}",
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,  # a late wake-up still asks what is due; `fire_due` knows the grace time
            )
        self._scheduler.add_job(
            self._take_up_decisions, "interval", seconds=LOOK_FOR_DECISIONS.total_seconds()
        )
        self._scheduler.start()
        log.info("serving", ceremonies=len(self._assignments))
        try:
            await stop.wait()
        finally:
            self._scheduler.shutdown(wait=False)
            log.info("stopped")

    def _fire(self, assignment: Assignment) -> None:
        try:
            fired = fire_due(self._store, assignment, now=self._clock(), started=self._started)
        except FacilitatorError as error:
            log.error(
                "firing_failed", team=assignment.team, ceremony=assignment.ceremony.name, error=error.message
            )
            return
        for run in fired:
            log.info("fired", run=run.id, team=run.team, ceremony=run.ceremony, window=run.window.key)
            self._executor.now(run.id)

    def _take_up_decisions(self) -> None:
        for run in self._store.unfinished():
            expired = run.expires_at is not None and self._clock() >= run.expires_at
            if run.state is RunState.APPROVED or (run.waits_for_a_person and expired):
                self._executor.now(run.id)
