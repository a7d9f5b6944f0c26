"""A small honest tracker: it keeps what is written, lists it late if told to, and loses answers if told to.

It keeps the promise of `Tracker` for everything `Delivery` does; reading a project is not among that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from facilitator.board.snapshot import ProjectGid, Snapshot, StoryGid, Task, TaskGid, User, UserGid
from facilitator.board.wishes import Edit
from facilitator.errors import TrackerError
from facilitator.runs.approval_board import Answer, ApprovalRequest, ApprovalTask
from facilitator.runs.ports import ALONE, Comment, Echo, MoreProjects, NewTask
from facilitator.runs.run import ParcelKind

NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


def lost() -> TrackerError:
    """The answer of a write that may have happened."""
    return TrackerError("the answer was lost.", retryable=True, in_doubt=True)


def refused() -> TrackerError:
    """The answer of a write that did not happen and never will."""
    return TrackerError("403, no right to do this.", status=403)


@dataclass
class Fate:
    """What becomes of one write: whether it happens, and the error that is raised instead of an answer."""

    happens: bool = True
    error: TrackerError | None = None


@dataclass
class Kept:
    """One thing on the board; `unseen` looks still pass it by."""

    gid: str
    where: str
    marker: str
    text: str
    unseen: int = 0
    kind: str = "comment"
    name: str = ""


@dataclass
class InMemoryTracker:
    """`fates` are used up write by write; `delay` is how many looks miss a new thing; `log` tells all in order."""

    fates: list[Fate] = field(default_factory=list)
    delay: int = 0
    things: list[Kept] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @property
    def writes(self) -> int:
        """How often something was sent."""
        return sum(line.startswith("write") for line in self.log)

    def _write(self, kind: str, where: str, marker: str, text: str, name: str = "") -> str:
        self.log.append(f"write {kind}")
        fate = self.fates.pop(0) if self.fates else Fate()
        gid = str(100 + len(self.things))
        if fate.happens:
            self.things.append(Kept(gid, where, marker, text, self.delay, kind, name))
        if fate.error:
            raise fate.error
        return gid

    def _find(self, kind: str, where: str, marker: str) -> list[Kept]:
        self.log.append(f"find {kind}")
        fitting = [
            one
            for one in self.things
            if (one.kind, one.where) == (kind, where) and marker in (one.marker, one.name)
        ]
        seen = [one for one in fitting if one.unseen == 0]
        for one in fitting:
            one.unseen = max(0, one.unseen - 1)
        return seen

    async def me(self) -> User:
        """The bot."""
        return User(UserGid("500"), "Bot")

    async def read_project(
        self,
        project: ProjectGid,
        *,
        as_of: datetime,
        history_since: datetime | None = None,
        more: MoreProjects = ALONE,
        earlier: Snapshot | None = None,
    ) -> Snapshot:
        """Not kept here."""
        raise NotImplementedError

    async def read_tasks(self, project: ProjectGid, tasks: Sequence[TaskGid], *, as_of: datetime) -> Snapshot:
        """Not kept here."""
        raise NotImplementedError

    async def read_task(self, project: ProjectGid, task: TaskGid) -> Task | None:
        """Not kept here."""
        raise NotImplementedError

    async def amend_task(self, task: TaskGid, edit: Edit) -> None:
        """Not kept here."""
        raise NotImplementedError

    async def find_comments(self, task: TaskGid, marker: str) -> Sequence[Comment]:
        """Comments by their last line."""
        return [self._comment(one) for one in self._find("comment", task, marker)]

    async def own_comments(self, task: TaskGid) -> Sequence[Comment]:
        """Every comment on the task."""
        return [self._comment(one) for one in self.things if (one.kind, one.where) == ("comment", task)]

    async def post_comment(self, task: TaskGid, html: str) -> Comment:
        """One comment more."""
        gid = self._write("comment", task, html.splitlines()[-1], html)
        return self._comment(next(one for one in self.things if one.gid == gid))

    async def read_comment(self, story: StoryGid) -> Comment | None:
        """The comment by its gid."""
        self.log.append("read comment")
        return next((self._comment(one) for one in self.things if one.gid == story), None)

    async def read_echoes(self, task: TaskGid) -> Sequence[Echo]:
        """The comments there are, as nobody's."""
        ours = [self._comment(one) for one in self.things if one.where == task]
        return [Echo(one.gid, "", one.created_at, one.text) for one in ours]

    async def find_task(self, project: ProjectGid, name: str) -> TaskGid | None:
        """A task by its name."""
        return next((TaskGid(one.gid) for one in self._find("task", project, name)), None)

    async def create_task(self, project: ProjectGid, task: NewTask) -> TaskGid:
        """One task more, known by the last line of its notes, else by its name."""
        marker = (task.notes or task.name).splitlines()[-1]
        return TaskGid(self._write("task", project, marker, repr(replace(task, notes="")), task.name))

    async def find_marked_task(self, project: ProjectGid, marker: str) -> TaskGid | None:
        """A task by the last line of its notes."""
        return next((TaskGid(one.gid) for one in self._find("task", project, marker)), None)

    async def find_status(self, project: ProjectGid, marker: str) -> str | None:
        """A status update by its last line."""
        return next((one.gid for one in self._find("status", project, marker)), None)

    async def post_status(self, project: ProjectGid, status_type: str, title: str, text: str) -> str:
        """One status update more."""
        return self._write("status", project, text.splitlines()[-1], f"{status_type} {title}")

    async def find_attachment(self, task: TaskGid, name: str) -> str | None:
        """An attachment by its name."""
        return next((one.gid for one in self._find("attachment", task, name)), None)

    async def attach(self, task: TaskGid, name: str, content: bytes) -> str:
        """One attachment more."""
        return self._write("attachment", task, name, content.decode("latin-1"))

    async def withdraw(self, kind: ParcelKind, gid: str) -> None:
        """One thing less."""
        self.log.append(f"withdraw {kind}")
        self.things = [one for one in self.things if one.gid != gid]

    async def create_approval(self, parent: TaskGid, wanted: ApprovalRequest) -> TaskGid:
        """One approval task more, known by the last line of its notes."""
        return TaskGid(self._write("approval", parent, wanted.notes.splitlines()[-1], wanted.notes))

    async def find_approval(self, parent: TaskGid, marker: str) -> TaskGid | None:
        """An approval task by its last line."""
        return next((TaskGid(one.gid) for one in self._find("approval", parent, marker)), None)

    async def read_approval(self, task: TaskGid) -> ApprovalTask | None:
        """The approval task by its gid; nobody ever answers here."""
        found = next((one for one in self.things if one.gid == task), None)
        return None if found is None else ApprovalTask(task, "pending", found.text)

    async def list_answers(self, task: TaskGid) -> Sequence[Answer]:
        """Nobody says anything."""
        del task
        return ()

    async def set_approval(self, task: TaskGid, *, status: str = "", notes: str = "") -> None:
        """Only written down that it was asked for."""
        self.log.append(f"set approval {task} {status}{notes and ' notes'}")

    async def read_field(self, task: TaskGid, name: str) -> None:
        """No fields here."""

    async def clear_field(self, task: TaskGid, field: str) -> None:
        """Nothing to clear."""

    def _comment(self, kept: Kept) -> Comment:
        return Comment(StoryGid(kept.gid), TaskGid(kept.where), kept.text, kept.text, NOW)
