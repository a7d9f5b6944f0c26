"""The event log, its listing and its stream."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from facilitator.sandbox.agents.events import PING, EventLog, frame, frames
from facilitator.sandbox.agents.wire import Ids
from tests.unit.sandbox_agents.world import (
    BOARD_TOOLS,
    FACTS,
    NO_LAG,
    Clock,
    Json,
    MakeWorld,
    World,
    kinds,
    message,
    result,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def log() -> EventLog:
    """An empty log with a clock that stands still."""
    return EventLog(Clock(), Ids("s"))


def test_events_are_a_microsecond_apart_even_if_the_clock_stands(log: EventLog) -> None:
    """Order can be told from the stamps alone."""
    stamps = [log.add("agent.thinking")["processed_at"] for _ in range(5)]
    assert stamps == sorted(set(stamps))


def test_the_log_never_goes_back_in_time() -> None:
    """A clock set back does not turn the order round."""
    clock = Clock()
    log = EventLog(clock, Ids("s"))
    first = log.add("agent.thinking")
    clock.advance(-60)
    assert log.add("agent.thinking")["processed_at"] > first["processed_at"]


async def test_a_queued_event_is_streamed_twice(log: EventLog) -> None:
    """First without a stamp, then with it: the same id, a second sighting."""
    queue = log.subscribe()
    event = log.add("user.message", queued=True)
    log.settle(event)
    log.settle(event)
    first, second = queue.get_nowait(), queue.get_nowait()
    assert first is not None
    assert second is not None
    assert (first["id"], first["processed_at"]) == (second["id"], None)
    assert second["processed_at"] is not None
    assert queue.empty()


async def test_a_stream_carries_only_what_comes_later(log: EventLog) -> None:
    """No replay: who opens late lists the rest."""
    log.add("agent.thinking")
    queue = log.subscribe()
    log.add("agent.message", body={"content": []})
    log.end_streams()
    told = [part async for part in frames(log, queue, 60)]
    assert [json.loads(part.splitlines()[1][6:])["type"] for part in told] == ["agent.message"]


async def test_a_closed_stream_is_forgotten(log: EventLog) -> None:
    """After its end nothing is queued for it any more; closing again is harmless."""
    queue = log.subscribe()
    log.end_streams()
    assert [part async for part in frames(log, queue, 60)] == []
    log.add("agent.thinking")
    log.unsubscribe(queue)
    assert queue.empty()


async def test_silence_is_filled_with_pings(log: EventLog) -> None:
    """A quiet stream still shows that it lives."""
    queue = log.subscribe()
    stream = frames(log, queue, 0.001)
    assert await anext(stream) == PING
    await stream.aclose()


def test_a_frame_has_its_event_line_and_one_line_of_data() -> None:
    """Without `event:` the SDK drops a frame, and a line break in the text would cut it."""
    text = frame({"type": "agent.message", "text": "a\nb\u2028c"})
    head, data, *rest = text.split("\n")
    assert (head, rest) == ("event: agent.message", ["", ""])
    assert json.loads(data.removeprefix("data: "))["text"] == "a\nb\u2028c"


async def test_the_history_pages_in_both_orders(world: World) -> None:
    """Ascending is the default; a cursor belongs to its order."""
    session = await world.begin(FACTS)
    stored = [event["id"] for event in await world.finish(session)]
    path = f"/v1/sessions/{session.id}/events"
    seen: list[str] = []
    page: Json = {}
    while len(seen) < len(stored):
        answer = await world.get(path, limit=7, **page)
        seen += [event["id"] for event in answer["data"]]
        page = {"page": answer["next_page"]}
    assert (seen, answer["next_page"]) == (stored, None)
    newest = await world.get(path, limit=1, order="desc")
    assert newest["data"][0]["id"] == stored[-1]
    await world.get(path, page=newest["next_page"], order="asc", expect=400)


async def test_the_history_is_filtered_by_type_and_time(world: World) -> None:
    """`types[]` and the four bounds, which speak of `processed_at`."""
    session = await world.begin(FACTS)
    events = await world.finish(session)
    path = f"/v1/sessions/{session.id}/events"
    told = await world.send("GET", f"{path}?types[]=agent.message&types[]=session.usage")
    assert set(kinds(told["data"])) == {"agent.message", "session.usage"}
    mark = events[5]["processed_at"]
    counts = {}
    for name in ("gt", "gte", "lt", "lte"):
        counts[name] = len((await world.send("GET", f"{path}?created_at[{name}]={mark}"))["data"])
    total = len(events)
    assert counts == {"gt": total - 6, "gte": total - 5, "lt": 5, "lte": 6}
    await world.send("GET", f"{path}?types[]=agent.sings", expect=400)


async def test_queued_events_stand_at_the_end_and_slip_through_time_bounds(world: World) -> None:
    """A timestamp cursor can skip a queued event: re-read everything instead."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    note = {"type": "system.message", "content": [{"type": "text", "text": "note"}]}
    assert session.pending is not None
    await world.tell(session, result(session.pending.open[0]), note)
    session.log.add("session.updated", body={"title": "t"})
    path = f"/v1/sessions/{session.id}/events"
    assert (await world.get(path))["data"][-1]["type"] in {"system.message", "agent.thinking"}
    bounded = await world.send("GET", f"{path}?created_at[gte]=2020-01-01T00:00:00Z&types[]=system.message")
    assert all(event["processed_at"] for event in bounded["data"])


async def test_the_stream_route_answers_frames_until_the_session_is_deleted(world: World) -> None:
    """Subscribed before the answer begins; `session.deleted`, then a clean end."""
    session = await world.idle_session()
    opened = asyncio.create_task(
        world.client.get(
            f"/v1/sessions/{session.id}/events/stream?event_deltas[]=agent.message",
            headers={"x-api-key": "k", "anthropic-beta": "managed-agents-2026-04-01"},
        )
    )
    while "GET /v1/sessions/{id}/events/stream" not in world.state.counts:
        await asyncio.sleep(0)
    await world.tell(session, message())
    await world.finish(session)
    await world.send("DELETE", f"/v1/sessions/{session.id}")
    answer = await opened
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = [line[7:] for line in answer.text.splitlines() if line.startswith("event: ")]
    assert told[:2] == ["user.message", "session.status_running"]
    assert told[-1] == "session.deleted"


async def test_an_unknown_preview_is_refused(make_world: MakeWorld) -> None:
    """`event_deltas[]` is an enum; a stream of a session that is not there is 404."""
    world = make_world(settings=replace(NO_LAG, heartbeat_s=0.001))
    session = await world.idle_session()
    await world.send(
        "GET", f"/v1/sessions/{session.id}/events/stream?event_deltas[]=user.message", expect=400
    )
    await world.get("/v1/sessions/sesn_none/events/stream", expect=404)
