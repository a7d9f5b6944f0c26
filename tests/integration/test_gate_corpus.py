"""The gate on a seeded corpus: nearly every changed draft is found, correct ones are left in peace.

The bars are for the corpus. Held-out sentences are a measurement, not a bar: `make gate` prints them apart.
"""

from benchmarks.gate import LEAST_FOUND, MOST_ALARMS
from facilitator.drafts import gate
from tests.gate.corpus import run


def test_single_mutations_are_found_and_correct_drafts_pass() -> None:
    """At least 99 % of the mutations are found, at most 0.5 % of the correct drafts are disturbed."""
    tally = run(gate.check, seed=4, count=200)
    assert tally.mutations >= 700
    assert tally.recall >= LEAST_FOUND, [mutation.kind for mutation in tally.missed]
    assert tally.alarm_rate <= MOST_ALARMS, [faults[0].line() for _sheet, faults in tally.alarmed]


def test_a_gate_that_finds_nothing_would_be_caught() -> None:
    """The corpus itself can fail: a blind gate finds no mutation, a jumpy one disturbs every draft."""
    blind = run(lambda _draft, _facts: [], seed=4, count=10)
    assert blind.recall == 0
