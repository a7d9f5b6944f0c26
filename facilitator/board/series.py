"""What a chart shows, taken from the board by the same definitions as the figures beside it.

Feeds `charts`: a picture and its caption must never disagree, so both read these. It draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from facilitator.board.board import Board, gid_order
from facilitator.board.days import calendar_age, local_date
from facilitator.board.flow import HISTORY, started_at
from facilitator.board.sprint_figures import SprintFigures


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished task: its local date and its cycle time in calendar days, both ends counted, as in `flow.pace`."""

    gid: str
    day: date
    cycle_days: int


@dataclass(frozen=True, slots=True)
class Velocity:
    """A closed sprint's committed and completed, in one unit."""

    sprint: str
    committed: float
    completed: float


def finished_tasks(board: Board, over: timedelta = HISTORY) -> tuple[Finished, ...]:
    """The tasks `flow.pace` measures, those finished in the last twelve weeks, oldest first."""
    since, zone = board.as_of - over, board.rules.zone
    found = []
    for gid, history in board.histories.items():
        done, start = history.completed_at(board.as_of), started_at(board, history)
        if done and start and since < done and start <= done:
            found.append(Finished(gid, local_date(done, zone), calendar_age(start, done, zone)))
    return tuple(sorted(found, key=lambda one: (one.day, one.cycle_days, gid_order(one.gid))))


def velocities(figures: Iterable[SprintFigures], *, unit: str = "points") -> tuple[Velocity, ...]:
    """Each sprint's committed and completed, in points or tasks, in the order given."""
    return tuple(
        Velocity(one.sprint.name, one.committed.points, one.completed.points)
        if unit == "points"
        else Velocity(one.sprint.name, one.committed.tasks, one.completed.tasks)
        for one in figures
    )
