"""Our few writes, and the looking that makes each of them happen once.

Owns comments and the finding of ceremony tasks: write, find by marker or name, read back; `extras` does the rest. Each write is sent once; after a doubt
(`TrackerError.in_doubt`) it is the caller who looks and decides, for only the caller knows what was promised.
"""

from __future__ import annotations

from facilitator.asana import wire
from facilitator.asana.fields import COMMENT_FIELDS, FOUND_TASK_FIELDS, asked
from facilitator.asana.paging import read_all
from facilitator.asana.project import address, read_object, readable
from facilitator.asana.refusals import About, unreadable
from facilitator.asana.stories import is_comment
from facilitator.asana.transport import Transport
from facilitator.asana.wire import BrokenRecord, Raw
from facilitator.board.snapshot import ProjectGid, StoryGid, TaskGid, UserGid
from facilitator.errors import TrackerError
from facilitator.runs.ports import Comment


async def find_comments(
    transport: Transport, task: TaskGid, marker: str, *, author: UserGid
) -> tuple[Comment, ...]:
    """The author's comments on the task that hold the marker as a whole line, oldest first.

    A comment of ours that cannot be understood raises TrackerError: passing over it could mean writing twice.
    """
    if not marker.strip():
        raise ValueError("an empty marker would find every comment")
    own = await own_comments(transport, task, author=author)
    return tuple(comment for comment in own if holds_line(comment.text, marker))


async def own_comments(transport: Transport, task: TaskGid, *, author: UserGid) -> tuple[Comment, ...]:
    """Every comment of the author on the task, oldest first; raises as `find_comments` does."""
    about = About("look for our comment on", f"task {task}")
    path = address("tasks", task, "stories")
    found = await read_all(transport, path, {"opt_fields": asked(COMMENT_FIELDS)}, about)
    try:
        own = [parse_comment(raw, task) for raw in found if _is_by(raw, author)]
    except BrokenRecord as error:
        raise unreadable(about, 200, f"a comment of ours has {error}") from None
    return tuple(sorted(own, key=lambda comment: (comment.created_at, len(comment.gid), comment.gid)))


async def post_comment(transport: Transport, task: TaskGid, html: str) -> Comment:
    """Write one comment of rich text. What is read back later is not byte for byte what was sent."""
    about = About("comment on", f"task {task}", write=True)
    path = address("tasks", task, "stories")
    body = await transport.post(path, {"opt_fields": asked(COMMENT_FIELDS)}, {"html_text": html}, about)
    try:
        return parse_comment(body["data"], task)
    except (BrokenRecord, AttributeError) as error:
        raise unreadable(about, 201, str(error)) from None


async def read_comment(transport: Transport, story: StoryGid) -> Comment | None:
    """The comment, or None where it was deleted, hidden, or is no comment."""
    about = About("read", f"comment {story}")
    try:
        raw = await read_object(transport, address("stories", story), about, COMMENT_FIELDS)
    except TrackerError as error:
        if error.status == 404:
            return None
        raise
    try:
        return parse_comment(raw) if is_comment(raw) else None
    except BrokenRecord as error:
        raise unreadable(about, 200, str(error)) from None


async def find_task(transport: Transport, project: ProjectGid, name: str) -> TaskGid | None:
    """The oldest open task of the project with this name. Blanks around names and kinds of blanks do not count."""
    about = About("look for a task in", f"project {project}")
    # `completed_since=now` leaves out everything completed: the cheap way to the open tasks (GET tasks of a project).
    params = {"completed_since": "now", "opt_fields": asked(FOUND_TASK_FIELDS)}
    found = await read_all(transport, address("projects", project, "tasks"), params, about)
    same = [raw for raw in found if raw.get("completed") is not True and _same(raw.get("name"), name)]
    dated = readable(same, lambda raw: (wire.needed_instant(raw, "created_at"), wire.gid(raw)), lambda: None)
    return TaskGid(min(dated, key=lambda task: (task[0], len(task[1]), task[1]))[1]) if dated else None


def parse_comment(raw: Raw, task: TaskGid | None = None) -> Comment:
    """A comment as Asana tells it; `task` where the answer need not name it."""
    target = wire.reference(raw, "target") or task
    if target is None:
        raise BrokenRecord("no target")
    return Comment(
        gid=StoryGid(wire.gid(raw)),
        task=TaskGid(target),
        html=wire.text(raw, "html_text"),
        text=wire.text(raw, "text"),
        created_at=wire.needed_instant(raw, "created_at"),
    )


def holds_line(text: str, line: str) -> bool:
    """Tell whether a text holds this line, whole: a marker inside a quotation of ours must not count."""
    wanted = _blanks_alike(line)
    return any(_blanks_alike(own) == wanted for own in text.splitlines())


def _is_by(raw: Raw, author: UserGid) -> bool:
    by = raw.get("created_by")
    return is_comment(raw) and isinstance(by, dict) and by.get("gid") == author


def _same(found: object, name: str) -> bool:
    return isinstance(found, str) and _blanks_alike(found) == _blanks_alike(name)


def _blanks_alike(text: str) -> str:
    # Asana and its clients turn no-break spaces into plain ones here and there: never compare byte by byte.
    return text.replace("\u00a0", " ").strip()
