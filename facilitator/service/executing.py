"""Which executor this deployment has, and how several processes share what only one needs to do."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from facilitator.runs.locks import Locks
from facilitator.runs.pipeline import Pipeline
from facilitator.service.application import Application
from facilitator.service.executor import Executor, LocalExecutor, settling
from facilitator.service.scheduler import Chore

OTHER_FILES = 512
"""What a process opens besides one connection for each session it follows, generously."""


def make_room(at_once: int) -> None:
    """Let this process open as many files as following so many sessions takes, as far as the system allows."""
    try:
        import resource
    except ImportError:  # no such limit on Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * at_once + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def steady() -> None:
    """Tell the garbage collector that what is loaded by now stays, and that a run makes many short-lived objects.

    With its usual thresholds it looks through everything several times a run, which is a tenth of a run's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@asynccontextmanager
async def executing(app: Application, pipeline: Pipeline) -> AsyncIterator[Executor]:
    """Who advances runs: this process, or the cluster's workers. Let go of at the end."""
    if app.settings.executor.kind == "cluster":
        from facilitator.service.cluster import ClusterExecutor, queue

        async with (
            queue(app.settings.database_url, app.locks) as jobs,
            _letting_go(ClusterExecutor(jobs)) as executor,
        ):
            yield executor
    else:
        limit = app.settings.executor.at_once
        make_room(limit)
        steady()
        local = LocalExecutor(settling(pipeline, app.store), clock=app.clock, limit=limit)
        async with _letting_go(local) as executor:
            yield executor


@asynccontextmanager
async def _letting_go(executor: Executor) -> AsyncIterator[Executor]:
    try:
        yield executor
    finally:
        await executor.stop()


def by_one(locks: Locks, chore: Chore) -> Chore:
    """The same chore, its turn left out while another process is at it: of several that serve, one is enough."""

    async def work() -> None:
        with locks.hold(f"chore {chore.name}") as ours:
            if ours:
                await chore.work()

    return replace(chore, work=work)
