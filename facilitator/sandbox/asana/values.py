"""Values as Asana writes and accepts them: instants, days, gids, truth values.

Owns the conversion between text on the wire and Python values. Everything it refuses becomes a 400 naming the field.
"""

import re
from datetime import UTC, date, datetime
from typing import Any

from facilitator.sandbox.asana.errors import ApiError, bad

_DIGITS = re.compile(r"[0-9]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
KINDS = {int: "number", float: "number", bool: "boolean", list: "array", dict: "object", type(None): "null"}


def written(instant: datetime) -> str:
    """Write an instant as Asana does: UTC, milliseconds, Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_instant(text: Any, label: str) -> datetime:
    """Read an ISO 8601 instant with a zone."""
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise bad(f"{label}: Not a valid ISO 8601 date-time: {text}") from None
    if instant.tzinfo is None:
        raise bad(f"{label}: The date-time has no time zone: {text}")
    return instant


def read_day(text: Any, label: str) -> str:
    """Check a calendar date and answer it as it came."""
    refusal = bad(f"{label}: Not a valid date, expected YYYY-MM-DD: {text}")
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise refusal
    try:
        date.fromisoformat(text)
    except ValueError:
        raise refusal from None
    return text


def read_gid(value: Any, label: str) -> str:
    """Check a gid given in a body: a string of digits, never a number."""
    if not isinstance(value, str):
        raise bad(f"{label}: Not a valid GID type: {KINDS.get(type(value), 'unknown')}")
    if not _DIGITS.fullmatch(value):
        raise bad(f"{label}: Not a recognized ID: {value}")
    return value


def read_path_gid(value: str, label: str) -> str:
    """Check a gid given in a path."""
    if value.startswith("external:"):
        raise ApiError(501, "The sandbox does not model external: ids (they exist for OAuth apps only).")
    return read_gid(value, label)


def read_bool(value: Any, label: str) -> bool:
    """Check a truth value in a JSON body."""
    if not isinstance(value, bool):
        raise bad(f"{label}: Value is not a boolean: {value}")
    return value


def read_query_bool(text: str, label: str) -> bool:
    """Read a truth value in a query; the official Python client writes True and False."""
    if text.lower() not in ("true", "false"):
        raise bad(f"{label}: Value is not a boolean: {text}")
    return text.lower() == "true"


def read_text(value: Any, label: str) -> str:
    """Check text in a JSON body."""
    if not isinstance(value, str):
        raise bad(f"{label}: Value is not a string: {value}")
    return value
