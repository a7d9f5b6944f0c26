"""A run log that moves: every row arrives, the chain is valid there, and counting goes on where it was."""

from pathlib import Path

import pytest

from facilitator.errors import StoreError
from facilitator.runs.audit import Audit
from facilitator.runs.copying import copy_run_log
from facilitator.runs.database import Database, open_database
from facilitator.runs.ports import Pinned
from facilitator.runs.run import Mode, RunState
from facilitator.runs.store import RunStore
from tests.unit.runs.conftest import NOW, WINDOW


def pinned(n: int) -> Pinned:
    return Pinned(f"agent_{n}", n, "env_1", "hash", "hash", ("board_get_task",))


@pytest.fixture
def file(tmp_path: Path) -> Database:
    """The run log of one machine, with a run that went two steps and two pins."""
    database = open_database(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    store = RunStore(database)
    run, _ = store.fire("harbour", "standup", WINDOW, mode=Mode.APPROVE, trigger="schedule", now=NOW)
    with store.step(run, now=NOW) as step:
        step.move(RunState.GATHERED, "read 3 tasks – ünïcode")
    for n in (1, 2):
        store.pin(pinned(n), now=NOW)
    return database


def test_everything_arrives(file: Database, url: str) -> None:
    """Rows, history and the audit chain are the same on PostgreSQL, and the next pin is the newest."""
    there = open_database(url)
    counts = copy_run_log(file, there)
    assert (counts["runs"], counts["history"], counts["pins"]) == (1, 2, 2)
    old, new = RunStore(file), RunStore(there)
    [run] = old.recent()
    assert new.recent() == (run,)
    assert new.history(run.id) == old.history(run.id)
    assert Audit(there).verify() == Audit(file).verify()
    assert Audit(there).verify().broken == ()
    new.pin(pinned(3), now=NOW)
    assert new.pinned() == pinned(3)
    for database in (file, there):
        database.dispose()


def test_what_holds_runs_is_not_copied_into(file: Database, url: str) -> None:
    """The second time the copy is refused, and what is there stays."""
    there = open_database(url)
    copy_run_log(file, there)
    with pytest.raises(StoreError, match="is not empty"):
        copy_run_log(file, there)
    assert len(RunStore(there).recent()) == 1
    for database in (file, there):
        database.dispose()
