"""The run log: one row a window, one transaction a step, and nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from facilitator.calendar.window import Window
from facilitator.drafts.draft import Draft, DraftSection, Item
from facilitator.drafts.faults import Fault
from facilitator.errors import StoreError
from facilitator.runs.ports import Pinned, Usage, Verdict
from facilitator.runs.run import (
    Decision,
    DecisionKind,
    IllegalMove,
    Mode,
    Parcel,
    ParcelKind,
    Run,
    RunState,
    StaleRun,
)
from facilitator.runs.store import RunStore

from .conftest import NOW, WINDOW

DRAFT = Draft(
    ceremony="standup",
    headline="All calm.",
    sections=(DraftSection(id="moved", items=(Item(text="Two done"),)),),
)


def advance(store: RunStore, run: Run, *states: RunState) -> Run:
    """Move a run through states with no further record."""
    for state in states:
        with store.step(run, now=NOW) as step:
            step.move(state, f"to {state}")
        run = step.run
    return run


def test_firing_twice_makes_one_run(store: RunStore, run: Run) -> None:
    """The second to fire a window gets the first one's run."""
    again, new = store.fire("harbour", "standup", WINDOW, mode=Mode.AUTO, trigger="hand", now=NOW)
    assert (again, new) == (run, False)


def test_many_that_fire_at_once_make_one_run(url: str, store: RunStore) -> None:
    """Threads with their own connections race for one window; exactly one wins."""

    def fire(_n: int) -> bool:
        own = RunStore.open(url)
        try:
            return own.fire("t", "standup", WINDOW, mode=Mode.AUTO, trigger="schedule", now=NOW)[1]
        finally:
            own.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(fire, range(6))) == 1
    assert len(store.recent()) == 1


def test_a_window_in_another_zone_is_the_same_window(store: RunStore, run: Run) -> None:
    """Windows are compared as instants, not as wall-clock times."""
    elsewhere = Window(WINDOW.start, WINDOW.end.astimezone(tz=datetime.now().astimezone().tzinfo))
    assert (
        store.fire("harbour", "standup", elsewhere, mode=Mode.AUTO, trigger="hand", now=NOW)[0].id == run.id
    )


def test_a_late_worker_cannot_undo_a_newer_step(store: RunStore, run: Run) -> None:
    """A step on a run that has moved on is refused and leaves no trace."""
    advance(store, run, RunState.GATHERED)
    with pytest.raises(StaleRun), store.step(run, now=NOW) as late:
        late.move(RunState.FAILED, "too late")
    assert store.get(run.id).state is RunState.GATHERED
    assert [move.after for move in store.history(run.id)] == ["scheduled", "gathered"]


def test_a_step_is_all_or_nothing(store: RunStore, run: Run) -> None:
    """An error inside a step leaves neither its rows nor its move."""
    with pytest.raises(IllegalMove), store.step(run, now=NOW) as step:
        step.keep_usage(Usage(input_tokens=1))
        step.move(RunState.WRITTEN, "by magic")
    assert store.usage(run.id) is None
    assert store.get(run.id) == run


def test_the_history_tells_every_move_with_its_reason(store: RunStore, run: Run) -> None:
    """Who moved the run, from where, to where and why."""
    with store.step(run, now=NOW, by="alice") as step:
        step.move(RunState.FAILED, "no such project")
    last = store.history(run.id)[-1]
    assert (last.before, last.after, last.why, last.by) == ("scheduled", "failed", "no such project", "alice")


def test_an_event_seen_twice_is_kept_once(store: RunStore, run: Run) -> None:
    """Replaying a stream adds nothing; a queued event's stamp is taken over when it comes."""
    queued = {"id": "sevt_1", "type": "user.message", "processed_at": None}
    done = {**queued, "processed_at": "2026-06-10T07:00:01Z"}
    assert store.keep_events(run.id, [queued], now=NOW) == 1
    assert store.keep_events(run.id, [queued, done], now=NOW) == 0
    assert store.keep_events(run.id, [queued], now=NOW) == 0
    assert [event for _, event in store.events(run.id)] == [done]


def test_events_come_back_in_order_from_a_place(store: RunStore, run: Run) -> None:
    """Tailing asks for what came after the last seen place."""
    store.keep_events(run.id, [{"id": f"sevt_{n}", "type": "x"} for n in range(5)], now=NOW)
    assert [place for place, _ in store.events(run.id, after=2)] == [3, 4]


def test_a_draft_is_kept_once_with_its_faults(store: RunStore, run: Run) -> None:
    """The same draft twice is one row, and the run points at it."""
    fault = Fault(check="D2", where="blocked", message="one task is missing", fact="blocked", right="2")
    with store.step(run, now=NOW) as step:
        step.keep_draft(DRAFT, [fault], origin="agent")
        step.keep_draft(DRAFT, [fault], origin="agent")
    record = store.draft(run.id, step.run.draft_digest or "")
    assert record is not None
    assert (record.draft, record.faults) == (DRAFT, (fault,))


def test_verdicts_kept_twice_stay_as_they_were(store: RunStore, run: Run) -> None:
    """Re-following a session after a crash does not double its gradings."""
    first = Verdict(0, "needs_revision", "one is missing")
    for verdicts in ([first], [replace(first, explanation="other"), Verdict(1, "satisfied", "ok")]):
        with store.step(store.get(run.id), now=NOW) as step:
            step.keep_verdicts("outc_1", verdicts)
    assert store.verdicts(run.id) == (first, Verdict(1, "satisfied", "ok"))


def test_decisions_and_outbox_come_back_as_recorded(store: RunStore, run: Run) -> None:
    """What was approved, by whom, and the exact bytes."""
    decision = Decision(DecisionKind.APPROVED, "alice", "", "d" * 64, NOW, "cli")
    parcel = Parcel(
        1,
        ParcelKind.COMMENT,
        "120",
        "",
        "Daily stand-up",
        "<body>é</body>",
        "e" * 64,
        "ref standup/x/harbour",
    )
    with store.step(run, now=NOW) as step:
        step.keep_decision(decision)
        step.keep_parcels([parcel])
    assert store.decisions(run.id) == (decision,)
    assert store.parcels(run.id) == (parcel,)


def test_a_naive_instant_is_refused_at_the_door(store: RunStore, run: Run) -> None:
    """A time without a zone never reaches the run log."""
    with (
        pytest.raises(Exception, match="without a time zone"),
        store.step(run, now=NOW.replace(tzinfo=None)) as step,
    ):
        step.note("hello")
    assert store.get(run.id) == run


def test_only_unended_runs_are_unfinished(store: RunStore, run: Run) -> None:
    """What starting up advances: everything that has not ended."""
    later = Window(NOW, NOW + timedelta(days=1))
    other, _ = store.fire("harbour", "standup", later, mode=Mode.AUTO, trigger="schedule", now=NOW)
    advance(store, run, RunState.FAILED)
    assert store.unfinished() == (other,)


def test_the_last_written_run_bounds_the_next_window(store: RunStore, run: Run) -> None:
    """Only written runs count, and only those that ended before."""
    advance(
        store,
        run,
        RunState.GATHERED,
        RunState.SUBMITTED,
        RunState.JUDGED,
        RunState.APPROVED,
        RunState.WRITTEN,
    )
    found = store.last_written("harbour", "standup", before=NOW)
    assert found is not None
    assert found.id == run.id
    assert store.last_written("harbour", "standup", before=NOW - timedelta(seconds=1)) is None


def test_the_newest_pin_counts(store: RunStore) -> None:
    """Sessions are pinned to what was applied last."""
    assert store.pinned() is None
    pin = Pinned("agent_1", 1, "env_1", "a", "b", ("board_get_task",))
    store.pin(pin, now=NOW)
    store.pin(replace(pin, agent_version=2), now=NOW)
    assert store.pinned() == replace(pin, agent_version=2)


def test_an_unknown_run_is_named(store: RunStore) -> None:
    """The error names the run and the verb that lists them."""
    with pytest.raises(StoreError, match="run_nope") as caught:
        store.get("run_nope")
    assert "runs list" in caught.value.suggestion
