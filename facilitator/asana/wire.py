"""Reading single values out of Asana's JSON, strictly where it matters and calmly where a null is normal.

Owns the forms of Asana's values: gids, instants, dates, references. A value of a wrong form raises `BrokenRecord`; what
becomes of the record is decided by whoever asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

Raw = Mapping[str, Any]


class BrokenRecord(ValueError):  # noqa: N818 - it names the record, which is what gets counted
    """A record of Asana's is not what the API describes; it is left out and counted, never guessed at."""


def gid(raw: Raw) -> str:
    """The object's own gid, which every object has."""
    value = raw.get("gid")
    if not isinstance(value, str) or not value:
        raise BrokenRecord("no gid")
    return value


def text(raw: Raw, key: str) -> str:
    """A text; empty where Asana has none."""
    value = raw.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BrokenRecord(f"{key} is no text")
    return value


def truth(raw: Raw, key: str, *, default: bool = False) -> bool:
    """A yes or no; null and missing are the default."""
    value = raw.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise BrokenRecord(f"{key} is neither true nor false")
    return value


def inner(raw: Raw, key: str) -> Raw | None:
    """A nested object, or None: assignees, authors and values are null more often than one thinks."""
    value = raw.get(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BrokenRecord(f"{key} is no object")
    return value


def inners(raw: Raw, key: str) -> list[Raw]:
    """A list of nested objects; null and missing are an empty list."""
    value = raw.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BrokenRecord(f"{key} is no list of objects")
    return value


def reference(raw: Raw, key: str) -> str | None:
    """The gid of a nested object, or None where there is none."""
    target = inner(raw, key)
    return None if target is None else gid(target)


def references(raw: Raw, key: str) -> tuple[str, ...] | None:
    """The gids of a list of nested objects; None where the list is empty, as an empty field is."""
    return tuple(gid(item) for item in inners(raw, key)) or None


def number(raw: Raw, key: str) -> float | None:
    """A number, fractions included (the description says integer for some and is wrong), or None."""
    value = raw.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BrokenRecord(f"{key} is no number")
    return float(value)


def instant(raw: Raw, key: str) -> datetime | None:
    """An instant in UTC, or None. Asana writes instants with a zone; one without is taken as UTC."""
    said = text(raw, key)
    if not said:
        return None
    try:
        value = datetime.fromisoformat(said)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BrokenRecord(f"{key} is no instant") from None


def needed_instant(raw: Raw, key: str) -> datetime:
    """An instant that must be there."""
    value = instant(raw, key)
    if value is None:
        raise BrokenRecord(f"no {key}")
    return value


def day(raw: Raw, key: str) -> date | None:
    """A calendar date, in nobody's zone, or None."""
    said = text(raw, key)
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise BrokenRecord(f"{key} is no date") from None


def moment(raw: Raw | None) -> date | datetime | None:
    """A date or an instant out of either of Asana's two pairs; the instant is the more exact one."""
    if raw is None:
        return None
    for instant_key, day_key in (("due_at", "due_on"), ("date_time", "date")):
        found = instant(raw, instant_key) or day(raw, day_key)
        if found is not None:
            return found
    return None
