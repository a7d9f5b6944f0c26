"""The wire in front of each simulated service: request log, fault switches, control routes, and the mark of a simulator.

Owns everything under `/_sandbox` and what both ports share. A call is logged, counted against the limits, harmed if a fault is
due, and only then handed to the service. The wire knows nothing of what the calls mean.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from facilitator.sandbox.exchange import (
    SIMULATOR,
    App,
    Drop,
    Exchange,
    Message,
    Receive,
    Scope,
    Send,
    read_to_end,
)
from facilitator.sandbox.faults import FaultError, FaultPlan, faults_for
from facilitator.sandbox.harm import carry_out
from facilitator.sandbox.requests import LoggedRequest, RequestLog, masked_headers, read_body, read_query
from facilitator.sandbox.streams import StreamWire

CONTROL = "/_sandbox"
Control = Callable[[dict[str, Any]], Any]


class ControlError(Exception):
    """A control call was not understood; the message is the answer's."""


class Gate(Protocol):
    """Something that counts calls and may turn one away."""

    def enter(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[str, int] | None:
        """Count a call in; answer why and for how many seconds it is refused with 429, or None to let it pass."""

    def leave(self, method: str, headers: Mapping[str, str]) -> None:
        """Count a call out, whether or not it was let in."""


@dataclass(frozen=True)
class Service:
    """What the wire must know of the service behind it."""

    name: str
    sentence: str
    prefix: str
    error_body: Callable[[int, str], dict[str, Any]]
    clock: Callable[[], datetime]
    state: Callable[[], Any]
    controls: Mapping[str, Control] = field(default_factory=dict)
    gate: Gate | None = None
    own_controls: tuple[str, ...] = ()  # control calls the service answers itself
    age: Callable[[str], float | None] = lambda _id: None  # real seconds since a thing was made here


def refuse_to_drop(_scope: Scope, _reset: bool = False) -> None:
    """Stand in for a connection where there is none: an application called without a server."""
    raise ConnectionAbortedError("the sandbox dropped the connection")


class Wire:
    """An ASGI application around another one."""

    def __init__(self, app: App, service: Service, *, seed: int = 0, drop: Drop = refuse_to_drop) -> None:
        self.log = RequestLog()
        self.faults = FaultPlan(seed)
        self._app = app
        self._service = service
        self._drop = drop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection; only HTTP is logged and harmed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await read_to_end(receive)
        stamped = _Stamp(send, self.log)
        exchange = Exchange(
            self._app,
            scope,
            body,
            receive,
            stamped.send,
            self._drop,
            self._service.age,
            self._service.error_body,
        )
        if scope["path"] == CONTROL or scope["path"].startswith(f"{CONTROL}/"):
            await self._control(exchange)
            return
        stamped.entry = self._logged(scope, body)
        await self._pass_gate(exchange, stamped.entry)

    def _logged(self, scope: Scope, body: bytes) -> LoggedRequest:
        headers = masked_headers(scope["headers"])
        entry = LoggedRequest(
            method=scope["method"],
            path=scope["path"],
            query=read_query(scope.get("query_string", b"")),
            headers=headers,
            body=read_body(body, headers.get("content-type", "")),
            at=self._service.clock(),
        )
        self.log.add(entry)
        return entry

    async def _pass_gate(self, exchange: Exchange, entry: LoggedRequest) -> None:
        gate = self._service.gate
        if gate is None:
            await self._handle(exchange, entry)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in exchange.scope["headers"]
        }
        try:
            refusal = gate.enter(entry.method, entry.path, headers)
            if refusal is None:
                await self._handle(exchange, entry)
            else:
                body = self._service.error_body(429, refusal[0])
                await exchange.answer_json(429, body, {"Retry-After": str(refusal[1])})
        finally:
            gate.leave(entry.method, headers)

    async def _handle(self, exchange: Exchange, entry: LoggedRequest) -> None:
        paths = (entry.path, entry.path.removeprefix(self._service.prefix))
        fault = self.faults.take(entry.method, paths, stream=False)
        if fault is not None:
            entry.fault = fault.kind
            await carry_out(fault, exchange)
            return
        await StreamWire(exchange, lambda: self.faults.take(entry.method, paths, stream=True)).serve()

    async def _control(self, exchange: Exchange) -> None:
        verb, path = exchange.scope["method"], exchange.scope["path"].rstrip("/")
        if path.removeprefix(CONTROL).strip("/") in self._service.own_controls:
            await exchange.serve()
            return
        query = read_query(exchange.scope.get("query_string", b""))
        try:
            answer = self._controlled(verb, path.removeprefix(CONTROL).strip("/"), query, exchange.body)
        except (ControlError, FaultError) as error:
            await exchange.answer_json(400, {"error": str(error)})
            return
        status = 404 if answer is None else 200
        missing = {"error": f"the sandbox has no {verb} {path}", "routes": self._routes()}
        await exchange.answer_json(status, missing if answer is None else answer)

    def _controlled(self, verb: str, name: str, query: Mapping[str, Any], body: bytes) -> Any:
        """Answer one control call, or None where there is no such call."""
        if (verb, name) == ("GET", ""):
            return {"simulator": True, "what": self._service.sentence, "routes": self._routes()}
        if (verb, name) == ("GET", "state"):
            return self._service.state()
        if (verb, name) == ("GET", "tally"):
            return self.log.counts()
        if name == "requests":
            return self._requests(verb, answers="answers" in query)
        if name == "faults":
            return self._faults(verb, body)
        if verb == "POST" and name in self._service.controls:
            return self._service.controls[name](_object(body))
        return None

    def _routes(self) -> list[str]:
        shared = [
            "GET state",
            "GET requests",
            "DELETE requests",
            "GET tally",
            "GET faults",
            "POST faults",
            "DELETE faults",
        ]
        names = [*self._service.controls, *self._service.own_controls]
        return [*shared, *(f"POST {name}" for name in names)]

    def _requests(self, verb: str, *, answers: bool) -> Any:
        if verb == "DELETE":
            self.log.clear()
        return [entry.as_json(answers=answers) for entry in self.log.entries()] if verb != "POST" else None

    def _faults(self, verb: str, body: bytes) -> Any:
        if verb == "DELETE":
            self.faults.clear()
        elif verb == "POST":
            wanted = _object(body)
            if not isinstance(wanted.get("faults"), list) or set(wanted) - {"faults", "seed"}:
                raise ControlError('send {"faults": [...]} and, where you like, "seed"')
            self.faults.add(faults_for(self._service.name, wanted["faults"]), seed=wanted.get("seed"))
        return {"faults": [fault.as_json() for fault in self.faults.faults()]}


class _Stamp:
    """The send side that marks every answer as a simulator's and notes in the log what was answered."""

    def __init__(self, send: Send, log: RequestLog) -> None:
        self._send = send
        self._log = log
        self._stream = False
        self.entry: LoggedRequest | None = None

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), SIMULATOR]
            self._note_start(message)
        elif self.entry is not None and not self._stream:
            self.entry.raw_answer += message.get("body", b"")
        await self._send(message)

    def _note_start(self, message: Message) -> None:
        content_type = next((v for n, v in message["headers"] if n.lower() == b"content-type"), b"").decode()
        self._stream = content_type.startswith("text/event-stream")
        if self.entry is not None:
            self.entry.status, self.entry.content_type = message["status"], content_type
            self._log.answered(self.entry)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise ControlError(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ControlError("the body is not a JSON object")
    return value
