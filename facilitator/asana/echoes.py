"""What people made of a document of ours: the comments on its task, and how often each was liked or waved off.

Owns the reading of likes and reactions. What counts as feedback is decided by whoever asked.
"""

from __future__ import annotations

from facilitator.asana import wire
from facilitator.asana.fields import ECHO_FIELDS, asked
from facilitator.asana.paging import read_all
from facilitator.asana.project import address, readable
from facilitator.asana.refusals import About
from facilitator.asana.stories import is_comment
from facilitator.asana.transport import Transport
from facilitator.asana.wire import Raw
from facilitator.board.snapshot import StoryGid, TaskGid
from facilitator.runs.ports import Echo

THUMBS_DOWN = "\N{THUMBS DOWN SIGN}"


async def read_echoes(transport: Transport, task: TaskGid) -> tuple[Echo, ...]:
    """Every comment on the task, oldest first; one that cannot be read is left out, for it decides nothing."""
    about = About("read the comments on", f"task {task}")
    path = address("tasks", task, "stories")
    found = await read_all(transport, path, {"opt_fields": asked(ECHO_FIELDS)}, about)
    echoes = readable([raw for raw in found if is_comment(raw)], _echo, lambda: None)
    return tuple(sorted(echoes, key=lambda echo: (echo.at, len(echo.gid), echo.gid)))


def _echo(raw: Raw) -> Echo:
    likes = raw.get("num_likes")
    return Echo(
        gid=StoryGid(wire.gid(raw)),
        by=wire.reference(raw, "created_by") or "",
        at=wire.needed_instant(raw, "created_at"),
        text=wire.text(raw, "text"),
        likes=likes if isinstance(likes, int) else 0,
        dislikes=sum(
            count
            for one in wire.inners(raw, "reaction_summary")
            if wire.text(one, "emoji_base").startswith(THUMBS_DOWN)
            and isinstance(count := one.get("count"), int)
        ),
    )
