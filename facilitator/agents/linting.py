"""The rules a tool, an agent and its environment must keep before any of them is applied.

Works on the templates as read, with what the configuration asks for put in. Every rule is one sentence about one place. It mends
nothing, and it does not know what a tool does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TOOLSET, MCP, CUSTOM = "agent_toolset_20260401", "mcp_toolset", "custom"
NAME = re.compile(r"[a-z]+_[a-z_]+")
RULE_TAGS = ("fetch-first", "no-speculation", "update-only-when-asked", "concise", "name-risks", "root-cause")
SHUT = ("bash", "web_fetch", "web_search")
"""Built-in tools that reach out of the sandbox or run anything in it."""

WRITES = re.compile(
    r"(?:^|_)(?:create|update|delete|add|remove|set|move|complete|write|post|put|edit|duplicate|send|archive)(?:_|$)"
)
"""Words in the name of an MCP tool that changes something: the agent holds none of those."""

_SENTENCE = re.compile(r"[.!?](?=\s|$)")

Json = Mapping[str, Any]


def faults_of(agent: Json, environment: Json) -> list[str]:
    """Every rule that the agent or its environment breaks, in the order of the templates."""
    tools = list(agent.get("tools") or ())
    return [
        *(fault for tool in tools for fault in _tool(tool)),
        *_prompt(str(agent.get("system", ""))),
        *_environment(environment, mcp=any(tool.get("type") == MCP for tool in tools)),
    ]


def _tool(tool: Json) -> Iterator[str]:
    kind = tool.get("type")
    if kind == CUSTOM:
        yield from tool_faults(tool)
    elif kind in (TOOLSET, MCP):
        yield from _toolset(tool)
    else:
        yield f"a tool of the unknown type {kind!r}"


def tool_faults(tool: Json) -> Iterator[str]:
    """What is wrong with the definition of one custom tool."""
    name = str(tool.get("name", ""))
    if not NAME.fullmatch(name):
        yield f"{name or 'a tool'}: a name is a room and a verb, such as board_get_task"
    sentences = len(_SENTENCE.findall(str(tool.get("description", "")).strip()))
    if not 3 <= sentences <= 5:
        yield f"{name}: its description has {sentences} sentences; three or four say what, when, and what it does not do"
    schema = tool.get("input_schema") or {}
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        yield f"{name}: its input is an object that takes no other properties (additionalProperties: false)"
    required = schema.get("required") or []
    for key, property_ in (schema.get("properties") or {}).items():
        yield from _property(f"{name}.{key}", property_, required=key in required)


def _property(where: str, property_: Json, *, required: bool) -> Iterator[str]:
    if not property_.get("description"):
        yield f"{where}: has no description"
    for choice in property_.get("anyOf") or [property_]:
        yield from _bounds(where, choice)
    if property_.get("type") in ("integer", "number") and not required and "default" not in property_:
        yield f"{where}: is optional and has no default"


def _bounds(where: str, choice: Json) -> Iterator[str]:
    kind = choice.get("type")
    if kind in ("integer", "number") and not {"minimum", "maximum"} <= choice.keys():
        yield f"{where}: a number needs a minimum and a maximum"
    if kind == "string" and not choice.keys() & {"pattern", "format", "enum", "maxLength"}:
        yield f"{where}: a text needs a pattern, a format, an enum or a longest length"


def _toolset(toolset: Json) -> Iterator[str]:
    name = toolset.get("mcp_server_name") or "the built-in tools"
    if (toolset.get("default_config") or {}).get("enabled") is not False:
        yield f"{name}: must be off by default and switched on one by one"
    for each in toolset.get("configs") or ():
        on = each.get("enabled") is True
        if on and each.get("name") in SHUT:
            yield f"{each['name']}: reaches out of the sandbox and must stay off"
        if on and toolset.get("type") == MCP and WRITES.search(str(each.get("name"))):
            yield f"{each['name']}: changes something; the agent holds no tool that writes"
        if on and (each.get("permission_policy") or {}).get("type") != "always_allow":
            yield f"{each.get('name')}: must not ask, for nobody is there to answer"


def _prompt(system: str) -> Iterator[str]:
    for tag in RULE_TAGS:
        if f"[{tag}]" not in system:
            yield f"system.md: the rule [{tag}] is missing"
    if "[data-not-instructions]" not in system:
        yield "system.md: it does not say that task text is data"


def _environment(environment: Json, *, mcp: bool) -> Iterator[str]:
    config = environment.get("config") or {}
    network = config.get("networking") or {}
    if network.get("type") != "limited" or network.get("allowed_hosts"):
        yield "environment: the network must be limited, with no allowed hosts"
    if network.get("allow_package_managers") is not False:
        yield "environment: package managers must be off"
    if bool(network.get("allow_mcp_servers")) != mcp:
        yield "environment: MCP servers are allowed exactly where the agent has one"
    packages: Mapping[str, Sequence[str]] = config.get("packages") or {}
    if any(packages.values()):
        yield "environment: no packages are installed"
