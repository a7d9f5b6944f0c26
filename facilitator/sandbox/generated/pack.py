"""Turns a played world into a workspace pack: the JSON that the local sandbox loads and anybody can read.

The form is that of the workspace packs (`asana-workspace-pack/1`): Asana's own names, nested references by gid
only, keys with Asana's empty value left out. Nothing is decided or drawn by chance here.
"""

from __future__ import annotations

from datetime import UTC, datetime

from facilitator.sandbox.generated.blueprint import (
    OPTIONS,
    POINTS,
    ROADMAP_SECTIONS,
    SECTIONS,
    SPRINT,
    Blueprint,
)
from facilitator.sandbox.generated.history import Item, Json, ref, stamp
from facilitator.sandbox.generated.people import PEOPLE
from facilitator.sandbox.generated.simulate import simulate

FORMAT = "asana-workspace-pack/1"
COLOURS = ("red", "orange", "yellow-orange", "yellow", "yellow-green", "green", "blue-green", "aqua", "blue")
AS_OF = datetime(2026, 6, 10, 7, tzinfo=UTC)
"""The world's usual present: a Wednesday, 09:00 in Berlin, the eighth day of ten in Sprint 24."""


def generate_world(seed: int = 7, *, as_of: datetime = AS_OF, past_sprints: int = 6) -> Json:
    """Invent the Harbour team's Asana workspace as it stands at `as_of`, with its whole history.

    The same arguments give the same JSON, byte for byte. `as_of` is a working day in Germany from Wednesday to
    Friday, and the eighth working day or later of the sprint that began on the Monday of the week before.
    Scenes of sprints beyond `past_sprints` (1 to 8) are left out. ValueError says what does not fit.
    """
    stage = simulate(seed, as_of, past_sprints)
    plan = stage.plan
    return {
        "format": FORMAT,
        "name": "harbour",
        "as_of": stamp(as_of.astimezone(UTC)),
        "provenance": {
            "kind": "generated",
            "source": f"built-in world, seed {seed}",
            "licence": "Apache-2.0",
        },
        "workspace": _workspace(plan),
        "teams": [
            {
                "gid": plan.team,
                "resource_type": "team",
                "name": "Harbour",
                "organization": ref(plan.workspace),
            }
        ],
        "users": [
            {"gid": plan.users[person.key], "resource_type": "user", "name": person.name} for person in PEOPLE
        ],
        "projects": _projects(plan),
        "sections": _sections(plan),
        "custom_fields": _custom_fields(plan),
        "sprints": _sprints(plan),
        "tasks": [_task(plan, item) for item in stage.board.items],
        "stories": {item.gid: item.stories for item in stage.board.items},
    }


def _workspace(plan: Blueprint) -> Json:
    kind = {"is_organization": True, "email_domains": []}
    return {"gid": plan.workspace, "resource_type": "workspace", "name": "Nordfjord Ferries", **kind}


def _projects(plan: Blueprint) -> list[Json]:
    settings = [
        {
            "gid": gid,
            "resource_type": "custom_field_setting",
            "project": ref(plan.project),
            "custom_field": ref(plan.fields[name]),
        }
        for name, gid in plan.settings.items()
    ]
    return [
        _project(plan, plan.project, "Harbour ferry booking", "Booking, check-in and crew app.", settings),
        _project(plan, plan.roadmap, "Company roadmap", "What the company has promised, by season.", []),
    ]


def _project(plan: Blueprint, gid: str, name: str, notes: str, settings: list[Json]) -> Json:
    return {
        "gid": gid,
        "resource_type": "project",
        "name": name,
        "notes": notes,
        "archived": False,
        "public": True,
        "created_at": stamp(plan.founded),
        "workspace": ref(plan.workspace),
        "team": ref(plan.team),
        "members": [ref(plan.users[person.key]) for person in PEOPLE],
        "custom_field_settings": settings,
    }


def _sections(plan: Blueprint) -> list[Json]:
    own = [(plan.sections[name], name, plan.project) for name in SECTIONS]
    roadmap = [(plan.sections[f"roadmap/{name}"], name, plan.roadmap) for name in ROADMAP_SECTIONS]
    return [
        {"gid": gid, "resource_type": "section", "name": name, "project": ref(project)}
        for gid, name, project in (*own, *roadmap)
    ]


def _custom_fields(plan: Blueprint) -> list[Json]:
    points = _field(plan, POINTS, "number") | {"precision": 0, "format": "none"}
    sprint = _enum(plan, SPRINT, tuple(sprint.name for sprint in plan.sprints))
    sprint["description"] = "\n".join(
        ["name | start_at | end_at (planned) | closed_at", *_sprint_lines(plan)]
    )
    return [points, sprint, *(_enum(plan, name, choices) for name, choices in OPTIONS.items())]


def _field(plan: Blueprint, name: str, kind: str) -> Json:
    return {
        "gid": plan.fields[name],
        "resource_type": "custom_field",
        "resource_subtype": kind,
        "type": kind,
        "name": name,
        "enabled": True,
    }


def _enum(plan: Blueprint, name: str, choices: tuple[str, ...]) -> Json:
    options = [
        {
            "gid": plan.options[f"{name}/{choice}"],
            "resource_type": "enum_option",
            "name": choice,
            "enabled": True,
            "color": COLOURS[number % len(COLOURS)],
        }
        for number, choice in enumerate(choices)
    ]
    return _field(plan, name, "enum") | {"enum_options": options}


def _sprint_lines(plan: Blueprint) -> list[str]:
    return [
        f"{sprint.name} | {stamp(sprint.start)} | {stamp(sprint.end)} | "
        f"{stamp(sprint.closed) if sprint.closed else '-'}"
        for sprint in plan.sprints
    ]


def _sprints(plan: Blueprint) -> list[Json]:
    return [
        {
            "name": sprint.name,
            "enum_option": ref(plan.options[f"{SPRINT}/{sprint.name}"]),
            "project": ref(plan.project),
            "start_at": stamp(sprint.start),
            "end_at": stamp(sprint.end),
            "closed_at": stamp(sprint.closed) if sprint.closed else None,
            "state": "closed" if sprint.closed else "active",
        }
        for sprint in plan.sprints
    ]


def _task(plan: Blueprint, item: Item) -> Json:
    """A task in the lean form: what has Asana's empty value is left out."""
    done = item.completed
    members: Json = {
        "gid": item.gid,
        "name": item.name,
        "created_at": stamp(item.created.at),
        "modified_at": stamp(item.last),
        "created_by": ref(plan.users[item.created.by]) if item.created.by else None,
        "notes": item.notes,
        "assignee": ref(plan.users[item.assignee]) if item.assignee else None,
        "completed": done is not None,
        "completed_at": stamp(done.at) if done else None,
        "completed_by": ref(plan.users[done.by]) if done and done.by else None,
        **item.due,
        "parent": ref(item.parent) if item.parent else None,
        "dependencies": [ref(gid) for gid in item.dependencies],
    }
    kept = {key: value for key, value in members.items() if value not in (None, "", False, [])}
    return {**kept, "memberships": _memberships(plan, item), "custom_fields": _values(plan, item)}


def _memberships(plan: Blueprint, item: Item) -> list[Json]:
    return [
        {"project": ref(project), "section": ref(plan.sections[section])}
        for project, section in item.homes.items()
    ]


def _values(plan: Blueprint, item: Item) -> list[Json]:
    """Only the fields that have a value, in the order of the fields."""
    return [
        {"gid": gid} | _value(plan, name, item.fields[name])
        for name, gid in plan.fields.items()
        if name in item.fields
    ]


def _value(plan: Blueprint, name: str, value: int | str) -> Json:
    if isinstance(value, int):
        return {"number_value": value}
    return {"enum_value": ref(plan.options[f"{name}/{value}"])}
