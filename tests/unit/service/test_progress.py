"""Live progress: told in order to whoever watches, in a few words, without waiting for anyone."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from facilitator.calendar.window import Window
from facilitator.runs.run import Mode, Run, RunId, RunState
from facilitator.service.progress import Hub, Subscription, event_line, together

pytestmark = pytest.mark.anyio
PATIENCE_S = 20
NOW = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)


def a_run(name: str = "run_1") -> Run:
    return Run(
        id=RunId(name), key=name, team="harbour", ceremony="standup", window=Window(NOW - timedelta(1), NOW),
        mode=Mode.APPROVE, trigger="hand", state=RunState.SUBMITTED, version=1, created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def tool(number: int) -> dict[str, Any]:
    return {"type": "agent.custom_tool_use", "name": f"tool_{number}"}


async def heard(subscription: Subscription) -> list[str | None]:
    """Everything to the end of the subscription, in words."""
    return [happening.words async for happening in subscription]


async def test_a_subscriber_hears_its_run_in_order_and_no_other() -> None:
    """Moves and events alike."""
    hub = Hub()
    with hub.subscribe(RunId("run_1")) as ours:
        hub.publish(a_run("run_2"), "event", tool(1))
        hub.publish(a_run(), "event", tool(2))
        hub.publish(a_run(), "moved", {"why": "satisfied"})
    assert await heard(ours) == ["standup: tool tool_2", "standup: submitted: satisfied"]


async def test_a_reader_that_waits_is_woken() -> None:
    """Nothing is polled."""
    hub = Hub()
    with hub.subscribe() as everything:
        listening = asyncio.ensure_future(anext(everything))
        await asyncio.sleep(0)
        hub.publish(a_run(), "event", tool(1))
        assert (await listening).number == 1


async def test_a_reader_in_another_thread_is_woken() -> None:
    """The dashboard reads in a loop of its own: what is told here ends its wait there."""
    hub, reading = Hub(), threading.Event()
    heard: list[int] = []

    async def read() -> None:
        with hub.subscribe() as everything:
            listening = asyncio.ensure_future(anext(everything))
            await asyncio.sleep(0)
            reading.set()
            heard.append((await listening).number)

    reader = threading.Thread(target=lambda: asyncio.run(read()), daemon=True)
    reader.start()
    assert reading.wait(PATIENCE_S)
    hub.publish(a_run(), "event", tool(1))
    reader.join(PATIENCE_S)
    assert heard == [1]


async def test_a_slow_reader_is_let_go_and_nobody_waits_for_it() -> None:
    """It reads what had room, then its subscription ends; others go on."""
    hub = Hub(room=2)
    with hub.subscribe() as slow, hub.subscribe(RunId("run_2")) as other:
        for number in range(3):
            hub.publish(a_run(), "event", tool(number))
        hub.publish(a_run("run_2"), "event", tool(9))
        assert await heard(slow) == ["standup: tool tool_0", "standup: tool tool_1"]
        assert (await anext(other)).words == "standup: tool tool_9"


async def test_after_the_block_nothing_is_kept_for_it() -> None:
    """A reader that left costs nothing."""
    hub = Hub()
    with hub.subscribe() as ours:
        pass
    hub.publish(a_run(), "event", tool(1))
    assert await heard(ours) == []


async def test_several_are_told_together() -> None:
    """The terminal and the dashboard hear the same."""
    first: list[str] = []
    second: list[str] = []
    together(lambda _r, kind, _d: first.append(kind), lambda _r, kind, _d: second.append(kind))(
        a_run(), "moved", {}
    )
    assert first == second == ["moved"]


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (tool(1), "tool tool_1"),
        ({"type": "user.custom_tool_result", "is_error": True}, "tool answered with an error"),
        ({"type": "span.outcome_evaluation_start", "iteration": 1}, "grading 2"),
        ({"type": "span.outcome_evaluation_end", "result": "satisfied"}, "verdict: satisfied"),
        ({"type": "session.status_idle", "stop_reason": {"type": "end_turn"}}, "session idle: end_turn"),
        ({"type": "session.error", "error": {"type": "overloaded"}}, "session error: overloaded"),
        ({"type": "session.status_running"}, "session running"),
        ({"type": "agent.thinking"}, None),
    ],
)
def test_an_event_is_told_in_a_few_words(event: dict[str, Any], line: str | None) -> None:
    """Or not at all, where it tells a person nothing."""
    assert event_line(event) == line
