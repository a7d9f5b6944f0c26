"""How a board stands against its plan: the running sprint, when what is open may be done, and the colour by the status rules.

What a weekly status and a roll-up both say of a team, computed in one place so that they cannot differ. It reads a `Board`
and tells no fact: ceremonies do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zlib import crc32

from facilitator.board.blocking import blocked_now
from facilitator.board.board import Board
from facilitator.board.days import local_date
from facilitator.board.dependencies import dependencies
from facilitator.board.forecast import Forecast, recent_throughput, when
from facilitator.board.health import Status, Thresholds, scope_growth, standing, status
from facilitator.board.pulse import Pulse, pulse
from facilitator.board.refusal import Refused
from facilitator.board.weekly import in_focus

NEAR_PART = 4
"""A sprint's end is near in its last quarter: the ceremonies reference's 14 days are meant for projects, and are whole sprints."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """One board at `as_of`: `sprint` None between sprints, `still_open` tasks of it (else of all outside the backlog)."""

    sprint: Pulse | None
    still_open: int
    forecast: Forecast[date] | Refused
    status: Status


def outlook(board: Board) -> Outlook:
    """The running sprint against its end, or all open work without a deadline where there is no sprint."""
    sprint = pulse(board, blocked_now(board))
    still_open = len(sprint.figures.carried_over.gids if sprint else in_focus(board))
    forecast = _forecast(board, still_open)
    return Outlook(sprint, still_open, forecast, _status(board, sprint, forecast))


def _forecast(board: Board, still_open: int) -> Forecast[date] | Refused:
    """Seeded by board and day, so that every document of a day foretells the same; today counts only before noon."""
    today = local_date(board.as_of, board.rules.zone)
    afternoon = board.as_of.astimezone(board.rules.zone).hour >= 12
    start = today + timedelta(days=1) if afternoon else today
    seed = crc32(f"{board.snapshot.project}/{today}".encode())
    return when(still_open, recent_throughput(board), start, board.rules.working_day, seed)


def _status(board: Board, sprint: Pulse | None, forecast: Forecast[date] | Refused) -> Status:
    graph, works = dependencies(board), board.rules.working_day
    if sprint is None:
        found = standing(board, in_focus(board), deadline=None, forecast=forecast, graph=graph)
        return status(found, working_day=works)
    figures, zone = sprint.figures, board.rules.zone
    first, last = local_date(figures.sprint.start, zone), figures.sprint.last_day(zone)
    limits = Thresholds(deadline_near_days=((last - first).days + 1) // NEAR_PART)
    found = standing(
        board,
        (*figures.completed.gids, *figures.other.gids, *figures.carried_over.gids),
        deadline=last,
        forecast=forecast,
        graph=graph,
        growth=scope_growth(figures),
        limits=limits,
    )
    return status(found, limits, works)
