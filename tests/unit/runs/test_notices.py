"""Notices: kept once, planned once, tried by one, told or given up."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from facilitator.runs.database import Database, open_database
from facilitator.runs.notices import Marks, Notice, Notices, event_key
from facilitator.runs.run import Run, RunId, RunState
from facilitator.runs.store import RunStore

from .conftest import NOW

LATER = NOW + timedelta(minutes=5)
NOTICE = Notice("failed/run_1/", "failed", "harbour", RunId("run_1"), "It failed", "Because of fog.")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def notices(database: Database) -> Notices:
    return Notices(database)


def planned(notices: Notices, *ways: tuple[str, str]) -> Notices:
    notices.post(NOTICE, now=NOW)
    notices.plan(NOTICE, ways, first_at=NOW, now=NOW)
    return notices


def test_the_same_event_is_kept_once(notices: Notices) -> None:
    """Whoever finds it again, in whatever words, adds nothing."""
    assert notices.post(NOTICE, now=NOW)
    assert not notices.post(replace(NOTICE, text="other words"), now=LATER)
    assert notices.unplanned() == (NOTICE,)


def test_a_notice_is_planned_once(notices: Notices) -> None:
    """Two processes that plan it at the same time give one row for each way."""
    planned(notices, ("slack", ""), ("email", "a@example.org"), ("slack", ""))
    notices.plan(NOTICE, [("email", "b@example.org")], first_at=NOW, now=NOW)
    assert notices.unplanned() == ()
    assert {(one.channel, one.address) for one in notices.due(NOW)} == {
        ("slack", ""),
        ("email", "a@example.org"),
    }


def test_nothing_is_tried_before_its_time(notices: Notices) -> None:
    """Quiet hours and waits between tries are the same thing: an instant."""
    notices.post(NOTICE, now=NOW)
    notices.plan(NOTICE, [("log", "")], first_at=LATER, now=NOW)
    assert notices.due(NOW) == ()
    assert len(notices.due(LATER)) == 1


def test_one_of_two_processes_makes_a_try(notices: Notices) -> None:
    """The attempt is recorded before anything is sent; the other finds it taken."""
    (way,) = planned(notices, ("slack", "")).due(NOW)
    assert notices.attempting(way, now=NOW, until=LATER)
    assert not notices.attempting(way, now=NOW, until=LATER)
    assert notices.due(NOW) == ()


def test_what_was_told_is_never_due_again(notices: Notices) -> None:
    """And its reference is kept."""
    (way,) = planned(notices, ("slack", "")).due(NOW)
    notices.attempting(way, now=NOW, until=LATER)
    notices.sent(way, now=NOW, reference="ok")
    assert notices.due(LATER + timedelta(days=9)) == ()
    (posted,) = notices.recent()
    assert [(one.sent_at, one.reference, one.attempts) for one in posted.dispatches] == [(NOW, "ok", 1)]


def test_a_try_that_failed_is_due_again_or_given_up(notices: Notices) -> None:
    """The trouble is kept either way."""
    (way,) = planned(notices, ("slack", "")).due(NOW)
    notices.failed(way, why="503", next_at=LATER)
    (again,) = notices.due(LATER)
    assert again.trouble == "503"
    notices.failed(again, why="404", next_at=None)
    assert notices.due(LATER + timedelta(days=9)) == ()
    assert notices.recent()[0].dispatches[0].trouble == "404"


def test_a_run_is_untold_until_its_event_is_posted(store: RunStore, run: Run) -> None:
    """One notice for each outcome: a revised draft that waits is told anew."""
    notices = Notices(store._engine)
    with store.step(run, now=NOW) as step:
        step.move(RunState.FAILED, "fog")
    assert notices.untold("failed", RunState.FAILED, since=NOW) == (run.id,)
    assert notices.untold("failed", RunState.FAILED, since=LATER) == ()
    notices.post(replace(NOTICE, key=event_key("failed", run.id, None)), now=NOW)
    assert notices.untold("failed", RunState.FAILED, since=NOW) == ()
    with store.step(step.run, now=NOW) as step:
        step.set(outcome_id="outc_2")
    assert notices.untold("failed", RunState.FAILED, since=NOW) == (run.id,)


def test_a_mark_is_set_first_once_and_touched_often(database: Database) -> None:
    """The first start stays; the last tick moves."""
    marks = Marks(database)
    assert marks.at("tick") is None
    assert (marks.first("served", now=NOW), marks.first("served", now=LATER)) == (NOW, NOW)
    for instant in (NOW, LATER):
        marks.touch("tick", now=instant)
    assert marks.at("tick") == LATER
