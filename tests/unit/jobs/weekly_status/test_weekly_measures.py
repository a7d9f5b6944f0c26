"""A week of a board: what `board.weekly` counts, and what it refuses to count."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from facilitator.board import flow
from facilitator.board.blocking import blocked_now
from facilitator.board.weekly import (
    WEEK,
    board_at,
    completed,
    date_moves,
    idle_days,
    in_focus,
    lively,
    points_of,
    promises,
    troubles,
    unbegun,
    upcoming,
    week_of,
    weightiest,
)
from tests.boards import at, board, called, gid, instant, rules, sprint, task

START, NOW = "2026-06-05T13:00Z", "2026-06-12T13:00Z"
S1 = sprint("S1", "2026-06-08", "2026-06-19")
OLD = "2026-05-01T09:00Z"


@pytest.mark.parametrize(
    ("end", "start", "before"),
    [
        ("2026-06-12T13:00Z", "2026-06-05T13:00Z", "2026-05-29T13:00Z"),
        ("2026-04-03T13:00Z", "2026-03-27T14:00Z", "2026-03-20T14:00Z"),
        ("2026-10-30T14:00Z", "2026-10-23T13:00Z", "2026-10-16T13:00Z"),
    ],
)
def test_a_week_is_seven_days_on_the_wall(end: str, start: str, before: str) -> None:
    """15:00 to 15:00 in Berlin, also over a change of the clocks."""
    week = week_of(instant(end), ZoneInfo("Europe/Berlin"))
    assert (week.before, week.start, week.end) == (instant(before), instant(start), instant(end))
    assert week.end.tzinfo is UTC


def test_a_completion_on_the_boundary_belongs_to_the_later_week() -> None:
    """[start, end): nothing is counted in two weeks, nothing in none."""
    found = board(
        task("first", done=START), task("last", done=NOW), task("inside", done="2026-06-08T10:00Z"), as_of=NOW
    )
    assert called(completed(found, instant(START), instant(NOW))) == ["first", "inside"]
    assert called(completed(found, instant(NOW), instant(NOW) + WEEK)) == ["last"]


def test_reopened_work_is_not_done() -> None:
    """What counts is how it stands now; its last completion is its day."""
    found = board(
        task("reopened", then=[at("2026-06-08T09:00Z", done=True), at("2026-06-09T09:00Z", done=False)]),
        task("again", then=[at("2026-06-02T09:00Z", done=True), at("2026-06-03T09:00Z", done=False)], done="2026-06-10T09:00Z"),
        as_of=NOW,
    )  # fmt: skip
    assert called(completed(found, instant(START), instant(NOW))) == ["again"]


def test_points_are_those_of_the_day_it_was_finished() -> None:
    """A later estimate does not rewrite a week that is over; no estimate counts nothing."""
    found = board(
        task("small", points=2, done="2026-06-08T09:00Z", then=[at("2026-06-10T09:00Z", points=8)]),
        task("bare", done="2026-06-09T09:00Z"),
        as_of=NOW,
    )
    assert points_of(found, completed(found, instant(START), instant(NOW))) == 2


def test_what_others_waited_for_is_told_first() -> None:
    """Then the largest, then the newest; what came to nothing is not told."""
    found = board(
        task("small", points=1, done="2026-06-08T09:00Z"),
        task("large", points=8, done="2026-06-08T09:00Z"),
        task("newer", points=8, done="2026-06-09T09:00Z"),
        task("key", points=1, done="2026-06-08T09:00Z"),
        task("dropped", points=13, resolution="Won't Fix", done="2026-06-08T09:00Z"),
        task("waiting", waits_for=["key"]),
        as_of=NOW,
    )
    assert called(weightiest(found, completed(found, instant(START), instant(NOW)))) == [
        "key",
        "newer",
        "large",
        "small",
    ]


def test_a_day_begins_to_count_when_it_is_full() -> None:
    """Idle days are whole days on the team's wall."""
    found = board(
        task("just", created=START, section="To do"),
        task("almost", created="2026-06-05T13:01Z"),
        task("told", created=OLD, then=[at("2026-06-12T08:00Z", by="Mara", comment="still at it")]),
        as_of=NOW,
    )
    assert [idle_days(found, gid(name)) for name in ("just", "almost", "told")] == [7, 6, 0]
    assert called(lively(found, map(gid, ("just", "almost", "told")))) == ["almost", "told"]


def test_our_own_comment_wakes_nothing() -> None:
    """A status under a task is not work on it."""
    found = board(
        task("quiet", created=OLD, then=[at("2026-06-11T09:00Z", by="bot", comment="Weekly status")]),
        as_of=NOW,
    )
    assert lively(found, [gid("quiet")]) == ()


def test_a_board_can_be_read_a_week_earlier() -> None:
    """The figure beside today's is the same measure at another instant."""
    found = board(
        task("now", created=OLD, section="To do", then=[at("2026-06-10T09:00Z", section="In progress")]),
        task("then", created=OLD, section="In progress", done="2026-06-10T09:00Z"),
        as_of=NOW,
    )
    assert called(flow.wip(found)) == ["now"]
    assert called(flow.wip(board_at(found, instant(START)))) == ["then"]


def test_focus_is_the_sprint_and_what_is_in_progress() -> None:
    """The rest of the board is not this week's."""
    lines = (
        task("planned", sprint="S1"),
        task("besides", section="In progress"),
        task("later", section="Backlog"),
        task("loose", section="To do"),
        task("done", sprint="S1", done="2026-06-09T09:00Z"),
    )
    assert set(called(in_focus(board(S1, *lines, as_of=NOW)))) == {"planned", "besides"}
    flowing = board(*lines[1:], as_of=NOW)
    assert set(called(in_focus(flowing))) == {"besides", "loose"}


def test_a_moved_date_names_both_days_and_what_was_said() -> None:
    """Net over the week; the comment nearest to the last change, within a day of it."""
    found = board(
        task("slipped", created=OLD, due="2026-06-10", then=[
            at("2026-06-08T09:00Z", due="2026-06-12"),
            at("2026-06-10T08:00Z", by="Mara", comment="The vendor is late."),
            at("2026-06-10T09:00Z", due="2026-06-19"),
            at("2026-06-10T20:00Z", by="bot", comment="Weekly status"),
        ]),
        task("silent", created=OLD, due="2026-06-10", then=[
            at("2026-06-06T09:00Z", by="Mara", comment="Nice."), at("2026-06-09T09:00Z", due="2026-06-11"),
        ]),
        task("cleared", created=OLD, due="2026-06-10", then=[at("2026-06-09T09:00Z", due=None)]),
        task("there and back", created=OLD, due="2026-06-10", then=[
            at("2026-06-08T09:00Z", due="2026-06-12"), at("2026-06-09T09:00Z", due="2026-06-10"),
        ]),
        task("first date", created=OLD, then=[at("2026-06-09T09:00Z", due="2026-06-12")]),
        task("finished", created=OLD, due="2026-06-10", done="2026-06-11T09:00Z", then=[at("2026-06-09T09:00Z", due="2026-06-12")]),
        as_of=NOW,
    )  # fmt: skip
    moves = date_moves(found, instant(START), instant(NOW))
    assert [(called([move.gid])[0], move.old, move.new, move.said) for move in moves] == [
        ("cleared", date(2026, 6, 10), None, ""),
        ("slipped", date(2026, 6, 10), date(2026, 6, 19), "The vendor is late."),
        ("silent", date(2026, 6, 10), date(2026, 6, 11), ""),
    ]


def test_a_due_time_is_a_day_in_the_teams_zone() -> None:
    """An hour's shift within the day moves no date."""
    lines = task(
        "call", created=OLD, due="2026-06-15T22:30Z", then=[at("2026-06-09T09:00Z", due="2026-06-16T08:00Z")]
    )
    assert date_moves(board(lines, as_of=NOW, zone="Europe/Berlin"), instant(START), instant(NOW)) == ()


def test_promises_end_in_one_of_four_ways() -> None:
    """Done, open, dropped or gone: each promised task in exactly one, order kept, doubles told once."""
    found = board(
        task("done", done="2026-06-09T09:00Z"),
        task("open"),
        task("shelved", then=[at("2026-06-09T09:00Z", section="Backlog")]),
        task("pointless", resolution="Duplicate", done="2026-06-09T09:00Z"),
        as_of=NOW,
    )
    names = ("open", "done", "gone", "pointless", "shelved", "open")
    kept = promises(found, [gid(name) for name in names])
    assert [called(part) for part in (kept.done, kept.open, kept.dropped, kept.gone)] == [
        ["done"], ["open"], ["pointless", "shelved"], ["gone"],
    ]  # fmt: skip
    assert kept.count == 5


def test_the_worst_trouble_stands_first() -> None:
    """Most reasons, then the longest wait; overdue is told in calendar days, blocked in working days."""
    found = board(
        task("both", owner="Mara", due="2026-06-08", then=[at("2026-06-10T09:00Z", blocked="Blocked")]),
        task("long", owner="Mara", then=[at("2026-06-03T09:00Z", blocked="Blocked")]),
        task("late", owner="Mara", due="2026-06-05"),
        task("ownerless"),
        task("fine", owner="Mara"),
        as_of=NOW,
    )
    gids = [history.task.gid for history in found.open_tasks()]
    told = troubles(
        found,
        gids,
        blocked=blocked_now(found),
        overdue=flow.overdue(found),
        unassigned=flow.unassigned(found, gids),
    )
    assert [(called([one.gid])[0], one.reasons, one.overdue_days, one.blocked_days) for one in told] == [
        ("both", ("blocked", "overdue"), 4, 2),
        ("long", ("blocked",), 0, 7),
        ("late", ("overdue",), 7, 0),
        ("ownerless", ("no owner",), 0, 0),
    ]


def test_next_is_what_can_be_finished_first() -> None:
    """With owner and coming date before the rest; within that from the right of the board to the left."""
    found = board(
        task("begun", owner="Mara", due="2026-06-15", section="In progress"),
        task("review", owner="Mara", due="2026-06-18", section="In review"),
        task("sooner", owner="Mara", due="2026-06-14", section="In progress"),
        task("planned", owner="Mara", due="2026-06-13"),
        task("dateless", owner="Mara", section="In review"),
        task("ownerless", due="2026-06-13", section="In review"),
        task("backlog", owner="Mara", due="2026-06-13", section="Backlog"),
        as_of=NOW,
    )
    gids = [history.task.gid for history in found.open_tasks()]
    assert called(upcoming(found, gids)) == [
        "review", "sooner", "begun", "planned", "ownerless", "dateless",
    ]  # fmt: skip


def test_the_largest_piece_nobody_began_comes_first() -> None:
    """Without an estimate a task counts as small."""
    found = board(
        task("small", points=1),
        task("bare"),
        task("large", points=8),
        task("begun", points=13, section="In progress"),
        as_of=NOW,
    )
    assert called(unbegun(found, [history.task.gid for history in found.open_tasks()])) == [
        "large",
        "small",
        "bare",
    ]


def test_a_task_read_without_its_history_is_as_old_as_its_last_change() -> None:
    """Nothing is known of its stories; its modification is."""
    assert rules().stale_after_days == 14
    found = board(task("calm", created=OLD), as_of=datetime(2026, 6, 12, 13, tzinfo=UTC))
    assert idle_days(found, gid("calm")) == 42
