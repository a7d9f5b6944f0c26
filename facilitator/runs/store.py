"""The run log: every run, what happened to it, and what it wrote. Only this room knows SQL.

Everything about one run is recorded through `step`, one transaction that succeeds only if the run has not moved on since
it was read (compare and swap on its version). Reading never blocks writing. The store decides nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select
from sqlalchemy.exc import IntegrityError

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.window import Window
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.errors import StoreError
from facilitator.runs import tables
from facilitator.runs.archive import unpack
from facilitator.runs.database import Database, open_database
from facilitator.runs.event_log import keep_events
from facilitator.runs.ports import Pinned, Usage, Verdict
from facilitator.runs.run import (
    Decision,
    DecisionKind,
    Mode,
    Move,
    Parcel,
    ParcelKind,
    Run,
    RunId,
    RunState,
)
from facilitator.runs.step import Step, hold_row, record_fire, record_of
from facilitator.runs.trail import Trail, covered

_PROVEN = (
    "state session_id outcome_id agent_id agent_version agent_hash environment_hash prompt_hash rubric_id"
    " rubric_version rubric_hash result draft_digest draft_source task_gid story_gid"
).split()
"""Columns of a run whose changes the audit chain spells out: ids, versions and digests."""


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """A draft as recorded, with the faults found in it. `origin` is agent, edit, or figures (written by code)."""

    draft: Draft
    digest: str
    origin: str
    at: datetime
    faults: tuple[Fault, ...]


class RunStore:
    """The run log in one database. Safe to share between threads; open one per process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> RunStore:
        """Open or create; raises `StoreError` for a damaged file or one from a newer release."""
        return cls(open_database(url))

    @property
    def database(self) -> Database:
        """The database itself, for the concerns that keep rows of their own beside the runs."""
        return self._engine

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    # --- firing and moving -------------------------------------------------------------------------------------------

    def fire(
        self, team: str, ceremony: str, window: Window, *, mode: Mode, trigger: str, now: datetime
    ) -> tuple[Run, bool]:
        """The one run of this window, and whether this call made it. Losing the race to another is normal."""
        run = Run.planned(team, ceremony, window, mode=mode, trigger=trigger, now=now)
        try:
            with self._engine.begin() as connection:
                record_fire(connection, run, why=f"fired by {trigger}")
        except IntegrityError:
            return self.get(run.id), False
        return run, True

    @contextmanager
    def step(self, run: Run, *, now: datetime, by: str = "pipeline") -> Iterator[Step]:
        """Record one step of a run in one transaction; afterwards `step.run` is the run as recorded.

        Raises `StaleRun`, and records nothing, where another worker has moved the run on.
        """
        with self._engine.begin() as connection:
            hold_row(connection, run)
            step = Step(connection, run, now, by)
            yield step
            step.finish()

    def keep_events(self, run: RunId, events: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
        """Add raw session events, each once by id; one seen again with its stamp is updated. Returns how many were new."""
        return self.keep_pages({run: events}, now=now)

    def keep_pages(self, pages: Mapping[RunId, Sequence[Mapping[str, Any]]], *, now: datetime) -> int:
        """The same for the events of several runs, at the price of one transaction."""
        # The sessions' own logs hold them all: not one wait for the disk for each event.
        with (
            self._engine.connect().execution_options(replayable=True) as connection,
            connection.begin(),
        ):
            return keep_events(connection, pages, now=now)

    def pin(self, pinned: Pinned, *, now: datetime) -> None:
        """Record the agent and environment that sessions use from now on."""
        with self._engine.begin() as connection:
            row = {"at": now, "body": json.dumps(asdict(pinned))}
            key = connection.execute(insert(tables.pins).values(**row)).inserted_primary_key
            trail = Trail(connection, now, "pipeline")
            rows = covered(tables.pins, {"seq": key[0] if key else 0, **row})
            trail.add("pinned", target=f"{pinned.agent_id}@{pinned.agent_version}", rows=rows)
            trail.seal()

    # --- reading -----------------------------------------------------------------------------------------------------

    def pinned(self) -> Pinned | None:
        """The agent and environment applied last, or None before the first `agents apply`."""
        body = self._scalar(select(tables.pins.c.body).order_by(tables.pins.c.seq.desc()).limit(1))
        if body is None:
            return None
        raw = json.loads(body)
        return Pinned(**{**raw, "tools": tuple(raw["tools"])})

    def get(self, run: str) -> Run:
        """The run with this id; raises `StoreError` naming the nearest command where there is none."""
        found = self.lookup(run)
        if found is None:
            raise StoreError(f"there is no run {run}", suggestion="`runs list` shows the runs there are.")
        return found

    def lookup(self, run: str) -> Run | None:
        """The run with this id, or None."""
        row = self._first(select(tables.runs).where(tables.runs.c.id == run))
        return None if row is None else run_of(row)

    def find(self, key: str) -> Run | None:
        """The run with this key, or None."""
        row = self._first(select(tables.runs).where(tables.runs.c.key == key))
        return None if row is None else run_of(row)

    def recent(
        self,
        *,
        team: str | None = None,
        ceremony: str | None = None,
        state: RunState | None = None,
        limit: int = 50,
    ) -> tuple[Run, ...]:
        """Runs, newest first."""
        query = select(tables.runs).order_by(tables.runs.c.created_at.desc(), tables.runs.c.id).limit(limit)
        for column, value in (("team", team), ("ceremony", ceremony), ("state", state)):
            if value is not None:
                query = query.where(tables.runs.c[column] == value)
        return tuple(run_of(row) for row in self._all(query))

    def unfinished(self) -> tuple[Run, ...]:
        """Every run that has not ended, oldest first: what starting up advances."""
        query = select(tables.runs).where(tables.OPEN).order_by(tables.runs.c.created_at)
        return tuple(run_of(row) for row in self._all(query))

    def last_written(self, team: str, ceremony: str, *, before: datetime) -> Run | None:
        """The newest written run whose window ended at or before the instant."""
        query = (
            select(tables.runs)
            .where(
                tables.runs.c.team == team,
                tables.runs.c.ceremony == ceremony,
                tables.runs.c.state == RunState.WRITTEN,
                tables.runs.c.window_end <= before,
            )
            .order_by(tables.runs.c.window_end.desc())
            .limit(1)
        )
        row = self._first(query)
        return None if row is None else run_of(row)

    def history(self, run: RunId) -> tuple[Move, ...]:
        """Every move and note of the run, in order."""
        query = select(tables.history).where(tables.history.c.run_id == run).order_by(tables.history.c.seq)
        return tuple(
            Move(
                at=row.at,
                before=RunState(row.before) if row.before else None,
                after=RunState(row.after),
                why=row.why,
                by=row.by,
            )
            for row in self._all(query)
        )

    def events(self, run: RunId, *, after: int = -1) -> tuple[tuple[int, dict[str, Any]], ...]:
        """Raw events with their place in the log, in order, from the place after `after` on."""
        table = tables.events
        query = (
            select(table.c.seq, table.c.body)
            .where(table.c.run_id == run, table.c.seq > after)
            .order_by(table.c.seq)
        )
        return tuple((row.seq, json.loads(row.body)) for row in self._all(query))

    def snapshot(self, run: RunId) -> Snapshot | None:
        """The board as it was read for this run, or None before that or after its retention time."""
        body = self._scalar(select(tables.snapshots.c.body).where(tables.snapshots.c.run_id == run))
        return None if body is None else unpack(body)

    def latest_snapshot(self, team: str, ceremony: str | None = None) -> Snapshot | None:
        """The newest snapshot taken for the team, of this ceremony or of whichever, or None."""
        query = (
            select(tables.snapshots.c.body)
            .join(tables.runs)
            .where(tables.runs.c.team == team)
            .order_by(tables.snapshots.c.taken_at.desc())
            .limit(1)
        )
        if ceremony is not None:
            query = query.where(tables.runs.c.ceremony == ceremony)
        body = self._scalar(query)
        return None if body is None else unpack(body)

    def facts(self, run: RunId) -> Facts | None:
        """The facts of this run, or None before they were gathered."""
        body = self._scalar(select(tables.facts.c.body).where(tables.facts.c.run_id == run))
        return None if body is None else Facts.from_json(body)

    def draft(self, run: RunId, digest: str) -> DraftRecord | None:
        """One draft of this run, or None where there is none any more: its words were purged."""
        row = self._first(
            select(tables.drafts).where(tables.drafts.c.run_id == run, tables.drafts.c.digest == digest)
        )
        if row is None or not row.body:
            return None
        faults = tuple(Fault(**{"message": "", **fault}) for fault in json.loads(row.faults))
        return DraftRecord(Draft.model_validate_json(row.body), row.digest, row.origin, row.at, faults)

    def verdicts(self, run: RunId) -> tuple[Verdict, ...]:
        """The grader's verdicts, first to last, over all rounds."""
        query = select(tables.verdicts).where(tables.verdicts.c.run_id == run).order_by(tables.verdicts.c.seq)
        return tuple(Verdict(row.iteration, row.result, row.explanation) for row in self._all(query))

    def decisions(self, run: RunId) -> tuple[Decision, ...]:
        """Every decision about this run's drafts, in order."""
        query = (
            select(tables.decisions).where(tables.decisions.c.run_id == run).order_by(tables.decisions.c.seq)
        )
        return tuple(
            replace(record_of(Decision, row), kind=DecisionKind(row.kind)) for row in self._all(query)
        )

    def parcels(self, run: RunId) -> tuple[Parcel, ...]:
        """What was approved for writing, in order; empty before a yes."""
        query = select(tables.outbox).where(tables.outbox.c.run_id == run).order_by(tables.outbox.c.seq)
        return tuple(replace(record_of(Parcel, row), kind=ParcelKind(row.kind)) for row in self._all(query))

    def actions(self, team: str, ceremony: str) -> tuple[tuple[Run, Parcel], ...]:
        """Approved actions of a team's written documents, newest document first."""
        joined = select(tables.outbox, tables.runs.c.id.label("owner")).join(tables.runs)
        query = joined.where(
            tables.runs.c.team == team,
            tables.runs.c.ceremony == ceremony,
            tables.runs.c.state == RunState.WRITTEN,
            tables.outbox.c.kind == ParcelKind.TASK,
            tables.outbox.c.body != "",
        ).order_by(tables.runs.c.window_end.desc(), tables.outbox.c.seq)
        return tuple((self.get(row.owner), record_of(Parcel, row)) for row in self._all(query))

    def usage(self, run: RunId) -> Usage | None:
        """What the run's sessions used together, or None before the first one ended."""
        rows = self._all(select(tables.costs).where(tables.costs.c.run_id == run))
        names = [field.name for field in fields(Usage)]
        return Usage(*(sum(getattr(row, name) for row in rows) for name in names)) if rows else None

    def _all(self, query: Any) -> Sequence[Row[Any]]:
        with self._reading() as connection:
            return connection.execute(query).all()

    def _first(self, query: Any) -> Row[Any] | None:
        with self._reading() as connection:
            return connection.execute(query).first()

    def _scalar(self, query: Any) -> Any:
        with self._reading() as connection:
            return connection.execute(query).scalar()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(asking=True) as connection:
            yield connection


def sha256(text: str) -> str:
    """The digest used for every text in the run log."""
    return hashlib.sha256(text.encode()).hexdigest()


def run_of(row: Row[Any]) -> Run:
    """A row of `runs` as a `Run`."""
    raw = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    window = Window(raw.pop("window_start"), raw.pop("window_end"))
    return Run(**{**raw, "window": window, "state": RunState(raw["state"]), "mode": Mode(raw["mode"])})
