"""The APScheduler process: a wake-up for every coming fire, catching up at the start, and a clean stop.

Nothing is kept in a job store. A wake-up carries no meaning: it asks `Firing` what is due by now, so an early, late or
double wake-up is harmless. Wake-ups of one moment are looked at together. Decisions made elsewhere (the command line) are
noticed by a look at the run log.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from facilitator.calendar.windows import Due
from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.coverage import Coverage
from facilitator.runs.run import RunState
from facilitator.runs.store import RunStore
from facilitator.service.executor import Executor
from facilitator.service.firing import TOGETHER, Firing, Look
from facilitator.service.sprintbook import SprintBook, follows_sprints

log = structlog.get_logger()

LOOK_FOR_SPRINTS = timedelta(hours=1)
"""How soon a moved, extended or closed sprint is noticed; one read of the project's fields."""

LOOK_FOR_DECISIONS = timedelta(seconds=5)
"""How soon a yes given at the command line is taken up by the serving process."""

LOOK_AGAIN = timedelta(seconds=15)
"""How soon a window is fired that was held back by a run at work, once that has ended."""

Key = tuple[str, str]
"""A team and a ceremony."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again while serving. A turn that fails is logged; the next one tries again."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[None]]


class CadenceTrigger(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Our cadences in APScheduler's words: the next fire after the previous one, in the team's zone.

    `looked` is the instant up to which somebody looked already: what came due since then is woken for at once.
    """

    def __init__(self, assignment: Assignment, sprints: SprintBook, looked: datetime) -> None:
        self._assignment = assignment
        self._sprints = sprints
        self._looked = looked

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next due instant after the last one; one that passed unseen is not lost, but woken for once."""
        after = max(previous_fire_time, now - timedelta(seconds=1)) if previous_fire_time else self._looked
        coming = self._sprints.timetable(self._assignment).next(after)
        return coming.at if coming else None


class Scheduler:
    """Fires the windows of the assignments and hands their runs to an executor, until stopped.

    `assignments` is read anew at each wake-up: another configuration may take its place (see `take_up`). `refresh` brings
    `sprints` up to date; it is awaited at the start and every `LOOK_FOR_SPRINTS`.
    """

    def __init__(
        self,
        store: RunStore,
        assignments: Mapping[Key, Assignment],
        executor: Executor,
        firing: Firing,
        *,
        clock: Callable[[], datetime],
        sprints: SprintBook,
        refresh: Callable[[], Awaitable[None]],
        chores: Sequence[Chore] = (),
    ) -> None:
        self._chores = tuple(chores)
        self._sprints = sprints
        self._refresh = refresh
        self._store = store
        self._coverage = Coverage(store.database)
        self._assignments = assignments
        self._executor = executor
        self._firing = firing
        self._clock = clock
        self._due: dict[Key, None] = {}
        self._held: dict[Key, None] = {}
        self._drain: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(executors={"default": AsyncIOExecutor()}, timezone="UTC")

    async def serve(self, stop: asyncio.Event) -> None:
        """Catch up, then fire until `stop` is set. Runs being advanced are let go where they stand.

        Ceremonies that follow sprints are caught up once the board was asked for them: their last known end may be old.
        """
        for run in self._store.unfinished():
            self._executor.now(run.id)
        looked = self._clock()
        self._coverage.enrol(self._assignments, now=looked)
        following = [key for key, one in self._assignments.items() if follows_sprints(one)]
        await self._look(key for key in self._assignments if key not in set(following))
        for key in self._assignments:
            self._plan(key, looked)
        self._every(Chore("decisions", LOOK_FOR_DECISIONS, self._take_up_decisions))
        self._every(Chore("held", LOOK_AGAIN, self._look_again))
        self._every(Chore("sprints", LOOK_FOR_SPRINTS, self._follow_sprints))
        for chore in self._chores:
            self._every(chore)
        self._scheduler.start()
        self._start(self._follow_sprints())
        log.info("serving", ceremonies=len(self._assignments))
        try:
            await stop.wait()
        finally:
            self._scheduler.shutdown(wait=False)
            await self._let_go()
            log.info("stopped")

    async def take_up(self, changed: Collection[Key]) -> None:
        """Follow a changed configuration: these ceremonies are new, different or gone."""
        looked = self._clock()
        self._coverage.enrol((key for key in changed if key in self._assignments), now=looked)
        for key in changed:
            self._plan(key, looked)
        await self._look(key for key in changed if key in self._assignments)

    def _plan(self, key: Key, looked: datetime) -> None:
        """Set or move the wake-up of one ceremony, or take it away."""
        name = "/".join(key)
        assignment = self._assignments.get(key)
        if assignment is None:
            if self._scheduler.get_job(name):
                self._scheduler.remove_job(name)
            return
        self._scheduler.add_job(
            self._wake,
            CadenceTrigger(assignment, self._sprints, looked),
            args=[key],
            id=name,
            replace_existing=True,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,  # a late wake-up still asks what is due; `Firing` knows the grace time
        )

    async def _wake(self, key: Key) -> None:
        """Have one ceremony looked at, together with all others that wake at this moment."""
        self._due[key] = None
        if self._drain is None or self._drain.done():
            self._drain = self._start(self._drained())

    async def _drained(self) -> None:
        await asyncio.sleep(0)  # let the wake-ups of this moment gather
        while self._due:
            now, self._due = self._due, {}
            await self._look(now)

    def _start(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def _let_go(self) -> None:
        for task in (working := list(self._background)):
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)

    async def _look(self, keys: Iterable[Key]) -> None:
        wanted = [key for key in keys if key in self._assignments]
        for n in range(0, len(wanted), TOGETHER):
            some = [self._assignments[key] for key in wanted[n : n + TOGETHER]]
            try:
                looks = self._firing.look(some, now=self._clock())
            except FacilitatorError as error:
                log.error("firing_failed", ceremonies=len(some), error=error.message)
                self._held.update(dict.fromkeys(wanted[n : n + TOGETHER]))
                continue
            for look in looks:
                self._after(look)
            await asyncio.sleep(0)  # others have their turn between two transactions

    def _after(self, look: Look) -> None:
        key = (look.assignment.team, look.assignment.ceremony.name)
        told = log.bind(team=key[0], ceremony=key[1])
        if missed := [one for one in look.dues if one.missed(self._clock())]:
            told.warning("missed", **told_of(missed))
        for run in look.recorded:
            told.info("skipped", run=run.id, window=run.window.key, why=run.reason)
        if look.superseded:
            told.info("expired", run=look.superseded.id, why=look.superseded.reason)
        self._held.pop(key, None)
        if look.held:
            told.info("held_back", why=look.held)
            self._held[key] = None
        if look.fired:
            told.info("fired", run=look.fired.id, window=look.fired.window.key)
            self._executor.now(look.fired.id)

    def _every(self, chore: Chore) -> None:
        self._scheduler.add_job(
            self._do, "interval", seconds=chore.every.total_seconds(), args=[chore], id=chore.name,
            coalesce=True, max_instances=1,
        )  # fmt: skip

    async def _do(self, chore: Chore) -> None:
        try:
            await chore.work()
        except FacilitatorError as error:
            log.error("chore_failed", chore=chore.name, error=error.message)
        except Exception as error:
            log.exception("chore_failed", chore=chore.name, error=str(error))

    async def _look_again(self) -> None:
        await self._look(list(self._held))

    async def _follow_sprints(self) -> None:
        """Look again, and move the wake-ups of ceremonies whose sprint was moved, extended or closed."""
        following = [key for key, one in self._assignments.items() if follows_sprints(one)]
        if not following:
            return
        try:
            await self._refresh()
        except FacilitatorError as error:
            log.error("sprints_not_read", error=error.message)
        looked = self._clock()
        for key in following:
            self._plan(key, looked)
        await self._look(following)

    async def _take_up_decisions(self) -> None:
        for run in self._store.unfinished():
            expired = run.expires_at is not None and self._clock() >= run.expires_at
            if run.state is RunState.APPROVED or (run.waits_for_a_person and expired):
                self._executor.now(run.id)


def told_of(missed: Sequence[Due]) -> dict[str, object]:
    """What was missed and what becomes of it, as fields of one line."""
    fates = Counter(one.fate.value for one in missed)
    return {
        "windows": len(missed),
        "first": f"{missed[0].fire.at:%Y-%m-%d %H:%M}",
        "last": f"{missed[-1].fire.at:%Y-%m-%d %H:%M}",
        "becomes": ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items())),
        "why": missed[-1].why,
    }
