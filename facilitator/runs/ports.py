"""The seams of the pipeline: what it needs from Asana and from Managed Agents, and the types that cross.

`asana/` and `agents/` implement these; tests may hand in anything that keeps the promise. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

from facilitator.board.rules import ProjectSprints
from facilitator.board.snapshot import ProjectGid, Snapshot, StoryGid, Task, TaskGid, User, UserGid
from facilitator.board.wishes import Edit
from facilitator.runs.approval_board import ApprovalBoard
from facilitator.runs.run import ParcelKind


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as Asana holds it; `html` is what Asana gives back, which differs from what was sent."""

    gid: StoryGid
    task: TaskGid
    html: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Echo:
    """A comment on a document's task, by whomever: its author's gid ("" where unknown), and how people reacted to it."""

    gid: StoryGid
    by: str
    at: datetime
    text: str
    likes: int = 0
    dislikes: int = 0


Fields = tuple[tuple[str, str | float], ...]
"""Custom fields by gid, each with its value in Asana's own form: an option's gid, a text or a number."""


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be made: `due_on` is a date in nobody's zone; the last line of `notes` is its marker."""

    name: str
    notes: str = ""
    assignee: str | None = None
    due_on: date | None = None
    section: str | None = None
    """The name of a section of the project; its default section where there is none of that name."""
    fields: Fields = ()
    """Custom fields by gid with the values they get; each must be on the project."""


@dataclass(frozen=True, slots=True)
class MoreProjects:
    """What a board is made of beside the team's own project: further projects, and its sprints where they are projects."""

    projects: tuple[ProjectGid, ...] = ()
    sprints: ProjectSprints | None = None


ALONE = MoreProjects()


class Tracker(ApprovalBoard, Protocol):
    """The team's board. Reads are retried inside; a write is never sent twice blindly (`TrackerError.in_doubt`)."""

    async def me(self) -> User:
        """The user we write as; asked once."""
        ...

    async def read_project(
        self,
        project: ProjectGid,
        *,
        as_of: datetime,
        history_since: datetime | None = None,
        more: MoreProjects = ALONE,
        earlier: Snapshot | None = None,
    ) -> Snapshot:
        """Read the project once, and `more` with it, each task once. Stories are read for tasks modified on or after `history_since`
        (None = all); of those that are as they were in an `earlier` snapshot of the board, its stories are taken.
        """
        ...

    async def read_tasks(self, project: ProjectGid, tasks: Sequence[TaskGid], *, as_of: datetime) -> Snapshot:
        """These tasks of a project with their whole histories; one that is gone or hidden is left out."""
        ...

    async def read_task(self, project: ProjectGid, task: TaskGid) -> Task | None:
        """One task as it stands now, its section being that in the project; no history. None where it is gone or hidden."""
        ...

    async def amend_task(self, task: TaskGid, edit: Edit) -> None:
        """Set what the edit names, each call sent once and never later: what was read just before would be stale.

        `in_doubt` as in `post_comment`; where two calls are needed, the first may have happened and the second not.
        """
        ...

    async def find_comments(self, task: TaskGid, marker: str) -> Sequence[Comment]:
        """Our own comments on the task that hold the marker as a whole line, oldest first."""
        ...

    async def own_comments(self, task: TaskGid) -> Sequence[Comment]:
        """Every comment of ours on the task, oldest first."""
        ...

    async def post_comment(self, task: TaskGid, html: str) -> Comment:
        """Write one comment; raises `TrackerError` with `in_doubt` where it may have happened all the same."""
        ...

    async def read_comment(self, story: StoryGid) -> Comment | None:
        """The comment, or None where it is gone."""
        ...

    async def read_echoes(self, task: TaskGid) -> Sequence[Echo]:
        """Every comment on the task, oldest first, with likes and thumbs down."""
        ...

    async def find_task(self, project: ProjectGid, name: str) -> TaskGid | None:
        """The oldest task of the project with exactly this name that is not completed, or None."""
        ...

    async def create_task(self, project: ProjectGid, task: NewTask) -> TaskGid:
        """Make one task; `in_doubt` as in `post_comment`."""
        ...

    async def find_marked_task(self, project: ProjectGid, marker: str) -> TaskGid | None:
        """The oldest task of the project whose notes hold the marker as a whole line, or None."""
        ...

    async def find_status(self, project: ProjectGid, marker: str) -> str | None:
        """The gid of our oldest status update of the project whose text holds the marker as a whole line, or None."""
        ...

    async def post_status(self, project: ProjectGid, status_type: str, title: str, text: str) -> str:
        """Write one status update; `in_doubt` as in `post_comment`. It can be deleted but never edited."""
        ...

    async def find_attachment(self, task: TaskGid, name: str) -> str | None:
        """The gid of the task's oldest attachment with exactly this file name, or None."""
        ...

    async def attach(self, task: TaskGid, name: str, content: bytes) -> str:
        """Upload one file to the task; `in_doubt` as in `post_comment`."""
        ...

    async def withdraw(self, kind: ParcelKind, gid: str) -> None:
        """Delete a second copy of something of ours; one that is gone already is fine."""
        ...


class PrivateTasks(Protocol):
    """Tasks of one person's own, in no project: only the person and the bot see them."""

    async def find_private_task(self, project: ProjectGid, person: UserGid, marker: str) -> TaskGid | None:
        """The person's oldest task in the project's workspace whose notes hold the marker as a whole line, or None."""
        ...

    async def create_private_task(self, project: ProjectGid, person: UserGid, task: NewTask) -> TaskGid:
        """Make one task of the person's in the project's workspace; `in_doubt` as in `Tracker.post_comment`."""
        ...


@dataclass(frozen=True, slots=True)
class BoardEvent:
    """One entry of a project's event stream. It says what to look at, never what is true there.

    `kind` and `subtype` are the resource's (`story`, `comment_added`), `action` what happened to it; `parent` is what it was
    added to. Names are Asana's; any of them may be new to us.
    """

    kind: str
    subtype: str
    action: str
    gid: str
    parent_kind: str = ""
    parent: str = ""
    author: UserGid | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Up to 100 events and the token to go on with. `expired`: the token was none, or too old; read everything anew."""

    events: tuple[BoardEvent, ...]
    sync: str
    more: bool = False
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a person did on the board that may be a command: commented, moved a task, or added one.

    `gid` is the story's, or the added task's; `text` a comment's text or an added task's name; `html` the comment as Asana
    shows it; `section` the name of the section a task was moved to.
    """

    gid: str
    kind: Literal["comment", "moved", "added"]
    task: TaskGid
    author: UserGid | None
    at: datetime
    text: str = ""
    html: str = ""
    section: str = ""


class EventStream(Protocol):
    """What happens in one project, as Asana tells it: late, at most once, and sometimes twice."""

    async def read(self, sync: str | None) -> EventPage:
        """The events after the token; without one, or with one too old, only a new token."""
        ...

    async def look_up(self, event: BoardEvent) -> Remark | None:
        """What an event is about as it is now, or None where it is gone or no remark of this project."""
        ...

    async def since(self, instant: datetime) -> Sequence[Remark]:
        """Every remark from the instant on, oldest first, read from the tasks themselves."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is asked of the agent for one run. `budget_cents` None means no cap; `deadline` is wall-clock time.

    `run_key` is what the session is found by. `round` counts the outcomes of that session from 0: after the first, each
    answers a person's wish for changes.
    """

    run_key: str
    title: str
    description: str
    rubric: str
    facts_json: str
    max_iterations: int = 3
    budget_cents: int | None = None
    deadline: timedelta = timedelta(minutes=15)
    round: int = 0
    about: Mapping[str, str] = field(default_factory=dict)
    """What travels with the session besides the run's key, so that a lost run log can be rebuilt from it."""


@dataclass(frozen=True, slots=True)
class SessionRef:
    """A session that exists. `adopted` is true where it was found instead of created."""

    id: str
    agent_id: str
    agent_version: int
    console_url: str
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session of ours as the service keeps it. `asked` counts its outcomes; `about` is what travelled with it."""

    id: str
    run_key: str
    title: str
    status: str
    created_at: datetime
    asked: int = 0
    result: str | None = None
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One grading: `iteration` from 0; `result` is needs_revision or one of the four terminal results."""

    iteration: int
    result: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a session used. Tokens are counts, `active_seconds` priced run time, `list_cents` the list price."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    grader_tokens: int = 0
    active_seconds: float = 0.0
    list_cents: float = 0.0


@dataclass(frozen=True, slots=True)
class CostLine:
    """What one part of a session used: `round` and `iteration` from 0, `who` is writer or grader; cents are list price."""

    round: int
    iteration: int
    who: str
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    seconds: float
    list_cents: float


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from the outcome to the service's first event, and to the agent's first word or tool call; None: never."""

    first_event: float | None = None
    first_message: float | None = None


@dataclass(frozen=True, slots=True)
class Deliverable:
    """draft.json as the session left it; `source` is file, last_write or last_message (the last two are rebuilt)."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How following a session ended.

    `result` is the outcome's terminal result (satisfied, max_iterations_reached, failed, interrupted) or None where the
    session stopped before one; `stop` is the last stop reason or `terminated`, `deleted`; `reason` is a sentence for a
    person whenever the result is not `satisfied`. `retry_new_session` tells whether the reference says a new session
    may help. `written` is the draft as the session's events tell it.
    """

    result: str | None
    stop: str
    verdicts: tuple[Verdict, ...]
    usage: Usage
    reason: str = ""
    timed_out: bool = False
    retry_new_session: bool = False
    lines: tuple[CostLine, ...] = ()
    latency: Latency = field(default_factory=Latency)
    written: Deliverable | None = None


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What goes back to the agent for one custom tool call; errors are answers too."""

    text: str
    is_error: bool = False


AnswerTool = Callable[[str, Mapping[str, Any]], ToolAnswer]
"""Changes nothing in Asana, and the same call gives the same answer: answering after a crash is safe."""

ON_REQUEST = frozenset({"update_task_status"})
"""Tools that an agent has only where the configuration names them: they ask for a change."""

RecordEvents = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None] | None]
"""Stores raw events, each once by id (and again when `processed_at` arrives)."""


class AgentBackend(Protocol):
    """Managed Agents, seen from one run. Every call may be repeated after a crash."""

    async def open_session(self, outcome: Outcome, *, attempted_at: datetime | None) -> SessionRef:
        """One session for the run key: found where an attempt was made before, else created."""
        ...

    async def start(self, session_id: str, outcome: Outcome, *, fresh: bool = False) -> str:
        """Send the outcome unless the session has that of its round; returns its outcome id.

        `fresh` says that the caller has created the session a moment ago, so that there is no outcome to look for.
        """
        ...

    async def follow(
        self, session_id: str, deadline: timedelta, *, answer: AnswerTool, record: RecordEvents
    ) -> Ending:
        """Follow the session to its end, answering tools; interrupts it where it takes longer than `deadline`."""
        ...

    async def our_sessions(self, since: datetime | None) -> Sequence[KeptSession]:
        """Sessions of this deployment that are not archived, newest first: since the instant, or the latest few hundred."""
        ...

    async def archive(self, session_id: str) -> None:
        """Close the session for good, its history kept; waits until it is not running. The second time nothing."""
        ...

    async def delete(self, session_id: str) -> None:
        """Remove the session with its history, sandbox and files, once it is not running; one that is gone is fine."""
        ...

    async def deliverable(
        self, session_id: str, *, path: str = "draft.json", written: Deliverable | None = None
    ) -> Deliverable | None:
        """The draft, from the session's files or as its events tell it; None where there is none.

        `written` is what they tell, from who has followed it; without it they are read anew.
        """
        ...


@dataclass(frozen=True, slots=True)
class Pinned:
    """The agent and environment this deployment uses, with hashes of the templates they were applied from."""

    agent_id: str
    agent_version: int
    environment_id: str
    agent_hash: str
    environment_hash: str
    tools: tuple[str, ...] = field(default=())
