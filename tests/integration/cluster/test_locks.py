"""What a lock promises, held by both kinds: locked files, and advisory locks of PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from facilitator.errors import StoreError
from facilitator.runs.database import open_database
from facilitator.runs.locks import AdvisoryLocks, FileLocks, Locks, lock_key

Keys = Callable[[], Locks]


@pytest.fixture(params=["files", "postgresql"])
def process(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keys]:
    """Makes the locks of one more process."""
    if request.param == "files":
        yield lambda: FileLocks(tmp_path / "locks")
        return
    database = open_database(request.getfixturevalue("url"))
    made: list[AdvisoryLocks] = []

    def make() -> Locks:
        made.append(AdvisoryLocks(database))
        return made[-1]

    yield make
    for locks in made:
        locks.close()
    database.dispose()


def test_a_name_has_one_holder(process: Keys) -> None:
    """Another process is told no, and gets it once the first let go; other names are free."""
    one, other = process(), process()
    with one.hold("run_1") as first, other.hold("run_1") as second, other.hold("run_2") as third:
        assert (first, second, third) == (True, False, True)
    with other.hold("run_1") as again:
        assert again


def test_a_process_is_not_given_its_own_lock_twice(process: Keys) -> None:
    """Two tasks of one process exclude each other, too, and the refused one frees nothing."""
    locks, other = process(), process()
    with locks.hold("run_1") as first:
        with locks.hold("run_1") as second:
            assert (first, second) == (True, False)
        with other.hold("run_1") as third:
            assert not third


def test_a_connection_that_died_holds_nothing(url: str) -> None:
    """The server lets go of a dead worker's locks; who asks meanwhile is told that the database was not there."""
    database = open_database(url)
    dying, other = AdvisoryLocks(database), AdvisoryLocks(database)
    with dying.hold("run_1") as ours:
        assert ours
        with database.begin() as connection:
            holder = text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :low"
            )
            connection.execute(holder, {"low": lock_key("run_1") & 0xFFFFFFFF})
        with other.hold("run_1") as theirs:
            assert theirs
            with pytest.raises(StoreError, match="run_2"), dying.hold("run_2"):
                pass
            with dying.hold("run_1") as back:
                assert not back
    for locks in (dying, other):
        locks.close()
    database.dispose()
