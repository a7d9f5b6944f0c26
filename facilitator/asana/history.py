"""Which histories are worth a call, and what is kept of them: the choice that makes a read cheap or dear.

Owns the rule of what to read again, and the cache of histories. One call per task is the price of history in Asana; a
team's daily read must not pay it for tasks that have not changed. Nothing here calls Asana.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from facilitator.board.snapshot import ProjectGid, SectionGid, Snapshot, Story, Task, TaskGid, User

COMMENT = "comment_added"
CacheKey = tuple[ProjectGid, TaskGid]
CacheMark = tuple[datetime, SectionGid | None, tuple[tuple[str, SectionGid | None], ...]]


@dataclass(frozen=True, slots=True)
class History:
    """A task's stories, oldest first, and the people they name."""

    stories: tuple[Story, ...]
    people: tuple[User, ...] = ()


class StoryCache:
    """Histories already read, kept while the task's `modified_at` and section stay what they were.

    The section is part of the mark because moving a task may leave `modified_at` alone. A task moved away and back in
    between looks unchanged; we accept that. Bounded: the histories stored first leave first.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._kept: dict[CacheKey, tuple[CacheMark, History]] = {}

    def get(self, project: ProjectGid, task: Task) -> History | None:
        """The task's whole history, or None where it must be read."""
        kept = self._kept.get((project, task.gid))
        return kept[1] if kept and kept[0] == mark_of(task) else None

    def put(self, project: ProjectGid, task: Task, history: History) -> None:
        """Keep a whole history, in place of an older one of the same task."""
        self._kept.pop((project, task.gid), None)
        self._kept[project, task.gid] = (mark_of(task), history)
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]


class EarlierRead:
    """The histories of an earlier snapshot of the same board, from whatever process read it, as far as they still hold.

    A task's does while `modified_at`, section and homes are what they were, and only where `modified_at` lies before the
    earlier read's `as_of`: what was written later that day is not in that snapshot.
    """

    def __init__(self, snapshot: Snapshot | None, project: ProjectGid, boards: frozenset[ProjectGid]) -> None:
        """`boards` are the projects read now: a history knows only of those it was read for."""
        self._tasks: dict[TaskGid, Task] = {}
        self._names: dict[str, User] = {}
        if snapshot is not None and _boards(snapshot) == boards | {project}:
            self._tasks = {
                task.gid: task
                for task in snapshot.tasks
                if task.stories_read and task.modified_at < snapshot.as_of
            }
            self._names = {user.gid: user for user in snapshot.users}

    def get(self, task: Task) -> History | None:
        """The task's whole history, or None where it must be read."""
        earlier = self._tasks.get(task.gid)
        if earlier is None or mark_of(earlier) != mark_of(task):
            return None
        told = dict.fromkeys(story.created_by for story in earlier.stories if story.created_by)
        return History(earlier.stories, tuple(self._names[gid] for gid in told if gid in self._names))


def _boards(snapshot: Snapshot) -> frozenset[ProjectGid]:
    return frozenset({snapshot.project, *(board.gid for board in snapshot.projects)})


def mark_of(task: Task) -> CacheMark:
    """What changes with a task's history, as far as the task itself tells."""
    return (task.modified_at, task.section, tuple(sorted(task.homes.items(), key=lambda one: one[0])))


def may_have_news(task: Task, since: datetime | None, first_section: SectionGid | None) -> bool:
    """Tell whether a task's history may hold something at or after `since` (None: all of it is wanted).

    Asana's prose contradicts itself on whether moving a task to another section moves `modified_at` (guide of tasks,
    mid 2026), so `modified_at` alone would miss such moves. Open tasks beyond the first section are therefore always
    read: they are the work in progress, few on any board, and the ones whose moves a document speaks of. A move that
    ends in the first section, or of a task completed before, is taken to show in `modified_at`. An open task in several of
    the board's projects is in a sprint's, so it is read too.
    """
    if since is None or task.modified_at >= since:
        return True
    if task.completed:
        return False
    return len(task.homes) > 1 or (task.section is not None and task.section != first_section)


def newest_first(tasks: Iterable[Task]) -> list[Task]:
    """The order in which histories are read, so that a cap cuts off the tasks longest untouched."""
    return sorted(tasks, key=lambda task: (task.modified_at, len(task.gid), task.gid), reverse=True)


def in_order(stories: Iterable[Story]) -> tuple[Story, ...]:
    """Oldest first. Asana promises no order; gids grow, and longer ones are newer."""
    return tuple(sorted(stories, key=lambda story: (story.created_at, len(story.gid), story.gid)))


def with_history(task: Task, stories: Sequence[Story], until: datetime) -> Task:
    """The task with its history, less the comments written after `until`.

    Later changes stay: replay needs them to undo what the task shows now (a window caught up hours late would
    otherwise be told with today's sections and dates).
    """
    kept = tuple(story for story in stories if story.created_at <= until or story.subtype != COMMENT)
    return replace(task, stories=kept, stories_read=True)
