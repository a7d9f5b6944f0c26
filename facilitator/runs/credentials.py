"""Who used which secret, when, and for which run; never what it is.

A row is written before the secret is first read for a run, so that no use goes unrecorded; the row then counts, since one
reading of a board asks for the same token hundreds of times. A process that dies loses counts, never rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from facilitator.runs import ledger_tables
from facilitator.runs.current import current_run
from facilitator.runs.database import Database

MOST_OPEN = 10_000
"""Rows that are still being counted in memory, some for each of thousands of runs; past that their counts are written and
counting begins anew."""


@dataclass(frozen=True, slots=True)
class CredentialUse:
    """One row: `who` is the account and process, `purpose` what the secret was for, `reads` how often it was asked."""

    at: datetime
    who: str
    reference: str
    purpose: str
    run_id: str | None
    reads: int


class CredentialLog:
    """The record of one process in one run log."""

    def __init__(self, database: Database, *, who: str, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._who = who
        self._clock = clock
        self._open: dict[tuple[str, str, str | None], tuple[int, int]] = {}

    def watched(self, reveal: Callable[[], str], reference: str, purpose: str) -> Callable[[], str]:
        """The same way to a secret, each use of it recorded before the secret is read."""

        def read() -> str:
            self.note(reference, purpose)
            return reveal()

        return read

    def note(self, reference: str, purpose: str) -> None:
        """Record one use, for the run this task works on."""
        key = (reference, purpose, current_run())
        if key in self._open:
            number, reads = self._open[key]
            self._open[key] = (number, reads + 1)
            return
        if len(self._open) >= MOST_OPEN:
            self.settle()
            self._open.clear()
        table = ledger_tables.credential_access
        row = {"at": self._clock(), "who": self._who, "reference": reference, "purpose": purpose}
        with self._database.begin() as connection:
            added = connection.execute(insert(table).values(**row, run_id=key[2], reads=1))
        number = added.inserted_primary_key[0] if added.inserted_primary_key else 0
        self._open[key] = (number, 1)

    def settle(self) -> None:
        """Write what was counted since; a second time nothing changes."""
        table = ledger_tables.credential_access
        grown = [(number, reads) for number, reads in self._open.values() if reads > 1]
        if grown:
            this = update(table).where(table.c.id == bindparam("number")).values(reads=bindparam("counted"))
            counts = [{"number": number, "counted": reads} for number, reads in grown]
            with self._database.begin() as connection:
                connection.execute(this, counts)

    def uses(self, *, run: str | None = None) -> tuple[CredentialUse, ...]:
        """What is recorded, oldest first; of one run where it is named."""
        table = ledger_tables.credential_access
        query = select(table).order_by(table.c.id)
        if run is not None:
            query = query.where(table.c.run_id == run)
        with self._database.connect().execution_options(reading=True) as connection:
            return tuple(
                CredentialUse(row.at, row.who, row.reference, row.purpose, row.run_id, row.reads)
                for row in connection.execute(query)
            )
