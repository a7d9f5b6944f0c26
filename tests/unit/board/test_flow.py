"""Flow: work in progress and its age, pace, throughput, and what is late, stale or badly described."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.board import flow
from facilitator.board.board import Board
from facilitator.board.days import calendar_age, local_date, working_age
from facilitator.board.replay import History
from tests.boards import BOT, TaskLine, at, board, called, gid, instant, rules, snapshot, task

NOW = "2026-03-10T09:00Z"
MONDAY, FRIDAY = "2026-03-02T09:00Z", "2026-03-06T09:00Z"


def one(found: Board, name: str = "A") -> History:
    return found.histories[gid(name)]


def finished(n: int, days: int) -> TaskLine:
    """A task that took so many calendar days, ending on 6 March."""
    start = instant(FRIDAY) - timedelta(days=days - 1)
    return task(f"done {n}", then=[at(start, section="In progress")], done=FRIDAY)


def test_work_in_progress_is_started_and_not_finished() -> None:
    """Subtasks on the board count like any task; a ticked task in a working column does not."""
    found = board(
        task("doing", section="In progress"),
        task("part", section="In review", parent="doing"),
        task("ticked", section="In progress", done=MONDAY),
        task("waiting", section="To do"),
    )
    assert sorted(called(flow.wip(found))) == ["doing", "part"]


def test_sections_named_otherwise_follow_the_rules() -> None:
    """`Doing` and `QA` are known words; a team may map its own."""
    mapped = rules(states={"brewing": "in_progress"})
    found = board(
        task("A", section="Brewing"), task("B", section="Odd"), sections=["Brewing", "Odd"], read=mapped
    )
    assert called(flow.wip(found)) == ["A"]
    assert found.state(one(found, "B"), found.as_of) == "todo"


def test_chores_are_not_work() -> None:
    """Excluded sections and tasks by name are gone from every figure."""
    found = board(
        task("Retro template", section="Templates"),
        task("Daily Stand-up", section="In progress"),
        task("real", section="In progress"),
        sections=["Templates", "In progress"],
        read=rules(excluded_tasks=("daily stand-up",)),
    )
    assert called(found.histories) == ["real"]


def test_age_counts_calendar_days_and_the_first_one() -> None:
    """Started on Friday, read on Tuesday: five days; started today: one."""
    found = board(
        task("A", then=[at(FRIDAY, section="In progress"), at("2026-03-09T09:00Z", section="In review")]),
        task("B", then=[at(NOW, section="In progress")]),
        task("C"),
        as_of=NOW,
    )
    assert [flow.age_days(found, one(found, name)) for name in "ABC"] == [5, 1, None]


def test_a_task_created_in_progress_is_as_old_as_itself() -> None:
    """No story tells of a start, but the task never was anywhere else."""
    found = board(task("A", created=FRIDAY, section="In progress"), as_of=NOW)
    assert flow.started_at(found, one(found)) == instant(FRIDAY)


def test_ages_are_counted_in_the_teams_days() -> None:
    """23:30 in Berlin is the same day as 22:30 UTC and not the next one."""
    found = board(
        task("A", then=[at("2026-03-09T22:30Z", section="In progress")]),
        as_of="2026-03-09T23:30Z",
        zone="Europe/Berlin",
    )
    assert flow.age_days(found, one(found)) == 2


def test_fewer_than_five_finished_tasks_give_no_pace() -> None:
    """Four tasks are an anecdote: n is told, percentiles are not, and nothing is called ageing."""
    found = board(*(finished(n, 2) for n in range(4)), task("A", section="In progress"))
    pace = flow.pace(found)
    assert (pace.n, pace.p50, pace.p85) == (4, None, None)
    assert flow.ageing(found, pace.p85) == ()


def test_the_pace_is_that_of_the_last_twelve_weeks() -> None:
    """Five tasks of one to five days; a slow one of last year is forgotten."""
    slow = task(
        "slow",
        created="2025-01-01T09:00Z",
        then=[at("2025-01-02T09:00Z", section="In progress")],
        done="2025-10-01T09:00Z",
    )
    pace = flow.pace(board(*(finished(n, n) for n in range(1, 6)), slow))
    assert (pace.n, pace.p50) == (5, 3)
    assert pace.p85 == pytest.approx(4.4)


def test_ageing_is_older_than_the_teams_line_oldest_first() -> None:
    """At the line is not above it."""
    found = board(
        task("six", then=[at("2026-03-05T09:00Z", section="In progress")]),
        task("five", then=[at(FRIDAY, section="In progress")]),
        task("nine", then=[at(MONDAY, section="In review")]),
        as_of=NOW,
    )
    assert called(flow.ageing(found, 5.0)) == ["nine", "six"]


def test_throughput_keeps_days_without_any() -> None:
    """Zeros are data; what was finished on Saturday counts on Friday."""
    found = board(task("A", done=MONDAY), task("B", done="2026-03-07T09:00Z"), task("C", done=FRIDAY))
    counts = flow.throughput(found, date(2026, 3, 2), date(2026, 3, 8))
    assert [count for _, count in counts] == [1, 0, 0, 0, 2]
    assert flow.throughput(found, date(2026, 3, 7), date(2026, 3, 8)) == []


@pytest.mark.parametrize(
    ("due", "late"),
    [("2026-03-09", True), ("2026-03-10", False), ("2026-03-10T08:59Z", True), ("2026-03-10T09:01Z", False)],
)
def test_overdue_by_day_or_by_instant(due: str, late: bool) -> None:
    """Due today is not late; due an hour ago is."""
    assert bool(flow.overdue(board(task("A", due=due), as_of=NOW))) is late


def test_today_is_the_teams_today() -> None:
    """At 23:30 UTC on the 9th it is the 10th in Berlin, so the 9th is past there."""
    lines = (task("A", due="2026-03-09"),)
    late = "2026-03-09T23:30Z"
    assert called(flow.overdue(board(*lines, as_of=late, zone="Europe/Berlin"))) == ["A"]
    assert flow.overdue(board(*lines, as_of=late, zone="America/New_York")) == ()


def test_finished_work_is_not_overdue_and_the_oldest_comes_first() -> None:
    """Ticked or dragged to Done: neither is late any more."""
    found = board(
        task("done", due="2026-01-01", done=MONDAY),
        task("dragged", due="2026-01-01", section="Done"),
        task("later", due="2026-03-05"),
        task("earlier", due="2026-03-04T10:00Z"),
    )
    assert called(flow.overdue(found)) == ["earlier", "later"]


def test_stale_is_started_and_untouched_for_too_long() -> None:
    """Our own comments touch nothing; a person's comment does."""
    quiet = [
        at("2026-02-10T09:00Z", section="In progress"),
        at("2026-03-09T09:00Z", by="bot", comment="digest"),
    ]
    found = board(
        task("stale", then=quiet),
        task("talked about", then=[*quiet, at("2026-03-08T09:00Z", by="Mara", comment="soon")]),
        task("not started"),
        as_of=NOW,
    )
    assert called(flow.stale(found)) == ["stale"]


def test_a_task_whose_history_was_not_read_was_touched_when_modified() -> None:
    """Without stories `modified_at` is all there is."""
    [known] = snapshot(task("A", section="In progress")).tasks
    bare = replace(known, stories=(), stories_read=False, modified_at=instant("2026-03-09T09:00Z"))
    found = Board.of(replace(snapshot(), tasks=(bare,)), rules())
    assert flow.last_touched(found, one(found)) == instant("2026-03-09T09:00Z")


def test_missing_owners_and_estimates_are_found_among_open_tasks() -> None:
    """Nobody needs an owner for what is done."""
    found = board(task("bare"), task("full", owner="Mara", points=0), task("done", done=MONDAY))
    assert called(flow.unassigned(found, found.histories)) == ["bare"]
    assert called(flow.unestimated(found, found.histories)) == ["bare"]


def test_done_but_not_ticked_is_flagged() -> None:
    """Teams drag to Done and forget the tick: counted as done, and told."""
    found = board(task("dragged", section="Done"), task("ticked", section="Done", done=MONDAY), task("open"))
    assert called(flow.unticked(found)) == ["dragged"]
    assert found.state(one(found, "dragged"), found.as_of) == "done"


def test_hygiene_is_a_weighted_share() -> None:
    """One full and one bare task: half of each, and half in all; fresh is the same for both."""
    found = board(
        task("full", owner="Mara", points=3, due="2026-03-20", created=FRIDAY), task("bare", created=FRIDAY)
    )
    seen = flow.hygiene(found, found.histories)
    assert (seen.tasks, seen.owner, seen.estimate, seen.due, seen.fresh) == (2, 50, 50, 50, 100)
    assert seen.score == pytest.approx(60)
    assert flow.hygiene(found, ()).score is None


def test_our_own_stories_are_known_by_the_bots_gid() -> None:
    """Nobody is not the bot: stories without an author are people's."""
    found = board(task("A"))
    assert flow.is_ours(found, BOT)
    assert not flow.is_ours(found, None)
    assert not flow.is_ours(replace(found, snapshot=replace(found.snapshot, bot=None)), None)


def test_working_age_skips_free_days() -> None:
    """From Friday to Monday is one working day; backwards is none."""
    assert working_age(instant(FRIDAY), instant("2026-03-09T09:00Z"), rules()) == 1
    assert working_age(instant(NOW), instant(FRIDAY), rules()) == 0


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe"]
)
AROUND_CLOCK_CHANGES = st.datetimes(
    instant("2026-03-01T00:00Z").replace(tzinfo=None), instant("2026-04-20T00:00Z").replace(tzinfo=None)
)


@given(AROUND_CLOCK_CHANGES, ZONES)
def test_a_completion_counts_on_its_local_day(when: object, zone: str) -> None:
    """Neither zones nor clock changes move what was finished into another day of the team."""
    moment = instant(f"{when}+00:00")
    found = board(
        task("A", done=moment), as_of="2026-05-01T09:00Z", read=rules(zone, working_day=lambda _: True)
    )
    day = local_date(moment, found.rules.zone)
    counts = dict(flow.throughput(found, day - timedelta(days=2), day + timedelta(days=2)))
    assert [known for known, count in counts.items() if count] == [moment.astimezone(found.rules.zone).date()]


@given(AROUND_CLOCK_CHANGES, st.integers(0, 30), ZONES)
def test_an_age_grows_by_one_each_local_midnight(when: object, days: int, zone: str) -> None:
    """A day of 23 or 25 hours is one day."""
    start = instant(f"{when}+00:00")
    wall = start.astimezone(rules(zone).zone)
    later = (wall.replace(tzinfo=None) + timedelta(days=days)).replace(hour=12, tzinfo=wall.tzinfo)
    assert calendar_age(start, later, rules(zone).zone) == days + 1
