"""A bell: whoever learns that there may be news rings it, and what waits for news looks at once.

It carries nothing. A ring is a hint; what is true is read from Asana and the run log. Many rings while a look is under way
are one more look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()


class Bell:
    """Rung from any thread, answered in one event loop."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.rings = 0

    def ring(self) -> None:
        """Say that there may be news; never waits, and where nobody answers the chore looks anyway."""
        self.rings += 1
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    async def answer(self, look: Callable[[], Awaitable[None]]) -> None:
        """Look at each ring, until cancelled; a look that fails is logged, for the next chore looks anyway."""
        self._loop = asyncio.get_running_loop()
        while True:
            await self._rung.wait()
            self._rung.clear()
            try:
                await look()
            except Exception as error:
                log.exception("look_failed", error=str(error))
