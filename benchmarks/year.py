"""`make year SEED=n`: a year of fifty teams in twelve zones, and whether every instant was told exactly once.

The judgement reads the run log alone: the written windows of each team and ceremony must follow one another without a gap
and without an overlap from where the first began, and no period may have two scheduled runs.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from benchmarks.simulated_year import Key, Simulation, Year
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.standing import PAUSED


@dataclass
class Judgement:
    """What the run log says of one year."""

    windows: int = 0
    uncovered: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)


def judged(year: Year) -> Judgement:
    """Hold the run log against the rule, and say what became of each due window."""
    found = Judgement()
    for key, due in year.due.items():
        runs = year.store.recent(team=key[0], ceremony=key[1], limit=1_000_000)
        live = sorted((run for run in runs if run.mode is not Mode.SHADOW), key=lambda run: run.window.end)
        _chain(key, live, found)
        _periods(key, live, found)
        found.windows += len(due)
        ends = {run.window.end: run for run in live}
        for at in due:
            found.fates[_fate(year, key, at, ends)] += 1
    return found


def _chain(key: Key, live: Sequence[Run], found: Judgement) -> None:
    """Written windows without gap or overlap; the open time after the last one belongs to the next."""
    written = [run.window for run in live if run.state is RunState.WRITTEN]
    if not written:
        return
    begun = min(run.window.start for run in live)
    if written[0].start > begun:
        found.uncovered.append(f"{key}: {begun} to {written[0].start}")
    for one, other in pairwise(written):
        if other.start > one.end:
            found.uncovered.append(f"{key}: {one.end} to {other.start}")
        if other.start < one.end:
            found.doubled.append(f"{key}: {other.start} to {one.end}")


def _periods(key: Key, live: Sequence[Run], found: Judgement) -> None:
    """A day, week, month or sprint has one scheduled run at most."""
    periods = Counter(run.period for run in live if run.period and run.trigger == "schedule")
    found.doubled += [f"{key}: {period} was held {n} times" for period, n in periods.items() if n > 1]


def _fate(year: Year, key: Key, at: datetime, ends: dict[datetime, Run]) -> str:
    run = ends.get(at)
    if run is not None:
        return "skipped: paused" if run.trigger == PAUSED else "fired"
    told = {
        "merged": "merged into the next that was fired",
        "late": "skipped: missed for too long, told by the next",
        "held": "skipped: its day, week or sprint was held already",
        "paused": "skipped: paused, not seen before the next was told",
        "fire": "merged: held back by a run at work",
    }
    return told.get(
        year.fates.get((key, at), ""),
        "merged: its schedule was edited before anyone looked, or a run by hand told its time",
    )


def report(found: Judgement, year: Year) -> str:
    """What happened, what became of the due windows, faults, and the verdict as the last line."""
    lines = ["The world:"]
    lines += [f"  {n:>7,} {what}" for what, n in sorted(year.counts.items())]
    lines += ["", f"Of {found.windows:,} windows due:"]
    lines += [f"  {n:>7,} {fate}" for fate, n in found.fates.most_common()]
    lines += [f"uncovered: {one}" for one in found.uncovered[:20]]
    lines += [f"doubled: {one}" for one in found.doubled[:20]]
    verdict = f"{found.windows} windows, {len(found.uncovered)} uncovered, {len(found.doubled)} doubled"
    return "\n".join([*lines, "", verdict])


def lived(seed: int, *, teams: int = 50, days: int = 365) -> tuple[Judgement, Year]:
    """One simulated year, judged; its run log is closed."""
    simulation = Simulation(seed, teams=teams, days=days)
    try:
        year = simulation.live()
        return judged(year), year
    finally:
        simulation.close()


def main(argv: Sequence[str]) -> int:
    """Print the report; 1 where anything was uncovered or doubled."""
    seed = int(argv[0]) if argv else int(os.environ.get("SEED") or 1)
    began, worked = time.perf_counter(), time.process_time()
    found, year = lived(seed)
    took, core = time.perf_counter() - began, time.process_time() - worked
    print(
        f"A year of 50 teams in 12 zones, seed {seed}, simulated in {took:.1f} s ({core:.1f} s of one core)."
    )
    print(report(found, year))
    return 1 if found.uncovered or found.doubled else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
