"""Opening the run log: the right pragmas, the right tables, and a clear refusal of a file that is not ours to touch.

SQLite runs in WAL mode so that a reader never waits for the one writer. Alembic builds and upgrades the tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from facilitator.errors import StoreError
from facilitator.runs import ledger_tables  # noqa: F401 - its tables join the metadata
from facilitator.runs.tables import metadata

Database = Engine
"""What the other rooms call it: an open database that they hand on and never ask."""

MIGRATIONS = Path(__file__).with_name("migrations")
UPGRADE_KEY = 0x66616369
"""The advisory lock under which a PostgreSQL run log is upgraded; any number, the same in every release."""

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another; transactions here last milliseconds."""


def open_database(url: str) -> Database:
    """Connect, bring the tables to this release, and give the engine.

    The second time nothing changes. A damaged file, or one written by a newer release, is left untouched and raises
    `StoreError`.
    """
    parsed = _with_driver(make_url(url))
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        _refuse_damage(Path(parsed.database))
    engine = _engine(parsed)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_immediate)
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


def _refuse_damage(path: Path) -> None:
    if not path.exists() or path.stat().st_size == 0:
        path.parent.mkdir(parents=True, exist_ok=True)
        # What a board says is nobody else's business on this machine; the journals beside it get the same mode.
        path.touch(mode=0o600)
        return
    try:
        # mode=rw, not ro: opening after a crash may have to replay the write-ahead log.
        with _closing(
            sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)
        ) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise StoreError(
            f"the run log {path} cannot be read: {verdict}",
            suggestion="Nothing was changed. Restore it from a backup, or move it away and start with a new one.",
        )


@contextmanager
def _closing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    finally:
        connection.close()


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
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head()

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - the documented way to upgrade in process

    environment = EnvironmentContext(config, script, fn=steps, destination_rev="head")
    try:
        with engine.connect() as connection, connection.begin():
            if is_shared(engine):
                # Several processes may start at once: the first makes the tables, the others find them made.
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_KEY})
            environment.configure(connection=connection, target_metadata=metadata)
            with environment.begin_transaction():
                environment.run_migrations()
    except CommandError as error:
        raise StoreError(
            f"the run log at {_shown(engine)} was written by a newer release than this one (this one knows {head})",
            suggestion="Nothing was changed. Start the newer release, or choose another FACILITATOR_DATABASE_URL.",
        ) from error
    except (OperationalError, DatabaseError) as error:
        raise StoreError(
            f"the run log at {_shown(engine)} cannot be opened: {error.orig}",
            suggestion="Check FACILITATOR_DATABASE_URL and the rights on the file and its folder.",
        ) from error


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
