"""One HTTP exchange as the sandbox's wire sees it: the request, already read, and the ways to answer or break it.

Owns the small ASGI vocabulary that faults are written in: run the handler, capture its answer, answer something else, wait for
the client to leave, drop the connection. It knows no fault and no service.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Drop = Callable[[Scope, bool], None]
"""Closes the connection of a request; with True by a reset (RST) instead of in order (FIN)."""

SIMULATOR = (b"x-simulator", b"facilitator-sandbox")


@dataclass
class Captured:
    """A whole answer that was held back."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    body: bytes = b""


@dataclass(frozen=True)
class Exchange:
    """A request that was read to its end, the application that would handle it, and the line back to the client."""

    app: App
    scope: Scope
    body: bytes
    receive: Receive
    send: Send
    drop: Drop
    age: Callable[[str], float | None]
    error_body: Callable[[int, str], dict[str, Any]]

    async def serve(self, send: Send | None = None) -> None:
        """Let the application answer, into `send` where one is given."""
        await self.app(self.scope, self._replayed(), send or self.send)

    async def capture(self) -> Captured:
        """Let the application do its work and keep its answer; of an event stream only the beginning is kept."""
        captured, ended = Captured(), asyncio.Event()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                captured.status, captured.headers = message["status"], list(message.get("headers", []))
                if is_event_stream(captured.headers):
                    ended.set()
            else:
                captured.body += message.get("body", b"")

        await run_until(self.serve(keep), ended)
        return captured

    async def answer(
        self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        """Send one whole answer."""
        pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        head = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": [*head, *pairs]})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def answer_json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        """Send one whole answer as JSON."""
        await self.answer(status, json.dumps(value).encode(), "application/json; charset=UTF-8", headers)

    async def forward(self, captured: Captured) -> None:
        """Send an answer that was held back."""
        await self.send(
            {"type": "http.response.start", "status": captured.status, "headers": captured.headers}
        )
        await self.send({"type": "http.response.body", "body": captured.body, "more_body": False})

    async def wait(self, seconds: float | None) -> bool:
        """Wait so many real seconds, or for ever, or until the client leaves; True when it left."""
        try:
            async with asyncio.timeout(seconds):
                while (await self.receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            return False
        return True

    async def hang_up(self, *, reset: bool = False) -> None:
        """Close the connection without a word more: in order after what was already sent, or by a reset."""
        self.drop(self.scope, reset)
        await self.wait(None)

    def _replayed(self) -> Receive:
        """Give the application the body that was already read, then the client's own messages."""
        unread: list[Message] = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def receive() -> Message:
            return unread.pop() if unread else await self.receive()

        return receive


async def run_until(work: Coroutine[Any, Any, None], ended: asyncio.Event) -> None:
    """Run an application until it is done or `ended` is set; then, or when we are cancelled, stop it."""
    task = asyncio.ensure_future(work)
    ender = asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait({task, ender}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        task.cancel()
        ender.cancel()
        await asyncio.gather(task, ender, return_exceptions=True)


async def read_to_end(receive: Receive) -> bytes:
    """Read a whole request body."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def is_event_stream(headers: Headers) -> bool:
    """Whether an answer is Server-Sent Events."""
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers
    )
