"""One queue in front of one token: requests a minute, calls in flight, and the pause Asana asks for.

Asana counts by token, refused calls included (developer guide "Rate limits"), so every tracker of one token shares one
limiter, and every process one bucket. It sends nothing and does not decide whether to try again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from facilitator.asana.limits import Limits
from facilitator.pacing import Bucket, LocalBucket, Pace, Turnstile


class Limiter:
    """A quota with a pause, and a bound of calls in flight, for reads and writes apart.

    `bucket` is the quota where others share it; else it is this limiter's own.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        bucket: Bucket | None = None,
    ) -> None:
        pace = Pace(limits.requests_per_minute, limits.burst)
        self._turnstile = Turnstile(
            bucket or LocalBucket(pace, clock=clock),
            sleep=sleep,
            lanes={"read": limits.reads_in_flight, "write": limits.writes_in_flight},
        )

    def turn(self, *, write: bool, calls: int = 1) -> AbstractAsyncContextManager[None]:
        """Wait until a call may leave, or a batch of so many, and hold its place while it is in flight."""
        return self._turnstile.turn("write" if write else "read", calls=calls)

    def pause(self, seconds: float) -> None:
        """Hold every call of the token back for so long; the bucket starts empty after it."""
        self._turnstile.pause(seconds)
