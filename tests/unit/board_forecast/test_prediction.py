"""What a document foretold and how right it was: truths read off drawn boards, scores worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from facilitator.board.facts import Facts
from facilitator.board.prediction import (
    Level,
    Prediction,
    Scored,
    brier,
    calibration,
    hit_rate,
    outcome,
    predictions,
)
from tests.facts import fact, harbour, with_fact
from tests.unit.board_forecast.drawing import at, board, task

MID, AFTER = "03-09 09:00", "03-16 09:00"


def told(*facts: tuple[str, str, str]) -> Facts:
    """Facts of a document with these (id, value, unit) and no others."""
    return with_fact(replace(harbour(), facts={}), *(fact(key, value, unit) for key, value, unit in facts))


def said(**more: object) -> Prediction:
    """All of 1 and 2 are done by Thursday night, says an even chance."""
    base = Prediction("forecast.p50", "2026-03-12", at("03-13 00:00"), True, 0.5, ("1", "2"))
    return replace(base, **more)  # type: ignore[arg-type]


def test_a_forecasts_dates_become_chances_about_the_open_tasks() -> None:
    """Half of the runs were done by the twelfth, 85 % by the seventeenth; what is done already is no part of it."""
    drawn = board(task("1", ("03-03 10:00", "done")), task("2"), task("3"), as_of=MID, closed="")
    p50, p85 = predictions(
        told(("forecast.p50", "2026-03-12", "date"), ("forecast.p85", "2026-03-17", "date")), drawn
    )
    assert (p50.by, p50.probability, p50.tasks) == (datetime(2026, 3, 13, tzinfo=UTC), 0.5, ("2", "3"))
    assert (p85.by, p85.probability) == (datetime(2026, 3, 18, tzinfo=UTC), 0.85)


@pytest.mark.parametrize(
    ("key", "word", "expected"),
    [
        ("sprint.verdict", "On track", True),
        ("sprint.verdict", "Off track", False),
        ("status.type", "at_risk", False),
    ],
)
def test_a_verdict_says_whether_the_sprint_will_be_done(key: str, word: str, expected: bool) -> None:
    """Yes or no about the sprint's open tasks by its end, without a probability; tasks outside it are left out."""
    drawn = board(task("1"), task("2", joined=False), as_of=MID, closed="")
    [one] = predictions(told((key, word, "text")), drawn)
    assert (one.expected, one.probability, one.tasks) == (expected, None, ("1",))
    assert one.by == drawn.sprints[0].end


def test_a_document_that_foretold_nothing_gives_nothing() -> None:
    """No forecast, a word of no rule, a sprint that is over, or nothing left to do."""
    drawn = board(task("1"), as_of=MID, closed="")
    assert (
        predictions(told(("sprint.verdict", "Splendid", "text"), ("forecast.p50", "soon", "text")), drawn)
        == ()
    )
    assert predictions(told(("sprint.verdict", "On track", "text")), board(task("1"), as_of=AFTER)) == ()
    done = board(task("1", ("03-03 10:00", "done")), as_of=MID, closed="")
    assert (
        predictions(
            told(("sprint.verdict", "On track", "text"), ("forecast.p50", "2026-03-12", "date")), done
        )
        == ()
    )


@pytest.mark.parametrize(
    ("second", "as_of", "truth"),
    [
        ("03-12 23:00", AFTER, True),
        ("03-13 01:00", AFTER, False),
        ("03-10 10:00", "03-11 09:00", True),
        (None, "03-11 09:00", None),
        (None, AFTER, False),
    ],
)
def test_a_later_board_tells_the_truth(second: str | None, as_of: str, truth: bool | None) -> None:
    """In time, too late, early enough to know already, not known yet, and never done."""
    moves = [(second, "done")] if second else []
    drawn = board(task("1", ("03-10 09:00", "done")), task("2", *moves), as_of=as_of)
    assert outcome(said(), drawn) is truth


def test_a_task_that_was_reopened_was_not_done() -> None:
    """What counts is the board at that instant, not a tick before it."""
    drawn = board(
        task("1", ("03-10 09:00", "done")), task("2", ("03-11 09:00", "done"), ("03-12 09:00", "undone"))
    )
    assert outcome(said(), drawn) is False


def test_tasks_that_are_gone_are_no_part_of_it() -> None:
    """The rest decides; with none left nothing can be known."""
    assert outcome(said(), board(task("1", ("03-10 09:00", "done")))) is True
    assert outcome(said(), board(task("9"))) is None


def scored(
    probability: float | None, happened: bool, word: str = "x", expected: bool | None = None
) -> Scored:
    wanted = expected if expected is not None else (probability or 0) >= 0.5
    return Scored("forecast", word, wanted, probability, happened)


SEEN = [scored(0.85, True), scored(0.85, True), scored(0.85, False), scored(0.5, False)]


def test_seeded_predictions_give_a_known_score() -> None:
    """(0.15² + 0.15² + 0.85² + 0.5²) / 4 = 1.0175 / 4; two of four came as expected."""
    assert brier(SEEN) == pytest.approx(1.0175 / 4)
    assert hit_rate(SEEN) == 0.5


def test_words_have_a_hit_rate_and_no_brier_score() -> None:
    """At risk is right where the work was not done in time."""
    words = [scored(None, False, "at risk", expected=False), scored(None, True, "on track", expected=True)]
    assert (hit_rate(words), brier(words)) == (1.0, None)
    assert hit_rate([]) is brier([]) is None


def test_the_table_tells_what_was_said_and_what_came() -> None:
    """One line for each thing said: words first, then percentages in their order."""
    rows = [*SEEN, scored(None, True, "at risk", expected=False)]
    assert calibration(rows) == (Level("at risk", 1, 1), Level("50%", 1, 0), Level("85%", 3, 2))
    assert calibration(rows)[2].share == pytest.approx(2 / 3)
