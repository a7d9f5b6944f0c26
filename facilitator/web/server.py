"""The dashboard served by uvicorn beside another program: on a thread and an event loop of its own, until that program stops.

Pages must not wait while a board of thousands of tasks is gathered or judged on the program's loop. What crosses between the
two is few: the hub, which wakes readers in their own loop; bells; and a knock on the program's loop for `/healthz`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from threading import Thread
from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette

from facilitator.settings import WebSettings

if TYPE_CHECKING:
    import uvicorn

log = structlog.get_logger()

GRACE_S = 3
"""How long open answers (a live page's stream) may take to end when the program stops."""

BACKLOG = 128
"""Connections that may wait while the thread starts."""


@contextlib.asynccontextmanager
async def served(web: Starlette, settings: WebSettings) -> AsyncIterator[str | None]:
    """Serve for the length of the block; gives the address, or None where the port is taken.

    A taken port must not keep the ceremonies from being held, so it is told in the log and the block goes on. From the first
    moment of the block connections are taken; after it the thread has ended and the port is free.
    """
    try:
        listener = listening(settings)
    except OSError as error:
        log.error("dashboard_not_served", host=settings.host, port=settings.port, error=str(error))
        yield None
        return
    server = _server(web)
    web.state.program = asyncio.get_running_loop()
    thread = Thread(target=_serve, args=(server, listener), name="dashboard", daemon=True)
    thread.start()
    address = settings.base_url or f"http://{settings.host}:{listener.getsockname()[1]}"
    log.info("dashboard", address=address)
    try:
        yield address
    finally:
        web.state.stopping.set()
        server.should_exit = True
        await asyncio.to_thread(thread.join)
        listener.close()


def listening(settings: WebSettings) -> socket.socket:
    """The socket to serve on, listening before anything is promised; raises `OSError` where the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _server(web: Starlette) -> uvicorn.Server:
    import uvicorn

    config = uvicorn.Config(
        web,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        proxy_headers=False,
    )
    return _quiet(uvicorn.Server(config))


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    """The thread's whole life. What ends it early is told in the log; the ceremonies go on without their pages."""
    try:
        asyncio.run(server.serve(sockets=[listener]))
    except Exception:
        log.exception("dashboard_ended")


def _quiet(server: uvicorn.Server) -> uvicorn.Server:
    """Signals belong to the program around it."""

    @contextlib.contextmanager
    def none() -> Iterator[None]:
        yield

    server.capture_signals = none  # type: ignore[method-assign]
    return server
