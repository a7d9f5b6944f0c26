"""One figure for how a team's work stands, 0 to 100, from parts with published weights: for the overview of many teams.

Reads what `board` computed; feeds the dashboard. A part that a board cannot tell is left out, and the weights of the
others fill its place, so that silence is neither health nor sickness. It speaks of boards, never of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from facilitator.board.blocking import blocked_now
from facilitator.board.board import Board
from facilitator.board.facts import Facts
from facilitator.board.flow import hygiene, wip
from facilitator.board.refusal import Refused
from facilitator.board.sentiment import tone_of
from facilitator.board.sprint_figures import SprintFigures

WEIGHTS: Mapping[str, int] = MappingProxyType(
    {"completion": 35, "blockers": 25, "follow_through": 20, "fresh": 15, "tone": 5}
)
"""What each part counts for; together 100."""

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "completion": "Sprint completion",
        "blockers": "Free of blockers",
        "follow_through": "Retro actions done",
        "fresh": "Open work touched lately",
        "tone": "Tone of comments",
    }
)

SPRINTS = 3
"""Completion is read over so many closed sprints: one bad sprint is an event, three are a habit."""

WORST_BLOCKED = 0.5
"""From this share of started work on, blocked means 0 for that part."""

GOOD, WATCH = 75, 50
"""From these scores on a team is well, or worth watching; below it is at risk."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the parts are made of, as shares of 1; None where the board cannot tell.

    `completion`: completed of committed over the last closed sprints, in the sprint's unit. `blocked`: blocked of started
    tasks. `follow_through`: done of the actions that earlier retros agreed on. `fresh`: open tasks outside the
    backlog changed within the team's stale time. `tone`: positive of positive and negative comments of the last sprint, where the team asks for it.
    """

    completion: float | None = None
    blocked: float | None = None
    follow_through: float | None = None
    fresh: float | None = None
    tone: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: its value 0 to 100 (None: not known) and what it counts for, 0 to 100."""

    name: str
    label: str
    weight: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """The score (None where no part is known), its parts in the order of their weights, and the word for it."""

    score: int | None
    parts: tuple[Part, ...]

    @property
    def word(self) -> str:
        """`well`, `watch`, `at risk`, or `not known`."""
        if self.score is None:
            return "not known"
        return "well" if self.score >= GOOD else "watch" if self.score >= WATCH else "at risk"

    @property
    def risks(self) -> tuple[str, ...]:
        """The parts that pull the score down, worst first: early signs, before a date is missed."""
        low = [part for part in self.parts if part.value is not None and part.value < WATCH]
        return tuple(part.label for part in sorted(low, key=lambda part: part.value or 0))


def health(signals: Signals) -> Health:
    """The weighted mean of the known parts, rounded."""
    values = {
        "completion": _percent(signals.completion),
        "blockers": None if signals.blocked is None else _percent(1 - signals.blocked / WORST_BLOCKED),
        "follow_through": _percent(signals.follow_through),
        "fresh": _percent(signals.fresh),
        "tone": _percent(signals.tone),
    }
    parts = tuple(Part(name, LABELS[name], weight, values[name]) for name, weight in WEIGHTS.items())
    known = [(part.value, part.weight) for part in parts if part.value is not None]
    if not known:
        return Health(None, parts)
    score = sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
    return Health(round(score), parts)


def signals_of(
    board: Board, closed: Sequence[SprintFigures], actions: tuple[float, float] | None = None
) -> Signals:
    """The signals of one board; `closed` are its closed sprints' accounts, oldest first, `actions` (open, all)."""
    started = wip(board)
    blocked = {one.gid for one in blocked_now(board)}
    chosen = [one.task.gid for one in board.open_tasks() if board.state(one, board.as_of) != "backlog"]
    fresh = hygiene(board, chosen).fresh
    return Signals(
        completion=_completion(closed[-SPRINTS:]),
        blocked=len(blocked & set(started)) / len(started) if started else None,
        follow_through=1 - actions[0] / actions[1] if actions and actions[1] else None,
        fresh=None if fresh is None else fresh / 100,
        tone=_tone(board, closed),
    )


def actions_in(told: Iterable[Facts]) -> tuple[float, float] | None:
    """Open and all actions of earlier retros, as the first of these facts that counted them has it."""
    for facts in told:
        fact = facts.facts.get("actions.open")
        if fact is not None and isinstance(fact.value, int | float) and fact.of:
            return float(fact.value), float(fact.of)
    return None


def _completion(closed: Sequence[SprintFigures]) -> float | None:
    points = sum(one.committed.points for one in closed)
    if points:
        return sum(one.initial_completed.points for one in closed) / points
    tasks = sum(one.committed.tasks for one in closed)
    return sum(one.initial_completed.tasks for one in closed) / tasks if tasks else None


def _tone(board: Board, closed: Sequence[SprintFigures]) -> float | None:
    if not board.rules.sentiment or not closed:
        return None
    found = tone_of(board, closed[-1])
    if isinstance(found, Refused) or not found.positive + found.negative:
        return None
    return found.positive / (found.positive + found.negative)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * min(1.0, max(0.0, share))
