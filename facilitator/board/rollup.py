"""Several teams' boards side by side: how each stands, who waits for whom between them, and which milestones are in danger.

Pure, over `Board`s that were read for one document. A team is never compared with another: each stands against its own plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from facilitator.board.blocking import blocked_state
from facilitator.board.board import Board, gid_order
from facilitator.board.days import local_date, working_age
from facilitator.board.facts import Facts
from facilitator.board.forecast import Forecast
from facilitator.board.outlook import Outlook, outlook
from facilitator.board.portfolio import Health, actions_in, health, signals_of
from facilitator.board.replay import History
from facilitator.board.retro import ended_sprints
from facilitator.board.sprint_figures import sprint_figures

NEAR = timedelta(days=14)
"""A milestone that waits for something is in danger once its date is so near."""

LONG_BLOCKED = 3
"""Working days; a shorter wait is the team's own business (see `pulse.LONG_BLOCKED`)."""


@dataclass(frozen=True, slots=True)
class TeamStanding:
    """One team's board, how it stands against its plan, and its health as the portfolio computes it."""

    board: Board
    outlook: Outlook
    health: Health


@dataclass(frozen=True, slots=True)
class Wait:
    """An open task of one team waits for an open task of another; `working_days` of the waiting team since it does."""

    gid: str
    team: str
    waits_for: str
    other: str
    working_days: int


@dataclass(frozen=True, slots=True)
class Endangered:
    """An open milestone and why its date is in danger, in words; `overdue_days` are calendar days."""

    gid: str
    team: str
    due: date
    reasons: tuple[str, ...]
    overdue_days: int = 0


def standing_of(board: Board, told: Iterable[Facts] = ()) -> TeamStanding:
    """How one team stands; `told` are facts of its own ceremonies, which know what became of its actions."""
    closed = [sprint_figures(board, sprint) for sprint in ended_sprints(board)]
    return TeamStanding(board, outlook(board), health(signals_of(board, closed, actions_in(told))))


def waits_between(boards: Mapping[str, Board]) -> tuple[Wait, ...]:
    """Each open task that waits for an open task of another team, the longest wait first.

    A task that stands on the waiting team's own board too is no other team's.
    """
    homes: dict[str, tuple[str, Board]] = {}
    for team, board in boards.items():
        for gid in board.histories:
            homes.setdefault(gid, (team, board))
    found: dict[tuple[str, str], Wait] = {}
    for team, board in boards.items():
        for history in board.open_tasks():
            for wait in _waits_of(team, board, history, homes):
                found.setdefault((wait.gid, wait.waits_for), wait)
    return tuple(
        sorted(
            found.values(),
            key=lambda wait: (-wait.working_days, gid_order(wait.gid), gid_order(wait.waits_for)),
        )
    )


def _waits_of(
    team: str, board: Board, history: History, homes: Mapping[str, tuple[str, Board]]
) -> Iterator[Wait]:
    read = {task.gid for task in board.snapshot.tasks} if history.dependencies else set()
    for gid, waits in history.dependencies.items():
        if gid in read or gid not in homes or not waits.at(board.as_of):
            continue
        other, their = homes[gid]
        blocker = their.histories[gid]
        if blocker.exists(their.as_of) and their.state(blocker, their.as_of) != "done":
            since = max(instant for instant in waits.instants if instant <= board.as_of)
            days = working_age(since, board.as_of, board.rules)
            yield Wait(history.task.gid, team, gid, other, days)


def open_milestones(board: Board) -> tuple[str, ...]:
    """Milestones with a date that are not reached, the nearest date first."""
    dated = [
        (due, history.task.gid)
        for history in board.open_tasks()
        if history.task.subtype == "milestone" and (due := _due(board, history))
    ]
    return tuple(gid for _due_on, gid in sorted(dated, key=lambda pair: (pair[0], gid_order(pair[1]))))


def endangered(team: str, board: Board, found: Outlook, waiting: Mapping[str, int]) -> Iterator[Endangered]:
    """Milestones past their date, blocked or `waiting` (for other teams) close to it, or due before the careful forecast."""
    today = local_date(board.as_of, board.rules.zone)
    late = found.forecast.p85 if isinstance(found.forecast, Forecast) else None
    for gid in open_milestones(board):
        history = board.histories[gid]
        due = _due(board, history)
        if due is None:
            continue
        near = due - today <= NEAR
        stuck = gid in waiting or blocked_state(board, history) is not None
        reasons = [
            *(["its date has passed"] if due < today else []),
            *(["it waits with its date near"] if near and stuck else []),
            *(["the careful forecast is later"] if late and today <= due < late else []),
        ]
        if reasons:
            yield Endangered(gid, team, due, tuple(reasons), max(0, (today - due).days))


def _due(board: Board, history: History) -> date | None:
    due = history.due.at(board.as_of)
    return local_date(due, board.rules.zone) if isinstance(due, datetime) else due
