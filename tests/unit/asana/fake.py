"""A scripted Asana for one test: answers written down beforehand, requests written down as they come.

It knows nothing of Asana's rules, so that a test shows both sides of the exchange; the sandbox has the rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from facilitator.asana import AsanaTracker, Limits, StoryCache

BASE = "https://asana.example/api/1.0"
TOKEN = "1/2345:canary-of-a-token"

Answer = httpx.Response | Exception


def ok(data: Any, *, offset: str | None = None, status: int = 200) -> httpx.Response:
    """A success; with `offset`, one with a page after it."""
    following = None
    if offset is not None:
        # As the real service does, the page's address names the public host, not the one that was asked.
        following = {"offset": offset, "path": "/x", "uri": "https://app.asana.com/api/1.0/x"}
    return httpx.Response(status, json={"data": data, "next_page": following})


def refused(status: int, message: str = "no", **headers: str) -> httpx.Response:
    """An error in Asana's own shape."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"errors": [{"message": message, "help": "..."}]}, headers=named)


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def clock(self) -> float:
        """Seconds, from nowhere in particular."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once, and note it."""
        self.naps.append(seconds)
        self.now += seconds

    @property
    def slept(self) -> float:
        """All naps together."""
        return sum(self.naps)


@dataclass
class FakeAsana:
    """Answers by `METHOD /path`, in order; the last one of a path is given again and again."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    time: FakeTime = field(default_factory=FakeTime)

    def on(self, call: str, *answers: Answer) -> FakeAsana:
        """Write down the answers of one path; answers itself."""
        self.answers[call] = list(answers)
        return self

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Give the next answer written down for this call; a call nobody expected fails the test."""
        self.requests.append(request)
        call = f"{request.method} {request.url.path.removeprefix('/api/1.0')}"
        planned = self.answers.get(call)
        assert planned, f"nobody expected {call}"
        answer = planned.pop(0) if len(planned) > 1 else planned[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    def calls(self, start: str = "") -> list[str]:
        """The calls that came, as `METHOD /path`, those that start so."""
        made = [f"{request.method} {request.url.path.removeprefix('/api/1.0')}" for request in self.requests]
        return [call for call in made if call.startswith(start)]

    def sent(self) -> Any:
        """The JSON body of the last request."""
        return json.loads(self.requests[-1].content)

    def tracker(
        self,
        limits: Limits | None = None,
        *,
        token: Callable[[], str] = lambda: TOKEN,
        base_url: str = BASE,
        cache: StoryCache | None = None,
        on_progress: Callable[[str, int], None] | None = None,
        on_limited: Callable[[], None] = lambda: None,
        workspace: str = "",
    ) -> AsanaTracker:
        """A tracker that talks to this."""
        return AsanaTracker(
            base_url=base_url,
            token=token,
            limits=limits or Limits(requests_per_minute=1500, burst=1500),
            clock=self.time.clock,
            sleep=self.time.sleep,
            random=Random(7),
            cache=cache,
            transport=httpx.MockTransport(self.handle),
            on_progress=on_progress,
            on_limited=on_limited,
            workspace=workspace,
        )


def project(*tasks: Any, sections: Any = (), **more: Any) -> FakeAsana:
    """A project 77 with these task records, read by user 500; histories are empty unless written down."""
    asana = FakeAsana()
    asana.on("GET /users/me", ok({"gid": "500", "name": "Bot"}))
    asana.on("GET /projects/77", ok({"gid": "77", "name": "Harbour", **more}))
    asana.on("GET /projects/77/sections", ok(list(sections or SECTIONS)))
    asana.on("GET /projects/77/tasks", ok(list(tasks)))
    for task in tasks:
        if isinstance(task, dict):
            asana.on(f"GET /tasks/{task.get('gid')}/stories", ok([]))
    return asana


SECTIONS = ({"gid": "71", "name": "To do"}, {"gid": "72", "name": "Doing"}, {"gid": "73", "name": "Done"})


def task(gid: str = "11", **more: Any) -> dict[str, Any]:
    """A task record of project 77, in its first section."""
    return {
        "gid": gid,
        "name": f"Task {gid}",
        "created_at": "2026-03-02T09:00:00.000Z",
        "modified_at": "2026-03-03T09:00:00.000Z",
        "memberships": [{"project": {"gid": "77"}, "section": {"gid": "71"}}],
        **more,
    }


def story(gid: str = "31", kind: str = "marked_complete", **more: Any) -> dict[str, Any]:
    """A story record; comments get their type from their kind."""
    return {
        "gid": gid,
        "type": "comment" if kind == "comment_added" else "system",
        "resource_subtype": kind,
        "created_at": "2026-03-03T09:00:00.000Z",
        **more,
    }
