"""The audit chain on PostgreSQL: whole after a life, whole after a race, and an alteration is found there too."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from facilitator.calendar.window import Window
from facilitator.runs.audit import Audit
from facilitator.runs.keeping import KINDS, Keeping
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.store import RunStore
from tests.unit.runs.conftest import NOW
from tests.unit.runs.test_audit import fill

WORKERS, RUNS = 4, 3


def test_a_life_of_a_run_is_sealed(store: RunStore, run: Run) -> None:
    """The same digests whether a row is taken from what was written or read back through this driver; purges included."""
    run = fill(store, run)
    with store.step(run, now=NOW) as step:
        step.move(RunState.WRITTEN, "done")
    audit = Audit(store.database)
    assert audit.verify().broken == ()
    for kind in KINDS:
        Keeping(store.database).purge(kind, run.id, now=NOW + timedelta(days=91))
    assert audit.verify().broken == ()
    with store.database.begin() as connection:
        connection.exec_driver_sql("UPDATE decisions SET because = 'better'")
    assert [one.place.split("/")[0] for one in audit.verify().broken] == ["decisions"]


def test_workers_that_race_make_one_chain(url: str, store: RunStore) -> None:
    """Processes that record at once queue at the head: no number is taken twice, none is left out."""

    def work(worker: int) -> None:
        own = RunStore.open(url)
        for n in range(RUNS):
            at = NOW + timedelta(days=n)
            run, _ = own.fire(
                f"team-{worker}",
                "standup",
                Window(at, at + timedelta(days=1)),
                mode=Mode.AUTO,
                trigger="x",
                now=at,
            )
            with own.step(run, now=at) as step:
                step.move(RunState.FAILED, "x")
        own.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    found = Audit(store.database).verify()
    assert found.broken == ()
    assert found.seq == WORKERS * RUNS * 3
