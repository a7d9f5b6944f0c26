"""B4: 1,000 windows due at one instant: from due to started, the 99th percentile, against bare APScheduler: `make bench ONLY=B4`.

Ours is the whole way: what is due is one row a run in the run log (SQLite, on the disk), recorded in the two seconds before the
instant; started is when the executor begins the run's work, which here does nothing. Bare APScheduler runs a no-op and keeps
nothing. Celery beat, Huey and Prefect: see `peers`.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from benchmarks.figures import Figure, measured
from facilitator.calendar.cadence import Once
from facilitator.runs.assignment import Assignment
from facilitator.runs.coverage import Coverage
from facilitator.runs.pauses import Pauses
from facilitator.runs.run import Run, RunId
from facilitator.runs.store import RunStore
from facilitator.service.executor import LocalExecutor
from facilitator.service.firing import Firing, Look
from facilitator.service.scheduler import Scheduler
from facilitator.service.sprintbook import SprintBook
from tests.unit.service.ceremonies import assignment

WINDOWS, ROUNDS, TIMES = 1000, 3, 2.0
AHEAD = timedelta(seconds=4)


class Timed(Firing):
    """Notes how long the look took that recorded what was due, in seconds."""

    recording_s = 0.0

    def look(self, assignments: Iterable[Assignment], *, now: datetime) -> list[Look]:
        """See `Firing.look`."""
        began = time.perf_counter()
        looks = super().look(assignments, now=now)
        if any(look.fired for look in looks):
            self.recording_s = time.perf_counter() - began
        return looks


def measure() -> list[Figure]:
    """The median of alternating rounds, so that other work on the machine meets both alike."""
    late, recording, bare = [], [], []
    for _ in range(ROUNDS):
        bare.append(p99(asyncio.run(_bare())))
        at_s, recording_s = asyncio.run(_ours())
        late.append(p99(at_s))
        recording.append(recording_s)
    told = (
        f"ours {1000 * median(late):.0f} ms, bare APScheduler {1000 * median(bare):.0f} ms (p99, median of {ROUNDS});"
        f" recording all {WINDOWS} took {1000 * median(recording):.0f} ms, in the two seconds before they were due"
    )
    return [
        Figure(
            "B4", median(late) / median(bare), TIMES, "x bare APScheduler, due to started, p99",
            f"{WINDOWS} no-op jobs of APScheduler 3.11", note=told,
        ),
    ]  # fmt: skip


def p99(seconds: Sequence[float]) -> float:
    """What 99 of 100 were no later than."""
    return quantiles(seconds, n=100)[98]


def ours() -> list[float]:
    """How late, in seconds, our scheduler starts each of `WINDOWS` windows that are due at one instant."""
    return asyncio.run(_ours())[0]


async def _ours() -> tuple[list[float], float]:
    """How late each was started, and how long recording them took."""
    stop, due, started = asyncio.Event(), datetime.now(UTC) + AHEAD, list[float]()

    async def begin(_run: RunId) -> Run | None:
        started.append(time.time())
        if len(started) >= WINDOWS:
            stop.set()
        return None

    wishes = [assignment(Once(due), team=f"team-{number}") for number in range(WINDOWS)]
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore.open(f"sqlite:///{folder}/facilitator.sqlite3")
        book = SprintBook(store)
        firing = Timed(Coverage(store.database), Pauses(store.database), book.timetable)
        executor = LocalExecutor(begin, clock=_clock)

        async def refresh() -> None:
            """Nobody's sprints move."""

        process = Scheduler(
            store, {(one.team, one.ceremony.name): one for one in wishes}, executor, firing,
            clock=_clock, sprints=book, refresh=refresh,
        )  # fmt: skip
        await asyncio.wait_for(process.serve(stop), 60)
        store.close()
    return [at - due.timestamp() for at in started], firing.recording_s


def _clock() -> datetime:
    return datetime.now(UTC)


async def _bare() -> list[float]:
    done, due, started = asyncio.Event(), datetime.now(UTC) + AHEAD, list[float]()
    scheduler = AsyncIOScheduler(executors={"default": AsyncIOExecutor()}, timezone="UTC")

    async def work() -> None:
        started.append(time.time())
        if len(started) >= WINDOWS:
            done.set()

    for number in range(WINDOWS):
        scheduler.add_job(work, "date", run_date=due, id=str(number), misfire_grace_time=None)
    scheduler.start()
    await asyncio.wait_for(done.wait(), 60)
    scheduler.shutdown(wait=False)
    return [at - due.timestamp() for at in started]


def main(words: Sequence[str] = (), /) -> int:
    """Print the figures; 1 where a bar was missed."""
    return measured(measure, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
