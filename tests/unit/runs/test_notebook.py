"""What a session says is written down in batches: at once where it is asked of us, else a little later, always before the end."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from facilitator.runs.run import RunId
from facilitator.runs.steps.notebook import MOST, Notebook

RUN, OTHER = RunId("run"), RunId("other")
CALL = "agent.custom_tool_use"
NOW = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)


class Log:
    """A run log that counts its transactions, and takes none that holds the event `bad`."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def keep_pages(self, pages: Mapping[RunId, Sequence[Mapping[str, Any]]], *, now: datetime) -> None:
        """One transaction."""
        assert now == NOW
        batch = [str(event["id"]) for events in pages.values() for event in events]
        if "bad" in batch:
            raise ValueError("no text")
        self.batches.append(batch)


def notebook(log: Log) -> Notebook:
    """An empty notebook over this log."""
    return Notebook(log.keep_pages, lambda: NOW)


def unheard(_event: object) -> None:
    """Nobody watches."""


def said(name: str, kind: str = "agent.message", **more: Any) -> dict[str, Any]:
    """An event."""
    return {"id": name, "type": kind, **more}


@pytest.mark.anyio
async def test_events_are_one_transaction_until_something_is_asked_of_us() -> None:
    """Who watches hears at once; a call stands in the run log before it can be answered."""
    log, seen = Log(), list[str]()
    with notebook(log).page(RUN, lambda event: seen.append(str(event["id"]))) as pages:
        await pages.record([said("a")])
        await pages.record([said("b", "agent.tool_use")])
        assert (log.batches, seen) == ([], ["a", "b"])
        await pages.record([said("c", CALL)])
        assert log.batches == [["a", "b", "c"]]
        await pages.record([said("d", "agent.tool_use", evaluated_permission="ask")])
        await pages.record([said("e")])

    assert log.batches == [["a", "b", "c"], ["d"], ["e"]]


@pytest.mark.anyio
async def test_a_full_page_and_a_break_are_written_down() -> None:
    """Neither many events nor a cancelled follower leave anything behind."""
    log = Log()

    async def follow() -> None:
        with notebook(log).page(RUN, unheard) as pages:
            await pages.record([said(str(number)) for number in range(MOST)])
            assert len(log.batches) == 1
            await pages.record([said("last")])
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await follow()

    assert log.batches[1:] == [["last"]]


@pytest.mark.anyio
async def test_runs_that_are_asked_at_once_share_a_transaction() -> None:
    """What waits of a third is left for its own time."""
    log = Log()
    book = notebook(log)
    pages = [book.page(RunId(name), unheard) for name in ("a", "b", "c")]
    await pages[2].record([said("c")])
    await asyncio.gather(*(page.record([said(f"call {n}", CALL)]) for n, page in enumerate(pages[:2])))

    assert log.batches == [["call 0", "call 1"]]


@pytest.mark.anyio
async def test_one_runs_trouble_is_not_anothers() -> None:
    """What the run log refuses is raised where that run is followed; the others' events are written."""
    log = Log()
    book = notebook(log)
    good, bad = book.page(RUN, unheard), book.page(OTHER, unheard)
    done = await asyncio.gather(
        good.record([said("good", CALL)]), bad.record([said("bad", CALL)]), return_exceptions=True
    )

    assert (log.batches, done[0], type(done[1])) == ([["good"]], None, ValueError)


@pytest.mark.anyio
async def test_leaving_a_page_tells_what_was_not_written() -> None:
    """A run must not move on without its events."""
    with pytest.raises(ValueError, match="no text"), notebook(Log()).page(RUN, unheard) as page:
        await page.record([said("bad")])
