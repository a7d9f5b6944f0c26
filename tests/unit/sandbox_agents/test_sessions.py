"""Sessions from outside: creation, listing with its lag, change, archive, delete, resources, threads."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from facilitator.sandbox.agents.script import Script
from tests.unit.sandbox_agents.world import (
    BOARD_TOOLS,
    FACTS,
    NO_LAG,
    TOOLSET,
    Json,
    MakeWorld,
    World,
    message,
    outcome,
    tool,
)

pytestmark = pytest.mark.anyio
BUDGET = {"type": "limit", "max_list_cost": {"amount": "500", "currency": "USD"}}


async def body(world: World, **more: object) -> Json:
    return {"agent": await world.agent(), "environment_id": await world.environment(), **more}


async def test_a_bare_session_is_idle_and_does_nothing(world: World) -> None:
    """Without initial events nothing runs, so idle alone never means done."""
    session = await world.idle_session(title="t", metadata={"run_key": "k"}, budget=BUDGET)
    seen = await world.get(f"/v1/sessions/{session.id}")
    assert (seen["status"], seen["title"], seen["metadata"], seen["budget"]) == (
        "idle",
        "t",
        {"run_key": "k"},
        BUDGET,
    )
    assert (seen["outcome_evaluations"], seen["resources"], seen["vault_ids"], session.log.events) == (
        [],
        [],
        [],
        [],
    )


async def test_a_session_with_initial_events_is_born_running(world: World) -> None:
    """One call starts it; the outcome can be read from the object at once."""
    made = await world.post("/v1/sessions", await body(world, initial_events=[outcome()]))
    assert made["status"] == "running"
    assert made["outcome_evaluations"][0]["result"] == "pending"
    assert "initial_events" not in made


async def test_creating_twice_makes_two_sessions(world: World) -> None:
    """There is no idempotency key, whatever header is sent: a blind retry doubles."""
    wanted = await body(world, metadata={"run_key": "k"})
    for _ in range(2):
        await world.send("POST", "/v1/sessions", wanted, headers={"idempotency-key": "same"})
    assert len(world.state.sessions) == 2


async def test_a_pinned_version_is_kept(world: World) -> None:
    """A session keeps the agent as it was, whatever happens to the agent later."""
    agent = await world.agent()
    await world.post(f"/v1/agents/{agent}", {"system": "newer"})
    made = await world.post(
        "/v1/sessions", await body(world, agent={"type": "agent", "id": agent, "version": 1})
    )
    assert (made["agent"]["version"], made["agent"]["system"]) == (1, None)
    latest = await world.post("/v1/sessions", await body(world, agent=agent))
    assert latest["agent"]["version"] == 2


async def test_overrides_replace_whole_fields(world: World) -> None:
    """An override is for this session only."""
    agent = await world.agent(TOOLSET, system="s")
    wanted = {"type": "agent_with_overrides", "id": agent, "tools": [tool("a")], "system": None}
    made = await world.post("/v1/sessions", await body(world, agent=wanted))
    assert [item["type"] for item in made["agent"]["tools"]] == ["custom"]
    assert made["agent"]["system"] is None
    assert world.state.agents[agent].latest["system"] == "s"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"agent": "agent_none"}, 404),
        ({"environment_id": "env_none"}, 404),
        ({"initial_events": [outcome(), outcome()]}, 400),
        ({"initial_events": []}, 400),
        ({"initial_events": [{"type": "user.interrupt"}]}, 400),
        ({"initial_events": [{**outcome(), "max_iterations": 21}]}, 400),
        ({"initial_events": [{"type": "user.define_outcome", "description": "d"}]}, 400),
        ({"budget": {"type": "limit", "max_list_cost": {"amount": "25.00", "currency": "USD"}}}, 400),
        ({"budget": {"type": "limit", "max_list_cost": {"amount": "0", "currency": "USD"}}}, 400),
        ({"resources": [{"type": "file", "file_id": "file_none"}]}, 404),
        ({"metadata": {"k": 1}}, 400),
        ({"metadata": {"sandbox_script": "x" * 513}}, 400),
    ],
)
async def test_a_faulty_create_leaves_nothing_behind(world: World, fault: Json, status: int) -> None:
    """All or nothing: a refused create made no session and started no work."""
    await world.refused("/v1/sessions", {**await body(world), **fault}, status=status)
    assert world.state.sessions == {}


async def test_archived_agents_and_environments_start_nothing(world: World) -> None:
    """Archiving blocks new sessions."""
    wanted = await body(world)
    await world.post(f"/v1/agents/{wanted['agent']}/archive")
    await world.refused("/v1/sessions", wanted)
    wanted = await body(world)
    await world.post(f"/v1/environments/{wanted['environment_id']}/archive")
    await world.refused("/v1/sessions", wanted)
    unknown = {"type": "agent", "id": wanted["agent"], "version": 999}
    assert "agent.version: 999" in await world.refused(
        "/v1/sessions", {**wanted, "agent": unknown}, status=404
    )


async def test_sessions_are_found_by_agent_and_age(world: World) -> None:
    """The two filters a client has to find a session it lost."""
    old = await world.idle_session()
    world.clock.advance(600)
    new = await world.idle_session()
    found = await world.send("GET", f"/v1/sessions?agent_id={new.agent['id']}")
    assert [item["id"] for item in found["data"]] == [new.id]
    for query, expected in {"gte": new, "gt": new, "lt": old, "lte": old}.items():
        mark = new.created_at if query in {"gte", "lt"} else old.created_at
        listed = await world.send("GET", f"/v1/sessions?created_at[{query}]={mark}")
        assert [item["id"] for item in listed["data"]] == [expected.id], query


async def test_session_lists_page_both_ways(world: World) -> None:
    """Cursors lead forward and back, and belong to their order."""
    made = []
    for _ in range(3):
        made.append((await world.idle_session()).id)
        world.clock.advance(1)
    first = await world.get("/v1/sessions", limit=2)
    second = await world.get("/v1/sessions", limit=2, page=first["next_page"])
    back = await world.get("/v1/sessions", limit=2, page=second["prev_page"])
    assert [item["id"] for item in first["data"] + second["data"]] == made[::-1]
    assert [item["id"] for item in back["data"]] == made[:0:-1]
    await world.get("/v1/sessions", page=first["next_page"], order="asc", expect=400)


async def test_sessions_are_filtered_by_status_in_both_array_forms(world: World) -> None:
    """`statuses[]` and `statuses` mean the same; another word is refused."""
    await world.idle_session()
    for name in ("statuses[]", "statuses"):
        assert len((await world.send("GET", f"/v1/sessions?{name}=idle&{name}=running"))["data"]) == 1
        assert (await world.send("GET", f"/v1/sessions?{name}=terminated"))["data"] == []
    await world.send("GET", "/v1/sessions?statuses[]=completed", expect=400)
    assert (await world.get("/v1/sessions", deployment_id="depl_1"))["data"] == []


async def test_a_fresh_session_may_be_missing_from_the_list(make_world: MakeWorld) -> None:
    """The list lags behind the create; a retrieve does not."""
    world = make_world(settings=replace(NO_LAG, list_lag_s=3600))
    session = await world.idle_session()
    assert (await world.get("/v1/sessions"))["data"] == []
    assert (await world.get(f"/v1/sessions/{session.id}"))["id"] == session.id


async def test_an_update_places_an_event_only_when_it_changes_something(world: World) -> None:
    """`session.updated` carries only the changed fields."""
    session = await world.idle_session(title="old", metadata={"a": "1"})
    path = f"/v1/sessions/{session.id}"
    await world.post(path, {"title": "old"})
    assert session.log.events == []
    changed = await world.post(path, {"title": "new", "metadata": {"a": None, "b": "2"}})
    assert (changed["title"], changed["metadata"]) == ("new", {"b": "2"})
    (event,) = session.log.events
    assert set(event) == {"id", "type", "processed_at", "title", "metadata"}


async def test_tools_change_only_while_nothing_runs(world: World) -> None:
    """The agent's tools may be replaced mid-session, but not while it works."""
    session = await world.idle_session(tool("a"))
    path = f"/v1/sessions/{session.id}"
    await world.post(path, {"agent": {"tools": [tool("b")]}})
    assert [item["name"] for item in session.agent["tools"]] == ["b"]
    await world.tell(session, message())
    await asyncio.sleep(0)
    await world.refused(path, {"agent": {"tools": []}})


async def test_vaults_cannot_be_attached_later(world: World) -> None:
    """`vault_ids` on update is not supported by the service."""
    session = await world.idle_session()
    await world.refused(f"/v1/sessions/{session.id}", {"vault_ids": ["vlt_1"]})


async def test_archive_waits_for_idle(make_world: MakeWorld) -> None:
    """Archiving or deleting a running session is refused in the service's words."""
    world = make_world(Script(never_finishes=True))
    session = await world.begin(FACTS)
    assert 'while its status is "running"' in await world.refused(f"/v1/sessions/{session.id}/archive", {})
    refusal = await world.send("DELETE", f"/v1/sessions/{session.id}", expect=400)
    assert "Cannot delete session while it is running" in refusal["error"]["message"]


async def test_right_after_idle_an_archive_may_still_be_refused(make_world: MakeWorld) -> None:
    """The stored status flips a moment after the idle event."""
    world = make_world(settings=replace(NO_LAG, idle_lag_s=3600))
    session = await world.begin(FACTS)
    events = await world.finish(session)
    assert events[-1]["type"] == "session.status_idle"
    assert (await world.get(f"/v1/sessions/{session.id}"))["status"] == "running"
    await world.refused(f"/v1/sessions/{session.id}/archive", {})


async def test_right_after_a_send_the_status_may_still_be_idle(make_world: MakeWorld) -> None:
    """The other half of the lag: running is shown late too."""
    world = make_world(Script(never_finishes=True), replace(NO_LAG, start_lag_s=3600))
    session = await world.idle_session()
    await world.tell(session, outcome())
    await asyncio.sleep(0)
    assert session.status == "running"
    assert (await world.get(f"/v1/sessions/{session.id}"))["status"] == "idle"
    await world.refused(f"/v1/sessions/{session.id}/archive", {})


async def test_an_archived_session_is_read_only_and_terminated(world: World) -> None:
    """History stays readable; nothing can be sent or changed; archiving again changes nothing."""
    session = await world.idle_session()
    path = f"/v1/sessions/{session.id}"
    archived = await world.post(f"{path}/archive")
    assert archived["status"] == "terminated"
    world.clock.advance(60)
    assert (await world.post(f"{path}/archive"))["archived_at"] == archived["archived_at"]
    await world.tell(session, message(), expect=400)
    await world.refused(path, {"title": "x"})
    assert (await world.get(f"{path}/events"))["data"] == []
    assert (await world.get("/v1/sessions"))["data"] == []
    assert len((await world.get("/v1/sessions", include_archived="true"))["data"]) == 1


async def test_a_session_waiting_for_a_tool_can_be_archived(world: World) -> None:
    """Idle is idle: the waiting call is dropped and no event is added, as seen on the hosted service."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    assert await world.waits(session)
    before = len(session.log.events)
    assert (await world.post(f"/v1/sessions/{session.id}/archive"))["status"] == "terminated"
    assert len(session.log.events) == before


async def test_delete_takes_history_and_files_along(world: World) -> None:
    """Whoever wants the deliverable downloads first."""
    session = await world.begin(FACTS)
    await world.finish(session)
    gone = await world.send("DELETE", f"/v1/sessions/{session.id}")
    assert gone == {"id": session.id, "type": "session_deleted"}
    await world.get(f"/v1/sessions/{session.id}", expect=404)
    assert [file for file in world.state.files.values() if file.scope == session.id] == []


async def test_mounted_files_are_listed_as_resources(world: World) -> None:
    """A mounted copy has an id of its own; the path is rooted under the uploads directory."""
    file_id = await world.upload("{}")
    session = await world.idle_session(
        resources=[{"type": "file", "file_id": file_id, "mount_path": "/a/facts.json"}]
    )
    path = f"/v1/sessions/{session.id}/resources"
    more = await world.post(path, {"type": "file", "file_id": file_id})
    listed = (await world.get(path))["data"]
    assert [item["mount_path"] for item in listed] == [
        "/mnt/session/uploads/a/facts.json",
        f"/mnt/session/uploads/{file_id}",
    ]
    assert more["file_id"] != file_id
    assert session.container.read("/mnt/session/uploads/a/facts.json") == "{}"


@pytest.mark.parametrize("mount_path", ["../secret", "a/../../b", "/"])
async def test_a_mount_path_stays_within_uploads(world: World, mount_path: str) -> None:
    """No way out of the uploads directory."""
    file_id = await world.upload("{}")
    wanted = await body(world, resources=[{"type": "file", "file_id": file_id, "mount_path": mount_path}])
    await world.refused("/v1/sessions", wanted)


async def test_a_terminated_session_takes_no_more_resources(world: World) -> None:
    """Over is over."""
    file_id = await world.upload("{}")
    session = await world.idle_session()
    await world.post(f"/v1/sessions/{session.id}/archive")
    await world.refused(f"/v1/sessions/{session.id}/resources", {"type": "file", "file_id": file_id})


async def test_a_session_has_one_thread(world: World) -> None:
    """The primary thread mirrors the session."""
    session = await world.idle_session()
    path = f"/v1/sessions/{session.id}/threads"
    (thread,) = (await world.get(path))["data"]
    assert (thread["id"], thread["status"], thread["parent_thread_id"]) == (session.thread_id, "idle", None)
    assert (await world.get(f"{path}/{session.thread_id}"))["id"] == thread["id"]
    assert (await world.send("GET", f"{path}?statuses[]=running"))["data"] == []
    await world.get(f"{path}/sthr_none", expect=404)


async def test_sessions_may_take_different_times(make_world: MakeWorld) -> None:
    """With a spread each session has one pace of its own by the seed, within the bounds; without one all are alike."""
    unlike = make_world(settings=replace(NO_LAG, spread=0.5)).state
    paces = {unlike.tempo(f"sesn_{number}") for number in range(20)}
    assert len(paces) == 20
    assert all(0.5 <= pace <= 1.5 for pace in paces)
    assert unlike.tempo("sesn_1") == unlike.tempo("sesn_1")
    assert make_world().state.tempo("sesn_1") == 1
