"""One session for one run: create it, or find the one that an earlier attempt left behind.

The service has no idempotency key and cannot search by metadata, so the run key travels in the metadata and is looked
for in the list after every doubt. Nothing is created twice without looking. What the session then does is `follow`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from facilitator.agents.client import (
    BETA,
    CREATES,
    SENDS,
    Failure,
    Trouble,
    Wire,
    WireError,
    identified,
    plain,
)
from facilitator.agents.log import DEFINED, Event
from facilitator.runs.ports import KeptSession, Outcome, Pinned

if TYPE_CHECKING:
    from anthropic.resources.beta.sessions import AsyncSessionsWithRawResponse

FACTS = "facts.json"
"""Mounted below /mnt/session/uploads/."""

RUN_KEY = "run_key"
APP = "facilitator"
BUSY = ("running", "rescheduling")
_TITLE = 100
_METADATA_VALUE = 512
_PAGE = 100
_UNBOUNDED_PAGES = 5
_HISTORY_PAGE = 1000


@dataclass(slots=True)
class Sessions:
    """The sessions of one agent, over one wire; `clock` gives UTC, for the window that a search looks through."""

    wire: Wire
    pinned: Pinned
    clock: Callable[[], datetime]
    vault_ids: tuple[str, ...] = ()

    @property
    def _sessions(self) -> AsyncSessionsWithRawResponse:
        return self.wire.client.beta.sessions.with_raw_response

    async def open(self, outcome: Outcome, attempted_at: datetime | None) -> tuple[str, bool]:
        """The run's one session and whether it was found; creates it where there is none.

        `attempted_at` is when an earlier attempt began whose result is not known.
        """
        if attempted_at is not None and (found := await self._earlier(outcome, attempted_at)):
            return found, True
        file_id = await self._upload(outcome)
        since, failure = attempted_at or self.clock(), None
        for attempt in range(1, self.wire.intervals.attempts + 1):
            try:
                created = await self._create(outcome, file_id, attempt)
            except WireError as error:
                if not error.in_doubt:
                    raise
                failure = error
            else:
                doubt = failure is not None or attempted_at is not None
                return await self._settle(outcome, since, created) if doubt else (created, False)
            if found := await self._search(outcome, since, self.wire.intervals.looks):
                return found, True
        raise failure or silence(f"creating the session for {outcome.run_key}")

    async def _earlier(self, outcome: Outcome, attempted_at: datetime) -> str | None:
        old = self.clock() - attempted_at > self.wire.intervals.look_back
        looks = self.wire.intervals.looks
        return await self._search(outcome, attempted_at, looks[:1] if old else looks)

    async def _search(self, outcome: Outcome, since: datetime, looks: tuple[float, ...]) -> str | None:
        """Look several times, the last time without regard to dates: the two clocks may disagree."""
        for wait in looks:
            await self.wire.sleep(wait)
            if found := await self._adopt(outcome, since):
                return found
        return await self._adopt(outcome, None)

    async def _settle(self, outcome: Outcome, since: datetime, created: str) -> tuple[str, bool]:
        """After an earlier doubt: the list may have lagged, and what it hid then it may show by now."""
        found = await self._adopt(outcome, since) or created
        if found != created:
            await self._discard(created)
        return found, found != created

    async def _adopt(self, outcome: Outcome, since: datetime | None) -> str | None:
        """The oldest session that carries the run key; any other is interrupted and archived."""
        found = [
            session
            for session in await self.recent(since)
            if (session.get("metadata") or {}).get(RUN_KEY) == _value(outcome.run_key)
        ]
        found.sort(key=lambda session: (str(session.get("created_at")), str(session.get("id"))))
        for spare in found[1:]:
            await self._discard(str(spare["id"]))
        return str(found[0]["id"]) if found else None

    async def recent(self, since: datetime | None = None) -> list[dict[str, Any]]:
        """Sessions of this agent that are not archived, newest first: from a while before `since`, or the latest
        few hundred.
        """
        query: dict[str, Any] = {"agent_id": self.pinned.agent_id, "limit": _PAGE, "order": "desc"}
        if since is not None:
            query["created_at_gte"] = (since - self.wire.intervals.look_back).astimezone(UTC)
        pages, most = 0, _UNBOUNDED_PAGES if since is None else None
        sessions: list[dict[str, Any]] = []
        while most is None or pages < most:
            page = await self.wire.read("listing sessions", lambda: self._page(query))
            sessions += page.get("data") or []
            pages += 1
            if not page.get("next_page"):
                break
            query["page"] = page["next_page"]
        return sessions

    async def _page(self, query: dict[str, Any]) -> dict[str, Any]:
        return plain(await self._sessions.list(**query))

    async def _upload(self, outcome: Outcome) -> str:
        async def call() -> str:
            content = (FACTS, outcome.facts_json.encode(), "application/json")
            files = self.wire.client.beta.files.with_raw_response
            return str(identified(await files.upload(file=content, betas=[BETA]))["id"])

        # Repeated freely: a second copy of the facts is mounted nowhere and does no harm.
        return await self.wire.read(f"uploading {FACTS} for {outcome.run_key}", call, SENDS)

    async def _create(self, outcome: Outcome, file_id: str, attempt: int) -> str:
        body: dict[str, Any] = {
            "agent": {"type": "agent", "id": self.pinned.agent_id, "version": self.pinned.agent_version},
            "environment_id": self.pinned.environment_id,
            "title": outcome.title[:_TITLE],
            "metadata": {
                **{name: _value(value) for name, value in outcome.about.items()},
                RUN_KEY: _value(outcome.run_key),
                "attempt": str(attempt),
                "app": APP,
            },
            "resources": [{"type": "file", "file_id": file_id, "mount_path": FACTS}],
        }
        if self.vault_ids:
            body["vault_ids"] = list(self.vault_ids)
        if outcome.budget_cents is not None:
            money = {"amount": str(outcome.budget_cents), "currency": "USD"}
            body["budget"] = {"type": "limit", "max_list_cost": money}

        async def call() -> str:
            return str(identified(await self._sessions.create(**body))["id"])

        return await self.wire.write(f"creating the session for {outcome.run_key}", call, CREATES)

    async def start(self, session_id: str, outcome: Outcome, *, fresh: bool = False) -> str:
        """Send the outcome unless the session has that of its round; its id. After every doubt it looks before it re-sends.

        A `fresh` session has none: there is nothing to look for before the first attempt.

        Rounds are told apart by counting: the service keeps the outcomes of a session in the order they were sent.
        """
        event = {
            "type": DEFINED,
            "description": outcome.description,
            "rubric": {"type": "text", "content": outcome.rubric},
            "max_iterations": outcome.max_iterations,
        }
        failure: WireError | None = None
        for attempt in range(self.wire.intervals.attempts):
            looks = attempt or not fresh
            if looks and (asked := await self._asked(session_id, outcome.round)):
                return asked
            if failure is not None and not failure.in_doubt:
                raise failure
            try:
                if found := _outcome_id(await self.send(session_id, event)):
                    return found
            except WireError as error:
                failure = error
                await self.wire.sleep(self.wire.pause(attempt))
        if asked := await self._asked(session_id, outcome.round):
            return asked
        raise failure or silence(f"starting the outcome in session {session_id}")

    async def _asked(self, session_id: str, number: int) -> str | None:
        asked = [
            event for event in await self.events(session_id, types=[DEFINED]) if event.get("type") == DEFINED
        ]
        return _outcome_id(asked[number : number + 1])

    async def send(self, session_id: str, event: Event) -> list[dict[str, Any]]:
        """Send one event, once; the events echoed. On doubt `WireError.in_doubt`."""
        doing = f"sending {event['type']} to session {session_id}"
        return await self.wire.write(doing, lambda: self._post(session_id, event))

    async def interrupt(self, session_id: str) -> None:
        """Stop whatever the session does; repeated until it is heard, for a second interrupt does no harm."""
        event = {"type": "user.interrupt"}
        doing = f"interrupting session {session_id}"
        await self.wire.read(doing, lambda: self._post(session_id, event), SENDS)

    async def _post(self, session_id: str, event: Event) -> list[dict[str, Any]]:
        answer = await self._sessions.events.send(session_id, events=[event])  # type: ignore[list-item]
        return plain(answer).get("data") or []

    async def events(self, session_id: str, *, types: list[str] | None = None) -> list[dict[str, Any]]:
        """The session's whole history, oldest first."""
        query: dict[str, Any] = {"limit": _HISTORY_PAGE, "order": "asc"} | ({"types": types} if types else {})
        events: list[dict[str, Any]] = []
        while True:
            page = await self.wire.read(
                f"listing the events of session {session_id}", lambda: self._history(session_id, query)
            )
            events += [event for event in page.get("data") or [] if isinstance(event, dict)]
            if not page.get("next_page"):
                return events
            query["page"] = page["next_page"]

    async def _history(self, session_id: str, query: dict[str, Any]) -> dict[str, Any]:
        return plain(await self._sessions.events.list(session_id, **query))

    async def retrieve(self, session_id: str) -> dict[str, Any]:
        """The session as stored; its status may lag behind its events for a moment."""

        async def call() -> dict[str, Any]:
            return identified(await self._sessions.retrieve(session_id))

        return await self.wire.read(f"reading session {session_id}", call)

    async def archive(self, session_id: str) -> None:
        """Close the session for good once it is not running; the second time, and for one that is gone, nothing."""
        try:
            await self._until_quiet(session_id)
            await self.wire.read(f"archiving session {session_id}", lambda: self._archive(session_id), SENDS)
        except WireError as error:
            if not error.gone:
                raise

    async def delete(self, session_id: str) -> None:
        """Remove the session and all it holds once it is not running; the second time, and for one that is gone, nothing.

        Refused by the service while it runs (managed-agents.md, section 5): then `WireError`, and another day.
        """
        try:
            await self._until_quiet(session_id)
            await self.wire.read(f"deleting session {session_id}", lambda: self._delete(session_id), SENDS)
        except WireError as error:
            if not error.gone:
                raise

    async def _delete(self, session_id: str) -> None:
        await self._sessions.delete(session_id)

    async def _until_quiet(self, session_id: str) -> None:
        for _ in range(self.wire.intervals.settle_polls):
            if (await self.retrieve(session_id)).get("status") not in BUSY:
                return
            await self.wire.sleep(self.wire.intervals.settle)

    async def _archive(self, session_id: str) -> None:
        await self._sessions.archive(session_id)

    async def _discard(self, session_id: str) -> None:
        """Best effort: a spare that cannot be closed was never started, so it stays idle and costs nothing."""
        try:
            if (await self.retrieve(session_id)).get("status") in BUSY:
                await self.interrupt(session_id)
            await self.archive(session_id)
        except WireError:
            return


def kept_sessions(raw: Iterable[Mapping[str, Any]]) -> tuple[KeptSession, ...]:
    """Those that carry our mark and a run's key, in the order they come."""
    return tuple(_kept(one, one["metadata"]) for one in raw if _is_ours(one))


def _is_ours(raw: Mapping[str, Any]) -> bool:
    metadata = raw.get("metadata")
    return isinstance(metadata, dict) and metadata.get("app") == APP and bool(metadata.get(RUN_KEY))


def _kept(raw: Mapping[str, Any], metadata: Mapping[str, str]) -> KeptSession:
    outcomes = raw.get("outcome_evaluations") or []
    return KeptSession(
        id=str(raw["id"]),
        run_key=str(metadata[RUN_KEY]),
        title=str(raw.get("title") or ""),
        status=str(raw.get("status") or ""),
        created_at=datetime.fromisoformat(str(raw["created_at"])),
        asked=len(outcomes),
        result=outcomes[-1].get("result") if outcomes else None,
        about={
            name: str(value) for name, value in metadata.items() if name not in (RUN_KEY, "app", "attempt")
        },
    )


def silence(doing: str) -> WireError:
    """The error of a call that was answered well and left no trace where it must show."""
    return WireError(
        doing, Failure(Trouble.DOUBT, "the service agreed, but what was asked is not to be found")
    )


def _value(text: str) -> str:
    return text[:_METADATA_VALUE]


def _outcome_id(events: list[dict[str, Any]]) -> str | None:
    found = [event.get("outcome_id") for event in events if event.get("type") == DEFINED]
    return str(found[-1]) if found and found[-1] else None
