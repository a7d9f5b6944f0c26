"""Opening the run log: the right pragmas, the right tables, and a clear refusal of a file that is not ours to touch.

SQLite runs in WAL mode so that a reader never waits for the one writer. Alembic builds and upgrades the tables.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from facilitator.errors import StoreError
from facilitator.runs.glance import newest_revision

Database = Engine
"""What the other rooms call it: an open database that they hand on and never ask."""


BUSY_TIMEOUT_S = 30
"""How long a writer waits for another; transactions here last milliseconds."""


def open_database(url: str) -> Database:
    """Connect, bring the tables to this release, and give the engine.

    The second time nothing changes. One written by a newer release is left untouched and raises `StoreError`, and so does
    a damaged one where the damage is met; `refuse_damage` looks for it.
    """
    parsed = _with_driver(make_url(url))
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        _make_private(Path(parsed.database))
    engine = _engine(parsed)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_immediate)
        event.listen(engine, "handle_error", _name_damage)
    try:
        _upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def is_shared(database: Database) -> bool:
    """Whether many machines may use this run log: PostgreSQL, not a file."""
    return database.dialect.name == "postgresql"


def libpq_address(url: str) -> str:
    """A PostgreSQL address as its own tools read it: without the name of our driver. It may hold a password."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _with_driver(url: URL) -> URL:
    """`postgresql://` as people write it means psycopg, the driver we bring."""
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _engine(url: URL) -> Database:
    try:
        return create_engine(url, pool_pre_ping=url.get_backend_name() == "postgresql")
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the run log at {url.render_as_string(hide_password=True)} needs the package {error.name}.",
            suggestion="Install it with `pip install 'facilitator[cluster]'`.",
        ) from error


def answers(database: Database) -> bool:
    """Whether the database answers a question; False where it cannot be reached."""
    try:
        with database.connect().execution_options(reading=True) as connection:
            return connection.execute(text("SELECT 1")).scalar() == 1
    except SQLAlchemyError:
        return False


def _make_private(path: Path) -> None:
    """A new run log is its owner's alone: what a board says is nobody else's business on this machine.

    The journals beside it get the same mode.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)


def refuse_damage(database: Database) -> None:
    """Look through the whole file and raise `StoreError` where it is damaged; nothing is changed.

    For processes that stay, and for those that are asked: a large file takes seconds. Whoever reads a damaged page by chance
    is told the same.
    """
    if database.dialect.name != "sqlite":
        return
    with database.connect().execution_options(reading=True) as connection:
        verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if verdict != "ok":
        raise _damaged(database, str(verdict))


def _damaged(database: Database, verdict: str) -> StoreError:
    return StoreError(
        f"the run log {database.url.database} cannot be read: {verdict}",
        suggestion="Nothing was changed. Restore it from a backup, or move it away and start with a new one.",
    )


def _name_damage(context: ExceptionContext) -> None:
    """A damaged page is named wherever it is met, in the words of `refuse_damage`."""
    code = getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) and context.engine is not None:
        raise _damaged(context.engine, str(context.original_exception))


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: `_begin_immediate` takes the write lock at once, so that two
    # writers queue instead of one failing half way with a snapshot that grew old.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # a receipt that was recorded must survive the machine losing power
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:
    """`reading` never waits for a writer; `asking` is one question and needs no transaction. `replayable` does not wait for
    the disk: what the machine may lose with its power is asked for again; a process that dies loses nothing either way.
    """
    options = connection.get_execution_options()
    if options.get("asking", False):
        return
    if options.get("reading", False):
        connection.exec_driver_sql("BEGIN")
        return
    level = "NORMAL" if options.get("replayable", False) else "FULL"
    if connection.info.get("synchronous") != level:
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        connection.info["synchronous"] = level
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(engine: Engine) -> None:
    """Bring the tables to this release. Alembic is loaded only where there is something to do: most opens find nothing."""
    if _recorded(engine) == newest_revision():
        return
    refuse_damage(engine)
    from facilitator.runs.upgrading import upgrade

    upgrade(engine, shared=is_shared(engine))


def _recorded(engine: Engine) -> str | None:
    """The revision that the run log is at; None for a new one, and where it cannot be told."""
    try:
        with engine.connect().execution_options(reading=True) as connection:
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        return None
    return found
