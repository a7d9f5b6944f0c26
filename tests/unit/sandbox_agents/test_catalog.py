"""Agents and environments: versions, defaults, and what is refused."""

from __future__ import annotations

import pytest

from tests.unit.sandbox_agents.world import TOOLSET, Json, World, tool

pytestmark = pytest.mark.anyio
MCP = {"type": "mcp_toolset", "mcp_server_name": "board"}
SERVER = {"type": "url", "name": "board", "url": "https://example.org/mcp"}


async def made(world: World, **more: object) -> Json:
    return await world.post("/v1/agents", {"name": "writer", "model": "m", **more})


async def test_an_agent_comes_back_with_its_defaults(world: World) -> None:
    """The model becomes an object and toolsets gain their policy, so a reply never equals the request."""
    agent = await made(world, tools=[TOOLSET, MCP], mcp_servers=[SERVER])
    assert agent["model"] == {"id": "m", "speed": "standard"}
    built_in, mcp = agent["tools"]
    assert built_in["configs"][0] == {
        "name": "read",
        "type": "read",
        "enabled": True,
        "permission_policy": {"type": "always_allow"},
    }
    assert mcp["default_config"]["permission_policy"] == {"type": "always_ask"}
    assert (agent["version"], agent["metadata"], agent["archived_at"]) == (1, {}, None)


async def test_an_effort_is_answered_as_an_object(world: World) -> None:
    """`effort: high` comes back as its type object."""
    agent = await made(world, model={"id": "m", "effort": "high"})
    assert agent["model"]["effort"] == {"type": "high"}


@pytest.mark.parametrize(
    "fault",
    [
        {"name": ""},
        {"tools": [{"type": "agent_toolset_20990101"}]},
        {"tools": [{"type": "agent_toolset_20260401", "configs": [{"name": "telnet"}]}]},
        {"tools": [tool("a"), tool("a")]},
        {"tools": [tool("has space")]},
        {"tools": [MCP]},
        {"mcp_servers": [SERVER]},
        {"mcp_servers": [SERVER, SERVER], "tools": [MCP]},
        {"metadata": {"k": "v" * 513}},
        {"metadata": {str(n): "v" for n in range(17)}},
        {"multiagent": {"type": "coordinator", "agents": []}},
        {"model": {"id": "m", "speed": "warp"}},
    ],
)
async def test_a_faulty_agent_is_refused(world: World, fault: Json) -> None:
    """Limits, enums and cross references of an agent are checked at creation."""
    await world.refused("/v1/agents", {"name": "n", "model": "m", **fault})
    assert world.state.agents == {}


async def test_an_update_makes_a_version_and_keeps_the_old_one(world: World) -> None:
    """Omitted fields stay, given ones are replaced, and both versions can be read."""
    agent = await made(world, system="old", description="d")
    newer = await world.post(f"/v1/agents/{agent['id']}", {"system": "new", "description": None})
    assert (newer["version"], newer["system"], newer["description"]) == (2, "new", None)
    assert (await world.get(f"/v1/agents/{agent['id']}", version=1))["system"] == "old"
    listed = (await world.get(f"/v1/agents/{agent['id']}/versions"))["data"]
    assert [item["version"] for item in listed] == [2, 1]


async def test_an_update_that_changes_nothing_keeps_the_version(world: World) -> None:
    """Applying the same configuration twice is free."""
    agent = await made(world, tools=[TOOLSET], metadata={"a": "1"})
    same = await world.post(
        f"/v1/agents/{agent['id']}", {"tools": [TOOLSET], "metadata": {"a": "1"}, "model": "m", "version": 1}
    )
    assert same["version"] == 1


async def test_metadata_is_merged_key_by_key(world: World) -> None:
    """Null deletes a key, others stay."""
    agent = await made(world, metadata={"a": "1", "b": "2"})
    newer = await world.post(f"/v1/agents/{agent['id']}", {"metadata": {"a": None, "c": "3"}})
    assert newer["metadata"] == {"b": "2", "c": "3"}


async def test_metadata_may_not_grow_past_sixteen_pairs(world: World) -> None:
    """The limit holds for the merged result."""
    agent = await made(world, metadata={str(n): "v" for n in range(16)})
    await world.refused(f"/v1/agents/{agent['id']}", {"metadata": {"one more": "v"}})


async def test_a_stale_version_is_a_conflict(world: World) -> None:
    """409 whatever the change; without a version the last write wins."""
    agent = await made(world)
    path = f"/v1/agents/{agent['id']}"
    await world.post(path, {"system": "one", "version": 1})
    assert "Concurrent modification" in await world.refused(path, {"system": "one", "version": 1}, status=409)
    assert (await world.post(path, {"system": "two"}))["version"] == 3


async def test_the_same_model_keeps_its_effort_and_another_resets_it(world: World) -> None:
    """An update of the model without an effort depends on the model's id."""
    agent = await made(world, model={"id": "m", "effort": "low"})
    path = f"/v1/agents/{agent['id']}"
    assert (await world.post(path, {"model": {"id": "m", "speed": "fast"}}))["model"]["effort"] == {
        "type": "low"
    }
    assert "effort" not in (await world.post(path, {"model": "other"}))["model"]


@pytest.mark.parametrize("change", [{"name": None}, {"model": None}])
async def test_name_and_model_cannot_be_cleared(world: World, change: Json) -> None:
    """Null clears what may be empty, and nothing else."""
    agent = await made(world)
    await world.refused(f"/v1/agents/{agent['id']}", change)


async def test_an_archived_agent_stays_as_it_is(world: World) -> None:
    """Archiving twice keeps the first time; changes are refused; lists leave it out unless asked."""
    agent = await made(world)
    path = f"/v1/agents/{agent['id']}"
    first = await world.post(f"{path}/archive")
    world.clock.advance(60)
    assert (await world.post(f"{path}/archive"))["archived_at"] == first["archived_at"]
    assert await world.refused(path, {"system": "x"}) == "Cannot modify archived agent"
    assert (await world.get("/v1/agents"))["data"] == []
    assert len((await world.get("/v1/agents", include_archived="true"))["data"]) == 1


async def test_agents_are_listed_newest_first_and_by_age(world: World) -> None:
    """Names are no key: two agents of one name are two agents."""
    old = await made(world)
    world.clock.advance(60)
    new = await made(world)
    listed = await world.get("/v1/agents", limit=1)
    assert [item["id"] for item in listed["data"]] == [new["id"]]
    rest = await world.get("/v1/agents", page=listed["next_page"])
    assert [item["id"] for item in rest["data"]] == [old["id"]]
    recent = await world.send("GET", f"/v1/agents?created_at[gte]={new['created_at']}")
    early = await world.send("GET", f"/v1/agents?created_at[lte]={old['created_at']}")
    assert [item["id"] for item in recent["data"] + early["data"]] == [new["id"], old["id"]]


@pytest.mark.parametrize("path", ["/v1/agents/agent_none", "/v1/environments/env_none"])
async def test_what_does_not_exist_is_404(world: World, path: str) -> None:
    """Ids are looked up, never made up."""
    assert (await world.get(path, expect=404))["error"]["type"] == "not_found_error"


async def test_an_unknown_version_is_404(world: World) -> None:
    """A pinned version must exist."""
    agent = await made(world)
    assert (
        "999" in (await world.get(f"/v1/agents/{agent['id']}", version=999, expect=404))["error"]["message"]
    )


async def test_an_environment_comes_back_whole(world: World) -> None:
    """Networking and packages are filled in."""
    body = {
        "name": "e",
        "config": {"type": "cloud", "networking": {"type": "limited", "allowed_hosts": ["*.example.com"]}},
    }
    config = (await world.post("/v1/environments", body))["config"]
    assert config["networking"] == {
        "type": "limited",
        "allowed_hosts": ["*.example.com"],
        "allow_mcp_servers": False,
        "allow_package_managers": False,
    }
    assert config["packages"]["pip"] == []
    assert (await world.post("/v1/environments", {"name": "f"}))["config"]["networking"] == {
        "type": "unrestricted"
    }


@pytest.mark.parametrize(
    "config",
    [
        {"type": "self_hosted", "packages": {}},
        {"type": "cloud", "networking": {"type": "unrestricted", "allowed_hosts": []}},
        {"type": "cloud", "networking": {"type": "limited", "allowed_hosts": ["https://example.com"]}},
        {"type": "local"},
    ],
)
async def test_a_faulty_environment_is_refused(world: World, config: Json) -> None:
    """Hosts are bare names, and each type has its own fields."""
    await world.refused("/v1/environments", {"name": "e", "config": config})


async def test_a_name_in_use_is_a_conflict(world: World) -> None:
    """Environment names are unique, for creates and for renames; keeping one's own is fine."""
    first = await world.post("/v1/environments", {"name": "a"})
    second = await world.post("/v1/environments", {"name": "b", "config": {"type": "self_hosted"}})
    await world.refused("/v1/environments", {"name": "a"}, status=409)
    await world.refused(f"/v1/environments/{second['id']}", {"name": "a"}, status=409)
    assert (await world.post(f"/v1/environments/{first['id']}", {"name": "a"}))["name"] == "a"


async def test_an_environment_changes_in_place(world: World) -> None:
    """It has no versions: description, metadata and config are replaced where they stand."""
    made_ = await world.post("/v1/environments", {"name": "a", "metadata": {"k": "v"}})
    path = f"/v1/environments/{made_['id']}"
    change = {"name": "b", "description": "d", "metadata": {"k": None}, "config": {"type": "self_hosted"}}
    await world.post(path, change)
    found = await world.get(path)
    assert (found["name"], found["description"], found["metadata"]) == ("b", "d", {})
    assert found["config"] == {"type": "self_hosted"}


async def test_an_archived_environment_is_left_out_and_refuses_changes(world: World) -> None:
    """Archiving is for good and harmless to repeat."""
    made_ = await world.post("/v1/environments", {"name": "a"})
    path = f"/v1/environments/{made_['id']}"
    first = await world.post(f"{path}/archive")
    world.clock.advance(60)
    assert await world.post(f"{path}/archive") == first
    await world.refused(path, {"description": "x"})
    assert (await world.get("/v1/environments"))["data"] == []


async def test_an_environment_in_use_cannot_be_deleted(world: World) -> None:
    """Delete works only while no session refers to it."""
    session = await world.idle_session()
    await world.send("DELETE", f"/v1/environments/{session.environment_id}", expect=400)
    free = await world.post("/v1/environments", {"name": "free"})
    gone = await world.send("DELETE", f"/v1/environments/{free['id']}")
    assert gone == {"id": free["id"], "type": "environment_deleted"}


async def test_null_clears_a_list(world: World) -> None:
    """An array set to null comes back empty, and the identity is always the service account's."""
    agent = await made(world, tools=[tool("a")], execution_identity={"type": "service_account"})
    newer = await world.post(f"/v1/agents/{agent['id']}", {"tools": None, "execution_identity": None})
    assert (newer["tools"], newer["execution_identity"]) == ([], {"type": "service_account"})
