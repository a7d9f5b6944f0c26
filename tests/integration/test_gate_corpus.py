"""The gate on a seeded corpus: nearly every changed draft is found, correct ones are left in peace."""

from benchmarks.gate import LEAST_FOUND, MOST_ALARMS
from facilitator.drafts import gate
from tests.gate.corpus import run
from tests.gate.heldout import HELD_OUT_HEADLINES, HELD_OUT_ITEMS


def test_single_mutations_are_found_and_correct_drafts_pass() -> None:
    """At least 99 % of the mutations are found, at most 0.5 % of the correct drafts are disturbed."""
    tally = run(gate.check, seed=4, count=200)
    assert tally.mutations >= 700
    assert tally.recall >= LEAST_FOUND, [mutation.kind for mutation in tally.missed]
    assert tally.alarm_rate <= MOST_ALARMS, [faults[0].line() for _sheet, faults in tally.alarmed]


def test_sentences_nobody_tuned_on_fare_as_well() -> None:
    """The held-out frames keep the same bar for false alarms, and nearly the same for mutations."""
    tally = run(gate.check, seed=9, count=100, headlines=HELD_OUT_HEADLINES, items=HELD_OUT_ITEMS)
    assert tally.recall >= 0.98, [mutation.kind for mutation in tally.missed]
    assert tally.alarm_rate <= MOST_ALARMS, [faults[0].line() for _sheet, faults in tally.alarmed]


def test_a_gate_that_finds_nothing_would_be_caught() -> None:
    """The corpus itself can fail: a blind gate finds no mutation, a jumpy one disturbs every draft."""
    blind = run(lambda _draft, _facts: [], seed=4, count=10)
    assert blind.recall == 0
