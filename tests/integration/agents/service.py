"""The client of Managed Agents against the local sandbox: real HTTP on loopback, no pace and no lags unless asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from facilitator.agents import Intervals, ManagedAgentsBackend, Prices, apply, make_client
from facilitator.agents.client import Wire
from facilitator.runs.ports import Ending, Outcome, Pinned, SessionRef, ToolAnswer
from facilitator.sandbox import Sandbox
from facilitator.sandbox.agents.app import build_agents_app
from facilitator.sandbox.agents.script import Script
from facilitator.sandbox.agents.state import AgentsSandboxSettings
from tests.facts import harbour

TEMPLATES = Path(__file__).parents[3] / "templates" / "agents"
PACK = {
    "format": "asana-workspace-pack/1",
    "name": "empty",
    "as_of": "2026-06-12T07:00:00.000Z",
    "workspace": {"gid": "1", "name": "empty"},
    "users": [],
    "projects": [],
    "sections": [],
    "custom_fields": [],
    "tasks": [],
    "stories": {},
}
NO_LAG = AgentsSandboxSettings(
    step_s=0, grading_s=0, start_lag_s=0, idle_lag_s=0, list_lag_s=0, file_lag_s=0, heartbeat_s=5
)
BRISK = Intervals(
    first_wait=0.001,
    longest_wait=0.002,
    request_timeout=5.0,
    silence=5.0,
    grace=5.0,
    settle=0.01,
    settle_polls=30,
    looks=(0.0, 0.01, 0.02),
    file_wait=0.05,
    file_poll=0.01,
)
RUBRIC = """---
id: standup
---
## D1 The headline is right   [hard] [code]
Sprint, verdict and one figure.

## D2 Blockers complete and first   [hard] [code+grader]
The section `blocked` holds exactly the tasks of the fact.
"""


def ticking(start: datetime) -> Callable[[], datetime]:
    """A clock that moves on by a millisecond whenever it is read."""
    ticks = count()
    return lambda: start + timedelta(milliseconds=next(ticks))


async def no_wait(_seconds: float) -> None:
    """Waiting is not what these tests are about."""


@dataclass
class Service:
    """A running sandbox with the agent applied, and what a run needs to talk to it."""

    sandbox: Sandbox
    app: Starlette
    pinned: Pinned = field(default_factory=lambda: Pinned("", 0, "", "", ""))

    def script(self, **switches: Any) -> None:
        """How the next sessions go."""
        self.app.state.sandbox.scripts.put(Script(**switches), None)

    def faults(self, *faults: Mapping[str, Any]) -> None:
        """What goes wrong from now on."""
        self.sandbox._agents_wire.faults.add(faults)

    def backend(self, **changes: Any) -> ManagedAgentsBackend:
        """A new process, as far as the service can tell."""
        intervals = replace(BRISK, **changes.pop("intervals", {}))
        settings: dict[str, Any] = {
            "pinned": self.pinned,
            "api_key": lambda: "sk-test",
            "base_url": self.sandbox.agents_url,
            "clock": lambda: datetime(2026, 6, 12, 7, 0, tzinfo=UTC),
            "random": lambda: 0.5,
            "prices": Prices(),
            "intervals": intervals,
        }
        return ManagedAgentsBackend(**{**settings, **changes})

    def calls(self, method: str, path: str) -> int:
        """How often a route was reached, faults and all."""
        return sum(
            1
            for entry in self.sandbox.agents_requests
            if entry.method == method and entry.path.rstrip("/").endswith(path)
        )

    def living(self) -> list[str]:
        """Sessions that are not archived."""
        sessions: Mapping[str, Any] = self.app.state.sandbox.sessions
        return [name for name, session in sessions.items() if session.archived_at is None]


class Running:
    """The sandbox on a free port for as long as the block lasts."""

    def __init__(self, settings: AgentsSandboxSettings, *, speed: float = 1.0) -> None:
        app = build_agents_app(
            clock=ticking(datetime(2026, 6, 12, 7, 0, tzinfo=UTC)), settings=settings, speed=speed, seed=3
        )
        self.service = Service(Sandbox(PACK, agents_app=app), app)

    def __enter__(self) -> Service:
        """Start it."""
        self.service.sandbox.start()
        return self.service

    def __exit__(self, *_error: object) -> None:
        """Stop it, cutting open streams."""
        self.service.sandbox.stop()


async def provision(service: Service) -> None:
    """Apply the templates and keep what was pinned."""
    async with make_client(lambda: "sk-test", service.sandbox.agents_url) as client:
        service.pinned = await apply(TEMPLATES, Wire(client, no_wait, lambda: 0.5, BRISK))


@dataclass
class Attempt:
    """One process's attempt at a run; `events` is what it stored."""

    service: Service
    backend: ManagedAgentsBackend
    events: list[Mapping[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def record(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Keep raw events."""
        self.events += events

    def answer(self, name: str, _arguments: Mapping[str, Any]) -> ToolAnswer:
        """Answer any tool with nothing of interest."""
        self.asked.append(name)
        return ToolAnswer('{"ok":true}')

    async def follow(self, session: SessionRef, outcome: Outcome) -> Ending:
        """Follow to the end."""
        return await self.backend.follow(session.id, outcome.deadline, answer=self.answer, record=self.record)

    async def run(self, outcome: Outcome) -> tuple[SessionRef, Ending]:
        """Open, start, follow."""
        session = await self.backend.open_session(outcome, attempted_at=None)
        await self.backend.start(session.id, outcome)
        return session, await self.follow(session, outcome)


Begin = Callable[..., Attempt]


def outcome(**changes: Any) -> Outcome:
    """A stand-up's outcome for the team Harbour."""
    usual = Outcome(
        run_key="harbour/standup/2026-06-12",
        title="standup · Harbour · 2026-06-12",
        description="Read /mnt/session/uploads/facts.json and write /mnt/session/outputs/draft.json.",
        rubric=RUBRIC,
        facts_json=harbour().to_json(),
        deadline=timedelta(seconds=30),
    )
    return replace(usual, **changes)
