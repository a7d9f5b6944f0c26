"""A nursery of processes: it has everything imported, and forks one whenever a line says so, so that dying is cheap.

Run as `python -m benchmarks.chaos.worker CONFIG SEED RUNS`. Each line on standard input names what is born, its process id
is the line printed. `local` advances whatever the run log holds unfinished. In a cluster a `scheduler` fires the act's windows
and sweeps, as `serve` does, and a `worker` takes what is queued. Each has clients and connections of its own, and lives
until it is killed or the nursery is gone.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import anthropic  # noqa: F401 - imported once here, and not by every worker
import structlog

import runner
from benchmarks.chaos import haste
from benchmarks.chaos.plan import Plan, planned
from benchmarks.chaos.stage import fire
from facilitator.runs.steps.desk import unobserved
from facilitator.service.application import Application
from facilitator.service.cluster import ClusterExecutor, Pulse, queue
from facilitator.service.executing import by_one
from facilitator.service.executor import LocalExecutor, settling
from facilitator.service.scheduler import Chore
from facilitator.service.sweeping import sweeper
from facilitator.service.worker import work

AT_ONCE = 6
LOOK_S = 0.1
SWEEP = timedelta(seconds=1)
PULSE = Pulse(every=timedelta(seconds=0.5), silent=timedelta(seconds=3))
"""A cluster's life in haste: a dead worker's runs are taken over within seconds."""

Life = Callable[[Application, Plan, asyncio.Event], Awaitable[None]]


def nursery(config: Path, plan: Plan) -> None:
    """Fork a process for each line, until there are no more lines; then all of them end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children = []
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            born(LIVES[line.strip()], config, plan)
        children.append(child)
        print(child, flush=True)
    for child in children:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


def born(life: Life, config: Path, plan: Plan) -> None:
    """Live until killed; never returns."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    app = runner.compose(config, os.environ)
    app.working = haste.working
    asyncio.run(_live(life, app, plan, nurse=os.getppid()))
    os._exit(0)


async def _live(life: Life, app: Application, plan: Plan, *, nurse: int) -> None:
    stop = asyncio.Event()

    async def orphaned() -> None:
        while os.getppid() == nurse:  # noqa: ASYNC110 - another process
            await asyncio.sleep(LOOK_S)
        stop.set()

    watching = asyncio.ensure_future(orphaned())
    await life(app, plan, stop)
    watching.cancel()


async def local(app: Application, _plan: Plan, stop: asyncio.Event) -> None:
    """Hand the oldest unfinished runs to an executor again and again; those at work already are left alone."""
    async with app.working(app, unobserved) as pipeline:
        executor = LocalExecutor(
            settling(pipeline, app.store), clock=app.clock, sleep=haste.nap, limit=AT_ONCE
        )
        while not stop.is_set():
            ready = [run for run in app.store.unfinished() if not run.waits_for_a_person]
            for run in ready[: 2 * AT_ONCE]:
                executor.now(run.id)
            await asyncio.sleep(LOOK_S)
        await executor.stop()


async def scheduler(app: Application, plan: Plan, stop: asyncio.Event) -> None:
    """Fire one window after the other that nobody fired before this process began, and sweep as `serve` does."""
    unfired = [due for due in plan.runs if app.store.find(due.key) is None]
    async with queue(app.settings.database_url, app.locks) as jobs:
        executor = ClusterExecutor(jobs, PULSE)
        sweep = by_one(app.locks, Chore("sweep", SWEEP, sweeper(app.store, app.locks, executor)))
        looks = 0
        while not stop.is_set():
            if unfired:
                executor.now(fire(app, unfired.pop(0)).id)
            if looks % (SWEEP / timedelta(seconds=LOOK_S)) == 0:
                await sweep.work()
            looks += 1
            await asyncio.sleep(LOOK_S)
        await executor.stop()


async def worker(app: Application, _plan: Plan, stop: asyncio.Event) -> None:
    """`runner.py worker`, in haste."""
    await work(app, stop, pulse=PULSE)


LIVES: Mapping[str, Life] = {"local": local, "scheduler": scheduler, "worker": worker}
"""What a process can be."""


if __name__ == "__main__":
    nursery(Path(sys.argv[1]), planned(sys.argv[2], int(sys.argv[3])))
