"""Who advances runs, and when: on one machine, asyncio tasks in the serving process.

An executor is handed run ids and nothing else; the run log is the only truth. At most one task works on a run, and at
most `limit` runs are worked on at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from facilitator.runs.pipeline import Pipeline
from facilitator.runs.run import Run, RunId
from facilitator.runs.store import RunStore

log = structlog.get_logger()


class Executor(Protocol):
    """Advance this run now, or at this time."""

    def now(self, run: RunId) -> None:
        """Advance the run as soon as there is room; asking again while it is at work changes nothing."""
        ...

    def at(self, run: RunId, when: datetime) -> None:
        """Advance the run at the instant, or at once where it has passed."""
        ...

    async def take_over(self) -> None:
        """Bring back what was asked of processes that died since; safe to repeat."""
        ...

    async def stop(self) -> None:
        """Let go; nothing that was asked for is lost, since the run log still has it."""
        ...


Settle = Callable[[RunId], Awaitable[Run | None]]
"""Advances a run until it ended or waits, and gives it; None where that went wrong, which is logged, not raised."""


def settling(pipeline: Pipeline, store: RunStore) -> Settle:
    """What every executor does for a run. A fault that nobody foresaw is logged: the sweep brings the run again."""

    async def settle(run: RunId) -> Run | None:
        try:
            return await pipeline.settle(store.get(run))
        except Exception as error:
            log.exception("advancing_failed", run=run, error=str(error))
            return None

    return settle


def look_again(executor: Executor, run: Run | None) -> None:
    """A run that waits for a person is looked at once more when its time is over."""
    if run is not None and run.waits_for_a_person and run.expires_at is not None:
        executor.at(run.id, run.expires_at)


class LocalExecutor:
    """Asyncio tasks in this process; everything still open is cancelled by `stop` and taken up at the next start."""

    def __init__(
        self,
        settle: Settle,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        limit: int = 64,
    ) -> None:
        self._work = settle
        self._clock = clock
        self._sleep = sleep
        self._room = asyncio.Semaphore(limit)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def now(self, run: RunId) -> None:
        """See `Executor.now`."""
        self._start(f"now {run}", self._settle(run))

    def at(self, run: RunId, when: datetime) -> None:
        """See `Executor.at`."""
        self._start(f"at {run}", self._later(run, when))

    async def idle(self) -> None:
        """Wait until no run is being advanced; timed ones do not count."""
        while working := [task for name, task in self._tasks.items() if name.startswith("now ")]:
            await asyncio.wait(working)

    async def take_over(self) -> None:
        """Nothing: what this process was asked for died with it, and the run log brings it back."""

    async def stop(self) -> None:
        """Let go of every run where it stands; each is one recorded step, so nothing is lost."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, name: str, work: Awaitable[None]) -> None:
        if name in self._tasks:
            asyncio.ensure_future(work).cancel()
            return
        task = asyncio.ensure_future(work)
        self._tasks[name] = task
        task.add_done_callback(lambda _done: self._tasks.pop(name, None))

    async def _later(self, run: RunId, when: datetime) -> None:
        await self._sleep(max(0.0, (when - self._clock()).total_seconds()))
        self.now(run)

    async def _settle(self, run: RunId) -> None:
        async with self._room:
            look_again(self, await self._work(run))
