"""Managed Agents as one run sees it: open a session, start its outcome, follow it, fetch what it wrote.

Joins the room's parts behind `AgentBackend`. Every method may be repeated after a crash, by another process too. It
keeps nothing between calls but one connection pool, and writes nothing to the run log itself.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from facilitator.agents.client import Intervals, Paces, Wire, make_client
from facilitator.agents.cost import Prices
from facilitator.agents.deliver import DRAFT, fetch
from facilitator.agents.follow import Follower
from facilitator.agents.sessions import Sessions, kept_sessions
from facilitator.runs.ports import (
    AnswerTool,
    Deliverable,
    Ending,
    KeptSession,
    Outcome,
    Pinned,
    RecordEvents,
    SessionRef,
)

CONSOLE = "https://platform.claude.com/workspaces/default/sessions/{session_id}"
"""The vendor's session viewer; `default` is the organisation's default workspace."""

_HOSTED = "api.anthropic.com"


def utc_now() -> datetime:
    """The wall clock, for the window in which a lost session is looked for."""
    return datetime.now(UTC)


@dataclass(slots=True)
class ManagedAgentsBackend:
    """`AgentBackend` over the real service or anything that speaks its API at `base_url`.

    `api_key` is asked for each request. `console` is a pattern with `{session_id}`; None means the vendor's
    viewer, or the session's own address where `base_url` is another server. Use from one event loop; close it there.
    """

    pinned: Pinned
    api_key: Callable[[], str]
    base_url: str | None = None
    clock: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random
    intervals: Intervals = field(default_factory=Intervals)
    prices: Prices = field(default_factory=Prices)
    console: str | None = None
    vault_ids: tuple[str, ...] = ()
    """Credentials of an MCP server, by the vault that holds them; the secret itself never passes through here."""
    on_limited: Callable[[], None] = lambda: None
    paces: Paces | None = None
    """Told of each 429."""
    _sessions: Sessions | None = field(default=None, init=False, repr=False)

    async def open_session(self, outcome: Outcome, *, attempted_at: datetime | None) -> SessionRef:
        """One session for the run key: found where an attempt was made before, else created."""
        session_id, adopted = await self._open().open(outcome, attempted_at)
        return SessionRef(
            id=session_id,
            agent_id=self.pinned.agent_id,
            agent_version=self.pinned.agent_version,
            console_url=self.console_url(session_id),
            adopted=adopted,
        )

    async def start(self, session_id: str, outcome: Outcome, *, fresh: bool = False) -> str:
        """Send the outcome unless the session has that of its round, as a `fresh` one has not; returns its outcome id."""
        return await self._open().start(session_id, outcome, fresh=fresh)

    async def follow(
        self, session_id: str, deadline: timedelta, *, answer: AnswerTool, record: RecordEvents
    ) -> Ending:
        """Follow the session to its end, answering tools; interrupts it where it takes longer than `deadline`."""
        follower = Follower(
            sessions=self._open(),
            session_id=session_id,
            allowed=deadline,
            answer=answer,
            record=record,
            monotonic=self.monotonic,
            prices=self.prices,
        )
        return await follower.run()

    async def deliverable(
        self, session_id: str, *, path: str = DRAFT, written: Deliverable | None = None
    ) -> Deliverable | None:
        """The draft, from the session's files or as its events tell it (`written`); None where there is none."""
        return await fetch(self._open(), session_id, path, written)

    async def our_sessions(self, since: datetime | None) -> Sequence[KeptSession]:
        """Sessions of this deployment that are not archived, newest first: since the instant, or the latest few hundred."""
        return kept_sessions(await self._open().recent(since))

    async def sessions_list(self, *, since: datetime | None = None) -> list[dict[str, Any]]:
        """This agent's sessions that are not archived, newest first, as raw objects; their metadata has the run key."""
        return await self._open().recent(since)

    async def archive(self, session_id: str) -> None:
        """Close the session for good once it is not running; the second time nothing."""
        await self._open().archive(session_id)

    async def delete(self, session_id: str) -> None:
        """Remove the session and all it holds once it is not running; the second time nothing."""
        await self._open().delete(session_id)

    def console_url(self, session_id: str) -> str:
        """Where a person can watch the session."""
        if self.console is not None:
            return self.console.format(session_id=session_id)
        if self.base_url and urlsplit(self.base_url).hostname != _HOSTED:
            return f"{self.base_url.rstrip('/')}/v1/sessions/{session_id}"
        return CONSOLE.format(session_id=session_id)

    async def aclose(self) -> None:
        """Close the connections; the next call opens new ones."""
        sessions, self._sessions = self._sessions, None
        if sessions is not None:
            await sessions.wire.client.close()

    def _open(self) -> Sessions:
        if self._sessions is None:
            client = make_client(self.api_key, self.base_url, timeout=self.intervals.request_timeout)
            wire = Wire(client, self.sleep, self.random, self.intervals, self.on_limited, self.paces)
            self._sessions = Sessions(wire, self.pinned, self.clock, self.vault_ids)
        return self._sessions
