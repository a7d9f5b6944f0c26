"""Series for charts: the same tasks and definitions as the figures they illustrate."""

import pytest

from facilitator.board.board import Board
from facilitator.board.flow import pace
from facilitator.board.series import Finished, Velocity, finished_tasks, velocities
from facilitator.board.sprint_figures import closed_figures, spread
from tests.packs import load_pack, packs
from tests.unit.board_forecast.drawing import RULES, board, task


def test_a_finished_task_is_dated_by_its_completion_and_counts_both_ends() -> None:
    """Started Tuesday, done Thursday: three days, dated Thursday; never started or still open is not there."""
    drawn = board(
        task("1", ("03-03 10:00", "progress"), ("03-05 09:00", "done")),
        task("2", ("03-05 09:00", "done")),
        task("3", ("03-05 09:00", "progress")),
    )
    (found,) = finished_tasks(drawn)
    assert (found.gid, found.day.day, found.cycle_days) == ("1", 5, 3)


@pytest.mark.parametrize("pack", packs(), ids=lambda path: path.stem)
def test_the_dots_are_the_tasks_the_percentiles_are_made_of(pack: str) -> None:
    """On real boards the scatter's own p50 and p85 are those of `flow.pace`, and so is n."""
    found = Board.of(load_pack(pack), RULES)
    dots, line = finished_tasks(found), pace(found)
    assert len(dots) == line.n
    if line.p85 is not None:
        own = spread(float(one.cycle_days) for one in dots)
        assert (own.p50, own.p85) == (line.p50, line.p85)


def test_dots_come_oldest_first_whatever_the_order_of_tasks() -> None:
    """A chart's bytes must not hang on the order tasks were read in."""
    one = task("1", ("03-03 10:00", "progress"), ("03-05 09:00", "done"))
    two = task("2", ("03-03 10:00", "progress"), ("03-04 09:00", "done"))
    found = finished_tasks(board(one, two))
    assert found == finished_tasks(board(two, one))
    assert [dot.gid for dot in found] == ["2", "1"]
    assert isinstance(found[0], Finished)


def test_velocity_is_told_in_points_or_tasks() -> None:
    """The sprint's own figures under its own name."""
    figures = closed_figures(board(task("1", ("03-03 10:00", "done"), points=3), task("2", points=5)))
    assert velocities(figures) == (Velocity("Sprint 1", 8, 3),)
    assert velocities(figures, unit="tasks") == (Velocity("Sprint 1", 2, 1),)
