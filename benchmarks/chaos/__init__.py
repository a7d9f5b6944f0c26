"""Runs of every ceremony under random faults and random SIGKILLs, and a count of what was lost, doubled or left lying.

`make chaos SEED=n RUNS=m`, and `CLUSTER=1` for several machines' worth of processes on PostgreSQL. The parts: `plan` (what
shall happen, by the seed), `stage` (the world, the program's configuration), `worker` (a process that fires or advances runs
until it is killed), `killer`, `approver`, and `report` (what the world and the run log say in the end).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from benchmarks.chaos.act import act
from benchmarks.chaos.plan import acts
from benchmarks.chaos.report import Report, counts, told
from tests.postgres import serving


def _memory() -> str | None:
    """A folder in memory, where there is one: a killed process loses nothing either way, and no disk is waited for."""
    shared = Path("/dev/shm")  # noqa: S108 - the folder made there is ours alone
    return str(shared) if shared.is_dir() and os.access(shared, os.W_OK) else None


RUNS = 1000
"""What `make bench` asks for; the last line is the bar: all of them, none lost, none doubled, none stuck."""

CLUSTER = ("scheduler",) * 2 + ("worker",) * 3


def main(argv: list[str]) -> int:
    """Play the acts of one seed and print the report; 0 where nothing was lost, doubled or stuck."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--workers", type=int, default=2, help="on one machine, with SQLite")
    parser.add_argument(
        "--cluster", action="store_true", help="2 schedulers and 3 workers on a real PostgreSQL"
    )
    asked = parser.parse_args(argv)
    cast = CLUSTER if asked.cluster else ("local",) * asked.workers
    print(f"seed {asked.seed}, {asked.runs} runs, {counts(Counter(cast))}")
    whole = Report()
    with run_logs() if asked.cluster else nullcontext(str) as database:
        for number, plan in enumerate(acts(asked.seed, asked.runs), start=1):
            with tempfile.TemporaryDirectory(prefix="chaos-", dir=_memory()) as folder:
                report = asyncio.run(act(plan, Path(folder), cast, database=database()))
            print(f"act {number}: {report.line}", file=sys.stderr)
            whole = whole + report
    print(told(whole))
    return 0 if whole.clean else 1


@contextmanager
def run_logs() -> Iterator[Callable[[], str]]:
    """A PostgreSQL server of the play's own; each call gives the address of a new, empty run log."""
    # Not in the act's folder: a server run for root belongs to another user, who must be able to look into it.
    folder = Path(tempfile.gettempdir()) / f"chaos-postgres-{uuid.uuid4().hex[:12]}"
    with serving(folder) as postgres:
        yield postgres.database
