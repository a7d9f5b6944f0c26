"""Many calls side by side, but never more than a few: the width is the limiter's, the order the caller's.

Owns the fan-out of one read. The first failure ends it, the calls in flight are cancelled, and that failure is what the
caller sees. Only for reads: a cancelled write would be in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def at_once(
    items: Sequence[T],
    work: Callable[[T], Awaitable[R]],
    *,
    width: int,
    on_done: Callable[[int], None] = lambda _count: None,
) -> list[R]:
    """Do the work on every item, `width` at a time; answers in the items' order, `on_done` hears how many are done."""
    results: dict[int, R] = {}
    waiting = iter(enumerate(items))

    async def worker() -> None:
        for index, item in waiting:
            results[index] = await work(item)
            on_done(len(results))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(width, len(items))):
                group.create_task(worker())
    except* Exception as failures:  # noqa: BLE001 - unwrapped and raised, nothing is swallowed
        raise _first(failures) from None
    return [results[index] for index in range(len(items))]


def _first(failures: BaseExceptionGroup[Exception]) -> Exception:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
