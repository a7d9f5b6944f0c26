"""From a board to samples: which days and sprints a forecast may draw from."""

from facilitator.board.forecast import PastSprint, past_sprints, recent_throughput
from facilitator.board.sprint_figures import closed_figures
from tests.unit.board_forecast.drawing import board, task


def test_a_board_younger_than_ninety_days_has_no_zeros_from_before_it() -> None:
    """Samples begin with the first task (Thursday 26 February) and end before today, which is not over."""
    drawn = board(
        task("1", ("03-03 10:00", "done"), created="02-26 09:00"),
        task("2", ("03-03 11:00", "done"), created="02-27 09:00"),
        task("3", ("03-06 08:00", "done"), created="02-27 09:00"),
        as_of="03-06 09:00",
    )
    assert recent_throughput(drawn) == [0, 0, 0, 2, 0, 0]


def test_an_empty_board_has_no_samples() -> None:
    """Nothing was read: nothing to draw from."""
    assert recent_throughput(board()) == []


def test_closed_sprints_become_history_in_points_or_tasks() -> None:
    """Committed and completed of the same sprint, in the unit asked for."""
    drawn = board(task("1", ("03-03 10:00", "done"), points=3), task("2", points=5))
    figures = closed_figures(drawn)
    assert past_sprints(figures) == [PastSprint(8, 3)]
    assert past_sprints(figures, points=False) == [PastSprint(2, 1)]
