"""What happened in a sprint, dated: scope added and removed, blockers, re-openings, new estimates, moved dates, days off.

Reads a `Board` and one `Sprint`; the retro shows the few most telling events in the order they happened. Events of one
kind on one day are one line. It names tasks by gid and never says who did it or why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter

from facilitator.board.blocking import blocked_episodes
from facilitator.board.board import Board, gid_order
from facilitator.board.burndown import unit_for
from facilitator.board.days import local_date, working_age, working_days
from facilitator.board.facts import show_date
from facilitator.board.replay import History
from facilitator.board.sprint_figures import SprintFigures
from facilitator.board.sprints import Sprint

MOST = 6
"""Lines of a retro's timeline (ceremonies reference, section 4)."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened on one local day. `kind` is one of: scope_added, scope_removed, reestimated, reopened,
    blocker_began, blocker_ended, date_moved, day_off.

    `figure` is in `unit` (points, tasks or working_days; of several blockers or dates the longest). `weight` is the
    share of the sprint it touched: of the commitment, or of its working days; it only serves to choose.
    """

    day: date
    kind: str
    label: str
    figure: float
    unit: str
    weight: float
    gids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    """One task's part of an event, before those of one day are put together."""

    kind: str
    at: datetime
    gid: str
    amount: float


@dataclass(frozen=True, slots=True)
class _Scale:
    """What amounts are shares of."""

    committed: float
    days: int
    unit: str


def timeline(
    board: Board, figures: SprintFigures, days_off: Mapping[date, str] | None = None
) -> tuple[Event, ...]:
    """Every event of the sprint up to its close, or `as_of`, in date order; `days_off` names holidays by local date.

    Shares are of what was committed, in points or tasks (see `burndown.unit_for`), or of what was added where nothing
    was committed.
    """
    scale = _scale(board, figures)
    groups: dict[tuple[date, str], list[_Change]] = defaultdict(list)
    for change in _changes(board, figures, scale.unit):
        groups[local_date(change.at, board.rules.zone), change.kind].append(change)
    found = [_event(day, kind, changes, scale) for (day, kind), changes in groups.items()]
    found += _free(board, figures, days_off or {}, scale)
    return tuple(sorted(found, key=lambda event: (event.day, event.kind, event.label)))


def most_telling(events: Sequence[Event], most: int = MOST) -> tuple[Event, ...]:
    """The events that touched the largest part of the sprint, in date order.

    The second event of a kind counts half, the third a third: five blockers must not hide the day the scope doubled.
    """
    ranks: dict[str, int] = defaultdict(int)
    weighed = []
    for event in sorted(events, key=lambda event: (-event.weight, event.day, event.kind)):
        ranks[event.kind] += 1
        weighed.append((event.weight / ranks[event.kind], event))
    weighed.sort(key=lambda pair: (-pair[0], pair[1].day, pair[1].kind))
    return tuple(sorted((event for _, event in weighed[:most]), key=lambda event: (event.day, event.kind)))


def _scale(board: Board, figures: SprintFigures) -> _Scale:
    days, unit = len(_planned(board, figures.sprint)), unit_for(figures)
    size = attrgetter(unit)
    return _Scale(size(figures.committed) or size(figures.added), days, unit)


def _planned(board: Board, sprint: Sprint) -> list[date]:
    zone = board.rules.zone
    return working_days(local_date(sprint.start, zone), sprint.last_day(zone), board.rules)


def _changes(board: Board, figures: SprintFigures, unit: str) -> Iterator[_Change]:
    start, until = figures.sprint.start, figures.until
    for gid in sorted({*figures.committed.gids, *figures.added.gids}, key=gid_order):
        history = board.histories[gid]
        yield from _scope(board, figures, history, unit)
        for at, was, now in history.completed.changes(start, until):
            if was and not now:
                yield _Change("reopened", at, gid, _size(board, history, at, unit))
        yield from _blockers(board, history, start, until)
        for at, old, new in history.due.changes(start, until):
            if old and new and (moved := _moved(board, old, new)):
                yield _Change("date_moved", at, gid, moved)
    for change in figures.reestimates:
        yield _Change("reestimated", change.at, change.gid, (change.new or 0) - (change.old or 0))


def _scope(board: Board, figures: SprintFigures, history: History, unit: str) -> Iterator[_Change]:
    gid, start, until = history.task.gid, figures.sprint.start, figures.until
    stays = board.in_sprint(figures.sprint)[gid]
    if gid in figures.added.gids:
        entered = next(entry for entry, _ in stays if entry > start)
        yield _Change("scope_added", entered, gid, _size(board, history, entered, unit))
    if gid in figures.removed.gids:
        left = max(leave for _, leave in stays if leave and leave <= until)
        yield _Change("scope_removed", left, gid, _size(board, history, left, unit))


def _size(board: Board, history: History, at: datetime, unit: str) -> float:
    return 1.0 if unit == "tasks" else board.points(history, at) or 0.0


def _blockers(board: Board, history: History, start: datetime, until: datetime) -> Iterator[_Change]:
    for began, ended in blocked_episodes(board, history):
        age = working_age(began, min(ended or until, until), board.rules)
        if start < began <= until:
            yield _Change("blocker_began", began, history.task.gid, age)
        if ended and start < ended <= until:
            yield _Change("blocker_ended", ended, history.task.gid, age)


def _moved(board: Board, old: date, new: date) -> int:
    """By how many working days a due date moved; earlier is negative."""
    was, now = (local_date(day, board.rules.zone) if isinstance(day, datetime) else day for day in (old, new))
    first, last = sorted((was, now))
    days = len(working_days(first + timedelta(days=1), last, board.rules))
    return days if was == first else -days


def _event(day: date, kind: str, changes: Sequence[_Change], scale: _Scale) -> Event:
    gids = tuple(dict.fromkeys(change.gid for change in changes))
    amounts = [change.amount for change in changes]
    if kind in ("blocker_began", "blocker_ended", "date_moved"):
        figure, unit, whole = max(amounts, key=abs), "working_days", float(scale.days)
        weight = abs(figure)
    elif kind == "reestimated":
        figure, unit, whole = sum(amounts), "points", scale.committed
        weight = sum(abs(amount) for amount in amounts) if scale.unit == "points" else float(len(gids))
    else:
        figure, unit, whole = sum(amounts), scale.unit, scale.committed
        weight = figure
    label = _label(kind, len(gids), figure, unit)
    return Event(day, kind, label, figure, unit, weight / whole if whole else 0.0, gids)


def _label(kind: str, tasks: int, figure: float, unit: str) -> str:
    """The event in words, without names."""
    count = _count(tasks, "task")
    points = f" ({_count(figure, 'point')})" if unit == "points" else ""
    days = (
        ("up to " if tasks > 1 else "") + _count(abs(figure), "working day")
        if figure
        else "less than a working day"
    )
    match kind:
        case "scope_added":
            return f"{count} added to the sprint{points}"
        case "scope_removed":
            return f"{count} taken out of the sprint{points}"
        case "reestimated":
            return f"{count} re-estimated ({figure:+g} {'point' if abs(figure) == 1 else 'points'})"
        case "reopened":
            return f"{count} re-opened after completion{points}"
        case "blocker_began":
            return f"{count} became blocked, for {days}"
        case "blocker_ended":
            return f"{count} unblocked after {days}"
        case _:
            return f"due date of {count} moved {'earlier' if figure < 0 else 'later'} by {days}"


def _count(figure: float, noun: str) -> str:
    return f"{figure:g} {noun}" if figure == 1 else f"{figure:g} {noun}s"


def _free(
    board: Board, figures: SprintFigures, days_off: Mapping[date, str], scale: _Scale
) -> Iterator[Event]:
    zone = board.rules.zone
    first, last = local_date(figures.sprint.start, zone), local_date(figures.until, zone)
    for day, name in days_off.items():
        if first <= day <= min(last, figures.sprint.last_day(zone)):
            label = f"day off: {name or show_date(day)}"
            yield Event(day, "day_off", label, 1, "working_days", 1 / max(scale.days, 1))
