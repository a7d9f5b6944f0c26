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
    """So many calls a minute, `burst` of them at once after a quiet time."""

    per_minute: float
    burst: float

    @classmethod
    def steady(cls, quota: float) -> Pace:
        """For a service that counts all the time, as a bucket of its own: it may enforce 60 a minute as one a second.

        A second of each minute and half a second's worth at once are kept back: calls do not arrive as evenly as they leave.
        """
        return cls(quota * (1 - 1 / 60), max(1.0, quota / 120))

    @classmethod
    def in_any_minute(cls, quota: float) -> Pace:
        """For a service that counts the calls of the last minute: those at once and a minute's worth are less than the quota.

        What is left over, 10 of 1,500, is for calls that arrive closer together than they left.
        """
        kept_back = min(25.0, quota / 6)
        return cls(quota - kept_back, max(1.0, 0.6 * kept_back))

    @classmethod
    def boundless(cls) -> Pace:
        """For a service that is nobody's quota: a million calls a second."""
        return cls(60e6, 1e6)


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


def spend(level: Level, pace: Pace, now: float, calls: int = 1) -> tuple[Level, float]:
    """Take a token for each call: the level after it and 0, or the level as it is and the seconds until there may be as many.

    More than the bucket ever holds are taken from a full one, on credit.
    """
    if now < level.paused_until:
        return level, level.paused_until - now
    per_second = pace.per_minute / 60
    tokens = min(pace.burst, level.tokens + max(0.0, now - level.counted_at) * per_second)
    level = replace(level, tokens=tokens, counted_at=max(now, level.counted_at))
    enough = min(calls, max(1.0, pace.burst))
    if tokens >= enough * NEARLY:
        return replace(level, tokens=tokens - calls), 0.0
    return level, (enough - tokens) / per_second


class Bucket(Protocol):
    """A quota's present state."""

    def take(self, calls: int = 1) -> float:
        """Take a token for each call and give 0, or give the seconds until asking again may help."""
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

    def take(self, calls: int = 1) -> float:
        """See `Bucket.take`."""
        self._level, wait = spend(self._level, self._pace, self._clock(), calls)
        return wait

    def pause(self, seconds: float) -> None:
        """See `Bucket.pause`."""
        self._level = self._level.paused(self._clock(), seconds)
