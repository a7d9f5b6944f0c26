"""Sprints: found from fields, sections or configuration, whatever people wrote there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from facilitator.board.rules import ConfiguredSprints, NoSprints, SectionSprints
from facilitator.board.sprints import Sprint, current, find_sprints, latest_closed, undated
from tests.boards import SprintLine, board, called, gid, instant, rules, snapshot, sprint, task

BERLIN = ZoneInfo("Europe/Berlin")
S1 = Sprint("S1", instant("2026-03-02T09:00Z"), instant("2026-03-13T17:00Z"), instant("2026-03-13T18:00Z"))
S2 = Sprint("S2", instant("2026-03-16T09:00Z"), instant("2026-03-27T17:00Z"))


def test_dates_stand_in_the_fields_description() -> None:
    """One line an option; the planned end and the close are two things."""
    known = snapshot(sprint("S1", "2026-03-02T09:00Z", "2026-03-13T17:00Z", "2026-03-13T18:00Z"))
    [found] = find_sprints(known, rules())
    assert (found.start, found.end, found.closed, found.key) == (S1.start, S1.end, S1.closed, gid("S1"))


def test_bare_dates_are_days_of_the_team() -> None:
    """`2026-03-02 | 2026-03-13` runs from local midnight to the midnight after its last day."""
    [found] = find_sprints(snapshot(sprint("S1", "2026-03-02", "2026-03-13")), rules("Europe/Berlin"))
    assert found.start == instant("2026-03-01T23:00Z")
    assert found.end == instant("2026-03-13T23:00Z")
    assert found.last_day(BERLIN) == date(2026, 3, 13)


def test_a_sprint_over_a_clock_change_keeps_its_local_midnights() -> None:
    """Berlin goes to summer time on 29 March 2026: the sprint's end is an hour earlier in UTC than its start."""
    [found] = find_sprints(snapshot(sprint("S2", "2026-03-23", "2026-04-03")), rules("Europe/Berlin"))
    assert (found.start.hour, found.end.hour) == (23, 22)


@pytest.mark.parametrize(
    "line",
    [
        "S1",
        "S1 | soon | later",
        "S1 | 2026-03-13 | 2026-03-02",
        "S1 | 2026-03-02",
        "S1 || |",
        "S1 | 2026-13-02 | x",
    ],
)
def test_a_line_that_cannot_be_read_is_named_not_guessed(line: str) -> None:
    """Prose, half a line or a sprint that ends before it starts: no sprint, and its name is told."""
    known = snapshot(SprintLine("S1", line))
    assert find_sprints(known, rules()) == ()
    assert undated(known, rules()) == ("S1",)


@pytest.mark.parametrize("word", ["", "-", "open", "NULL"])
def test_a_sprint_without_a_close_is_open(word: str) -> None:
    """Teams write an open end in many ways."""
    [found] = find_sprints(snapshot(sprint("S1", "2026-03-02", "2026-03-13", word)), rules())
    assert found.closed is None


def test_dates_may_stand_in_the_options_name() -> None:
    """`Sprint 14 (2026-03-02 - 2026-03-13)` needs no description; the dates are not part of its name."""
    known = snapshot(SprintLine("Sprint 14 (2026-03-02 - 2026-03-13)", "prose"))
    [found] = find_sprints(known, rules())
    assert found.name == "Sprint 14"
    assert found.last_day(ZoneInfo("UTC")) == date(2026, 3, 13)


def test_sprints_come_oldest_first_whatever_the_options_order() -> None:
    """People sort options by hand; dates decide."""
    later, sooner = sprint("B", "2026-03-16", "2026-03-27"), sprint("A", "2026-03-02", "2026-03-13")
    assert [found.name for found in find_sprints(snapshot(later, sooner), rules())] == ["A", "B"]


def test_sections_can_be_sprints() -> None:
    """A section per sprint: its dates are in its name, and a task is in the sprint while it stands there."""
    sections = ["Backlog", "Sprint 1 (2026-03-02 - 2026-03-13)", "Sprint two", "Done"]
    found = board(
        task("in", section=sections[1]),
        task("out", section="Backlog"),
        sections=sections,
        read=rules(sprint=SectionSprints()),
    )
    [one] = found.sprints
    assert (one.name, one.closed) == ("Sprint 1", None)
    assert called(found.scope(one, found.as_of)) == ["in"]
    assert undated(found.snapshot, found.rules) == ("Sprint two",)


def test_a_section_sprint_closes_with_its_last_day() -> None:
    """Nobody closes a section; the day after its last one it is over."""
    sections = ["Sprint 1 (2026-03-02 - 2026-03-06)"]
    found = board(sections=sections, read=rules(sprint=SectionSprints()))
    assert found.sprints[0].closed == instant("2026-03-07T00:00Z")


def test_configured_sprints_are_counted_from_their_first_day() -> None:
    """A length and a first day are enough; the last one found is the running one."""
    rule = ConfiguredSprints(date(2026, 2, 2), length_days=14, name="Iteration {n}", first_number=7)
    found = find_sprints(snapshot(as_of="2026-03-10T09:00Z"), rules("Europe/Berlin", sprint=rule))
    assert [one.name for one in found] == ["Iteration 7", "Iteration 8", "Iteration 9"]
    assert [one.closed is None for one in found] == [False, False, True]


def test_configured_sprints_hold_everything_outside_the_backlog() -> None:
    """The board says nothing of sprints: what left the backlog is in the running one."""
    rule = ConfiguredSprints(date(2026, 3, 2))
    found = board(task("in"), task("out", section="Backlog"), read=rules(sprint=rule))
    assert called(found.scope(found.sprints[-1], found.as_of)) == ["in"]


def test_a_team_may_have_no_sprints() -> None:
    """Flow without sprints is a way to work, not a fault."""
    found = board(sprint("S1", "2026-03-02", "2026-03-13"), task("A"), read=rules(sprint=NoSprints()))
    assert found.sprints == ()
    assert found.current_sprint() is None
    assert undated(found.snapshot, found.rules) == ()


def test_a_board_without_the_field_has_no_sprints() -> None:
    """The field was deleted or renamed: nothing is found, nothing breaks."""
    known = replace(snapshot(task("A")), custom_fields=())
    assert find_sprints(known, rules()) == ()


def test_the_field_is_found_whatever_its_case() -> None:
    """People write `sprint`, `Sprint` and `SPRINT `."""
    known = snapshot(sprint("S1", "2026-03-02", "2026-03-13"))
    fields = tuple(replace(one, name=one.name.upper() + " ") for one in known.custom_fields)
    assert [one.name for one in find_sprints(replace(known, custom_fields=fields), rules())] == ["S1"]


@pytest.mark.parametrize(
    ("when", "name"),
    [
        ("2026-03-01T09:00Z", None),
        ("2026-03-02T09:00Z", "S1"),
        ("2026-03-13T17:30Z", "S1"),
        ("2026-03-13T18:00Z", None),
        ("2026-03-16T09:00Z", "S2"),
        ("2026-05-01T09:00Z", "S2"),
    ],
)
def test_the_running_sprint(when: str, name: str | None) -> None:
    """Late closing keeps a sprint running past its plan; gaps have none; an unclosed one runs on."""
    found = current((S2, S1), instant(when))
    assert (found.name if found else None) == name


def test_a_new_sprint_ends_an_unclosed_one() -> None:
    """Forgetting to close a sprint does not make two run at once."""
    found = current((replace(S1, closed=None), S2), instant("2026-03-17T09:00Z"))
    assert found == S2


def test_the_latest_closed_sprint() -> None:
    """What a retro speaks of; none before the first close."""
    assert latest_closed((S1, S2), instant("2026-03-20T09:00Z")) == S1
    assert latest_closed((S1, S2), instant("2026-03-12T09:00Z")) is None


@pytest.mark.parametrize(
    ("start", "end", "last"),
    [
        ("2026-03-02T09:00Z", "2026-03-13T17:00Z", date(2026, 3, 13)),
        ("2026-03-02T12:45Z", "2026-03-16T12:45Z", date(2026, 3, 15)),
        ("2026-03-02T00:00Z", "2026-03-16T00:00Z", date(2026, 3, 15)),
        ("2026-03-02T09:00Z", "2026-03-02T17:00Z", date(2026, 3, 2)),
    ],
)
def test_the_last_day_of_a_sprint(start: str, end: str, last: date) -> None:
    """From Monday noon to Monday noon is two weeks: the day of the end does not count twice."""
    assert Sprint("S", instant(start), instant(end)).last_day(ZoneInfo("UTC")) == last


def test_a_closed_sprint_ends_at_its_close_and_a_running_one_now() -> None:
    """Figures of a running sprint are as of now; a close in the future is not seen yet."""
    now = datetime(2026, 3, 10, tzinfo=UTC)
    assert S1.until(now) == now
    assert S1.until(now + timedelta(days=30)) == S1.closed
