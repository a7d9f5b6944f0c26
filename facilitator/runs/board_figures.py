"""The figures of boards as they were read, kept beside the snapshots they were made of: a page reads a row, no snapshot.

A row is as old as its run's reading and is purged with it. Figures of another `FORMAT` are as if they were not there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, insert, select

from facilitator.board.figures import BoardFigures
from facilitator.runs import ledger_tables, tables
from facilitator.runs.database import Database
from facilitator.runs.overview import Overview, Pair
from facilitator.runs.run import Run

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = 1
"""Grows with every change of `BoardFigures` that what was kept before does not fit."""

kept = ledger_tables.board_figures


class KeptFigures:
    """The figures kept in one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, teams: Collection[str]) -> dict[str, BoardFigures]:
        """The figures of the newest reading of each team's board; teams without any are missing."""
        last = (
            select(kept.c.team, func.max(kept.c.window_end).label("end"))
            .where(kept.c.team.in_(teams), kept.c.format == FORMAT)
            .group_by(kept.c.team)
            .subquery()
        )
        query = (
            select(kept.c.team, kept.c.body)
            .join(last, (kept.c.team == last.c.team) & (kept.c.window_end == last.c.end))
            .where(kept.c.format == FORMAT)
            .order_by(kept.c.run_id)
        )
        return {row.team: _adapter().validate_json(row.body) for row in self._all(query)}

    def lacking(self, pairs: Sequence[Pair]) -> tuple[Run, ...]:
        """The run that read each team's board last, where its snapshot is kept and its figures are not made yet."""
        newest = Overview(self._database).newest(pairs).values()
        ids = [run.id for run in newest]
        made = exists().where(kept.c.run_id == tables.snapshots.c.run_id, kept.c.format == FORMAT)
        query = select(tables.snapshots.c.run_id, made.label("made")).where(
            tables.snapshots.c.run_id.in_(ids)
        )
        read = {row.run_id: bool(row.made) for row in self._all(query)}
        last: dict[str, Run] = {}
        for run in newest:
            if run.id in read and (run.team not in last or run.window.end > last[run.team].window.end):
                last[run.team] = run
        return tuple(run for run in last.values() if not read[run.id])

    def keep(self, run: Run, figures: BoardFigures) -> None:
        """Keep what was made of the run's snapshot, if it is still there; the second time replaces the first."""
        here = tables.snapshots.c.run_id == run.id
        row = {"run_id": run.id, "team": run.team, "window_end": run.window.end, "format": FORMAT}
        body = _adapter().dump_json(figures).decode()
        with self._database.begin() as connection:
            connection.execute(delete(kept).where(kept.c.run_id == run.id))
            if connection.execute(select(tables.snapshots.c.run_id).where(here)).first() is not None:
                connection.execute(insert(kept).values(**row, body=body))

    def _all(self, query: Any) -> Sequence[Any]:
        with self._database.connect().execution_options(reading=True) as connection:
            return connection.execute(query).all()


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[BoardFigures]:
    from pydantic import TypeAdapter

    return TypeAdapter(BoardFigures)
