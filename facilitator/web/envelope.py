"""The one JSON shape of every answer under /api, the same that every verb prints with --json."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from facilitator.errors import CheckFailed, ConfigurationError, FacilitatorError
from facilitator.runs.run import StaleRun
from facilitator.web.access import NotAllowed, NotFound, SignInNeeded

STATUS: tuple[tuple[type[FacilitatorError], int], ...] = (
    (SignInNeeded, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (StaleRun, 409),
    (CheckFailed, 409),
    (ConfigurationError, 400),
)
"""HTTP's word for each kind of refusal; any other is a 500."""


def status_of(error: FacilitatorError) -> int:
    """The status of an answer that tells this error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def answered(data: Any, *, status: int = 200) -> Response:
    """Something found or done."""
    return _json({"ok": True, "data": plain(data), "error": None}, status)


def refused(error: FacilitatorError, *, data: Any = None) -> Response:
    """An error with what to do next; `data` where it leaves something to look at, such as faults."""
    told = {
        "code": error.code,
        "message": error.message,
        "suggestion": error.suggestion,
        "retryable": error.retryable,
    }
    return _json({"ok": False, "data": plain(data), "error": told}, status_of(error))


def plain(data: Any) -> Any:
    """A view as JSON knows it: dataclasses as objects, instants as ISO 8601 text."""
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(data, serialize_unknown=True)


def _json(body: Any, status: int) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status_code=status, media_type="application/json")
