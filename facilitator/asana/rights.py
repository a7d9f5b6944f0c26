"""What a token may not do, found out before the first run by trying the reads that a run makes, one record each.

Writing cannot be tried without writing: that a comment may be left is only known when one is. A refusal that passes (a rate limit, a
server in trouble) is none of rights and is raised.
"""

from __future__ import annotations

from collections.abc import Mapping

from facilitator.asana.project import address
from facilitator.asana.refusals import About
from facilitator.asana.transport import Transport
from facilitator.board.snapshot import ProjectGid
from facilitator.errors import TrackerError

ONE: Mapping[str, int] = {"limit": 1}


async def refused(
    transport: Transport, project: ProjectGid, *, status: bool, files: bool
) -> tuple[TrackerError, ...]:
    """The refusals, each naming the scope that an app's token may lack; empty where all may be read."""
    found: list[TrackerError] = []

    async def look(path: str, of: str, **more: str) -> str:
        try:
            body = await transport.get(path, {**ONE, **more}, About("read", of))
        except TrackerError as error:
            if error.status not in (401, 402, 403):
                raise
            found.append(error)
            return ""
        records = body["data"] if isinstance(body["data"], list) else []
        return str(records[0].get("gid", "")) if records and isinstance(records[0], dict) else ""

    await look(address("projects", project, "sections"), f"the sections of project {project}")
    task = await look(address("projects", project, "tasks"), f"the tasks of project {project}")
    if task:
        await look(address("tasks", task, "stories"), f"the history of task {task}")
    if status:
        await look("/status_updates", f"the status updates of project {project}", parent=project)
    if files and task:
        await look("/attachments", f"the attachments of task {task}", parent=task)
    return tuple(found)
