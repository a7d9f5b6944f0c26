"""How far each ceremony has come, and firing its windows so that no instant is lost or told twice.

Beside `store`, over the same run log: the questions that scheduling asks, each answered from an index, and one
transaction (`turn`) in which a look reads, supersedes and fires, so that two processes that look at once queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, func, insert, select
from sqlalchemy.exc import IntegrityError

from facilitator.errors import StoreError
from facilitator.runs import tables
from facilitator.runs.assignment import Assignment
from facilitator.runs.autonomy import earned
from facilitator.runs.database import Database, is_shared
from facilitator.runs.run import Mode, Run, RunId, RunState
from facilitator.runs.standing import Standing, Wanted, standings
from facilitator.runs.step import Step, record_fires
from facilitator.runs.store import run_of

_FIRING = 0x66697265
"""The name, a number, of the lock that looks of several machines queue for."""

_RUNS = tables.runs.c


class Turn:
    """One look's transaction over the run log; made by `Coverage.turn` only."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def standings(self, wanted: Sequence[Wanted]) -> list[Standing]:
        """Where each of these ceremonies stands, in their order."""
        return standings(self._connection, wanted, self._now)

    def mode(self, assignment: Assignment) -> Mode:
        """The mode of a run fired now: as configured, or as earned; a change of it is recorded."""
        return earned(self._connection, assignment, now=self._now)

    def run_of(self, key: str) -> Run | None:
        """The run with this key, or None."""
        row = self._connection.execute(_BY_KEY, {"key": key}).first()
        return None if row is None else run_of(row)

    def fire(self, planned: Sequence[Run], *, how: str = "fired") -> list[tuple[Run, bool]]:
        """The one run of each window, in their order, and whether this call made it; many at the price of one."""
        if not planned:
            return []
        rows = self._connection.execute(_BY_KEYS, {"keys": [run.key for run in planned]})
        known = {row.key: run_of(row) for row in rows}
        new = [(run, f"{how} by {run.trigger}") for run in planned if run.key not in known]
        record_fires(self._connection, new)
        return [(known.get(run.key, run), run.key not in known) for run in planned]

    def skip(self, run: Run, why: str) -> Run:
        """Record a window that is not run, with its reason; a window that has a run already keeps it."""
        ((fired, new),) = self.fire([run], how="due")
        if not new:
            return fired
        step = Step(self._connection, fired, self._now, "clock")
        step.move(RunState.SKIPPED, why)
        return step.finish()

    def supersede(self, run: RunId, why: str) -> Run:
        """Expire a draft that still waits: its time joins the window that is fired now."""
        row = self._connection.execute(_BY_ID, {"id": run}).one()
        step = Step(self._connection, run_of(row), self._now, "clock")
        step.move(RunState.EXPIRED, why)
        return step.finish()


class Coverage:
    """The scheduling side of one run log. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enrol(self, ceremonies: Iterable[tuple[str, str]], *, now: datetime) -> None:
        """Note since when each (team, ceremony) is wanted; the first time counts.

        A fire from before it is nobody's; one after it is caught up even where the process was down at the time.
        """
        table = tables.enrolments
        with self._database.begin() as connection:
            known = {(row.team, row.ceremony) for row in connection.execute(select(table))}
            new = [
                {"team": team, "ceremony": ceremony, "since": now}
                for team, ceremony in dict.fromkeys(ceremonies)
                if (team, ceremony) not in known
            ]
            if new:
                connection.execute(insert(table), new)

    def standing(self, team: str, ceremony: str, mode: Mode, *, now: datetime) -> Standing:
        """Where the ceremony stands; `now` is where one begins that nobody enrolled."""
        with self._database.connect().execution_options(reading=True) as connection:
            return standings(connection, [(team, ceremony, mode)], now)[0]

    def usual_cents(self, team: str, ceremony: str, *, of_last: int = 5) -> float | None:
        """The median cost of its last runs that had a session, in cents at list price; None before the first."""
        ours = tables.costs.c.run_id == _RUNS.id
        # A sum for each run that the index gives, newest first, until there are enough: never one over all there were.
        query = (
            select(select(func.sum(tables.costs.c.list_cents)).where(ours).scalar_subquery())
            .where(_RUNS.team == team, _RUNS.ceremony == ceremony, exists().where(ours))
            .order_by(_RUNS.window_end.desc())
            .limit(of_last)
        )
        with self._database.connect().execution_options(reading=True) as connection:
            cents = sorted(connection.execute(query).scalars())
        middle = len(cents) // 2
        if not cents:
            return None
        return float(cents[middle] if len(cents) % 2 else (cents[middle - 1] + cents[middle]) / 2)

    @contextmanager
    def turn(self, *, now: datetime) -> Iterator[Turn]:
        """One transaction that looks and fires. It holds the one writer's lock: keep it short.

        Raises `StoreError`, and records nothing, where one of its windows was fired by hand meanwhile: look again.
        """
        try:
            with self._database.begin() as connection:
                if is_shared(self._database):  # SQLite's one writer queues by itself; here looks queue
                    connection.execute(select(func.pg_advisory_xact_lock(_FIRING)))
                yield Turn(connection, now)
        except IntegrityError as error:
            raise StoreError(
                "a window that was due had been fired by somebody else in the same moment",
                suggestion="Look again: its run is there now.",
                retryable=True,
            ) from error


_BY_KEY = select(tables.runs).where(_RUNS.key == bindparam("key"))
_BY_KEYS = select(tables.runs).where(_RUNS.key.in_(bindparam("keys", expanding=True)))
_BY_ID = select(tables.runs).where(_RUNS.id == bindparam("id"))
