"""What a followed session said, until it stands in the run log: written down in batches, each batch one transaction.

An event is written within `LATEST` seconds, with its whole batch once there are `MOST`; a call of a tool at once, so that it
stands there before it is answered, and everything before the run moves. A crash loses nothing: whoever follows the session next reads its history again, from the service.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, Self

from facilitator.runs.run import RunId

LATEST = 0.5
MOST = 100


class KeepEvents(Protocol):
    """`RunStore.keep_events`."""

    def __call__(self, run: RunId, events: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
        """One transaction."""
        ...


class Notebook:
    """The events of one run that are not written down yet. Use it inside `with`, on the event loop."""

    def __init__(
        self,
        keep: KeepEvents,
        run: RunId,
        tell: Callable[[Mapping[str, Any]], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._keep = keep
        self._run = run
        self._tell = tell
        self._clock = clock
        self._pages: list[Mapping[str, Any]] = []
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.write_down()

    async def record(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Take events over: who watches hears of them at once, the run log a little later."""
        self._pages.extend(events)
        for event in events:
            self._tell(event)
        if len(self._pages) >= MOST or any(map(_asks_us, events)):
            self.write_down()
        elif self._pages and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LATEST, self.write_down)

    def write_down(self) -> None:
        """Put everything taken over into the run log now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._pages:
            self._keep(self._run, self._pages, now=self._clock())
            self._pages.clear()


def _asks_us(event: Mapping[str, Any]) -> bool:
    """Whether it is a call that we answer; the service's own tools answer themselves."""
    return event.get("type") == "agent.custom_tool_use" or event.get("evaluated_permission") == "ask"
