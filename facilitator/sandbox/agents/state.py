"""Everything the simulated service remembers, in memory, for as long as it runs.

The routes write it, the engine moves its sessions, tests read it. It holds no rule of the wire and starts no work itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from facilitator.sandbox.agents.events import EventLog
from facilitator.sandbox.agents.files import Container, StoredFile
from facilitator.sandbox.agents.script import Script, ScriptPlan
from facilitator.sandbox.agents.usage import Meter
from facilitator.sandbox.agents.wire import Ids, Json, missing, stamp


@dataclass(frozen=True, slots=True)
class AgentsSandboxSettings:
    """Pace and lags, in real seconds at speed 1; all but the heartbeat are divided by the speed.

    `step_s` is one model request, `grading_s` one grading. `start_lag_s`: after a send, the stored status still says idle;
    `idle_lag_s`: after an idle event, it still says running. `list_lag_s`: a new session is not listed yet. `file_lag_s`: outputs are listed
    this long after the idle. `spread` makes sessions unlike: each takes its steps and gradings at one pace of its own, up to so much (a part
    of 1) slower or faster, by the seed. `api_keys` None accepts any key.
    """

    step_s: float = 0.12
    grading_s: float = 0.25
    start_lag_s: float = 0.05
    idle_lag_s: float = 0.15
    list_lag_s: float = 0.2
    file_lag_s: float = 0.3
    heartbeat_s: float = 10.0
    spread: float = 0.0
    api_keys: frozenset[str] | None = None


@dataclass
class Agent:
    """An agent and all its versions, oldest first."""

    versions: list[Json]

    @property
    def latest(self) -> Json:
        """The newest version."""
        return self.versions[-1]

    def at(self, version: int | None) -> Json | None:
        """One version, the newest where None is asked; None if there is no such version."""
        if version is None:
            return self.latest
        return next((item for item in self.versions if item["version"] == version), None)


@dataclass
class Pending:
    """What an idle session waits for: tool-use event ids with the answers come in so far."""

    wanted: list[str]
    answers: dict[str, Json] = field(default_factory=dict)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def open(self) -> list[str]:
        """The ids still unanswered, in the order they were asked."""
        return [event_id for event_id in self.wanted if event_id not in self.answers]


@dataclass
class Session:
    """One session. `status` is what is true; `seen_status` is what the API shows, which lags behind."""

    id: str
    agent: Json
    environment_id: str
    title: str | None
    metadata: dict[str, str]
    resources: list[Json]
    vault_ids: list[str]
    budget: Json | None
    created_at: str
    updated_at: str
    thread_id: str
    script: Script
    log: EventLog
    meter: Meter
    born: float
    container: Container = field(default_factory=Container)
    had_budget: bool = False
    status: str = "idle"
    outcomes: list[Json] = field(default_factory=list)
    archived_at: str | None = None
    queued: list[Json] = field(default_factory=list)
    echoes: int = 0
    pending: Pending | None = None
    paused: asyncio.Event | None = None
    interrupting: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    earlier_status: str = "idle"
    shown_from: float = 0.0

    def set_status(self, status: str, now: float, lag: float) -> None:
        """Change the status now; the API shows the old one for `lag` seconds more."""
        if status != self.status:
            self.earlier_status, self.status, self.shown_from = self.status, status, now + lag

    def seen_status(self, now: float) -> str:
        """The status a retrieve shows at this instant of the loop's clock."""
        return self.status if now >= self.shown_from else self.earlier_status

    @property
    def outcome(self) -> Json | None:
        """The outcome in work, or None."""
        live = {"pending", "running", "evaluating"}
        return next((item for item in self.outcomes if item["result"] in live), None)

    @property
    def definition(self) -> Json:
        """The newest `user.define_outcome` event: the brief and rubric in force."""
        return next(event for event in reversed(self.log.events) if event["type"] == "user.define_outcome")


@dataclass
class SandboxState:
    """The whole service. `counts` counts requests by method and route, `retries` those that say they are a retry."""

    clock: Callable[[], datetime]
    seed: int
    speed: float
    settings: AgentsSandboxSettings
    scripts: ScriptPlan
    agents: dict[str, Agent] = field(default_factory=dict)
    environments: dict[str, Json] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Ids also depend on the start instant: two runs with one seed must not hand a client the same id twice."""
        self.ids = Ids(f"{self.seed}:{stamp(self.clock())}")

    def now(self) -> str:
        """The service's instant, as it is written."""
        return stamp(self.clock())

    def scaled(self, seconds: float) -> float:
        """A pace or lag at this speed, in real seconds."""
        return seconds / self.speed

    def tempo(self, session_id: str) -> float:
        """What the session's paces are multiplied with."""
        spread = self.settings.spread
        return Random(f"{self.seed}:{session_id}").uniform(1 - spread, 1 + spread) if spread else 1.0

    def session(self, session_id: str) -> Session:
        """The session of this id; a 404 where there is none."""
        try:
            return self.sessions[session_id]
        except KeyError:
            raise missing(f"Session {session_id} not found") from None

    def file(self, file_id: str) -> StoredFile:
        """The file of this id; a 404 where there is none or it is not listed yet."""
        found = self.files.get(file_id)
        if found is None or not found.listed(loop_time()):
            raise missing(f"File not found: {file_id}")
        return found

    def events(self, session_id: str) -> list[Json]:
        """A session's stored events, oldest first."""
        return self.sessions[session_id].log.events

    def close(self) -> None:
        """Stop all work and end all streams, so that a server can shut down at once."""
        for session in self.sessions.values():
            if session.task is not None:
                session.task.cancel()
            session.log.end_streams()


def loop_time() -> float:
    """The running loop's monotonic clock, in seconds: lags are real time whatever the simulated clock says."""
    return asyncio.get_running_loop().time()
