"""The rules of tools, agent and environment: each breach is named, and nothing that breaks one is applied."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

import runner
from facilitator.agents.linting import faults_of, tool_faults
from facilitator.agents.provision import KEEP, UPDATE, decide
from facilitator.agents.recipe import Kit, McpServer, read_recipes
from facilitator.errors import ConfigurationError
from facilitator.runs.ports import ON_REQUEST, Pinned
from facilitator.runs.tools import INPUTS

TEMPLATES = Path(__file__).parents[3] / "templates" / "agents"
READERS = McpServer("asana", "https://mcp.asana.com/v2/mcp", ("get_task", "search_tasks"))

GOOD: dict[str, Any] = {
    "type": "custom",
    "name": "board_get_task",
    "description": "Gives one task. Use it for a cause. It changes nothing.",
    "input_schema": {
        "type": "object",
        "properties": {
            "task_gid": {"type": "string", "pattern": "^[0-9]+$", "description": "Which."},
            "limit": {"type": "integer", "minimum": 0, "maximum": 9, "default": 1, "description": "Most."},
        },
        "required": ["task_gid"],
        "additionalProperties": False,
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good tool with one thing else; None takes it away."""
    tool = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    place = tool
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return tool


def test_a_good_tool_has_no_fault() -> None:
    """The measure itself passes."""
    assert list(tool_faults(GOOD)) == []


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("description", "Gives one task.", "1 sentences"),
        ("description", "", "0 sentences"),
        ("name", "getTask", "a room and a verb"),
        ("name", "task", "a room and a verb"),
        ("name", "Board_get", "a room and a verb"),
        ("name", "board-get-task", "a room and a verb"),
        ("input_schema.additionalProperties", None, "no other properties"),
        ("input_schema.additionalProperties", True, "no other properties"),
        ("input_schema.properties.limit.maximum", None, "a minimum and a maximum"),
        ("input_schema.properties.limit.default", None, "no default"),
        ("input_schema.properties.limit.description", None, "no description"),
        ("input_schema.properties.task_gid.pattern", None, "a longest length"),
    ],
)
def test_each_breach_of_a_tool_is_named(path: str, value: Any, fault: str) -> None:
    """One sentence about one place."""
    [found] = tool_faults(changed(path, value))
    assert fault in found


def made(kit: Kit | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The bodies of our own templates."""
    agent, environment = read_recipes(TEMPLATES, kit=kit)
    return copy.deepcopy(dict(agent.body)), copy.deepcopy(dict(environment.body))


def test_our_own_templates_keep_every_rule() -> None:
    """Also with a few tools only, and with a remote server to read from."""
    assert faults_of(*made()) == []
    assert faults_of(*made(Kit(("draft_check",), READERS))) == []


@pytest.mark.parametrize("tool", ["bash", "web_fetch", "web_search"])
def test_a_tool_that_reaches_out_is_refused(tool: str) -> None:
    """No shell and no web, whoever switches them on."""
    agent, environment = made()
    agent["tools"][0]["configs"].append(
        {"name": tool, "enabled": True, "permission_policy": {"type": "always_allow"}}
    )
    assert any(tool in fault for fault in faults_of(agent, environment))


def test_an_open_door_is_refused() -> None:
    """Hosts, package managers, packages, tools that ask, and tools that are on by default."""
    agent, environment = made()
    agent["tools"][0]["default_config"]["enabled"] = True
    agent["tools"][0]["configs"][0]["permission_policy"]["type"] = "always_ask"
    agent["system"] = agent["system"].replace("[concise]", "")
    config = environment["config"]
    config["networking"] = {"type": "unrestricted", "allowed_hosts": ["x"], "allow_mcp_servers": True}
    config["packages"]["pip"] = ["requests"]
    found = "\n".join(faults_of(agent, environment))
    for said in (
        "off by default",
        "must not ask",
        "[concise]",
        "limited",
        "package managers",
        "no packages",
        "MCP",
    ):
        assert said in found


def test_the_agent_gets_the_tools_the_configuration_names() -> None:
    """Off is off: a tool not named is not declared."""
    agent, _ = read_recipes(TEMPLATES, kit=Kit(("board_get_task", "draft_check")))
    assert agent.tools == ("board_get_task", "draft_check")
    with pytest.raises(ConfigurationError, match="names board_delete_all, which"):
        read_recipes(TEMPLATES, kit=Kit(("board_delete_all",)))


def test_the_tool_that_asks_for_changes_is_off_unless_it_is_named() -> None:
    """Naming it declares it, which is another agent than before; leaving `tools` out never does."""
    usual, _ = read_recipes(TEMPLATES)
    assert usual.tools == tuple(name for name in INPUTS if name not in ON_REQUEST)
    asking, _ = read_recipes(TEMPLATES, kit=Kit((*usual.tools, "update_task_status")))
    assert asking.tools == tuple(INPUTS)
    applied = {"id": "agent_1", "version": 3, "metadata": usual.metadata}
    assert [decide(one, applied, None).action for one in (usual, asking)] == [KEEP, UPDATE]


@pytest.mark.parametrize(
    ("named", "answered"),
    [
        (None, ("board_get_task", "draft_check")),
        (("draft_check", "update_task_status"), ("draft_check", "update_task_status")),
        (("board_get_health",), runner.NO_TOOLS),
    ],
)
def test_a_tool_taken_out_is_refused_before_the_agent_is_applied_again(
    named: tuple[str, ...] | None, answered: tuple[str, ...]
) -> None:
    """The agent on the service still declares it; we answer only what the configuration gives."""
    pinned = Pinned("agent_1", 3, "env_1", "", "", ("board_get_task", "draft_check", "update_task_status"))
    assert runner.within(pinned, named).tools == answered


def test_a_remote_server_is_read_from_by_name_only() -> None:
    """Everything else of it is off, nothing asks, and the environment lets it through and no other host."""
    agent, environment = made(Kit(mcp=READERS))
    [server] = agent["mcp_servers"]
    toolset = agent["tools"][-1]
    assert server["url"] == READERS.url
    assert toolset["default_config"]["enabled"] is False
    assert [each["name"] for each in toolset["configs"]] == ["get_task", "search_tasks"]
    assert environment["config"]["networking"]["allow_mcp_servers"] is True
    assert environment["config"]["networking"]["allowed_hosts"] == []


@pytest.mark.parametrize("tool", ["create_task", "update_task", "task_delete", "add_comment"])
def test_a_remote_tool_that_writes_is_refused(tool: str) -> None:
    """The agent could use it before, and whatever, the verdict."""
    with pytest.raises(ConfigurationError, match=tool):
        read_recipes(TEMPLATES, kit=Kit(mcp=McpServer("asana", "https://mcp.example", (tool,))))


def test_a_broken_template_is_not_applied(tmp_path: Path) -> None:
    """What is wrong is said before any call."""
    for name in ("agent.yaml", "environment.yaml", "system.md"):
        (tmp_path / name).write_text((TEMPLATES / name).read_text())
    raw = yaml.safe_load((tmp_path / "environment.yaml").read_text())
    raw["config"]["networking"]["allowed_hosts"] = ["pypi.org"]
    (tmp_path / "environment.yaml").write_text(yaml.safe_dump(raw))
    with pytest.raises(ConfigurationError, match="no allowed hosts"):
        read_recipes(tmp_path)
