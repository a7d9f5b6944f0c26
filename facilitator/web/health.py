"""`/healthz`, `/readyz` and `/metrics`: for whoever watches over the process. They change nothing and name no person.

`/healthz` fails where a restart may help: the event loop lags, or the database does not answer. `/readyz` fails where a due
window would not be fired.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from facilitator.errors import ConfigurationError
from facilitator.service.application import Application
from facilitator.service.health import Check, database_check, readiness

LONGEST_LAG_S = 1.0
PATIENCE_S = 3.0
"""For the database; probes give up after a few seconds themselves."""


def routes(app: Application) -> list[BaseRoute]:
    """The probes of one application."""

    async def healthz(request: Request) -> Response:
        return _told([await _loop(request.app.state.program), await _database(app)])

    async def readyz(_request: Request) -> Response:
        try:
            looking = run_in_threadpool(readiness, app, now=app.clock())
            return _told(await asyncio.wait_for(looking, PATIENCE_S))
        except TimeoutError:
            return _told([Check("database", False, f"no answer within {PATIENCE_S:.0f} s")])

    async def metrics(_request: Request) -> Response:
        from facilitator.service.metrics import CONTENT_TYPE, exposed

        try:
            body = await run_in_threadpool(exposed, app, now=app.clock())
        except ConfigurationError as error:
            return JSONResponse({"error": f"{error.message} {error.suggestion}"}, status_code=501)
        return Response(body, headers={"Content-Type": CONTENT_TYPE})

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


async def _loop(program: asyncio.AbstractEventLoop | None) -> Check:
    """Whether the loop that holds the ceremonies takes up what it is handed; ours, where pages are served by it."""
    began = time.monotonic()
    try:
        knock = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), program or asyncio.get_running_loop())
        await asyncio.wait_for(asyncio.wrap_future(knock), LONGEST_LAG_S)
    except TimeoutError:
        return Check("loop", False, f"no answer within {LONGEST_LAG_S:.0f} s")
    return Check("loop", True, f"lags {(time.monotonic() - began) * 1000:.0f} ms")


async def _database(app: Application) -> Check:
    try:
        return await asyncio.wait_for(run_in_threadpool(database_check, app), PATIENCE_S)
    except TimeoutError:
        return Check("database", False, f"no answer within {PATIENCE_S:.0f} s")


def _told(checks: Sequence[Check]) -> JSONResponse:
    fine = all(check.ok for check in checks)
    told = {check.name: {"ok": check.ok, "detail": check.detail} for check in checks}
    return JSONResponse({"ok": fine, "checks": told}, status_code=200 if fine else 503)
