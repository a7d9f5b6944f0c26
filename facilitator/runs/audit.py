"""The audit chain, read and verified: what happened, in order, each row sealed by the hash of the one before it.

`trail` writes it. It finds alterations; it cannot undo them, and whoever can rewrite every row could forge all of it: keep
the head that `audit verify` prints somewhere else, and hold the next verification against it.

Covered byte for byte: every row of `COVERED`, and each call of a tool in `events`, from the moment it is written until a
purge says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from facilitator.runs import tables
from facilitator.runs.database import Database
from facilitator.runs.rowdigest import exact_reading, place, row_digest, stored_rows
from facilitator.runs.trail import Entry, Trail

BEGINNING = "0" * 64
"""What the first row has before it."""

COVERED: tuple[Table, ...] = (
    tables.runs,
    tables.history,
    tables.snapshots,
    tables.facts,
    tables.drafts,
    tables.verdicts,
    tables.decisions,
    tables.outbox,
    tables.proposals,
    tables.costs,
    tables.pins,
)
"""Tables whose every row is covered. Of `events` those that call a tool are; a row there without a digest is normal."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where chain or run log is not what was recorded; `seq` is the row of the chain that tells."""

    seq: int
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What `Audit.verify` found: the head to keep elsewhere, how much was looked at, and every broken place."""

    seq: int
    hash: str
    rows: int
    older: int
    """Runs from before the chain began: nothing covers them."""
    broken: tuple[Broken, ...] = ()

    @property
    def head(self) -> str:
        """The chain's end as one word; a later verification may be held against it."""
        return f"{self.seq}:{self.hash}"


class Audit:
    """The chain of one run log: read, verified, and added to by rooms that have no `Step`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self, kind: str, *, by: str, now: datetime, target: str = "", run: str | None = None, **detail: Any
    ) -> None:
        """One event in a transaction of its own, where nothing else of the run log changes with it."""
        with self._database.begin() as connection:
            trail = Trail(connection, now, by, run)
            trail.add(kind, target=target, **detail)
            trail.seal()

    def entries(self, *, since: datetime | None = None, run: str | None = None) -> Iterator[Entry]:
        """The chain's rows, oldest first."""
        with (
            self._database.connect().execution_options(reading=True) as connection,
            exact_reading(connection),
        ):
            where = [tables.audit.c.at >= since] if since else []
            where += [tables.audit.c.run_id == run] if run else []
            for row in stored_rows(connection, tables.audit, *where):
                yield Entry(**row)

    def names(self) -> dict[str, str]:
        """Who stands behind `person N`, as far as nobody was erased."""
        with self._database.connect().execution_options(reading=True) as connection:
            people = connection.execute(select(tables.people.c.id, tables.people.c.name))
            return {f"person {row.id}": row.name for row in people}

    def verify(self, *, expected: tuple[int, str] | None = None) -> Verified:
        """Recompute every hash, then compare every covered row with what the chain says of it; changes nothing.

        `expected` is a head kept from an earlier verification: the chain must still hold it. The first broken place is
        the one with the lowest `seq`; after a break in the chain itself the rows are not judged.
        """
        options = {"reading": True}
        if self._database.dialect.name == "postgresql":
            # One look at everything: a step recorded meanwhile must not read as a contradiction.
            options["isolation_level"] = "REPEATABLE READ"  # type: ignore[assignment]
        with self._database.connect().execution_options(**options) as connection, exact_reading(connection):
            return _verified(connection, expected)


def _verified(connection: Connection, expected: tuple[int, str] | None) -> Verified:
    told: dict[str, tuple[int, str | None]] = {}
    seq, last, broken = 0, BEGINNING, None
    for row in stored_rows(connection, tables.audit):
        entry = Entry(**row)
        broken = _link(entry, seq, last) or _kept(entry, expected)
        if broken:
            break
        seq, last = entry.seq, entry.hash
        for where, sealed in json.loads(entry.detail).get("rows", {}).items():
            told[where] = (entry.seq, sealed)
    broken = broken or _ending(connection, seq, last, expected)
    if broken:
        return Verified(seq, last, 0, 0, (broken,))
    found = sorted(_contradictions(connection, told), key=lambda one: one.seq)
    return Verified(seq, last, len(told), len(_older(connection, told).runs), tuple(found))


def _link(entry: Entry, seq: int, last: str) -> Broken | None:
    if entry.seq != seq + 1:
        return Broken(seq + 1, f"audit/{seq + 1}", f"row {seq + 1} of the chain is gone")
    if entry.previous != last or entry.hash != entry.sealed():
        return Broken(entry.seq, f"audit/{entry.seq}", f"row {entry.seq} of the chain was altered")
    return None


def _kept(entry: Entry, expected: tuple[int, str] | None) -> Broken | None:
    if expected is not None and entry.seq == expected[0] and entry.hash != expected[1]:
        return Broken(
            entry.seq,
            f"audit/{entry.seq}",
            f"row {entry.seq} is not the one that was kept: the chain was rewritten",
        )
    return None


def _ending(connection: Connection, seq: int, last: str, expected: tuple[int, str] | None) -> Broken | None:
    heads = list(stored_rows(connection, tables.audit_head))
    wanted = [{"id": 1, "seq": seq, "hash": last}]
    if heads != wanted or (expected is not None and expected[0] > seq):
        return Broken(seq + 1, "audit_head/1", f"the chain ends at row {seq}, and its head says otherwise")
    return None


def _contradictions(connection: Connection, told: Mapping[str, tuple[int, str | None]]) -> Iterator[Broken]:
    seen = set()
    unknown = _older(connection, told)
    for table in (*COVERED, tables.events):
        for row in stored_rows(connection, table):
            where = place(table, row)
            seen.add(where)
            if where in told:
                seq, sealed = told[where]
                if sealed != row_digest(table, row):
                    yield Broken(seq, where, _unlike(where, seq, sealed))
            elif table is not tables.events and not _is_older(table, row, unknown):
                yield Broken(0, where, f"{where} was added past the chain")
    for where, (seq, sealed) in told.items():
        if sealed is not None and where not in seen:
            yield Broken(seq, where, f"{where} is gone, and row {seq} of the chain recorded it")


def _unlike(where: str, seq: int, sealed: str | None) -> str:
    if sealed is None:
        return f"{where} is back, and row {seq} of the chain purged it"
    return f"{where} is not what row {seq} of the chain recorded"


@dataclass(frozen=True, slots=True)
class _Older:
    """What was recorded before there was a chain: these runs, and pins before this instant (None: no chain yet)."""

    runs: frozenset[str]
    began: str | None


def _older(connection: Connection, told: Mapping[str, object]) -> _Older:
    first = next(stored_rows(connection, tables.audit), None)
    began = None if first is None else str(first["at"])
    runs = frozenset(
        str(row["id"])
        for row in stored_rows(connection, tables.runs)
        if f"runs/{row['id']}" not in told and (began is None or str(row["created_at"]) < began)
    )
    return _Older(runs, began)


def _is_older(table: Table, row: Mapping[str, Any], older: _Older) -> bool:
    if table is tables.pins:
        return older.began is None or str(row["at"]) < older.began
    return row["id" if table is tables.runs else "run_id"] in older.runs
