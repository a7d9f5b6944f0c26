"""The fact gate on its own corpus: `python -m benchmarks.gate [DRAFTS]`.

Correct drafts by construction must pass; each single wrong word in them must be found. Prints a table by kind of mutation, the
same for held-out sentence frames, what was missed, and last one line with the totals of the main corpus. Everything is
seeded. Exit 1 where a bar is missed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from facilitator.drafts.gate import check
from tests.gate.corpus import Tally, run
from tests.gate.drafting import Sheet
from tests.gate.frames import HEADLINES, ITEMS
from tests.gate.heldout import HELD_OUT_HEADLINES, HELD_OUT_ITEMS

SEED = 20261121
DRAFTS = 1200
LEAST_FOUND, MOST_ALARMS = 0.99, 0.005
SHOWN = 12


def measure(drafts: int = DRAFTS) -> tuple[Tally, Tally]:
    """The main corpus, and half as many drafts from held-out frames."""
    held_out = run(check, SEED, drafts // 2, HELD_OUT_HEADLINES, HELD_OUT_ITEMS)
    return run(check, SEED, drafts), held_out


def table(tally: Tally) -> list[str]:
    """One row for each kind of mutation."""
    rows = [f"  {'kind':<12} {'made':>6} {'found':>6} {'share':>8}"]
    for kind in sorted(tally.made):
        made, found = tally.made[kind], tally.found[kind]
        rows.append(f"  {kind:<12} {made:>6} {found:>6} {100 * found / made:>7.2f} %")
    rows.append(f"  {'all':<12} {tally.mutations:>6} {tally.found.total():>6} {100 * tally.recall:>7.2f} %")
    rows.append(
        f"  false alarms: {len(tally.alarmed)} of {tally.correct} correct drafts, {100 * tally.alarm_rate:.2f} %"
    )
    return rows


def missed(tally: Tally) -> list[str]:
    """The first few mutations that passed: the words, and the words they replaced."""
    return [
        f"  {one.kind}: {one.before!r} became {one.after!r} in {one.where}: {_text(one.sheet, one.where)}"
        for one in tally.missed[:SHOWN]
    ]


def _text(sheet: Sheet, where: str) -> str:
    return next((line.text for number, line in enumerate(sheet.lines) if sheet.where(number) == where), "")


def main(arguments: Sequence[str]) -> int:
    """Print the tables; 0 where the main corpus keeps both bars."""
    started = time.perf_counter()
    tally, held_out = measure(int(arguments[0]) if arguments else DRAFTS)
    spent = time.perf_counter() - started
    checks = tally.correct + tally.mutations + held_out.correct + held_out.mutations
    print(f"The corpus: {len(HEADLINES) + len(ITEMS)} sentence frames, seed {SEED}")
    print("\n".join(table(tally)))
    print(f"Held out: {len(HELD_OUT_HEADLINES) + len(HELD_OUT_ITEMS)} frames the gate was not tuned on")
    print("\n".join(table(held_out)))
    if tally.missed:
        print("Missed, the first few:")
        print("\n".join(missed(tally)))
    print(
        f"{checks} checks in {spent:.1f} s, building the drafts included: {1000 * spent / checks:.1f} ms each"
    )
    print(tally.line())
    return int(tally.recall < LEAST_FOUND or tally.alarm_rate > MOST_ALARMS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
