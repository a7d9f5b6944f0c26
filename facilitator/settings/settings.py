"""Everything a process of ours is told before it starts.

Made by `load.load_settings` and handed in from runner.py; no other room reads a file or a variable of its own. Two
loads of the same configuration compare equal, so that a change can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from facilitator.errors import ConfigurationError
from facilitator.settings.nearest import did_you_mean, one_of, quoted
from facilitator.settings.notify import Mailbox, Notify
from facilitator.settings.secret import Secret
from facilitator.settings.team import Team

ASANA_BASE_URL = "https://app.asana.com/api/1.0"
ANTHROPIC_BASE_URL = "https://api.anthropic.com"
WEBHOOK_VARIABLE = "ANTHROPIC_WEBHOOK_SIGNING_KEY"


USUAL_PACE, LOOPBACK_PACE = 120, 1500
"""Requests a minute: 120 stays under the 150 of a free workspace; a service on this machine is nobody's quota."""


LOOPBACK_QUOTA = 60_000


def is_loopback(base_url: str) -> bool:
    """Whether the service runs on this machine."""
    return urlsplit(base_url).hostname in ("127.0.0.1", "localhost", "::1")


def usual_pace(base_url: str) -> int:
    """How many requests a minute Asana gets where the configuration does not say."""
    return LOOPBACK_PACE if is_loopback(base_url) else USUAL_PACE


Profile = Literal["sandbox", "live"]
"""What may be written to: one workspace for trying, or whatever the teams name."""


@dataclass(frozen=True, slots=True)
class AsanaSettings:
    """Asana for this deployment. 120 a minute stays under the 150 of a free workspace (Asana: rate limits).

    `bound` is False where no quota holds: a service on this machine of which none was said.
    """

    token: Secret
    base_url: str = ASANA_BASE_URL
    requests_per_minute: int = USUAL_PACE
    bound: bool = True
    profile: Profile | None = None
    """None: nobody said, which writes like live and is not enough for production."""
    workspace: str = ""
    """In profile sandbox the one workspace that may be written in."""


@dataclass(frozen=True, slots=True)
class McpSettings:
    """A remote tool server the agent may read from, and the vault that holds its credential."""

    url: str
    vault_id: str
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgentsSettings:
    """Managed Agents for this deployment; what a ceremony does not say for itself is taken from here.

    `model` None keeps the agent template's; `max_iterations` None the rubric's; `budget_cents` None means no cap.
    `tools` are the custom tools the agent may call; None means those that are on by default.
    """

    key: Secret
    base_url: str = ANTHROPIC_BASE_URL
    webhook_key: Secret = field(default_factory=lambda: Secret(WEBHOOK_VARIABLE))
    agent: str = "facilitator"
    model: str | None = None
    max_iterations: int | None = None
    deadline: timedelta = timedelta(minutes=15)
    budget_cents: int | None = None
    tools: tuple[str, ...] | None = None
    mcp: McpSettings | None = None


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """Quotas of Managed Agents, calls a minute of one organisation, as published in 2026; and how many Asana calls fly at once."""

    session_creates_per_minute: int = 300
    agent_reads_per_minute: int = 1200
    event_sends_per_minute: int = 600
    asana_reads_in_flight: int = 8
    asana_writes_in_flight: int = 4

    def unbound(self) -> LimitSettings:
        """The same for a service on this machine, which is nobody's quota."""
        return replace(
            self,
            session_creates_per_minute=LOOPBACK_QUOTA,
            agent_reads_per_minute=LOOPBACK_QUOTA,
            event_sends_per_minute=LOOPBACK_QUOTA,
        )


ExecutorKind = Literal["local", "cluster"]
"""Who advances runs: this process, or any worker of the PostgreSQL that holds the run log."""


@dataclass(frozen=True, slots=True)
class ExecutorSettings:
    """How runs are advanced; `at_once` is how many one process works on."""

    kind: ExecutorKind = "local"
    at_once: int = 64


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The dashboard. It listens on this machine alone unless `host` says otherwise; people sign in either way.

    `base_url` is how browsers reach it, where a proxy or a name stands before it. A reverse proxy that signs people in
    names them in `trusted_header`, which counts only in requests from `trusted_peers` (addresses).
    """

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = 8484
    base_url: str = ""
    trusted_header: str = ""
    trusted_peers: tuple[str, ...] = ()
    session: timedelta = timedelta(hours=12)
    link: timedelta = timedelta(minutes=15)

    @property
    def url(self) -> str:
        """Where the dashboard is found, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.base_url or f"http://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is stored is kept after a run has ended; None means for good.

    `texts` are the words of drafts, documents, verdicts and facts; their figures stay. A session is first archived, which
    nobody can undo, and deleted later: its history, sandbox and files go with it.
    """

    snapshots: timedelta | None = timedelta(days=90)
    texts: timedelta | None = timedelta(days=90)
    events: timedelta | None = timedelta(days=90)
    archive_sessions: timedelta | None = timedelta(days=7)
    delete_sessions: timedelta | None = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration. `database_url` may hold a password and is therefore never shown."""

    source: Path
    teams: tuple[Team, ...]
    asana: AsanaSettings
    agents: AgentsSettings
    database_url: str = field(repr=False)
    notify: Notify = field(default_factory=Notify)
    mailbox: Mailbox | None = None
    web: WebSettings = field(default_factory=WebSettings)
    executor: ExecutorSettings = field(default_factory=ExecutorSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    retention: Retention = field(default_factory=Retention)

    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that this configuration uses."""
        own = [team.read_token for team in self.teams if team.read_token]
        return (self.asana.token, self.agents.key, *own, *self.channel_secrets())

    def channel_secrets(self) -> tuple[Secret, ...]:
        """The secrets that the channels in use need."""
        told = [self.notify, *(team.notify for team in self.teams)]
        slack = {notify.slack.name: notify.slack for notify in told if "slack" in notify.channels}
        mail = (self.mailbox.password,) if self.mailbox and self.mailbox.user else ()
        return (*slack.values(), *mail)

    def team(self, slug: str) -> Team:
        """The team of that short name; `ConfigurationError` with the nearest one where there is none."""
        for team in self.teams:
            if team.slug == slug:
                return team
        known = [team.slug for team in self.teams]
        raise ConfigurationError(
            f"{self.source} has no team {quoted(slug)}.",
            suggestion=did_you_mean(slug, known) or one_of(known),
        )
