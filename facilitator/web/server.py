"""The dashboard served by uvicorn inside another program's event loop, until that program stops."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette

from facilitator.settings import WebSettings

if TYPE_CHECKING:
    import uvicorn

log = structlog.get_logger()

GRACE_S = 3
"""How long open answers (a live page's stream) may take to end when the program stops."""


@contextlib.asynccontextmanager
async def served(web: Starlette, settings: WebSettings) -> AsyncIterator[str | None]:
    """Serve for the length of the block; gives the address, or None where the port is taken.

    A taken port must not keep the ceremonies from being held, so it is told in the log and the block goes on.
    """
    import uvicorn

    try:
        listener = listening(settings)
    except OSError as error:
        log.error("dashboard_not_served", host=settings.host, port=settings.port, error=str(error))
        yield None
        return
    config = uvicorn.Config(
        web,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=False,
    )
    server = _quiet(uvicorn.Server(config))
    task = asyncio.ensure_future(server.serve(sockets=[listener]))
    address = settings.base_url or f"http://{settings.host}:{listener.getsockname()[1]}"
    log.info("dashboard", address=address)
    try:
        yield address
    finally:
        web.state.stopping.set()
        server.should_exit = True
        await task
        listener.close()


def listening(settings: WebSettings) -> socket.socket:
    """The socket to serve on, bound before anything is promised; raises `OSError` where the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError:
        listener.close()
        raise
    return listener


def _quiet(server: uvicorn.Server) -> uvicorn.Server:
    """Signals belong to the program around it."""

    @contextlib.contextmanager
    def none() -> Iterator[None]:
        yield

    server.capture_signals = none  # type: ignore[method-assign]
    return server
