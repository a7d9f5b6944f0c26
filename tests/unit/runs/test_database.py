"""Opening a run log: built, upgraded, or refused untouched."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from facilitator.errors import StoreError
from facilitator.runs.database import open_database, refuse_damage
from facilitator.runs.glance import newest_runs
from facilitator.runs.run import Mode
from facilitator.runs.store import RunStore
from facilitator.runs.tables import metadata

from .conftest import NOW, WINDOW


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


def test_a_run_log_of_this_release_opens_without_alembic(url: str) -> None:
    """The migrations' newest number is the revision that they bring it to, so nothing needs to be loaded to see it."""
    RunStore.open(url).close()
    script = "import sys; from facilitator.runs.store import RunStore; RunStore.open(sys.argv[1]); print('alembic' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script, url], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_damage_behind_the_first_pages_is_found_by_looking(url: str) -> None:
    """Opening reads little. Looking through names it, and so does whatever reads it; not a byte is changed."""
    store = RunStore.open(url)
    store.fire("quay", "standup", WINDOW, mode=Mode.APPROVE, trigger="schedule", now=NOW)
    with store.database.connect() as connection:
        page = connection.exec_driver_sql("SELECT rootpage FROM sqlite_schema WHERE name = 'runs'").scalar()
    store.close()
    assert page is not None
    content = bytearray(file_of(url).read_bytes())
    content[4096 * (page - 1) : 4096 * page] = b"rubbish!" * 512
    file_of(url).write_bytes(content)

    store = RunStore.open(url)
    with pytest.raises(StoreError, match="cannot be read"):
        refuse_damage(store.database)
    with pytest.raises(StoreError, match="cannot be read"):
        store.recent()
    store.close()
    assert newest_runs(url, {}, 9) is None, "a glance leaves it to those who can say what is wrong"
    assert file_of(url).read_bytes() == content


def test_a_glance_tells_what_the_store_tells(url: str) -> None:
    """The newest first, filtered and cut alike; of anything but a file of this release it tells nothing."""
    assert newest_runs(url, {}, 9) is None
    store = RunStore.open(url)
    for team, ceremony in (("quay", "standup"), ("harbour", "standup"), ("harbour", "retro")):
        store.fire(team, ceremony, WINDOW, mode=Mode.APPROVE, trigger="schedule", now=NOW)
    for wanted, limit in (
        ({}, 9),
        ({}, 2),
        ({"team": "harbour"}, 9),
        ({"team": "quay", "ceremony": "retro"}, 9),
    ):
        told = newest_runs(url, wanted, limit)
        assert told is not None
        runs = store.recent(team=wanted.get("team"), ceremony=wanted.get("ceremony"), limit=limit)
        assert [row["id"] for row in told] == [run.id for run in runs]
    with store.database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    store.close()
    assert newest_runs(url, {}, 9) is None


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
