"""Approval tasks: made under the ceremony's task, read for what people answered, put back or closed.

A subtask of the ceremony's own task joins no project, so no board counts it as work. `approval_status` says what was
answered, never `completed`: a refusal completes an approval too (asana.md, section 10). Whose word counts is not decided here.
"""

from __future__ import annotations

from datetime import UTC

from facilitator.asana import wire
from facilitator.asana.fields import (
    ANSWER_FIELDS,
    APPROVAL_FIELDS,
    CHOICE_FIELDS,
    CHOSEN_FIELDS,
    MARKED_TASK_FIELDS,
    asked,
)
from facilitator.asana.paging import read_all
from facilitator.asana.project import address, read_object
from facilitator.asana.refusals import About, unreadable
from facilitator.asana.stories import is_comment
from facilitator.asana.transport import Body, Transport
from facilitator.asana.wire import BrokenRecord, Raw
from facilitator.asana.writing import holds_line
from facilitator.board.snapshot import TaskGid, UserGid
from facilitator.errors import TrackerError
from facilitator.runs.approval_board import (
    Answer,
    AnswerKind,
    ApprovalRequest,
    ApprovalTask,
    FieldAnswer,
)

_KINDS = {"approval_status_changed": AnswerKind.ANSWERED, "notes_changed": AnswerKind.NOTES_CHANGED}


async def create_approval(transport: Transport, parent: TaskGid, wanted: ApprovalRequest) -> TaskGid:
    """Make one approval task; sent once, `in_doubt` where it may have happened all the same."""
    about = About("make an approval task under", f"task {parent}", write=True)
    data: Body = {"name": wanted.name, "notes": wanted.notes, "resource_subtype": "approval"}
    data |= {"assignee": wanted.people[0]} if wanted.people else {}
    data |= {"followers": list(wanted.people[1:])} if wanted.people[1:] else {}
    data |= {"due_at": _instant(wanted)} if wanted.due_at else {}
    path = address("tasks", parent, "subtasks")
    body = await transport.post(path, {"opt_fields": asked(MARKED_TASK_FIELDS)}, data, about)
    try:
        return TaskGid(wire.gid(body["data"]))
    except (BrokenRecord, AttributeError) as error:
        raise unreadable(about, 201, str(error)) from None


async def find_approval(transport: Transport, parent: TaskGid, marker: str) -> TaskGid | None:
    """The oldest subtask whose notes hold the marker as a whole line, decided or not."""
    about = About("look for an approval task of ours under", f"task {parent}")
    path = address("tasks", parent, "subtasks")
    found = await read_all(transport, path, {"opt_fields": asked(MARKED_TASK_FIELDS)}, about)
    try:
        ours = [
            (wire.needed_instant(raw, "created_at"), wire.gid(raw))
            for raw in found
            if holds_line(wire.text(raw, "notes"), marker)
        ]
    except BrokenRecord as error:
        raise unreadable(about, 200, f"one of ours has {error}") from None
    return TaskGid(min(ours, key=lambda one: (one[0], len(one[1]), one[1]))[1]) if ours else None


async def read_approval(transport: Transport, task: TaskGid) -> ApprovalTask | None:
    """The task as it stands, or None where it is gone."""
    about = About("read", f"approval task {task}")
    try:
        raw = await read_object(transport, address("tasks", task), about, APPROVAL_FIELDS)
    except TrackerError as error:
        if error.status == 404:
            return None
        raise
    by = wire.reference(raw, "completed_by")
    try:
        return ApprovalTask(
            gid=TaskGid(wire.gid(raw)),
            status=wire.text(raw, "approval_status"),
            completed_by=UserGid(by) if by else None,
            completed_at=wire.instant(raw, "completed_at"),
            due_at=wire.instant(raw, "due_at"),
            modified=wire.text(raw, "modified_at"),
            notes=wire.text(raw, "notes"),
        )
    except BrokenRecord as error:
        raise unreadable(about, 200, str(error)) from None


async def list_answers(transport: Transport, task: TaskGid, *, me: UserGid) -> tuple[Answer, ...]:
    """What people said and did on the task, oldest first; our own doings are marked as such."""
    about = About("read the answers on", f"approval task {task}")
    path = address("tasks", task, "stories")
    found = await read_all(transport, path, {"opt_fields": asked(ANSWER_FIELDS)}, about)
    try:
        remarks = [remark for raw in found if (remark := _answer(raw, me))]
    except BrokenRecord as error:
        raise unreadable(about, 200, f"an answer has {error}") from None
    return tuple(sorted(remarks, key=lambda one: one.at))


async def set_approval(transport: Transport, task: TaskGid, *, status: str = "", notes: str = "") -> None:
    """Set the status or the notes; what is empty stays. The same twice changes nothing, so it is simply tried again."""
    about = About("set", f"approval task {task}")
    data: Body = {**({"approval_status": status} if status else {}), **({"notes": notes} if notes else {})}
    await transport.put(address("tasks", task), {"opt_fields": "approval_status"}, data, about)


async def read_field(transport: Transport, task: TaskGid, name: str, *, me: UserGid) -> FieldAnswer | None:
    """What the task's enum field of this name holds; its history is read only where it holds something."""
    about = About("read the approval field of", f"task {task}")
    raw = await read_object(transport, address("tasks", task), about, CHOICE_FIELDS)
    named = [one for one in wire.inners(raw, "custom_fields") if _alike(wire.text(one, "name"), name)]
    option = next((chosen for one in named if (chosen := wire.inner(one, "enum_value"))), None)
    if option is None:
        return None
    path, params = address("tasks", task, "stories"), {"opt_fields": asked(CHOSEN_FIELDS)}
    chosen_as = (wire.gid(named[0]), wire.gid(option))
    changes = [
        one
        for one in await read_all(transport, path, params, about)
        if (wire.reference(one, "custom_field"), wire.reference(one, "new_enum_value")) == chosen_as
    ]
    return _chosen(changes[-1], wire.text(option, "name"), me) if changes else None


def _chosen(raw: Raw, option: str, me: UserGid) -> FieldAnswer:
    author = wire.inner(raw, "created_by") or {}
    by = author.get("gid")
    return FieldAnswer(
        key=wire.gid(raw),
        field=wire.reference(raw, "custom_field") or "",
        option=option,
        at=wire.needed_instant(raw, "created_at"),
        by=UserGid(by) if isinstance(by, str) else None,
        name=wire.text(author, "name"),
        ours=by == me,
    )


def _alike(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


async def clear_field(transport: Transport, task: TaskGid, field: str) -> None:
    """Empty a custom field."""
    about = About("clear the approval field of", f"task {task}")
    await transport.put(
        address("tasks", task), {"opt_fields": "name"}, {"custom_fields": {field: None}}, about
    )


def _instant(wanted: ApprovalRequest) -> str:
    assert wanted.due_at is not None
    return wanted.due_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _answer(raw: Raw, me: UserGid) -> Answer | None:
    kind = AnswerKind.SAID if is_comment(raw) else _KINDS.get(wire.text(raw, "resource_subtype"))
    if kind is None:
        return None
    author = wire.inner(raw, "created_by") or {}
    by = author.get("gid")
    return Answer(
        gid=wire.gid(raw),
        kind=kind,
        at=wire.needed_instant(raw, "created_at"),
        by=UserGid(by) if isinstance(by, str) else None,
        name=wire.text(author, "name"),
        text=wire.text(raw, "text") if kind is AnswerKind.SAID else wire.text(raw, "new_approval_status"),
        ours=by == me,
    )
