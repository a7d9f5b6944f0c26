"""Moving a run log from one database to another: from the file of one machine to the PostgreSQL of many.

Copies rows as they are, so that the audit chain is valid there as it was here. It changes nothing where it copies from.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Integer, Table, delete, func, insert, select, text

from facilitator.errors import StoreError
from facilitator.runs.database import Database, is_shared
from facilitator.runs.tables import audit_head, metadata

BATCH = 500
"""Rows in memory at once; a snapshot is some hundred kilobytes."""


SEEDED = (audit_head,)
"""Tables that a new run log already has a row in; what is copied takes its place."""


def copy_run_log(source: Database, target: Database) -> Mapping[str, int]:
    """Copy every row into an empty run log; gives how many rows each table got.

    One transaction: where it fails, the target is as empty as before. Raises `StoreError` for a target that holds
    anything, or that does not hold the same number of rows afterwards. Nothing else may write to `source` meanwhile.
    """
    with (
        source.connect().execution_options(reading=True) as reading,
        target.begin() as writing,
    ):
        _refuse_rows(writing)
        counts = {table.name: _copy(table, reading, writing) for table in metadata.sorted_tables}
        for table in metadata.sorted_tables:
            if _count(table, writing) != counts[table.name]:
                raise StoreError(
                    f"the table {table.name} was not copied whole.",
                    suggestion="Nothing was written. Stop what serves from the old run log, then copy again.",
                )
        if is_shared(target):
            for table in metadata.sorted_tables:
                _go_on_counting(table, writing)
    return counts


def _refuse_rows(writing: Connection) -> None:
    held = [table.name for table in metadata.sorted_tables if table not in SEEDED and _count(table, writing)]
    if held:
        raise StoreError(
            f"the run log to copy into is not empty: {', '.join(held)}.",
            suggestion="Copy into a new database.",
        )
    for table in SEEDED:
        writing.execute(delete(table))


def _count(table: Table, connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _copy(table: Table, reading: Connection, writing: Connection) -> int:
    rows = 0
    found = reading.execution_options(yield_per=BATCH).execute(select(table))
    for batch in found.mappings().partitions(BATCH):
        writing.execute(insert(table), [dict(row) for row in batch])
        rows += len(batch)
    return rows


def _go_on_counting(table: Table, writing: Connection) -> None:
    """PostgreSQL hands out numbers by itself: let it go on after the highest that was copied."""
    for column in table.primary_key:
        if column is table.autoincrement_column and isinstance(column.type, Integer):
            highest = writing.execute(select(func.max(column))).scalar()
            if highest is not None:
                writing.execute(
                    text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"),
                    {"table": table.name, "column": column.name, "highest": highest},
                )
