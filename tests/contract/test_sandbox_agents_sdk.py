"""The simulated service against the official SDK: strict about every answer, over a real socket.

`_strict_response_validation` raises where an answer lacks a field or has a wrong type, and each stored event is held against the SDK's
union of event types. What this cannot prove: that the live service does the same.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx
import pytest
import uvicorn
from anthropic import AsyncAnthropic
from anthropic.types.beta.sessions import BetaManagedAgentsSessionEvent
from pydantic import TypeAdapter
from starlette.applications import Starlette

from facilitator.sandbox.agents.app import build_agents_app
from facilitator.sandbox.agents.state import AgentsSandboxSettings, SandboxState
from tests.unit.sandbox_agents.world import BOARD_TOOLS, FACTS, TOOLSET, Json, outcome, result

pytestmark = pytest.mark.anyio
BETAS = ["managed-agents-2026-04-01"]
EVENT: TypeAdapter[Any] = TypeAdapter(BetaManagedAgentsSessionEvent)
ENDS = {"end_turn", "budget_reached", "refusal", "retries_exhausted"}


def plain(value: Any) -> Any:
    """Plain JSON where the SDK declares typed dicts: what is sent is what the service must judge."""
    return value


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve an app on a loopback port the system chooses, in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1, lifespan="on")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@dataclass
class Bench:
    """A client of the official SDK and the state behind the service."""

    client: AsyncAnthropic
    state: SandboxState
    url: str

    async def script(self, **switches: Any) -> None:
        """Set the standing scenario, or that of the next `sessions`."""
        async with httpx.AsyncClient() as control:
            (await control.post(f"{self.url}/_sandbox/script", json=switches)).raise_for_status()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """The service at high speed, with its lags scaled down to almost nothing."""
    app = build_agents_app(speed=1000, settings=AgentsSandboxSettings(heartbeat_s=0.05))
    with served(app) as url:
        client = AsyncAnthropic(
            api_key="sk-test",
            base_url=url,
            max_retries=0,
            _strict_response_validation=True,
            open_telemetry=False,
        )
        yield Bench(client, app.state.sandbox, url)
        await client.close()


async def prepared(bench: Bench, *, tools: Sequence[Json] = BOARD_TOOLS, **more: Any) -> Json:
    """The parameters of a session: an agent with tools, a sealed environment, facts.json mounted."""
    beta = bench.client.beta
    agent = await beta.agents.create(
        name="writer",
        model={"id": "claude-opus-5-5", "effort": "high"},
        system="Write the stand-up.",
        tools=plain([TOOLSET, *tools]),
        metadata={"app": "test"},
    )
    environment = await beta.environments.create(
        name="sealed", config={"type": "cloud", "networking": {"type": "limited", "allowed_hosts": []}}
    )
    upload = await beta.files.upload(file=("facts.json", json.dumps(FACTS).encode(), "application/json"))
    return {
        "agent": {"type": "agent", "id": agent.id, "version": agent.version},
        "environment_id": environment.id,
        "title": "run 1",
        "metadata": {"run_key": "k"},
        "resources": [{"type": "file", "file_id": upload.id, "mount_path": "facts.json"}],
        "budget": {"type": "limit", "max_list_cost": {"amount": "500", "currency": "USD"}},
        **more,
    }


async def followed(bench: Bench, session_id: str, *, first: Json | None = None) -> list[Any]:
    """Open the stream, send, list, then tail it, answering every custom tool call, until the turn is over."""
    events = bench.client.beta.sessions.events
    seen: dict[str, Any] = {}
    async with await events.stream(session_id) as stream:
        if first is not None:
            await events.send(session_id, events=plain([first]))
        known = [event async for event in await events.list(session_id, limit=1000)]
        for event in known:
            seen[event.id] = event
            await answered(bench, session_id, event, seen)
            if over(event):
                return list(seen.values())
        async for event in plain(stream):
            if event.id not in seen:
                seen[event.id] = event
                await answered(bench, session_id, event, seen)
            if over(event):
                return list(seen.values())
    raise AssertionError("the stream ended before the turn was over")


async def answered(bench: Bench, session_id: str, event: Any, seen: dict[str, Any]) -> None:
    done = {getattr(other, "custom_tool_use_id", None) for other in seen.values()}
    if event.type == "agent.custom_tool_use" and event.id not in done:
        await bench.client.beta.sessions.events.send(session_id, events=plain([result(event.id)]))


def over(event: Any) -> bool:
    stopped = event.type == "session.status_idle" and event.stop_reason.type in ENDS
    return stopped or event.type == "session.status_terminated"


def verdicts(events: list[Any]) -> list[str]:
    return [event.result for event in events if event.type == "span.outcome_evaluation_end"]


def all_valid(bench: Bench, session_id: str) -> None:
    for event in bench.state.events(session_id):
        EVENT.validate_python(event)


async def settled(bench: Bench, session_id: str) -> Any:
    """Poll until the stored status has followed the idle event."""
    for _ in range(200):
        session = await bench.client.beta.sessions.retrieve(session_id)
        if session.status != "running":
            return session
        await asyncio.sleep(0.005)
    raise AssertionError("the session never stopped running")


async def deliverable(bench: Bench, session_id: str) -> Json:
    """Fetch draft.json through the Files API, waiting for the listing to catch up."""
    files = bench.client.beta.files
    for _ in range(200):
        async for file in files.list(scope_id=session_id, betas=BETAS):
            if file.filename == "draft.json":
                raw = await (await files.download(file.id)).read()
                found: Json = json.loads(raw)
                return found
        await asyncio.sleep(0.005)
    raise AssertionError("draft.json was never listed")


@pytest.mark.parametrize("one_call", [True, False])
async def test_a_whole_outcome(bench: Bench, one_call: bool) -> None:
    """Create, follow with tool calls, needs_revision then satisfied, download, archive, delete: every answer valid."""
    beta = bench.client.beta
    start = outcome()
    wanted = await prepared(bench, **({"initial_events": [start]} if one_call else {}))
    session = await beta.sessions.create(**wanted)
    assert session.status == ("running" if one_call else "idle")
    events = await followed(bench, session.id, first=None if one_call else start)
    assert verdicts(events) == ["needs_revision", "satisfied"]
    assert {event.name for event in events if event.type == "agent.custom_tool_use"} == {
        "board_get_health",
        "board_get_task",
        "draft_check",
    }
    done = await settled(bench, session.id)
    assert [item.result for item in done.outcome_evaluations] == ["satisfied"]
    assert done.usage.list_cost.currency == "USD"
    draft = await deliverable(bench, session.id)
    assert [item["tasks"] for item in draft["sections"][0]["items"]] == [["11"], ["12"]]
    all_valid(bench, session.id)
    assert (await beta.sessions.archive(session.id)).status == "terminated"
    assert (await beta.sessions.delete(session.id)).type == "session_deleted"
    with pytest.raises(anthropic.NotFoundError):
        await beta.sessions.retrieve(session.id)


@pytest.mark.parametrize(
    ("switches", "stop"),
    [
        ({"refusal": True}, "refusal"),
        ({"retries_exhausted": True}, "retries_exhausted"),
        ({"budget_reached": True}, "budget_reached"),
        ({"session_error_retrying": True}, "end_turn"),
        ({"never_satisfied": True}, "end_turn"),
        ({"grader_fails": True}, "end_turn"),
        ({"grader_calls_tool": True}, "end_turn"),
        ({"unknown_tool": True, "parallel_tools": 3}, "end_turn"),
        ({"inline_json": True}, "end_turn"),
        ({"terminated": True}, None),
    ],
)
async def test_every_scenario_places_valid_events(bench: Bench, switches: Json, stop: str | None) -> None:
    """Each stop reason, error and verdict parses as the SDK's own type."""
    await bench.script(**switches)
    session = await bench.client.beta.sessions.create(
        **await prepared(bench, initial_events=[outcome(iterations=2)])
    )
    events = await followed(bench, session.id)
    idles = [event.stop_reason.type for event in events if event.type == "session.status_idle"]
    assert (idles[-1] if stop else events[-1].type) == (stop or "session.status_terminated")
    all_valid(bench, session.id)


async def test_an_interrupt_is_valid_and_ends_the_turn(bench: Bench) -> None:
    """The only way to stop a session that never finishes."""
    await bench.script(never_finishes=True, sessions=1)
    beta = bench.client.beta
    session = await beta.sessions.create(**await prepared(bench, tools=[]))
    stop: Json = {"type": "user.interrupt"}

    async def stopped() -> None:
        while "agent.tool_result" not in {event["type"] for event in bench.state.events(session.id)}:
            await asyncio.sleep(0.005)
        await beta.sessions.events.send(session.id, events=plain([stop]))

    events, _ = await asyncio.gather(followed(bench, session.id, first=outcome()), stopped())
    assert verdicts(events) == ["interrupted"]
    all_valid(bench, session.id)


async def test_every_list_and_object_parses(bench: Bench) -> None:
    """Agents and their versions, environments, sessions, threads, resources, files: strictly."""
    beta = bench.client.beta
    wanted = await prepared(bench)
    session = await beta.sessions.create(**wanted)
    newer = await beta.agents.update(wanted["agent"]["id"], system="other", version=1)
    assert [agent.id async for agent in await beta.agents.list()] == [newer.id]
    assert [agent.version async for agent in await beta.agents.versions.list(newer.id)] == [2, 1]
    assert (await beta.agents.retrieve(newer.id, version=1)).system == "Write the stand-up."
    assert [item.name async for item in await beta.environments.list()] == ["sealed"]
    assert [thread.session_id async for thread in await beta.sessions.threads.list(session.id)] == [
        session.id
    ]
    assert [item.type async for item in await beta.sessions.resources.list(session.id)] == ["file"]
    updated = await beta.sessions.update(session.id, title="new", metadata={"run_key": None})
    assert (updated.title, updated.metadata) == ("new", {})
    for _ in range(200):
        listed = [
            item.id
            async for item in await beta.sessions.list(agent_id=newer.id, statuses=["idle"], order="asc")
        ]
        if listed:
            break
        await asyncio.sleep(0.005)
    assert listed == [session.id]
    all_valid(bench, session.id)
    assert (await beta.agents.archive(newer.id)).archived_at is not None


async def test_refusals_arrive_as_the_sdk_s_own_errors(bench: Bench) -> None:
    """Status, type and request id of the envelope reach the caller."""
    beta = bench.client.beta
    wanted = await prepared(bench)
    with pytest.raises(anthropic.ConflictError) as conflict:
        await beta.environments.create(name="sealed")
    assert conflict.value.request_id is not None
    with pytest.raises(anthropic.NotFoundError):
        await beta.sessions.retrieve("sesn_none")
    with pytest.raises(anthropic.BadRequestError, match="Extra inputs"):
        await beta.sessions.create(**wanted, extra_body={"sandbox_script": {"revisions": 0}})
    with pytest.raises(anthropic.ConflictError):
        await beta.agents.update(wanted["agent"]["id"], version=7, system="x")


async def test_a_blind_retry_makes_a_second_session(bench: Bench) -> None:
    """No idempotency: the same create twice is two sessions, and a retry is counted as one."""
    wanted = await prepared(bench)
    for retry in ("0", "1"):
        await bench.client.beta.sessions.create(**wanted, extra_headers={"x-stainless-retry-count": retry})
    assert len(bench.state.sessions) == 2
    assert bench.state.retries["POST /v1/sessions"] == 1


async def test_pings_are_swallowed_by_the_sdk(bench: Bench) -> None:
    """A silent stream yields nothing, and ends cleanly when the session is deleted."""
    beta = bench.client.beta
    session = await beta.sessions.create(**await prepared(bench))
    async with await beta.sessions.events.stream(session.id) as stream:
        await asyncio.sleep(0.15)
        await beta.sessions.delete(session.id)
        assert [event.type async for event in stream] == ["session.deleted"]
