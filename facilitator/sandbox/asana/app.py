"""The simulated Asana as an ASGI application: bytes in, bytes out, and the control calls that change its world.

Owns reading requests off the wire, uploads included, and writing answers onto it. Everything between is the dispatcher's.
"""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from facilitator.sandbox.asana.controls import controls
from facilitator.sandbox.asana.dispatch import Dispatcher, Reply, Request
from facilitator.sandbox.asana.errors import error_body
from facilitator.sandbox.asana.limits import RateLimits, bearer
from facilitator.sandbox.asana.loading import load_world
from facilitator.sandbox.asana.side import AsanaSide
from facilitator.sandbox.requests import read_query
from facilitator.sandbox.wire import Service

PREFIX = "/api/1.0"
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
SENTENCE = (
    "A local simulation of the Asana REST API (facilitator-sandbox), in memory, written from the published API description. "
    "It is not Asana and holds nobody's real data."
)


def build_asana(
    pack: dict[str, Any],
    *,
    clock: Callable[[], datetime],
    tokens: dict[str, str] | None = None,
    requests_per_minute: int | None = 1500,
    monotonic: Callable[[], float] = time.monotonic,
) -> AsanaSide:
    """Build the simulated Asana over a checked pack: its world, its application, and what the wire must know of it."""
    limits = RateLimits(requests_per_minute, monotonic=monotonic)
    world = load_world(pack, clock, tokens)
    dispatcher = Dispatcher(world, limits.charge)
    app = build_app(dispatcher)
    service = Service(
        name="asana",
        sentence=SENTENCE,
        prefix=PREFIX,
        error_body=error_body,
        clock=clock,
        state=world.dump,
        controls=controls(world),
        gate=limits,
        age=world.births.age,
    )
    return AsanaSide(world=world, app=app, service=service)


def build_app(dispatcher: Dispatcher) -> Starlette:
    """Build the ASGI application that answers with a dispatcher."""

    async def endpoint(http: HttpRequest) -> Response:
        return _response(dispatcher.answer(await _read(http)))

    async def nowhere(http: HttpRequest, _error: Exception) -> Response:
        message = f"No matching route for request: {http.method} {http.url.path}"
        return _response(Reply(404, error_body(404, message)))

    async def broken(_http: HttpRequest, error: Exception) -> Response:
        # A fault of the simulator itself must not pass for one of the service it simulates.
        return _response(Reply(500, error_body(500, f"The sandbox itself failed: {error!r}")))

    app = Starlette(
        routes=[Route(f"{PREFIX}/{{path:path}}", endpoint, methods=METHODS)],
        exception_handlers={HTTPException: nowhere, Exception: broken},
    )
    app.router.redirect_slashes = False
    return app


async def _read(http: HttpRequest) -> Request:
    path = "/" + http.path_params["path"].strip("/")
    query = read_query(http.scope.get("query_string", b""))
    token = bearer(http.headers)
    if http.headers.get("content-type", "").startswith("multipart/form-data"):
        return Request(http.method, path, query, token, {"data": await _form(http)})
    return Request(http.method, path, query, token, await http.body())


async def _form(http: HttpRequest) -> dict[str, Any]:
    async with http.form() as form:
        return {
            name: {"name": part.filename or "file", "content": await part.read()}
            if isinstance(part, UploadFile)
            else part
            for name, part in form.items()
        }


def _response(reply: Reply) -> Response:
    text = json.dumps(reply.body, ensure_ascii=False, indent=2 if reply.pretty else None)
    # Half of a surrogate pair has no UTF-8; the escape Python writes for it is the one JSON has for it.
    content = text.encode("utf-8", errors="backslashreplace")
    return Response(content, reply.status, reply.headers, media_type="application/json; charset=UTF-8")
