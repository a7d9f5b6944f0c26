"""The sprints last seen on each team's board, so that a start needs no question to Asana to know when retros are due.

A memory, not a truth: the board says it anew at the next look, and what it says replaces what stands here.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from facilitator.calendar.fires import SprintSpan
from facilitator.runs import tables
from facilitator.runs.database import Database


class SprintLog:
    """Sprint spans by team, in one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, team: str, spans: Sequence[SprintSpan]) -> None:
        """Replace what is known of the team's sprints; of two with one name the later one is kept."""
        table = tables.sprints_seen
        rows = {
            span.name: {"team": team, "name": span.name, "begins": span.start, "ends": span.end}
            for span in sorted(spans, key=lambda span: span.end)
        }
        with self._database.begin() as connection:
            connection.execute(delete(table).where(table.c.team == team))
            if rows:
                connection.execute(insert(table), list(rows.values()))

    def all(self) -> dict[str, tuple[SprintSpan, ...]]:
        """Every team's sprints as last seen, oldest end first."""
        table = tables.sprints_seen
        found: dict[str, tuple[SprintSpan, ...]] = {}
        with self._database.connect().execution_options(reading=True) as connection:
            for row in connection.execute(select(table).order_by(table.c.team, table.c.ends)):
                found[row.team] = (*found.get(row.team, ()), SprintSpan(row.name, row.begins, row.ends))
        return found
