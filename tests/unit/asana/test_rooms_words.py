"""Small promises of the room: blind spots fit their line, many calls keep their order."""

import asyncio

import pytest

from facilitator.asana.at_once import at_once
from facilitator.asana.blindspots import SENTENCES, UNPAID_FIELDS, UNPAID_TASKS, BlindSpots

pytestmark = pytest.mark.anyio


def test_blind_spots_fit_one_line_of_a_comment() -> None:
    """The comment's footer cuts at 80 characters: no blind spot may lose its point."""
    blind = BlindSpots()
    for kind in SENTENCES:
        blind.count(kind, 5000)
    assert all(len(line) <= 80 for line in (*blind.sentences(), UNPAID_FIELDS, UNPAID_TASKS))
    assert all("5,000" in line for line in blind.sentences())


def test_a_blind_spot_without_words_is_a_mistake() -> None:
    """An unknown kind is found when it is counted, not when it is rendered."""
    with pytest.raises(KeyError):
        BlindSpots().count("dragons")


def test_a_sentence_is_said_once() -> None:
    """Two refused reads of one feature are one blind spot."""
    blind = BlindSpots()
    blind.say("x")
    blind.say("x")
    assert blind.sentences() == ("x",)


async def test_answers_come_in_the_order_of_the_items() -> None:
    """Whichever call ends first, the snapshot is the same."""

    async def slow_first(item: int) -> int:
        for _ in range(10 - item):
            await asyncio.sleep(0)
        return item * 2

    assert await at_once(range(10), slow_first, width=4) == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]


async def test_nothing_to_do_is_done_at_once() -> None:
    """No items, no workers."""

    async def never(_item: int) -> int:
        raise AssertionError

    assert await at_once([], never, width=4) == []


async def test_the_first_failure_ends_the_rest() -> None:
    """Calls in flight are cancelled, none is begun, and the failure comes out as itself."""
    begun: list[int] = []

    async def work(item: int) -> int:
        begun.append(item)
        if item == 2:
            raise ValueError("third")
        await asyncio.sleep(0)
        return item

    with pytest.raises(ValueError, match="third"):
        await at_once(range(100), work, width=3)
    assert len(begun) < 10
