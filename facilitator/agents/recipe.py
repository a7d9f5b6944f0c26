"""The agent and the environment as the templates describe them: read, checked and hashed, before any call.

The hash travels in the object's metadata, because a reply with its expanded defaults cannot be compared with a file.
It does not know what exists on the service: `provision` does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facilitator.agents.linting import CUSTOM, MCP, faults_of
from facilitator.errors import ConfigurationError
from facilitator.runs.ports import ON_REQUEST

APP, ROLE, HASH = "app", "role", "config_sha256"
_AGENT_KEYS = {"name", "description", "model", "mcp_servers", "skills", "tools"}
_ENVIRONMENT_KEYS = {"name", "description", "config"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """One object to have on the service: the body of its create, and what it is recognised by."""

    kind: str
    name: str
    body: Mapping[str, Any]
    digest: str
    tools: tuple[str, ...] = ()

    @property
    def metadata(self) -> dict[str, str]:
        """The private keys by which the object is found again."""
        return {APP: "facilitator", ROLE: self.name, HASH: self.digest}

    def recognises(self, found: Mapping[str, Any]) -> bool:
        """Whether an object on the service is this one, whatever its content."""
        metadata = found.get("metadata") or {}
        return metadata.get(APP) == "facilitator" and metadata.get(ROLE) == self.name

    def matches(self, found: Mapping[str, Any]) -> bool:
        """Whether an object was last applied from exactly this recipe."""
        return bool((found.get("metadata") or {}).get(HASH) == self.digest and self.recognises(found))


@dataclass(frozen=True, slots=True)
class McpServer:
    """A remote tool server that the agent may read from with a credential of a vault; off unless configured."""

    name: str
    url: str
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kit:
    """Which of the templates' custom tools the agent gets (None: all that only read), and an MCP server or none."""

    tools: tuple[str, ...] | None = None
    mcp: McpServer | None = None


def read_recipes(
    templates: Path, model: str | None = None, name_suffix: str = "", kit: Kit | None = None
) -> tuple[Recipe, Recipe]:
    """The agent's and the environment's recipes; `model` overrides the template's, the suffix keeps deployments apart.

    Raises `ConfigurationError` where a tool is not declared, or where the result breaks a rule of `linting`.
    """
    kit = kit or Kit()
    agent = _read(templates / "agent.yaml", _AGENT_KEYS)
    environment = _read(templates / "environment.yaml", _ENVIRONMENT_KEYS)
    tools = _allowed(agent["tools"], kit, templates / "agent.yaml")
    body = {
        **agent,
        "model": model or agent["model"],
        "name": str(agent["name"]) + name_suffix,
        "system": _text(templates / "system.md"),
        "tools": [*tools, *_mcp_tools(kit.mcp)],
        "mcp_servers": [*agent["mcp_servers"], *_mcp_servers(kit.mcp)],
    }
    place = {**environment, "name": str(environment["name"]) + name_suffix}
    if kit.mcp:
        network = {**environment["config"]["networking"], "allow_mcp_servers": True}
        place["config"] = {**environment["config"], "networking": network}
    if faults := faults_of(body, place):
        raise _wrong(templates, "; ".join(faults))
    custom = tuple(str(tool["name"]) for tool in tools if tool.get("type") == CUSTOM)
    return _recipe("agent", body, custom), _recipe("environment", place)


def _allowed(declared: list[dict[str, Any]], kit: Kit, path: Path) -> list[dict[str, Any]]:
    """The tools of the template that the configuration allows."""
    known = [str(tool.get("name")) for tool in declared if tool.get("type") == CUSTOM]
    wanted = [name for name in known if name not in ON_REQUEST] if kit.tools is None else kit.tools
    if unknown := sorted(set(wanted) - set(known)):
        raise ConfigurationError(
            f"[agents] tools names {', '.join(unknown)}, which {path} does not declare.",
            suggestion=f"Tools there: {', '.join(known)}.",
        )
    return [tool for tool in declared if tool.get("type") != CUSTOM or tool.get("name") in wanted]


def _mcp_servers(mcp: McpServer | None) -> list[dict[str, Any]]:
    return [{"type": "url", "name": mcp.name, "url": mcp.url}] if mcp else []


def _mcp_tools(mcp: McpServer | None) -> list[dict[str, Any]]:
    """Off by default and named one by one; a tool that asks would wait for ever."""
    if mcp is None:
        return []
    allow = {"type": "always_allow"}
    configs = [{"name": name, "enabled": True, "permission_policy": allow} for name in mcp.tools]
    off = {"enabled": False, "permission_policy": allow}
    return [{"type": MCP, "mcp_server_name": mcp.name, "default_config": off, "configs": configs}]


def _recipe(kind: str, body: Mapping[str, Any], tools: tuple[str, ...] = ()) -> Recipe:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Recipe(kind, str(body["name"]), body, hashlib.sha256(canonical.encode()).hexdigest(), tools)


def _read(path: Path, keys: set[str]) -> dict[str, Any]:
    import yaml

    try:
        raw = yaml.safe_load(_text(path))
    except yaml.YAMLError as error:
        raise _wrong(path, f"it is not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise _wrong(path, "it holds no keys")
    if missing := sorted(keys - raw.keys()):
        raise _wrong(path, f"{', '.join(missing)} missing")
    if unknown := sorted(raw.keys() - keys):
        raise _wrong(path, f"unknown keys: {', '.join(map(str, unknown))}")
    return raw


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, f"it cannot be read: {error}") from error


def _wrong(path: Path, fault: str) -> ConfigurationError:
    return ConfigurationError(
        f"the template {path} cannot be used: {fault}",
        suggestion="compare it with the template that came with this release",
    )
