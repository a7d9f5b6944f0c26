"""From one request to one answer: who asks, which route, is everything known, what to show.

Owns the envelope, the strictness about parameters and keys, output options and paging, and the batch call, which dispatches several. It is
synchronous and knows no HTTP library: app.py reads and writes the wire.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from facilitator.sandbox.asana.calls import Answer, Call, Done, Found
from facilitator.sandbox.asana.errors import ApiError, bad, error_body
from facilitator.sandbox.asana.fields import COMPACT, FULL, Renderer, Selection, View, parse_opt_fields
from facilitator.sandbox.asana.paging import read_limit
from facilitator.sandbox.asana.routes import OPTIONS, PAGING, Route, find_route
from facilitator.sandbox.asana.shapes import SHAPES
from facilitator.sandbox.asana.values import read_query_bool
from facilitator.sandbox.asana.world import World

STRAY = "Unrecognized request field {} . The only allowed keys at the top level are: data, options."
BODY_OPTIONS = {"fields", "pretty", "limit", "offset"}
MOST_ACTIONS = 10
ACTION_KEYS = {"relative_path", "method", "data", "options"}
ACTION_METHODS = ("get", "post", "put", "delete", "patch", "head")
Charge = Callable[[str, int], int | None]


@dataclass(frozen=True)
class Request:
    """A request off the wire. `body` is the raw JSON text, or the fields of a form already read."""

    method: str
    path: str
    query: Mapping[str, str | list[str]]
    token: str
    body: bytes | dict[str, Any] = b""


@dataclass(frozen=True)
class Reply:
    """What goes back: a status, a JSON body, and headers of its own."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    pretty: bool = False


class Dispatcher:
    """Answers requests on one world. `charge` counts the actions of a batch against the token's limit."""

    def __init__(self, world: World, charge: Charge) -> None:
        self._world = world
        self._charge = charge

    def answer(self, request: Request) -> Reply:
        """Answer a request; every refusal becomes an answer too."""
        try:
            me = self._world.user_for(request.token)
            if request.path == "/batch" and request.method == "POST":
                return self._batch(request)
            return self._single(request, me)
        except ApiError as error:
            retry = {"Retry-After": str(error.extra["retry_after"])} if "retry_after" in error.extra else {}
            beside = {name: value for name, value in error.extra.items() if name != "retry_after"}
            return Reply(error.status, {**error_body(error.status, error.message), **beside}, retry)

    def _single(self, request: Request, me: str) -> Reply:
        route, gids = find_route(request.method, request.path)
        data, options = _read_body(request)
        query = {**_flat(request.query), **options}
        for name in query:
            if name not in route.query:
                raise bad(f"{name}: Unrecognized query parameter for {route.method} {route.template}")
        read_limit(query.get("limit"))
        wanted = parse_opt_fields(query["opt_fields"]) if "opt_fields" in query else None
        pretty = "opt_pretty" in query and read_query_bool(query["opt_pretty"], "opt_pretty")
        call = Call(self._world, me, request.token, request.path, gids, query, data)
        return self._shown(route, call, wanted, pretty=pretty)

    def _shown(self, route: Route, call: Call, wanted: Selection | None, *, pretty: bool) -> Reply:
        answer = route.handler(call)
        renderer = Renderer(SHAPES, View(self._world, call.me))
        body = self._body(answer, call, renderer, wanted)
        status = answer.status if isinstance(answer, Found) else 200
        location = answer.location if isinstance(answer, Found) else None
        return Reply(status, body, {"Location": location} if location else {}, pretty)

    def _body(
        self, answer: Answer, call: Call, renderer: Renderer, wanted: Selection | None
    ) -> dict[str, Any]:
        if isinstance(answer, Done):
            return {"data": {}}
        if isinstance(answer, Found):
            return {"data": renderer.show(answer.node, FULL if wanted is None else wanted), **answer.beside}
        nodes, beside = answer.nodes, answer.beside
        if answer.paged:
            most = self._world.switches.unpaged_max
            page, beside = self._world.pages.cut(nodes, call.path, call.query, self._world.base_url, most)
            nodes = list(page)
        return {"data": renderer.show(nodes, COMPACT if wanted is None else wanted), **beside}

    def _batch(self, request: Request) -> Reply:
        for name in _flat(request.query):
            if name not in OPTIONS | PAGING:
                raise bad(f"{name}: Unrecognized query parameter for POST /batch")
        data, _options = _read_body(request)
        actions = data.get("actions")
        if set(data) != {"actions"} or not isinstance(actions, list):
            raise bad("actions: Missing input")
        if not 1 <= len(actions) <= MOST_ACTIONS:
            raise bad(f"actions: A batch takes 1 to {MOST_ACTIONS} actions, not {len(actions)}")
        requests = [_action(action, request.token) for action in actions]
        wait = self._charge(request.token, len(requests))
        if wait is not None:
            raise ApiError(429, "This batch would exceed the rate limit.", retry_after=wait)
        return Reply(200, {"data": [_result(self.answer(single)) for single in requests]})


def _action(action: Any, token: str) -> Request:
    """Read one action of a batch. Its query stands in `data`, its paging and fields in `options`."""
    if not isinstance(action, dict) or set(action) - ACTION_KEYS:
        raise bad(f"actions: An action takes {', '.join(sorted(ACTION_KEYS))}")
    method, path = action.get("method"), action.get("relative_path")
    if method not in ACTION_METHODS:
        raise bad(f"actions: method is not one of {', '.join(ACTION_METHODS)}: {method}")
    if not isinstance(path, str) or not path.startswith("/") or "?" in path:
        raise bad("actions: relative_path starts with / and holds no query")
    if path.startswith(("/batch", "/attachments")):
        raise bad(f"actions: {path} is not allowed in a batch")
    data, options = action.get("data") or {}, action.get("options") or {}
    if method != "get":
        return Request(method.upper(), path, {}, token, {"data": data, "options": options})
    query = {name: str(value) for name, value in data.items()}
    return Request("GET", path, {**query, **_read_options(options)}, token)


def _result(reply: Reply) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return {"status_code": reply.status, "headers": headers, "body": reply.body}


def _flat(query: Mapping[str, str | list[str]]) -> dict[str, str]:
    for name, value in query.items():
        if isinstance(value, list):
            raise bad(f"{name}: Query parameter was given more than once")
    return {name: str(value) for name, value in query.items()}


def _read_body(request: Request) -> tuple[dict[str, Any], dict[str, str]]:
    """Open the envelope of a write. Reads and deletes have none; what official clients send with them is ignored."""
    if request.method not in ("POST", "PUT"):
        return {}, {}
    envelope = request.body if isinstance(request.body, dict) else _parse(request.body)
    for name in envelope:
        if name not in ("data", "options"):
            raise bad(STRAY.format(name))
    if not isinstance(envelope.get("data"), dict):
        raise bad("data: Missing input")
    return envelope["data"], _read_options(envelope.get("options") or {})


def _parse(body: bytes) -> dict[str, Any]:
    try:
        envelope = json.loads(body)
    except ValueError:
        raise bad("Could not parse request data, invalid JSON") from None
    if not isinstance(envelope, dict):
        raise bad("Could not parse request data, not a JSON object")
    return envelope


def _read_options(options: Any) -> dict[str, str]:
    if not isinstance(options, dict) or set(options) - BODY_OPTIONS:
        raise bad(f"options: takes {', '.join(sorted(BODY_OPTIONS))}")
    read: dict[str, str] = {name: str(options[name]) for name in ("limit", "offset") if name in options}
    if "fields" in options:
        fields = options["fields"]
        read["opt_fields"] = ",".join(map(str, fields)) if isinstance(fields, list) else str(fields)
    if "pretty" in options:
        read["opt_pretty"] = str(options["pretty"])
    return read
