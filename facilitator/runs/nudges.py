"""Who was nudged on which day: at most once, over all ceremonies and teams. Rows only; `service/nudging` decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from facilitator.board.snapshot import UserGid
from facilitator.runs import tables
from facilitator.runs.database import Database

APART = timedelta(hours=18)
"""Between two nudges of one person: two teams in far zones may both have a new day."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """One private word to one person: the exact words, and how often it was tried. `gid` is what it became."""

    person: UserGid
    day: date
    team: str
    title: str
    text: str
    at: datetime
    tries: int = 0
    gid: str | None = None


class NudgeLog:
    """The nudges of one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, nudge: Nudge) -> bool:
        """Claim the person's one nudge of the day with these words; False where it is taken, or another was just before."""
        nudges = tables.nudges
        try:
            with self._database.begin() as connection:
                lately = select(nudges.c.day).where(
                    nudges.c.person == nudge.person, nudges.c.at > nudge.at - APART
                )
                if connection.execute(lately).first() is not None:
                    return False
                connection.execute(insert(nudges).values(**_columns(nudge)))
        except IntegrityError:
            return False
        return True

    def owed(self, *, since: datetime, most: int) -> tuple[Nudge, ...]:
        """Nudges claimed since then that have not arrived and were tried fewer than `most` times."""
        nudges = tables.nudges
        query = select(nudges).where(nudges.c.gid.is_(None), nudges.c.at >= since, nudges.c.tries < most)
        with self._database.connect().execution_options(reading=True) as connection:
            rows = connection.execute(query.order_by(nudges.c.at, nudges.c.person)).all()
        return tuple(
            Nudge(
                row.person,
                date.fromisoformat(row.day),
                row.team,
                row.title,
                row.text,
                row.at,
                row.tries,
                row.gid,
            )
            for row in rows
        )

    def trying(self, nudge: Nudge) -> Nudge | None:
        """Record a try before it is made; None where another process makes it."""
        nudges = tables.nudges
        with self._database.begin() as connection:
            changed = connection.execute(
                update(nudges)
                .where(_same(nudge), nudges.c.tries == nudge.tries, nudges.c.gid.is_(None))
                .values(tries=nudge.tries + 1)
            )
        return replace(nudge, tries=nudge.tries + 1) if changed.rowcount == 1 else None

    def arrived(self, nudge: Nudge, gid: str) -> None:
        """Record what it became."""
        with self._database.begin() as connection:
            connection.execute(update(tables.nudges).where(_same(nudge)).values(gid=gid))

    def given_up(self, nudge: Nudge, most: int) -> None:
        """Record that it will not be tried again: what is refused for good must not be asked again all day."""
        with self._database.begin() as connection:
            connection.execute(update(tables.nudges).where(_same(nudge)).values(tries=most))


def _columns(nudge: Nudge) -> dict[str, Any]:
    return {
        "person": nudge.person, "day": nudge.day.isoformat(), "team": nudge.team, "title": nudge.title,
        "text": nudge.text, "at": nudge.at, "tries": nudge.tries, "gid": nudge.gid,
    }  # fmt: skip


def _same(nudge: Nudge) -> Any:
    nudges = tables.nudges
    return and_(nudges.c.person == nudge.person, nudges.c.day == nudge.day.isoformat())
