"""What was read from one Asana project: the only input of every figure.

The Asana client returns a `Snapshot`; metrics and facts read it; nothing else is consulted. Names are Asana's.
All instants are aware and in UTC; dates without a time stay dates. This module holds data, it computes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NewType

TaskGid = NewType("TaskGid", str)
StoryGid = NewType("StoryGid", str)
UserGid = NewType("UserGid", str)
SectionGid = NewType("SectionGid", str)
FieldGid = NewType("FieldGid", str)
OptionGid = NewType("OptionGid", str)
ProjectGid = NewType("ProjectGid", str)

FieldValue = float | str | date | datetime | tuple[str, ...] | None
"""A custom field's value: number, enum option gid, text, date, several option or user gids; None = empty."""


@dataclass(frozen=True, slots=True)
class User:
    """A person as Asana names them; `name` is empty where the user was deleted or is not visible."""

    gid: UserGid
    name: str = ""


@dataclass(frozen=True, slots=True)
class BoardProject:
    """One of the projects a snapshot was read over; dates are its own, `completed_at` is when it was marked complete."""

    gid: ProjectGid
    name: str
    start_on: date | None = None
    due_on: date | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A column of the board, in board order; `project` is empty where the snapshot knows one project only."""

    gid: SectionGid
    name: str
    project: str = ""


@dataclass(frozen=True, slots=True)
class EnumOption:
    """One choice of an enum field; a disabled option may still be a task's old value."""

    gid: OptionGid
    name: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field of the project; `kind` is Asana's `resource_subtype` (number, enum, text, date ...)."""

    gid: FieldGid
    name: str
    kind: str
    options: tuple[EnumOption, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One entry of a task's history, system or comment.

    `old` and `new` hold what changed, as one value: a section gid (`section_changed`), a `FieldValue`
    (`*_custom_field_changed`, the field in `field_gid`), a user gid (`assigned`, `unassigned`), a task gid
    (`dependency_*`), a project gid (`added_to_project`, `removed_from_project`), a date or an instant
    (`due_date_changed`), text (`name_changed`). `text` is filled for comments only.
    """

    gid: StoryGid
    created_at: datetime
    subtype: str
    created_by: UserGid | None = None
    text: str = ""
    field_gid: FieldGid | None = None
    old: FieldValue = None
    new: FieldValue = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the project as it was when read; `section` is its section in *this* project.

    `homes` are those of the snapshot's projects that the task is in, each with its section there; empty where the
    snapshot knows one project only.

    `stories` is oldest first. `stories_read` is false where the history was left unread on purpose
    (unchanged since the bound of the read): such a task has no story after that bound.
    """

    gid: TaskGid
    name: str
    created_at: datetime
    modified_at: datetime
    section: SectionGid | None = None
    assignee: UserGid | None = None
    completed: bool = False
    completed_at: datetime | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    start_on: date | None = None
    parent: TaskGid | None = None
    dependencies: tuple[TaskGid, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[FieldGid, FieldValue] = field(default_factory=dict)
    subtype: str = "default_task"
    notes: str = ""
    url: str = ""
    created_by: UserGid | None = None
    stories: tuple[Story, ...] = ()
    stories_read: bool = True
    homes: dict[str, SectionGid | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One team's board, read once. `as_of` is the instant the document speaks of; nothing later is used.

    `project` is the team's own; `projects` holds it and the others it was read over, and is empty where there are none.

    `blind_spots` are sentences about what could not be read (a missing field, stories left out by a cap).
    """

    project: ProjectGid
    project_name: str
    as_of: datetime
    tasks: tuple[Task, ...]
    sections: tuple[Section, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    users: tuple[User, ...] = ()
    members: tuple[UserGid, ...] = ()
    blind_spots: tuple[str, ...] = ()
    bot: UserGid | None = None
    """The gid we write as; our own comments are not news."""
    projects: tuple[BoardProject, ...] = ()
    boards: tuple[TeamBoard, ...] = ()
    """Boards of other teams that were read for the same document; empty for a team that speaks of its own alone."""

    def task(self, gid: str) -> Task | None:
        """The task with this gid, on whichever of the boards, or None."""
        return next((task for board in self.whole() for task in board.tasks if task.gid == gid), None)

    def whole(self) -> Iterator[Snapshot]:
        """This board and, after it, every other that was read with it."""
        yield self
        yield from (each.snapshot for each in self.boards if each.snapshot is not None)


@dataclass(frozen=True, slots=True)
class TeamBoard:
    """One of several teams' boards, by the team's slug and name; `snapshot` None says that it could not be read, `unread` why."""

    team: str
    name: str
    snapshot: Snapshot | None
    unread: str = ""
