"""Where a ceremony stands, and turns that fire: on every database that the run log may be in."""

from datetime import datetime, timedelta

import pytest

from facilitator.calendar.window import Window
from facilitator.errors import StoreError
from facilitator.runs.coverage import Coverage
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.standing import NEWEST
from facilitator.runs.store import RunStore

from .conftest import NOW

DAY = timedelta(days=1)
TEAM = ("harbour", "standup")


@pytest.fixture
def coverage(store: RunStore) -> Coverage:
    return Coverage(store.database)


def fired(store: RunStore, day: int, state: RunState, mode: Mode = Mode.APPROVE) -> Run:
    """A run of the window that ends on that day from now, in a state."""
    window = Window(NOW + (day - 1) * DAY, NOW + day * DAY)
    run, _ = store.fire(*TEAM, window, mode=mode, trigger="schedule", now=window.end)
    with store.step(run, now=window.end) as step:
        step.set(state=state)
    return step.run


def open_since(coverage: Coverage) -> datetime | None:
    return coverage.standing(*TEAM, Mode.APPROVE, now=NOW).progress.open_since


def test_an_old_written_window_is_found_behind_many_that_were_not(
    store: RunStore, coverage: Coverage
) -> None:
    """A month of failures: the open time still begins where the last document ended."""
    written = fired(store, 0, RunState.WRITTEN)
    for day in range(1, NEWEST + 10):
        fired(store, day, RunState.FAILED)

    assert open_since(coverage) == written.window.end


def test_where_nothing_was_written_the_open_time_begins_with_the_first_window(
    store: RunStore, coverage: Coverage
) -> None:
    """However many failed since."""
    first = fired(store, 0, RunState.FAILED)
    for day in range(1, NEWEST + 10):
        fired(store, day, RunState.EXPIRED)

    assert open_since(coverage) == first.window.start


def test_another_team_and_another_ceremony_do_not_count(store: RunStore, coverage: Coverage) -> None:
    """Nor does a rehearsal."""
    window = Window(NOW, NOW + DAY)
    for team, ceremony, mode in (
        ("quay", "standup", Mode.AUTO),
        ("harbour", "retro", Mode.AUTO),
        ("harbour", "standup", Mode.SHADOW),
    ):
        store.fire(team, ceremony, window, mode=mode, trigger="schedule", now=NOW)

    standing = coverage.standing(*TEAM, Mode.APPROVE, now=NOW)

    assert (standing.progress.open_since, standing.at_work) == (None, None)


def test_many_are_asked_about_at_once(store: RunStore, coverage: Coverage) -> None:
    """Each stands where it would if it were asked about alone, in the order they were named; tracks keep apart."""
    written = fired(store, 0, RunState.WRITTEN)
    waiting = fired(store, 1, RunState.JUDGED)
    rehearsed = fired(store, 3, RunState.SKIPPED, Mode.SHADOW)
    at_work, _ = store.fire(
        "quay", "standup", written.window, mode=Mode.AUTO, trigger="schedule", now=written.window.end
    )
    coverage.enrol([("harbour", "retro"), TEAM], now=NOW - 9 * DAY)

    with coverage.turn(now=NOW) as turn:
        live, nobody, shadow, quay, fresh, other = turn.standings(
            [
                (*TEAM, Mode.APPROVE),
                ("nobody", "standup", Mode.AUTO),
                (*TEAM, Mode.SHADOW),
                ("quay", "standup", Mode.AUTO),
                ("harbour", "retro", Mode.SHADOW),
                ("quay", "standup", Mode.SHADOW),
            ]
        )

    assert (live.last_written, live.waiting, live.at_work) == (written.id, waiting.id, None)
    assert (live.progress.open_since, live.progress.dealt_until) == (written.window.end, waiting.window.end)
    assert (nobody.progress.dealt_until, nobody.progress.open_since) == (NOW, None)
    assert (shadow.last_written, shadow.progress.dealt_until) == (rehearsed.id, rehearsed.window.end)
    assert (quay.at_work, quay.progress.open_since) == (at_work.id, written.window.start)
    assert fresh.progress.dealt_until == NOW - 9 * DAY, "since it was enrolled"
    assert other.progress.dealt_until == written.window.end, "as far as the other track"


def test_a_turn_whose_window_was_fired_meanwhile_records_nothing(store: RunStore, coverage: Coverage) -> None:
    """The refusal says to look again; the other windows of the turn are not fired either."""
    one, other = (
        Run.planned(*TEAM, Window(NOW, NOW + n * DAY), mode=Mode.APPROVE, trigger="schedule", now=NOW)
        for n in (1, 2)
    )

    with (
        pytest.raises(StoreError, match="in the same moment") as refused,
        coverage.turn(now=NOW) as turn,
    ):
        turn.fire([one, other, one])

    assert refused.value.retryable
    assert store.recent() == ()


def test_a_turn_that_fails_records_nothing(store: RunStore, coverage: Coverage) -> None:
    """Neither what it superseded nor what it fired."""
    waiting = fired(store, 0, RunState.JUDGED)
    planned = Run.planned(*TEAM, Window(NOW, NOW + DAY), mode=Mode.APPROVE, trigger="schedule", now=NOW)

    def broken() -> None:
        with coverage.turn(now=NOW) as turn:
            turn.supersede(waiting.id, "a newer one is due")
            turn.fire([planned])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert [run.state for run in store.recent()] == [RunState.JUDGED]


def test_one_window_is_one_run_within_a_turn_too(store: RunStore, coverage: Coverage) -> None:
    """The second to ask gets the first one's."""
    planned = Run.planned(*TEAM, Window(NOW, NOW + DAY), mode=Mode.APPROVE, trigger="schedule", now=NOW)

    with coverage.turn(now=NOW) as turn:
        assert [turn.fire([planned]), turn.fire([planned])] == [[(planned, True)], [(planned, False)]]
        skipped = turn.skip(planned, "paused")

    assert skipped.state is RunState.SCHEDULED, "what was fired is not skipped afterwards"
    assert len(store.recent()) == 1
