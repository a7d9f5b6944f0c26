"""`AsanaTracker`: the promise of `runs.ports.Tracker`, kept over HTTP.

Puts the room's parts together for one token and one base URL. The steps are in `reading.py` and `writing.py`; this module
adds nothing but the clock, the dice and the life of the connection.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from random import Random
from types import TracebackType
from typing import Any, Self

import httpx

from facilitator.asana import amending, approving, echoes, extras, listening, rights, writing
from facilitator.asana.blindspots import BlindSpots
from facilitator.asana.boards import find_sprint_projects
from facilitator.asana.fence import Fence
from facilitator.asana.history import StoryCache
from facilitator.asana.limiter import Limiter
from facilitator.asana.limits import Limits
from facilitator.asana.listening import ProjectStream
from facilitator.asana.project import (
    Named,
    Project,
    read_me,
    read_project,
    read_projects,
    read_sections,
    read_workspaces,
)
from facilitator.asana.reach import Reach
from facilitator.asana.reading import OnProgress, ProjectReader
from facilitator.asana.refusals import About, unreadable
from facilitator.asana.transport import Transport, Write
from facilitator.board.rules import ProjectSprints
from facilitator.board.snapshot import (
    BoardProject,
    ProjectGid,
    Section,
    Snapshot,
    StoryGid,
    Task,
    TaskGid,
    User,
    UserGid,
)
from facilitator.board.wishes import Edit
from facilitator.errors import TrackerError
from facilitator.runs.approval_board import Answer, ApprovalRequest, ApprovalTask, FieldAnswer
from facilitator.runs.ports import ALONE, Comment, Echo, MoreProjects, NewTask
from facilitator.runs.run import ParcelKind

OnWrite = Callable[[Write, str], None]
"""Told of a write and of the gid of the user it was made as."""


class AsanaTracker:
    """Asana, written with one token. Use it inside `async with`.

    `token` is called for each request, so a rotated token needs no restart. Give trackers of one token one `limiter`:
    Asana counts by token. A `cache` that outlives a read saves the histories of unchanged tasks the next time. A board may
    be read with a team's own token (`for_team`); what is written, and the looking for it, is always the bot's.
    """

    def __init__(
        self,
        *,
        base_url: str,
        token: Callable[[], str],
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Random | None = None,
        limiter: Limiter | None = None,
        cache: StoryCache | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        on_progress: OnProgress | None = None,
        on_limited: Callable[[], None] = lambda: None,
        on_write: OnWrite = lambda _write, _bot: None,
        workspace: str = "",
    ) -> None:
        """`on_progress` hears `("tasks", n)` and `("histories", n)`, `on_limited` each 429, `on_write` each write that has
        ended, with the gid it was made as where that is known. With a `workspace` nothing is written outside it (`OutsideSandbox`).
        Raises ConfigurationError for an unsafe base URL.
        """
        self._limits = limits or Limits()
        self._cache = cache or StoryCache()
        self._on_progress: OnProgress = on_progress or (lambda _what, _count: None)
        self._me: list[User] = []
        self._asking_who = asyncio.Lock()
        self._workspaces: dict[ProjectGid, str] = {}

        fence = Fence(workspace) if workspace else None

        def connect(token: Callable[[], str], limiter: Limiter | None = None) -> Transport:
            return Transport(
                base_url=base_url,
                token=token,
                limits=self._limits,
                limiter=limiter or Limiter(self._limits, clock=clock, sleep=sleep),
                sleep=sleep,
                random=random or Random(),
                transport=transport,
                on_limited=on_limited,
                fence=fence,
                on_write=lambda write: on_write(write, self._me[0].gid if self._me else ""),
            )

        self._connect = connect
        self._transport = connect(token, limiter)
        self._reader = self._transport
        self._reach: Reach | None = None
        self._readers: dict[str, tuple[Transport, StoryCache]] = {}
        self._lines: dict[Limiter, Transport] = {}

    def read_by(self, team: str, token: Callable[[], str], limiter: Limiter | None = None) -> None:
        """From now on `for_team` reads this team's board with a token of its own.

        Nothing read with one token is kept for another: they need not see the same tasks. Teams with one `limiter` have one
        token, and share its connections.
        """
        line = self._lines.get(limiter) if limiter else None
        line = line or self._connect(token, limiter)
        if limiter is not None:
            self._lines[limiter] = line
        self._readers[team] = (line.bearing(token), StoryCache())

    def for_team(self, team: str) -> Self:
        """The same tracker as this team uses it: its board is read with its own token, where it has one."""
        if team not in self._readers:
            return self
        reader, cache = self._readers[team]
        return self._held(_reader=reader.within(self._reach) if self._reach else reader, _cache=cache)

    def within(self, reach: Reach) -> Self:
        """The same tracker and connection, held to one team's projects and tasks (`OutOfReach` for anything else)."""
        writer = self._transport.within(reach)
        reader = writer if self._reader is self._transport else self._reader.within(reach)
        return self._held(_transport=writer, _reader=reader, _reach=reach)

    def _held(self, **parts: Any) -> Self:
        """A copy with other parts; connections, and what was learnt about ourselves, are shared."""
        held = copy.copy(self)
        vars(held).update(parts)
        return held

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. A second call does nothing."""
        await self._transport.aclose()
        for reader, _cache in self._readers.values():
            await reader.aclose()

    async def me(self) -> User:
        """The user the token acts as; asked once, however many ask at the same time."""
        async with self._asking_who:
            if not self._me:
                self._me.append(await read_me(self._transport))
        return self._me[0]

    async def workspaces(self) -> tuple[Named, ...]:
        """The workspaces the bot user is in."""
        return await read_workspaces(self._reader)

    async def projects(self, workspace: str) -> tuple[Named, ...]:
        """The workspace's projects that the bot user sees and nobody archived."""
        return await read_projects(self._reader, workspace)

    async def project(self, gid: ProjectGid) -> Project:
        """One project's name, members and custom fields, without its tasks."""
        return await read_project(self._reader, gid)

    async def sections(self, gid: ProjectGid) -> tuple[Section, ...]:
        """The project's sections in board order."""
        return await read_sections(self._reader, gid, BlindSpots())

    async def sprint_projects(self, own: Project, rule: ProjectSprints) -> tuple[BoardProject, ...]:
        """The team's sprint projects, oldest first, without their tasks."""
        return await find_sprint_projects(self._reader, own, rule)

    async def read_project(
        self,
        project: ProjectGid,
        *,
        as_of: datetime,
        history_since: datetime | None = None,
        more: MoreProjects = ALONE,
        earlier: Snapshot | None = None,
    ) -> Snapshot:
        """Read the board once, as `Tracker` says. Comments after `as_of` are left out; later changes stay for replay."""
        reader = ProjectReader(self._reader, self._limits, self._cache, project, self._on_progress, more)
        reader.earlier = earlier
        return await reader.read(me=await self.me(), as_of=as_of, since=history_since)

    async def read_tasks(self, project: ProjectGid, tasks: Sequence[TaskGid], *, as_of: datetime) -> Snapshot:
        """These tasks of a project with their whole histories; one that is gone or hidden is left out."""
        reader = ProjectReader(self._transport, self._limits, self._cache, project, self._on_progress)
        return await reader.read_some(tasks, me=await self.me(), as_of=as_of)

    async def read_task(self, project: ProjectGid, task: TaskGid) -> Task | None:
        """One task as it stands now, without its history; None where it is gone or hidden."""
        return await amending.read_task(self._transport, project, task)

    async def amend_task(self, task: TaskGid, edit: Edit) -> None:
        """Set what the edit names; each call sent once and never later, `in_doubt` as in `post_comment`."""
        await amending.amend_task(self._transport, task, edit)

    async def find_comments(self, task: TaskGid, marker: str) -> Sequence[Comment]:
        """Our own comments on the task that hold the marker as a whole line, oldest first."""
        me = await self.me()
        return await writing.find_comments(self._transport, task, marker, author=me.gid)

    async def own_comments(self, task: TaskGid) -> Sequence[Comment]:
        """Every comment of ours on the task, oldest first."""
        me = await self.me()
        return await writing.own_comments(self._transport, task, author=me.gid)

    async def post_comment(self, task: TaskGid, html: str) -> Comment:
        """Write one comment; sent once, `TrackerError.in_doubt` where it may have happened all the same."""
        return await writing.post_comment(self._transport, task, html)

    async def read_comment(self, story: StoryGid) -> Comment | None:
        """The comment, or None where it is gone."""
        return await writing.read_comment(self._transport, story)

    async def read_echoes(self, task: TaskGid) -> Sequence[Echo]:
        """Every comment on the task, oldest first, with likes and thumbs down."""
        return await echoes.read_echoes(self._transport, task)

    async def find_task(self, project: ProjectGid, name: str) -> TaskGid | None:
        """The oldest open task of the project with exactly this name, or None."""
        return await writing.find_task(self._transport, project, name)

    async def create_task(self, project: ProjectGid, task: NewTask) -> TaskGid:
        """Make one task; `in_doubt` as in `post_comment`."""
        return await extras.create_task(self._transport, project, task)

    async def rights(self, project: ProjectGid, *, status: bool, files: bool) -> tuple[TrackerError, ...]:
        """What this token is refused of the reads that a run makes; nothing is written to find out."""
        return await rights.refused(self._reader, project, status=status, files=files)

    async def find_marked_task(self, project: ProjectGid, marker: str) -> TaskGid | None:
        """Our oldest task of the project whose notes hold the marker as a whole line, or None."""
        return await extras.find_marked_task(self._transport, project, marker, author=(await self.me()).gid)

    async def find_private_task(self, project: ProjectGid, person: UserGid, marker: str) -> TaskGid | None:
        """The person's oldest task whose notes hold the marker as a whole line, or None; see `PrivateTasks`."""
        workspace = await self._workspace(project)
        return await extras.find_private_task(self._transport, workspace, person, marker)

    async def create_private_task(self, project: ProjectGid, person: UserGid, task: NewTask) -> TaskGid:
        """Make one task of the person's own, in no project; `in_doubt` as in `post_comment`."""
        workspace = await self._workspace(project)
        return await extras.create_private_task(self._transport, workspace, person, task)

    async def listen(self, project: ProjectGid) -> ProjectStream:
        """What happens in the project; see `runs.ports.EventStream`."""
        return ProjectStream(self._transport, project, (await self.me()).gid)

    async def ask_for_webhook(self, project: ProjectGid, target: str) -> str:
        """Have Asana push the project's events to the target, which must answer the handshake meanwhile; the webhook's gid."""
        return await listening.create_webhook(self._transport, project, target)

    async def end_webhook(self, gid: str) -> None:
        """End a webhook of ours; one that is gone already is fine."""
        await listening.delete_webhook(self._transport, gid)

    async def _workspace(self, project: ProjectGid) -> str:
        """The project's workspace; asked once."""
        if project not in self._workspaces:
            about = About("find the workspace of", f"project {project}")
            found = (await self.project(project)).workspace
            if found is None:
                raise unreadable(about, 200, "it has no workspace")
            self._workspaces[project] = found
        return self._workspaces[project]

    async def find_status(self, project: ProjectGid, marker: str) -> str | None:
        """The gid of our oldest status update that holds the marker as a whole line, or None."""
        me = await self.me()
        return await extras.find_status(self._transport, project, marker, author=me.gid)

    async def post_status(self, project: ProjectGid, status_type: str, title: str, text: str) -> str:
        """Write one status update; `in_doubt` as in `post_comment`. It can be deleted but never edited."""
        return await extras.post_status(self._transport, project, status_type, title, text)

    async def find_attachment(self, task: TaskGid, name: str) -> str | None:
        """The gid of the task's oldest attachment with exactly this file name, or None."""
        return await extras.find_attachment(self._transport, task, name)

    async def attach(self, task: TaskGid, name: str, content: bytes) -> str:
        """Upload one file to the task; `in_doubt` as in `post_comment`."""
        return await extras.attach(self._transport, task, name, content)

    async def withdraw(self, kind: ParcelKind, gid: str) -> None:
        """Delete a second copy of something of ours; one that is gone already is fine."""
        await extras.withdraw(self._transport, kind, gid)

    async def create_approval(self, parent: TaskGid, wanted: ApprovalRequest) -> TaskGid:
        """Make one approval task under the parent; `in_doubt` as in `post_comment`."""
        return await approving.create_approval(self._transport, parent, wanted)

    async def find_approval(self, parent: TaskGid, marker: str) -> TaskGid | None:
        """The oldest subtask of the parent whose notes hold the marker as a whole line, or None."""
        return await approving.find_approval(self._transport, parent, marker)

    async def read_approval(self, task: TaskGid) -> ApprovalTask | None:
        """An approval task as it stands, or None where it is gone."""
        return await approving.read_approval(self._transport, task)

    async def list_answers(self, task: TaskGid) -> Sequence[Answer]:
        """What people said and did on an approval task, oldest first."""
        me = await self.me()
        return await approving.list_answers(self._transport, task, me=me.gid)

    async def set_approval(self, task: TaskGid, *, status: str = "", notes: str = "") -> None:
        """Set an approval task's status or notes; the same twice changes nothing."""
        await approving.set_approval(self._transport, task, status=status, notes=notes)

    async def read_field(self, task: TaskGid, name: str) -> FieldAnswer | None:
        """What a task's enum field of this name holds, and who chose it when; None where it is empty or not there."""
        me = await self.me()
        return await approving.read_field(self._transport, task, name, me=me.gid)

    async def clear_field(self, task: TaskGid, field: str) -> None:
        """Empty a custom field; the second time nothing happens."""
        await approving.clear_field(self._transport, task, field)
