"""A fleet of teams in one workspace: Checkout, Platform and Payments with a board each, and the programme over them.

Checkout waits for Platform, Payments has missed a milestone, Platform is fine. Each board is read with a token of its own,
and names its columns in its own way.
"""

from typing import Any

from .boards import AS_OF, LONG_AGO

TEAMS = {"checkout": "Checkout", "platform": "Platform", "payments": "Payments"}
PROJECTS = {"checkout": "710", "platform": "720", "payments": "730", "programme": "790"}
PEOPLE = {
    "901": "Alice",
    "902": "Bob",
    "904": "Bot",
    "911": "Cleo Ortiz",
    "912": "Paul Nakata",
    "913": "Mina Ek",
}
TOKENS = {slug: f"canary-read-{slug}" for slug in TEAMS}
WAITING, WAITED_FOR, MILESTONE = "7101", "7201", "7301"

YOUNG = "2026-06-01T08:00:00.000Z"
"""Platform began with this sprint: too few days for a forecast."""

_DOING = {"checkout": "In progress", "platform": "In progress", "payments": "Cooking"}
"""Payments calls it otherwise, and says so in its own configuration."""


def fleet_pack() -> dict[str, Any]:
    """The workspace; its clock stands on the eighth day of a sprint that runs from 1 to 12 June."""
    tasks: list[dict[str, Any]] = []
    stories: dict[str, list[dict[str, Any]]] = {}

    def add(slug: str, number: int, name: str, section: str, **more: Any) -> None:
        gid = f"{PROJECTS[slug]}{number}"
        tasks.append(_task(slug, gid, name, section, **more))
        history = (
            [_moved(slug, gid, section, more.get("modified_at", LONG_AGO))] if section != "To do" else []
        )
        waits = [_waits(gid, one["gid"]) for one in more.get("dependencies", ())]
        stories[gid] = [*waits, *history]

    add(
        "checkout",
        1,
        "Pay by invoice",
        _DOING["checkout"],
        dependencies=[{"gid": WAITED_FOR}],
        owner="911",
        **_at(3),
    )
    add("checkout", 2, "Guest basket", "Done", owner="911", **_at(9, done=True))
    add("checkout", 3, "Voucher codes", "To do", due_on="2026-06-08", **_at(5))
    add("checkout", 4, "Address book", "To do", **_at(5))
    add("platform", 1, "Ledger service", _DOING["platform"], owner="912", **_at(8))
    add("platform", 2, "Event bus", "Done", owner="912", **_at(9, done=True))
    add("platform", 3, "Trace ids", "Done", owner="912", **_at(8, done=True))
    add(
        "payments",
        1,
        "Licence audit passed",
        "To do",
        resource_subtype="milestone",
        due_on="2026-06-05",
        **_at(4),
    )
    add("payments", 2, "Refund rules", _DOING["payments"], owner="913", **_at(9))
    add("payments", 3, "Card tokens", "Done", owner="913", **_at(9, done=True))
    return {
        "format": "asana-workspace-pack/1",
        "name": "fleet",
        "as_of": AS_OF,
        "workspace": {"gid": "500", "name": "Fleet Ltd", "is_organization": True},
        "teams": [{"gid": "501", "name": "Fleet", "organization": {"gid": "500"}}],
        "users": [{"gid": gid, "name": name} for gid, name in PEOPLE.items()],
        "projects": [_project(slug, gid) for slug, gid in PROJECTS.items()],
        "sections": [
            {"gid": gid, "name": name, "project": {"gid": PROJECTS[slug]}}
            for slug in TEAMS
            for name, gid in _sections(slug).items()
        ],
        "custom_fields": [_sprint_field(slug) for slug in TEAMS],
        "tasks": tasks,
        "stories": stories,
    }


def fleet_configuration() -> str:
    """Three teams that hold weekly statuses, each read by a token of its own, and the programme that rolls them up."""
    states = '[teams.board.states]\n"Cooking" = "in_progress"\n'
    teams = [
        f"""
[[teams]]
slug = "{slug}"
name = "{name}"
project = "{PROJECTS[slug]}"
zone = "Europe/Berlin"
approvers = ["Bob"]
[teams.credentials]
read = "env:READ_{slug.upper()}"
{states if slug == "payments" else ""}
[teams.ceremonies.weekly_status]
"""
        for slug, name in TEAMS.items()
    ]
    programme = f"""
[[teams]]
slug = "programme"
name = "Programme"
project = "{PROJECTS["programme"]}"
zone = "Europe/Berlin"
approvers = ["Alice"]
viewers = ["Dora"]
rollup = ["checkout", "platform", "payments"]
[teams.ceremonies.portfolio_rollup]
day = "fri"
at = "16:00"
"""
    return "[asana]\nrequests_per_minute = 1500\n" + "".join(teams) + programme


def fleet_environment() -> dict[str, str]:
    """Where each team's own token is found."""
    return {f"READ_{slug.upper()}": token for slug, token in TOKENS.items()}


def _at(day: int, *, done: bool = False) -> dict[str, Any]:
    instant = f"2026-06-{day:02}T09:00:00.000Z"
    return {"modified_at": instant, **({"completed": True, "completed_at": instant} if done else {})}


def _sections(slug: str) -> dict[str, str]:
    names = ("To do", _DOING[slug], "Done")
    return {name: f"8{PROJECTS[slug]}{number}" for number, name in enumerate(names, start=1)}


def _sprint(slug: str) -> tuple[str, str]:
    """Gids of the team's sprint field and of its one sprint."""
    return f"6{PROJECTS[slug]}", f"6{PROJECTS[slug]}1"


def _sprint_field(slug: str) -> dict[str, Any]:
    field, option = _sprint(slug)
    return {
        "gid": field,
        "name": "Sprint",
        "resource_subtype": "enum",
        "enum_options": [{"gid": option, "name": "Sprint 12", "enabled": True}],
        "description": "Sprint 12 | 2026-06-01T07:00:00.000Z | 2026-06-12T15:00:00.000Z | ",
    }


def _project(slug: str, gid: str) -> dict[str, Any]:
    settings = [{"gid": f"{gid}9", "custom_field": {"gid": _sprint(slug)[0]}}] if slug in TEAMS else []
    return {
        "gid": gid,
        "name": f"{slug.title()} board",
        "team": {"gid": "501"},
        "workspace": {"gid": "500"},
        "members": [{"gid": person} for person in PEOPLE],
        "custom_field_settings": settings,
    }


def _task(slug: str, gid: str, name: str, section: str, *, owner: str = "", **more: Any) -> dict[str, Any]:
    field, option = _sprint(slug)
    return {
        "gid": gid,
        "name": name,
        "created_at": YOUNG if slug == "platform" else LONG_AGO,
        "modified_at": LONG_AGO,
        "created_by": {"gid": "901"},
        **({"assignee": {"gid": owner}} if owner else {}),
        "memberships": [{"project": {"gid": PROJECTS[slug]}, "section": {"gid": _sections(slug)[section]}}],
        "custom_fields": [{"gid": field, "enum_value": {"gid": option}}],
        **more,
    }


def _moved(slug: str, gid: str, section: str, at: str) -> dict[str, Any]:
    sections = _sections(slug)
    return {
        "gid": f"99{gid}",
        "type": "system",
        "resource_subtype": "section_changed",
        "created_at": at,
        "created_by": {"gid": "902"},
        "old_section": {"gid": sections["To do"]},
        "new_section": {"gid": sections[section]},
    }


def _waits(gid: str, other: str) -> dict[str, Any]:
    return {
        "gid": f"98{gid}",
        "type": "system",
        "resource_subtype": "dependency_added",
        "created_at": "2026-06-02T09:00:00.000Z",
        "created_by": {"gid": "902"},
        "dependency": {"gid": other},
    }
