"""The running sprint at a glance: its day, its work, and a verdict by a stated rule."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from facilitator.board.blocking import Blocked, blocked_now
from facilitator.board.board import Board
from facilitator.board.building import FactsBuilder
from facilitator.board.facts import Document
from facilitator.board.pulse import Pulse, add_pulse, pulse, verdict
from tests.boards import SprintLine, TaskLine, at, board, instant, rules, sprint, task

S1 = sprint("S1", "2026-03-02", "2026-03-13")


def read(
    *lines: TaskLine | SprintLine, as_of: str = "2026-03-09T09:00Z", found: Board | None = None
) -> Pulse:
    known = found or board(S1, *lines, as_of=as_of)
    seen = pulse(known, blocked_now(known))
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        ("2026-03-02T09:00Z", 1),
        ("2026-03-06T23:59Z", 5),
        ("2026-03-07T09:00Z", 5),
        ("2026-03-09T09:00Z", 6),
        ("2026-03-13T09:00Z", 10),
        ("2026-03-20T09:00Z", 10),
    ],
)
def test_days_are_the_teams_working_days(as_of: str, day: int) -> None:
    """A weekend stays on Friday's number; an overdrawn sprint stays on its last day."""
    found = read(as_of=as_of)
    assert (found.day, found.days) == (day, 10)


def test_a_sprint_that_starts_on_a_free_day_begins_with_day_one() -> None:
    """Nobody reads of day 0."""
    weekend = sprint("S1", "2026-03-07", "2026-03-20")
    found = board(weekend, as_of="2026-03-07T09:00Z")
    assert read(found=found).day == 1


def test_a_sprint_without_a_working_day_expects_nothing() -> None:
    """A sprint over holidays only: no division by zero."""
    found = board(
        S1,
        task("A", sprint="S1", points=3),
        as_of="2026-03-09T09:00Z",
        read=rules(working_day=lambda _: False),
    )
    assert (read(found=found).days, read(found=found).expected) == (0, 0)


def test_expected_is_what_finished_days_would_have_done() -> None:
    """On the morning of day six, five of ten days have been worked."""
    found = read(task("A", sprint="S1", points=8), task("B", sprint="S1", points=2, done="2026-03-04T09:00Z"))
    assert (found.done, found.planned, found.expected) == (2, 10, 5)


def test_what_left_the_sprint_is_not_planned_any_more() -> None:
    """Planned is today's scope: additions in, removals out."""
    found = read(
        task("gone", sprint="S1", points=5, then=[at("2026-03-04T09:00Z", sprint=None)]),
        task("new", created="2026-03-04T09:00Z", sprint="S1", points=3),
        task("stays", sprint="S1", points=1),
    )
    assert found.planned == 4


def test_where_points_are_rare_tasks_are_counted() -> None:
    """Half without an estimate: points cannot speak for the sprint."""
    found = read(task("A", sprint="S1", points=8), task("B", sprint="S1", done="2026-03-04T09:00Z"))
    assert (found.unit, found.done, found.planned) == ("tasks", 1, 2)


@pytest.mark.parametrize(
    ("done", "expected", "word"),
    [
        (0, 0, "On track"),
        (8, 10, "On track"),
        (7.9, 10, "At risk"),
        (5, 10, "At risk"),
        (4.9, 10, "Off track"),
    ],
)
def test_the_verdict_compares_done_with_expected(done: float, expected: float, word: str) -> None:
    """80 % and 50 % of the straight line are the borders, and belong to the better side."""
    assert verdict(done, 20, expected, [], past_end=False) == word


@pytest.mark.parametrize(("days", "word"), [(2, "On track"), (3, "At risk")])
def test_a_long_wait_puts_the_sprint_at_risk(days: int, word: str) -> None:
    """Three working days, whatever the points say."""
    stuck = [Blocked("1", (), instant("2026-03-02T09:00Z"), days)]
    assert verdict(10, 20, 5, stuck, past_end=False) == word


def test_work_left_after_the_end_is_off_track() -> None:
    """And a finished sprint that nobody closed is not."""
    assert verdict(19, 20, 20, [], past_end=True) == "Off track"
    assert verdict(20, 20, 20, [], past_end=True) == "On track"


def test_a_wait_outside_the_sprint_does_not_count() -> None:
    """The backlog's blockers are not this sprint's risk."""
    found = read(
        task("A", sprint="S1", points=1, done="2026-03-03T09:00Z"),
        task("B", blocked="Blocked"),
    )
    assert found.verdict == "On track"


def test_an_empty_sprint_has_no_verdict() -> None:
    """Nothing planned is neither on nor off track."""
    assert read().verdict == ""


def test_between_sprints_there_is_no_pulse() -> None:
    """A gap is not a sprint of zero days."""
    assert pulse(board(S1, as_of="2026-02-01T09:00Z"), ()) is None


def made(found: Pulse, known: Board) -> Sequence[str]:
    start = end = known.as_of
    facts = FactsBuilder(known, ceremony="standup", team="T", start=start, end=end)
    add_pulse(facts, found)
    return [f"{fact.id} {fact.value} {fact.of}" for fact in facts.build(Document((), 100)).facts.values()]


def test_the_pulse_as_facts() -> None:
    """Each figure with its denominator, the unit in the id; no verdict where there is none."""
    known = board(S1, task("A", sprint="S1", points=4), as_of="2026-03-09T09:00Z")
    assert made(read(found=known), known) == [
        "sprint.name S1 None",
        "sprint.day 6 10",
        "sprint.days 10 None",
        "sprint.done_points 0 4",
        "sprint.planned_points 4 None",
        "sprint.expected_points 2 None",
        "sprint.added 0 1",
        "sprint.verdict Off track None",
    ]
    empty = board(S1, as_of="2026-03-09T09:00Z")
    assert "sprint.verdict" not in " ".join(made(read(found=empty), empty))
