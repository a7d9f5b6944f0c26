"""Predictions and opinions in the run log: each document looked at once, asked about for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from facilitator.board.prediction import Prediction, Scored
from facilitator.runs.followups import Document, Followups, Opinion
from facilitator.runs.run import Run, RunState
from facilitator.runs.store import RunStore

from .conftest import NOW
from .test_audit import fill

DAY = timedelta(days=1)
FORETOLD = Prediction("forecast.p85", "2026-06-12", datetime(2026, 6, 13, tzinfo=UTC), True, 0.85, ("5", "6"))
WRONG = Opinion("", "31", "wrong", "501", "the date is off", 1, NOW)


@pytest.fixture
def followups(store: RunStore) -> Followups:
    return Followups(store.database)


@pytest.fixture
def written(store: RunStore, run: Run) -> Run:
    """A written document: comment 1001 on task 77."""
    run = fill(store, run)
    with store.step(run, now=NOW) as step:
        step.set(task_gid="77", story_gid="1001")
        step.move(RunState.WRITTEN, "x")
    return step.run


def test_a_document_is_looked_at_once(followups: Followups, written: Run) -> None:
    """Also where it foretold nothing; predictions kept twice are kept once."""
    assert followups.unpredicted(9) == (written.id,)
    followups.keep(written.id, [FORETOLD], now=NOW)
    followups.keep(written.id, [FORETOLD, FORETOLD], now=NOW)
    assert followups.unpredicted(9) == ()
    [one] = followups.pending()
    assert (one.prediction, one.team, one.ceremony) == (FORETOLD, "harbour", "standup")


@pytest.mark.parametrize(("truth", "kept"), [(True, 1), (False, 1), (None, 0)])
def test_a_truth_is_written_down_once(
    followups: Followups, written: Run, truth: bool | None, kept: int
) -> None:
    """What can never be known is no longer pending, and counts nowhere."""
    followups.keep(written.id, [FORETOLD], now=NOW)
    followups.score(followups.pending()[0], truth, now=NOW + DAY)
    assert followups.pending() == ()
    assert [one for _, _, one in followups.scored("harbour")] == [
        Scored("forecast.p85", "2026-06-12", True, 0.85, bool(truth))
    ] * kept
    assert followups.scored("pier") == ()


def test_what_people_say_now_replaces_what_they_said(followups: Followups, written: Run) -> None:
    """A reply that was deleted or mended is not kept as it was."""
    followups.heard(written.id, [WRONG, Opinion("", "1001:like", "like", "", "", 2, NOW)], now=NOW)
    followups.heard(written.id, [WRONG], now=NOW)
    [one] = followups.opinions("harbour")
    assert (one.run, one.kind, one.text) == (written.id, "wrong", "the date is off")


def test_documents_are_asked_about_in_turn(followups: Followups, written: Run) -> None:
    """Not again within six hours, and not when they are old."""

    def due(hours: int, days: int = 14) -> tuple[Document, ...]:
        later = NOW + timedelta(hours=hours)
        return followups.to_ask(
            written_since=later - days * DAY, asked_before=later - timedelta(hours=6), limit=5
        )

    assert due(0) == (Document(written.id, "harbour", "77", "1001"),)
    followups.heard(written.id, [], now=NOW)
    assert [due(5), due(7) != (), due(24 * 15)] == [(), True, ()]
    assert followups.stories_on("77") == {"1001"}
