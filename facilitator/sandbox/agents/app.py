"""The simulated Managed Agents service as one ASGI application.

Puts the routes together with keys, the beta header, request ids and the error envelope. It is mounted by the local sandbox, which
adds the request log and transport faults; nothing here breaks a connection on purpose.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from facilitator.sandbox.agents import catalog, filing, sending, sessions
from facilitator.sandbox.agents.script import Script, ScriptError, ScriptPlan
from facilitator.sandbox.agents.state import AgentsSandboxSettings, SandboxState
from facilitator.sandbox.agents.wire import ApiError, Json, check_beta, check_key

Handler = Callable[[SandboxState, Request], Awaitable[Json | Response]]

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/v1/agents", catalog.create_agent),
    ("GET", "/v1/agents", catalog.list_agents),
    ("GET", "/v1/agents/{id}", catalog.get_agent),
    ("POST", "/v1/agents/{id}", catalog.update_agent),
    ("POST", "/v1/agents/{id}/archive", catalog.archive_agent),
    ("GET", "/v1/agents/{id}/versions", catalog.list_versions),
    ("POST", "/v1/environments", catalog.create_environment),
    ("GET", "/v1/environments", catalog.list_environments),
    ("GET", "/v1/environments/{id}", catalog.get_environment),
    ("POST", "/v1/environments/{id}", catalog.update_environment),
    ("DELETE", "/v1/environments/{id}", catalog.delete_environment),
    ("POST", "/v1/environments/{id}/archive", catalog.archive_environment),
    ("POST", "/v1/sessions", sessions.create_session),
    ("GET", "/v1/sessions", sessions.list_sessions),
    ("GET", "/v1/sessions/{id}", sessions.get_session),
    ("POST", "/v1/sessions/{id}", sessions.update_session),
    ("DELETE", "/v1/sessions/{id}", sessions.delete_session),
    ("POST", "/v1/sessions/{id}/archive", sessions.archive_session),
    ("POST", "/v1/sessions/{id}/events", sending.send_events),
    ("GET", "/v1/sessions/{id}/events", sending.list_events),
    ("GET", "/v1/sessions/{id}/events/stream", sending.stream_events),
    ("GET", "/v1/sessions/{id}/threads", sessions.list_threads),
    ("GET", "/v1/sessions/{id}/threads/{thread}", sessions.get_thread),
    ("GET", "/v1/sessions/{id}/resources", sessions.list_resources),
    ("POST", "/v1/sessions/{id}/resources", sessions.add_resource),
    ("POST", "/v1/files", filing.upload_file),
    ("GET", "/v1/files", filing.list_files),
    ("GET", "/v1/files/{id}", filing.get_file),
    ("DELETE", "/v1/files/{id}", filing.delete_file),
    ("GET", "/v1/files/{id}/content", filing.download_file),
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def build_agents_app(
    *,
    clock: Callable[[], datetime] = _utc_now,
    seed: int = 0,
    speed: float = 1.0,
    script: Script | None = None,
    settings: AgentsSandboxSettings | None = None,
) -> Starlette:
    """Build the service with an empty memory. `app.state.sandbox` is its `SandboxState`, for tests and for a clean stop.

    `clock` gives the instants on the wire (aware). `speed` divides every pace and lag: 1 shows a session in one or two seconds.
    `script` is the standing scenario; `/_sandbox/script` changes it while the service runs.
    """
    if speed <= 0:
        raise ValueError(f"speed must be above 0, not {speed}")
    state = SandboxState(
        clock=clock,
        seed=seed,
        speed=speed,
        settings=settings or AgentsSandboxSettings(),
        scripts=ScriptPlan(script or Script()),
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        state.close()

    app = Starlette(
        routes=[
            *(
                Route(path, _endpoint(state, method, path, act), methods=[method])
                for method, path, act in ROUTES
            ),
            Route("/_sandbox/script", _script_endpoint(state), methods=["GET", "POST"]),
        ],
        exception_handlers={HTTPException: _no_such_route(state)},
        lifespan=lifespan,
    )
    app.state.sandbox = state
    for name in ("agents", "environments", "sessions", "files", "counts"):
        setattr(app.state, name, getattr(state, name))
    return app


def _endpoint(
    state: SandboxState, method: str, path: str, handler: Handler
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        state.counts[f"{method} {path}"] += 1
        if request.headers.get("x-stainless-retry-count", "0") != "0":
            state.retries[f"{method} {path}"] += 1
        request_id = state.ids.new("req")
        try:
            check_key(request, state.settings.api_keys)
            check_beta(request)
            answer = await handler(state, request)
        except ApiError as error:
            answer = JSONResponse(error.envelope(request_id), error.status)
        response = answer if isinstance(answer, Response) else JSONResponse(answer)
        response.headers["request-id"] = request_id
        return response

    return endpoint


def _no_such_route(state: SandboxState) -> Callable[[Request, Exception], Response]:
    def answer(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        kind = "not_found_error" if status == 404 else "invalid_request_error"
        message = error.detail if isinstance(error, HTTPException) else "internal error"
        request_id = state.ids.new("req")
        body = ApiError(status, kind, message).envelope(request_id)
        return JSONResponse(body, status, headers={"request-id": request_id})

    return answer


def _script_endpoint(state: SandboxState) -> Callable[[Request], Awaitable[Response]]:
    """The control route: GET shows the plan; POST takes switches, with `sessions: N` for only the next N sessions."""

    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            try:
                _take_script(state.scripts, await request.json())
            except ValueError as error:
                return JSONResponse({"error": f"not a script: {error}"}, 400)
        return JSONResponse({**state.scripts.as_dict(), "defaults": asdict(Script())})

    return endpoint


def _take_script(plan: ScriptPlan, raw: Any) -> None:
    if not isinstance(raw, dict):
        raise ScriptError("the body must be a JSON object of switches")
    switches = dict(raw)
    count = switches.pop("sessions", None)
    if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 1):
        raise ScriptError(f"sessions must be a whole number above 0, not {count!r}")
    plan.put(Script.read(switches), count)
