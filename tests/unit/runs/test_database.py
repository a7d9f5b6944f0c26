"""Opening a run log: built, upgraded, or refused untouched."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from facilitator.errors import StoreError
from facilitator.runs.database import open_database
from facilitator.runs.store import RunStore
from facilitator.runs.tables import metadata


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_the_migrations_build_the_tables_the_code_knows(url: str) -> None:
    """No column stands in tables.py that no migration makes, nor the other way round."""
    engine = open_database(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_opening_again_changes_nothing(url: str) -> None:
    """The second start finds everything as the first left it."""
    RunStore.open(url).close()
    before = file_of(url).read_bytes()
    RunStore.open(url).close()
    assert file_of(url).read_bytes() == before


def test_a_damaged_run_log_is_left_untouched(url: str) -> None:
    """Bytes that are no database are named and not overwritten."""
    file_of(url).write_bytes(b"SQLite format 3\0" + b"rubbish" * 400)
    before = file_of(url).read_bytes()
    with pytest.raises(StoreError, match="cannot be read"):
        RunStore.open(url)
    assert file_of(url).read_bytes() == before


def test_a_run_log_of_a_newer_release_is_refused(url: str) -> None:
    """An older program never touches a newer file."""
    RunStore.open(url).close()
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer release"):
        RunStore.open(url)


def test_a_writer_does_not_block_a_reader(url: str) -> None:
    """Write-ahead logging is on, so a page can be shown while a step is recorded."""
    store = RunStore.open(url)
    with closing(sqlite3.connect(file_of(url))) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert store.recent() == ()
        assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()


def test_a_new_run_log_is_its_owners_alone(url: str) -> None:
    """Boards are read with rights that others on the machine may not have; one that exists keeps its mode."""
    RunStore.open(url).close()
    assert file_of(url).stat().st_mode & 0o777 == 0o600
    file_of(url).chmod(0o640)
    RunStore.open(url).close()
    assert file_of(url).stat().st_mode & 0o777 == 0o640
