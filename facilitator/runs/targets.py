"""The tasks that documents are written on, where the configuration names none: each made once, whoever needs it first.

Several runs of one ceremony may need its task at the same instant, and Asana's list may not show a task that was made a
moment ago. So the attempt is recorded before the task is made, with the marker by which it is found again. This module
keeps the record and looks; one at a time is seen to by the caller's lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from facilitator.board.snapshot import ProjectGid, TaskGid
from facilitator.runs import tables
from facilitator.runs.database import Database
from facilitator.runs.delivery import LOOK_AGAIN, Delivery, Ways
from facilitator.runs.ports import Fields, NewTask

TRUSTED_FOR = timedelta(minutes=10)
"""How long our own record counts for more than a list that does not show the task; afterwards people have renamed,
finished or deleted it, and a new one is made."""


@dataclass(frozen=True, slots=True)
class Target:
    """One attempt at making a task of this name; `gid` None means doubt: look for the marker first."""

    project: ProjectGid
    name: str
    marker: str
    attempted_at: datetime
    gid: TaskGid | None


class Targets:
    """The newest attempt for each name in each project, in one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, project: ProjectGid, name: str) -> Target | None:
        """The newest attempt at a task of this name, or None."""
        table = tables.targets
        query = select(table).where(table.c.project == project, table.c.name == name)
        with self._database.connect().execution_options(asking=True) as connection:
            row = connection.execute(query).first()
        return None if row is None else _target(row)

    def attempt(self, project: ProjectGid, name: str, marker: str, *, now: datetime) -> None:
        """Record that a task is about to be made; the second time the newer attempt counts."""
        table = tables.targets
        with self._database.begin() as connection:
            connection.execute(delete(table).where(table.c.project == project, table.c.name == name))
            connection.execute(
                insert(table).values(project=project, name=name, marker=marker, attempted_at=now)
            )

    def made(self, project: ProjectGid, name: str, gid: TaskGid) -> None:
        """Record the task that the attempt became."""
        table = tables.targets
        with self._database.begin() as connection:
            connection.execute(
                update(table).where(table.c.project == project, table.c.name == name).values(gid=gid)
            )


@dataclass(frozen=True, slots=True)
class TargetFinder:
    """Finds the task of a name, or makes it once; `marker` names the run that would make it."""

    targets: Targets
    delivery: Delivery
    clock: Callable[[], datetime]

    async def find_or_make(
        self,
        project: ProjectGid,
        name: str,
        *,
        about: str,
        marker: str,
        fields: Callable[[], Fields] = tuple,
    ) -> TaskGid:
        """The project's open task of that name, made if there is none. The caller holds a lock on the name.

        `about` is the first line of a new task's notes, for people; the marker is the last. `fields` is asked only where
        a task must be made.
        """
        tracker, latest = self.delivery.tracker, self.targets.latest(project, name)
        if found := await tracker.find_task(project, name):
            return found
        fresh = latest if latest and self.clock() - latest.attempted_at < TRUSTED_FOR else None
        if fresh and (known := fresh.gid or await self._lost(fresh)):
            return known
        self.targets.attempt(project, name, marker, now=self.clock())
        ways = Ways(
            lambda: tracker.find_marked_task(project, marker),
            lambda: tracker.create_task(project, NewTask(name, f"{about}\n{marker}", fields=fields())),
        )
        made = TaskGid(await self.delivery.once(ways, lambda: None))
        self.targets.made(project, name, made)
        return made

    async def _lost(self, latest: Target) -> TaskGid | None:
        """The task of an attempt whose answer nobody recorded."""

        async def find() -> str | None:
            return await self.delivery.tracker.find_marked_task(latest.project, latest.marker)

        found = await self.delivery.look(find, LOOK_AGAIN)
        if found:
            self.targets.made(latest.project, latest.name, TaskGid(found))
        return TaskGid(found) if found else None


def _target(row: Row[Any]) -> Target:
    return Target(ProjectGid(row.project), row.name, row.marker, row.attempted_at, row.gid)
