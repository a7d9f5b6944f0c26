"""A board drawn in a few lines: tasks with dated moves, one two-week sprint from Monday 2 to Friday 13 March 2026.

    board(task("1", ("03-03 10:00", "done"), points=3), task("2", ("03-04 09:00", "join"), joined=False))

A move is an instant (UTC) and what happened: a state (`todo`, `progress`, `review`), `done`, `undone`, `join` or
`leave` (the sprint), `blocked` or `unblocked`, a number (new points), a date (new due date), or `says ...` (a comment).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from facilitator.board.board import Board
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import (
    CustomField,
    EnumOption,
    FieldGid,
    OptionGid,
    ProjectGid,
    Section,
    SectionGid,
    Snapshot,
    Story,
    StoryGid,
    Task,
    TaskGid,
    UserGid,
)

SPRINT, POINTS, BLOCKED = FieldGid("f-sprint"), FieldGid("f-points"), FieldGid("f-blocked")
ONE = "Sprint 1 | 2026-03-02 | 2026-03-13 | {closed}"
SECTIONS = {"backlog": "Backlog", "todo": "To do", "progress": "In progress", "review": "In review"}
RULES = BoardRules(zone=ZoneInfo("UTC"))
Move = tuple[str, Any]


def at(text: str) -> datetime:
    """`03-04 10:00` as an instant of 2026 in UTC."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


@dataclass
class _Now:
    """A task's values as the moves leave them."""

    stories: list[Story] = field(default_factory=list)
    fields: dict[FieldGid, Any] = field(default_factory=dict)
    section: str = "s-todo"
    due: date | None = None
    done: datetime | None = None


def task(
    gid: str,
    *moves: Move,
    points: float | None = None,
    due: date | None = None,
    joined: bool = True,
    created: str = "02-20 09:00",
    waits_for: tuple[str, ...] = (),
    section: str = "todo",
    **more: Any,
) -> Task:
    """One task as its moves leave it, with the stories that tell them."""
    now = _Now(fields={POINTS: points, SPRINT: "o-1" if joined else None}, section=f"s-{section}", due=due)
    for number, (when, what) in zip(count(1), moves, strict=False):
        _move(now, StoryGid(f"{gid}-{number}"), at(when), what)
    drawn = Task(
        gid=TaskGid(gid),
        name=f"Task {gid}",
        created_at=at(created),
        modified_at=max([at(created), *(story.created_at for story in now.stories)]),
        section=SectionGid(now.section),
        assignee=UserGid("u-1"),
        completed=now.done is not None,
        completed_at=now.done,
        due_on=now.due,
        dependencies=tuple(TaskGid(one) for one in waits_for),
        fields={key: value for key, value in now.fields.items() if value is not None},
        stories=tuple(now.stories),
    )
    return replace(drawn, **more)


def _move(now: _Now, gid: StoryGid, when: datetime, what: Any) -> None:
    """One more story, and the value it leads to."""

    def told(subtype: str, **more: Any) -> None:
        now.stories.append(Story(gid, when, subtype, UserGid("u-1"), **more))

    def set_field(key: FieldGid, value: Any, kind: str) -> None:
        told(f"{kind}_custom_field_changed", field_gid=key, old=now.fields.get(key), new=value)
        now.fields[key] = value

    match what:
        case "done" | "undone":
            told("marked_complete" if what == "done" else "marked_incomplete")
            now.done = when if what == "done" else None
        case "join" | "leave":
            set_field(SPRINT, "o-1" if what == "join" else None, "enum")
        case "blocked" | "unblocked":
            set_field(BLOCKED, "o-blocked" if what == "blocked" else None, "enum")
        case date():
            told("due_date_changed", old=now.due, new=what)
            now.due = what
        case int() | float():
            set_field(POINTS, float(what), "number")
        case str() if what.startswith("says "):
            told("comment_added", text=what[5:])
        case _:
            told("section_changed", old=now.section, new=f"s-{what}")
            now.section = f"s-{what}"


def board(
    *tasks: Task,
    as_of: str = "03-16 09:00",
    closed: str = "2026-03-14T00:00:00Z",
    lines: str = "",
    rules: BoardRules = RULES,
    **more: Any,
) -> Board:
    """These tasks on one board, read on the Monday after the sprint unless told otherwise."""
    named = [line.split("|")[0].strip() for line in lines.splitlines()]
    options = (EnumOption(OptionGid("o-1"), "Sprint 1"), *(EnumOption(OptionGid(n), n) for n in named))
    snapshot = Snapshot(
        project=ProjectGid("p"),
        project_name="Harbour",
        as_of=at(as_of),
        tasks=tasks,
        sections=tuple(Section(SectionGid(f"s-{key}"), name) for key, name in SECTIONS.items()),
        custom_fields=(
            CustomField(SPRINT, "Sprint", "enum", options, f"{ONE.format(closed=closed)}\n{lines}"),
            CustomField(POINTS, "Story Points", "number"),
            CustomField(BLOCKED, "Blocked", "enum", (EnumOption(OptionGid("o-blocked"), "Blocked"),)),
        ),
        **more,
    )
    return Board.of(snapshot, rules)
