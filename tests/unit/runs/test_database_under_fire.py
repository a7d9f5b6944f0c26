"""The run log as a file: killed at any instant it opens again whole; damaged or newer it is named and not touched."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from facilitator.errors import StoreError
from facilitator.runs.run import Run, RunState
from facilitator.runs.store import RunStore

WRITER = """
import sys
from datetime import UTC, datetime
from facilitator.runs.store import RunStore
store, now = RunStore.open(sys.argv[1]), datetime(2026, 6, 10, tzinfo=UTC)
run = store.recent()[0]
while True:
    with store.step(run, now=now) as step:
        step.note(f"version {run.version + 1}")
    run = step.run
    store.keep_events(run.id, [{"id": f"sevt_{run.version}", "type": "x"}], now=now)
    print(run.version, flush=True)
"""
DEATHS = 3


def files(url: str) -> dict[str, bytes]:
    """Every byte of the database and what stands beside it."""
    path = Path(url.removeprefix("sqlite:///"))
    return {one.name: one.read_bytes() for one in path.parent.glob(f"{path.name}*") if one.is_file()}


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def test_a_writer_killed_at_any_instant_leaves_a_whole_log(url: str, store: RunStore, run: Run) -> None:
    """SIGKILL in the middle of writing, again and again: every step that was told is there, none is half there."""
    told = run.version
    for death in range(DEATHS):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        for _ in range(3 + 7 * death):
            told = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        lines = writer.communicate()[0].split()
        told = max([told, *map(int, lines[:-1])])
        with closing(RunStore.open(url)) as opened:
            after = opened.get(run.id)
            assert after.version >= told
            assert opened.history(run.id)[-1].why == f"version {after.version}"
            assert len(opened.history(run.id)) == after.version
            assert len(opened.events(run.id)) in (after.version - 1, after.version - 2)
            assert after.state is RunState.SCHEDULED


def test_a_damaged_page_is_named_and_left_as_it_is(url: str, store: RunStore, run: Run) -> None:
    """Bytes overwritten in the middle of the file, the header whole: it is refused before anything is written."""
    store.close()
    with closing(sqlite3.connect(path_of(url))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path_of(url).read_bytes())
    content[4096 : 4096 * 3] = os.urandom(4096 * 2)
    path_of(url).write_bytes(content)
    before = path_of(url).read_bytes()
    with pytest.raises(StoreError, match="cannot be read") as caught:
        RunStore.open(url)
    assert "Nothing was changed" in caught.value.suggestion
    assert path_of(url).read_bytes() == before


def test_half_a_file_is_named_and_left_as_it_is(url: str, store: RunStore, run: Run) -> None:
    """Cut off, as a full disk or a broken copy leaves it."""
    store.close()
    path_of(url).write_bytes(path_of(url).read_bytes()[:10_000])
    before = path_of(url).read_bytes()
    with pytest.raises(StoreError, match="cannot be read"):
        RunStore.open(url)
    assert path_of(url).read_bytes() == before


def test_a_log_of_a_newer_release_is_not_touched(url: str, store: RunStore, run: Run) -> None:
    """Not a byte of it, however often it is tried; the message says which release to start."""
    store.close()
    with closing(sqlite3.connect(path_of(url))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = files(url)
    for _ in range(2):
        with pytest.raises(StoreError, match="newer release") as caught:
            RunStore.open(url)
    assert "Start the newer release" in caught.value.suggestion
    assert files(url)[path_of(url).name] == before[path_of(url).name]
