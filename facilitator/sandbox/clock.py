"""The sandbox's clock: a workspace's "now", moving on with real time.

Owns one number, the simulated instant. It sits under both simulated services, so that a session and a comment agree on the hour.
It never reads the calendar of the machine: only its monotonic timer.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class SandboxClock:
    """An instant that starts where the workspace was recorded and advances `speed` seconds for each real second."""

    def __init__(
        self, start: datetime, *, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if start.tzinfo is None:
            raise ValueError(f"the sandbox's clock needs an instant with a zone, not {start.isoformat()}")
        self._start = start
        self._speed = speed
        self._monotonic = monotonic
        self._began = monotonic()

    def __call__(self) -> datetime:
        """Answer the simulated instant, in the zone of the start (UTC for every workspace file)."""
        return self._start + timedelta(seconds=self.elapsed())

    def elapsed(self) -> float:
        """Simulated seconds since the start, jumps left out: what quotas and waits are measured with."""
        return (self._monotonic() - self._began) * self._speed

    def advance(self, seconds: float) -> None:
        """Jump forward by so many simulated seconds; a negative number jumps back."""
        self._start += timedelta(seconds=seconds)
