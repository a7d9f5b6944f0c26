"""The running sprint at a glance: its day, what is done of what is planned, and a verdict by a stated rule.

For daily and weekly documents. The verdict is arithmetic, the same for every team; a person may disagree, a model may
not. It does not predict: see `forecast`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from facilitator.board.blocking import Blocked
from facilitator.board.board import Board
from facilitator.board.building import FactsBuilder
from facilitator.board.days import local_date, working_days
from facilitator.board.sprint_figures import SprintFigures, sprint_figures

AT_RISK_BELOW = 0.8
OFF_TRACK_BELOW = 0.5
"""Shares of what a straight line would have done by this morning."""

LONG_BLOCKED = 3
"""Working days; a task of the sprint blocked this long puts the sprint at risk whatever the points say."""

VERDICT_RULE = (
    "Off track below 50 % of the done work expected by this morning, or with work left after the planned end; "
    "at risk below 80 %, or with a sprint task blocked for 3 working days or more; else on track"
)


@dataclass(frozen=True, slots=True)
class Pulse:
    """The running sprint: `day` of `days` are working days; `done`, `planned`, `expected` are in `unit`.

    `unit` is points, or tasks where most tasks of the sprint have no estimate. `verdict` is empty where nothing is
    planned.
    """

    figures: SprintFigures
    day: int
    days: int
    unit: str
    done: float
    planned: float
    expected: float
    verdict: str


def pulse(board: Board, blocked: Iterable[Blocked]) -> Pulse | None:
    """The running sprint as of now, or None between sprints."""
    sprint = board.current_sprint()
    if sprint is None:
        return None
    figures = sprint_figures(board, sprint)
    zone, rules = board.rules.zone, board.rules
    first, today, last = local_date(sprint.start, zone), local_date(board.as_of, zone), sprint.last_day(zone)
    days = len(working_days(first, last, rules))
    passed = len(working_days(first, min(today - timedelta(days=1), last), rules))
    day = min(max(len(working_days(first, today, rules)), 1), max(days, 1))
    unit = _unit(figures)
    done, left = _amount(figures, unit)
    expected = (done + left) * passed / days if days else 0.0
    stuck = [one for one in blocked if one.gid in figures.carried_over.gids]
    return Pulse(
        figures=figures,
        day=day,
        days=days,
        unit=unit,
        done=done,
        planned=done + left,
        expected=expected,
        verdict=verdict(done, done + left, expected, stuck, past_end=board.as_of >= sprint.end),
    )


def verdict(done: float, planned: float, expected: float, stuck: list[Blocked], *, past_end: bool) -> str:
    """On track, At risk or Off track by `VERDICT_RULE`; empty where nothing is planned."""
    if planned <= 0:
        return ""
    if done < OFF_TRACK_BELOW * expected or (past_end and done < planned):
        return "Off track"
    if done < AT_RISK_BELOW * expected or any(one.working_days >= LONG_BLOCKED for one in stuck):
        return "At risk"
    return "On track"


def add_pulse(facts: FactsBuilder, found: Pulse) -> None:
    """The sprint's name, day, done, planned, expected and verdict as facts `sprint.*`."""
    figures = found.figures
    facts.figure("sprint.name", "sprint", figures.sprint.name, "text", "the sprint running now")
    facts.figure(
        "sprint.day",
        "sprint day",
        found.day,
        "working_days",
        "today's working day of the sprint",
        of=found.days,
    )
    facts.figure(
        "sprint.days",
        "sprint length",
        found.days,
        "working_days",
        "working days from its start to its planned end",
    )
    _add_work(facts, found)
    facts.figure(
        "sprint.added",
        "added since the start",
        figures.added.tasks,
        "tasks",
        "entered the sprint after its start with work left",
        of=figures.committed.tasks,
        tasks=figures.added.gids,
    )
    if found.verdict:
        facts.figure("sprint.verdict", "verdict", found.verdict, "text", VERDICT_RULE)


def _add_work(facts: FactsBuilder, found: Pulse) -> None:
    """Done, planned and expected, with the unit in their ids."""
    unit = found.unit
    facts.figure(
        f"sprint.done_{unit}",
        f"{unit} done",
        found.done,
        unit,
        "completed in the sprint so far, of all still planned in it",
        of=found.planned,
        tasks=found.figures.completed.gids,
    )
    facts.figure(
        f"sprint.planned_{unit}",
        f"{unit} planned",
        found.planned,
        unit,
        "committed at the start plus added minus removed, at today's estimates",
    )
    facts.figure(
        f"sprint.expected_{unit}",
        f"{unit} expected by this morning",
        round(found.expected),
        unit,
        "planned work times finished working days over all working days of the sprint, rounded",
    )


def _unit(figures: SprintFigures) -> str:
    """Points where most tasks have them: a third of the work cannot speak for the rest."""
    parts = (figures.completed, figures.carried_over, figures.other)
    tasks = sum(part.tasks for part in parts)
    missing = sum(part.unestimated for part in parts)
    return "points" if 2 * missing < tasks and sum(part.points for part in parts) > 0 else "tasks"


def _amount(figures: SprintFigures, unit: str) -> tuple[float, float]:
    """(done, left) in the unit; what was finished while outside the sprint counts as done."""
    if unit == "points":
        return figures.completed.points + figures.other.points, figures.carried_over.points
    return float(figures.completed.tasks + figures.other.tasks), float(figures.carried_over.tasks)
