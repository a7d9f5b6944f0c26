"""What scheduling asks of the run log, pauses with who and when, and the sprints last seen."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from facilitator.calendar.fires import SprintSpan
from facilitator.calendar.window import Window
from facilitator.runs.coverage import NEWEST, Coverage
from facilitator.runs.pauses import Pauses
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.sprint_log import SprintLog
from facilitator.runs.store import RunStore

from .conftest import NOW

DAY = timedelta(days=1)
TEAM = ("harbour", "standup")


@pytest.fixture
def coverage(store: RunStore) -> Coverage:
    return Coverage(store.database)


@pytest.fixture
def pauses(store: RunStore) -> Pauses:
    return Pauses(store.database)


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


def test_the_questions_of_scheduling_are_answered_from_an_index(store: RunStore, coverage: Coverage) -> None:
    """Thousands of ceremonies ask at every wake-up: none of them may read the log from end to end."""
    asked = [
        "SELECT id FROM runs WHERE team = 'a' AND ceremony = 'b' AND mode != 'shadow' ORDER BY window_end DESC LIMIT 12",
        (
            "SELECT window_end FROM runs WHERE team = 'a' AND ceremony = 'b' AND mode != 'shadow' AND state = 'written'"
            " ORDER BY window_end DESC LIMIT 1"
        ),
        "SELECT window_start FROM runs WHERE team = 'a' AND ceremony = 'b' ORDER BY window_end LIMIT 1",
    ]
    with store.database.connect() as connection:
        for query in asked:
            plan = " ".join(row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}")))
            assert "USING INDEX runs_by_" in plan, plan
            assert "TEMP B-TREE" not in plan, plan


def test_a_turn_that_fails_records_nothing(store: RunStore, coverage: Coverage) -> None:
    """Neither what it superseded nor what it fired."""
    waiting = fired(store, 0, RunState.JUDGED)
    planned = Run.planned(*TEAM, Window(NOW, NOW + DAY), mode=Mode.APPROVE, trigger="schedule", now=NOW)

    def broken() -> None:
        with coverage.turn(now=NOW) as turn:
            turn.supersede(waiting.id, "a newer one is due")
            turn.fire(planned, "fired by schedule")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert [run.state for run in store.recent()] == [RunState.JUDGED]


def test_one_window_is_one_run_within_a_turn_too(store: RunStore, coverage: Coverage) -> None:
    """The second to ask gets the first one's."""
    planned = Run.planned(*TEAM, Window(NOW, NOW + DAY), mode=Mode.APPROVE, trigger="schedule", now=NOW)

    with coverage.turn(now=NOW) as turn:
        assert [turn.fire(planned, "once")[1], turn.fire(planned, "twice")[1]] == [True, False]
        skipped = turn.skip(planned, "paused")

    assert skipped.state is RunState.SCHEDULED, "what was fired is not skipped afterwards"
    assert len(store.recent()) == 1


# --- pauses ----------------------------------------------------------------------------------------------------------


def held(pauses: Pauses, ceremony: str, at: datetime) -> str:
    """What holds the team's ceremony then, in words."""
    pause = pauses.since(at).over("harbour", ceremony, at)
    return pause.words if pause else ""


def test_a_pause_of_the_team_holds_all_its_ceremonies(pauses: Pauses) -> None:
    """And nobody else's."""
    pauses.pause("harbour", who="Alice", now=NOW)

    assert held(pauses, "standup", NOW) == held(pauses, "retro", NOW) == "paused by Alice"
    assert pauses.since(NOW).over("quay", "standup", NOW) is None
    assert held(pauses, "standup", NOW - DAY) == ""


def test_a_pause_of_one_ceremony_leaves_the_others(pauses: Pauses) -> None:
    """Until its end, which does not belong to it."""
    pauses.pause("harbour", "retro", until=NOW + DAY, who="Alice", because="no sprint", now=NOW)

    assert held(pauses, "retro", NOW) == "paused by Alice until 2026-06-11 07:00 UTC: no sprint"
    assert (held(pauses, "standup", NOW), held(pauses, "retro", NOW + DAY)) == ("", "")


def test_pausing_again_moves_the_end(pauses: Pauses) -> None:
    """The first pause ends where the second begins, and both stay on record."""
    pauses.pause("harbour", until=NOW + DAY, who="Alice", now=NOW)
    pauses.pause("harbour", until=NOW + 3 * DAY, who="Bob", now=NOW + timedelta(hours=1))

    assert held(pauses, "standup", NOW) == "paused by Alice until 2026-06-11 07:00 UTC"
    assert held(pauses, "standup", NOW + 2 * DAY) == "paused by Bob until 2026-06-13 07:00 UTC"


def test_resuming_ends_what_it_names_and_says_who(pauses: Pauses) -> None:
    """One ceremony, or with none named everything; a second time there is nothing to end."""
    pauses.pause("harbour", "retro", who="Alice", now=NOW)
    pauses.pause("harbour", "standup", who="Alice", now=NOW)

    (one,) = pauses.resume("harbour", "retro", who="Bob", now=NOW + DAY)
    (rest,) = pauses.resume("harbour", who="Bob", now=NOW + DAY)

    assert (one.ceremony, rest.ceremony) == ("retro", "standup")
    assert pauses.resume("harbour", who="Bob", now=NOW + DAY) == ()
    assert {pause.resumed_by for pause in pauses.since(NOW).pauses} == {"Bob"}


# --- sprints last seen -----------------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SprintLog]:
    store = RunStore.open(f"sqlite:///{tmp_path / 'sprints.sqlite3'}")
    yield SprintLog(store.database)
    store.close()


def test_what_the_board_says_now_replaces_what_it_said(log: SprintLog) -> None:
    """A sprint that is gone is forgotten; of two with one name the later one counts; teams keep apart."""
    old = SprintSpan("S1", NOW - 14 * DAY, NOW)
    new = [SprintSpan("S2", NOW, NOW + 14 * DAY), SprintSpan("S2", NOW + 90 * DAY, NOW + 104 * DAY)]
    log.keep("quay", [old])
    log.keep("harbour", [old])

    log.keep("harbour", new)

    assert log.all() == {"harbour": (new[1],), "quay": (old,)}
    log.keep("harbour", [])
    assert log.all() == {"quay": (old,)}
