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
    TeamBoard,
    User,
)

_QUICK = 3
"""gzip's level: a tenth larger than the usual one, and three times as fast."""


def pack(snapshot: Snapshot) -> bytes:
    """The same snapshot always gives the same bytes.

    The first line is the board without its tasks; the second its tasks as rows, since they are read back several times
    a run and are nearly all of it. Two lines more for each other team's board that was read with it.
    """
    lines = [line for board in snapshot.whole() for line in _lines(board)]
    return gzip.compress("\n".join(lines).encode(), compresslevel=_QUICK, mtime=0)


def unpack(body: bytes) -> Snapshot:
    """Read back what `pack` wrote, this release's or an earlier one's: those had their tasks in the first line."""
    lines = iter(gzip.decompress(body).split(b"\n"))
    raw: dict[str, Any] = json.loads(next(lines), object_hook=_decode)
    own = _board(raw, next(lines, b""))
    boards = tuple(
        TeamBoard(
            team,
            name,
            _board(json.loads(next(lines), object_hook=_decode), next(lines)) if read else None,
            why,
        )
        for team, name, read, why in raw.get("boards", ())
    )
    return dataclasses.replace(own, boards=boards)


def _lines(snapshot: Snapshot) -> tuple[str, str]:
    """One board without its tasks, of the others only which there are; and its tasks."""
    others = [(each.team, each.name, each.snapshot is not None, each.unread) for each in snapshot.boards]
    head = {name: getattr(snapshot, name) for name in _names(Snapshot)} | {"tasks": (), "boards": others}
    return _json(head), _json([_row(task) for task in snapshot.tasks])


def _board(raw: dict[str, Any], rows: bytes) -> Snapshot:
    return Snapshot(
        project=raw["project"],
        project_name=raw["project_name"],
        as_of=raw["as_of"],
        tasks=tuple(map(_from_row, json.loads(rows))) if rows else tuple(map(_task, raw["tasks"])),
        sections=tuple(Section(**section) for section in raw["sections"]),
        custom_fields=tuple(_custom_field(item) for item in raw["custom_fields"]),
        users=tuple(User(**user) for user in raw["users"]),
        members=tuple(raw["members"]),
        blind_spots=tuple(raw["blind_spots"]),
        bot=raw["bot"],
        projects=tuple(BoardProject(**project) for project in raw.get("projects", ())),
    )


def _row(task: Task) -> list[Any]:
    """A task as its members' values, only those that differ from a bare task's by name; stories as rows of their own."""
    told = {name: getattr(task, name) for name in _names(Task)[_TASK_ROW:]}
    more = {name: value for name, value in told.items() if name != "stories" and value != _BARE[name]}
    stories = [
        [one.gid, one.created_at.isoformat(), one.subtype, one.created_by, one.text, one.field_gid, one.old, one.new]
        for one in task.stories
    ]  # fmt: skip
    return [
        task.gid,
        task.name,
        task.created_at.isoformat(),
        task.modified_at.isoformat(),
        more,
        stories,
    ]


def _from_row(row: list[Any]) -> Task:
    gid, name, created_at, modified_at, more, stories = row
    known = {member: _read(value) for member, value in more.items()}
    return Task(
        gid,
        name,
        _instant(created_at),
        _instant(modified_at),
        stories=tuple(
            Story(gid, _instant(at), subtype, by, text, field, _read(old), _read(new))
            for gid, at, subtype, by, text, field, old, new in stories
        ),
        **known,
    )


def _read(value: Any) -> Any:
    """A member's value: lists were tuples, dates and instants stand in objects of one key."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        plain = _decode(value)
        return {key: _read(item) for key, item in plain.items()} if isinstance(plain, dict) else plain
    return value


def _json(value: Any) -> str:
    return json.dumps(value, default=_encode, ensure_ascii=False, separators=(",", ":"))


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


_instant = datetime.fromisoformat
_TASK_ROW = 4
"""Members of a task that every row has, in order: gid, name, created_at, modified_at."""

_BARE = {
    field.name: field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    for field in dataclasses.fields(Task)
}
