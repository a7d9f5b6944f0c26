"""A session's moves between running, idle, rescheduling and terminated, with the events each one places.

Shared by the engine, which moves a session along, and by the routes, which re-place an idle. It decides no move.
"""

from __future__ import annotations

from facilitator.sandbox.agents.files import StoredFile
from facilitator.sandbox.agents.state import SandboxState, Session, loop_time
from facilitator.sandbox.agents.wire import Json


def _thread(session: Session) -> Json:
    return {"session_thread_id": session.thread_id, "agent_name": session.agent["name"]}


def place_running(state: SandboxState, session: Session) -> None:
    """Start or go on: the session's event, then its thread's. The stored status says idle for a moment more [H]."""
    session.log.add("session.status_running")
    session.log.add("session.thread_status_running", body=_thread(session))
    session.meter.begin(loop_time())
    session.set_status("running", loop_time(), state.scaled(state.settings.start_lag_s))


def place_idle(state: SandboxState, session: Session, reason: Json, details: Json | None = None) -> None:
    """Place the three events of an idle, in their order, and let the stored status follow after its lag.

    Outputs are collected when a turn is over, not while an answer is awaited: what is listed is complete.
    """
    session.meter.end(loop_time(), state.speed)
    why = {"stop_reason": reason, "stop_details": details}
    session.log.add("session.thread_status_idle", body={**_thread(session), **why})
    session.log.add("session.usage", body={"usage": session.meter.publish(), "budget": session.budget})
    session.log.add("session.status_idle", body=why)
    session.set_status("idle", loop_time(), state.scaled(state.settings.idle_lag_s))
    if reason["type"] != "requires_action":
        collect_outputs(state, session)


def place_rescheduled(session: Session) -> None:
    """A passing error: the service tries again by itself."""
    place_error(session, "retrying")
    session.log.add("session.thread_status_rescheduled", body=_thread(session))
    session.log.add("session.status_rescheduled")
    session.set_status("rescheduling", loop_time(), 0)


def place_terminated(session: Session) -> None:
    """The session is over for good."""
    session.log.add("session.thread_status_terminated", body=_thread(session))
    session.log.add("session.status_terminated")
    session.set_status("terminated", loop_time(), 0)


def place_error(session: Session, retry_status: str, fault: str = "") -> None:
    """An error event: `retrying`, `exhausted` (the turn is dead) or `terminal` (the session will be).

    `fault` is a failure of the sandbox itself; without one the model was overloaded, as the script wants it.
    """
    error = {
        "type": "unknown_error" if fault else "model_overloaded_error",
        "message": fault or "The model is overloaded.",
        "retry_status": {"type": retry_status},
    }
    session.log.add("session.error", body={"error": error})


def collect_outputs(state: SandboxState, session: Session) -> None:
    """Offer the container's outputs in the Files API, listed only after the lag; a known name keeps its id."""
    lag = session.script.file_lag_s
    visible = loop_time() + (state.scaled(state.settings.file_lag_s) if lag is None else lag)
    known = {
        file.filename: file for file in state.files.values() if file.scope == session.id and file.downloadable
    }
    for name, content in session.container.outputs().items():
        if name in known:
            known[name].content = content
            continue
        file_id = state.ids.new("file")
        state.files[file_id] = StoredFile(
            file_id, name, content, state.now(), session.id, downloadable=True, visible_at=visible
        )
