"""Reading several teams' boards for one document: each as its own, a few at a time, and none in another's way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import ProjectGid, Snapshot, Task, TaskGid, TeamBoard
from facilitator.calendar.cadence import Weekly
from facilitator.calendar.window import Window
from facilitator.calendar.windows import Timetable
from facilitator.calendar.workdays import MONDAY_TO_FRIDAY, WorkingDays
from facilitator.ceremony import Ceremony
from facilitator.errors import ConfigurationError, FacilitatorError, TrackerError
from facilitator.runs.assignment import Assignment, MemberTeam
from facilitator.runs.ports import Tracker
from facilitator.runs.steps.boards import AT_ONCE, read_boards
from facilitator.runs.steps.desk import OfTeam

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 6, 12, 14, 0, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=7), NOW)
BERLIN = ZoneInfo("Europe/Berlin")
RULES = BoardRules(BERLIN)
FRIDAYS = Weekly(day="fri", at=time(16))


def board(team: str) -> Snapshot:
    return Snapshot(ProjectGid(team), team, NOW, (Task(TaskGid(f"{team}1"), "A task", NOW, NOW),))


def assignment(*members: str) -> Assignment:
    """The programme's, over teams of these names."""
    ceremony = Ceremony("page", "Page", FRIDAYS, gather=lambda *_: pytest.fail("not asked"), over_teams=True)
    return Assignment(
        team="programme", team_name="Programme", project=ProjectGid("programme"), ceremony=ceremony, rules=RULES,
        timetable=Timetable(FRIDAYS, BERLIN, WorkingDays(BERLIN, MONDAY_TO_FRIDAY)),
        members=tuple(MemberTeam(name, name.title(), ProjectGid(name), RULES) for name in members),
    )  # fmt: skip


class Boards:
    """Gives each team's board, or the troubles listed for it first; notes who was asked and how many at once."""

    def __init__(self, **troubles: list[FacilitatorError]) -> None:
        self.troubles = troubles
        self.asked: list[str] = []
        self.earlier: dict[str, Snapshot | None] = {}
        self.reading = self.most = 0

    def tracker(self, whose: OfTeam) -> Tracker:
        outer, team = self, whose.team

        class One:
            async def read_project(self, project: str, *, earlier: Snapshot | None, **_more: Any) -> Snapshot:
                assert project == team
                outer.asked.append(team)
                outer.earlier[team] = earlier
                outer.reading += 1
                outer.most = max(outer.most, outer.reading)
                await asyncio.sleep(0)
                outer.reading -= 1
                if outer.troubles.get(team):
                    raise outer.troubles[team].pop(0)
                return board(team)

        return cast("Tracker", One())


def told(found: Snapshot) -> dict[str, str]:
    """Each member and why it is missing, or nothing."""
    return {each.team: each.unread for each in found.boards}


async def test_every_member_is_read_in_the_order_of_the_configuration() -> None:
    """A few side by side, whichever ends first."""
    names = [f"t{n}" for n in range(12)]
    boards = Boards()
    found = await read_boards(boards.tracker, assignment(*names), WINDOW)
    assert list(told(found)) == names
    assert [each.snapshot for each in found.boards] == [board(name) for name in names]
    assert boards.most == AT_ONCE


async def test_a_team_of_one_board_is_read_as_ever() -> None:
    """Without members there is one read and nothing beside it."""
    boards = Boards()
    assert await read_boards(boards.tracker, assignment(), WINDOW) == board("programme")
    assert boards.asked == ["programme"]


async def test_trouble_that_may_pass_is_asked_for_once_more() -> None:
    """After the others; a refusal is not, for it would be one again."""
    passing = TrackerError("busy", retryable=True)
    boards = Boards(
        a=[passing],
        b=[passing, passing],
        c=[TrackerError("no", status=403)],
        d=[ConfigurationError("no file x")],
    )
    found = await read_boards(boards.tracker, assignment("a", "b", "c", "d"), WINDOW)
    assert told(found) == {
        "a": "",
        "b": "Asana gave no good answer",
        "c": "it may not be read",
        "d": "its token is not at hand",
    }
    assert sorted(boards.asked) == ["a", "a", "b", "b", "c", "d", "programme"]


async def test_a_board_without_tasks_is_none() -> None:
    """A project that a token sees nothing of looks just so."""
    boards = Boards()

    def tracker(whose: OfTeam) -> Tracker:
        one: Any = boards.tracker(whose)
        if whose.team == "a":
            empty = replace(board("a"), tasks=())
            one.read_project = lambda *_args, **_more: asyncio.sleep(0, empty)
        return cast("Tracker", one)

    found = await read_boards(tracker, assignment("a", "b"), WINDOW)
    assert told(found) == {"a": "its project has no tasks", "b": ""}


async def test_where_no_board_can_be_read_the_first_trouble_stands_for_all() -> None:
    """And it is worth trying again where one of them is."""
    refused, passing = TrackerError("Asana refused a", status=404), TrackerError("busy", retryable=True)
    boards = Boards(a=[refused], b=[passing, passing])
    with pytest.raises(TrackerError, match="no board of A, B could be read: Asana refused a") as caught:
        await read_boards(boards.tracker, assignment("a", "b"), WINDOW)
    assert caught.value.retryable


async def test_each_board_is_read_on_from_its_own_last_reading() -> None:
    """What was read of a team a week ago saves its unchanged histories, and nobody else's."""
    before = replace(
        board("programme"), boards=(TeamBoard("b", "B", board("b")), TeamBoard("c", "C", None, "why"))
    )
    boards = Boards()
    await read_boards(boards.tracker, assignment("a", "b", "c"), WINDOW, before)
    assert boards.earlier == {"programme": before, "a": None, "b": board("b"), "c": None}
