"""New rows of one table at the price of the driver: their values in the form they are stored in, one statement.

For what is recorded often or a thousand at a time; everything else says `insert` and leaves the form to the table's types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

from facilitator.runs.tables import Instant, stored_instant


def stored(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row in the form in which the table keeps it."""
    kept = dict(row)
    for name in _instants(table):
        if kept.get(name) is not None:
            kept[name] = stored_instant(kept[name])
    return kept


def insert_stored(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that are in their stored form; a column that a row does not name is NULL."""
    statement, places = _statement(table, connection.dialect)
    connection.exec_driver_sql(
        statement, [tuple(map(row.get, places)) if places else dict(row) for row in rows]
    )


@cache
def _instants(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if isinstance(column.type, Instant))


@lru_cache(maxsize=64)
def _statement(table: Table, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The INSERT in the driver's words, and the order of its values where it takes them by place."""
    compiled = insert(table).compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())
