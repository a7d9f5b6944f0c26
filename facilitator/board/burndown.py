"""A sprint day by day: what remained, how the scope moved, the ideal line, and what looks unusual.

Reads a `Board` and one `Sprint`; feeds the weekly, the retro, the timeline and the chart. Scope is a line of its own, so
that work added cannot hide work done (ceremonies reference, section 5). It says what a curve looks like, never why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil

from facilitator.board.board import Board, inside
from facilitator.board.days import days_from, local_date
from facilitator.board.facts import show_date
from facilitator.board.rules import BoardRules
from facilitator.board.sprint_figures import SprintFigures
from facilitator.board.sprints import Sprint

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class BurndownDay:
    """The sprint at the end of one local day; today's is read at `as_of`. `over` is false for a day still running.

    `scope` is everything in the sprint, done or not; tasks done before the sprint began are in neither.
    `ideal` goes straight from the scope at the start to 0 over the planned working days; free days keep it level.
    """

    day: date
    working: bool
    over: bool
    remaining: float
    scope: float
    ideal: float

    @property
    def done(self) -> float:
        """What of the scope was finished."""
        return self.scope - self.remaining


@dataclass(frozen=True, slots=True)
class Burndown:
    """A sprint's days from its first to its last, or to today while it runs. `unit` is points or tasks.

    `committed` is the scope at the start; `planned` are the working days from the start to the planned end;
    `finished_tasks` counts tasks whatever the unit.
    """

    sprint: Sprint
    unit: str
    committed: float
    planned: tuple[date, ...]
    days: tuple[BurndownDay, ...]
    finished_tasks: int


@dataclass(frozen=True, slots=True)
class AnomalyRules:
    """When a curve is worth a word (ceremonies reference, section 5). Shares are of 1; `few` finished tasks are too
    few to call a finish late.
    """

    flat_days: int = 3
    scope_jump: float = 0.15
    late_part: float = 0.2
    late_share: float = 0.4
    begun_by: float = 0.3
    few: int = 5


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something unusual from `start` to `end`, both local dates. `figure` is working days for `burndown.flat` and
    `burndown.no_start`, percent (0-100) for the others.
    """

    rule: str
    start: date
    end: date
    figure: float
    text: str


DEFAULT_RULES = AnomalyRules()


def unit_for(figures: SprintFigures) -> str:
    """`points` where at least half of the sprint's tasks are estimated, else `tasks`: a few estimates among many
    tasks would draw the few.
    """
    tasks = figures.committed.tasks + figures.added.tasks
    bare = figures.committed.unestimated + figures.added.unestimated
    return "points" if tasks and 2 * bare <= tasks else "tasks"


def burndown(board: Board, sprint: Sprint, *, unit: str = "points") -> Burndown:
    """What remained of the sprint at the end of each of its days, in points or tasks.

    Points are those of the day: a re-estimate moves both lines. At the sprint's last instant what remains is what
    `sprint_figures` carries over.
    """
    zone, until = board.rules.zone, sprint.until(board.as_of)
    first = local_date(sprint.start, zone)
    planned = tuple(day for day in days_from(first, sprint.last_day(zone)) if board.rules.working_day(day))
    committed, _ = _totals(board, sprint, sprint.start, unit)
    days = []
    for day in days_from(first, local_date(until - _MOMENT, zone)):
        end = _end_of(day, board.rules)
        scope, remaining = _totals(board, sprint, min(end, until), unit)
        left = sum(other > day for other in planned)
        ideal = committed * left / len(planned) if planned else 0.0
        over = end < board.as_of
        days.append(BurndownDay(day, board.rules.working_day(day), over, remaining, scope, ideal))
    finished = _totals(board, sprint, until, "tasks")
    return Burndown(sprint, unit, committed, planned, tuple(days), int(finished[0] - finished[1]))


def anomalies(found: Burndown, rules: AnomalyRules = DEFAULT_RULES) -> tuple[Anomaly, ...]:
    """What looks unusual about this sprint so far, in order of date. A day that is not over proves nothing flat."""
    slow = tuple(_no_start(found, rules))
    flat = (one for one in _flat(found, rules) if not any(one.start <= other.end for other in slow))
    told = (*slow, *flat, *_scope_jumps(found, rules), *_late_finish(found, rules))
    return tuple(sorted(told, key=lambda one: (one.start, one.end, one.rule)))


def _totals(board: Board, sprint: Sprint, instant: datetime, unit: str) -> tuple[float, float]:
    """Scope and what remains of it at this instant."""
    scope = remaining = 0.0
    for gid, stays in board.in_sprint(sprint).items():
        history = board.histories[gid]
        done = history.completed_at(instant)
        if not inside(stays, instant) or (done and done <= sprint.start):
            continue
        size = 1.0 if unit == "tasks" else board.points(history, instant) or 0.0
        scope += size
        remaining += 0.0 if done else size
    return scope, remaining


def _end_of(day: date, rules: BoardRules) -> datetime:
    """The last instant of a local day."""
    return datetime.combine(day + timedelta(days=1), time(), rules.zone).astimezone(UTC) - _MOMENT


def _no_start(found: Burndown, rules: AnomalyRules) -> Iterator[Anomaly]:
    """Nothing finished although the first 30 % of the planned working days are over."""
    begun = ceil(rules.begun_by * len(found.planned))
    idle = []
    for one in found.days:
        if not one.over or one.done > 0 or not one.scope:
            break
        idle += [one.day] if one.working else []
    if begun and len(idle) >= begun:
        text = f"looks like a slow start: nothing was finished in the first {len(idle)} working days"
        yield Anomaly("burndown.no_start", idle[0], idle[-1], len(idle), text)


def _flat(found: Burndown, rules: AnomalyRules) -> Iterator[Anomaly]:
    """Stretches of working days on which nothing more was finished although work remained."""
    stretch: list[date] = []
    before = 0.0
    for one in found.days:
        if one.done > before or not one.remaining:
            yield from _stretch(stretch, rules)
            stretch = []
        elif one.working and one.over:
            stretch.append(one.day)
        before = one.done
    yield from _stretch(stretch, rules)


def _stretch(idle: Sequence[date], rules: AnomalyRules) -> Iterator[Anomaly]:
    if len(idle) >= rules.flat_days:
        text = (
            f"looks like work stood still: nothing was finished from {show_date(idle[0])} to {show_date(idle[-1])}, "
            f"{len(idle)} working days"
        )
        yield Anomaly("burndown.flat", idle[0], idle[-1], len(idle), text)


def _scope_jumps(found: Burndown, rules: AnomalyRules) -> Iterator[Anomaly]:
    """Days on which the scope rose by 15 % or more of what was committed; none where nothing was."""
    before = found.committed
    for one in found.days:
        rise = (one.scope - before) / found.committed if found.committed else 0.0
        if rise >= rules.scope_jump:
            text = f"looks like a jump in scope: {100 * rise:.0f} % of the commitment was added on {show_date(one.day)}"
            yield Anomaly("burndown.scope_jump", one.day, one.day, 100 * rise, text)
        before = one.scope


def _late_finish(found: Burndown, rules: AnomalyRules) -> Iterator[Anomaly]:
    """More than 40 % of all that was finished, finished in the last 20 % of the planned working days or after."""
    late = found.planned[len(found.planned) - ceil(rules.late_part * len(found.planned)) :]
    if not late or not found.days or found.days[-1].day < late[0] or found.finished_tasks < rules.few:
        return
    early = next((one.done for one in reversed(found.days) if one.day < late[0]), 0.0)
    total = found.days[-1].done
    share = (total - early) / total if total else 0.0
    if share > rules.late_share:
        text = f"looks like a late finish: {100 * share:.0f} % of what was finished, finished from {show_date(late[0])} on"
        yield Anomaly("burndown.late_finish", late[0], found.days[-1].day, 100 * share, text)
