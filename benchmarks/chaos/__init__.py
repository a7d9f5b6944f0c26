"""Runs of every ceremony under random faults and random SIGKILLs, and a count of what was lost, doubled or left lying.

`make chaos SEED=n RUNS=m`. The parts stand alone, so that another executor or database can be put in their midst: `plan`
(what shall happen, by the seed), `stage` (the world, the program's configuration, the fired runs), `worker` (a process that
advances runs until it is killed), `killer`, `approver`, and `report` (what the world and the run log say in the end).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.chaos.act import act
from benchmarks.chaos.plan import acts
from benchmarks.chaos.report import Report, told


def _memory() -> str | None:
    """A folder in memory, where there is one: a killed process loses nothing either way, and no disk is waited for."""
    shared = Path("/dev/shm")  # noqa: S108 - the folder made there is ours alone
    return str(shared) if shared.is_dir() and os.access(shared, os.W_OK) else None


RUNS = 1000
"""What `make bench` asks for; the last line is the bar: all of them, none lost, none doubled, none stuck."""


def main(argv: list[str]) -> int:
    """Play the acts of one seed and print the report; 0 where nothing was lost, doubled or stuck."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(argv)
    print(f"seed {asked.seed}, {asked.runs} runs, {asked.workers} workers")
    whole = Report()
    for number, plan in enumerate(acts(asked.seed, asked.runs), start=1):
        with tempfile.TemporaryDirectory(prefix="chaos-", dir=_memory()) as folder:
            report = asyncio.run(act(plan, Path(folder), workers=asked.workers))
        print(f"act {number}: {report.line}", file=sys.stderr)
        whole = whole + report
    print(told(whole))
    return 0 if whole.clean else 1
