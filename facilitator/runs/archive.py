"""A snapshot as compressed JSON in the run log, and back.

Dates and instants keep their kind through a one-key object, since a custom field's text may look like either.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from facilitator.board.snapshot import (
    BoardProject,
    CustomField,
    EnumOption,
    Section,
    Snapshot,
    Story,
    Task,
    User,
)


def pack(snapshot: Snapshot) -> bytes:
    """The same snapshot always gives the same bytes."""
    text = json.dumps(snapshot, default=_encode, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)


def unpack(body: bytes) -> Snapshot:
    """Read back what `pack` wrote."""
    raw: dict[str, Any] = json.loads(gzip.decompress(body), object_hook=_decode)
    return Snapshot(
        project=raw["project"],
        project_name=raw["project_name"],
        as_of=raw["as_of"],
        tasks=tuple(_task(task) for task in raw["tasks"]),
        sections=tuple(Section(**section) for section in raw["sections"]),
        custom_fields=tuple(_custom_field(item) for item in raw["custom_fields"]),
        users=tuple(User(**user) for user in raw["users"]),
        members=tuple(raw["members"]),
        blind_spots=tuple(raw["blind_spots"]),
        bot=raw["bot"],
        projects=tuple(BoardProject(**project) for project in raw.get("projects", ())),
    )


def _task(raw: dict[str, Any]) -> Task:
    stories = tuple(
        Story(**{**story, "old": _value(story["old"]), "new": _value(story["new"])})
        for story in raw["stories"]
    )
    fields = {gid: _value(value) for gid, value in raw["fields"].items()}
    known = {
        "stories": stories,
        "fields": fields,
        "dependencies": tuple(raw["dependencies"]),
        "tags": tuple(raw["tags"]),
    }
    return Task(**{**raw, **known})


def _custom_field(raw: dict[str, Any]) -> CustomField:
    return CustomField(**{**raw, "options": tuple(EnumOption(**option) for option in raw["options"])})


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _encode(value: object) -> dict[str, Any]:
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if dataclasses.is_dataclass(value):
        # Not `asdict`: it copies the whole board, story by story, before the first byte is written.
        return {name: getattr(value, name) for name in _names(value.__class__)}
    raise TypeError(f"a snapshot cannot hold {type(value).__name__}")


@lru_cache(maxsize=64)
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _decode(raw: dict[str, Any]) -> Any:
    if len(raw) == 1:
        if "$instant" in raw:
            return datetime.fromisoformat(raw["$instant"])
        if "$date" in raw:
            return date.fromisoformat(raw["$date"])
    return raw
