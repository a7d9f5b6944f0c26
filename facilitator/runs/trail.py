"""Adding to the audit chain, inside the transaction of what is recorded, so that neither exists without the other.

A row never holds a text that people wrote, only ids, figures and digests: of arguments, drafts, parcels, and of each row of
the run log that it covers (`detail.rows`). So a purge replaces texts, records the new digests, and the chain stays valid.
People stand in it by number, so that an erasure can take their names away. Reading and verifying it is `audit`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, select, update

from facilitator.runs import tables
from facilitator.runs.bulk import insert_stored
from facilitator.runs.rowdigest import canonical, digest, place, row_digest, stored_rows

MACHINES = frozenset({"pipeline", "clock", "auto", "draft", "retention", "erasure", "quality"})
"""Actors that are no people; anyone else stands in the chain by number."""

Rows = Mapping[str, str | None]
"""Digests by place (`table/key`); None means that the row is gone on purpose."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the chain, every member as stored."""

    seq: int
    at: str
    run_id: str | None
    kind: str
    by: str
    target: str
    detail: str
    previous: str
    hash: str

    def sealed(self) -> str:
        """The hash this row must have: of all its members and of the row before it."""
        return digest(
            canonical(
                [self.previous, self.seq, self.at, self.run_id, self.kind, self.by, self.target, self.detail]
            )
        )


_LOCK_HEAD = (
    select(tables.audit_head.c.seq, tables.audit_head.c.hash)
    .where(tables.audit_head.c.id == 1)
    .with_for_update()
)
_MOVE_HEAD = update(tables.audit_head).where(tables.audit_head.c.id == 1)


@dataclass(slots=True)
class Trail:
    """What one transaction adds to the chain; nothing is written before `seal`."""

    connection: Connection
    now: datetime
    by: str
    run_id: str | None = None
    waiting: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, kind: str, *, target: str = "", rows: Rows | None = None, **detail: Any) -> None:
        """One event. `detail` holds figures, ids and digests, never a text that people wrote; `rows` what it covers."""
        told = {**detail, "rows": dict(rows)} if rows else detail
        self.waiting.append((kind, target[:200], canonical(told)))

    def seal(self) -> None:
        """Append what was added; takes the head's lock, so it is the last thing a transaction does."""
        seal_together([self])


def seal_together(trails: Sequence[Trail]) -> None:
    """Append what several trails of one transaction hold, in their order, at the price of one."""
    rows: list[dict[str, Any]] = []
    seq, last = 0, ""
    for trail in trails:
        if trail.waiting and not rows:
            seq, last = trail.connection.execute(_LOCK_HEAD).one()
        at = tables.stored_instant(trail.now)
        by = _actor(trail.connection, trail.by) if trail.waiting else ""
        for kind, target, detail in trail.waiting:
            seq += 1
            entry = Entry(seq, at, trail.run_id, kind, by, target, detail, last, "")
            last = entry.sealed()
            rows.append({**{name: getattr(entry, name) for name in Entry.__slots__}, "hash": last})
        trail.waiting.clear()
    if rows:
        insert_stored(trails[0].connection, tables.audit, rows)
        trails[0].connection.execute(_MOVE_HEAD, {"seq": seq, "hash": last})


def covered(table: Table, row: Mapping[str, Any]) -> dict[str, str | None]:
    """The digest of one row just written, for `Trail.add`."""
    return {place(table, row): row_digest(table, row)}


def covered_now(connection: Connection, table: Table, *where: ColumnElement[bool]) -> dict[str, str | None]:
    """The digests of these rows as they stand: after an update in place."""
    return {place(table, row): row_digest(table, row) for row in stored_rows(connection, table, *where)}


def _actor(connection: Connection, by: str) -> str:
    """A machine by its name, a person by number."""
    if by in MACHINES:
        return by
    people = tables.people
    known = select(people.c.id).where(people.c.name == by)
    number = connection.execute(known).scalar()
    if number is None:
        connection.execute(insert(people).values(name=by, gid=""))
        number = connection.execute(known).scalar_one()
    return f"person {number}"
