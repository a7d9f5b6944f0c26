"""The fact gate on its own corpus: `python -m benchmarks.gate [DRAFTS]`.

Correct drafts are built with their facts, then one thing is changed in each: a figure, unit, date, owner, state, task, trend or
denominator. Printed are the changes found by kind, and the last line `N mutations, F found; C correct drafts, A false alarms`. The
held-out sentence frames were written last and nothing was tuned on them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from facilitator.drafts import gate
from tests.gate.corpus import Tally, run
from tests.gate.heldout import HELD_OUT_HEADLINES, HELD_OUT_ITEMS

SEED = 20261121
DRAFTS = 1000
LEAST_FOUND, MOST_ALARMS = 0.99, 0.005
"""The bars: of the mutations, and of the correct drafts."""


def main(arguments: Sequence[str]) -> int:
    """Print both tables; 1 where the corpus run misses a bar."""
    drafts = int(arguments[0]) if arguments else DRAFTS
    print("held-out frames:")
    _table(run(gate.check, SEED, max(1, drafts // 5), headlines=HELD_OUT_HEADLINES, items=HELD_OUT_ITEMS))
    print("all frames in use:")
    tally = run(gate.check, SEED, drafts)
    _table(tally)
    return 0 if tally.recall >= LEAST_FOUND and tally.alarm_rate <= MOST_ALARMS else 1


def _table(tally: Tally) -> None:
    for kind, made in sorted(tally.made.items()):
        print(f"  {kind:<14}{made:>6} made {tally.found[kind]:>6} found {tally.found[kind] / made:>8.1%}")
    print(tally.line())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
