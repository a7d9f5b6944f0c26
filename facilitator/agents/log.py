"""What a session's events say: a plain reading of the log, the same after a crash as during the first attempt.

Sits between the wire (raw event dicts, from the list and from the stream) and the loop that follows a session. It
decides what is new, which calls wait for an answer, what the grader said and whether the session stopped. It does
not judge whether that stop is good or bad: `endings` does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
_CLOSING: Mapping[Any, str] = _ANSWERS | _RESULTS
_TOKENS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


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


@dataclass(slots=True)
class SessionLog:
    """A session's events, folded into what decisions need as they are first seen; the events themselves are let go.

    Thousands of sessions are followed at once and one has hundreds of events, so what is kept does not grow with
    their size: their ids, the calls that wait, the gradings.
    """

    _stamped: dict[str, bool] = field(default_factory=dict)
    _outcome_id: str | None = None
    _asked_at: datetime | None = None
    _newest: datetime | None = None
    _stop: Stop | None = None
    _calls: dict[str, PendingCall] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)
    _gradings: list[tuple[str | None, Verdict]] = field(default_factory=list)
    _grader_tokens: int = 0
    _usage: Mapping[str, Any] = field(default_factory=dict)
    _error: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many events were seen."""
        return len(self._stamped)

    def take(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Read these events; gives those that were new (an event is new again when its stamp arrives)."""
        fresh = []
        for event in events:
            # What has no type is no event; anything else is kept, whatever its type.
            if not isinstance(event.get("type"), str) or event["type"] in PREVIEWS:
                continue
            name, stamped = identity(event), event.get("processed_at") is not None
            known = self._stamped.get(name)
            if known is None:
                self._read(event)
            elif known or not stamped:
                continue
            self._stamped[name] = stamped
            self._note_time(event)
            fresh.append(event)
        return tuple(fresh)

    def _read(self, event: Event) -> None:
        kind = event.get("type")
        self._note_stop(kind, event)
        if kind == DEFINED:
            self._outcome_id, self._asked_at = _known(event.get("outcome_id")), None
        elif kind == GRADED:
            self._gradings.append((_known(event.get("outcome_id")), _verdict(event)))
            usage = as_object(event.get("usage"))
            self._grader_tokens += sum(_whole(usage.get(name)) for name in _TOKENS)
        elif kind == "session.usage":
            self._usage = as_object(event.get("usage")) or self._usage
        elif kind == "session.error":
            self._error = as_object(event.get("error"))
        elif kind in _CLOSING:
            answered = str(event.get(_CLOSING[kind]))
            self._answered.add(answered)
            self._calls.pop(answered, None)
        elif (call := _call(event)) is not None and call.id not in self._answered:
            self._calls[call.id] = call

    def _note_stop(self, kind: Any, event: Event) -> None:
        if self._stop is not None and self._stop.final:
            return
        if kind in _FINAL:
            self._stop = Stop(_FINAL[kind])
        elif kind in _MOVING or kind == DEFINED:
            self._stop = None
        elif kind == "session.status_idle":
            self._stop = _idle_stop(event)

    def _note_time(self, event: Event) -> None:
        stamp = _instant(event)
        if stamp is None:
            return
        self._newest = max(stamp, self._newest or stamp)
        if event.get("type") == DEFINED and _known(event.get("outcome_id")) == self._outcome_id:
            self._asked_at = stamp

    def outcome_id(self) -> str | None:
        """The latest outcome asked of the session, or None."""
        return self._outcome_id

    def verdicts(self) -> tuple[Verdict, ...]:
        """The gradings of the latest outcome, in order."""
        wanted = (None, self._outcome_id)
        return tuple(
            verdict for outcome, verdict in self._gradings if self._outcome_id is None or outcome in wanted
        )

    def result(self) -> str | None:
        """The latest outcome's terminal result, or None while there is none."""
        verdicts = self.verdicts()
        return verdicts[-1].result if verdicts and verdicts[-1].result in TERMINAL_RESULTS else None

    def stop(self) -> Stop | None:
        """Why the session stopped, or None while it runs or waits for an answer of ours."""
        return self._stop

    def pending(self) -> tuple[PendingCall, ...]:
        """Calls without an answer in the log, oldest first; whoever asked, also while a grading is under way."""
        return tuple(self._calls.values())

    def usage(self) -> Mapping[str, Any]:
        """The numbers of the latest `session.usage` event, or nothing."""
        return self._usage

    def grader_tokens(self) -> int:
        """Tokens of all gradings, read and written; whether session totals hold them is not documented."""
        return self._grader_tokens

    def last_error(self) -> Mapping[str, Any]:
        """What the latest `session.error` event says, or nothing; by itself it ends no run."""
        return self._error

    def elapsed(self) -> timedelta:
        """Time from the latest outcome to the newest event, by the server's clock alone; zero where unknown."""
        if self._asked_at is None or self._newest is None:
            return timedelta()
        return max(self._newest - self._asked_at, timedelta())


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


def _verdict(event: Event) -> Verdict:
    return Verdict(
        iteration=_whole(event.get("iteration")),
        result=str(event.get("result") or "unknown"),
        explanation=str(event.get("explanation") or ""),
    )


def _known(value: Any) -> str | None:
    return None if value is None else str(value)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _instant(event: Event) -> datetime | None:
    try:
        stamp = datetime.fromisoformat(str(event.get("processed_at")))
    except ValueError:
        return None
    return stamp if stamp.tzinfo else None
