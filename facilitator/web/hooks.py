"""`/hooks/*`: what Asana and Managed Agents push. A delivery is a hint: it rings a bell, and we look for ourselves.

Everything is judged on the bytes received, before anything in them is read. What is forged, altered, old or seen before has
no effect and gets a 401. No delivery can start a run: it can only make us look sooner.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from facilitator.errors import ConfigurationError
from facilitator.service.application import Application

log = structlog.get_logger()

LARGEST = 1_000_000
"""Bytes. Asana's deliveries are lists of compact events, a few kilobytes each; Managed Agents' hold ids only."""

OLDEST = timedelta(hours=25)
"""Asana tries a delivery for 24 hours (asana.md, section 12): an older event is somebody's recording."""


def routes(app: Application) -> list[BaseRoute]:
    """The receivers, over the application whose bells they ring."""

    async def asana(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _refused(413, "the delivery is too large")
        return await run_in_threadpool(_asana, app, request, body)

    async def anthropic(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _refused(413, "the delivery is too large")
        return await run_in_threadpool(_anthropic, app, request, body)

    return [
        Route("/hooks/asana/{path}", asana, methods=["POST"]),
        Route("/hooks/anthropic", anthropic, methods=["POST"]),
    ]


def _asana(app: Application, request: Request, body: bytes) -> Response:
    path, now = request.path_params["path"], app.clock()
    offered = request.headers.get("X-Hook-Secret")
    if offered is not None:
        return _shaken(app, path, offered, now)
    hook = app.hooks.get(path)
    if hook is None or hook.secret is None or not _signed(hook.secret, request, body):
        return _refused(401, "the delivery is not signed with this webhook's secret")
    events = _events(body)
    if not events:
        return Response(status_code=200)  # a heartbeat: always the same bytes, and always answered
    if not _is_recent(events, now) or not app.hooks.first_time(
        hashlib.sha256(path.encode() + body).hexdigest(), now=now
    ):
        return _refused(401, "the delivery was seen before, or is too old")
    app.board_bell.ring()
    return Response(status_code=200)


def _shaken(app: Application, path: str, offered: str, now: datetime) -> Response:
    """Asana's handshake, answered for a webhook that we are asking for at this moment and no other."""
    fits = 0 < len(offered) <= 200 and offered.isascii() and offered.isprintable()
    if not fits or not app.hooks.shake(path, offered, now=now):
        return _refused(401, "nobody asked for this webhook")
    log.info("webhook_shaken")
    return Response(status_code=200, headers={"X-Hook-Secret": offered})


def _anthropic(app: Application, request: Request, body: bytes) -> Response:
    from facilitator.agents.hooks import Forged, verified

    key, now = app.settings.agents.webhook_key, app.clock()
    if not key.is_set:
        return _refused(404, f"{key.name} is not set")
    try:
        hint = verified(body, request.headers, app.revealing(key, "webhooks")())
    except Forged as forged:
        return _refused(401, forged.message)
    except ConfigurationError as error:
        return _refused(501, f"{error.message} {error.suggestion}")
    if not hint.id or not app.hooks.first_time(hashlib.sha256(hint.id.encode()).hexdigest(), now=now):
        return _refused(401, "the delivery was seen before")
    if any(run.session_id == hint.about for run in app.store.unfinished()):
        app.run_bell.ring()
    return Response(status_code=200)


async def _body(request: Request) -> bytes | None:
    """The whole body, or None where it is larger than any delivery; no more than the limit is ever held."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return body


def _signed(secret: str, request: Request, body: bytes) -> bool:
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = request.headers.get("X-Hook-Signature", "")
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))


def _events(body: bytes) -> list[dict[str, Any]]:
    try:
        events = json.loads(body)["events"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def _is_recent(events: list[dict[str, Any]], now: datetime) -> bool:
    """Whether any event happened within the time deliveries are tried; one without an instant counts as recent."""
    stamps = [str(event.get("created_at") or "") for event in events]
    return any(not stamp or now - _instant(stamp, now) < OLDEST for stamp in stamps)


def _instant(stamp: str, now: datetime) -> datetime:
    try:
        read = datetime.fromisoformat(stamp)
    except ValueError:
        return now
    return read if read.tzinfo else now


def _refused(status: int, why: str) -> JSONResponse:
    log.warning("webhook_refused", status=status, why=why)
    return JSONResponse({"error": why}, status_code=status)
