"""What followed sessions said, until it stands in the run log: written down in batches, the events of all runs in one transaction.

An event is written within `LATEST` seconds, with all others once there are `MOST`; a call of a tool before it is answered, and
everything before the run moves. A crash loses nothing: whoever follows the session next reads its history again, from the
service.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, Self

from facilitator.runs.run import RunId

LATEST = 0.5
MOST = 1000

Event = Mapping[str, Any]
Tell = Callable[[Event], None]


class KeepPages(Protocol):
    """`RunStore.keep_pages`."""

    def __call__(self, pages: Mapping[RunId, Sequence[Event]], *, now: datetime) -> object:
        """One transaction."""
        ...


class Notebook:
    """The events of every run followed here that are not written down yet. Belongs to one event loop."""

    def __init__(self, keep: KeepPages, clock: Callable[[], datetime]) -> None:
        self._keep = keep
        self._clock = clock
        self._pages: dict[RunId, list[Event]] = {}
        self._urgent: list[RunId] = []
        self._spoilt: dict[RunId, Exception] = {}
        self._held = 0
        self._timer: asyncio.TimerHandle | None = None
        self._turn: asyncio.Future[None] | None = None

    def page(self, run: RunId, tell: Tell) -> Page:
        """Where the events of one run go; use it inside `with`."""
        return Page(self, run, tell)

    def take(self, run: RunId, events: Sequence[Event]) -> None:
        """Take events over, to be written with those of others."""
        self._pages.setdefault(run, []).extend(events)
        self._held += len(events)
        if self._held >= MOST:
            self._write_all()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LATEST, self._write_all)

    async def written(self, run: RunId) -> None:
        """Once the run's events stand in the run log; runs that ask in the same turn of the loop share one transaction."""
        if run in self._pages:
            self._urgent.append(run)
            if self._turn is None:
                loop = asyncio.get_running_loop()
                self._turn = loop.create_future()
                loop.call_soon(self._write_urgent)
            await asyncio.shield(self._turn)
        self._check(run)

    def close(self, run: RunId) -> None:
        """Write what is left of the run; raises what kept its events from being written."""
        self._write([run])
        self._check(run)

    def _check(self, run: RunId) -> None:
        if error := self._spoilt.pop(run, None):
            raise error

    def _write_all(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._write(list(self._pages))

    def _write_urgent(self) -> None:
        urgent, self._urgent = self._urgent, []
        turn, self._turn = self._turn, None
        try:
            self._write(urgent)
        finally:
            if turn is not None and not turn.done():
                turn.set_result(None)

    def _write(self, runs: Sequence[RunId]) -> None:
        pages = {run: self._pages.pop(run) for run in dict.fromkeys(runs) if run in self._pages}
        self._held -= sum(map(len, pages.values()))
        try:
            if pages:
                self._keep(pages, now=self._clock())
        except Exception:  # noqa: BLE001 - found out one by one: one run's trouble must not be another's
            for run, events in pages.items():
                self._alone(run, events)

    def _alone(self, run: RunId, events: Sequence[Event]) -> None:
        try:
            self._keep({run: events}, now=self._clock())
        except Exception as error:  # noqa: BLE001 - raised where the run is followed
            self._spoilt[run] = error


class Page:
    """One run's part of the notebook; what it still holds is written down when the block is left."""

    def __init__(self, book: Notebook, run: RunId, tell: Tell) -> None:
        self._book = book
        self._run = run
        self._tell = tell

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._book.close(self._run)

    async def record(self, events: Sequence[Event]) -> None:
        """Take events over: who watches hears of them at once, the run log a little later, of what is asked of us first."""
        self._book.take(self._run, events)
        for event in events:
            self._tell(event)
        if any(map(_asks_us, events)):
            await self._book.written(self._run)


def _asks_us(event: Event) -> bool:
    """Whether it is a call that we answer; the service's own tools answer themselves."""
    return event.get("type") == "agent.custom_tool_use" or event.get("evaluated_permission") == "ask"
