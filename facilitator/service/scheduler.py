"""The APScheduler process: a wake-up for every coming fire, catching up at the start, and a clean stop.

Nothing is kept in a job store. A wake-up carries no meaning: it asks `fire_due` what is due by now, so an early, late or
double wake-up is harmless. Decisions made elsewhere (the command line) are noticed by a look at the run log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from facilitator.calendar.windows import Timetable
from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import RunState
from facilitator.runs.store import RunStore
from facilitator.service.executor import Executor
from facilitator.service.firing import fire_due
from facilitator.service.sprintbook import SprintBook, follows_sprints

log = structlog.get_logger()

HORIZON = timedelta(days=120)
"""How far a trigger looks for its next fire: past the longest holiday or quarter."""

LOOK_FOR_SPRINTS = timedelta(hours=1)
"""How soon a moved, extended or closed sprint is noticed; one read of the project's fields."""

LOOK_FOR_DECISIONS = timedelta(seconds=5)
"""How soon a yes given at the command line is taken up by the serving process."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again while serving. A turn that fails is logged; the next one tries again."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[None]]


class CadenceTrigger(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Our cadences in APScheduler's words: the next fire after the previous one, in the team's zone."""

    def __init__(self, assignment: Assignment, timetable: Callable[[Assignment], Timetable]) -> None:
        self._assignment = assignment
        self._timetable = timetable

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next due instant after the last one, or after now at the start."""
        after = max(previous_fire_time or now, now - timedelta(seconds=1))
        coming = self._timetable(self._assignment).fires(after, after + HORIZON)
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
        sprints: SprintBook,
        refresh: Callable[[], Awaitable[None]],
        chores: Sequence[Chore] = (),
    ) -> None:
        """`refresh` brings `sprints` up to date; it is awaited at the start and every `LOOK_FOR_SPRINTS`."""
        self._chores = tuple(chores)
        self._sprints = sprints
        self._refresh = refresh
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
        await self._look_for_sprints()
        for assignment in self._assignments:
            self._fire(assignment)
            self._scheduler.add_job(
                self._fire,
                CadenceTrigger(assignment, self._sprints.timetable),
                args=[assignment],
                id=_job(assignment),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,  # a late wake-up still asks what is due; `fire_due` knows the grace time
            )
        self._scheduler.add_job(
            self._take_up_decisions, "interval", seconds=LOOK_FOR_DECISIONS.total_seconds()
        )
        if any(map(follows_sprints, self._assignments)):
            self._scheduler.add_job(
                self._follow_sprints, "interval", seconds=LOOK_FOR_SPRINTS.total_seconds(), coalesce=True
            )
        for chore in self._chores:
            self._scheduler.add_job(
                self._do, "interval", seconds=chore.every.total_seconds(), args=[chore], id=chore.name,
                coalesce=True, max_instances=1,
            )  # fmt: skip
        self._scheduler.start()
        log.info("serving", ceremonies=len(self._assignments))
        try:
            await stop.wait()
        finally:
            self._scheduler.shutdown(wait=False)
            log.info("stopped")

    def _fire(self, assignment: Assignment) -> None:
        try:
            fired = fire_due(
                self._store,
                assignment,
                self._sprints.timetable(assignment),
                now=self._clock(),
                started=self._started,
            )
        except FacilitatorError as error:
            log.error(
                "firing_failed", team=assignment.team, ceremony=assignment.ceremony.name, error=error.message
            )
            return
        for run in fired:
            log.info("fired", run=run.id, team=run.team, ceremony=run.ceremony, window=run.window.key)
            self._executor.now(run.id)

    async def _do(self, chore: Chore) -> None:
        try:
            await chore.work()
        except FacilitatorError as error:
            log.error("chore_failed", chore=chore.name, error=error.message)
        except Exception as error:
            log.exception("chore_failed", chore=chore.name, error=str(error))

    async def _look_for_sprints(self) -> None:
        try:
            await self._refresh()
        except FacilitatorError as error:
            log.error("sprints_not_read", error=error.message)

    async def _follow_sprints(self) -> None:
        """Look again, and move the wake-ups of ceremonies whose sprint was moved, extended or closed."""
        await self._look_for_sprints()
        for assignment in filter(follows_sprints, self._assignments):
            self._fire(assignment)
            trigger = CadenceTrigger(assignment, self._sprints.timetable)
            self._scheduler.reschedule_job(_job(assignment), trigger=trigger)

    def _take_up_decisions(self) -> None:
        for run in self._store.unfinished():
            expired = run.expires_at is not None and self._clock() >= run.expires_at
            if run.state is RunState.APPROVED or (run.waits_for_a_person and expired):
                self._executor.now(run.id)


def _job(assignment: Assignment) -> str:
    return f"{assignment.team}/{assignment.ceremony.name}"
