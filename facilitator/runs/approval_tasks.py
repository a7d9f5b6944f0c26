"""Which approval tasks were made in Asana, for which draft of which run, and how far their answers were heard.

One row for each run and draft digest: another draft is another question. This module keeps rows; what is asked and what an
answer means is said by `asking` and `answers`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Row, insert, select, update

from facilitator.runs import tables
from facilitator.runs.database import Database
from facilitator.runs.run import RunId


@dataclass(frozen=True, slots=True)
class Asked:
    """One approval task. `attempted_at` set and no `gid` means doubt: look before making another.

    `seen` is the task's own stamp when it was last read; `heard` names every answer that was acted on or passed over, so
    that each counts once. `closed_at` set means that nothing on it counts any more.
    """

    run_id: RunId
    draft_digest: str
    marker: str
    attempted_at: datetime | None = None
    gid: str | None = None
    seen: str = ""
    heard: frozenset[str] = frozenset()
    reminded_at: datetime | None = None
    closed_at: datetime | None = None

    def hearing(self, key: str) -> Asked:
        """The same with one answer more that counts no second time."""
        return replace(self, heard=self.heard | {key})


class ApprovalTasks:
    """The approval tasks of one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, run: RunId, digest: str) -> Asked | None:
        """The task for this draft of the run, or None where it was never asked about."""
        return next((asked for asked in self._of(run) if asked.draft_digest == digest), None)

    def open_of(self, run: RunId) -> tuple[Asked, ...]:
        """The run's tasks that were not closed yet."""
        return tuple(asked for asked in self._of(run) if asked.closed_at is None)

    def open_runs(self) -> tuple[RunId, ...]:
        """Every run that has a task which was not closed yet."""
        table = tables.approval_tasks
        query = select(table.c.run_id).where(table.c.closed_at.is_(None)).distinct().order_by(table.c.run_id)
        with self._database.connect().execution_options(reading=True) as connection:
            return tuple(RunId(row.run_id) for row in connection.execute(query))

    def asked_on(self, tasks: Collection[str]) -> tuple[RunId, ...]:
        """The runs that are asked about on any of these tasks and were not closed yet."""
        table = tables.approval_tasks.c
        query = select(table.run_id).where(table.gid.in_(tasks), table.closed_at.is_(None)).distinct()
        with self._database.connect().execution_options(reading=True) as connection:
            return tuple(RunId(run) for run in connection.execute(query).scalars())

    def keep(self, asked: Asked) -> Asked:
        """Record the row as it now is; gives it back."""
        table = tables.approval_tasks
        row = {**asdict(asked), "heard": " ".join(sorted(asked.heard))}
        same = (table.c.run_id == asked.run_id, table.c.draft_digest == asked.draft_digest)
        with self._database.begin() as connection:
            if connection.execute(update(table).where(*same).values(**row)).rowcount == 0:
                connection.execute(insert(table).values(**row))
        return asked

    def _of(self, run: RunId) -> tuple[Asked, ...]:
        table = tables.approval_tasks
        query = select(table).where(table.c.run_id == run)
        with self._database.connect().execution_options(reading=True) as connection:
            return tuple(_asked(row) for row in connection.execute(query))


def _asked(row: Row[tuple[object, ...]]) -> Asked:
    raw = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return Asked(**{**raw, "heard": frozenset(raw["heard"].split())})
