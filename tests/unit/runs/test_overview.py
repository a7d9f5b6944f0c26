"""The run log from above: the right runs and sums, and each question answered by the index that was made for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from facilitator.board.board import Board
from facilitator.board.figures import board_figures
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import ProjectGid, Snapshot
from facilitator.calendar.window import Window
from facilitator.runs.board_figures import KeptFigures
from facilitator.runs.keeping import Keeping
from facilitator.runs.money import Money
from facilitator.runs.overview import Overview
from facilitator.runs.ports import Latency, Usage
from facilitator.runs.run import ENDS, Mode, Run, RunState
from facilitator.runs.store import RunStore
from facilitator.runs.tables import OPEN
from facilitator.runs.weeks import mondays

from .conftest import NOW

PAIRS = [("harbour", "standup"), ("harbour", "retro"), ("quay", "standup")]
TEAMS = ("harbour", "quay")


def fired(store: RunStore, days_ago: int, team: str = "harbour", ceremony: str = "standup") -> Run:
    at = NOW - timedelta(days=days_ago)
    window = Window(at - timedelta(days=1), at)
    return store.fire(team, ceremony, window, mode=Mode.APPROVE, trigger="schedule", now=at)[0]


def failed(store: RunStore, run: Run) -> Run:
    with store.step(run, now=run.created_at) as step:
        step.move(RunState.FAILED, "it could not go on")
    return step.run


def read(store: RunStore, run: Run) -> Run:
    with store.step(run, now=run.created_at) as step:
        step.keep_snapshot(Snapshot(ProjectGid("1"), "Board", run.created_at, tasks=()))
    return step.run


@contextmanager
def explained(store: RunStore) -> Iterator[list[str]]:
    """How the database answers each question of the block: its plan's lines."""
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            raw = connection.connection.driver_connection
            plans.extend(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(store.database, "before_cursor_execute", explain)
    yield plans
    event.remove(store.database, "before_cursor_execute", explain)


def test_what_has_not_ended_is_what_the_states_say() -> None:
    """The words of the partial index name every end and no other state."""
    assert {state for state in RunState if f"'{state}'" in str(OPEN)} == ENDS


def test_each_pair_has_its_newest_run(store: RunStore) -> None:
    """One statement for all pairs; those that never ran are missing."""
    fired(store, 3)
    newest, other = fired(store, 1), fired(store, 2, "quay")
    assert Overview(store.database).newest(PAIRS) == {PAIRS[0]: newest, PAIRS[2]: other}


def test_runs_are_listed_newest_first_over_all_pairs(store: RunStore) -> None:
    """At most so many, of these teams, in this state, older than that instant."""
    made = [fired(store, day, team) for day in range(1, 5) for team in TEAMS]
    one = failed(store, made[4])
    overview = Overview(store.database)
    listed = overview.listed(TEAMS, ceremonies=("standup", "retro"), limit=3)
    assert {run.id for run in listed} == {made[0].id, made[1].id, max(made[2:4], key=lambda run: run.id).id}
    assert overview.listed(("harbour",), ceremonies=("standup",), state="failed") == (one,)
    before = made[2].window.end
    assert [run.window.end for run in overview.listed(("quay",), ceremonies=("standup",), before=before)] == [
        made[5].window.end, made[7].window.end,
    ]  # fmt: skip


def test_questions_are_answered_by_their_index(store: RunStore) -> None:
    """No question of the pages reads the whole run log."""
    overview, weeks = Overview(store.database), mondays(NOW, 12)
    with explained(store) as plans:
        overview.newest(PAIRS)
        overview.listed(TEAMS, ceremonies=("standup",), state="failed")
        overview.unfinished(TEAMS)
        overview.waiting(TEAMS)
        store.unfinished()
        overview.stamps(TEAMS, weeks)
        overview.judgements(TEAMS, weeks)
        Money(store.database).by_week(TEAMS, weeks)
    scans = [plan for plan in plans if plan.startswith("SCAN run")]
    assert scans == ["SCAN runs USING INDEX runs_open"] * 3
    assert sum("runs_by_fire" in plan for plan in plans) == 3


def test_a_week_is_summed_up_until_one_of_its_runs_moves(store: RunStore) -> None:
    """Any step of any of its runs changes a week's stamp, and no other week's."""
    overview, weeks = Overview(store.database), mondays(NOW, 3)
    old, new = fired(store, 9), fired(store, 1)
    before = overview.stamps(TEAMS, weeks)
    failed(store, old)
    after = overview.stamps(TEAMS, weeks)
    assert [before[week] == after[week] for week in weeks] == [True, False, True]
    assert overview.stamps(("quay",), weeks) == dict.fromkeys(weeks, (0, 0))
    assert new.created_at >= weeks[2]


def test_the_pages_sums_are_those_of_the_command_line(store: RunStore) -> None:
    """By week or one by one, the same sessions cost the same; what came before the first week is left out."""
    for day, cents in ((0, 4.0), (1, 8.5), (8, 2.0), (40, 99.0)):
        run = fired(store, day)
        with store.step(run, now=run.created_at) as step:
            step.set(session_id=f"sesn_{day}")
            step.keep_usage(Usage(100, 10, 50, 0, 7, 60.0, cents), (), Latency(1.0 + day, 2.0))
    money, weeks = Money(store.database), mondays(NOW, 2)
    listed = money.spendings(since=weeks[0])
    summed = money.by_week(TEAMS, weeks)
    assert sum(one.list_cents for one in summed) == sum(one.cents for one in listed) == 14.5
    assert [(one.week, one.runs, one.documents) for one in summed] == [(weeks[0], 1, 0), (weeks[1], 2, 0)]
    assert sorted(one.seconds for one in money.starts(TEAMS, weeks)) == [(2.0, 1.0), (9.0,)]


def test_a_week_begins_on_monday_in_utc() -> None:
    """The present week comes last."""
    assert mondays(NOW, 2) == (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 8, tzinfo=UTC))


@pytest.fixture
def kept(store: RunStore) -> KeptFigures:
    return KeptFigures(store.database)


def test_figures_are_made_of_each_teams_last_reading(store: RunStore, kept: KeptFigures) -> None:
    """One run a team lacks them, its newest reading; once kept, none does, and pages find them by team."""
    read(store, fired(store, 3))
    last, other = read(store, fired(store, 1, ceremony="retro")), read(store, fired(store, 2, "quay"))
    fired(store, 0)
    assert {run.id for run in kept.lacking(PAIRS)} == {last.id, other.id}
    for run in kept.lacking(PAIRS):
        keep(store, kept, run)
    assert kept.lacking(PAIRS) == ()
    assert {team: figures.run for team, figures in kept.newest(TEAMS).items()} == {
        "harbour": last.id,
        "quay": other.id,
    }


def test_figures_go_with_their_snapshot(store: RunStore, kept: KeptFigures) -> None:
    """After its retention time a board has no figures, and none can be put back."""
    run = failed(store, read(store, fired(store, 1)))
    keep(store, kept, run)
    Keeping(store.database).purge("snapshots", run.id, now=NOW)
    assert kept.newest(TEAMS) == {}
    kept.keep(run, figures_of(replace(Snapshot(ProjectGid("1"), "Board", NOW, tasks=())), run))
    assert kept.newest(TEAMS) == {}


def keep(store: RunStore, kept: KeptFigures, run: Run) -> None:
    snapshot = store.snapshot(run.id)
    assert snapshot is not None
    kept.keep(run, figures_of(snapshot, run))


def figures_of(snapshot: Snapshot, run: Run) -> Any:
    return board_figures(Board.of(snapshot, BoardRules(ZoneInfo("UTC"))), run=run.id, actions=None)
