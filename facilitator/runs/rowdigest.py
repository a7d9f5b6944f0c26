"""The digest of one stored row: the same whether it is taken from what was written or from what is read back.

The audit chain holds these digests instead of rows, so that a text may be purged while its digest stays. A column that is
NULL is left out: a nullable column added by a later release does not change the digest of rows written before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, Label, Table, select, type_coerce
from sqlalchemy.types import NullType

from facilitator.runs.tables import stored_instant

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)

_AS_THEY_ARE = frozenset({str, int, float})
"""What JSON says in one way by itself: nearly every value of a row."""


def canonical(value: Any) -> str:
    """JSON with one form per value: sorted keys, no blanks, ASCII only."""
    return _ENCODER.encode(value)


def digest(text: str) -> str:
    """SHA-256 of a text as stored; bytes that were no UTF-8 (see `exact_reading`) count as themselves."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def row_digest(table: Table, row: Mapping[str, Any]) -> str:
    """The digest of a row of the table, its values as handed to the database or as its driver gives them back."""
    told: dict[str, Any] = {
        name: value if type(value) in _AS_THEY_ARE else _plain(value)
        for name, value in row.items()
        if value is not None
    }
    for name in _floats(table):
        if type(told.get(name)) is int:
            told[name] = float(told[name])
    return digest(canonical([table.name, told]))


@cache
def _floats(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if isinstance(column.type, Float))


def place(table: Table, row: Mapping[str, Any]) -> str:
    """Which row it is: `table/key`, the parts of a compound key joined by slashes."""
    return "/".join([table.name, *(str(row[name]) for name in _key(table))])


@cache
def _key(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


@cache
def raw_columns(table: Table) -> tuple[Label[Any], ...]:
    """A table's columns as its driver gives them, untouched by our types: two spellings of an instant are two rows."""
    return tuple(type_coerce(column, NullType()).label(column.name) for column in table.columns)


@contextmanager
def exact_reading(connection: Connection) -> Iterator[None]:
    """Inside, SQLite gives texts whose bytes are no UTF-8 instead of failing: an altered byte must be told, not crash."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str


def stored_rows(
    connection: Connection, table: Table, *where: ColumnElement[bool]
) -> Iterator[dict[str, Any]]:
    """Rows as they stand, for their digests; see `raw_columns`."""
    query = select(*raw_columns(table)).where(*where).order_by(*table.primary_key.columns)
    for row in connection.execute(query).mappings():
        yield dict(row)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return stored_instant(value)
    if isinstance(value, bytes | memoryview | bytearray):
        return {"sha256": hashlib.sha256(bytes(value)).hexdigest()}
    return str(value) if isinstance(value, str) else value
