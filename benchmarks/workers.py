"""B7: a cluster on a real PostgreSQL: runs finished a minute with 1, 2 and 4 `runner.py worker`: `python -m benchmarks.workers`.

Windows are fired straight into the run log, then queued, once all workers of the round are there. Each worker has one place
(`at_once`), so that waiting for its session bounds a worker and not the CPU: what is measured is whether the queue, the locks
and the run log let workers work beside each other. It is not the most that a worker can do: with more places two cores, and
the 1,500 calls a minute that one token of Asana may make, are used up before a second worker can show anything. Both bounds
are told beside the figure, with what a run costs in CPU. The services have no quotas and a process of their own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

import runner
from benchmarks.figures import Figure, measured
from benchmarks.run_log import ROOT
from benchmarks.world import serving, small_world, team
from facilitator.calendar.window import Window
from facilitator.runs.database import libpq_address
from facilitator.runs.run import Mode, Run, RunState
from facilitator.service.application import Application
from facilitator.service.cluster import ClusterExecutor, queue
from tests.postgres import Postgres
from tests.postgres import serving as postgres_server

ROUNDS = {1: 1.0, 2: 1.8, 4: 3.0}
"""Workers, and how many times the throughput of one there must be."""

PLACES, SPEED, RUNS = 1, 1.0, 7
"""Runs a worker works on at once; how much faster than life sessions go; runs for each worker of a round."""

PATIENCE_S = 100.0
CALLS_A_MINUTE = 1500
"""To Asana by one token: more cannot be configured, so this bounds a cluster of one token too, whatever the services allow."""

HEAD = f'[executor]\nkind = "cluster"\nat_once = {PLACES}\n[asana]\nrequests_per_minute = {CALLS_A_MINUTE}\n[web]\nenabled = false\n'


@dataclass(frozen=True, slots=True)
class Cost:
    """What one round took: `cpu` holds seconds of the workers, the services and PostgreSQL for each run."""

    workers: int
    runs: int
    written: int
    seconds: float
    cpu: Mapping[str, float]

    @property
    def a_minute(self) -> float:
        """Runs written a minute."""
        return 60 * self.written / self.seconds

    def line(self) -> str:
        """For a person."""
        spent = ", ".join(f"{1000 * each:.0f} ms {name}" for name, each in self.cpu.items())
        return f"{self.workers} workers: {self.a_minute:.0f} a minute ({self.written} of {self.runs} written), CPU a run: {spent}"


def measure() -> list[Figure]:
    """Three rounds on three empty run logs of one server."""
    world = small_world()
    folder = Path(tempfile.gettempdir()) / f"facilitator-bench-{uuid.uuid4().hex[:12]}"
    with postgres_server(folder) as postgres, serving(speed=SPEED) as services:
        beside = {"services": _children(os.getpid()), "PostgreSQL": [_postmaster(folder)]}
        costs = [_round(count, postgres, services, world, beside) for count in ROUNDS]
        calls = _calls(services) / sum(cost.runs for cost in costs)
    for cost in costs:
        print(cost.line(), flush=True)
    one, cores = costs[0], os.cpu_count() or 1
    bound = 60 * cores / sum(costs[-1].cpu.values())
    note = (
        "; ".join(cost.line() for cost in costs)
        + f". {PLACES} places a worker, sessions {SPEED:g} times as fast as life, one Python process of services for all: waiting "
        f"bounds a worker here. With all of it on {cores} cores, the CPU bounds any number of workers to {bound:.0f} runs a minute; "
        f"{calls:.1f} calls to Asana a run, at {CALLS_A_MINUTE} a minute, to {CALLS_A_MINUTE / calls:.0f}."
    )
    against = "one worker, the same PostgreSQL and services"
    return [
        Figure(
            "B7", cost.a_minute / one.a_minute, ROUNDS[cost.workers], f"x with {cost.workers} workers", against,
            lower=False, note=note if cost is costs[-1] else "",
        )
        for cost in costs[1:]
    ]  # fmt: skip


def _round(
    count: int, postgres: Postgres, services: Mapping[str, str], world: Mapping[str, object],
    beside: Mapping[str, Sequence[int]],
) -> Cost:  # fmt: skip
    url = postgres.database()
    environ = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TZ")},
        **services, "FACILITATOR_DATABASE_URL": url,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "facilitator.toml"
        project = world["projects"][0]["gid"]  # type: ignore[index]
        config.write_text(HEAD + "".join(team(f"team{n}", project) for n in range(count * RUNS)))
        app = runner.compose(config, environ)
        try:
            at = datetime.fromisoformat(str(world["as_of"]))
            return asyncio.run(
                _finished(app, url, count, environ | {"FACILITATOR_CONFIG": str(config)}, at, beside)
            )
        finally:
            app.close()


async def _finished(
    app: Application, url: str, count: int, environ: Mapping[str, str], at: datetime,
    beside: Mapping[str, Sequence[int]],
) -> Cost:  # fmt: skip
    _changes, pinned = await app.provisioning(app, change=True)
    assert pinned is not None
    app.store.pin(pinned, now=app.clock())
    window = Window(at - timedelta(days=1), at)
    runs = [_fired(app, f"team{n}", window) for n in range(count * RUNS)]
    async with queue(url, app.locks) as jobs:
        with _working(count, environ) as workers:
            await _there(url, count)
            asked = {"workers": workers, **beside}
            before = {name: sum(map(_cpu, pids)) for name, pids in asked.items()}
            began, executor = time.monotonic(), ClusterExecutor(jobs)
            for run in runs:
                executor.now(run.id)
            await executor.idle()
            while app.store.unfinished() and time.monotonic() - began < PATIENCE_S:  # noqa: ASYNC110 - other processes
                await asyncio.sleep(0.1)
            seconds = time.monotonic() - began
            spent = {name: (sum(map(_cpu, pids)) - before[name]) / len(runs) for name, pids in asked.items()}
    states = [app.store.get(run.id).state for run in runs]
    return Cost(count, len(runs), states.count(RunState.WRITTEN), seconds, spent)


def _fired(app: Application, slug: str, window: Window) -> Run:
    run, _new = app.store.fire(slug, "standup", window, mode=Mode.AUTO, trigger="hand", now=app.clock())
    return run


@contextmanager
def _working(count: int, environ: Mapping[str, str]) -> Iterator[list[int]]:
    """So many workers; gives their process ids."""
    with tempfile.TemporaryFile() as said:
        processes = [
            subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, str(ROOT / "runner.py"), "worker"],
                env=dict(environ), stdout=subprocess.DEVNULL, stderr=said,
            )
            for _ in range(count)
        ]  # fmt: skip
        try:
            yield [process.pid for process in processes]
        finally:
            died = [process.returncode for process in processes if process.poll() is not None]
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()
            if died:
                said.seek(0)
                print(f"workers ended by themselves: {died}; {said.read()[-2000:].decode()}", file=sys.stderr)


async def _there(url: str, count: int) -> None:
    """Wait until so many workers have said that they live."""
    async with (
        asyncio.timeout(PATIENCE_S),
        await psycopg.AsyncConnection.connect(libpq_address(url)) as connection,
    ):
        await connection.set_autocommit(True)
        while True:
            found = await (await connection.execute("SELECT count(*) FROM procrastinate_workers")).fetchone()
            if found and found[0] >= count:
                return
            await asyncio.sleep(0.2)


def _calls(services: Mapping[str, str]) -> int:
    """Calls to Asana so far."""
    base = urlsplit(services["ASANA_BASE_URL"])
    with urllib.request.urlopen(f"{base.scheme}://{base.netloc}/_sandbox/requests") as answer:  # noqa: S310 - loopback
        return sum("/api/" in one["path"] for one in json.load(answer))


def _cpu(pid: int) -> float:
    """CPU seconds of a process, of its children that ended, and of those that live; 0 of one that is gone: its parent has them."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(_cpu, _children(pid)))


def _children(pid: int) -> list[int]:
    try:
        told = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(child) for line in told for child in line.split()]


def _postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


def main(words: Sequence[str] = (), /) -> int:
    """Print the figures; 1 where a bar was missed."""
    return measured(measure, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
