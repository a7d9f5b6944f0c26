"""A token bucket with a pause: how many calls may leave, and how long until the next may.

The arithmetic is pure, so that a bucket in this process and one that many processes share in a database count alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

# A token this close to whole counts as whole: after sleeping exactly long enough, rounding must not cause another sleep.
NEARLY = 1 - 1e-6


@dataclass(frozen=True, slots=True)
class Pace:
    """A quota: so many calls a minute, `burst` of them at once after a quiet time."""

    per_minute: float
    burst: float

    @classmethod
    def steady(cls, per_minute: float) -> Pace:
        """The quota with one second's worth at once: a service may enforce 60 a minute as one a second."""
        return cls(per_minute, max(1.0, per_minute / 60))


@dataclass(frozen=True, slots=True)
class Level:
    """How full a bucket is; instants in seconds of whatever clock counts for it."""

    tokens: float
    counted_at: float
    paused_until: float = 0.0

    def paused(self, now: float, seconds: float) -> Level:
        """Nothing leaves for so long, and then one by one; a shorter pause does not shorten a longer one."""
        until = now + seconds
        return Level(0.0, until, until) if until > self.paused_until else self


def spend(level: Level, pace: Pace, now: float) -> tuple[Level, float]:
    """Take one token: the level after it and 0, or the level as it is and the seconds until there may be one."""
    if now < level.paused_until:
        return level, level.paused_until - now
    per_second = pace.per_minute / 60
    tokens = min(pace.burst, level.tokens + max(0.0, now - level.counted_at) * per_second)
    level = replace(level, tokens=tokens, counted_at=max(now, level.counted_at))
    if tokens >= NEARLY:
        return replace(level, tokens=tokens - 1), 0.0
    return level, (1 - tokens) / per_second


class Bucket(Protocol):
    """A quota's present state."""

    def take(self) -> float:
        """Take one token and give 0, or give the seconds until asking again may help."""
        ...

    def pause(self, seconds: float) -> None:
        """The service asked for so long a silence."""
        ...


class LocalBucket:
    """A bucket of this process alone, full at its start."""

    def __init__(self, pace: Pace, *, clock: Callable[[], float]) -> None:
        self._pace = pace
        self._clock = clock
        self._level = Level(pace.burst, clock())

    def take(self) -> float:
        """See `Bucket.take`."""
        self._level, wait = spend(self._level, self._pace, self._clock())
        return wait

    def pause(self, seconds: float) -> None:
        """See `Bucket.pause`."""
        self._level = self._level.paused(self._clock(), seconds)
