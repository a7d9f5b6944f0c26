"""Who used which secret: a row before the first use, and never the secret."""

import pytest

from facilitator.runs.credentials import MOST_OPEN, CredentialLog
from facilitator.runs.current import at_work_on
from facilitator.runs.store import RunStore

from .conftest import NOW

SECRET = "canary-secret"


@pytest.fixture
def log(store: RunStore) -> CredentialLog:
    return CredentialLog(store.database, who="ops, process 7", clock=lambda: NOW)


def test_a_use_is_recorded_before_the_secret_is_read(log: CredentialLog) -> None:
    """Also where there is none to read: the attempt is what counts."""

    def missing() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        log.watched(missing, "file:TOKEN", "asana")()
    [use] = log.uses()
    assert (use.at, use.who, use.reference, use.purpose, use.run_id, use.reads) == (
        NOW, "ops, process 7", "file:TOKEN", "asana", None, 1,
    )  # fmt: skip


def test_one_row_tells_of_one_run(log: CredentialLog) -> None:
    """A board of a thousand tasks is one row with a count; another run is another row."""
    read = log.watched(lambda: SECRET, "file:TOKEN", "asana")
    for run in ("run_a", "run_b"):
        with at_work_on(run):
            assert [read() for _ in range(3)] == [SECRET] * 3
    log.settle()
    log.settle()
    assert [(use.run_id, use.reads) for use in log.uses()] == [("run_a", 3), ("run_b", 3)]
    assert [use.run_id for use in log.uses(run="run_b")] == ["run_b"]


def test_counting_starts_anew_when_there_is_too_much(log: CredentialLog) -> None:
    """A process that serves for months keeps no row in mind for ever; what it counted is written first."""
    log._open.update({("x", "y", str(n)): (0, 1) for n in range(MOST_OPEN - 1)})
    read = log.watched(lambda: SECRET, "file:TOKEN", "asana")
    read()
    read()
    log.note("file:OTHER", "asana")
    assert [use.reads for use in log.uses()] == [2, 1]


def test_runs_do_not_leak_into_each_other() -> None:
    """After a step, the task works on nothing again."""
    from facilitator.runs.current import current_run

    with at_work_on("run_a"):
        assert current_run() == "run_a"
    assert current_run() is None
