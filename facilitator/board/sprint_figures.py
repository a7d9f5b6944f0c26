"""What happened in one sprint: committed, added, removed, completed, carried over, cycle and lead time.

Definitions are those of the packs' truth files (data README, section 2), so that every figure can be checked against
trackers' own records. With start T0 and close T1 (or `as_of`): committed + added = completed + carried over + removed +
other. It judges nothing: no percentages, no verdicts, nobody's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from facilitator.board.board import STARTED, Board, Span, gid_order, inside
from facilitator.board.replay import History
from facilitator.board.sprints import Sprint, field_named

NOT_DELIVERED = frozenset(
    name.casefold()
    for name in (
        "Won't Fix", "Won't Do", "Duplicate", "Invalid", "Cannot Reproduce", "Not Our Bug",
        "Incomplete", "Needs more info", "Hold", "Not a Bug",
    )
)  # fmt: skip
"""Resolutions that close a task without anything to show (data README, section 2)."""


@dataclass(frozen=True, slots=True)
class TaskSet:
    """Some tasks with their estimates: a task without one counts 0 points and once in `unestimated`."""

    gids: tuple[str, ...] = ()
    points: float = 0
    unestimated: int = 0

    @property
    def tasks(self) -> int:
        """How many tasks."""
        return len(self.gids)


@dataclass(frozen=True, slots=True)
class Spread:
    """n durations and their percentiles by linear interpolation between closest ranks; None when n is 0."""

    n: int
    p50: float | None
    p85: float | None


@dataclass(frozen=True, slots=True)
class Reestimate:
    """An estimate changed while the task was in the sprint's scope; None = no estimate."""

    gid: str
    at: datetime
    old: float | None
    new: float | None


@dataclass(frozen=True, slots=True)
class SprintFigures:
    """One sprint's account, from its start to its close, or to `as_of` while it runs.

    `decomposed` are those of `added` that are subtasks of a task in scope: work made visible, not creep; `crept` are
    the rest. `carried_over` of a running sprint means still open. `completed_not_delivered` is None where the
    board has no Resolution field. Durations are in days.
    """

    sprint: Sprint
    until: datetime
    committed: TaskSet
    added: TaskSet
    removed: TaskSet
    completed: TaskSet
    carried_over: TaskSet
    other: TaskSet
    completed_not_delivered: int | None
    cycle_days: Spread
    lead_days: Spread
    reestimates: tuple[Reestimate, ...]
    decomposed: TaskSet
    crept: TaskSet
    initial_completed: TaskSet
    """Those of `completed` that were committed: the say/do reading that leaves additions out."""


def sprint_figures(board: Board, sprint: Sprint) -> SprintFigures:
    """The account of one sprint as seen at the board's `as_of`."""
    start, until = sprint.start, sprint.until(board.as_of)
    stays = board.in_sprint(sprint)
    committed = {gid: start for gid in stays if _is_committed(board.histories[gid], stays[gid], start)}
    entered = {gid: _entry(board.histories[gid], stays[gid], start, until) for gid in stays}
    added = {gid: at for gid, at in entered.items() if at is not None and gid not in committed}
    ends = {
        gid: _end(board.histories[gid], stays[gid], start, until)
        for gid in sorted(committed | added, key=gid_order)
    }

    def ended(how: str) -> TaskSet:
        return task_set(board, {gid: at for gid, (end, at) in ends.items() if end == how})

    completed = {gid: at for gid, (end, at) in ends.items() if end == "completed"}
    decomposed = {gid: at for gid, at in added.items() if board.histories[gid].task.parent in ends}
    return SprintFigures(
        sprint=sprint,
        until=until,
        committed=task_set(board, committed),
        added=task_set(board, added),
        removed=ended("removed"),
        completed=task_set(board, completed),
        carried_over=ended("carried_over"),
        other=ended("other"),
        completed_not_delivered=_not_delivered(board, completed),
        cycle_days=spread(_cycle_days(board, completed)),
        lead_days=spread(days(at - board.histories[gid].task.created_at) for gid, at in completed.items()),
        reestimates=_reestimates(board, committed | added, until),
        decomposed=task_set(board, decomposed),
        crept=task_set(board, {gid: at for gid, at in added.items() if gid not in decomposed}),
        initial_completed=task_set(board, {gid: at for gid, at in completed.items() if gid in committed}),
    )


def closed_figures(board: Board) -> tuple[SprintFigures, ...]:
    """The account of every sprint closed by `as_of`, oldest first."""
    return tuple(sprint_figures(board, sprint) for sprint in board.sprints if sprint.closed_by(board.as_of))


def carry_over_counts(figures: Iterable[SprintFigures]) -> Counter[str]:
    """How many of these closed sprints each task was carried out of unfinished."""
    return Counter(gid for one in figures for gid in one.carried_over.gids)


def task_set(board: Board, instants: dict[str, datetime]) -> TaskSet:
    """These tasks with their points at the given instants."""
    gids = tuple(sorted(instants, key=gid_order))
    points = [board.points(board.histories[gid], instants[gid]) for gid in gids]
    return TaskSet(gids, sum(value for value in points if value is not None), points.count(None))


def days(duration: timedelta) -> float:
    """A timedelta in days."""
    return duration.total_seconds() / 86_400


def spread(values: Iterable[float]) -> Spread:
    """n, median and 85th percentile of some durations."""
    ordered = sorted(values)
    return Spread(len(ordered), percentile(ordered, 0.5), percentile(ordered, 0.85))


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which `share` of the sorted values lie, interpolated linearly between closest ranks."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def first_start(board: Board, history: History, until: datetime) -> datetime | None:
    """When the task was first moved into an in-progress or in-review section (or option of the status field), at or before `until`."""
    columns = board.columns(history)
    if not columns.instants:
        return None
    for instant, _old, new in columns.changes(columns.instants[0], until):
        if board.column_state(new) in STARTED:
            return instant
    return None


def _is_committed(history: History, stays: tuple[Span, ...], start: datetime) -> bool:
    return inside(stays, start) and not history.is_complete(start)


def _entry(history: History, stays: tuple[Span, ...], start: datetime, until: datetime) -> datetime | None:
    """When the task was added: its first entry in (start, until] with work left, or finished since the start."""
    if inside(stays, start):
        return None
    for entered, _left in stays:
        if start < entered <= until:
            done = history.completed_at(entered)
            if done is None or done > start:
                return entered
    return None


def _end(history: History, stays: tuple[Span, ...], start: datetime, until: datetime) -> tuple[str, datetime]:
    """How the task's part in the sprint ended, and the instant its points are read at."""
    done = history.completed_at(until)
    if done and start < done and inside(stays, done):
        return "completed", done
    if inside(stays, until):
        return ("other" if done else "carried_over"), until
    return "removed", max(left for _entered, left in stays if left is not None and left <= until)


def _not_delivered(board: Board, completed: dict[str, datetime]) -> int | None:
    if field_named(board.snapshot, "Resolution") is None:
        return None
    names = (
        board.option_name(board.histories[gid], "Resolution", board.as_of).casefold() for gid in completed
    )
    return sum(name in NOT_DELIVERED for name in names)


def _cycle_days(board: Board, completed: dict[str, datetime]) -> list[float]:
    starts = {gid: first_start(board, board.histories[gid], board.as_of) for gid in completed}
    return [days(completed[gid] - start) for gid, start in starts.items() if start is not None]


def _reestimates(board: Board, since: dict[str, datetime], until: datetime) -> tuple[Reestimate, ...]:
    """Changes of the estimate after a task came into scope, in the order they happened."""
    found = board.points_field
    course: Callable[[str], History] = board.histories.__getitem__
    changes = [
        Reestimate(gid, at, old, new)
        for gid, entered in since.items()
        if found and found.gid in course(gid).fields
        for at, old, new in course(gid).fields[found.gid].changes(entered, until)
        if old != new
    ]
    return tuple(sorted(changes, key=lambda change: (change.at, gid_order(change.gid))))
