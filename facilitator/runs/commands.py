"""What people asked for on the board, each once, and how far into each project's event stream we have listened.

A command is known by the story or task it was said with, so that an event told twice, or found again in a full look, is
one command. Rows only: what a command means and whether it may run is decided by `service/commands`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from facilitator.board.snapshot import ProjectGid, TaskGid
from facilitator.runs import tables
from facilitator.runs.database import Database
from facilitator.runs.run import RunId


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """Where we stand in a project's stream: its token, and the instant up to which nothing can have been missed.

    `began_at` is when we first listened: what was said before was not said to us.
    """

    sync: str
    seen_until: datetime
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """One command of one team. `verdict` "" means taken and not decided yet; `reply` is said on `task` at most once.

    `tries` counts attempts at the reply and `next_at` is when the next is due, None where there is none.
    """

    identity: str
    team: str
    project: ProjectGid
    task: TaskGid
    kind: str
    who: str
    ceremony: str
    said_at: datetime
    taken_at: datetime
    verdict: str = ""
    run_id: RunId | None = None
    reply: str = ""
    tries: int = 0
    next_at: datetime | None = None
    reply_gid: str | None = None


class Commands:
    """The commands and stream places of one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def place(self, project: ProjectGid) -> StreamPlace | None:
        """Where we stand in the project's stream, or None before the first look."""
        found = self._all(select(tables.streams).where(tables.streams.c.project == project))
        return StreamPlace(found[0].sync, found[0].seen_until, found[0].began_at) if found else None

    def move_on(self, project: ProjectGid, place: StreamPlace, ignored: Counter[str]) -> None:
        """Record how far we have listened, and count by name what was heard and means nothing to us."""
        streams, counts = tables.streams, tables.event_counts
        values = asdict(place)
        with self._database.begin() as connection:
            changed = connection.execute(update(streams).where(streams.c.project == project).values(**values))
            if changed.rowcount == 0:
                connection.execute(insert(streams).values(project=project, **values))
            for what, times in ignored.items():
                same = and_(counts.c.project == project, counts.c.what == what[:80])
                changed = connection.execute(update(counts).where(same).values(times=counts.c.times + times))
                if changed.rowcount == 0:
                    connection.execute(insert(counts).values(project=project, what=what[:80], times=times))

    def ignored(self, project: ProjectGid) -> dict[str, int]:
        """How often each kind of event was heard and ignored."""
        counts = tables.event_counts
        found = self._all(select(counts).where(counts.c.project == project).order_by(counts.c.what))
        return {row.what: row.times for row in found}

    def take(self, asked: Asked) -> Asked:
        """Keep a command; gives what is kept, which is an earlier sight of it where there was one."""
        try:
            with self._database.begin() as connection:
                connection.execute(insert(tables.commands).values(**asdict(asked)))
        except IntegrityError:
            return self._get(asked)
        return asked

    def decide(
        self, asked: Asked, verdict: str, *, run: RunId | None, reply: str, reply_at: datetime
    ) -> None:
        """Record what became of a command, and the reply that is due; what was decided before stays."""
        commands = tables.commands
        with self._database.begin() as connection:
            connection.execute(
                update(commands)
                .where(_same(asked), commands.c.verdict == "")
                .values(verdict=verdict, run_id=run, reply=reply, next_at=reply_at if reply else None)
            )

    def replies_due(self, now: datetime) -> tuple[Asked, ...]:
        """Commands whose reply is to be tried by now."""
        commands = tables.commands
        query = select(commands).where(commands.c.next_at <= now).order_by(commands.c.next_at)
        return tuple(map(_asked, self._all(query)))

    def replying(self, asked: Asked, *, until: datetime) -> bool:
        """Record a try before it is made; False where another process was first."""
        commands = tables.commands
        with self._database.begin() as connection:
            changed = connection.execute(
                update(commands)
                .where(_same(asked), commands.c.tries == asked.tries, commands.c.reply_gid.is_(None))
                .values(tries=asked.tries + 1, next_at=until)
            )
        return changed.rowcount == 1

    def replied(self, asked: Asked, *, gid: str | None, next_at: datetime | None) -> None:
        """Record the reply's gid, or when to try again, or, with neither, that it is given up."""
        with self._database.begin() as connection:
            connection.execute(
                update(tables.commands).where(_same(asked)).values(reply_gid=gid, next_at=next_at)
            )

    def recent(self, *, limit: int = 50) -> tuple[Asked, ...]:
        """Commands, newest first."""
        commands = tables.commands
        query = select(commands).order_by(commands.c.taken_at.desc(), commands.c.identity).limit(limit)
        return tuple(map(_asked, self._all(query)))

    def _get(self, asked: Asked) -> Asked:
        return _asked(self._all(select(tables.commands).where(_same(asked)))[0])

    def _all(self, query: Any) -> Sequence[Row[Any]]:
        with self._database.connect().execution_options(reading=True) as connection:
            return connection.execute(query).all()


def _same(asked: Asked) -> Any:
    commands = tables.commands
    return and_(commands.c.identity == asked.identity, commands.c.team == asked.team)


def _asked(row: Row[Any]) -> Asked:
    raw = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Asked(**{field.name: raw[field.name] for field in fields(Asked)})
