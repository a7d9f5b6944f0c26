"""The weekly status colour: fixed rules over fixed inputs, so that no model and no mood can choose it.

`standing` reads a `Board` into the inputs, `status` applies the rules of the ceremonies reference, section 3, whose
thresholds are Sentry's. Pure and small on purpose: an approver who asks "why amber?" is shown the rule, its figure and its
tasks. It does not know that an approver may override the colour; see the approvals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from facilitator.board.blocking import blocked_state
from facilitator.board.board import STARTED, Board, gid_order
from facilitator.board.burndown import unit_for
from facilitator.board.days import local_date
from facilitator.board.dependencies import Dependencies, critical_path
from facilitator.board.facts import show_date
from facilitator.board.flow import last_touched
from facilitator.board.forecast import Forecast
from facilitator.board.refusal import Refused
from facilitator.board.rules import monday_to_friday
from facilitator.board.sprint_figures import SprintFigures

NO_FORECAST = Refused("no forecast was made")


class Colour(StrEnum):
    """What the headline says: On Track, At Risk, Off Track."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


COLOUR_WORDS: Mapping[Colour, str] = {
    Colour.GREEN: "On Track",
    Colour.AMBER: "At Risk",
    Colour.RED: "Off Track",
}
"""How documents write them."""

STATUS_TYPES: Mapping[Colour, str] = {
    Colour.GREEN: "on_track",
    Colour.AMBER: "at_risk",
    Colour.RED: "off_track",
}
"""Asana's `status_type` of a status update (Asana API reference, createStatusForObject)."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the colour turns. Days are calendar days unless they say working; shares are percent (0-100)."""

    deadline_near_days: int = 14
    forecast_late_working_days: int = 5
    blocker_working_days: int = 5
    scope_growth_percent: float = 15
    stale_days: int = 14
    stale_percent: float = 30
    untouched_started: int = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything the rules look at. `done` counts tasks; the tuples hold task gids, `blockers` with their working days.

    `deadline` None = none is set; `forecast` is the p85 date or why there is none; `scope_growth` is percent of the
    commitment, or None where nothing was committed. `stale` are open tasks untouched for more than the threshold,
    `untouched` those of them that were started.
    """

    today: date
    open: tuple[str, ...]
    done: int
    deadline: date | None = None
    forecast: date | Refused = NO_FORECAST
    blockers: Mapping[str, int] = field(default_factory=dict)
    scope_growth: float | None = None
    stale: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that applied: its id, the colour it asks for, the figure behind it in words, and the tasks."""

    rule: str
    colour: Colour
    because: str
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """The colour, every rule that fired (red ones first), and the rules that could not be judged, with the reason."""

    colour: Colour
    fired: tuple[Fired, ...]
    not_judged: Mapping[str, str]

    @property
    def status_type(self) -> str:
        """What Asana calls it."""
        return STATUS_TYPES[self.colour]


DEFAULT_THRESHOLDS = Thresholds()


def status(
    found: Standing,
    limits: Thresholds = DEFAULT_THRESHOLDS,
    working_day: Callable[[date], bool] = monday_to_friday,
) -> Status:
    """Red if any red rule fires, else amber if any amber rule does, else green. A finished project is green."""
    if not found.open:
        return Status(Colour.GREEN, (), {})
    red = [
        *_date_passed(found),
        *_deadline_near(found, limits),
        *_forecast_late(found, limits, working_day),
        *_critical_blockers(found, limits),
    ]
    amber = [
        *_forecast_passes(found),
        *_scope_grew(found, limits),
        *_stale(found, limits),
        *_untouched(found, limits),
    ]
    colour = Colour.RED if red else Colour.AMBER if amber else Colour.GREEN
    return Status(colour, (*red, *amber), _not_judged(found))


def standing(
    board: Board,
    gids: Iterable[str],
    *,
    deadline: date | None,
    forecast: Forecast[date] | Refused,
    graph: Dependencies,
    growth: float | None = None,
    limits: Thresholds = DEFAULT_THRESHOLDS,
) -> Standing:
    """The inputs of the rules for these tasks (the sprint's, or the whole board's) at `as_of`.

    A blocker is critical when its task is on the longest chain of tasks that these wait for (`critical_path`), and its
    field, section or tag says blocked: to wait for a task that is being worked on is a plan, not a blocker.
    """
    wanted = set(gids)
    here = {gid: one for gid, one in board.histories.items() if gid in wanted and one.exists(board.as_of)}
    states = {gid: board.state(history, board.as_of) for gid, history in here.items()}
    still_open = tuple(sorted((gid for gid, state in states.items() if state != "done"), key=gid_order))
    since = board.as_of - timedelta(days=limits.stale_days)
    stale = tuple(gid for gid in still_open if last_touched(board, here[gid]) < since)
    return Standing(
        today=local_date(board.as_of, board.rules.zone),
        open=still_open,
        done=len(states) - len(still_open),
        deadline=deadline,
        forecast=forecast if isinstance(forecast, Refused) else forecast.p85,
        blockers=_blockers(board, critical_path(graph, still_open)),
        scope_growth=growth,
        stale=stale,
        untouched=tuple(gid for gid in stale if states[gid] in STARTED),
    )


def scope_growth(figures: SprintFigures) -> float | None:
    """By how many percent of the commitment the scope changed: crept in, less removed, plus re-estimates.

    Subtasks of work in scope are no creep. In points or tasks, see `burndown.unit_for`; None where nothing was
    committed.
    """
    if figures.committed.points and unit_for(figures) == "points":
        again = sum((change.new or 0.0) - (change.old or 0.0) for change in figures.reestimates)
        return 100 * (figures.crept.points - figures.removed.points + again) / figures.committed.points
    if figures.committed.tasks:
        return 100 * (figures.crept.tasks - figures.removed.tasks) / figures.committed.tasks
    return None


def _blockers(board: Board, critical: Iterable[str]) -> dict[str, int]:
    blocked = ((gid, blocked_state(board, board.histories[gid])) for gid in critical)
    return {
        gid: state.working_days
        for gid, state in blocked
        if state and any(cause.kind != "dependency" for cause in state.causes)
    }


def _date_passed(found: Standing) -> Iterator[Fired]:
    if found.deadline and found.deadline < found.today:
        because = f"the deadline, {show_date(found.deadline)}, has passed with {_tasks(found.open)} open"
        yield Fired("red.date_passed", Colour.RED, because, found.open)


def _deadline_near(found: Standing, limits: Thresholds) -> Iterator[Fired]:
    if not found.deadline:
        return
    left = (found.deadline - found.today).days
    if 0 <= left <= limits.deadline_near_days and len(found.open) > found.done:
        because = f"{left} days to the deadline and {_tasks(found.open)} open, {found.done} done"
        yield Fired("red.deadline_near", Colour.RED, because, found.open)


def _forecast_late(
    found: Standing, limits: Thresholds, working_day: Callable[[date], bool]
) -> Iterator[Fired]:
    if not found.deadline or isinstance(found.forecast, Refused):
        return
    late = _working_days_after(found.deadline, found.forecast, working_day)
    if late > limits.forecast_late_working_days:
        because = f"the careful forecast (p85), {show_date(found.forecast)}, is {late} working days past the deadline"
        yield Fired("red.forecast_late", Colour.RED, because)


def _critical_blockers(found: Standing, limits: Thresholds) -> Iterator[Fired]:
    old = {gid: days for gid, days in found.blockers.items() if days > limits.blocker_working_days}
    if old:
        gids = tuple(sorted(old, key=lambda gid: (-old[gid], gid_order(gid))))
        because = (
            f"{_tasks(gids)} blocked on the critical path, the longest for {max(old.values())} working days"
        )
        yield Fired("red.critical_blocker", Colour.RED, because, gids)


def _forecast_passes(found: Standing) -> Iterator[Fired]:
    if found.deadline and isinstance(found.forecast, date) and found.forecast > found.deadline:
        because = (
            f"the careful forecast (p85), {show_date(found.forecast)}, "
            f"passes the deadline, {show_date(found.deadline)}"
        )
        yield Fired("amber.forecast_passes", Colour.AMBER, because)


def _scope_grew(found: Standing, limits: Thresholds) -> Iterator[Fired]:
    if found.scope_growth is not None and found.scope_growth > limits.scope_growth_percent:
        yield Fired("amber.scope_grew", Colour.AMBER, f"the scope grew by {found.scope_growth:.0f} %")


def _stale(found: Standing, limits: Thresholds) -> Iterator[Fired]:
    share = 100 * len(found.stale) / len(found.open)
    if share > limits.stale_percent:
        because = f"{len(found.stale)} of {len(found.open)} open tasks untouched for more than {limits.stale_days} days"
        yield Fired("amber.stale", Colour.AMBER, because, found.stale)


def _untouched(found: Standing, limits: Thresholds) -> Iterator[Fired]:
    if len(found.untouched) >= limits.untouched_started:
        because = f"{len(found.untouched)} started tasks untouched for more than {limits.stale_days} days"
        yield Fired("amber.untouched", Colour.AMBER, because, found.untouched)


def _not_judged(found: Standing) -> dict[str, str]:
    """Rules that had nothing to look at, so that silence is not taken for health."""
    missing: dict[str, str] = {}
    if found.deadline is None:
        missing |= dict.fromkeys(("red.date_passed", "red.deadline_near"), "no deadline is set")
    reason = found.forecast.reason if isinstance(found.forecast, Refused) else ""
    if reason or found.deadline is None:
        missing |= dict.fromkeys(
            ("red.forecast_late", "amber.forecast_passes"), reason or "no deadline is set"
        )
    if found.scope_growth is None:
        missing["amber.scope_grew"] = "nothing was committed"
    return missing


def _tasks(gids: tuple[str, ...]) -> str:
    return f"{len(gids)} {'task' if len(gids) == 1 else 'tasks'}"


def _working_days_after(deadline: date, day: date, working_day: Callable[[date], bool]) -> int:
    """Working days after the deadline up to and with the day; 0 where it is not later."""
    return sum(working_day(deadline + timedelta(days=n)) for n in range(1, (day - deadline).days + 1))
