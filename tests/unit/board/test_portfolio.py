"""A team's score: it follows each of its parts by the published weight, and never counts what is not known."""

from dataclasses import fields, replace

import pytest

from facilitator.board.portfolio import WEIGHTS, Signals, health

GOOD = Signals(completion=0.9, blocked=0.1, follow_through=0.8, fresh=0.9, tone=0.7)
PART_OF = {"completion": "completion", "blocked": "blockers", "follow_through": "follow_through", "fresh": "fresh", "tone": "tone"}  # fmt: skip


def test_the_weights_are_a_hundred() -> None:
    """Published weights can be read as percent."""
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.parametrize("signal", [field.name for field in fields(Signals)])
def test_the_score_changes_with_each_part(signal: str) -> None:
    """Worse in one part is worse as a whole, by that part's weight."""
    worst = replace(GOOD, **{signal: 1.0 if signal == "blocked" else 0.0})
    best = replace(GOOD, **{signal: 0.0 if signal == "blocked" else 1.0})
    low, high = health(worst).score, health(best).score
    assert low is not None
    assert high is not None
    assert abs(high - low - WEIGHTS[PART_OF[signal]]) <= 1


def test_all_good_is_a_hundred_and_all_bad_is_nothing() -> None:
    """The scale's ends can be reached."""
    assert health(Signals(1, 0, 1, 1, 1)).score == 100
    assert health(Signals(0, 1, 0, 0, 0)).score == 0


def test_what_is_not_known_counts_neither_way() -> None:
    """A part without a figure leaves its weight to the others, and is shown as not known."""
    found = health(replace(GOOD, tone=None, follow_through=None))
    assert found.score == round((90 * 35 + 80 * 25 + 90 * 15) / 75)
    assert [part.value for part in found.parts if part.name == "tone"] == [None]
    assert health(Signals()).score is None
    assert health(Signals()).word == "not known"


def test_half_of_the_started_work_blocked_is_as_bad_as_all() -> None:
    """The blockers' part is 0 from one half on."""
    assert health(Signals(blocked=0.5)).score == health(Signals(blocked=0.9)).score == 0


def test_early_risks_are_named_worst_first() -> None:
    """Parts below the line are told before a date is missed."""
    found = health(replace(GOOD, completion=0.4, blocked=0.5))
    assert found.risks == ("Free of blockers", "Sprint completion")
    assert health(GOOD).word == "well"
