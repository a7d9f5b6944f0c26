"""One queue in front of one token: requests a minute, calls in flight, and the pause Asana asks for.

Owns when a request may leave. Asana counts by token, refused calls included (developer guide "Rate limits"), so every
tracker of one token shares one limiter. It sends nothing and does not decide whether to try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from facilitator.asana.limits import Limits

# A token this close to whole counts as whole: after sleeping exactly long enough, rounding must not cause another sleep.
NEARLY = 1 - 1e-6


class Limiter:
    """A token bucket with a pause, and a bound of calls in flight, for reads and writes apart."""

    def __init__(
        self, limits: Limits, *, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._per_second = limits.requests_per_minute / 60
        self._burst = float(limits.burst)
        self._tokens = self._burst
        self._counted_at = clock()
        self._paused_until = self._counted_at
        self._reads = asyncio.Semaphore(limits.reads_in_flight)
        self._writes = asyncio.Semaphore(limits.writes_in_flight)

    @asynccontextmanager
    async def turn(self, *, write: bool) -> AsyncIterator[None]:
        """Wait until a call may leave, and hold its place while it is in flight."""
        async with self._writes if write else self._reads:
            while (wait := self._wait_needed()) > 0:
                await self._sleep(wait)
            self._tokens -= 1
            yield

    def pause(self, seconds: float) -> None:
        """Hold every call of the token back for so long; the bucket starts empty after it."""
        until = self._clock() + seconds
        if until > self._paused_until:
            self._paused_until = self._counted_at = until
            self._tokens = 0.0

    def _wait_needed(self) -> float:
        now = self._clock()
        if now < self._paused_until:
            return self._paused_until - now
        self._tokens = min(self._burst, self._tokens + (now - self._counted_at) * self._per_second)
        self._counted_at = now
        return 0.0 if self._tokens >= NEARLY else (1 - self._tokens) / self._per_second
