"""The demo's three teams and the programme over them: the built-in world grown from three seeds, put into one workspace."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

TEAMS = ("Harbour", "Quay", "Beacon")
PROJECTS = ("Harbour ferry booking", "Quay freight desk", "Beacon timetable")
PROGRAMME = "1208000000000003"
"""The project of the team of teams; it holds no task but the one that takes its comments."""

_GID = re.compile(r"\b1205(\d{12})\b")
"""A gid of the built-in world, also within an address."""


def three_teams(seed: int) -> dict[str, Any]:
    """One workspace pack with three teams' boards. Each grew from a seed of its own, so their figures differ."""
    from facilitator.sandbox.generated import generate_world

    first, *others = (_renamed(generate_world(seed + n), n) for n in range(len(TEAMS)))
    for other in others:
        for key in ("teams", "users", "projects", "sections", "custom_fields", "sprints", "tasks"):
            first[key] = [*first[key], *other[key]]
        first["stories"] = {**first["stories"], **other["stories"]}
    _join(first)
    return first


def _join(world: dict[str, Any]) -> None:
    """The programme's own project, and one task of the second team that waits for one of the first."""
    home = world["projects"][0]
    named = {"gid": PROGRAMME, "name": "Fleet programme", "notes": "One page a week over all teams."}
    world["projects"].append({**home, **named, "custom_field_settings": []})
    first, second = _boards(world)[:2]
    waited_for = _open_task(world, first)
    waiting = _open_task(world, second, besides=waited_for["name"])
    waiting["dependencies"] = [{"gid": waited_for["gid"]}]
    world["stories"][waiting["gid"]].append(
        {
            "gid": f"{waiting['gid']}9",
            "created_at": waiting["modified_at"],
            "created_by": waiting["created_by"],
            "type": "system",
            "resource_subtype": "dependency_added",
            "dependency": {"gid": waited_for["gid"]},
        }
    )


def _open_task(world: dict[str, Any], board: dict[str, Any], *, besides: str = "") -> dict[str, Any]:
    """The board's first task that somebody has and nobody finished, and that waits for none; worlds share names."""
    task: dict[str, Any] = next(
        one
        for one in world["tasks"]
        if one["memberships"][0]["project"]["gid"] == board["gid"]
        and one.get("assignee")
        and not one.get("completed")
        and not one.get("dependencies")
        and one["name"] != besides
    )
    return task


def _boards(world: dict[str, Any]) -> list[dict[str, Any]]:
    """The teams' own projects, in their order."""
    return [project for project in world["projects"] if project["name"] in PROJECTS]


def _renamed(world: dict[str, Any], number: int) -> dict[str, Any]:
    """Gids of its own but for the workspace, and the team's own names."""
    workspace = world["workspace"]["gid"]
    text = _GID.sub(lambda match: f"{1205 + number}{match[1]}", json.dumps(world))
    text = text.replace(f"{1205 + number}{workspace[4:]}", workspace)
    renamed: dict[str, Any] = json.loads(text)
    renamed["teams"][0]["name"] = TEAMS[number]
    renamed["projects"][0]["name"] = PROJECTS[number]
    return renamed


def configuration_of(world: dict[str, Any], ceremonies: Sequence[str], *, port: int) -> str:
    """facilitator.toml for them; the first member of each decides on its drafts, the first of all everywhere."""
    from facilitator.settings import first_configuration

    names = {user["gid"]: user["name"] for user in world["users"]}
    boards = _boards(world)
    somebody = names[boards[0]["members"][0]["gid"]]
    parts = [
        first_configuration(
            team=team,
            project=project["gid"],
            zone="Europe/Berlin",
            approvers=list(dict.fromkeys([somebody, names[project["members"][1]["gid"]]])),
            holidays="DE",
            ceremonies=ceremonies,
        )
        for team, project in zip(TEAMS, boards, strict=True)
    ]
    first, *others = parts
    whole = first + "".join(other[other.index("\n[[teams]]") :] for other in others)
    admins = f"admins = [{json.dumps(somebody, ensure_ascii=False)}]"
    whole = re.sub(r"^# viewers = .*$", lambda _found: admins, whole, flags=re.MULTILINE)
    return whole.replace("# port = 8484 ", f"port = {port} ") + _programme(somebody)


def _programme(somebody: str) -> str:
    """The team of teams."""
    return f"""
[[teams]]
slug = "programme"
name = "Fleet programme"
project = "{PROGRAMME}"
zone = "Europe/Berlin"
holidays = "DE"
approvers = [{json.dumps(somebody, ensure_ascii=False)}]
rollup = {json.dumps([team.lower() for team in TEAMS])}
[teams.ceremonies.portfolio_rollup]
"""
