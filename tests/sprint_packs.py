"""One pack told in two ways: sprints as options of a field, and the same sprints as projects with tasks on both boards.

Projects know days, not hours, so both tellings have their sprints cut to whole days (UTC).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from facilitator.board.snapshot import BoardProject, ProjectGid, Section, SectionGid, Snapshot
from tests.packs import snapshot_of

Pack = dict[str, Any]
FIRST_GID = 7_000_000_000


def in_days(pack: Pack) -> Pack:
    """The pack with sprints of whole days; one that ran past its planned end and is still open closes there."""
    pack = copy.deepcopy(pack)
    field = _sprint_field(pack)
    field["description"] = "\n".join(
        f"{name} | {first} | {last} | {last if closed else '-'}"
        for name, first, last, closed in _days(pack, field)
    )
    return pack


def as_projects(pack: Pack) -> Pack:
    """The pack without its Sprint field: each option became a project, each change of the field a move between them."""
    pack = copy.deepcopy(pack)
    field = _sprint_field(pack)
    days = {name: (first, last) for name, first, last, _ in _days(pack, field)}
    home = {option["gid"]: str(FIRST_GID + place) for place, option in enumerate(field["enum_options"])}
    pack["custom_fields"].remove(field)
    for project in pack["projects"]:
        settings = project.get("custom_field_settings", [])
        project["custom_field_settings"] = [
            one for one in settings if one["custom_field"]["gid"] != field["gid"]
        ]
    for option in field["enum_options"]:
        first, last = days[option["name"]]
        gid = home[option["gid"]]
        dated = {"start_on": first.isoformat(), "due_on": last.isoformat()}
        pack["projects"].append({"gid": gid, "name": option["name"], **dated})
        pack["sections"].append({"gid": f"9{gid}", "name": "Untitled section", "project": {"gid": gid}})
    for task in pack["tasks"]:
        _rehome(task, field["gid"], home)
        stories = pack["stories"].get(task["gid"], [])
        pack["stories"][task["gid"]] = [new for old in stories for new in _moves(old, field["gid"], home)]
    return pack


def project_snapshot(pack: Pack) -> Snapshot:
    """A pack of several projects as one Snapshot over all of them."""
    plain = snapshot_of(pack)
    homes = {
        task["gid"]: {one["project"]["gid"]: SectionGid(one["section"]["gid"]) for one in task["memberships"]}
        for task in pack["tasks"]
    }
    return replace(
        plain,
        tasks=tuple(replace(task, homes={**homes[task.gid]}) for task in plain.tasks),
        sections=tuple(
            Section(SectionGid(one["gid"]), one["name"], one["project"]["gid"]) for one in pack["sections"]
        ),
        projects=tuple(
            BoardProject(ProjectGid(one["gid"]), one["name"], _day(one, "start_on"), _day(one, "due_on"))
            for one in pack["projects"]
        ),
    )


def _sprint_field(pack: Pack) -> Pack:
    return next(field for field in pack["custom_fields"] if field["name"] == "Sprint")


def _days(pack: Pack, field: Pack) -> Iterator[tuple[str, date, date, bool]]:
    today = datetime.fromisoformat(pack["as_of"]).date()
    lines = dict(line.split(" | ", 1) for line in field["description"].splitlines() if " | " in line)
    for option in field["enum_options"]:
        start, end, closed = (cell.strip() for cell in lines[option["name"]].split("|"))
        open_ = closed in {"", "-", "null"}
        first = datetime.fromisoformat(start).date()
        last = datetime.fromisoformat(end if open_ else closed).date()
        yield option["name"], first, last, last < today


def _rehome(task: Pack, field: str, home: dict[str, str]) -> None:
    values = task.get("custom_fields", [])
    task["custom_fields"] = [value for value in values if value["gid"] != field]
    for value in values:
        if value["gid"] == field and value.get("enum_value"):
            gid = home[value["enum_value"]["gid"]]
            task["memberships"].append({"project": {"gid": gid}, "section": {"gid": f"9{gid}"}})


def _moves(story: Pack, field: str, home: dict[str, str]) -> Iterator[Pack]:
    if story.get("custom_field", {}).get("gid") != field:
        yield story
        return
    who = {"created_by": story["created_by"]} if story.get("created_by") else {}
    for key, subtype, digit in (
        ("old_enum_value", "removed_from_project", "1"),
        ("new_enum_value", "added_to_project", "2"),
    ):
        if story.get(key):
            gid = {"gid": f"{digit}0{story['gid']}"}
            moved = {"resource_subtype": subtype, "project": {"gid": home[story[key]["gid"]]}}
            yield {**gid, "created_at": story["created_at"], **moved, **who}


def _day(project: Pack, key: str) -> date | None:
    return date.fromisoformat(project[key]) if project.get(key) else None
