"""A worker that falls silent: its jobs go to the living, its late results are refused."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from facilitator.runs.database import libpq_address, open_database
from facilitator.runs.locks import AdvisoryLocks
from facilitator.runs.run import Mode, Run, RunId, RunState, StaleRun
from facilitator.runs.store import RunStore
from facilitator.service.cluster import LIFE, ClusterExecutor, queue, take
from facilitator.service.serving import LOOK_FOR_ORPHANS
from facilitator.service.sweeping import sweep
from tests.unit.runs.conftest import NOW, WINDOW

pytestmark = pytest.mark.anyio


def with_a_dead_worker(url: str, run: str) -> None:
    """Let a worker have taken the run's job and then have said nothing for an hour."""
    with psycopg.connect(libpq_address(url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
        )
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
            " WHERE lock = %s",
            (run,),
        )


async def test_a_dead_workers_job_is_done_by_a_living_one(url: str) -> None:
    """Also where the run was asked for again meanwhile: it is done, and its lock is free."""
    database = open_database(url)
    locks = AdvisoryLocks(database)
    done: list[str] = []

    async def settle(run: RunId) -> Run | None:
        done.append(run)
        return None

    async with queue(url, locks, settle) as jobs:
        executor = ClusterExecutor(jobs)
        for run in ("run_1", "run_2"):
            executor.now(RunId(run))
            await executor.idle()
            with_a_dead_worker(url, run)
        executor.now(RunId("run_2"))
        await executor.idle()
        await executor.take_over()
        stop = asyncio.Event()
        worker = asyncio.ensure_future(take(jobs, stop, at_once=2))
        async with asyncio.timeout(20):
            while set(done) != {"run_1", "run_2"}:
                await asyncio.sleep(0.01)
        stop.set()
        await worker
    locks.close()
    database.dispose()


def test_a_dead_workers_runs_are_taken_over_within_a_minute() -> None:
    """The last sign of life, the silence after it and the next sweep: together they leave room to spare."""
    assert LIFE.every < LIFE.silent
    assert LIFE.every + LIFE.silent + LOOK_FOR_ORPHANS < timedelta(seconds=60)


class Noted:
    """An executor that only notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def now(self, run: RunId) -> None:
        """Note it."""
        self.asked.append(run)

    def at(self, run: RunId, when: datetime) -> None:
        """Nothing here has an hour."""
        raise AssertionError(f"{run} was put off until {when}")

    async def take_over(self) -> None:
        """Nobody died."""

    async def stop(self) -> None:
        """Nothing to let go of."""


def test_the_sweep_finds_what_nobody_works_on(store: RunStore, run: Run, url: str) -> None:
    """Unfinished and unlocked is asked for again; locked, waiting for a person or ended is not."""
    database = open_database(url)
    locks, elsewhere = AdvisoryLocks(database), AdvisoryLocks(database)
    noted = Noted()
    with elsewhere.hold(run.id):
        assert sweep(store, locks, noted) == 0
    assert sweep(store, locks, noted) == 1
    assert noted.asked == [run.id]
    with store.step(run, now=NOW) as step:
        step.move(RunState.SKIPPED, "enough")
    assert sweep(store, locks, noted) == 0
    for each in (locks, elsewhere):
        each.close()
    database.dispose()


def test_a_late_result_is_refused(url: str, store: RunStore, run: Run) -> None:
    """Whoever recorded nothing since another worker moved the run on has nothing to record."""
    other = RunStore.open(url)
    with other.step(other.get(run.id), now=datetime.now(UTC)) as step:
        step.move(RunState.SKIPPED, "taken over")
    with pytest.raises(StaleRun), store.step(run, now=NOW) as late:
        late.move(RunState.FAILED, "too late")
    assert store.get(run.id).state is RunState.SKIPPED
    again, new = other.fire("harbour", "standup", WINDOW, mode=Mode.AUTO, trigger="hand", now=NOW)
    assert (again.id, new) == (run.id, False)
    other.close()
