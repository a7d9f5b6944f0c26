"""What is blocked, since when, and what says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from facilitator.board.blocking import blocked_by_field, blocked_episodes, blocked_now, unread_dependencies
from facilitator.board.board import Board
from tests.boards import SECTIONS, TaskLine, at, board, called, gid, instant, rules, task

MONDAY, TUESDAY, FRIDAY = "2026-03-02T09:00Z", "2026-03-03T09:00Z", "2026-03-06T09:00Z"
NOW = "2026-03-10T09:00Z"


def causes(found: Board) -> dict[str, list[str]]:
    return {called([one.gid])[0]: [cause.kind for cause in one.causes] for one in blocked_now(found)}


def days(*lines: TaskLine, as_of: str = NOW) -> int:
    [one] = blocked_now(board(*lines, as_of=as_of))
    return one.working_days


def test_each_of_four_things_may_say_blocked() -> None:
    """Field, section, tag, open dependency: any of them, and which one is told."""
    found = board(
        task("by field", blocked="Blocked"),
        task("by section", section="On Hold"),
        task("by tag", tags=["urgent", "Waiting"]),
        task("by dependency", waits_for=["other"]),
        task("other"),
        task("not", blocked="Not blocked"),
        sections=[*SECTIONS, "On Hold"],
    )
    assert causes(found) == {
        "by field": ["field"],
        "by section": ["section"],
        "by tag": ["tag"],
        "by dependency": ["dependency"],
    }


def test_all_causes_are_told() -> None:
    """Freeing one of two does not free the task."""
    found = board(task("A", blocked="Blocked", waits_for=["B"]), task("B"))
    assert causes(found) == {"A": ["field", "dependency"]}


def test_finished_work_is_not_blocked() -> None:
    """Neither ticked nor in Done, whatever its field still says."""
    found = board(
        task("ticked", blocked="Blocked", done=MONDAY),
        task("dragged", blocked="Blocked", section="Done"),
    )
    assert causes(found) == {}
    assert sorted(called(blocked_by_field(found))) == ["dragged", "ticked"]


def test_a_dependency_frees_when_the_other_task_is_done() -> None:
    """Ticked or dragged to Done: both free, at that instant."""
    found = board(
        task("A", waits_for=["ticked", "dragged"]),
        task("ticked", done=MONDAY),
        task("dragged", then=[at(TUESDAY, section="Done")]),
    )
    assert causes(found) == {}
    [history] = [one for one in found.histories.values() if one.task.name == "A"]
    assert blocked_episodes(found, history)[-1][1] == instant(TUESDAY)


def test_a_reopened_dependency_blocks_again() -> None:
    """Work that comes back stops those who wait for it."""
    found = board(
        task("A", waits_for=["B"]), task("B", then=[at(MONDAY, done=True), at(TUESDAY, done=False)])
    )
    [one] = blocked_now(found)
    assert one.since == instant(TUESDAY)


def test_an_unread_dependency_blocks_nothing_and_is_counted() -> None:
    """Another project's task may be done long ago: nothing is known, and that is said."""
    found = board(task("A", waits_for=["elsewhere"]), task("done", waits_for=["elsewhere"], done=MONDAY))
    assert causes(found) == {}
    assert unread_dependencies(found) == 1


def test_two_tasks_waiting_for_each_other_are_both_blocked() -> None:
    """A circle is a fact of the board, not an endless loop."""
    found = board(task("A", waits_for=["B"]), task("B", waits_for=["A"]))
    assert causes(found) == {"A": ["dependency"], "B": ["dependency"]}


def test_age_is_in_working_days_since_the_wait_began() -> None:
    """Friday to Tuesday is two: Monday and Tuesday; the weekend waits for nobody."""
    assert days(task("A", then=[at(FRIDAY, blocked="Blocked")])) == 2


def test_a_wait_since_this_morning_is_no_day_old() -> None:
    """Nothing is said to be a day late on its first day."""
    assert days(task("A", then=[at("2026-03-10T08:00Z", blocked="Blocked")])) == 0


def test_a_holiday_does_not_count() -> None:
    """The team's calendar decides, not the week."""
    free = rules(working_day=lambda day: day.weekday() < 5 and day != date(2026, 3, 9))
    found = board(task("A", then=[at(FRIDAY, blocked="Blocked")]), as_of=NOW, read=free)
    assert blocked_now(found)[0].working_days == 1


def test_several_waits_add_up() -> None:
    """Monday to Tuesday and Friday to next Tuesday: one and two; the present wait began on Friday."""
    life = [at(MONDAY, blocked="Blocked"), at(TUESDAY, blocked="Not blocked"), at(FRIDAY, blocked="Blocked")]
    [one] = blocked_now(board(task("A", then=life), as_of=NOW))
    assert (one.working_days, one.since) == (3, instant(FRIDAY))


def test_a_change_of_cause_does_not_end_the_wait() -> None:
    """From field to dependency in one go: one episode, still the old beginning."""
    life = [at(MONDAY, blocked="Blocked", waits_for="B"), at(FRIDAY, blocked=None)]
    [one] = blocked_now(board(task("A", then=life), task("B"), as_of=NOW))
    assert (one.since, [cause.kind for cause in one.causes]) == (instant(MONDAY), ["dependency"])


def test_the_longest_wait_comes_first() -> None:
    """Oldest first; equal ages by when they began."""
    found = board(
        task("new", then=[at(FRIDAY, blocked="Blocked")]),
        task("old", then=[at(MONDAY, blocked="Blocked")]),
        task("older", then=[at("2026-02-27T09:00Z", blocked="Blocked")]),
        as_of=NOW,
    )
    assert [called([one.gid])[0] for one in blocked_now(found)] == ["older", "old", "new"]


@pytest.mark.parametrize("option", ["Yes", "blocked", "WAITING"])
def test_the_field_may_say_it_in_other_words(option: str) -> None:
    """Yes, true, blocked, or one of the configured names, in any case."""
    found = board(task("A", sprint=option))
    renamed = Board.of(found.snapshot, replace(found.rules, blocked_field="Sprint"))
    assert [one.gid for one in blocked_now(renamed)] == [gid("A")]


def test_a_tag_counts_from_the_last_move() -> None:
    """When a tag was put on is not in the history; the last section change is the earliest honest guess."""
    assert days(task("A", tags=["blocked"], then=[at(FRIDAY, section="In progress")])) == 2
