"""Many processes on one PostgreSQL: Procrastinate carries run ids to whichever worker is free. The only room that knows it.

A job holds a run's id and nothing else; the run log is the only truth, so an upgrade strands nothing and a lost job costs a
sweep. At most one job of a run is at work (its lock) and at most one more waits (its queueing lock). A worker that died
is known by its missing heartbeat, and its jobs are given to the living.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from facilitator.errors import StoreError
from facilitator.runs.database import libpq_address
from facilitator.runs.locks import Locks
from facilitator.runs.run import RunId
from facilitator.service.executor import Settle, look_again

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pulse:
    """How often a worker says that it lives, and after which silence it counts as dead: all processes keep the same.

    With the sweep, the runs of a dead worker are taken over well within a minute.
    """

    every: timedelta = timedelta(seconds=5)
    silent: timedelta = timedelta(seconds=20)


LIFE = Pulse()
"""The pulse of a deployment."""


class ClusterExecutor:
    """`Executor` over the job queue. What cannot be queued now is logged; the next sweep asks again."""

    def __init__(self, queue: App, pulse: Pulse = LIFE) -> None:
        self._queue = queue
        self._pulse = pulse
        self._asking: set[asyncio.Task[None]] = set()

    def now(self, run: RunId) -> None:
        """See `Executor.now`."""
        self._soon(run, None)

    def at(self, run: RunId, when: datetime) -> None:
        """See `Executor.at`. No lock: a job that waits for its hour must not hold up one that is due."""
        self._soon(run, when)

    async def idle(self) -> None:
        """Wait until everything asked for stands in the queue."""
        while self._asking:
            await asyncio.wait(self._asking)

    async def stop(self) -> None:
        """Put what was asked for into the queue, where it outlives this process."""
        await self.idle()

    async def take_over(self) -> None:
        """See `Executor.take_over`: queue the jobs of workers that fell silent again."""
        silent = self._pulse.silent.total_seconds()
        jobs = await self._queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent)
        for job in jobs:
            told = log.bind(job=job.id, run=job.task_kwargs.get("run"))
            try:
                await self._again(job)
            except ConnectorException as error:
                # Its worker was slow, not dead, and ended the job between our look and our word; the sweep sees what is left.
                told.info("not_taken_over", error=str(error).strip())
            else:
                told.info("taken_over")

    async def _again(self, job: Job) -> None:
        manager = self._queue.job_manager
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            # Somebody asked for this run again meanwhile: that job does, once the dead one is out of its way.
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)

    def _soon(self, run: RunId, when: datetime | None) -> None:
        task = asyncio.ensure_future(self._defer(run, when))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _defer(self, run: RunId, when: datetime | None) -> None:
        if when is None:
            job = self._queue.configure_task("advance", lock=run, queueing_lock=run)
        else:
            job = self._queue.configure_task("wake", queueing_lock=f"{run} later", schedule_at=when)
        try:
            await job.defer_async(run=run)
        except AlreadyEnqueued:
            return
        except ConnectorException as error:
            log.error("not_queued", run=run, error=str(error))


@asynccontextmanager
async def queue(database_url: str, locks: Locks, settle: Settle | None = None) -> AsyncIterator[App]:
    """The open job queue of this database, its tables made when first needed.

    `settle` is what a worker does for a run; a process that only asks for work hands in none.
    """
    app = App(connector=PsycopgConnector(conninfo=libpq_address(database_url), min_size=1, max_size=8))

    @app.task(name="advance")
    async def advance(run: str) -> None:
        if settle is not None:
            look_again(ClusterExecutor(app), await settle(RunId(run)))

    @app.task(name="wake")
    async def wake(run: str) -> None:
        ClusterExecutor(app).now(RunId(run))

    try:
        async with app.open_async():
            await _prepare(app, locks)
            yield app
    except ConnectorException as error:
        raise StoreError(
            f"the job queue cannot be reached: {error}",
            suggestion="Check FACILITATOR_DATABASE_URL and that PostgreSQL answers.",
            retryable=True,
        ) from error


async def take(app: App, stop: asyncio.Event, *, at_once: int, pulse: Pulse = LIFE) -> None:
    """Advance runs from the queue until `stop` is set; what is at work then is let go, and taken up by another worker."""
    working = asyncio.ensure_future(
        app.run_worker_async(
            concurrency=at_once,
            install_signal_handlers=False,
            delete_jobs="always",
            fetch_job_polling_interval=1.0,
            shutdown_graceful_timeout=0.0,
            update_heartbeat_interval=pulse.every.total_seconds(),
            stalled_worker_timeout=pulse.silent.total_seconds(),
        )
    )
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        working.cancel()
        results = await asyncio.gather(working, stopping, return_exceptions=True)
    if isinstance(results[0], Exception):
        raise results[0]


async def _prepare(app: App, locks: Locks) -> None:
    """Make the queue's tables once, however many processes start at the same time."""
    while not await _prepared(app):
        with locks.hold("the job queue's tables") as ours:
            if ours and not await _prepared(app):
                await app.schema_manager.apply_schema_async()
                return
        await asyncio.sleep(0.1)


async def _prepared(app: App) -> bool:
    found = await app.connector.execute_query_one_async("SELECT to_regclass('procrastinate_workers') AS name")
    return found["name"] is not None
