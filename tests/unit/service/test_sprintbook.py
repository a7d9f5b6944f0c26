"""When sprints end, from every source: fields, sections, projects and dates; one board that is away hides no other."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any, cast

import pytest

from facilitator.asana import AsanaTracker
from facilitator.asana.project import Project
from facilitator.board.rules import ConfiguredSprints, FieldSprints, SectionSprints, SprintRule
from facilitator.board.snapshot import (
    CustomField,
    EnumOption,
    FieldGid,
    OptionGid,
    ProjectGid,
    Section,
    SectionGid,
)
from facilitator.calendar.cadence import EndOfSprint
from facilitator.errors import TrackerError
from facilitator.runs.assignment import Assignment
from facilitator.service.sprintbook import SprintBook

from .ceremonies import Desk, assignment, berlin, desk_in_memory

NAME = "Sprint 7 (2026-06-01 - 2026-06-12)"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_in_memory() as desk:
        yield desk


@dataclass
class Board:
    """The three questions a sprint book asks of Asana, answered from a list; a team named in `away` is out of reach."""

    away: tuple[str, ...] = ()
    calls: list[str] = field(default_factory=list)
    team: str = ""

    def for_team(self, team: str) -> "Board":
        self.team = team
        return self

    async def project(self, gid: ProjectGid) -> Project:
        self.calls.append(f"project of {self.team}")
        if self.team in self.away:
            raise TrackerError(f"{self.team} is away")
        options = (EnumOption(OptionGid("2"), NAME),)
        return Project(gid, "Harbour", custom_fields=(CustomField(FieldGid("1"), "Sprint", "enum", options),))

    async def sections(self, _gid: ProjectGid) -> tuple[Section, ...]:
        self.calls.append(f"sections of {self.team}")
        return (Section(SectionGid("3"), NAME), Section(SectionGid("4"), "Doing"))


def retro(team: str, rule: SprintRule) -> Assignment:
    """A retro at the end of sprints that are found by the rule."""
    wish = assignment(EndOfSprint(time(15)), team=team, name="retro")
    return replace(wish, rules=replace(wish.rules, sprint=rule))


async def learnt(desk: Desk, board: Board, *wishes: Assignment) -> SprintBook:
    book = SprintBook(desk.store)
    await book.refresh(cast("AsanaTracker", board), wishes, now=berlin("03 12:00"))
    return book


def next_retro(book: SprintBook, wish: Assignment) -> Any:
    fire = book.timetable(wish).next(berlin("03 12:00"))
    return fire and (fire.sprint, f"{fire.at.astimezone(wish.rules.zone):%d %H:%M}")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("rule", "calls", "expected"),
    [
        (FieldSprints(), ["project of harbour"], ("Sprint 7", "12 15:00")),
        (SectionSprints(), ["sections of harbour"], ("Sprint 7", "12 15:00")),
        (ConfiguredSprints(date(2026, 6, 1), 7), [], ("Sprint 1", "05 15:00")),
    ],
)
async def test_each_source_says_when_sprints_end(
    desk: Desk, rule: SprintRule, calls: list[str], expected: tuple[str, str]
) -> None:
    """With one call to the board, or none where the configuration says it; sprint projects have a test of their own."""
    board, wish = Board(), retro("harbour", rule)

    book = await learnt(desk, board, wish)

    assert (board.calls, next_retro(book, wish)) == (calls, expected)


@pytest.mark.anyio
async def test_configured_sprints_are_counted_ahead(desk: Desk) -> None:
    """A preview of the next quarter shows every retro in it."""
    wish = retro("harbour", ConfiguredSprints(date(2026, 6, 1), 14))

    book = await learnt(desk, Board(), wish)

    fires = book.timetable(wish).fires(berlin("03 12:00"), berlin("03 12:00").replace(month=9))
    assert [fire.sprint for fire in fires] == [f"Sprint {n}" for n in range(1, 7)]


@pytest.mark.anyio
async def test_a_board_out_of_reach_hides_no_other(desk: Desk) -> None:
    """The others are read, what was last seen of it still counts, and the refusal is told."""
    here, gone = retro("harbour", FieldSprints()), retro("quay", FieldSprints())
    await learnt(desk, Board(), gone)
    book = SprintBook(desk.store)

    with pytest.raises(TrackerError, match="quay is away"):
        await book.refresh(cast("AsanaTracker", Board(away=("quay",))), [gone, here], now=berlin("03 12:00"))

    assert next_retro(book, here) == next_retro(book, gone) == ("Sprint 7", "12 15:00")


@pytest.mark.anyio
async def test_a_team_is_asked_once_for_all_its_ceremonies(desk: Desk) -> None:
    """And not at all for those that follow no sprints."""
    board, wish = Board(), retro("harbour", FieldSprints())
    planning = replace(wish, ceremony=replace(wish.ceremony, name="planning"))

    await learnt(desk, board, wish, planning, assignment(team="quay"))

    assert board.calls == ["project of harbour"]
