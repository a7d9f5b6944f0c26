"""What a team's board says, in the figures a page shows: sprint, pace, forecast, what waits, and the team's health.

Made once of each reading and kept beside it. Nothing is computed here but sums for a picture; everything else is asked of the
other modules of this room.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from facilitator.board.blocking import blocked_episodes, blocked_now
from facilitator.board.board import Board
from facilitator.board.burndown import anomalies, burndown, unit_for
from facilitator.board.days import local_date, working_days
from facilitator.board.flow import age_days, ageing, hygiene, overdue, pace, stale, wip
from facilitator.board.forecast import next_sprint, past_sprints
from facilitator.board.portfolio import Health, health, signals_of
from facilitator.board.refusal import Refused
from facilitator.board.retro import ended_sprints
from facilitator.board.sprint_figures import sprint_figures

OVER = timedelta(weeks=6)
"""How far back the line of blocked tasks goes."""

MOST = 8
"""Tasks named in each list of a team's page; their number is told in full."""


@dataclass(frozen=True, slots=True)
class SprintNow:
    """The running sprint: what was committed, what is left, how the scope moved; days are working days."""

    name: str
    day: int
    days: int
    unit: str
    committed: float
    scope: float
    left: float
    ideal: float
    unusual: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aged:
    """A task with a number of days and a word on it."""

    gid: str
    name: str
    url: str
    days: int
    note: str


@dataclass(frozen=True, slots=True)
class BlockedDay:
    """How many tasks were blocked at the end of a working day."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class BoardFigures:
    """A board as it was read at `as_of` for the run."""

    run: str
    as_of: datetime
    sprint: SprintNow | None
    sprints: int
    unit: str
    last_completed: float | None
    forecast: tuple[float, float, float] | None
    no_forecast: str
    cycle_p50: float | None
    cycle_p85: float | None
    finished: int
    started: int
    wip_limit: int | None
    overdue: int
    stale: int
    hygiene: float | None
    ageing_count: int
    ageing: tuple[Aged, ...]
    blocked_count: int
    blocked: tuple[Aged, ...]
    blocked_days: tuple[BlockedDay, ...]
    health: Health


def board_figures(board: Board, *, run: str, actions: tuple[float, float] | None) -> BoardFigures:
    """Everything a page shows of this board; `actions` are the open ones and all of earlier retros, where that is known."""
    closed = [sprint_figures(board, sprint) for sprint in ended_sprints(board)]
    unit = unit_for(closed[-1]) if closed else "tasks"
    band = next_sprint(past_sprints(closed, points=unit == "points"))
    speed = pace(board)
    late, waiting = ageing(board, speed.p85), blocked_now(board)
    last = closed[-1].completed if closed else None
    return BoardFigures(
        run=run,
        as_of=board.as_of,
        sprint=_sprint(board),
        sprints=len(closed),
        unit=unit,
        last_completed=None if last is None else last.points if unit == "points" else float(last.tasks),
        forecast=None if isinstance(band, Refused) else (band.p10, band.p50, band.p90),
        no_forecast=band.reason if isinstance(band, Refused) else "",
        cycle_p50=speed.p50,
        cycle_p85=speed.p85,
        finished=speed.n,
        started=len(wip(board)),
        wip_limit=board.rules.wip_limit,
        overdue=len(overdue(board)),
        stale=len(stale(board)),
        hygiene=hygiene(board, [found.task.gid for found in board.open_tasks()]).score,
        ageing_count=len(late),
        ageing=tuple(
            _aged(board, gid, age_days(board, board.histories[gid]) or 0, "in progress")
            for gid in late[:MOST]
        ),
        blocked_count=len(waiting),
        blocked=tuple(_aged(board, one.gid, one.working_days, one.causes[0].kind) for one in waiting[:MOST]),
        blocked_days=tuple(_blocked_days(board)),
        health=health(signals_of(board, closed, actions)),
    )


def _sprint(board: Board) -> SprintNow | None:
    sprint = board.current_sprint()
    if sprint is None:
        return None
    unit = unit_for(sprint_figures(board, sprint))
    data = burndown(board, sprint, unit=unit)
    if not data.days:
        return None
    now, today = data.days[-1], local_date(board.as_of, board.rules.zone)
    return SprintNow(
        name=sprint.name,
        day=sum(day <= today for day in data.planned),
        days=len(data.planned),
        unit=unit,
        committed=data.committed,
        scope=now.scope,
        left=now.remaining,
        ideal=now.ideal,
        unusual=tuple(one.text for one in anomalies(data)),
    )


def _aged(board: Board, gid: str, days: int, note: str) -> Aged:
    task = board.histories[gid].task
    return Aged(gid, task.name[:120], task.url, days, note)


def _blocked_days(board: Board) -> Iterable[BlockedDay]:
    zone = board.rules.zone
    today = local_date(board.as_of, zone)
    episodes = [span for history in board.histories.values() for span in blocked_episodes(board, history)]
    for day in working_days(today - OVER, today, board.rules):
        end = min(datetime.combine(day, time.max, zone).astimezone(UTC), board.as_of)
        yield BlockedDay(day, sum(start <= end and (over is None or over > end) for start, over in episodes))
