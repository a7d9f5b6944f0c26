"""The demo's three teams: the built-in world grown from three seeds, put into one workspace."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

TEAMS = ("Harbour", "Quay", "Beacon")
PROJECTS = ("Harbour ferry booking", "Quay freight desk", "Beacon timetable")
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
    return first


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
    """facilitator.toml for the three teams; the first member of each decides on its drafts, the first of all everywhere."""
    from facilitator.settings import first_configuration

    names = {user["gid"]: user["name"] for user in world["users"]}
    boards = [project for project in world["projects"] if project["name"] in PROJECTS]
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
    return whole.replace("# port = 8484 ", f"port = {port} ")
