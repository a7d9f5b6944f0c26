"""What an approved document may become besides a comment: tasks, a status update, attachments.

The same rule as in `writing`: each write is sent once, and each thing of ours can be found again by its marker.
"""

from __future__ import annotations

from collections.abc import Sequence

from facilitator.asana import wire
from facilitator.asana.fields import (
    ATTACHMENT_FIELDS,
    FOUND_TASK_FIELDS,
    MARKED_TASK_FIELDS,
    SECTION_FIELDS,
    STATUS_FIELDS,
    asked,
)
from facilitator.asana.paging import read_all
from facilitator.asana.project import address, readable
from facilitator.asana.refusals import About, unreadable
from facilitator.asana.transport import Body, Transport, Upload
from facilitator.asana.wire import BrokenRecord, Raw
from facilitator.asana.writing import holds_line
from facilitator.board.snapshot import ProjectGid, TaskGid, UserGid
from facilitator.errors import TrackerError
from facilitator.runs.ports import NewTask
from facilitator.runs.run import ParcelKind


async def create_task(transport: Transport, project: ProjectGid, task: NewTask) -> TaskGid:
    """Make one task in the project, in the section of that name, in any letter case, where there is one."""
    address(project)
    data: Body = {"name": task.name, "projects": [project]}
    section = await _section(transport, project, task.section) if task.section else None
    # A membership only refines `projects`: one of workspace, projects or parent must be there (asana.md, section 9).
    data |= {"memberships": [{"project": project, "section": section}]} if section else {}
    data |= {"notes": task.notes} if task.notes else {}
    data |= {"assignee": task.assignee} if task.assignee else {}
    data |= {"due_on": task.due_on.isoformat()} if task.due_on else {}
    data |= {"custom_fields": dict(task.fields)} if task.fields else {}
    about = About("make a task in", f"project {project}", write=True)
    body = await transport.post("/tasks", {"opt_fields": asked(FOUND_TASK_FIELDS)}, data, about)
    return TaskGid(_made(body, about))


async def find_marked_task(
    transport: Transport, project: ProjectGid, marker: str, *, author: UserGid
) -> TaskGid | None:
    """The author's oldest task of the project, done or not, whose notes hold the marker as a whole line.

    A marker can be guessed: a task that somebody else made with it must not pass for ours, or ours would never be made.
    """
    _check_marker(marker)
    about = About("look for a task of ours in", f"project {project}")
    path = address("projects", project, "tasks")
    found = await read_all(transport, path, {"opt_fields": asked(MARKED_TASK_FIELDS)}, about)
    oldest = _oldest(
        [raw for raw in found if _by(raw, author, "created_by") and _says(raw, "notes", marker)], about
    )
    return TaskGid(oldest) if oldest else None


async def create_private_task(
    transport: Transport, workspace: str, person: UserGid, task: NewTask
) -> TaskGid:
    """Make a task of the person's own, in no project.

    Such a task is seen by its collaborators alone: the assignee and us (Asana help, "Task permissions", private tasks,
    read November 2026).
    """
    address(workspace)
    data: Body = {"name": task.name, "notes": task.notes, "workspace": workspace, "assignee": person}
    data |= {"due_on": task.due_on.isoformat()} if task.due_on else {}
    about = About("make a task for", f"user {person}", write=True)
    body = await transport.post("/tasks", {"opt_fields": asked(FOUND_TASK_FIELDS)}, data, about)
    return TaskGid(_made(body, about))


async def find_private_task(
    transport: Transport, workspace: str, person: UserGid, marker: str
) -> TaskGid | None:
    """The person's oldest task that we see, done or not, whose notes hold the marker as a whole line."""
    _check_marker(marker)
    address(workspace), address(person)
    about = About("look for a task of ours of", f"user {person}")
    params = {"workspace": workspace, "assignee": person, "opt_fields": asked(MARKED_TASK_FIELDS)}
    found = await read_all(transport, "/tasks", params, about)
    oldest = _oldest([raw for raw in found if _says(raw, "notes", marker)], about)
    return TaskGid(oldest) if oldest else None


async def find_status(
    transport: Transport, project: ProjectGid, marker: str, *, author: UserGid
) -> str | None:
    """The author's oldest status update of the project whose text holds the marker as a whole line."""
    _check_marker(marker)
    about = About("look for our status update of", f"project {project}")
    params = {"parent": project, "opt_fields": asked(STATUS_FIELDS)}
    found = await read_all(transport, "/status_updates", params, about)
    return _oldest([raw for raw in found if _by(raw, author) and _says(raw, "text", marker)], about)


async def post_status(
    transport: Transport, project: ProjectGid, status_type: str, title: str, text: str
) -> str:
    """Write one status update; every follower of the project is told."""
    address(project)
    about = About("write a status update of", f"project {project}", write=True)
    data = {"parent": project, "status_type": status_type, "title": title, "text": text}
    return _made(await transport.post("/status_updates", {"opt_fields": "title"}, data, about), about)


async def find_attachment(transport: Transport, task: TaskGid, name: str) -> str | None:
    """The oldest attachment of the task with this file name."""
    about = About("look for our attachment on", f"task {task}")
    params = {"parent": task, "opt_fields": asked(ATTACHMENT_FIELDS)}
    found = await read_all(transport, "/attachments", params, about)
    return _oldest([raw for raw in found if raw.get("name") == name], about)


async def attach(transport: Transport, task: TaskGid, name: str, content: bytes) -> str:
    """Upload one file to the task."""
    address(task)
    about = About("attach a file to", f"task {task}", write=True)
    upload = Upload({"parent": task}, name, content)
    body = await transport.upload("/attachments", {"opt_fields": "name"}, upload, about)
    # The one creation that answers 200 (asana.md, trap 27).
    return _made(body, about, 200)


PLACES = {
    ParcelKind.COMMENT: "stories",
    ParcelKind.TASK: "tasks",
    ParcelKind.STATUS: "status_updates",
    ParcelKind.ATTACHMENT: "attachments",
}
"""Where our own things stand. A change is no thing: there is nothing of it to take back."""


async def withdraw(transport: Transport, kind: ParcelKind, gid: str) -> None:
    """Delete one thing of ours; a 404 says that it is gone, which is what was wanted."""
    # No `write`: deleting twice is deleting once, so it may be tried again like a read.
    about = About("take back", f"{kind} {gid}")
    try:
        await transport.delete(address(PLACES[kind], gid), about)
    except TrackerError as error:
        if error.status != 404:
            raise


async def _section(transport: Transport, project: ProjectGid, name: str) -> str | None:
    about = About("read the sections of", f"project {project}")
    path = address("projects", project, "sections")
    found = await read_all(transport, path, {"opt_fields": asked(SECTION_FIELDS)}, about)
    same = [raw for raw in found if _alike(raw.get("name")) == _alike(name)]
    return next(iter(readable(same, wire.gid, lambda: None)), None)


def _alike(name: object) -> str | None:
    """A section's name as people mean it: letter case and kinds of blanks do not count."""
    return " ".join(name.split()).casefold() if isinstance(name, str) else None


def _check_marker(marker: str) -> None:
    if not marker.strip():
        raise ValueError("an empty marker would be found wherever there is a blank line")


def _says(raw: Raw, key: str, marker: str) -> bool:
    said = raw.get(key)
    return isinstance(said, str) and holds_line(said, marker)


def _oldest(ours: Sequence[Raw], about: About) -> str | None:
    """The gid of the oldest; one of ours that cannot be read is an error, for passing over it means writing twice."""
    try:
        dated = [(wire.needed_instant(raw, "created_at"), wire.gid(raw)) for raw in ours]
    except BrokenRecord as error:
        raise unreadable(about, 200, f"one of ours has {error}") from None
    return min(dated, key=lambda one: (one[0], len(one[1]), one[1]))[1] if dated else None


def _by(raw: Raw, author: UserGid, key: str = "author") -> bool:
    by = raw.get(key)
    return isinstance(by, dict) and by.get("gid") == author


def _made(body: Body, about: About, status: int = 201) -> str:
    try:
        return wire.gid(body["data"])
    except (BrokenRecord, AttributeError) as error:
        raise unreadable(about, status, str(error)) from None
