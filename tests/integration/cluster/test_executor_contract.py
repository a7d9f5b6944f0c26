"""What an executor promises, held by both: asyncio tasks in one process, and workers on a PostgreSQL queue."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from facilitator.runs.database import open_database
from facilitator.runs.locks import AdvisoryLocks
from facilitator.runs.run import Run, RunId
from facilitator.service.cluster import ClusterExecutor, queue, take
from facilitator.service.executor import Executor, LocalExecutor

pytestmark = pytest.mark.anyio
PATIENCE = 20
"""Seconds after which something that must happen counts as never happening."""


@dataclass
class Hands:
    """Work that a test can hold up, and what came of it."""

    began: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def settle(self, run: RunId) -> Run | None:
        """Begin, wait until the test lets it, end."""
        self.began.append(run)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.open.wait()
            self.ended.append(run)
        finally:
            self.at_once -= 1
        return None

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something to have happened."""
        async with asyncio.timeout(PATIENCE):
            while not happened():
                await asyncio.sleep(0.01)


Opened = Callable[[Hands], AbstractAsyncContextManager[Executor]]


@pytest.fixture(params=["local", "cluster"])
def opened(request: pytest.FixtureRequest) -> Opened:
    """Opens an executor of each kind over the same hands."""

    @asynccontextmanager
    async def local(hands: Hands) -> AsyncIterator[Executor]:
        executor = LocalExecutor(hands.settle, clock=lambda: datetime.now(UTC))
        try:
            yield executor
        finally:
            await executor.stop()

    @asynccontextmanager
    async def cluster(hands: Hands) -> AsyncIterator[Executor]:
        url = request.getfixturevalue("url")
        database = open_database(url)
        locks = AdvisoryLocks(database)
        async with queue(url, locks, hands.settle) as jobs:
            stop = asyncio.Event()
            workers = [asyncio.ensure_future(take(jobs, stop, at_once=4)) for _ in range(2)]
            executor = ClusterExecutor(jobs)
            yield executor
            await executor.stop()
            stop.set()
            await asyncio.gather(*workers)
        locks.close()
        database.dispose()

    return local if request.param == "local" else cluster


async def test_what_is_asked_for_is_done(opened: Opened) -> None:
    """Every run that was asked for, each once."""
    hands = Hands()
    hands.open.set()
    async with opened(hands) as executor:
        for n in range(5):
            executor.now(RunId(f"run_{n}"))
        await hands.until(lambda: len(hands.ended) == 5)
    assert sorted(hands.ended) == [f"run_{n}" for n in range(5)]


async def test_one_run_is_at_work_once(opened: Opened) -> None:
    """Asking again while it is at work starts no second worker on it."""
    hands = Hands()
    async with opened(hands) as executor:
        for _ in range(3):
            executor.now(RunId("run_1"))
        await hands.until(lambda: bool(hands.began))
        executor.now(RunId("run_1"))
        executor.now(RunId("run_2"))
        await hands.until(lambda: "run_2" in hands.began)
        assert hands.began.count("run_1") == 1
        hands.open.set()
        await hands.until(lambda: set(hands.ended) == {"run_1", "run_2"})


async def test_an_hour_that_has_passed_is_now(opened: Opened) -> None:
    """A run asked for at an instant in the past is advanced at once."""
    hands = Hands()
    hands.open.set()
    async with opened(hands) as executor:
        executor.at(RunId("run_1"), datetime.now(UTC) - timedelta(hours=1))
        await hands.until(lambda: hands.ended == ["run_1"])


async def test_an_hour_to_come_holds_up_nothing(opened: Opened) -> None:
    """A run that is asked for tomorrow can be advanced now, too."""
    hands = Hands()
    hands.open.set()
    async with opened(hands) as executor:
        executor.at(RunId("run_1"), datetime.now(UTC) + timedelta(days=1))
        executor.now(RunId("run_1"))
        await hands.until(lambda: hands.ended == ["run_1"])


async def test_stopping_lets_go(opened: Opened) -> None:
    """What is at work is cancelled where it stands: the run log brings it back."""
    hands = Hands()
    async with opened(hands) as executor:
        executor.now(RunId("run_1"))
        await hands.until(lambda: bool(hands.began))
    assert hands.ended == []
    assert hands.at_once == 0
