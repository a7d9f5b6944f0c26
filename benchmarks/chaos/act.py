"""One act: the stage is set, workers work and die, people decide, until every run has ended or nothing moves any more."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from benchmarks.chaos.approver import Approver
from benchmarks.chaos.killer import Killer
from benchmarks.chaos.plan import Plan
from benchmarks.chaos.report import Report, counted
from benchmarks.chaos.stage import Stage, prepare, staged

LOOK_S = 0.05
PATIENCE_S = 45.0
"""How long nothing may move before the act is over; what has not ended by then is stuck."""

CALM_FROM = 0.97
"""The share of runs ended from which nothing goes wrong any more: the last ones must be able to end."""


async def act(plan: Plan, folder: Path, *, workers: int, database: str = "") -> Report:
    """Play one act and count."""
    began = time.monotonic()
    with staged(plan, folder, database) as stage:
        await prepare(stage, plan)
        killer = Killer(
            ["benchmarks.chaos.worker", str(stage.config)], stage.environ,
            workers=workers, calls=stage.calls, dice=plan.dice("kills"),
        )  # fmt: skip
        approver = Approver(stage, plan.seed)
        try:
            harmed = await play(stage, killer, approver)
        finally:
            approver.close()
            killer.stop()
        report = counted(stage)
    report.kills, report.deaths, report.faults, report.words = (
        killer.kills,
        killer.deaths,
        harmed,
        approver.words,
    )
    report.seconds = time.monotonic() - began
    return report


async def play(stage: Stage, killer: Killer, approver: Approver) -> dict[str, int]:
    """Go on until every run has ended; gives how often each kind of fault was met."""
    harmed: dict[str, int] = {}
    seen, moved_at, calm = -1, time.monotonic(), False
    while True:
        unfinished = stage.app.store.unfinished()
        if not unfinished:
            break
        version = sum(run.version for run in unfinished) + 1000 * len(unfinished)
        if version != seen:
            seen, moved_at = version, time.monotonic()
        if time.monotonic() - moved_at > PATIENCE_S:
            break
        if not calm and len(unfinished) <= (1 - CALM_FROM) * len(stage.fired):
            calm, harmed = True, stage.harmed
            stage.calm()
        killer.replace() if calm else killer.look()
        approver.look()
        if sys.stderr.isatty():
            print(f"\r{len(unfinished)} unfinished, {killer.kills} kills ", end="", file=sys.stderr)
        await asyncio.sleep(LOOK_S)
    return harmed or stage.harmed
