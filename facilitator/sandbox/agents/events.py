"""A session's event log and the stream over it.

Owns the order of events, their ids and their instants, and hands each to the streams that are open. It does not decide what
happens in a session, and it never replays: a stream carries only what comes after it was opened.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta

from facilitator.sandbox.agents.wire import Ids, Json, stamp

EVENT_TYPES = frozenset(
    [
        "user.message",
        "user.interrupt",
        "user.tool_confirmation",
        "user.custom_tool_result",
        "user.define_outcome",
        "user.tool_result",
        "system.message",
        "agent.custom_tool_use",
        "agent.message",
        "agent.thinking",
        "agent.mcp_tool_use",
        "agent.mcp_tool_result",
        "agent.tool_use",
        "agent.tool_result",
        "agent.thread_message_received",
        "agent.thread_message_sent",
        "agent.thread_context_compacted",
        "session.error",
        "session.status_rescheduled",
        "session.status_running",
        "session.status_idle",
        "session.status_terminated",
        "session.thread_created",
        "session.thread_status_running",
        "session.thread_status_idle",
        "session.thread_status_terminated",
        "session.thread_status_rescheduled",
        "session.updated",
        "session.usage",
        "span.outcome_evaluation_start",
        "span.outcome_evaluation_ongoing",
        "span.outcome_evaluation_end",
        "span.model_request_start",
        "span.model_request_end",
        "workflow_run.created",
        "workflow_run.status_running",
        "workflow_run.status_idle",
        "workflow_run.status_ended",
        "workflow_run.error",
        "workflow_run.phase_started",
        "workflow_run.phase_ended",
    ]
)
"""What `types[]` may name: `BetaManagedAgentsSessionEventType` of the SDK 2.11.0."""

PING = 'event: ping\ndata: {"type":"ping"}\n\n'
_END = None


class EventLog:
    """One session's events, in the order they were placed. Stored events are plain JSON objects."""

    def __init__(self, clock: Callable[[], datetime], ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._last: datetime | None = None
        self._streams: list[asyncio.Queue[Json | None]] = []
        self.events: list[Json] = []

    def add(self, kind: str, *, body: Json | None = None, queued: bool = False) -> Json:
        """Place an event and send it to every open stream. A queued one has no `processed_at` until `settle`."""
        event: Json = {
            "type": kind,
            "id": self._ids.new("sevt"),
            "processed_at": None if queued else self.now(),
            **(body or {}),
        }
        self.events.append(event)
        self._send(event)
        return event

    def settle(self, event: Json) -> None:
        """Stamp a queued event: it moves to this place in the order and is streamed a second time, same id."""
        if event["processed_at"] is None:
            self.events.remove(event)
            event["processed_at"] = self.now()
            self.events.append(event)
            self._send(event)

    def now(self) -> str:
        """The next instant: never earlier than the last, and a microsecond apart within one step, as seen hosted [H]."""
        instant = self._clock()
        if self._last is not None and instant <= self._last:
            instant = self._last + timedelta(microseconds=1)
        self._last = instant
        return stamp(instant)

    def find(self, event_id: str) -> Json | None:
        """The event of this id, or None."""
        return next((event for event in self.events if event["id"] == event_id), None)

    def subscribe(self) -> asyncio.Queue[Json | None]:
        """Open a stream: what is placed from now on arrives in the queue; None ends it."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._streams.append(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[Json | None]) -> None:
        """Close one stream; closing it again does nothing."""
        if queue in self._streams:
            self._streams.remove(queue)

    def end_streams(self) -> None:
        """End every open stream cleanly, as the service does after `session.deleted`."""
        for queue in self._streams:
            queue.put_nowait(_END)

    def _send(self, event: Json) -> None:
        for queue in self._streams:
            queue.put_nowait(dict(event))


def order_key(position: int, event: Json) -> str:
    """The list's order: by `processed_at`, queued events at the end, ties in the order of placing."""
    return f"{event['processed_at'] or '9'}#{position:08d}"


def frame(event: Json) -> str:
    """One event as a server-sent frame; without its `event:` line the SDK would drop it."""
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False, separators=(',', ':'))}\n\n"


async def frames(
    log: EventLog, queue: asyncio.Queue[Json | None], heartbeat_s: float
) -> AsyncGenerator[str, None]:
    """The frames of one open stream, a ping after each silence of `heartbeat_s` seconds, until it ends."""
    try:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), heartbeat_s)
            except TimeoutError:
                yield PING
                continue
            if event is _END:
                return
            yield frame(event)
    finally:
        log.unsubscribe(queue)
