"""How far plans can be trusted: say/do as a band, work carried over again and again, estimates against what happened.

Reads closed sprints' figures; feeds the retro. A band needs five sprints and is never a target: the ceremonies reference
(section 5) calls 80 to 110 % healthy and warns that aiming at it invites sandbagging. Teams only, never a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from facilitator.board.board import Board, gid_order
from facilitator.board.refusal import Refused
from facilitator.board.sprint_figures import (
    SprintFigures,
    TaskSet,
    carry_over_counts,
    days,
    first_start,
    percentile,
)

ENOUGH_SPRINTS = 5
LAST_SPRINTS = 10
THIRD_TIME = 3
ENOUGH_OF_A_SIZE = 5
"""So many other tasks of a size must be finished before one is called long or short for it."""


@dataclass(frozen=True, slots=True)
class SayDo:
    """One sprint's two readings, in percent of what was committed at its start.

    `initial` counts only what was committed; `total` also what was added and done, and may exceed 100.
    """

    sprint: str
    committed: float
    initial: float
    total: float


@dataclass(frozen=True, slots=True)
class Band:
    """Say/do of the last sprints in percent: the 15th to 85th percentile of `initial`, and its median."""

    low: float
    mid: float
    high: float
    sprints: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """A task that was carried out of at least three sprints unfinished, and their names, oldest first."""

    gid: str
    sprints: tuple[str, ...]

    @property
    def times(self) -> int:
        """How often it was carried over."""
        return len(self.sprints)


@dataclass(frozen=True, slots=True)
class EstimationError:
    """A finished task's cycle time in days against the median of the `n` others with the same points.

    `ratio` 2 = took twice as long as tasks of its size do.
    """

    gid: str
    points: float
    cycle_days: float
    median_days: float
    ratio: float
    n: int


def say_do(figures: Iterable[SprintFigures], *, points: bool = True) -> tuple[SayDo, ...]:
    """Say/do of each sprint that committed anything, in the order given."""

    def size(tasks: TaskSet) -> float:
        return tasks.points if points else tasks.tasks

    return tuple(
        SayDo(
            one.sprint.name,
            size(one.committed),
            100 * size(one.initial_completed) / size(one.committed),
            100 * size(one.completed) / size(one.committed),
        )
        for one in figures
        if size(one.committed)
    )


def band(said: Sequence[SayDo]) -> Band | Refused:
    """The band of the last ten of these sprints; refused for fewer than five."""
    if len(said) < ENOUGH_SPRINTS:
        return Refused(f"only {len(said)} of the {ENOUGH_SPRINTS} closed sprints a band needs")
    shares = sorted(one.initial for one in said[-LAST_SPRINTS:])
    low, mid, high = (percentile(shares, share) or 0.0 for share in (0.15, 0.5, 0.85))
    return Band(low, mid, high, len(shares))


def repeat_carry_over(figures: Sequence[SprintFigures], times: int = THIRD_TIME) -> tuple[Repeat, ...]:
    """Tasks carried out of at least three of these closed sprints, most often first."""
    counts = carry_over_counts(figures)
    found = [
        Repeat(gid, tuple(one.sprint.name for one in figures if gid in one.carried_over.gids))
        for gid, count in counts.items()
        if count >= times
    ]
    return tuple(sorted(found, key=lambda one: (-one.times, gid_order(one.gid))))


def estimation_errors(board: Board, gids: Iterable[str]) -> tuple[EstimationError, ...]:
    """How long these finished tasks took against others of their size, furthest off (either way) first.

    Every task finished on the board by `as_of` counts for the median. A size with fewer than five other finished tasks
    is left out, as are tasks nobody was seen to start.
    """
    cycles = dict(_cycles(board))
    found = []
    for gid in gids:
        points, took = cycles.get(gid, (None, 0.0))
        others = [other for key, (size, other) in cycles.items() if size == points and key != gid]
        usual = median(others) if len(others) >= ENOUGH_OF_A_SIZE else 0.0
        if points is not None and usual > 0:
            found.append(EstimationError(gid, points, took, usual, took / usual, len(others)))
    return tuple(sorted(found, key=lambda one: (-_off(one.ratio), gid_order(one.gid))))


def _cycles(board: Board) -> Iterator[tuple[str, tuple[float | None, float]]]:
    """Points and cycle days of every finished task that was started, its points read at completion."""
    for gid, history in board.histories.items():
        done, start = history.completed_at(board.as_of), first_start(board, history, board.as_of)
        if done and start and start <= done:
            yield gid, (board.points(history, done), days(done - start))


def _off(ratio: float) -> float:
    """How far from 1 a ratio is, twice as long and half as long alike."""
    return max(ratio, 1 / ratio) if ratio > 0 else float("inf")
