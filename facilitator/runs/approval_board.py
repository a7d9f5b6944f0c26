"""The seam where people are asked: what an approval task is to the engine, and what somebody answered on it.

Part of `ports`: `asana/` implements it, tests may hand in anything that keeps the promise. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from facilitator.board.snapshot import TaskGid, UserGid


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """An approval task to be made: the first of `people` (user gids) is its assignee, the others follow it.

    The last line of `notes` is its marker.
    """

    name: str
    notes: str
    people: tuple[UserGid, ...] = ()
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApprovalTask:
    """An approval task as Asana holds it. `status` is pending, approved, rejected or changes_requested.

    `modified` is Asana's own stamp, compared and never read: another stamp means that something happened.
    """

    gid: TaskGid
    status: str
    notes: str
    modified: str = ""
    completed_by: UserGid | None = None
    completed_at: datetime | None = None
    due_at: datetime | None = None


class AnswerKind(StrEnum):
    """What somebody did on an approval task."""

    SAID = "said"
    """A comment."""
    ANSWERED = "answered"
    """The status was set."""
    NOTES_CHANGED = "notes_changed"


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing somebody did on an approval task. `text` is a comment's text or the new status; `ours` is the bot's own."""

    gid: str
    kind: AnswerKind
    at: datetime
    by: UserGid | None
    name: str = ""
    text: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """An option that somebody chose in an enum field: `key` is the change's own gid, `field` the field's."""

    key: str
    field: str
    option: str
    at: datetime
    by: UserGid | None
    name: str = ""
    ours: bool = False


class ApprovalBoard(Protocol):
    """Where people are asked for a decision: approval tasks below the ceremony's own task."""

    async def create_approval(self, parent: TaskGid, wanted: ApprovalRequest) -> TaskGid:
        """Make one approval task; `in_doubt` as in `Tracker.post_comment`."""
        ...

    async def find_approval(self, parent: TaskGid, marker: str) -> TaskGid | None:
        """The oldest subtask of the parent whose notes hold the marker as a whole line, or None."""
        ...

    async def read_approval(self, task: TaskGid) -> ApprovalTask | None:
        """The task as it stands, or None where it is gone."""
        ...

    async def list_answers(self, task: TaskGid) -> Sequence[Answer]:
        """What people said and did on the task, oldest first."""
        ...

    async def set_approval(self, task: TaskGid, *, status: str = "", notes: str = "") -> None:
        """Set its status or its notes; what is empty stays, and the same twice changes nothing."""
        ...

    async def read_field(self, task: TaskGid, name: str) -> FieldAnswer | None:
        """What a task's enum field of this name holds, and who chose it when; None where it is empty or not there."""
        ...

    async def clear_field(self, task: TaskGid, field: str) -> None:
        """Empty a custom field; the second time nothing happens."""
        ...
