"""How far each ceremony has come, and firing its windows so that no instant is lost or told twice.

Beside `store`, over the same run log: the questions that scheduling asks, each answered from an index, and one
transaction (`turn`) in which a look reads, supersedes and fires, so that two processes that look at once queue.

Shadow runs are a track of their own: they write nothing, so they neither hold up nor shorten a window that is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, select

from facilitator.calendar.windows import Progress
from facilitator.runs import tables
from facilitator.runs.assignment import Assignment
from facilitator.runs.autonomy import earned
from facilitator.runs.database import Database, is_shared
from facilitator.runs.run import ENDS, Mode, Run, RunId, RunState
from facilitator.runs.step import Step, record_fires
from facilitator.runs.store import run_of

NEWEST = 12
"""Rows that tell a ceremony's progress. What is at work is always among them: nothing is fired past it."""

PAUSED = "pause"
"""The trigger of a window that was due while its ceremony was paused: recorded, never run."""

_FIRING = 0x66697265
"""The name, a number, of the lock that looks of several machines queue for."""

_RUNS = tables.runs.c


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one ceremony of one team stands. `at_work` may still be written; `waiting` is a draft nobody decided on."""

    progress: Progress
    at_work: RunId | None = None
    waiting: RunId | None = None
    last_written: RunId | None = None


class Turn:
    """One look's transaction over the run log; made by `Coverage.turn` only."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._planned: dict[str, tuple[Run, str]] = {}

    def standing(self, team: str, ceremony: str, mode: Mode) -> Standing:
        """See `Coverage.standing`."""
        return _standing(self._connection, team, ceremony, mode, self._now)

    def mode(self, assignment: Assignment) -> Mode:
        """The mode of a run fired now: as configured, or as earned; a change of it is recorded."""
        return earned(self._connection, assignment, now=self._now)

    def run_of(self, key: str) -> Run | None:
        """The run with this key, or None."""
        if key in self._planned:
            return self._planned[key][0]
        row = self._connection.execute(_BY_KEY, {"key": key}).first()
        return None if row is None else run_of(row)

    def fire(self, run: Run, why: str) -> tuple[Run, bool]:
        """The one run of this window, and whether this call made it."""
        found = self.run_of(run.key)
        if found is not None:
            return found, False
        self._planned[run.key] = (run, why)
        return run, True

    def record(self) -> None:
        """Write what was fired, all at once: the last thing a turn does."""
        record_fires(self._connection, list(self._planned.values()))
        self._planned.clear()

    def skip(self, run: Run, why: str) -> Run:
        """Record a window that is not run, with its reason; a window that has a run already keeps it."""
        fired, new = self.fire(run, f"due by {run.trigger}")
        if not new:
            return fired
        self.record()
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
            return _standing(connection, team, ceremony, mode, now)

    def usual_cents(self, team: str, ceremony: str, *, of_last: int = 5) -> float | None:
        """The median cost of its last runs that had a session, in cents at list price; None before the first."""
        spent = func.sum(tables.costs.c.list_cents)
        query = (
            select(spent)
            .join(tables.runs, tables.runs.c.id == tables.costs.c.run_id)
            .where(_RUNS.team == team, _RUNS.ceremony == ceremony)
            .group_by(_RUNS.id)
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
        """One transaction that looks and fires. It holds the one writer's lock: keep it short, and look at few at once."""
        with self._database.begin() as connection:
            if is_shared(
                self._database
            ):  # SQLite's one writer queues by itself; here looks queue behind each other
                connection.execute(select(func.pg_advisory_xact_lock(_FIRING)))
            turn = Turn(connection, now)
            yield turn
            turn.record()


_THEIRS = (_RUNS.team == bindparam("team"), _RUNS.ceremony == bindparam("ceremony"))
_SHADOW = (*_THEIRS, _RUNS.mode == Mode.SHADOW)
_LIVE = (*_THEIRS, _RUNS.mode != Mode.SHADOW)


@dataclass(frozen=True, slots=True)
class _Questions:
    """What is asked of one track, built once: scheduling asks it at every wake-up of every ceremony."""

    newest: Select[*tuple[Any, ...]]
    older_written: Select[datetime]
    first_start: Select[datetime]

    @classmethod
    def of(cls, ours: tuple[ColumnElement[bool], ...]) -> _Questions:
        by_end = _RUNS.window_end.desc()
        return cls(
            select(_RUNS.id, _RUNS.state, _RUNS.trigger, _RUNS.window_end, _RUNS.period)
            .where(*ours)
            .order_by(by_end)
            .limit(NEWEST),
            select(_RUNS.window_end).where(*ours, _RUNS.state == RunState.WRITTEN).order_by(by_end).limit(1),
            select(_RUNS.window_start).where(*ours).order_by(_RUNS.window_end).limit(1),
        )


_ON_TRACK = {True: _Questions.of(_SHADOW), False: _Questions.of(_LIVE)}
_NEWEST_OF_ANY = select(_RUNS.window_end).where(*_THEIRS).order_by(_RUNS.window_end.desc()).limit(1)
_ENROLLED = select(tables.enrolments.c.since).where(
    tables.enrolments.c.team == bindparam("team"), tables.enrolments.c.ceremony == bindparam("ceremony")
)
_BY_KEY = select(tables.runs).where(_RUNS.key == bindparam("key"))
_BY_ID = select(tables.runs).where(_RUNS.id == bindparam("id"))


def _standing(connection: Connection, team: str, ceremony: str, mode: Mode, now: datetime) -> Standing:
    shadow = mode is Mode.SHADOW
    theirs, ask = {"team": team, "ceremony": ceremony}, _ON_TRACK[shadow]
    rows = connection.execute(ask.newest, theirs).all()
    if not rows:
        # A track without rows counts as dealt with up to the other track's newest window, else from its enrolment.
        begun = connection.execute(_NEWEST_OF_ANY, theirs).scalar()
        return Standing(Progress(begun or connection.execute(_ENROLLED, theirs).scalar() or now))
    told = next((row for row in rows if _covers(row, shadow=shadow)), None)
    waiting = [row.id for row in rows if row.state == RunState.JUDGED and _waits(connection, row.id)]
    at_work = (row.id for row in rows if RunState(row.state) not in ENDS and row.id not in waiting)
    if told:
        open_since = told.window_end
    else:
        older = connection.execute(ask.older_written, theirs).scalar()
        open_since = older or connection.execute(ask.first_start, theirs).scalar()
    held = {row.period: row.window_end for row in reversed(rows) if row.period}
    return Standing(
        Progress(rows[0].window_end, open_since, held),
        at_work=next(at_work, None),
        waiting=next(iter(waiting), None),
        last_written=told.id if told else None,
    )


def _covers(row: Row[*tuple[Any, ...]], *, shadow: bool) -> bool:
    if shadow and row.state == RunState.SKIPPED:
        return bool(row.trigger != PAUSED)
    return bool(row.state == RunState.WRITTEN)


def _waits(connection: Connection, run: str) -> bool:
    return run_of(connection.execute(_BY_ID, {"id": run}).one()).waits_for_a_person
