"""Which histories one read needs: begun while the pages of tasks still come, chosen newest first once all tasks are known.

On a large board the pages are what takes time, for each is asked with the offset that the one before it gave; the
histories are read meanwhile. Owns the choice and the cap; the call itself is handed in as work that is underway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from facilitator.asana.at_once import Underway
from facilitator.asana.history import (
    CacheMark,
    EarlierRead,
    History,
    StoryCache,
    mark_of,
    may_have_news,
    newest_first,
)
from facilitator.board.snapshot import ProjectGid, SectionGid, Task, TaskGid

KEPT_FOR_NEWEST = 1000
"""Of the cap on histories so many are not begun before all tasks are known: where it cuts, it cuts the longest untouched."""


@dataclass(slots=True)
class Histories:
    """The histories of one read. `most` is the cap, `first_section` and `since` as in `may_have_news`."""

    project: ProjectGid
    cache: StoryCache
    earlier: EarlierRead
    since: datetime | None
    first_section: SectionGid | None
    most: int
    reading: Underway[Task, History | None]
    begun: dict[TaskGid, CacheMark] = field(default_factory=dict)

    def meet(self, tasks: Iterable[Task]) -> None:
        """Begin to read what these tasks need, as far as there is plenty of room."""
        for task in tasks:
            if (
                len(self.begun) < self.most - KEPT_FOR_NEWEST
                and task.gid not in self.begun
                and self._needs(task)
            ):
                self._begin(task)

    def choose(self, tasks: Iterable[Task]) -> int:
        """Begin to read whatever else all the tasks need, the newest first; how many the cap leaves out.

        A task that changed since its history was begun is read again: its newest story may not be in it.
        """
        wanted = newest_first(
            task for task in tasks if self.begun.get(task.gid) != mark_of(task) and self._needs(task)
        )
        room = max(0, self.most - len(self.begun))
        for task in wanted[:room]:
            self._begin(task)
        return len(wanted[room:])

    def of(self, task: Task) -> History | None:
        """The task's whole history, once all are read; None where it has none worth a call, or could not be read."""
        kept = self.cache.get(self.project, task)
        if kept is not None or not self._may_have_news(task):
            return kept
        return self.earlier.get(task) or self.reading.results.get(task.gid)

    def _needs(self, task: Task) -> bool:
        return (
            self._may_have_news(task)
            and self.cache.get(self.project, task) is None
            and self.earlier.get(task) is None
        )

    def _may_have_news(self, task: Task) -> bool:
        return may_have_news(task, self.since, self.first_section)

    def _begin(self, task: Task) -> None:
        self.begun[task.gid] = mark_of(task)
        self.reading.begin(task.gid, task)
