"""The API's own description, made from the same table of pages and acts that answer: it cannot fall behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from facilitator.web import door
from facilitator.web.pages import PAGES, Me, Page, api_path
from facilitator.web.views.story import Story

ADDRESS = "/api/openapi.json"

_ERROR: Mapping[str, Any] = {
    "type": "object",
    "required": ["code", "message", "suggestion", "retryable"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string", "description": "What was tried, on what."},
        "suggestion": {"type": "string", "description": "What to do next."},
        "retryable": {"type": "boolean"},
    },
}

_TOKEN: Mapping[str, Any] = {
    "name": door.HEADER_TOKEN,
    "in": "header",
    "required": False,
    "description": "The page's form token; needed with a cookie, not with a bearer token.",
    "schema": {"type": "string"},
}
_REASON = {"because": {"type": "string", "minLength": 1, "description": "Kept with the run."}}
_DIGEST = {
    "digest": {
        "type": "string",
        "minLength": 12,
        "description": "The draft this is about, as the run shows it.",
    }
}
_DRAFT = {"draft": {"type": "object", "description": "A whole draft, format draft/1."}}

BODIES: Mapping[str, tuple[str, Mapping[str, Any], tuple[str, ...]]] = {
    "approve": (
        "Say yes to exactly this draft; `status` with `because` sets another status than the rule's.",
        {
            **_DIGEST,
            "status": {"enum": ["on_track", "at_risk", "off_track"]},
            "because": {"type": "string"},
            "changes": {
                "type": "string",
                "description": "Which proposed changes are meant: none, or numbers such as 1,3. Needed where any stand.",
            },
        },
        ("digest",),
    ),
    "reject": ("Say no, for good.", {**_DIGEST, **_REASON}, ("digest", "because")),
    "revise": ("Send the draft back to its writer.", {**_DIGEST, **_REASON}, ("digest", "because")),
    "edit": ("Put another wording in the draft's place; it needs a decision of its own.", {**_DIGEST, **_DRAFT}, ("digest", "draft")),
    "check": ("Hold a wording against the facts; records nothing.", _DRAFT, ("draft",)),
}  # fmt: skip
"""Each act on a run: what it does, the words of its body, and those it cannot do without."""

_CEREMONY = {
    "ceremony": {"type": "string", "description": "Only this ceremony; without it all of the team's."}
}

BREAKS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "pause": (
        "Fire nothing of a team for a while; for admins. What is due meanwhile joins the next window. The second time nothing changes.",
        {
            **_CEREMONY,
            "until": {
                "type": "string",
                "description": "The last day off, such as 2026-12-24; without it until resumed.",
            },
            "because": {"type": "string", "description": "The reason; skipped windows show it."},
        },
    ),
    "resume": ("Let a paused team go on; for admins. 409 where nothing is paused.", _CEREMONY),
}
"""What may be done with a whole team: what it does, and the words of its body, none of which it needs."""


def routes() -> list[Route]:
    """Where the description stands; it names no team and no run, yet is for those who are signed in."""
    return [Route(ADDRESS, told, methods=["GET"])]


def told(request: Request) -> Response:
    """The document."""
    door.visitor(request)
    return JSONResponse(document())


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """OpenAPI 3.1 of everything under /api."""
    from pydantic import TypeAdapter

    schemas: dict[str, Any] = {"Error": dict(_ERROR)}
    views: set[Any] = {page.gives for page in PAGES} | {Story, Me}
    for view in views:
        schema = TypeAdapter(view).json_schema(
            mode="serialization", ref_template="#/components/schemas/{model}"
        )
        schemas |= schema.pop("$defs", {})
        schemas[view.__name__] = schema
    paths: dict[str, Any] = {}
    for page in PAGES:
        paths[api_path(page)] = {"get": _reading(page)}
    for name in BODIES:
        paths[f"/api/runs/{{run}}/{name}"] = {"post": _acting(name)}
    paths["/api/teams/{team}/{ceremony}/fire"] = {"post": _firing()}
    for name in BREAKS:
        paths[f"/api/teams/{{team}}/{name}"] = {"post": _breaking(name)}
    paths["/api/me"] = {"get": {"summary": "Who is asking, and what they may do.", "operationId": "get_me", "responses": _answers("Me")}}  # fmt: skip
    return {
        "openapi": "3.1.0",
        "info": {"title": "facilitator", "version": _version(), "description": __doc__ or ""},
        "security": [{"session": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": door.COOKIE},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _version() -> str:
    try:
        return version("facilitator")
    except PackageNotFoundError:
        return "0"


def _reading(page: Page) -> dict[str, Any]:
    query = [
        {"name": name, "in": "query", "required": False, "description": about, "schema": {"type": "string"}}
        for name, about in page.query
    ]
    return {
        "summary": page.about,
        "operationId": f"get_{page.gives.__name__.lower()}_{_slug(page.path)}",
        "parameters": [*_places(page.path), *query],
        "responses": _answers(page.gives.__name__),
    }


def _acting(name: str) -> dict[str, Any]:
    about, words, needed = BODIES[name]
    schema: dict[str, Any] = {"type": "object", "properties": dict(words), "required": list(needed)}
    return {
        "summary": about,
        "operationId": f"{name}_run",
        "parameters": [*_places("/runs/{run}"), dict(_TOKEN)],
        "requestBody": {"required": bool(needed), "content": {"application/json": {"schema": schema}}},
        "responses": _answers("Story" if name != "check" else None, refusals=("401", "403", "404", "409")),
    }


def _firing() -> dict[str, Any]:
    return {
        "summary": "Fire the window that ends now; for admins. The second time gives the same run.",
        "operationId": "fire",
        "parameters": _places("/teams/{team}/{ceremony}"),
        "responses": _answers(None, refusals=("401", "403", "404")),
    }


def _breaking(name: str) -> dict[str, Any]:
    about, words = BREAKS[name]
    schema = {"type": "object", "properties": dict(words)}
    return {
        "summary": about,
        "operationId": f"{name}_team",
        "parameters": [*_places("/teams/{team}"), dict(_TOKEN)],
        "requestBody": {"required": False, "content": {"application/json": {"schema": schema}}},
        "responses": _answers(None, refusals=("400", "401", "403", "404", "409"), many=True),
    }


def _places(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _answers(
    schema: str | None, refusals: Sequence[str] = ("401", "404"), *, many: bool = False
) -> dict[str, Any]:
    data = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}
    good = _envelope({"type": "array", "items": data} if many else data, {"type": "null"}, ok=True)
    bad = _envelope({}, {"$ref": "#/components/schemas/Error"}, ok=False)
    return {
        "200": {"description": "Done.", "content": {"application/json": {"schema": good}}},
        **{
            status: {
                "description": "Refused; the error says why.",
                "content": {"application/json": {"schema": bad}},
            }
            for status in refusals
        },
    }


def _envelope(data: Any, error: Any, *, ok: bool) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["ok", "data", "error"],
        "properties": {"ok": {"const": ok}, "data": data, "error": error},
    }


def _slug(path: str) -> str:
    parts: Iterable[str] = re.findall(r"\w+", path)
    return "_".join(parts) or "today"
