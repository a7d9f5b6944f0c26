"""One act: the stage is set, workers work and die, people decide, until every run has ended or nothing moves any more."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
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


async def act(plan: Plan, folder: Path, cast: Sequence[str], *, database: str = "") -> Report:
    """Play one act and count. `cast` names what each process is, see `worker`; several kinds share a `database`."""
    began = time.monotonic()
    with staged(plan, folder, database) as stage:
        await prepare(stage, plan)
        killer = Killer(
            ["benchmarks.chaos.worker", str(stage.config), plan.seed, str(len(plan.runs))], stage.environ,
            cast=cast, calls=stage.calls, dice=plan.dice("kills"),
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
    unfired = [due.key for due in stage.due]
    while True:
        # In this order: what is fired meanwhile counts as unfired once more, and not as ended.
        unfired = [key for key in unfired if stage.app.store.find(key) is None]
        unfinished = stage.app.store.unfinished()
        left = len(unfinished) + len(unfired)
        if not left:
            break
        version = sum(run.version for run in unfinished) + 1000 * left
        if version != seen:
            seen, moved_at = version, time.monotonic()
        if time.monotonic() - moved_at > PATIENCE_S:
            break
        if not calm and left <= (1 - CALM_FROM) * len(stage.due):
            calm, harmed = True, stage.harmed
            stage.calm()
        killer.replace() if calm else killer.look()
        approver.look()
        if sys.stderr.isatty():
            print(f"\r{left} unfinished, {killer.kills.total()} kills ", end="", file=sys.stderr)
        await asyncio.sleep(LOOK_S)
    return harmed or stage.harmed
