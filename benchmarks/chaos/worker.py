"""A nursery of workers: it has everything imported, and forks one whenever a line says so, so that dying is cheap.

Run as `python -m benchmarks.chaos.worker CONFIG`. Each line on standard input makes one worker; its process id is the line
printed. A worker advances whatever the run log holds unfinished, with clients and connections of its own, until it is
killed or the nursery is gone.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import anthropic  # noqa: F401 - imported once here, and not by every worker
import structlog

import runner
from benchmarks.chaos import haste
from facilitator.runs.steps.desk import unobserved
from facilitator.service.application import Application
from facilitator.service.executor import LocalExecutor, settling

AT_ONCE = 6
LOOK_S = 0.1


def nursery(config: Path) -> None:
    """Fork a worker for each line, until there are no more lines; then all of them end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children = []
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            worker(config, os.getppid())
        children.append(child)
        print(child, flush=True)
    for child in children:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


def worker(config: Path, nurse: int) -> None:
    """Advance runs until killed; never returns."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    app = runner.compose(config, os.environ)
    app.working = haste.working
    asyncio.run(advance(app, nurse))
    os._exit(0)


async def advance(app: Application, nurse: int) -> None:
    """Hand the oldest unfinished runs to an executor again and again; those at work already are left alone."""
    async with app.working(app, unobserved) as pipeline:
        executor = LocalExecutor(
            settling(pipeline, app.store), clock=app.clock, sleep=haste.nap, limit=AT_ONCE
        )
        while os.getppid() == nurse:
            ready = [run for run in app.store.unfinished() if not run.waits_for_a_person]
            for run in ready[: 2 * AT_ONCE]:
                executor.now(run.id)
            await asyncio.sleep(LOOK_S)
        await executor.stop()


if __name__ == "__main__":
    nursery(Path(sys.argv[1]))
