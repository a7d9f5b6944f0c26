"""A nudge as Asana holds it: one task of the person's own, in no project."""

from dataclasses import replace

import pytest

from facilitator.board.snapshot import ProjectGid
from facilitator.service.nudged import nudged, nudger
from facilitator.settings.nudges import Nudges
from tests.integration.listening.conftest import Board
from tests.unit.sandbox_asana.worlds import ANN, BLOCKED, FIRST, SECOND, TEAM

pytestmark = pytest.mark.anyio


async def test_three_tasks_at_risk_of_one_person_are_one_nudge(board: Board) -> None:
    """Given by the bot to the person alone, found again by its marker, and never a comment."""
    comments = len(board.replies())
    now = board.now
    for task in (FIRST, SECOND, BLOCKED):
        await board.do("PUT", f"/tasks/{task}", assignee=ANN, due_on=now.date().isoformat())
    team = board.app.settings.teams[0]
    wanted = replace(team, nudges=Nudges(enabled=True, at=now.astimezone(team.zone).time()))
    board.app.settings = replace(board.app.settings, teams=(wanted,))
    assert [one.team for one in nudged(board.app)] == ["house"]
    snapshot = await board.tracker.read_project(ProjectGid(TEAM), as_of=board.now)
    for _ in range(3):
        await replace(nudger(board.app, board.tracker), snapshot=lambda _team: snapshot).turn()
    shown = [board.world.asana.task(gid) for gid in board.world.asana.world.tables["task"]]
    made = [one for one in shown if one["name"] == "3 of your tasks may need a look"]
    assert [(one["assignee"]["gid"], one["memberships"], one["projects"]) for one in made] == [(ANN, [], [])]
    assert len(board.replies()) == comments
