"""Predictability: say/do as a band or not at all, the third carry-over, and estimates against their own kind."""

from dataclasses import replace
from typing import Any

import pytest

from facilitator.board.predictability import (
    Band,
    EstimationError,
    Repeat,
    SayDo,
    band,
    estimation_errors,
    repeat_carry_over,
    say_do,
)
from facilitator.board.refusal import Refused
from facilitator.board.snapshot import Task
from facilitator.board.sprint_figures import SprintFigures, TaskSet, closed_figures
from tests.unit.board_forecast.drawing import board, task


def figures(name: str = "Sprint 1", **sets: Any) -> SprintFigures:
    """An empty sprint's figures with some sets filled in."""
    (empty,) = closed_figures(board())
    return replace(empty, sprint=replace(empty.sprint, name=name), **sets)


def said(*shares: float) -> list[SayDo]:
    return [SayDo(f"Sprint {n}", 10, share, share) for n, share in enumerate(shares)]


def test_both_readings_of_say_do_are_given() -> None:
    """3 of 8 committed points done, and 2 added ones: 37.5 % of what was said, 62.5 % in all."""
    drawn = board(
        task("1", ("03-03 10:00", "done"), points=3),
        task("2", points=5),
        task("3", ("03-04 10:00", "join"), ("03-05 10:00", "done"), points=2, joined=False),
    )
    assert say_do(closed_figures(drawn)) == (SayDo("Sprint 1", 8, 37.5, 62.5),)
    assert say_do(closed_figures(drawn), points=False) == (SayDo("Sprint 1", 2, 50, 100),)


def test_a_sprint_that_committed_nothing_has_no_share() -> None:
    """No denominator, no percentage; the sprint is left out."""
    assert say_do([figures(completed=TaskSet(("1",), 3))]) == ()


def test_four_sprints_make_no_band() -> None:
    """No trend is claimed for fewer than five sprints, and the reason says how many there are."""
    assert band(said(80, 90, 100, 70)) == Refused("only 4 of the 5 closed sprints a band needs")


def test_five_sprints_make_a_band_that_leaves_the_extremes_out() -> None:
    """From the 15th to the 85th percentile, with the median and how many sprints it rests on."""
    found = band(said(100, 60, 80, 70, 90))
    assert isinstance(found, Band)
    assert [found.low, found.mid, found.high] == pytest.approx([66, 80, 94])
    assert found.sprints == 5


def test_only_the_last_ten_sprints_count() -> None:
    """What a team was two years ago is not its band."""
    assert band(said(*[0] * 20, *[100] * 10)) == Band(100, 100, 100, 10)


def test_a_third_carry_over_is_flagged_with_its_sprints() -> None:
    """Twice happens; the third time is worth a line. The most often carried comes first."""
    carried = [("7", "8", "9"), ("7", "8"), ("8",), ("8", "7")]
    history = [figures(f"S{n}", carried_over=TaskSet(gids)) for n, gids in enumerate(carried)]
    assert repeat_carry_over(history) == (
        Repeat("8", ("S0", "S1", "S2", "S3")),
        Repeat("7", ("S0", "S1", "S3")),
    )
    assert [one.times for one in repeat_carry_over(history)] == [4, 3]


def finished(gid: str, days: int, points: float | None = 3) -> Task:
    return task(gid, ("03-02 09:00", "progress"), (f"03-{2 + days:02} 09:00", "done"), points=points)


def test_a_task_is_measured_against_the_others_of_its_size() -> None:
    """Eight days where five others of 3 points took a median of two: four times as long, n = 5."""
    drawn = board(*(finished(str(n), days) for n, days in enumerate((1, 2, 2, 3, 4))), finished("9", 8))
    (error,) = estimation_errors(drawn, ["9"])
    assert error == EstimationError("9", 3, 8, 2, 4, 5)


def test_too_few_of_a_size_and_tasks_without_a_size_are_left_out() -> None:
    """Four others are an anecdote; a task without points has nothing to be wrong about."""
    drawn = board(*(finished(str(n), 2) for n in range(4)), finished("9", 8), finished("8", 8, points=None))
    assert estimation_errors(drawn, ["9", "8", "404"]) == ()


def test_half_as_long_is_as_far_off_as_twice_as_long() -> None:
    """The furthest off comes first, whichever way."""
    days = dict(zip("123456789", (4, 4, 4, 4, 4, 4, 4, 1, 8), strict=True))
    drawn = board(*(finished(gid, took) for gid, took in days.items()))
    assert [one.gid for one in estimation_errors(drawn, days)][:2] == ["8", "9"]


def test_a_task_finished_the_instant_it_was_started_is_infinitely_off_and_divides_nothing() -> None:
    """Ticked in the second it was moved: ratio 0, first in the list, no error."""
    drawn = board(*(finished(str(n), 2) for n in range(6)), finished("9", 0))
    assert estimation_errors(drawn, ["1", "9"])[0].ratio == 0
