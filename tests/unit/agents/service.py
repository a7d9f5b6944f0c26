"""A session service of a few lines behind the SDK's own transport seam, for moments no simulator would reach on demand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from anthropic import AsyncAnthropic

from facilitator.agents.client import Intervals, Wire
from facilitator.agents.follow import Follower
from facilitator.agents.sessions import Sessions
from facilitator.runs.ports import Ending, Outcome, Pinned, ToolAnswer

PINNED = Pinned("agent_1", 3, "env_1", "a", "e", ("board_get_task", "draft_check"))
NOW = datetime(2026, 6, 12, 12, 0, tzinfo=UTC)
INTERVALS = Intervals(
    first_wait=0.0, longest_wait=0.0, settle=0.0, settle_polls=3, looks=(0.0, 0.0), attempts=3
)
ENDED = {"type": "session.status_idle", "stop_reason": {"type": "end_turn"}}

Answer = httpx2.Response
Reply = Callable[[Any], Answer]


def outcome(**changes: Any) -> Outcome:
    """What is asked in these tests."""
    usual = Outcome("key", "title", "description", "rubric", "{}", deadline=timedelta(seconds=5))
    return replace(usual, **changes)


def stamped(number: int, event: Mapping[str, Any]) -> dict[str, Any]:
    """An event as stored."""
    return {"id": f"sevt_{number}", "processed_at": f"2026-06-12T12:00:{number:02d}Z", **event}


def ok(body: Mapping[str, Any]) -> Answer:
    """A good answer."""
    return httpx2.Response(200, json=body)


def error(status: int, message: str = "no") -> Answer:
    """A refusal in the service's form."""
    body = {"type": "error", "error": {"type": "x", "message": message}}
    return httpx2.Response(status, json=body)


@dataclass
class FakeService:
    """One session with a scripted history; `replies` overrule single routes, in turn, before the usual answer."""

    history: list[dict[str, Any]] = field(default_factory=list)
    stored: dict[str, Any] = field(
        default_factory=lambda: {"id": "sesn_1", "type": "session", "status": "idle"}
    )
    listed: list[dict[str, Any]] = field(default_factory=list)
    replies: dict[str, list[Answer | Exception | Reply]] = field(default_factory=dict)
    stream: str = ""
    after_send: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    page: int = 1000

    def add(self, *events: Mapping[str, Any]) -> None:
        """Put events into the history."""
        for event in events:
            self.history.append(stamped(len(self.history) + 1, event))

    async def __call__(self, request: httpx2.Request) -> Answer:
        """Answer one request."""
        path = request.url.path.removeprefix("/v1/").replace("sesn_1", "ID")
        route = f"{request.method} {path}"
        self.calls.append(route)
        waiting = self.replies.get(route)
        if waiting:
            reply = waiting.pop(0)
            if isinstance(reply, Exception):
                raise reply
            return reply if isinstance(reply, httpx2.Response) else reply(self)
        return self._usual(route, request)

    def _usual(self, route: str, request: httpx2.Request) -> Answer:
        if route == "GET sessions/ID/events/stream":
            return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=self.stream)
        if route == "GET sessions/ID/events":
            start = int(request.url.params.get("page", "0"))
            rest = self.history[start : start + self.page]
            more = str(start + self.page) if start + self.page < len(self.history) else None
            return ok({"data": rest, "next_page": more})
        if route == "POST sessions/ID/events":
            events = json.loads(request.content)["events"]
            self.sent += events
            self.add(*({**event, "outcome_id": "outc_1"} for event in events))
            echo = self.history[-len(events) :]
            self.add(*self.after_send)
            return ok({"data": echo})
        if route in (
            "GET sessions/ID",
            "POST sessions/ID/archive",
            "GET sessions/twin",
            "POST sessions/twin/archive",
        ):
            return ok(self.stored)
        if route == "GET sessions":
            return ok({"data": self.listed, "next_page": None})
        if route == "POST sessions":
            return ok({**self.stored, "metadata": {}})
        if route == "POST files":
            return ok({"id": "file_1", "filename": "facts.json"})
        return error(404, f"no route {route}")

    def sessions(self, **intervals: Any) -> Sessions:
        """Our side of the wire."""
        client = AsyncAnthropic(
            api_key="sk-test",
            base_url="http://service.test",
            max_retries=0,
            http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(self)),
        )

        async def no_wait(_seconds: float) -> None:
            return

        return Sessions(
            Wire(client, no_wait, lambda: 0.5, replace(INTERVALS, **intervals)), PINNED, lambda: NOW
        )

    async def follow(
        self,
        answer: Callable[[str, Mapping[str, Any]], ToolAnswer] | None = None,
        *,
        monotonic: Callable[[], float] = lambda: 0.0,
        asked: Outcome | None = None,
        **intervals: Any,
    ) -> Ending:
        """Follow the session to its end."""
        follower = Follower(
            sessions=self.sessions(**intervals),
            session_id="sesn_1",
            allowed=(asked or outcome()).deadline,
            answer=answer or (lambda _name, _arguments: ToolAnswer("fine")),
            record=ignore,
            monotonic=monotonic,
        )
        return await follower.run()


def ignore(_events: Sequence[Mapping[str, Any]]) -> None:
    """Store nothing."""
