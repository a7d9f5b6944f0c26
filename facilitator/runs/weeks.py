"""The run log in weeks: sums over many runs are made week by week, and `stamps` tells in which weeks a run has moved since.

A run belongs to the week it was fired in, from Monday 0:00 UTC. What was summed up for a week stays right while its stamp
stays the same, so a reader may keep it. This module sums nothing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Label, case, func, literal, select

from facilitator.runs import tables
from facilitator.runs.database import Database

Stamp = tuple[int, int]
"""How many runs a week has, and the sum of their versions: any step of any of them makes it grow."""

runs = tables.runs
WEEK = "week"
WEEKS = 12
"""So many are told on the pages: the present one and those before it."""


def mondays(now: datetime, count: int) -> tuple[datetime, ...]:
    """The beginnings of the last so many weeks, oldest first; the last one is the present week's."""
    today = now.astimezone(UTC).date()
    this = datetime.combine(today - timedelta(days=today.weekday()), time(), UTC)
    return tuple(this - timedelta(weeks=back) for back in range(count - 1, -1, -1))


def week_of(weeks: Sequence[datetime]) -> Label[int]:
    """The place of a run's week among these beginnings, which are in order; runs from before the first must be left out.

    It is called `WEEK`, and grouped by that name: its parameters would make two expressions of it.
    """
    later = [(runs.c.created_at >= start, place) for place, start in enumerate(weeks)][1:]
    return (case(*reversed(later), else_=0) if later else literal(0)).label(WEEK)


def fired_in(teams: Collection[str], weeks: Sequence[datetime]) -> tuple[ColumnElement[bool], ...]:
    """Runs of these teams fired since the first of these weeks began: the index `runs_by_fire` answers."""
    return runs.c.team.in_(teams), runs.c.created_at >= weeks[0]


class Weeks:
    """Where the weeks of one run log stand."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stamps(self, teams: Collection[str], weeks: Sequence[datetime]) -> dict[datetime, Stamp]:
        """The stamp of each week, for the runs of these teams."""
        counts = (func.count(), func.sum(runs.c.version))
        query = select(week_of(weeks), *counts).where(*fired_in(teams, weeks)).group_by(WEEK)
        with self._database.connect().execution_options(reading=True) as connection:
            rows: Sequence[Any] = connection.execute(query).all()
        found = {weeks[place]: (int(count), int(versions)) for place, count, versions in rows}
        return {start: found.get(start, (0, 0)) for start in weeks}
