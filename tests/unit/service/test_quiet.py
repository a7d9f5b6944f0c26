"""A window in which nothing happened: one line, or nothing at all, as the team wants it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from facilitator.board.snapshot import ProjectGid, Snapshot
from facilitator.calendar.cadence import Weekdays
from facilitator.calendar.window import Window
from facilitator.calendar.windows import Timetable
from facilitator.calendar.workdays import MONDAY_TO_FRIDAY, WorkingDays
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import Mode, RunState
from facilitator.runs.steps.desk import Desk, Ports
from facilitator.runs.steps.gather import gather
from facilitator.runs.store import RunStore
from facilitator.service.discovery import find_ceremonies
from runner import ROOT
from tests.boards import rules, snapshot, task

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


class StillBoard:
    """A board on which nothing moves: one task in the backlog since January."""

    async def read_project(self, *_project: Any, **_how: Any) -> Snapshot:
        return snapshot(task("someday", section="Backlog"))


@pytest.mark.parametrize("silent", [True, False])
async def test_a_quiet_window_is_one_line_or_nothing(tmp_path: Path, silent: bool) -> None:
    """Nothing means that no session is opened and nothing written; the run says why.

    The run was recorded a moment before its hour: the board is read when the window has ended, not sooner.
    """
    ceremony = find_ceremonies(ROOT).ceremonies["standup"]
    working = WorkingDays(rules().zone, MONDAY_TO_FRIDAY)
    assignment = Assignment(
        team="harbour",
        team_name="Harbour",
        project=ProjectGid("900"),
        ceremony=ceremony,
        rules=rules(),
        timetable=Timetable(cast("Weekdays", ceremony.cadence), rules().zone, working),
        silent_when_quiet=silent,
    )
    store = RunStore.open(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    window = Window(NOW - timedelta(days=1), NOW)
    run, _new = store.fire("harbour", "standup", window, mode=Mode.APPROVE, trigger="schedule", now=NOW)
    nobody = cast("Any", None)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    ports = Ports(
        store=store,
        tracker=lambda _assignment: cast("Any", StillBoard()),
        agents=nobody,
        pinned=nobody,
        library=nobody,
        locks=nobody,
        clock=lambda: NOW - timedelta(seconds=1.5),
        sleep=sleep,
    )
    run = await gather(Desk(ports), run, replace(assignment))
    assert slept == [1.5]
    facts = store.facts(run.id)
    assert facts is not None
    assert facts.document.quiet
    assert run.state is (RunState.SKIPPED if silent else RunState.GATHERED)
    assert ("wants silence" in run.reason) is silent
    store.close()
