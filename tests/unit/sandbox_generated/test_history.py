"""The verbs of the board: state and story move together, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from facilitator.sandbox.generated.blueprint import BACKLOG, BLOCKED, IN_PROGRESS, RESOLUTION, lay_out
from facilitator.sandbox.generated.history import Act, Board, Item
from facilitator.sandbox.generated.titles import BUG, Idea

NOON = datetime(2026, 6, 9, 12, tzinfo=UTC)
ACT = Act(NOON, "linh")


@pytest.fixture
def board() -> Board:
    """An empty board of a project without sprints."""
    return Board(lay_out((), NOON))


@pytest.fixture
def item(board: Board) -> Item:
    """One fresh task in the backlog."""
    return board.create(Idea("Paint the buoys", BUG, None, "ops"), ACT)


def told(item: Item) -> list[str]:
    """The kinds of stories so far, after the one of its creation."""
    return [story["resource_subtype"] for story in item.stories[1:]]


def test_a_change_to_the_same_value_leaves_no_story(board: Board, item: Item) -> None:
    """Asana writes nothing when nothing changes."""
    board.move(item, ACT, BACKLOG)
    board.choose(item, ACT, BLOCKED, None)
    board.estimate(item, ACT, None)
    board.assign(item, ACT, None)
    board.set_due(item, ACT, {})
    assert told(item) == []


def test_a_story_cannot_lie_before_the_last_one(board: Board, item: Item) -> None:
    """History is written forwards; a script that steps back is an error that names the task."""
    with pytest.raises(ValueError, match="Paint the buoys"):
        board.say(item, Act(NOON - timedelta(seconds=1), "linh"), "too early")


def test_empty_sides_of_a_change_are_left_out(board: Board, item: Item) -> None:
    """Null is a missing key in the lean form, before and after."""
    board.estimate(item, ACT, 3)
    board.estimate(item, ACT, None)
    first, second = item.stories[1:]
    assert (first["new_number_value"], "old_number_value" in first) == (3, False)
    assert (second["old_number_value"], "new_number_value" in second) == (3, False)


def test_finishing_and_reopening_are_mirror_images(board: Board, item: Item) -> None:
    """A reopened task has neither tick nor resolution, and both stories say so."""
    board.complete(item, ACT)
    board.reopen(item, ACT, IN_PROGRESS)
    assert item.completed is None
    assert RESOLUTION not in item.fields
    assert told(item) == [
        "section_changed", "enum_custom_field_changed", "marked_complete",
        "marked_incomplete", "enum_custom_field_changed", "section_changed",
    ]  # fmt: skip


def test_an_act_of_nobody_has_no_author(board: Board, item: Item) -> None:
    """`created_by` is missing where it is not known, never a made-up gid."""
    board.say(item, Act(NOON, None), "sent by e-mail")
    assert "created_by" not in item.stories[-1]


def test_the_roadmap_becomes_the_first_home(board: Board, item: Item) -> None:
    """A multi-homed task is where a reader of `memberships[0]` goes wrong, and its moves stay apart."""
    board.add_home(item, ACT, "roadmap/Next")
    board.move(item, ACT, "roadmap/Now")
    board.move(item, ACT, IN_PROGRESS)
    assert list(item.homes.items()) == [
        (board.plan.roadmap, "roadmap/Now"),
        (board.plan.project, IN_PROGRESS),
    ]
