"""How an event stream goes wrong: closed early, cut in mid-event, silent, repeating itself, or speaking of unknown things.

Owns the splitting of Server-Sent Events into frames and what is done at the n-th of them. It sits between an application and
the client only on answers of type text/event-stream. It never invents an event of its own, save the unknown one.
"""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from facilitator.sandbox.exchange import Exchange, Message, is_event_stream, run_until
from facilitator.sandbox.faults import Fault

PIECES = 5
FRAME_END = re.compile(rb"\r?\n\r?\n")
UNKNOWN_EVENT = {"type": "sandbox.unheard_of", "id": "sevt_sandbox_unheard_of", "content": "of no known kind"}
MALFORMED = b'event: agent.message\ndata: {"type": "agent.message", \n\n'
CUT = b'event: message\ndata: {"type": "cut in the mid'


class StreamWire:
    """The send side of one exchange. It asks for a fault only when the answer turns out to be an event stream."""

    def __init__(self, exchange: Exchange, take_fault: Callable[[], Fault | None]) -> None:
        self._exchange = exchange
        self._take_fault = take_fault
        self._fault: Fault | None = None
        self._ended = asyncio.Event()
        self._pending = b""
        self._frames = 0
        self._dribble = 0.0

    async def serve(self) -> None:
        """Let the application answer, harming its stream where a fault is due."""
        await run_until(self._exchange.serve(self._send), self._ended)

    async def _send(self, message: Message) -> None:
        if self._ended.is_set():
            return
        if message["type"] == "http.response.start":
            await self._exchange.send(message)
            if is_event_stream(message.get("headers", [])):
                self._fault = self._take_fault()
                await self._harm_when_due()
        elif self._fault is None:
            await self._exchange.send(message)
        else:
            await self._send_frames(message)

    async def _send_frames(self, message: Message) -> None:
        *frames, self._pending = _split(self._pending + message.get("body", b""))
        for frame in frames:
            await (self._dribbled(frame) if self._dribble else self._chunk(frame))
            if b"data:" in frame or b"event:" in frame:
                self._frames += 1
                await self._harm_when_due(frame)
            if self._ended.is_set():
                return
        if not message.get("more_body"):
            await self._finish(self._pending)

    async def _harm_when_due(self, frame: bytes = b"") -> None:
        if self._fault is None or self._frames != int(self._fault.parameters.get("frames", 1)):
            return
        if self._fault.kind == "stream_close":
            await self._finish()
        elif self._fault.kind == "stream_cut":
            await self._chunk(CUT)
            self._ended.set()
            await self._exchange.hang_up()
        elif self._fault.kind == "stream_reset":
            self._ended.set()
            await self._exchange.hang_up(reset=True)
        elif self._fault.kind == "stream_malformed":
            await self._chunk(MALFORMED)
        elif self._fault.kind == "stream_trickle":
            self._dribble = float(self._fault.parameters.get("seconds", 1.0))
        elif self._fault.kind == "stream_silence":
            await self._fall_silent(self._fault.parameters.get("seconds"))
        elif self._fault.kind == "stream_duplicate":
            await self._chunk(frame)
        else:
            await self._chunk(_frame(self._fault.parameters.get("payload", UNKNOWN_EVENT)))

    async def _fall_silent(self, seconds: float | None) -> None:
        """Hold everything back; what the application sends meanwhile waits behind this."""
        if await self._exchange.wait(seconds):
            self._ended.set()

    async def _dribbled(self, frame: bytes) -> None:
        """Send one frame in a few pieces, spread over the seconds that were asked for."""
        size = max(1, -(-len(frame) // PIECES))
        for start in range(0, len(frame), size):
            await self._chunk(frame[start : start + size])
            if await self._exchange.wait(self._dribble / PIECES):
                self._ended.set()
                return

    async def _chunk(self, body: bytes) -> None:
        await self._exchange.send({"type": "http.response.body", "body": body, "more_body": True})

    async def _finish(self, rest: bytes = b"") -> None:
        await self._exchange.send({"type": "http.response.body", "body": rest, "more_body": False})
        self._ended.set()


def _split(data: bytes) -> list[bytes]:
    """Cut bytes after each blank line; the last part is what has no end yet, often empty."""
    parts, start = [], 0
    for end in FRAME_END.finditer(data):
        parts.append(data[start : end.end()])
        start = end.end()
    return [*parts, data[start:]]


def _frame(payload: dict[str, Any]) -> bytes:
    return f"event: {payload.get('type', 'message')}\ndata: {json.dumps(payload)}\n\n".encode()
