"""Many calls side by side, but never more than a few: the width is the limiter's, the order the caller's.

Owns the fan-out of one read. The first failure ends it, the calls in flight are cancelled, and that failure is what the
caller sees. Only for reads: a cancelled write would be in doubt.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def unheard(_count: int) -> None:
    """Nobody counts."""


@dataclass(slots=True)
class Underway(Generic[T, R]):
    """Work that is begun as its items become known, `width` at a time; `results` by key are whole when the block is left."""

    _group: asyncio.TaskGroup
    _work: Callable[[T], Awaitable[R]]
    _width: int
    _on_done: Callable[[int], None]
    results: dict[Hashable, R] = field(default_factory=dict)
    _waiting: deque[tuple[Hashable, T]] = field(default_factory=deque)
    _busy: int = 0

    def begin(self, key: Hashable, item: T) -> None:
        """Do the work on one more item, in the order of asking; a second time for a key, the later result stands."""
        self._waiting.append((key, item))
        if self._busy < self._width:
            self._busy += 1
            self._group.create_task(self._worker())

    async def _worker(self) -> None:
        while self._waiting:
            key, item = self._waiting.popleft()
            self.results[key] = await self._work(item)
            self._on_done(len(self.results))
        self._busy -= 1


@asynccontextmanager
async def underway(
    work: Callable[[T], Awaitable[R]], *, width: int, on_done: Callable[[int], None] = unheard
) -> AsyncIterator[Underway[T, R]]:
    """A block in which work may be begun; it is left when all of that is done. `on_done` hears how many are.

    What fails first, in the work or in the block, ends both and is raised.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield Underway(group, work, width, on_done)
    except* Exception as failures:  # noqa: BLE001 - unwrapped and raised, nothing is swallowed
        raise _first(failures) from None


async def at_once(items: Sequence[T], work: Callable[[T], Awaitable[R]], *, width: int) -> list[R]:
    """Do the work on every item, `width` at a time; answers in the items' order."""
    async with underway(work, width=width) as doing:
        for index, item in enumerate(items):
            doing.begin(index, item)
    return [doing.results[index] for index in range(len(items))]


def _first(failures: BaseExceptionGroup[Exception]) -> Exception:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
