"""A small world around the simulated service: a plain client, a clock the test moves, and a stand-up's facts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from facilitator.sandbox.agents.state import AgentsSandboxSettings, SandboxState, Session

Json = dict[str, Any]

HEADERS = {"authorization": "Bearer sk-test", "anthropic-beta": "managed-agents-2026-04-01"}
NO_LAG = AgentsSandboxSettings(
    step_s=0, grading_s=0, start_lag_s=0, idle_lag_s=0, list_lag_s=0, file_lag_s=0, heartbeat_s=5
)
RUBRIC = """---
id: standup
---
## D1 The headline is right   [hard] [code]
Sprint, verdict and one figure.

## D2 Blockers complete and first   [hard] [code+grader]
The section `blocked` holds exactly the tasks of the fact.

## D9 Asks are real   [soft] [grader]
The section `asks` names who is asked.
"""
TOOLSET = {
    "type": "agent_toolset_20260401",
    "default_config": {"enabled": False},
    "configs": [{"name": "read", "enabled": True}, {"name": "write", "enabled": True}],
}


def tool(name: str, **properties: str) -> Json:
    """A custom tool's declaration with these properties, each of a JSON type."""
    return {
        "type": "custom",
        "name": name,
        "description": f"{name}, read only",
        "input_schema": {
            "type": "object",
            "properties": {key: {"type": kind} for key, kind in properties.items()},
            "required": list(properties),
        },
    }


BOARD_TOOLS = [
    tool("board_get_health"),
    tool("board_get_task", task_gid="string"),
    tool("draft_check", draft="object"),
]

FACTS: Json = {
    "format": "facts/1",
    "ceremony": "standup",
    "team": "Harbour",
    "project": {"gid": "1", "name": "Harbour"},
    "as_of": "2026-06-12T07:00:00Z",
    "zone": "Europe/Berlin",
    "window": {"start": "2026-06-11T07:00:00Z", "end": "2026-06-12T07:00:00Z"},
    "facts": {
        "sprint.name": {"label": "sprint", "value": "Sprint 24", "unit": "text", "rule": "r"},
        "sprint.day": {"label": "sprint day", "value": 6, "unit": "working_days", "of": 10, "rule": "r"},
        "sprint.days": {"label": "sprint days", "value": 10, "unit": "working_days", "rule": "r"},
        "sprint.verdict": {"label": "verdict", "value": "At risk", "unit": "text", "rule": "r"},
        "sprint.done_points": {"label": "points done", "value": 9, "unit": "points", "of": 21, "rule": "r"},
        "sprint.planned_points": {"label": "points planned", "value": 21, "unit": "points", "rule": "r"},
        "blocked": {"label": "blocked", "value": 2, "unit": "tasks", "tasks": ["11", "12"], "rule": "r"},
        "ageing": {"label": "ageing", "value": 1, "unit": "tasks", "tasks": ["13"], "rule": "r"},
        "moved.done": {"label": "done", "value": 2, "unit": "tasks", "tasks": ["14", "15"], "rule": "r"},
        "moved.in_review": {"label": "in review", "value": 1, "unit": "tasks", "tasks": ["16"], "rule": "r"},
    },
    "tasks": {
        "11": {
            "name": "Payment retry",
            "state": "in_progress",
            "owner": "91",
            "notes": {"blocked_because": "no sandbox keys yet"},
        },
        "12": {"name": "Import job", "state": "todo", "notes": {"blocked_because": "depends on the export"}},
        "13": {"name": "Search index", "state": "in_progress", "figures": {"age_days": 11}},
        "14": {"name": "Login", "state": "done"},
        "15": {"name": "Export", "state": "done"},
        "16": {"name": "Audit log", "state": "in_review"},
    },
    "people": {"91": "Mara K."},
    "coverage": {"tasks_read": 34, "comments_read": 41, "blind_spots": [], "omitted": 0},
    "document": {
        "headline": {"max_words": 25, "must_use": ["sprint.verdict"]},
        "max_words": 180,
        "quiet": False,
        "sections": [
            {"id": "blocked", "title": "Blocked", "max_items": 4, "min_items": 0, "covers": "blocked", "needs": ["next_step"], "max_words": 30},
            {"id": "ageing", "title": "Ageing", "max_items": 3, "min_items": 0, "covers": "ageing", "max_words": 30},
            {"id": "moved", "title": "Moved", "max_items": 6, "min_items": 0, "cites_from": ["moved.done", "moved.in_review"], "max_words": 30},
            {"id": "asks", "title": "Decision today", "max_items": 3, "min_items": 0, "cites_from": ["blocked"], "needs": ["owner", "due_on"], "max_words": 30},
        ],
    },
}  # fmt: skip


class Clock:
    """An instant the test moves."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 6, 12, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@dataclass
class World:
    """The service and a plain HTTP client on it. Every call asserts the status it expects."""

    client: httpx.AsyncClient
    state: SandboxState
    clock: Clock

    async def send(
        self, method: str, path: str, body: Json | None = None, *, expect: int = 200, **more: Any
    ) -> Json:
        answer = await self.client.request(
            method, path, json=body, headers={**HEADERS, **more.pop("headers", {})}, **more
        )
        assert answer.status_code == expect, answer.text
        found: Json = answer.json()
        return found

    async def post(self, path: str, body: Json | None = None, *, expect: int = 200) -> Json:
        return await self.send("POST", path, body or {}, expect=expect)

    async def get(self, path: str, *, expect: int = 200, **query: Any) -> Json:
        return await self.send("GET", path, expect=expect, params=query)

    async def refused(self, path: str, body: Json, *, status: int = 400) -> str:
        """Post something the service must refuse; answers its words."""
        return str((await self.post(path, body, expect=status))["error"]["message"])

    async def agent(self, *tools: Json, **more: Any) -> str:
        body = {"name": "writer", "model": "claude-opus-5-5", "tools": list(tools), **more}
        return str((await self.post("/v1/agents", body))["id"])

    async def environment(self, name: str = "sealed") -> str:
        known = [item["id"] for item in self.state.environments.values() if item["name"] == name]
        return str(known[0] if known else (await self.post("/v1/environments", {"name": name}))["id"])

    async def upload(self, content: str | bytes, name: str = "facts.json") -> str:
        answer = await self.client.post("/v1/files", files={"file": (name, content)}, headers=HEADERS)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def begin(
        self, facts: Json | None = None, *tools: Json, iterations: int = 3, rubric: str = RUBRIC, **more: Any
    ) -> Session:
        """Create a session that has its outcome, with facts.json mounted where there are facts."""
        resources = []
        if facts is not None:
            file_id = await self.upload(json.dumps(facts))
            resources = [{"type": "file", "file_id": file_id, "mount_path": "facts.json"}]
        body = {
            "agent": await self.agent(TOOLSET, *tools),
            "environment_id": await self.environment(),
            "resources": resources,
            "initial_events": [outcome(iterations=iterations, rubric=rubric)],
            **more,
        }
        return self.session((await self.post("/v1/sessions", body))["id"])

    async def idle_session(self, *tools: Json, **more: Any) -> Session:
        """Create a session with nothing to do yet."""
        body = {
            "agent": await self.agent(TOOLSET, *tools),
            "environment_id": await self.environment(),
            **more,
        }
        return self.session((await self.post("/v1/sessions", body))["id"])

    def session(self, session_id: str) -> Session:
        return self.state.sessions[session_id]

    async def tell(self, session: Session, *events: Json, expect: int = 200) -> Json:
        return await self.post(f"/v1/sessions/{session.id}/events", {"events": list(events)}, expect=expect)

    async def answer(self, session: Session, text: str = "ok", *, only: int | None = None) -> None:
        """Answer the waiting tool calls, or the first `only` of them."""
        assert session.pending is not None
        await self.tell(session, *[result(event_id, text) for event_id in session.pending.open[:only]])

    async def finish(self, session: Session, *, answers: str = "ok") -> list[Json]:
        """Let the session work until its turn is over, answering every tool call; answers its events."""
        while await self.waits(session):
            await self.answer(session, answers)
        assert "script failed" not in str(session.log.events), session.log.events[-3:]
        return session.log.events

    async def waits(self, session: Session) -> bool:
        """Run until the session waits for tool answers (True) or is done with its turn (False)."""
        for _ in range(10_000):
            if session.task is None or session.task.done():
                return False
            stopping = session.interrupting.is_set()
            if session.pending is not None and session.pending.open and not stopping:
                return True
            if session.paused is not None and not session.paused.is_set():
                return False
            await asyncio.sleep(0)
        raise AssertionError(f"session {session.id} neither waits nor ends: {session.log.events[-1]}")


def outcome(*, iterations: int = 3, rubric: str = RUBRIC, description: str = "Write the stand-up.") -> Json:
    return {
        "type": "user.define_outcome",
        "description": description,
        "rubric": {"type": "text", "content": rubric},
        "max_iterations": iterations,
    }


def message(text: str = "hello") -> Json:
    return {"type": "user.message", "content": [{"type": "text", "text": text}]}


def result(event_id: str, text: str = "ok") -> Json:
    return {
        "type": "user.custom_tool_result",
        "custom_tool_use_id": event_id,
        "content": [{"type": "text", "text": text}],
    }


def kinds(events: list[Json], *prefixes: str) -> list[str]:
    """The events' types in order, only those that begin with one of the prefixes."""
    return [event["type"] for event in events if not prefixes or event["type"].startswith(prefixes)]


def results(events: list[Json]) -> list[str]:
    """The verdicts in order."""
    return [event["result"] for event in events if event["type"] == "span.outcome_evaluation_end"]


def draft_of(session: Session) -> Json:
    """The draft in the session's container."""
    found: Json = json.loads(session.container.files["/mnt/session/outputs/draft.json"])
    return found


MakeWorld = Callable[..., World]
