"""What a session says is written down in batches: at once where it is asked of us, else a little later, always before the end."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from facilitator.runs.steps.notebook import MOST, Notebook

NOW = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)


class Log:
    """A run log that counts its transactions."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def keep_events(self, _run: str, events: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
        """One transaction."""
        assert now == NOW
        self.batches.append([str(event["id"]) for event in events])
        return len(events)


def notebook(log: Log, seen: list[str]) -> Notebook:
    """An empty notebook over this log."""
    return Notebook(log.keep_events, "run", lambda event: seen.append(str(event["id"])), lambda: NOW)  # type: ignore[arg-type]


def said(name: str, kind: str = "agent.message", **more: Any) -> dict[str, Any]:
    """An event."""
    return {"id": name, "type": kind, **more}


@pytest.mark.anyio
async def test_events_are_one_transaction_until_something_is_asked_of_us() -> None:
    """Who watches hears at once; a call stands in the run log before it can be answered."""
    log, seen = Log(), list[str]()
    with notebook(log, seen) as pages:
        await pages.record([said("a")])
        await pages.record([said("b", "agent.tool_use")])
        assert (log.batches, seen) == ([], ["a", "b"])
        await pages.record([said("c", "agent.custom_tool_use")])
        assert log.batches == [["a", "b", "c"]]
        await pages.record([said("d", "agent.tool_use", evaluated_permission="ask")])
        await pages.record([said("e")])

    assert log.batches == [["a", "b", "c"], ["d"], ["e"]]


@pytest.mark.anyio
async def test_a_full_page_and_a_break_are_written_down() -> None:
    """Neither many events nor a cancelled follower leave anything behind."""
    log = Log()

    async def follow() -> None:
        with notebook(log, []) as pages:
            await pages.record([said(str(number)) for number in range(MOST)])
            assert len(log.batches) == 1
            await pages.record([said("last")])
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await follow()

    assert log.batches[1:] == [["last"]]
