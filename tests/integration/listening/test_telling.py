"""A failed run as the person named for it sees it in Asana: one task of their own, whatever becomes of the answers."""

from dataclasses import replace

import pytest

from facilitator.calendar.window import Window
from facilitator.runs.run import Mode, RunState
from facilitator.service.notifying import notifier
from facilitator.settings.notify import Contact, Notify
from tests.integration.listening.conftest import Board
from tests.unit.sandbox_asana.worlds import ANN, FIRST

pytestmark = pytest.mark.anyio


async def test_a_failed_run_is_one_task_of_the_named_persons_own(board: Board) -> None:
    """The first answer is lost after the task was made; it is found by its marker, by this process and the next."""
    team = replace(
        board.app.settings.teams[0], notify=Notify(channels=("asana",), people=(Contact("Ann", ANN),))
    )
    board.app.settings = replace(board.app.settings, teams=(team,))
    board.app.reach()
    await notifier(board.app, board.tracker).turn()
    comments = len(board.world.asana.comments(FIRST))
    run, _new = board.app.store.fire(
        "house", "standup", Window(board.now, board.now), mode=Mode.APPROVE, trigger="hand", now=board.now
    )
    with board.app.store.step(run, now=board.now) as step:
        step.move(RunState.FAILED, "Asana would not read project 77: <404>.")
    board.world._asana_wire.faults.add(
        [{"kind": "commit_then_status", "method": "POST", "path": "/tasks", "status": 500, "count": 1}]
    )
    for _ in range(3):
        await notifier(board.app, board.tracker).turn()
    shown = [board.world.asana.task(gid) for gid in board.world.asana.world.tables["task"]]
    (made,) = [one for one in shown if "was not written" in one["name"]]
    assert made["name"] == "Daily stand-up of House was not written: its run failed"
    assert (made["assignee"]["gid"], made["memberships"]) == (ANN, [])
    assert made["notes"].startswith("Asana would not read project 77: <404>.\nWindow:")
    (posted,) = board.app.notices.recent()
    assert [(way.reference, way.trouble) for way in posted.dispatches] == [(made["gid"], "")]
    assert len(board.world.asana.comments(FIRST)) == comments
