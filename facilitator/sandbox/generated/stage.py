"""What every part of the simulation shares: the board, the agenda of coming events, the hours and the dice.

Events run in the order of their instants, so history is written in the order in which it happens. The stage
holds no rules of how a team works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import TypeVar, cast

from facilitator.sandbox.generated.blueprint import SPRINT, Blueprint, Sprint
from facilitator.sandbox.generated.history import Board, Item, Json
from facilitator.sandbox.generated.hours import WorkHours

Card = TypeVar("Card")

Event = Callable[[datetime], object]
"""Something that happens at an instant, which it is given; what it answers is not looked at."""


class Agenda:
    """Coming events, earliest first; events of one instant run in the order they were entered."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Event]] = []
        self._order = count()

    def at(self, instant: datetime, event: Event) -> None:
        """Enter an event."""
        heappush(self._heap, (instant, next(self._order), event))

    def run_until(self, end: datetime) -> None:
        """Run all events up to and including `end`; later ones stay undone."""
        while self._heap and self._heap[0][0] <= end:
            instant, _, event = heappop(self._heap)
            event(instant)


@dataclass(slots=True)
class Stage:
    """One run of the simulation."""

    plan: Blueprint
    hours: WorkHours
    rng: Random
    board: Board
    agenda: Agenda = field(default_factory=Agenda)
    _decks: dict[str, list[object]] = field(default_factory=dict)
    _pull_requests: count[int] = field(default_factory=lambda: count(327))

    def draw(self, deck: str, cards: Sequence[Card]) -> Card:
        """The next card of a shuffled deck: nothing repeats before all of its cards have been seen."""
        left = self._decks.setdefault(deck, [])
        if not left:
            left.extend(self.rng.sample(cards, len(cards)))
        return cast("Card", left.pop())

    def write(self, text: str) -> str:
        """Fill in the next pull request where the text names one."""
        if "{pr}" not in text:
            return text
        return text.replace("{pr}", f"https://github.com/example/harbour/pull/{next(self._pull_requests)}")

    def later(self, instant: datetime, least: float, most: float) -> datetime:
        """An instant between so many working hours from now."""
        return self.hours.add(instant, self.rng.uniform(least, most))

    def in_sprint(self, sprint: Sprint) -> list[Item]:
        """Tasks whose Sprint field names this sprint, oldest first."""
        return [item for item in self.board.items if item.fields.get(SPRINT) == sprint.name]

    def section(self, item: Item) -> str:
        """The task's column on the team's own board."""
        return item.homes[self.plan.project]


def due_day(day: date) -> Json:
    """A due date without a time."""
    return {"due_on": day.isoformat()}
