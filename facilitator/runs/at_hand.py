"""What runs ask about just now, kept for the next question and let go of when others are asked more.

A run asks for its board, its facts and the faults of one draft several times in a row, and thousands of runs are in progress:
to read them anew for each question would cost time, to hold them for each run memory. Belongs to one event loop.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class AtHand(Generic[Value]):
    """Values by name, together no heavier than `most`; the longest unasked go first, the one just asked for stays."""

    def __init__(self, most: int, weigh: Callable[[Value], int] = lambda _value: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._kept: OrderedDict[object, tuple[int, Value]] = OrderedDict()

    def at(self, name: object, make: Callable[[], Value]) -> Value:
        """The value of this name, made where it is not at hand."""
        if name not in self._kept:
            value = make()
            self._kept[name] = (self._weigh(value), value)
            self._weight += self._kept[name][0]
        self._kept.move_to_end(name)
        while len(self._kept) > 1 and self._weight > self._most:
            _, (weight, _gone) = self._kept.popitem(last=False)
            self._weight -= weight
        return self._kept[name][1]

    def drop(self, name: object) -> None:
        """Let go of it now; nothing where it is not at hand."""
        weight, _ = self._kept.pop(name, (0, None))
        self._weight -= weight
