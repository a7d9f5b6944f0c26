"""Sessions: create, look up, list, change, archive, delete; their resources and their one thread.

The routes' side of a session. What happens inside one is the engine's; what may be sent to one is in sending.py.
"""

from __future__ import annotations

import copy
import json

from starlette.requests import Request

from facilitator.sandbox.agents.bodies import (
    AgentRef,
    AgentWithOverrides,
    Empty,
    FileResource,
    SessionCreate,
    SessionUpdate,
)
from facilitator.sandbox.agents.catalog import check_tools, expanded_agent, merged_metadata
from facilitator.sandbox.agents.events import EventLog
from facilitator.sandbox.agents.files import StoredFile, mount_point
from facilitator.sandbox.agents.queries import PageQuery, SessionListQuery, ThreadListQuery
from facilitator.sandbox.agents.sending import accept
from facilitator.sandbox.agents.state import SandboxState, Session, loop_time
from facilitator.sandbox.agents.usage import Meter
from facilitator.sandbox.agents.wire import Json, bound, invalid, missing, page_of, read_body, read_query

SNAPSHOT = [
    "id",
    "type",
    "version",
    "name",
    "description",
    "model",
    "system",
    "tools",
    "mcp_servers",
    "skills",
    "multiagent",
    "execution_identity",
]
"""What a session keeps of its agent, as it was when the session was created."""


def view(session: Session) -> Json:
    """The session object. It carries no stop reason: only the event log does."""
    now = loop_time()
    active = round(session.meter.active_seconds, 3)
    return {
        "id": session.id,
        "type": "session",
        "status": session.seen_status(now),
        "title": session.title,
        "environment_id": session.environment_id,
        "deployment_id": None,
        "archived_at": session.archived_at,
        "budget": session.budget,
        "agent": session.agent,
        "metadata": session.metadata,
        "resources": session.resources,
        "vault_ids": session.vault_ids,
        "outcome_evaluations": session.outcomes,
        "stats": {"active_seconds": active, "duration_seconds": round(now - session.born, 3)},
        "usage": session.meter.published,
        "created_at": session.created_at,
        "updated_at": session.updated_at,
    }


async def create_session(state: SandboxState, request: Request) -> Json:
    """Create one session, whatever was created before: no idempotency key exists. With initial events it is born running."""
    body = await read_body(request, SessionCreate)
    agent = _snapshot(state, body.agent)
    environment = state.environments.get(body.environment_id)
    if environment is None:
        raise missing(f"Environment {body.environment_id} not found")
    if environment["archived_at"] is not None:
        raise invalid(f"Environment {body.environment_id} is archived")
    outcomes = sum(event.type == "user.define_outcome" for event in body.initial_events or [])
    if outcomes > 1:
        raise invalid("initial_events: at most one user.define_outcome event is allowed")
    sources = [_uploaded(state, resource) for resource in body.resources]
    session = _new(state, body, agent)
    for resource, source in zip(body.resources, sources, strict=True):
        _mount(state, session, resource, source)
    if body.initial_events:
        accept(state, session, list(body.initial_events))
        session.set_status("running", loop_time(), 0)
    state.sessions[session.id] = session
    return view(session)


def _new(state: SandboxState, body: SessionCreate, agent: Json) -> Session:
    given = body.given()
    now = state.now()
    return Session(
        id=state.ids.new("sesn"),
        agent=agent,
        environment_id=body.environment_id,
        title=body.title,
        metadata=dict(body.metadata),
        resources=[],
        vault_ids=list(body.vault_ids),
        budget=given.get("budget"),
        had_budget=body.budget is not None,
        created_at=now,
        updated_at=now,
        thread_id=state.ids.new("sthr"),
        script=state.scripts.take(),
        log=EventLog(state.clock, state.ids),
        meter=Meter(),
        born=loop_time(),
    )


def _snapshot(state: SandboxState, wanted: str | AgentRef | AgentWithOverrides) -> Json:
    agent_id = wanted if isinstance(wanted, str) else wanted.id
    version = None if isinstance(wanted, str) else wanted.version
    agent = state.agents.get(agent_id)
    if agent is None:
        raise missing(f"Agent {agent_id} not found")
    found = agent.at(version)
    if found is None:
        raise missing(f"agent.version: {version} not found")
    if agent.latest["archived_at"] is not None:
        raise invalid(f"Agent {agent_id} is archived")
    kept = copy.deepcopy({name: found[name] for name in SNAPSHOT})
    if isinstance(wanted, AgentWithOverrides):
        given = {key: value for key, value in wanted.given().items() if key not in {"id", "type", "version"}}
        kept.update(expanded_agent({"model": kept["model"], **given}, only=set(given)))
        check_tools(kept)
    return kept


def _uploaded(state: SandboxState, resource: FileResource) -> StoredFile:
    mount_point(resource.file_id, resource.mount_path)
    return state.file(resource.file_id)


def _mount(state: SandboxState, session: Session, resource: FileResource, source: StoredFile) -> Json:
    """Mount a copy: it has an id of its own and is listed with the session, but cannot be downloaded [H]."""
    path = mount_point(resource.file_id, resource.mount_path)
    session.container.mount(path, source.content)
    file_id = state.ids.new("file")
    state.files[file_id] = StoredFile(
        file_id, path.rsplit("/", 1)[-1], source.content, state.now(), session.id, mime_type=source.mime_type
    )
    now = state.now()
    mounted: Json = {
        "id": state.ids.new("sesrsc"),
        "type": "file",
        "file_id": file_id,
        "mount_path": path,
        "created_at": now,
        "updated_at": now,
    }
    session.resources.append(mounted)
    return mounted


async def list_sessions(state: SandboxState, request: Request) -> Json:
    """List sessions; one that was made a moment ago may be missing. There is no filter by title or metadata."""
    query = read_query(request, SessionListQuery)
    found = [session for session in state.sessions.values() if _matches(state, session, query)]
    cut, after, before = page_of(
        found,
        lambda item: f"{item.created_at}#{item.id}",
        limit=query.limit,
        page=query.page,
        order=query.order,
    )
    return {"data": [view(session) for session in cut], "next_page": after, "prev_page": before}


def _matches(state: SandboxState, session: Session, query: SessionListQuery) -> bool:
    now, made = loop_time(), session.created_at
    checks = (
        now - session.born >= state.scaled(state.settings.list_lag_s),
        query.agent_id in {None, session.agent["id"]},
        query.agent_version in {None, session.agent["version"]},
        query.deployment_id is None and query.memory_store_id is None,
        query.statuses is None or session.seen_status(now) in query.statuses,
        query.include_archived or session.archived_at is None,
        within(made, query),
    )
    return all(checks)


def within(instant: str, query: SessionListQuery | Json) -> bool:
    """Whether an instant lies within the bounds a query gives."""
    bounds = query if isinstance(query, dict) else query.model_dump()
    lower, upper = bound(bounds.get("gte")), bound(bounds.get("lte"))
    above, below = bound(bounds.get("gt")), bound(bounds.get("lt"))
    inside = (lower is None or instant >= lower) and (upper is None or instant <= upper)
    return inside and (above is None or instant > above) and (below is None or instant < below)


async def get_session(state: SandboxState, request: Request) -> Json:
    """One session; its status may lag behind the events."""
    read_query(request, Empty)
    return view(state.session(request.path_params["id"]))


async def update_session(state: SandboxState, request: Request) -> Json:
    """Change title, metadata, budget or the agent's tools; an effective change places `session.updated`."""
    body = await read_body(request, SessionUpdate)
    session = state.session(request.path_params["id"])
    if session.archived_at is not None:
        raise invalid("Cannot modify archived session")
    if session.status == "terminated":
        raise invalid("Cannot modify terminated session")
    given = body.given()
    changes: Json = {}
    if "budget" in given:
        _check_budget(session, given["budget"])
        changes["budget"] = given["budget"]
    if "agent" in given:
        changes["agent"] = _changed_agent(session, given["agent"])
    if "title" in given:
        changes["title"] = given["title"]
    if "metadata" in given:
        changes["metadata"] = merged_metadata(session.metadata, given["metadata"] or {})
    _apply(state, session, changes)
    return view(session)


def _check_budget(session: Session, budget: Json | None) -> None:
    if budget is None:
        return
    if not session.had_budget or session.budget is None:
        raise invalid(
            "budget_create_only: a budget cannot be added after the session was created without one"
        )
    if int(budget["max_list_cost"]["amount"]) <= session.meter.spent_cents:
        raise invalid("budget_not_raised: max_list_cost must be above the session's consumed list cost")


def _changed_agent(session: Session, given: Json) -> Json:
    if busy(session):
        raise invalid("agent: cannot be updated while the session is running")
    changed = {**session.agent, **expanded_agent(given, only=set(given))}
    check_tools(changed)
    return changed


def _apply(state: SandboxState, session: Session, changes: Json) -> None:
    effective = {name: value for name, value in changes.items() if getattr(session, name) != value}
    for name, value in effective.items():
        setattr(session, name, value)
    if effective:
        session.updated_at = state.now()
        session.log.add("session.updated", body=effective)
    if session.paused is not None and not session.meter.exhausted(session.budget) and "budget" in effective:
        session.paused.set()


def busy(session: Session) -> bool:
    """Whether the session runs, or still says that it does."""
    return session.status in {"running", "rescheduling"} or session.seen_status(loop_time()) == "running"


async def archive_session(state: SandboxState, request: Request) -> Json:
    """Make a session read-only for ever; refused while it runs. A second time changes nothing."""
    await read_body(request, Empty)
    session = state.session(request.path_params["id"])
    if session.archived_at is not None:
        return view(session)
    if busy(session):
        raise invalid(
            'Session ID cannot be archived while its status is "running". Only pending or idle sessions may be archived.'
        )
    _halt(session)
    session.set_status("terminated", loop_time(), 0)
    session.archived_at = session.updated_at = state.now()
    return view(session)


async def delete_session(state: SandboxState, request: Request) -> Json:
    """Remove a session with its history, container and files; refused while it runs. Open streams end."""
    read_query(request, Empty)
    session = state.session(request.path_params["id"])
    if busy(session):
        raise invalid(
            "Cannot delete session while it is running. Send an interrupt event or wait for the session to complete."
        )
    _halt(session)
    session.log.add("session.deleted")
    session.log.end_streams()
    del state.sessions[session.id]
    for file_id in [file.id for file in state.files.values() if file.scope == session.id]:
        del state.files[file_id]
    return {"id": session.id, "type": "session_deleted"}


def _halt(session: Session) -> None:
    if session.task is not None:
        session.task.cancel()
    session.pending = session.paused = None


async def list_resources(state: SandboxState, request: Request) -> Json:
    """The session's mounted files."""
    query = read_query(request, PageQuery)
    session = state.session(request.path_params["id"])
    places = {item["id"]: f"{n:06d}" for n, item in enumerate(session.resources)}
    cut, after, _ = page_of(
        session.resources, lambda item: places[item["id"]], limit=query.limit, page=query.page, order="asc"
    )
    return {"data": cut, "next_page": after}


async def add_resource(state: SandboxState, request: Request) -> Json:
    """Mount one more file into a session that is not over."""
    body = await read_body(request, FileResource)
    session = state.session(request.path_params["id"])
    if session.status == "terminated":
        raise invalid("Cannot modify terminated session")
    mounted = _mount(state, session, body, _uploaded(state, body))
    session.updated_at = state.now()
    return mounted


async def list_threads(state: SandboxState, request: Request) -> Json:
    """The primary thread: the only one here."""
    query = read_query(request, ThreadListQuery)
    thread = _thread(state.session(request.path_params["id"]))
    wanted = query.statuses is None or thread["status"] in query.statuses
    return {"data": [thread] if wanted else [], "next_page": None}


async def get_thread(state: SandboxState, request: Request) -> Json:
    """One thread of a session."""
    read_query(request, Empty)
    thread = _thread(state.session(request.path_params["id"]))
    if thread["id"] != request.path_params["thread"]:
        raise missing(f"Thread {request.path_params['thread']} not found")
    return thread


def _thread(session: Session) -> Json:
    seen = view(session)
    shared = ("status", "archived_at", "created_at", "updated_at", "agent")
    return {
        "id": session.thread_id,
        "type": "session_thread",
        "session_id": session.id,
        "parent_thread_id": None,
        "workflow_run_id": None,
        "stats": {**seen["stats"], "startup_seconds": 0.0},
        "usage": json.loads(json.dumps(seen["usage"])),
        **{name: seen[name] for name in shared},
    }
