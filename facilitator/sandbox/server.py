"""The local sandbox: a simulated Asana and a simulated Managed Agents, each on its own loopback port.

Owns starting and stopping: ports, threads, readiness, open connections. What is served is built in `asana/` and `agents/`, with
the same wire in front of both. It never binds anything but 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from facilitator.sandbox.agents.quotas import QuotaGate, Quotas, quota_control
from facilitator.sandbox.asana.app import build_asana
from facilitator.sandbox.asana.side import AsanaSide
from facilitator.sandbox.clock import SandboxClock
from facilitator.sandbox.exchange import App, Scope
from facilitator.sandbox.faults import FaultPlan, faults_for
from facilitator.sandbox.requests import LoggedRequest
from facilitator.sandbox.wire import Service, Wire
from facilitator.sandbox.workspace import check_pack

if TYPE_CHECKING:
    from facilitator.sandbox.agents.state import AgentsSandboxSettings

LOOPBACK = "127.0.0.1"
START_SECONDS = 15.0
RESET = struct.pack("ii", 1, 0)
AGENTS_SENTENCE = "A local simulation of the Managed Agents API (facilitator-sandbox). Its agent and its grader are scripts, not language models."
ANTHROPIC_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class Sandbox:
    """Both simulated services over one workspace pack. Use it as a context manager, or call start() and stop()."""

    def __init__(
        self,
        pack: dict[str, Any],
        *,
        asana_port: int = 0,
        agents_port: int = 0,
        speed: float = 1.0,
        seed: int = 0,
        faults: list[dict[str, Any]] | None = None,
        tokens: dict[str, str] | None = None,
        agents_app: App | None = None,
        requests_per_minute: int | None = 1500,
        quotas: Quotas | None = None,
        paces: AgentsSandboxSettings | None = None,
    ) -> None:
        """Prepare both services; nothing listens yet.

        `speed` is simulated seconds per real second. `tokens` maps a bearer token to the gid of the user it acts for; without it
        every token acts as a bot user added to the workspace. A fault goes to both ports unless its `on` names one. Limits count in
        simulated seconds: `requests_per_minute` by Asana token (None: none), `quotas` those of Managed Agents, off where None.
        `paces` says how long a session's steps take. Raises
        WorkspaceError for a pack that does not hold together, FaultError for a fault that is not known.
        """
        check_pack(pack)
        self.clock = SandboxClock(datetime.fromisoformat(pack["as_of"]), speed=speed)
        side = build_asana(
            pack,
            clock=self.clock,
            tokens=tokens,
            requests_per_minute=requests_per_minute,
            monotonic=self.clock.elapsed,
        )
        self._asana_loop = _Loop("asana", asana_port)
        self._agents_loop = _Loop("agents", agents_port)
        self._asana_wire = Wire(side.app, side.service, seed=seed, drop=self._asana_loop.drop)
        self.agents_app: App = agents_app or _build_agents(self.clock, seed, speed, paces)
        gate = QuotaGate(quotas, monotonic=self.clock.elapsed)
        agents = _agents_service(self.agents_app, self.clock, gate)
        self._agents_wire = Wire(self.agents_app, agents, seed=seed, drop=self._agents_loop.drop)
        self._asana_wire.faults.add(faults_for("asana", faults or []))
        self._agents_wire.faults.add(faults_for("agents", faults or []))
        self.asana: AsanaSide = side.with_log(self._asana_wire.log.entries)

    @property
    def asana_url(self) -> str:
        """The base URL for Asana clients, prefix included; known once started."""
        return f"http://{LOOPBACK}:{self._asana_loop.port}/api/1.0"

    @property
    def agents_url(self) -> str:
        """The base URL for Anthropic clients; known once started."""
        return f"http://{LOOPBACK}:{self._agents_loop.port}"

    @property
    def agents_requests(self) -> list[LoggedRequest]:
        """Every call the Managed Agents port was sent, oldest first."""
        return self._agents_wire.log.entries()

    @property
    def faults(self) -> dict[str, FaultPlan]:
        """What shall go wrong, by port: `asana` and `agents`."""
        return {"asana": self._asana_wire.faults, "agents": self._agents_wire.faults}

    @property
    def calls(self) -> int:
        """How many calls both ports were sent so far."""
        return self._asana_wire.log.total + self._agents_wire.log.total

    def start(self) -> Self:
        """Open both ports and return when both answer. Raises OSError where a wanted port is taken."""
        try:
            self._asana_loop.start(self._asana_wire)
            self._agents_loop.start(self._agents_wire)
        except BaseException:
            self.stop()
            raise
        self.asana.world.base_url = self.asana_url
        return self

    def stop(self) -> None:
        """Close both ports, cutting streams that are open. A second call does nothing."""
        for loop in (self._asana_loop, self._agents_loop):
            loop.ask_to_stop()
        for loop in (self._asana_loop, self._agents_loop):
            loop.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Loop:
    """One uvicorn server in its own daemon thread with its own event loop."""

    def __init__(self, name: str, port: int) -> None:
        self.port = port
        self._name = name
        self._open: dict[tuple[str, int], asyncio.Transport] = {}
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, app: App) -> None:
        # The protocol is named because asyncio turns Nagle off only for sockets that say they are TCP.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, self.port))
        except OSError as error:
            listener.close()
            raise OSError(
                error.errno, f"the sandbox cannot listen on {LOOPBACK}:{self.port}: {error.strerror}"
            ) from error
        self.port = listener.getsockname()[1]
        self._server = _Server(_config(app, self._open))
        self._thread = threading.Thread(
            target=self._server.run_on, args=(listener,), name=f"sandbox-{self._name}", daemon=True
        )
        self._thread.start()
        if not self._server.settled.wait(START_SECONDS) or not self._server.started:
            raise OSError(f"the sandbox's {self._name} server did not start on {LOOPBACK}:{self.port}")

    def drop(self, scope: Scope, reset: bool) -> None:
        """Close the connection a request came in on: after what was already written, or at once by a reset."""
        transport = self._open.get(tuple(scope["client"]))
        if transport is None:
            return
        if not reset:
            transport.close()
            return
        # Lingering for no time at all makes the system send RST instead of FIN.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        transport.abort()

    def ask_to_stop(self) -> None:
        if self._server is not None:
            self._server.end(list(self._open.values()))

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(START_SECONDS)
        self._thread = self._server = None


class _Server(uvicorn.Server):
    """A uvicorn server that tells another thread when it is ready and can be ended from there."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run_on(self, listener: socket.socket) -> None:
        """Serve until ended; whatever happens, the one who waits for readiness is told."""
        try:
            self.run(sockets=[listener])
        except SystemExit:
            # uvicorn's way of saying that the application refused to start; `started` stays false and start() reports it.
            pass
        finally:
            self.settled.set()
            listener.close()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.settled.set()

    def end(self, transports: list[asyncio.Transport]) -> None:
        """Stop serving; open streams are cut, so that nobody is waited for."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            for transport in transports:
                self._loop.call_soon_threadsafe(transport.abort)


def _config(app: App, connections: dict[tuple[str, int], asyncio.Transport]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_droppable(connections),
        ws="none",
        lifespan="auto",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=0,
    )


def _droppable(connections: dict[tuple[str, int], asyncio.Transport]) -> type[H11Protocol]:
    """Build the protocol class that keeps its open connections by client address, so that a fault can close one."""

    class Droppable(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            connections[transport.get_extra_info("peername")] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.transport.get_extra_info("peername"), None)
            super().connection_lost(exc)

    return Droppable


def _build_agents(
    clock: Callable[[], datetime], seed: int, speed: float, paces: AgentsSandboxSettings | None
) -> App:
    """Import the Managed Agents simulation only where it is used: it is not needed to look at the Asana side."""
    from facilitator.sandbox.agents.app import build_agents_app

    app: App = build_agents_app(clock=clock, seed=seed, speed=speed, settings=paces)
    return app


def _agents_service(app: App, clock: Callable[[], datetime], gate: QuotaGate) -> Service:
    return Service(
        name="agents",
        sentence=AGENTS_SENTENCE,
        prefix="/v1",
        error_body=_anthropic_error,
        clock=clock,
        state=lambda: _agents_state(app),
        controls={"quotas": quota_control(gate)},
        gate=gate,
        own_controls=("script",),
        age=lambda name: _born_in(app, name),
    )


def _born_in(app: App, name: str) -> float | None:
    """How old a thing of the simulated Managed Agents is; None where the application keeps no births."""
    sandbox = getattr(getattr(app, "state", None), "sandbox", None)
    age: float | None = None if sandbox is None else sandbox.ids.births.age(name)
    return age


def _agents_state(app: App) -> dict[str, Any]:
    """Say what the simulated Managed Agents holds: calls by route, and the ids of each kind of thing."""
    memory = getattr(app, "state", None)
    kinds = ("agents", "environments", "sessions", "files")
    return {
        "counts": dict(getattr(memory, "counts", {})),
        **{kind: list(getattr(memory, kind, ())) for kind in kinds},
    }


def _anthropic_error(status: int, message: str) -> dict[str, Any]:
    kind = ANTHROPIC_ERRORS.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_sandbox_fault"}
