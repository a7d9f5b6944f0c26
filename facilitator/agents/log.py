"""What a session's events say: a pure reading of the log, the same after a crash as during the first attempt.

Sits between the wire (raw event dicts, from the list and from the stream) and the loop that follows a session. It
decides what is new, which calls wait for an answer, what the grader said and whether the session stopped. It does
not judge whether that stop is good or bad: `endings` does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from facilitator.runs.ports import Verdict

Event = Mapping[str, Any]

TERMINAL_RESULTS = frozenset({"satisfied", "max_iterations_reached", "failed", "interrupted"})
GRADED = "span.outcome_evaluation_end"
DEFINED = "user.define_outcome"
PREVIEWS = frozenset({"event_start", "event_delta"})
"""Stream-only frames without an id of their own; the stored event follows."""

_MOVING = frozenset({"session.status_running", "session.status_rescheduled"})
_FINAL = {"session.status_terminated": "terminated", "session.deleted": "deleted"}
_ANSWERS = {"user.custom_tool_result": "custom_tool_use_id", "user.tool_confirmation": "tool_use_id"}
_RESULTS = {"agent.tool_result": "tool_use_id", "agent.mcp_tool_result": "mcp_tool_use_id"}


@dataclass(frozen=True, slots=True)
class PendingCall:
    """A call that waits for us: a custom tool to answer, or (`confirmation`) a built-in one to allow or deny."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    confirmation: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the session is not running: a stop reason, `terminated` or `deleted`; `details` as the event has them."""

    type: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        """Whether nothing can ever follow."""
        return self.type in _FINAL.values()


@dataclass(frozen=True, slots=True)
class SessionLog:
    """A session's events in the order they were first seen, each in its latest form; unknown types are kept."""

    events: tuple[Event, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)

    def outcome(self) -> Event | None:
        """The latest outcome asked of the session, or None."""
        return next((event for event in reversed(self.events) if event.get("type") == DEFINED), None)

    def verdicts(self) -> tuple[Verdict, ...]:
        """The gradings of the latest outcome, in order."""
        outcome_id = (self.outcome() or {}).get("outcome_id")
        return tuple(
            Verdict(
                iteration=_whole(event.get("iteration")),
                result=str(event.get("result") or "unknown"),
                explanation=str(event.get("explanation") or ""),
            )
            for event in self.of_type(GRADED)
            if outcome_id is None or event.get("outcome_id") in (None, outcome_id)
        )

    def result(self) -> str | None:
        """The latest outcome's terminal result, or None while there is none."""
        verdicts = self.verdicts()
        return verdicts[-1].result if verdicts and verdicts[-1].result in TERMINAL_RESULTS else None

    def stop(self) -> Stop | None:
        """Why the session stopped, or None while it runs or waits for an answer of ours."""
        stop: Stop | None = None
        for event in self.events:
            kind = event.get("type")
            if kind in _FINAL:
                return Stop(_FINAL[kind])
            if kind in _MOVING or kind == DEFINED:
                stop = None
            elif kind == "session.status_idle":
                stop = _idle_stop(event)
        return stop

    def pending(self) -> tuple[PendingCall, ...]:
        """Calls without an answer in the log, oldest first; whoever asked, also while a grading is under way."""
        keys = _ANSWERS | _RESULTS
        answered = {str(event.get(keys[event["type"]])) for event in self.events if event.get("type") in keys}
        return tuple(call for call in map(_call, self.events) if call is not None and call.id not in answered)

    def usage(self) -> Mapping[str, Any]:
        """The numbers of the latest `session.usage` event, or nothing."""
        latest: Mapping[str, Any] = {}
        for event in self.of_type("session.usage"):
            latest = as_object(event.get("usage")) or latest
        return latest

    def grader_tokens(self) -> int:
        """Tokens of all gradings, read and written; whether session totals hold them is not documented."""
        names = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        usages = [as_object(event.get("usage")) for event in self.of_type(GRADED)]
        return sum(_whole(usage.get(name)) for usage in usages for name in names)

    def last_error(self) -> Mapping[str, Any]:
        """What the latest `session.error` event says, or nothing; by itself it ends no run."""
        errors = [as_object(event.get("error")) for event in self.of_type("session.error")]
        return errors[-1] if errors else {}

    def elapsed(self) -> timedelta:
        """Time from the latest outcome to the newest event, by the server's clock alone; zero where unknown."""
        began = _instant(self.outcome() or {})
        stamps = [stamp for stamp in map(_instant, self.events) if stamp is not None]
        if began is None or not stamps:
            return timedelta()
        return max(max(stamps) - began, timedelta())

    def of_type(self, kind: str) -> Iterator[Event]:
        """The events of one type, in order."""
        return (event for event in self.events if event.get("type") == kind)


def fold(events: Iterable[Event], log: SessionLog | None = None) -> tuple[SessionLog, tuple[Event, ...]]:
    """The log with these events in it, and those that were new (an event is new again when its stamp arrives)."""
    grown = log or SessionLog()
    held, places, fresh = list(grown.events), dict(grown.places), []
    for event in events:
        if event.get("type") in PREVIEWS:
            continue
        name = identity(event)
        place = places.get(name)
        if place is None:
            places[name] = len(held)
            held.append(event)
        elif held[place].get("processed_at") is None and event.get("processed_at") is not None:
            held[place] = event
        else:
            continue
        fresh.append(event)
    if not fresh:
        return grown, ()
    return replace(grown, events=tuple(held), places=places), tuple(fresh)


def identity(event: Event) -> str:
    """What makes an event the same one: its id, or its content where the id is empty, as interrupts have had it."""
    if event.get("id"):
        return str(event["id"])
    content = {key: value for key, value in event.items() if key != "processed_at"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def as_object(value: Any) -> Mapping[str, Any]:
    """The value where it is a JSON object, else an empty one: fields may be absent, null, or of a later shape."""
    return value if isinstance(value, Mapping) else {}


def _idle_stop(event: Event) -> Stop | None:
    reason = as_object(event.get("stop_reason"))
    kind = str(reason.get("type") or "unknown")
    if kind == "requires_action":
        return None
    return Stop(kind, as_object(event.get("stop_details")))


def _call(event: Event) -> PendingCall | None:
    kind, asks = event.get("type"), event.get("evaluated_permission") == "ask"
    if kind != "agent.custom_tool_use" and not (kind in {"agent.tool_use", "agent.mcp_tool_use"} and asks):
        return None
    return PendingCall(
        id=str(event.get("id") or ""),
        name=str(event.get("name") or ""),
        arguments=as_object(event.get("input")),
        confirmation=kind != "agent.custom_tool_use",
    )


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _instant(event: Event) -> datetime | None:
    try:
        stamp = datetime.fromisoformat(str(event.get("processed_at")))
    except ValueError:
        return None
    return stamp if stamp.tzinfo else None
