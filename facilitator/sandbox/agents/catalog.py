"""Agents and environments: what a session is made from.

Owns creation, versions, updates and archiving. Defaults are expanded in every answer, as the service does. No session is
touched here: a running one keeps the version it began with.
"""

from __future__ import annotations

import copy

from starlette.requests import Request

from facilitator.sandbox.agents.bodies import (
    AgentCreate,
    AgentUpdate,
    Empty,
    EnvironmentCreate,
    EnvironmentUpdate,
)
from facilitator.sandbox.agents.queries import AgentListQuery, AgentQuery, EnvironmentListQuery, PageQuery
from facilitator.sandbox.agents.state import Agent, SandboxState
from facilitator.sandbox.agents.wire import (
    Json,
    bound,
    conflict,
    invalid,
    missing,
    page_of,
    read_body,
    read_query,
)

EMPTY_OF: Json = {"tools": [], "mcp_servers": [], "skills": [], "metadata": {}}
ALLOW: Json = {"type": "always_allow"}
ASK: Json = {"type": "always_ask"}
PACKAGE_KINDS = ("apt", "cargo", "gem", "go", "npm", "pip")


async def create_agent(state: SandboxState, request: Request) -> Json:
    """Create version 1 of an agent. Names need not be unique."""
    body = (await read_body(request, AgentCreate)).given()
    now = state.now()
    agent: Json = {
        "id": state.ids.new("agent"),
        "type": "agent",
        "version": 1,
        "description": None,
        "system": None,
        "multiagent": None,
        "execution_identity": {"type": "service_account"},
        **copy.deepcopy(EMPTY_OF),
        **expanded_agent(body, only=set(body)),
        "created_at": now,
        "updated_at": now,
        "archived_at": None,
    }
    check_tools(agent)
    state.agents[agent["id"]] = Agent([agent])
    return agent


def expanded_agent(given: Json, *, only: set[str]) -> Json:
    """The given fields as the service answers them: model an object, toolsets with defaults, nulls as empties."""
    full = {name: copy.deepcopy(value) for name, value in given.items() if name in only}
    for name, empty in EMPTY_OF.items():
        if name in full and full[name] is None:
            full[name] = copy.deepcopy(empty)
    if "model" in full:
        full["model"] = _model(full["model"])
    if "tools" in full:
        full["tools"] = [_tool(tool) for tool in full["tools"]]
    if "execution_identity" in full:
        full["execution_identity"] = {"type": "service_account"}
    return full


def _model(model: str | Json) -> Json:
    given: Json = {"id": model} if isinstance(model, str) else dict(model)
    effort = given.get("effort")
    if isinstance(effort, str):
        given["effort"] = {"type": effort}
    full = {"speed": "standard", **{key: value for key, value in given.items() if value is not None}}
    return {"id": full.pop("id"), **full}


def _tool(tool: Json) -> Json:
    """Toolsets gain their default policy: the built-in one allows, the MCP one asks."""
    if tool["type"] == "custom":
        return tool
    own = ALLOW if tool["type"] == "agent_toolset_20260401" else ASK
    default = {"enabled": True, "permission_policy": own, **_set(tool.get("default_config") or {})}
    configs = []
    for config in tool.get("configs", []):
        full = {**default, **_set(config)}
        configs.append({**full, "type": config["name"]} if tool["type"] == "agent_toolset_20260401" else full)
    return {**tool, "default_config": default, "configs": configs}


def _set(given: Json) -> Json:
    return {key: value for key, value in given.items() if value is not None}


def check_tools(agent: Json) -> None:
    """Refuse double tool names, MCP servers nobody uses, and toolsets of servers that are not there."""
    custom = [tool["name"] for tool in agent["tools"] if tool["type"] == "custom"]
    servers = [server["name"] for server in agent["mcp_servers"]]
    used = [tool["mcp_server_name"] for tool in agent["tools"] if tool["type"] == "mcp_toolset"]
    if len(set(custom)) < len(custom):
        raise invalid("tools: custom tool names must be unique")
    if len(set(servers)) < len(servers):
        raise invalid("mcp_servers: names must be unique")
    if set(servers) != set(used):
        raise invalid(
            "mcp_servers: every server must be referenced by an mcp_toolset, and every mcp_toolset by a server"
        )


def _agent(state: SandboxState, request: Request) -> Agent:
    agent_id = request.path_params["id"]
    if agent_id not in state.agents:
        raise missing(f"Agent {agent_id} not found")
    return state.agents[agent_id]


async def list_agents(state: SandboxState, request: Request) -> Json:
    """List the latest version of each agent, newest first; no filter by name or metadata exists."""
    query = read_query(request, AgentListQuery)
    lower, upper = bound(query.gte), bound(query.lte)
    found = [
        agent.latest
        for agent in state.agents.values()
        if (query.include_archived or agent.latest["archived_at"] is None)
        and (lower is None or agent.latest["created_at"] >= lower)
        and (upper is None or agent.latest["created_at"] <= upper)
    ]
    return _page(found, query)


def _page(found: list[Json], query: PageQuery) -> Json:
    cut, after, _ = page_of(
        found,
        lambda item: f"{item['created_at']}#{item['id']}",
        limit=query.limit,
        page=query.page,
        order="desc",
    )
    return {"data": cut, "next_page": after}


async def get_agent(state: SandboxState, request: Request) -> Json:
    """One agent, at a version or the latest."""
    query = read_query(request, AgentQuery)
    found = _agent(state, request).at(query.version)
    if found is None:
        raise missing(f"agent.version: {query.version} not found")
    return found


async def list_versions(state: SandboxState, request: Request) -> Json:
    """All versions of an agent, newest first."""
    query = read_query(request, PageQuery)
    versions = _agent(state, request).versions
    cut, after, _ = page_of(
        versions, lambda item: f"{item['version']:09d}", limit=query.limit, page=query.page, order="desc"
    )
    return {"data": cut, "next_page": after}


async def update_agent(state: SandboxState, request: Request) -> Json:
    """Make a new version; a change that changes nothing answers the same one. A stale `version` is a 409 [H]."""
    body = await read_body(request, AgentUpdate)
    agent = _agent(state, request)
    latest = agent.latest
    if latest["archived_at"] is not None:
        raise invalid("Cannot modify archived agent")
    if body.version is not None and body.version != latest["version"]:
        raise conflict("Concurrent modification detected. Please fetch the latest version and retry.")
    given = body.given()
    given.pop("version", None)
    if any(given.get(name, "") is None for name in ("name", "model")):
        raise invalid("name and model cannot be cleared")
    if "metadata" in given:
        given["metadata"] = merged_metadata(latest["metadata"], given["metadata"] or {})
    changed = {**latest, **expanded_agent(given, only=set(given))}
    if "model" in given:
        changed["model"] = _kept_effort(latest["model"], changed["model"])
    check_tools(changed)
    if changed == latest:
        return latest
    agent.versions.append({**changed, "version": latest["version"] + 1, "updated_at": state.now()})
    return agent.latest


def _kept_effort(old: Json, new: Json) -> Json:
    """The same model without an effort keeps the old one; another model resets it."""
    if old["id"] == new["id"] and "effort" in old and "effort" not in new:
        return {**new, "effort": old["effort"]}
    return new


def merged_metadata(old: dict[str, str], patch: dict[str, str | None]) -> dict[str, str]:
    """Metadata after a patch: null deletes a key; at most 16 pairs remain."""
    merged = {key: value for key, value in {**old, **patch}.items() if value is not None}
    if len(merged) > 16:
        raise invalid("metadata: at most 16 pairs are allowed")
    return merged


async def archive_agent(state: SandboxState, request: Request) -> Json:
    """Archive for good; again is harmless and keeps the first time [H]."""
    await read_body(request, Empty)
    latest = _agent(state, request).latest
    if latest["archived_at"] is None:
        latest["archived_at"] = latest["updated_at"] = state.now()
    return latest


async def create_environment(state: SandboxState, request: Request) -> Json:
    """Create an environment; a name in use is a 409."""
    body = (await read_body(request, EnvironmentCreate)).given()
    _check_name(state, body["name"], None)
    now = state.now()
    made: Json = {
        "id": state.ids.new("env"),
        "type": "environment",
        "name": body["name"],
        "description": body.get("description"),
        "config": _config(body.get("config")),
        "metadata": body.get("metadata", {}),
        "scope": "organization",
        "created_at": now,
        "updated_at": now,
        "archived_at": None,
    }
    state.environments[made["id"]] = made
    return made


def _check_name(state: SandboxState, name: str, own: str | None) -> None:
    if any(item["name"] == name and item["id"] != own for item in state.environments.values()):
        raise conflict(f"An environment named {name!r} already exists")


def _config(given: Json | None) -> Json:
    """The configuration with its defaults: unrestricted network, no packages."""
    if given is None or given["type"] == "cloud":
        sent = given or {}
        return {
            "type": "cloud",
            "networking": _networking(sent.get("networking")),
            "packages": {
                "type": "packages",
                **{kind: (sent.get("packages") or {}).get(kind) or [] for kind in PACKAGE_KINDS},
            },
        }
    return {"type": "self_hosted"}


def _networking(given: Json | None) -> Json:
    if given is None or given["type"] == "unrestricted":
        return {"type": "unrestricted"}
    return {
        "type": "limited",
        "allowed_hosts": given.get("allowed_hosts") or [],
        "allow_mcp_servers": bool(given.get("allow_mcp_servers")),
        "allow_package_managers": bool(given.get("allow_package_managers")),
    }


def _environment(state: SandboxState, request: Request) -> Json:
    environment_id = request.path_params["id"]
    if environment_id not in state.environments:
        raise missing(f"Environment {environment_id} not found")
    return state.environments[environment_id]


async def list_environments(state: SandboxState, request: Request) -> Json:
    """List environments, newest first."""
    query = read_query(request, EnvironmentListQuery)
    found = [
        item for item in state.environments.values() if query.include_archived or item["archived_at"] is None
    ]
    return _page(found, query)


async def get_environment(state: SandboxState, request: Request) -> Json:
    """One environment."""
    read_query(request, Empty)
    return _environment(state, request)


async def update_environment(state: SandboxState, request: Request) -> Json:
    """Change an environment in place: it has no versions, and only new sessions notice."""
    body = (await read_body(request, EnvironmentUpdate)).given()
    found = _environment(state, request)
    if found["archived_at"] is not None:
        raise invalid("Cannot modify archived environment")
    if body.get("name"):
        _check_name(state, body["name"], found["id"])
        found["name"] = body["name"]
    if "description" in body:
        found["description"] = body["description"]
    if "metadata" in body:
        found["metadata"] = merged_metadata(found["metadata"], body["metadata"])
    if body.get("config"):
        found["config"] = _config(body["config"])
    found["updated_at"] = state.now()
    return found


async def archive_environment(state: SandboxState, request: Request) -> Json:
    """Archive for good; again is harmless."""
    await read_body(request, Empty)
    found = _environment(state, request)
    if found["archived_at"] is None:
        found["archived_at"] = found["updated_at"] = state.now()
    return found


async def delete_environment(state: SandboxState, request: Request) -> Json:
    """Delete an environment that no session refers to; the status of the refusal (400) is a guess."""
    read_query(request, Empty)
    found = _environment(state, request)
    if any(session.environment_id == found["id"] for session in state.sessions.values()):
        raise invalid("Environment is referenced by a session and cannot be deleted")
    del state.environments[found["id"]]
    return {"id": found["id"], "type": "environment_deleted"}
