"""What a client sends to a session, and how it reads the events back: send, list, stream.

Holds the rules of what may be sent when. A batch is checked as a whole before any of it is placed. It starts the engine and does
none of its work.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import StreamingResponse

from facilitator.sandbox.agents.bodies import (
    CustomToolResult,
    DefineOutcome,
    Interrupt,
    SendEvents,
    SentEvent,
    SystemMessage,
    ToolConfirmation,
    UserMessage,
)
from facilitator.sandbox.agents.engine import wake
from facilitator.sandbox.agents.events import EVENT_TYPES, frames, order_key
from facilitator.sandbox.agents.moves import place_idle
from facilitator.sandbox.agents.queries import EventListQuery, StreamQuery
from facilitator.sandbox.agents.state import SandboxState, Session
from facilitator.sandbox.agents.wire import Json, bound, invalid, page_of, read_body, read_query

MAX_ITERATIONS_DEFAULT = 3
Answer = CustomToolResult | ToolConfirmation


async def send_events(state: SandboxState, request: Request) -> Json:
    """Take a batch of events, all or none; answers them as placed, queued ones with `processed_at` null."""
    body = await read_body(request, SendEvents)
    session = state.session(request.path_params["id"])
    if session.archived_at is not None:
        raise invalid("Cannot send events to an archived session")
    if session.status == "terminated":
        raise invalid("Cannot send events to a terminated session")
    return {"data": [dict(event) for event in accept(state, session, body.events)]}


def accept(state: SandboxState, session: Session, events: Sequence[SentEvent]) -> list[Json]:
    """Check the whole batch, then place it and wake the session."""
    outcomes = [event for event in events if isinstance(event, DefineOutcome)]
    if len(outcomes) > 1:
        raise invalid("events: only one outcome may be active at a time")
    answered = {event.custom_tool_use_id for event in events if isinstance(event, CustomToolResult)}
    rubrics = {id(event): _rubric(state, event) for event in outcomes}
    for event in events:
        _check(session, event, answered)
    waiting = list(session.pending.open) if session.pending else []
    placed = [_place(state, session, event, rubrics.get(id(event))) for event in events]
    _resume(state, session, waiting)
    wake(state, session)
    return [dict(event) for event in placed]


def _check(session: Session, event: SentEvent, answered: set[str]) -> None:
    if isinstance(event, (CustomToolResult, ToolConfirmation)):
        _check_answer(session, event)
        return
    if isinstance(event, Interrupt):
        if event.session_thread_id not in {None, session.thread_id}:
            raise invalid(f"session_thread_id: {event.session_thread_id} is not a thread of this session")
        return
    waiting = session.pending.open if session.pending else []
    if session.pending and not (isinstance(event, SystemMessage) and set(waiting) <= answered):
        raise invalid(
            f"Session is waiting on responses to events {waiting}. Only user.custom_tool_result, "
            "user.tool_confirmation and user.interrupt may be sent."
        )
    if session.meter.exhausted(session.budget) or session.paused is not None:
        raise invalid("The session has reached its budget; raise or remove it to continue.")
    if isinstance(event, DefineOutcome) and session.outcome is not None:
        raise invalid("An outcome is already active; define the next one after its evaluation has ended.")


def _check_answer(session: Session, event: Answer) -> None:
    """Answers are matched to what was asked. One that was already given is taken once more, not refused.

    The reference (section 7) says 400 for an answered id; the hosted service was seen to accept it with 200 [H], and that wins.
    """
    wanted = event.custom_tool_use_id if isinstance(event, CustomToolResult) else event.tool_use_id
    asked = session.log.find(wanted)
    kind = "agent.custom_tool_use" if isinstance(event, CustomToolResult) else "agent.tool_use"
    if asked is None or asked["type"] != kind:
        raise invalid(f"{event.type}: no tool use event with id {wanted} is waiting in this session")
    if isinstance(event, ToolConfirmation) and asked.get("evaluated_permission") != "ask":
        raise invalid(f"user.tool_confirmation: {wanted} did not ask for a confirmation")
    open_now = session.pending is not None and wanted in session.pending.wanted
    if not open_now and not _answered(session, wanted):
        raise invalid(f"{event.type}: no tool use event with id {wanted} is waiting in this session")


def _answered(session: Session, wanted: str) -> bool:
    return any(
        wanted in {event.get("custom_tool_use_id"), event.get("tool_use_id")} - {None}
        for event in session.log.events
        if event["type"] in {"user.custom_tool_result", "user.tool_confirmation"}
    )


def _rubric(state: SandboxState, event: DefineOutcome) -> str:
    if event.rubric.file_id is not None:
        return state.file(event.rubric.file_id).content.decode("utf-8", errors="replace")
    return str(event.rubric.content)


def _place(state: SandboxState, session: Session, event: SentEvent, rubric: str | None) -> Json:
    if isinstance(event, DefineOutcome):
        return _define(state, session, event, str(rubric))
    if isinstance(event, (CustomToolResult, ToolConfirmation)):
        return _answer(session, event)
    body = {key: value for key, value in event.model_dump(mode="json").items() if key != "type"}
    if isinstance(event, UserMessage):
        body = event.given()
        body.pop("type", None)
    placed = session.log.add(event.type, body=body, queued=True)
    if isinstance(event, Interrupt):
        _interrupt(session, placed)
    else:
        session.queued.append(placed)
    return placed


def _interrupt(session: Session, placed: Json) -> None:
    """Flag the interrupt for the engine; during a budget pause it is accepted and ignored."""
    idle = (
        session.status == "idle"
        and session.pending is None
        and session.outcome is None
        and not session.queued
    )
    if session.paused is not None or idle:
        session.log.settle(placed)
    else:
        session.interrupting.set()


def _define(state: SandboxState, session: Session, event: DefineOutcome, rubric: str) -> Json:
    """Placed and stamped on receipt; a file rubric is echoed as its text."""
    outcome_id = state.ids.new("outc")
    session.outcomes.append(
        {
            "type": "outcome_evaluation",
            "outcome_id": outcome_id,
            "description": event.description,
            "iteration": 0,
            "result": "pending",
            "explanation": None,
            "completed_at": None,
        }
    )
    body = {
        "description": event.description,
        "rubric": {"type": "text", "content": rubric},
        "max_iterations": event.max_iterations or MAX_ITERATIONS_DEFAULT,
        "outcome_id": outcome_id,
    }
    return session.log.add("user.define_outcome", body=body)


def _answer(session: Session, event: Answer) -> Json:
    """Place an answer, stamped on receipt; a repeated one will make an extra turn."""
    result = isinstance(event, CustomToolResult)
    body = event.given()
    body.pop("type")
    if result:
        body = {"content": [], **body, "is_error": bool(body.get("is_error"))}
    else:
        body.setdefault("deny_message", None)
    placed = session.log.add(event.type, body=body)
    wanted = str(body["custom_tool_use_id"] if result else body["tool_use_id"])
    pending = session.pending
    if pending is None or wanted not in pending.open:
        session.echoes += 1
        return placed
    pending.answers[wanted] = placed
    return placed


def _resume(state: SandboxState, session: Session, waiting: list[str]) -> None:
    """After a batch of answers: go on when none is open any more, else place the idle again with the rest."""
    pending = session.pending
    if pending is None or pending.open == waiting:
        return
    if pending.open:
        place_idle(state, session, {"type": "requires_action", "event_ids": pending.open})
    else:
        pending.done.set()


async def list_events(state: SandboxState, request: Request) -> Json:
    """List the history, by `processed_at`; the time bounds skip events that are still queued."""
    query = read_query(request, EventListQuery)
    session = state.session(request.path_params["id"])
    if unknown := sorted(set(query.types or []) - EVENT_TYPES):
        raise invalid(f"types: unknown event type {unknown[0]}")
    keyed = [(order_key(n, event), event) for n, event in enumerate(session.log.events)]
    found = [pair for pair in keyed if _wanted(pair[1], query)]
    cut, after, _ = page_of(
        found, lambda pair: pair[0], limit=query.limit, page=query.page, order=query.order
    )
    return {"data": [event for _, event in cut], "next_page": after}


def _wanted(event: Json, query: EventListQuery) -> bool:
    if query.types is not None and event["type"] not in query.types:
        return False
    at = event["processed_at"]
    if at is None:
        return not (query.gt or query.gte or query.lt or query.lte)
    lower, upper, above, below = (bound(value) for value in (query.gte, query.lte, query.gt, query.lt))
    inside = (lower is None or at >= lower) and (upper is None or at <= upper)
    return bool(inside and (above is None or at > above) and (below is None or at < below))


async def stream_events(state: SandboxState, request: Request) -> StreamingResponse:
    """Open the stream. It is subscribed before the first byte is answered, so nothing placed afterwards is lost."""
    read_query(request, StreamQuery)
    session = state.session(request.path_params["id"])
    queue = session.log.subscribe()
    body = frames(session.log, queue, state.settings.heartbeat_s)
    return StreamingResponse(body, media_type="text/event-stream", headers={"cache-control": "no-cache"})
