"""What is kept of an ended run, and for how long: texts and events go when their time is over, figures stay.

Every purge of a run is one transaction with its row in the audit chain, which takes over the digests of what is left: the
chain stays valid. It asks no service: sessions are listed here and closed by `service/purging`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    union,
    update,
)

from facilitator.board.facts import Facts
from facilitator.runs import ledger_tables, tables
from facilitator.runs.database import Database
from facilitator.runs.event_log import TOOL_CALLS
from facilitator.runs.redaction import figures_only
from facilitator.runs.rowdigest import place, stored_rows
from facilitator.runs.run import ENDS
from facilitator.runs.trail import Trail, covered_now

BY = "retention"

KINDS = ("snapshots", "texts", "events")
"""What of a run is purged, each at its own time."""


@dataclass(frozen=True, slots=True)
class OldSession:
    """A session of an ended run that is due to be archived or deleted."""

    run: str
    session: str


class Keeping:
    """The purges of one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, kind: str, ended_before: datetime) -> tuple[str, ...]:
        """Runs that ended before the instant and still hold something of this kind, oldest first."""
        runs = tables.runs.c
        query = (
            select(runs.id)
            .where(runs.state.in_(ENDS), runs.updated_at < ended_before, _HELD[kind])
            .order_by(runs.updated_at)
        )
        with self._database.connect().execution_options(reading=True) as connection:
            return tuple(connection.execute(query).scalars())

    def purge(self, kind: str, run: str, *, now: datetime) -> None:
        """Take this kind out of one run, for good; the second time nothing is left to take."""
        with self._database.begin() as connection:
            trail = Trail(connection, now, BY, run)
            rows = _PURGES[kind](connection, run)
            trail.add("purged", target=kind, rows=rows)
            trail.seal()

    def forget_notices(self, before: datetime) -> int:
        """Empty the texts of notices, nudges and answers to commands from before the instant; gives how many there were."""
        notices, commands, nudges = tables.notices, tables.commands, tables.nudges
        with self._database.begin() as connection:
            told = connection.execute(
                update(notices).where(notices.c.at < before, notices.c.text != "").values(text="")
            )
            said = connection.execute(
                update(commands).where(commands.c.taken_at < before, commands.c.reply != "").values(reply="")
            )
            privately = connection.execute(
                update(nudges).where(nudges.c.at < before, nudges.c.text != "").values(text="")
            )
            return int(told.rowcount + said.rowcount + privately.rowcount)

    def sessions(self, ended_before: datetime, *, done: str) -> tuple[OldSession, ...]:
        """Sessions of runs that ended before the instant, not yet `archived_at` or `deleted_at` (`done`), oldest first."""
        runs, costs, ends = tables.runs.c, tables.costs.c, ledger_tables.session_ends
        known = union(
            select(runs.id.label("run"), runs.session_id.label("session")).where(
                runs.session_id.is_not(None)
            ),
            select(costs.run_id, costs.session_id).where(costs.session_id != ""),
        ).subquery()
        closed = exists().where(
            ends.c.run_id == known.c.run, ends.c.session_id == known.c.session,
            or_(ends.c[done].is_not(None), ends.c.deleted_at.is_not(None)),
        )  # fmt: skip
        query = (
            select(known.c.run, known.c.session)
            .join(tables.runs, runs.id == known.c.run)
            .where(runs.state.in_(ENDS), runs.updated_at < ended_before, ~closed)
            .order_by(runs.updated_at, known.c.session)
        )
        with self._database.connect().execution_options(reading=True) as connection:
            return tuple(OldSession(run, session) for run, session in connection.execute(query))

    def closed(self, old: OldSession, *, done: str, now: datetime) -> None:
        """Record that the session was archived or deleted."""
        table = ledger_tables.session_ends
        here = (table.c.run_id == old.run, table.c.session_id == old.session)
        with self._database.begin() as connection:
            if connection.execute(select(table.c.run_id).where(*here)).first() is None:
                connection.execute(insert(table).values(run_id=old.run, session_id=old.session))
            connection.execute(update(table).where(*here).values({done: now}))
            trail = Trail(connection, now, BY, old.run)
            trail.add(f"session {done.removesuffix('_at')}", target=old.session)
            trail.seal()


def _of(table: Table, run: str) -> ColumnElement[bool]:
    return table.c.run_id == run


def _gone(connection: Connection, table: Table, run: str) -> dict[str, str | None]:
    """Delete the run's rows of the table; the chain is told of those it covered."""
    rows: dict[str, str | None] = {
        place(table, row): None
        for row in stored_rows(connection, table, _of(table, run))
        if table is not tables.events or row["type"] in TOOL_CALLS
    }
    connection.execute(delete(table).where(_of(table, run)))
    return rows


def _emptied(connection: Connection, table: Table, run: str, **values: Any) -> dict[str, str | None]:
    connection.execute(update(table).where(_of(table, run)).values(**values))
    return covered_now(connection, table, _of(table, run))


def _purge_texts(connection: Connection, run: str) -> dict[str, str | None]:
    body = connection.execute(select(tables.facts.c.body).where(_of(tables.facts, run))).scalar()
    rows: dict[str, str | None] = {}
    if body:
        # The digest stays that of the bytes the agent was given.
        rows |= _emptied(connection, tables.facts, run, body=figures_only(Facts.from_json(body)).to_json())
    rows |= _emptied(connection, tables.drafts, run, body="", faults="[]")
    rows |= _emptied(connection, tables.verdicts, run, explanation="")
    rows |= _emptied(connection, tables.proposals, run, note="")
    connection.execute(
        update(tables.outbox).where(_of(tables.outbox, run), tables.outbox.c.kind == "task").values(detail="")
    )
    connection.execute(update(ledger_tables.feedback).where(_of(ledger_tables.feedback, run)).values(text=""))
    return rows | _emptied(connection, tables.outbox, run, title="", body="")


def _purge_snapshot(connection: Connection, run: str) -> dict[str, str | None]:
    connection.execute(delete(ledger_tables.board_figures).where(_of(ledger_tables.board_figures, run)))
    return _gone(connection, tables.snapshots, run)


_PURGES: Mapping[str, Callable[[Connection, str], dict[str, str | None]]] = {
    "snapshots": _purge_snapshot,
    "texts": _purge_texts,
    "events": lambda connection, run: _gone(connection, tables.events, run),
}

_HELD: dict[str, Any] = {
    "snapshots": exists().where(tables.snapshots.c.run_id == tables.runs.c.id),
    "events": exists().where(tables.events.c.run_id == tables.runs.c.id),
    "texts": and_(
        exists().where(tables.facts.c.run_id == tables.runs.c.id),
        ~exists().where(
            tables.audit.c.run_id == tables.runs.c.id,
            tables.audit.c.kind == "purged",
            tables.audit.c.target == "texts",
        ),
    ),
}
