"""The wire's rules: error envelope, strict bodies and queries, ids, instants, pages.

Every route passes through here on its way in and out. It knows no resource: what an agent or a session is stands elsewhere.
Sources: the SDK 2.11.0 for Python and the vendor's pages of 2026; [H] marks what was seen on the hosted service.
"""

from __future__ import annotations

import base64
import binascii
import json
import random
import string
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from facilitator.sandbox.births import Births

Json: TypeAlias = dict[str, Any]
Order: TypeAlias = Literal["asc", "desc"]
Item = TypeVar("Item")
Body = TypeVar("Body", bound="Strict")

BETA = "managed-agents-2026-04-01"
KNOWN_BETAS = {
    BETA,
    "files-api-2025-04-14",
    "agent-memory-2026-07-22",
    "dreaming-2026-04-21",
    "skills-2025-10-02",
}
MAX_BODY_BYTES = 32 * 1024 * 1024


class ApiError(Exception):
    """A refusal, with the status and the words the service would answer with."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message

    def envelope(self, request_id: str) -> Json:
        """The body of the refusal; the same shape for every status."""
        return {
            "type": "error",
            "error": {"type": self.kind, "message": self.message},
            "request_id": request_id,
        }


def invalid(message: str) -> ApiError:
    """A 400: the request itself is at fault; sending it again cannot help."""
    return ApiError(400, "invalid_request_error", message)


def missing(message: str) -> ApiError:
    """A 404."""
    return ApiError(404, "not_found_error", message)


def conflict(message: str) -> ApiError:
    """A 409; its type is `invalid_request_error` on the hosted service too [H]."""
    return ApiError(409, "invalid_request_error", message)


class Strict(BaseModel):
    """A request shape that refuses every field it does not name, so that a client's typing errors surface."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def given(self) -> Json:
        """Only what the caller sent: omitted and null stay apart, which updates depend on."""
        return self.model_dump(mode="json", exclude_unset=True)


async def read_body(request: Request, shape: type[Body]) -> Body:
    """Read a JSON object of exactly this shape; 400 names the first fault, 413 a body over 32 MB."""
    raw = await request.body()
    if len(raw) > MAX_BODY_BYTES:
        raise ApiError(413, "request_too_large", "Request exceeds the maximum size of 32 MB")
    try:
        return shape.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise _refused(error) from None


def read_query(request: Request, shape: type[Body]) -> Body:
    """Read the query as this shape. Arrays come as `name[]=` or `name=`; anything unnamed is a 400."""
    found: dict[str, list[str]] = {}
    for key, value in request.query_params.multi_items():
        found.setdefault(key.removesuffix("[]"), []).append(value)
    arrays = {
        field.alias or name for name, field in shape.model_fields.items() if "list" in str(field.annotation)
    }
    try:
        return shape.model_validate(
            {key: values if key in arrays else values[-1] for key, values in found.items()}, strict=False
        )
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> ApiError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return invalid(f"{where}: {first['msg']}" if where else first["msg"])


def check_key(request: Request, accepted: frozenset[str] | None) -> None:
    """401 unless a key came as a bearer token or as x-api-key; `accepted` None takes any that is not empty."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = request.headers.get("x-api-key", "") or (token.strip() if scheme.lower() == "bearer" else "")
    if not key or (accepted is not None and key not in accepted):
        raise ApiError(
            401, "authentication_error", "invalid x-api-key" if key else "x-api-key header is required"
        )


def check_beta(request: Request) -> None:
    """Hold the beta header to the rules seen on the hosted service: each kind of resource refuses in its own way [H]."""
    path = request.url.path
    sent = {
        part.strip()
        for part in ",".join(request.headers.getlist("anthropic-beta")).split(",")
        if part.strip()
    }
    names_header = path.startswith(("/v1/environments", "/v1/files"))
    if names_header and (unknown := sorted(sent - KNOWN_BETAS)):
        raise invalid(f"Unexpected value(s) `{'`, `'.join(unknown)}` for the `anthropic-beta` header")
    if BETA in sent or (path.startswith("/v1/files") and "scope_id" not in request.query_params):
        return
    if names_header:
        raise invalid(f"this endpoint requires the beta header: anthropic-beta: {BETA}")
    raise missing("not found")


class Ids:
    """Ids in the service's form. Random by seed: equal seeds give equal ids, in the same order of asking."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self.births = Births()

    def new(self, prefix: str) -> str:
        """A fresh id such as `sesn_01...`."""
        letters = string.ascii_letters + string.digits
        return self.births.note(f"{prefix}_01{''.join(self._random.choices(letters, k=22))}")


def stamp(instant: datetime) -> str:
    """An instant as RFC 3339 with microseconds and `Z`; equal length, so that text order is time order."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def bound(instant: datetime | None) -> str | None:
    """A bound of a query in the form of `stamp`; one without a zone is UTC."""
    if instant is None:
        return None
    return stamp(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def page_of(
    items: Sequence[Item], key: Callable[[Item], str], *, limit: int, page: str | None, order: Order
) -> tuple[list[Item], str | None, str | None]:
    """Cut one page and answer it with its next and previous cursors.

    `key` orders the items as text and must be unique. A cursor holds a key and the order it was made for, so items that
    arrive or vanish between two pages neither repeat nor hide others.
    """
    forward = sorted(items, key=key, reverse=order == "desc")
    edge, backward = _opened(page, order)
    if edge is None:
        rest = forward
    elif backward:
        before = [item for item in forward if (key(item) < edge) == (order == "asc") and key(item) != edge]
        rest = before[-limit:]
    else:
        rest = [item for item in forward if (key(item) > edge) == (order == "asc") and key(item) != edge]
    cut = rest[:limit]
    if not cut:
        return [], None, None
    after = _sealed(key(cut[-1]), order, "next") if cut[-1] is not forward[-1] else None
    before_ = _sealed(key(cut[0]), order, "prev") if cut[0] is not forward[0] else None
    return cut, after, before_


def _sealed(edge: str, order: Order, way: str) -> str:
    raw = json.dumps([edge, order, way]).encode()
    return "page_" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _opened(page: str | None, order: Order) -> tuple[str | None, bool]:
    if not page:
        return None, False
    body = page.removeprefix("page_")
    try:
        edge, made_for, way = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error, TypeError):
        raise invalid("invalid page cursor") from None
    if made_for != order:
        raise invalid("page token order does not match request")
    return str(edge), way == "prev"
