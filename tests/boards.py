"""A mini-language for boards: a few short calls make a Snapshot with a true history.

    board(
        sprint("S1", "2026-03-02", "2026-03-13"),
        task("login", points=3, sprint="S1", section="To do", then=[at("2026-03-03T09:00Z", section="In progress")]),
        as_of="2026-03-10T09:00Z",
    )

A task starts with the values given and lives through `then`; stories and present values both follow from it. Names stand
for gids everywhere: `gid("login")` and `called(gids)` translate. Instants may leave out seconds; dates are dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from facilitator.board.board import Board
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import (
    CustomField,
    EnumOption,
    FieldGid,
    FieldValue,
    OptionGid,
    ProjectGid,
    Section,
    SectionGid,
    Snapshot,
    Story,
    StoryGid,
    Task,
    TaskGid,
    User,
    UserGid,
)

PROJECT = ProjectGid("900")
BOT = UserGid("999")
SECTIONS = ("Backlog", "To do", "In progress", "In review", "Done")
POINTS, SPRINT, BLOCKED, RESOLUTION = (FieldGid(str(n)) for n in (801, 802, 803, 804))
CREATED = "2026-01-05T09:00Z"
RESOLUTIONS = ("Fixed", "Won't Fix", "Duplicate")

_FIELDS = {"points": POINTS, "sprint": SPRINT, "blocked": BLOCKED, "resolution": RESOLUTION}
_SUBTYPES = {"section": "section_changed", "due": "due_date_changed", "name": "name_changed"}
_NAMES: dict[str, str] = {}
"""Every name a gid was made for; a name has the same gid in every test, so nothing here can go stale."""


def gid(name: str) -> str:
    """The gid that stands for a task's, person's, section's or option's name."""
    number = str(10**9 + crc32(name.encode()))
    _NAMES[number] = name
    return number


def called(gids: Iterable[str]) -> list[str]:
    """The names behind gids, in their order."""
    return [_NAMES[number] for number in gids]


def instant(text: str | datetime) -> datetime:
    """`2026-03-10T09:00Z` or `2026-03-10T10:00+01:00`, in UTC."""
    return (text if isinstance(text, datetime) else datetime.fromisoformat(text)).astimezone(UTC)


@dataclass(frozen=True)
class SprintLine:
    """One option of the Sprint field with its dates."""

    name: str
    line: str


@dataclass(frozen=True)
class Change:
    """What happened to a task at one instant."""

    at: datetime
    what: dict[str, Any]
    by: str | None = None


@dataclass(frozen=True)
class TaskLine:
    """A task's first values and its life."""

    name: str
    created: datetime
    values: dict[str, Any]
    life: tuple[Change, ...]
    more: dict[str, Any] = field(default_factory=dict)


def sprint(name: str, start: str, end: str, closed: str = "-") -> SprintLine:
    """A sprint, as a line of the field's description: dates or instants."""
    return SprintLine(name, f"{name} | {start} | {end} | {closed}")


def at(when: str | datetime, *, by: str | None = None, **what: Any) -> Change:
    """A change: section, points, sprint, blocked, resolution, owner, due, name, done, comment, waits_for, frees."""
    return Change(instant(when), what, by)


def task(
    name: str,
    *,
    created: str | datetime = CREATED,
    done: str | datetime | None = None,
    then: Sequence[Change] = (),
    section: str | None = "To do",
    waits_for: Sequence[str] = (),
    tags: Sequence[str] = (),
    parent: str | None = None,
    **values: Any,
) -> TaskLine:
    """A task with its values at creation; `done` is short for one more change at the end."""
    life = [*then, *([at(done, done=True)] if done else [])]
    return TaskLine(
        name,
        instant(created),
        {"section": section, "waits_for": list(waits_for), **values},
        tuple(sorted(life, key=lambda change: change.at)),
        {"tags": tuple(tags), "parent": TaskGid(gid(parent)) if parent else None},
    )


def snapshot(
    *lines: TaskLine | SprintLine,
    as_of: str | datetime = "2026-03-10T09:00Z",
    sections: Sequence[str] = SECTIONS,
    **more: Any,
) -> Snapshot:
    """The Snapshot these lines make, read at `as_of`; what happens later is not in it."""
    now = instant(as_of)
    sprints = [line for line in lines if isinstance(line, SprintLine)]
    tasks = [line for line in lines if isinstance(line, TaskLine)]
    options = dict.fromkeys([*(line.name for line in sprints), *_used(tasks, "sprint")])
    people = dict.fromkeys([*_used(tasks, "owner"), *(c.by for t in tasks for c in t.life if c.by)])
    return Snapshot(
        **{
            "project": PROJECT,
            "project_name": "Harbour delivery",
            "as_of": now,
            "tasks": tuple(_lived(line, now) for line in tasks if line.created <= now),
            "sections": tuple(Section(SectionGid(gid(name)), name) for name in sections),
            "custom_fields": (
                CustomField(POINTS, "Story Points", "number"),
                _enum(
                    SPRINT, "Sprint", options, "\n".join(["name | start | end", *(s.line for s in sprints)])
                ),
                _enum(BLOCKED, "Blocked", ("Blocked", "Not blocked")),
                _enum(RESOLUTION, "Resolution", RESOLUTIONS),
            ),
            "users": tuple(User(UserGid(gid(name)), name) for name in people),
            "bot": BOT,
            **more,
        }
    )


def rules(zone: str = "UTC", **more: Any) -> BoardRules:
    """How the made-up team reads its board."""
    return BoardRules(zone=ZoneInfo(zone), **more)


def board(
    *lines: TaskLine | SprintLine,
    as_of: str | datetime = "2026-03-10T09:00Z",
    zone: str = "UTC",
    read: BoardRules | None = None,
    **more: Any,
) -> Board:
    """The Board these lines make, in UTC where no zone is named."""
    return Board.of(snapshot(*lines, as_of=as_of, **more), read or rules(zone))


def _used(tasks: Sequence[TaskLine], key: str) -> list[str]:
    every = [values for line in tasks for values in (line.values, *(change.what for change in line.life))]
    return [values[key] for values in every if values.get(key)]


def _enum(number: FieldGid, name: str, options: Iterable[str], description: str = "") -> CustomField:
    choices = tuple(EnumOption(OptionGid(gid(option)), option) for option in options)
    return CustomField(number, name, "enum", choices, description)


def _lived(line: TaskLine, now: datetime) -> Task:
    """The task as it is after its life so far, with a story for each change."""
    values = dict(line.values)
    stories: list[Story] = []
    completed_at = None
    for change in (change for change in line.life if change.at <= now):
        for key, new in change.what.items():
            if key == "done" and not new and not values.get("done"):
                continue  # nothing is reopened that was never closed: Asana writes no story
            old = values.get(key, line.name if key == "name" else None)
            stories.append(_story(line, len(stories), change, key, old, new))
            if key == "waits_for":
                values[key] = [*values[key], new]
            elif key == "frees":
                values["waits_for"] = [name for name in values["waits_for"] if name != new]
            else:
                values[key] = new
            completed_at = change.at if key == "done" and new else completed_at
    due = _due(values.get("due"))
    return Task(
        gid=TaskGid(gid(line.name)),
        name=values.get("name", line.name),
        created_at=line.created,
        modified_at=max([line.created, *(story.created_at for story in stories)]),
        section=_reference(values["section"]),
        assignee=UserGid(gid(values["owner"])) if values.get("owner") else None,
        completed=bool(values.get("done")),
        completed_at=completed_at if values.get("done") else None,
        due_on=due if not isinstance(due, datetime) else due.date(),
        due_at=due if isinstance(due, datetime) else None,
        dependencies=tuple(TaskGid(gid(name)) for name in values["waits_for"]),
        fields={
            number: _value(key, values[key]) for key, number in _FIELDS.items() if values.get(key) is not None
        },
        url=f"https://app.asana.com/0/{PROJECT}/{gid(line.name)}",
        stories=tuple(stories),
        **line.more,
    )


def _story(line: TaskLine, number: int, change: Change, key: str, old: Any, new: Any) -> Story:
    kind, before, after = _told(key, old, new)
    return Story(
        gid=StoryGid(f"{gid(line.name)}{number:03}"),
        created_at=change.at,
        subtype=kind,
        created_by=BOT if change.by == "bot" else UserGid(gid(change.by)) if change.by else None,
        text=new if key == "comment" else "",
        field_gid=_FIELDS.get(key),
        old=before,
        new=after,
    )


def _told(key: str, old: Any, new: Any) -> tuple[str, FieldValue, FieldValue]:
    if key in _FIELDS:
        kind = "number" if key == "points" else "enum"
        return f"{kind}_custom_field_changed", _value(key, old), _value(key, new)
    match key:
        case "owner":
            return ("assigned" if new else "unassigned"), _reference(old), _reference(new)
        case "done":
            return ("marked_complete" if new else "marked_incomplete"), None, None
        case "waits_for" | "frees":
            return f"dependency_{'added' if key == 'waits_for' else 'removed'}", None, gid(new)
        case "section":
            return _SUBTYPES[key], _reference(old), _reference(new)
        case "comment":
            return "comment_added", None, None
        case "due":
            return _SUBTYPES[key], _due(old), _due(new)
    return _SUBTYPES[key], old or None, new


def _value(key: str, value: Any) -> FieldValue:
    if value is None:
        return None
    return float(value) if key == "points" else gid(value)


def _reference(name: str | None) -> Any:
    return gid(name) if name else None


def _due(value: str | date | None) -> date | datetime | None:
    if not isinstance(value, str):
        return value
    return instant(value) if "T" in value else date.fromisoformat(value)
