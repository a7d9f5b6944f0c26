"""The APScheduler process: a wake-up for every coming fire, catching up at the start, and a clean stop.

Nothing is kept in a job store. A wake-up carries no meaning: it asks `Firing` what is due by now, so an early, late or
double wake-up is harmless. Ceremonies that are due at one instant share one wake-up and are looked at together. Decisions
made elsewhere (the command line) are noticed by a look at the run log.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from facilitator.calendar.windows import Due
from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.coverage import Coverage
from facilitator.runs.run import RunId, RunState
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

AHEAD = timedelta(seconds=2)
"""How long before its instant what is due is recorded, so that a thousand runs begin on the hour; `gather` waits for it."""

Key = tuple[str, str]
"""A team and a ceremony."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done again and again while serving. A turn that fails is logged; the next one tries again."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[None]]


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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
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
        self._sleep = sleep
        self._coming: dict[Key, datetime] = {}
        self._held: dict[Key, None] = {}
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
        due = [key for key in self._assignments if key not in set(following)]
        self._begin(await self._look(due, looked))
        self._plan(self._assignments, looked)
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
        self._plan(changed, looked)
        self._begin(await self._look(changed, looked))

    def _plan(self, keys: Iterable[Key], looked: datetime) -> None:
        """Note when each ceremony is due next after the instant up to which somebody looked; one wake-up an instant.

        A wake-up that a ceremony was moved away from stays, and finds nothing.
        """
        planned = set(self._coming.values())
        for key in keys:
            assignment = self._assignments.get(key)
            coming = self._sprints.timetable(assignment).next(looked) if assignment else None
            if coming is None:
                self._coming.pop(key, None)
            else:
                self._coming[key] = coming.at
        for at in sorted(set(self._coming.values()) - planned):
            ahead = at - AHEAD - self._clock()
            self._scheduler.add_job(
                self._wake,
                "date",
                run_date=datetime.now(UTC)
                + ahead,  # it goes by the machine's clock, we by the one we were handed
                args=[at],
                misfire_grace_time=None,  # a late wake-up still asks what is due; `Firing` knows the grace time
            )

    async def _wake(self, at: datetime) -> None:
        """Record what is due at the instant, a moment before it, and begin it then; wait for what comes next of it."""
        due = [key for key, coming in self._coming.items() if coming <= at]
        for key in due:
            del self._coming[key]
        looked = self._clock()
        try:
            if looked >= at - AHEAD:  # else somebody set the clock back: nothing is due yet
                looked = max(looked, at)
                runs = await self._look(due, looked)
                await self._sleep(max(0.0, (at - self._clock()).total_seconds()))
                self._begin(runs)
        finally:
            self._plan(due, looked)

    def _start(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def _let_go(self) -> None:
        for task in (working := list(self._background)):
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)

    def _begin(self, runs: Iterable[RunId]) -> None:
        for run in runs:
            self._executor.now(run)

    async def _look(self, keys: Iterable[Key], now: datetime) -> list[RunId]:
        """Record and tell what is due by the instant; gives the runs that begin then."""
        wanted = [key for key in keys if key in self._assignments]
        begin: list[RunId] = []
        for n in range(0, len(wanted), TOGETHER):
            some = [self._assignments[key] for key in wanted[n : n + TOGETHER]]
            try:
                looks = self._firing.look(some, now=now)
            except FacilitatorError as error:
                log.error("firing_failed", ceremonies=len(some), error=error.message)
                self._held.update(dict.fromkeys(wanted[n : n + TOGETHER]))
                continue
            for look in looks:
                self._after(look, now)
            begin += [look.fired.id for look in looks if look.fired]
            await asyncio.sleep(0)  # others have their turn between two transactions
        return begin

    def _after(self, look: Look, now: datetime) -> None:
        key = (look.assignment.team, look.assignment.ceremony.name)
        told = log.bind(team=key[0], ceremony=key[1])
        if missed := [one for one in look.dues if one.missed(now)]:
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
        self._begin(await self._look(list(self._held), self._clock()))

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
        self._plan(following, looked)
        self._begin(await self._look(following, looked))

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
