"""Who waits for whom: the graph of open tasks, how a delay runs through it, cycles, and what leads off the board.

Reads a `Board`; feeds the weekly's risks and the health rules. A delay is in working days and always the longest path:
two blockers of one task do not add up. Durations nobody wrote down are not guessed: only a task's own start date gives
it slack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from graphlib import CycleError, TopologicalSorter

from facilitator.board.board import Board, gid_order
from facilitator.board.days import local_date, working_days
from facilitator.board.replay import History

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """An open task waits for a task that was not read: in another project, deleted, or hidden from us."""

    gid: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Open tasks and the open tasks each waits for. Tasks without any dependency are not in it.

    `order` lists the tasks so that each comes after everything it waits for. `cycles` are rings of tasks that wait for
    each other, each told once from its oldest task on; the link that closes a ring is left out of `waits`.
    """

    waits: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """A task that would be late by this many working days, and the path the delay takes, from its origin to the task."""

    gid: str
    working_days: int
    path: tuple[str, ...]


def dependencies(board: Board) -> Dependencies:
    """The graph of the board's open tasks at `as_of`; the same whatever order the tasks were read in."""
    open_tasks = {found.task.gid: found for found in board.open_tasks()}
    read = {task.gid for task in board.snapshot.tasks}
    waits: dict[str, list[str]] = {}
    gaps = []
    for gid in sorted(open_tasks, key=gid_order):
        for other in sorted(_waits_for(board, open_tasks[gid]), key=gid_order):
            if other in open_tasks:
                waits.setdefault(gid, []).append(other)
                waits.setdefault(other, [])
            elif other not in read:
                gaps.append(Gap(gid, other))
    cycles = _break_cycles(waits)
    return Dependencies(
        waits={gid: tuple(waits[gid]) for gid in sorted(waits, key=gid_order)},
        order=tuple(TopologicalSorter(waits).static_order()),
        cycles=cycles,
        gaps=tuple(gaps),
    )


def slips(board: Board, found: Dependencies, late: Mapping[str, int]) -> tuple[Slip, ...]:
    """If these tasks were late by so many working days: every task that then is, the latest first.

    A delay is passed on in full, less the working days between the blocker's due date and the waiting task's own start
    date where both have one.
    """
    worst: dict[str, Slip] = {
        gid: Slip(gid, days, (gid,)) for gid, days in late.items() if days > 0 and gid not in found.waits
    }
    for gid in found.order:
        own = [Slip(gid, late[gid], (gid,))] if late.get(gid, 0) > 0 else []
        passed = [
            Slip(gid, worst[other].working_days - _slack(board, other, gid), (*worst[other].path, gid))
            for other in found.waits[gid]
            if other in worst
        ]
        latest = max((*own, *passed), key=lambda slip: slip.working_days, default=None)
        if latest and latest.working_days > 0:
            worst[gid] = latest
    return tuple(
        sorted(worst.values(), key=lambda slip: (-slip.working_days, len(slip.path), gid_order(slip.gid)))
    )


def overdue_days(board: Board) -> dict[str, int]:
    """Open tasks past their due date and by how many working days: the delays there are already, for `slips`."""
    today = local_date(board.as_of, board.rules.zone)
    found: dict[str, int] = {}
    for history in board.open_tasks():
        due = _due(board, history)
        if due and (days := len(working_days(due + _DAY, today, board.rules))):
            found[history.task.gid] = days
    return found


def overtaken(board: Board, found: Dependencies) -> dict[str, date]:
    """Open tasks that are due before something they wait for is, each with the first working day that would do.

    A moved date is passed on along the longest path; a task without a date of its own passes on what it waits for. Once the
    dates were moved, nothing is left to find.
    """
    ends: dict[str, date] = {}
    moved: dict[str, date] = {}
    for gid in found.order:
        own = _due(board, board.histories[gid])
        needed = max((ends[other] for other in found.waits[gid] if other in ends), default=None)
        if own and needed and own < needed:
            own = moved[gid] = _worked_on(needed, board)
        if end := own or needed:
            ends[gid] = end
    return moved


def critical_path(found: Dependencies, leading_to: Iterable[str]) -> tuple[str, ...]:
    """The tasks on the longest chains that end in one of these tasks, counted in open tasks; empty without a chain.

    Where several chains are equally long, the tasks of all of them are on it.
    """
    after: dict[str, int] = {gid: 1 for gid in leading_to if gid in found.waits}
    for gid in reversed(found.order):
        for other in found.waits[gid] if gid in after else ():
            after[other] = max(after.get(other, 0), after[gid] + 1)
    before: dict[str, int] = {}
    for gid in found.order:
        before[gid] = 1 + max((before[other] for other in found.waits[gid]), default=0)
    through = {gid: before[gid] + after[gid] - 1 for gid in after}
    longest = max(through.values(), default=0)
    return tuple(sorted((gid for gid in through if through[gid] == longest > 1), key=gid_order))


def _waits_for(board: Board, history: History) -> list[str]:
    return [gid for gid, waits in history.dependencies.items() if waits.at(board.as_of)]


def _break_cycles(waits: dict[str, list[str]]) -> tuple[tuple[str, ...], ...]:
    """Report each ring and take out the link that closes it, until none is left."""
    cycles = []
    while True:
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as error:
            ring = list(error.args[1])[:-1]
            start = ring.index(min(ring, key=gid_order))
            ring = ring[start:] + ring[:start]
            cycles.append(tuple(ring))
            waits[ring[0]].remove(ring[-1])
        else:
            return tuple(sorted(cycles, key=lambda ring: (gid_order(ring[0]), len(ring), ring)))


def _slack(board: Board, blocker: str, waiting: str) -> int:
    """Working days between the blocker's due date and the waiting task's start date."""
    due, starts = _due(board, board.histories[blocker]), board.histories[waiting].task.start_on
    return len(working_days(due + _DAY, starts - _DAY, board.rules)) if due and starts else 0


def _worked_on(day: date, board: Board) -> date:
    """The day itself, or the next one on which the team works; a year without one is no calendar of a team's."""
    return next((d for n in range(366) if board.rules.working_day(d := day + n * _DAY)), day)


def _due(board: Board, history: History) -> date | None:
    due = history.due.at(board.as_of)
    return local_date(due, board.rules.zone) if isinstance(due, datetime) else due
