"""Changing a task that people work on: how it stands now, and setting its section, its tick or its fields.

Each call is sent once and at once or not at all: a wait would make stale what was read just before. Whether it may be set is
decided by the caller, `runs.amending`.
"""

from __future__ import annotations

from facilitator.asana.blindspots import BlindSpots
from facilitator.asana.fields import PAID_TASK_FIELDS, TASK_FIELDS
from facilitator.asana.parsing import parse_task
from facilitator.asana.project import address, read_object, read_sections
from facilitator.asana.refusals import About, unreadable
from facilitator.asana.transport import Body, Transport
from facilitator.asana.wire import BrokenRecord, Raw
from facilitator.board.snapshot import ProjectGid, Task, TaskGid
from facilitator.board.wishes import Edit
from facilitator.errors import TrackerError


async def read_task(transport: Transport, project: ProjectGid, task: TaskGid) -> Task | None:
    """The task as it stands now, its section being that in the project; None where it is gone or hidden.

    The project's sections are read first: a team's reach learns from them which it may move a task to.
    """
    await read_sections(transport, project, BlindSpots())
    about = About("read", f"task {task}")
    try:
        raw = await _record(transport, task, about)
    except TrackerError as error:
        if error.status != 404:
            raise
        return None
    bad: list[str] = []
    try:
        found = parse_task(raw, project, on_bad_value=bad.append)
    except BrokenRecord as error:
        raise unreadable(about, 200, str(error)) from None
    if bad:
        raise unreadable(about, 200, f"the field {bad[0]} has a value that makes no sense")
    return found


async def _record(transport: Transport, task: TaskGid, about: About) -> Raw:
    """With its custom fields, where the plan has any."""
    path = address("tasks", task)
    try:
        return await read_object(transport, path, about, TASK_FIELDS, PAID_TASK_FIELDS)
    except TrackerError as error:
        if error.status != 402:
            raise
        return await read_object(transport, path, about, TASK_FIELDS)


async def amend_task(transport: Transport, task: TaskGid, edit: Edit) -> None:
    """Set tick, fields and date in one call and the section in another; `in_doubt` where one may have happened all the same."""
    about = About("change", f"task {task}", write=True, once=True)
    data: Body = {} if edit.completed is None else {"completed": edit.completed}
    data |= {"custom_fields": dict(edit.fields)} if edit.fields else {}
    data |= {"due_on": edit.due_on.isoformat()} if edit.due_on else {}
    if data:
        await transport.put(address("tasks", task), {"opt_fields": "completed"}, data, about)
    if edit.section is not None:
        await transport.post(address("sections", edit.section, "addTask"), {}, {"task": task}, about)
