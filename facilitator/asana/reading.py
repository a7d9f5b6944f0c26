"""One board - a project, or several that a team works in - read once, into a `Snapshot`.

Owns the order of the calls and their number: the project, its sections, its tasks page by page, and meanwhile one call for
each history that may hold news. It computes no figure and rewinds nothing; the board replays the histories.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from facilitator.asana import wire
from facilitator.asana.at_once import at_once, underway
from facilitator.asana.blindspots import UNPAID_TASKS, BlindSpots
from facilitator.asana.boards import all_fields, all_sections, as_board_project, read_more
from facilitator.asana.fields import PAID_TASK_FIELDS, STORY_FIELDS, TASK_FIELDS, asked
from facilitator.asana.histories import Histories
from facilitator.asana.history import EarlierRead, History, StoryCache, in_order, with_history
from facilitator.asana.limits import Limits
from facilitator.asana.paging import Record, read_all
from facilitator.asana.parsing import homes, is_separator, parse_task, people_in
from facilitator.asana.project import Project, address, read_project, readable
from facilitator.asana.refusals import About
from facilitator.asana.stories import is_of_another_board, parse_story
from facilitator.asana.transport import Transport
from facilitator.asana.wire import BrokenRecord, Raw
from facilitator.board.snapshot import (
    ProjectGid,
    Section,
    SectionGid,
    Snapshot,
    Story,
    Task,
    TaskGid,
    User,
    UserGid,
)
from facilitator.errors import TrackerError
from facilitator.runs.marking import is_home
from facilitator.runs.ports import ALONE, MoreProjects

OnProgress = Callable[[str, int], None]
DEEPEST_SUBTASK = 5
"""Asana allows five levels of subtasks (guide of tasks, mid 2026)."""


@dataclass(slots=True)
class ProjectReader:
    """Reads one project. A reader serves one read: it gathers names and blind spots as it goes."""

    transport: Transport
    limits: Limits
    cache: StoryCache
    project: ProjectGid
    on_progress: OnProgress
    more: MoreProjects = field(default_factory=MoreProjects)
    blind: BlindSpots = field(default_factory=BlindSpots)
    names: dict[UserGid, str] = field(default_factory=dict)
    boards: frozenset[ProjectGid] = frozenset()
    parsed: dict[int, tuple[Raw, Task]] = field(default_factory=dict)
    """By the identity of the record, which is kept with it."""
    earlier: Snapshot | None = None
    """An earlier read, whose histories are taken where they still hold."""

    async def read(self, *, me: User, as_of: datetime, since: datetime | None) -> Snapshot:
        """Make the calls and put the snapshot together."""
        board = await self._board(self.more, since)
        self._meet((*board[0].members, me))
        sections = await all_sections(self.transport, board, self.blind)
        async with self._histories(sections, since) as histories:
            tasks = await self._tasks(as_of, histories.meet)
            self.blind.count("capped", histories.choose(tasks))
        return self._snapshot(board, sections, me, as_of, self._told(tasks, histories, as_of))

    async def read_some(self, gids: Sequence[TaskGid], *, me: User, as_of: datetime) -> Snapshot:
        """The same of a few tasks only, each asked for by its gid; one that is gone or hidden is left out."""
        board = await self._board(ALONE, None)
        raws = await at_once(list(gids), self._one_task, width=self.limits.reads_in_flight)
        found = readable(
            (raw for raw in raws if raw is not None), self._task, lambda: self.blind.count("tasks")
        )
        sections = await all_sections(self.transport, board, self.blind)
        async with self._histories(sections, None) as histories:
            self.blind.count("capped", histories.choose(found))
        return self._snapshot(board, sections, me, as_of, self._told(found, histories, as_of))

    async def _board(self, more: MoreProjects, since: datetime | None) -> tuple[Project, ...]:
        project = await read_project(self.transport, self.project)
        board = (project, *await read_more(self.transport, project, more, since))
        self.boards = frozenset(one.gid for one in board)
        return board

    def _snapshot(
        self,
        board: tuple[Project, ...],
        sections: tuple[Section, ...],
        me: User,
        as_of: datetime,
        tasks: tuple[Task, ...],
    ) -> Snapshot:
        spots = (*(spot for one in board for spot in one.blind_spots), *self.blind.sentences())
        return Snapshot(
            project=self.project,
            project_name=board[0].name,
            as_of=as_of,
            tasks=tasks,
            sections=sections,
            custom_fields=all_fields(board),
            users=tuple(User(gid, name) for gid, name in self.names.items()),
            members=tuple(member.gid for member in board[0].members),
            blind_spots=tuple(dict.fromkeys(spots)),
            bot=me.gid,
            projects=tuple(map(as_board_project, board)) if len(board) > 1 else (),
        )

    # --- tasks -------------------------------------------------------------------------------------------------------

    async def _tasks(self, as_of: datetime, meet: Callable[[Iterable[Task]], None]) -> tuple[Task, ...]:
        """The tasks there were at the instant; one made later is no part of that board, read as late as it may be.

        `meet` is told of those of each page as it comes; the last page may still tell of another state of one of them.
        """

        def on_page(page: list[Record]) -> None:
            whole = [raw for raw in page if _is_of_board(raw, as_of)]
            meet(readable(whole, self._task, lambda: None))

        raws = []
        for gid in sorted(self.boards, key=lambda gid: (gid != self.project, gid)):
            raws += await self._task_records(address("projects", gid, "tasks"), f"project {gid}", on_page)
        raws = [raw for raw in raws if _is_of_board(raw, as_of)]
        if self.limits.subtasks:
            raws += await self._subtasks(raws)
        else:
            self.blind.count(
                "subtasks", sum(_has_subtasks(raw) and not is_home(raw.get("notes")) for raw in raws)
            )
        unique = {str(raw.get("gid") or index): raw for index, raw in enumerate(raws)}
        return readable(unique.values(), self._task, lambda: self.blind.count("tasks"))

    async def _one_task(self, gid: TaskGid) -> Record | None:
        wanted = {"opt_fields": asked(TASK_FIELDS)}
        try:
            body = await self.transport.get(address("tasks", gid), wanted, About("read", f"task {gid}"))
        except TrackerError as error:
            if error.status not in (403, 404):
                raise
            return None
        found = body["data"]
        return found if isinstance(found, dict) else None

    async def _task_records(
        self, path: str, of: str, meet: Callable[[list[Record]], None] = lambda _page: None
    ) -> list[Record]:
        about = About("read", f"the tasks of {of}")

        def on_page(page: list[Record], count: int) -> None:
            self.on_progress("tasks", count)
            meet(page)

        try:
            wanted = {"opt_fields": asked(TASK_FIELDS, PAID_TASK_FIELDS)}
            return await read_all(self.transport, path, wanted, about, on_page=on_page)
        except TrackerError as error:
            if error.status != 402:
                raise
        self.blind.say(UNPAID_TASKS)
        return await read_all(
            self.transport, path, {"opt_fields": asked(TASK_FIELDS)}, about, on_page=on_page
        )

    async def _subtasks(self, parents: Sequence[Record]) -> list[Record]:
        """All subtasks below these tasks. There is no call for all of a project's: one for each parent."""
        found: list[Record] = []
        for _level in range(DEEPEST_SUBTASK):
            gids = [str(raw["gid"]) for raw in parents if raw.get("gid") and _has_subtasks(raw)]
            lists = await at_once(gids, self._subtask_records, width=self.limits.reads_in_flight)
            parents = [raw for some in lists for raw in some if not is_separator(raw)]
            found += parents
        return found

    async def _subtask_records(self, gid: str) -> list[Record]:
        return await self._task_records(address("tasks", gid, "subtasks"), f"task {gid}")

    def _task(self, raw: Raw) -> Task:
        """The record, parsed; what was met on its page is not parsed again."""
        known = self.parsed.get(id(raw))
        if known is None:
            known = self.parsed[id(raw)] = (raw, self._parse(raw))
        return known[1]

    def _parse(self, raw: Raw) -> Task:
        task = parse_task(raw, self.project, on_bad_value=lambda _field: self.blind.count("values"))
        if len(self.boards) > 1:
            task = replace(task, homes=homes(raw, self.boards))
        self._meet(people_in(raw))
        return task

    # --- histories ---------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _histories(
        self, sections: Sequence[Section], since: datetime | None
    ) -> AsyncIterator[Histories]:
        """A block in which histories are begun; at its end they are read."""
        ours = frozenset(section.gid for section in sections)
        first = sections[0].gid if sections else None
        known = EarlierRead(self.earlier, self.project, self.boards)
        async with underway(
            partial(self._history, ours=ours),
            width=self.limits.reads_in_flight,
            on_done=lambda count: self.on_progress("histories", count),
        ) as reading:
            yield Histories(self.project, self.cache, known, since, first, self.limits.story_reads, reading)

    async def _history(self, task: Task, ours: frozenset[SectionGid]) -> History | None:
        """The whole history of one task; None, and a blind spot, where the task went away since it was listed."""
        about = About("read", f"the history of task {task.gid}")
        path = address("tasks", task.gid, "stories")
        try:
            raws = await read_all(self.transport, path, {"opt_fields": asked(STORY_FIELDS)}, about)
        except TrackerError as error:
            if error.status not in (403, 404):
                raise
            self.blind.count("histories")
            return None
        found = readable(raws, lambda raw: self._told_by(raw, ours), lambda: self.blind.count("stories"))
        own = [entry for entry in found if entry is not None]
        history = History(
            in_order(story for story, _people in own),
            tuple(person for _story, some in own for person in some),
        )
        self.cache.put(self.project, task, history)
        return history

    def _told_by(self, raw: Raw, ours: frozenset[SectionGid]) -> tuple[Story, tuple[User, ...]] | None:
        if is_of_another_board(raw, self.boards, ours):
            return None
        return parse_story(raw), tuple(people_in(raw))

    def _told(self, tasks: Iterable[Task], histories: Histories, as_of: datetime) -> tuple[Task, ...]:
        found: list[Task] = []
        for task in tasks:
            history = histories.of(task)
            if history is not None:
                self._meet(history.people)
            found.append(task if history is None else with_history(task, history.stories, as_of))
        return tuple(found)

    def _meet(self, people: Iterable[User]) -> None:
        """Keep the first name seen of each person: those who left are named in histories only."""
        for person in people:
            if not self.names.get(person.gid):
                self.names[person.gid] = person.name


def _is_of_board(raw: Raw, as_of: datetime) -> bool:
    """Whether it was a task of the board at the instant: no separator, and not made later."""
    return not is_separator(raw) and not _is_later(raw, as_of)


def _is_later(raw: Raw, as_of: datetime) -> bool:
    try:
        made = wire.instant(raw, "created_at")
    except BrokenRecord:
        return False
    return made is not None and made > as_of


def _has_subtasks(raw: Record) -> bool:
    count = raw.get("num_subtasks")
    return isinstance(count, int) and count > 0
