"""Followed sessions as they happen: said in a few words, and handed to whoever watches within this process.

The pipeline tells an `Observe`; a `Hub` is one, and passes everything on to its subscribers (the dashboard's live view).
It remembers nothing: what happened before a subscription, or in another process, is read from the run log.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, Self

import structlog

from facilitator.runs.run import Run, RunId
from facilitator.runs.steps.desk import Observe

log = structlog.get_logger()

ROOM = 500
"""Happenings a reader may lag behind: a whole session has about a hundred events."""

QUIET = frozenset(
    {"span.model_request_start", "span.model_request_end", "session.usage", "session.thread_status_idle",
     "session.thread_status_running", "agent.thinking", "span.outcome_evaluation_ongoing", "agent.tool_result"}
)  # fmt: skip
"""Events that tell a person nothing."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One move (`moved`, with `why`) or session event (`event`) of a run; `number` counts from 1 in this process."""

    number: int
    run: Run
    kind: str
    detail: Mapping[str, Any]

    @property
    def words(self) -> str | None:
        """The happening in a few words, or None for one that tells a person nothing."""
        return words(self.run, self.kind, self.detail)


class Subscription:
    """An asynchronous iterator over what happens from now on. It ends when closed, or when its reader was too slow.

    What is told in one thread may be read in another's event loop; one loop reads.
    """

    def __init__(self, run: RunId | None, room: int) -> None:
        self._run = run
        self._room = room
        self._waiting: deque[Happening] = deque()
        self._news = asyncio.Event()
        self._reader: asyncio.AbstractEventLoop | None = None
        self._open = True

    def offer(self, happening: Happening) -> None:
        """Take in a happening that concerns us; one too many ends the subscription, and nobody waits for its reader."""
        if not self._open or (self._run is not None and happening.run.id != self._run):
            return
        if len(self._waiting) >= self._room:
            self.close()
            return
        self._waiting.append(happening)
        self._wake()

    def close(self) -> None:
        """End it: what waits is still read, then the iteration stops."""
        self._open = False
        self._wake()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Happening:
        # Before looking for news, not after: what is told from here on finds a loop to wake.
        self._reader = asyncio.get_running_loop()
        while True:
            self._news.clear()
            if self._waiting:
                return self._waiting.popleft()
            if not self._open:
                raise StopAsyncIteration
            await self._news.wait()

    def _wake(self) -> None:
        if self._reader is not None:
            with suppress(RuntimeError):  # its loop is closed: nobody reads any more
                self._reader.call_soon_threadsafe(self._news.set)


class Hub:
    """Passes everything it is told to its subscribers, whichever thread they read in. Telling it never blocks and never raises."""

    def __init__(self, *, room: int = ROOM) -> None:
        self._room = room
        self._count = 0
        self._subscriptions: set[Subscription] = set()
        self._lock = Lock()

    def publish(self, run: Run, kind: str, detail: Mapping[str, Any]) -> None:
        """See `Observe`."""
        with self._lock:
            self._count += 1
            happening = Happening(self._count, run, kind, detail)
            for subscription in self._subscriptions:
                subscription.offer(happening)

    @contextmanager
    def subscribe(self, run: RunId | None = None) -> Iterator[Subscription]:
        """What happens to the run, or to all, for the length of the block."""
        subscription = Subscription(run, self._room)
        with self._lock:
            self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            with self._lock:
                self._subscriptions.discard(subscription)
            subscription.close()


def together(*observers: Observe) -> Observe:
    """One observer that tells several."""

    def observe(run: Run, kind: str, detail: Mapping[str, Any]) -> None:
        for each in observers:
            each(run, kind, detail)

    return observe


def logged(run: Run, kind: str, detail: Mapping[str, Any]) -> None:
    """An observer for a process without a terminal: each move is a line of the log, events are not."""
    if kind == "moved":
        log.info(
            "moved", run=run.id, team=run.team, ceremony=run.ceremony, state=run.state, why=detail.get("why")
        )


def words(run: Run, kind: str, detail: Mapping[str, Any]) -> str | None:
    """A move or an event in a few words, or None for one that tells a person nothing."""
    if kind == "moved":
        return f"{run.ceremony}: {run.state}: {detail.get('why', '')}"
    line = event_line(detail)
    return None if line is None else f"{run.ceremony}: {line}"


def event_line(event: Mapping[str, Any]) -> str | None:
    """One session event in a few words, or None for one that tells a person nothing."""
    kind = str(event.get("type"))
    if kind in QUIET:
        return None
    match kind:
        case "agent.custom_tool_use" | "agent.tool_use":
            return f"tool {event.get('name')}"
        case "user.custom_tool_result":
            return "tool answered" + (" with an error" if event.get("is_error") else "")
        case "span.outcome_evaluation_start":
            return f"grading {int(event.get('iteration') or 0) + 1}"
        case "span.outcome_evaluation_end":
            return f"verdict: {event.get('result')}"
        case "session.status_idle":
            reason = event.get("stop_reason") or {}
            return f"session idle: {reason.get('type')}"
        case "session.error":
            error = event.get("error") or {}
            return f"session error: {error.get('type')}"
        case _:
            return kind.replace("session.status_", "session ").replace("_", " ")
