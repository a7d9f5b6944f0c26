"""The span of time one document speaks of.

First arrow of the flow: a clock tick becomes a `Window`. This module knows nothing of schedules; see `cadence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """[start, end): everything from `start` on and before `end`. Both are aware; kept in UTC.

    `end` is the instant the ceremony was due; it names the window (see `key`).
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window's instants need a time zone")
        if self.start > self.end:
            raise ValueError(f"a window cannot end before it starts: {self.start} > {self.end}")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    def __contains__(self, instant: datetime) -> bool:
        """Whether the instant falls in [start, end): a boundary second belongs to one window only."""
        return self.start <= instant < self.end

    @property
    def key(self) -> str:
        """The window's name in run keys and markers: its due instant in UTC, to the second."""
        return f"{self.end.isoformat()[:19]}Z"
