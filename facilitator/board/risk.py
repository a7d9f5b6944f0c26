"""Open tasks whose owner may want to act soon: due or overdue, or blocked for long. By rule, from dates and history alone.

Nothing here says that anyone is late: a date is near, a date has passed, a task waits. Tasks nobody is assigned to are
left out, for there is nobody to be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from facilitator.board.blocking import blocked_state
from facilitator.board.board import Board
from facilitator.board.days import local_date, working_days
from facilitator.board.replay import History
from facilitator.board.snapshot import UserGid


@dataclass(frozen=True, slots=True)
class Limits:
    """`due_within` counts working days after today (0: due today); `blocked_days` working days blocked."""

    due_within: int = 1
    blocked_days: int = 3


@dataclass(frozen=True, slots=True)
class AtRisk:
    """One task of one person. `due` is set where its date is near or past, `blocked_days` where it has waited long."""

    gid: str
    name: str
    url: str
    owner: UserGid
    due: date | None
    overdue: bool
    blocked_days: int


def at_risk(board: Board, limits: Limits) -> tuple[AtRisk, ...]:
    """Every open task at risk at the board's instant: past dates first, then near ones, then what waits."""
    found = [one for history in board.open_tasks() if (one := _risk(board, history, limits))]
    return tuple(
        sorted(found, key=lambda one: (one.due or date.max, -one.blocked_days, len(one.gid), one.gid))
    )


def by_owner(tasks: Iterator[AtRisk] | tuple[AtRisk, ...]) -> dict[UserGid, list[AtRisk]]:
    """The same, by the person they belong to."""
    owners: dict[UserGid, list[AtRisk]] = {}
    for task in tasks:
        owners.setdefault(task.owner, []).append(task)
    return owners


def _risk(board: Board, history: History, limits: Limits) -> AtRisk | None:
    task = history.task
    if task.assignee is None:
        return None
    today = local_date(board.as_of, board.rules.zone)
    due = _day(task.due_at or task.due_on, board)
    near = due is not None and (
        due <= today or len(working_days(today, due, board.rules)) - 1 <= limits.due_within
    )
    blocked = blocked_state(board, history)
    waits = blocked.working_days if blocked and blocked.working_days >= limits.blocked_days else 0
    if not near and not waits:
        return None
    return AtRisk(
        gid=task.gid,
        name=task.name,
        url=task.url,
        owner=task.assignee,
        due=due if near else None,
        overdue=bool(near and due and due < today),
        blocked_days=waits,
    )


def _day(due: date | datetime | None, board: Board) -> date | None:
    return local_date(due, board.rules.zone) if isinstance(due, datetime) else due
