"""Workspace packs (../shared/data, or PACKS_DIR) as Snapshots, for tests that want real boards.

Reads the format of the packs' README, section 1; nothing of the Asana client is used, so that a mistake there and one
here cannot hide each other.
"""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

from facilitator.board.snapshot import (
    CustomField,
    EnumOption,
    FieldGid,
    OptionGid,
    ProjectGid,
    Section,
    SectionGid,
    Snapshot,
    Story,
    StoryGid,
    Task,
    TaskGid,
    User,
    UserGid,
)


def packs_dir() -> Path:
    """The folder of packs; it may be absent."""
    return Path(os.environ.get("PACKS_DIR", "../shared/data"))


def packs(folder: Path | None = None) -> list[Path]:
    """Every pack in the folder that has a truth file beside it, by name."""
    truths = (folder or packs_dir()).glob("*.truth.json")
    return sorted(path.with_name(path.name.replace(".truth", "")) for path in truths)


def load_truth(pack: Path) -> dict[str, Any]:
    """The truth file of a pack."""
    truth: dict[str, Any] = json.loads(pack.with_suffix(".truth.json").read_text())
    return truth


def load_pack(path: Path | str) -> Snapshot:
    """One pack as the Snapshot of its first project, as of the pack's own instant."""
    return snapshot_of(json.loads(Path(path).read_text()))


def snapshot_of(raw: dict[str, Any]) -> Snapshot:
    """A pack's contents as the Snapshot of its first project."""
    project = raw["projects"][0]
    return Snapshot(
        project=ProjectGid(project["gid"]),
        project_name=project["name"],
        as_of=_instant(raw["as_of"]),
        tasks=tuple(_task(task, raw["stories"].get(task["gid"], ())) for task in raw["tasks"]),
        sections=tuple(Section(SectionGid(section["gid"]), section["name"]) for section in raw["sections"]),
        custom_fields=tuple(_field(field) for field in raw["custom_fields"]),
        users=tuple(User(UserGid(user["gid"]), user["name"]) for user in raw["users"]),
        members=tuple(UserGid(user["gid"]) for user in project.get("members", ())),
    )


def _field(raw: dict[str, Any]) -> CustomField:
    return CustomField(
        gid=FieldGid(raw["gid"]),
        name=raw["name"],
        kind=raw["resource_subtype"],
        options=tuple(
            EnumOption(OptionGid(option["gid"]), option["name"], option.get("enabled", True))
            for option in raw.get("enum_options", ())
        ),
        description=raw.get("description", ""),
    )


def _task(raw: dict[str, Any], stories: Any) -> Task:
    created = _instant(raw["created_at"])
    told = tuple(_story(story) for story in stories)
    completed_at, due_on, parent, assignee = (
        raw.get(key) for key in ("completed_at", "due_on", "parent", "assignee")
    )
    section = raw["memberships"][0].get("section")
    return Task(
        gid=TaskGid(raw["gid"]),
        name=raw["name"],
        created_at=created,
        modified_at=_instant(raw["modified_at"])
        if "modified_at" in raw
        else max([created, *(story.created_at for story in told)]),
        section=SectionGid(section["gid"]) if section else None,
        assignee=UserGid(assignee["gid"]) if assignee else None,
        completed=raw.get("completed", False),
        completed_at=_instant(completed_at) if completed_at else None,
        due_on=date.fromisoformat(due_on) if due_on else None,
        parent=TaskGid(parent["gid"]) if parent else None,
        dependencies=tuple(TaskGid(one["gid"]) for one in raw.get("dependencies", ())),
        fields={FieldGid(value["gid"]): _value(value) for value in raw.get("custom_fields", ())},
        notes=raw.get("notes", ""),
        stories=told,
    )


def _value(raw: dict[str, Any], prefix: str = "") -> Any:
    number = raw.get(f"{prefix}number_value")
    option = raw.get(f"{prefix}enum_value")
    return float(number) if number is not None else option["gid"] if option else None


def _story(raw: dict[str, Any]) -> Story:
    kind, author = raw["resource_subtype"], raw.get("created_by")
    old, new = _change(kind, raw)
    return Story(
        gid=StoryGid(raw["gid"]),
        created_at=_instant(raw["created_at"]),
        subtype=kind,
        created_by=UserGid(author["gid"]) if author else None,
        text=raw.get("text", "") if kind == "comment_added" else "",
        field_gid=FieldGid(raw["custom_field"]["gid"]) if "custom_field" in raw else None,
        old=old,
        new=new,
    )


def _change(kind: str, raw: dict[str, Any]) -> tuple[Any, Any]:
    def gid(key: str) -> str | None:
        return raw[key]["gid"] if raw.get(key) else None

    def due(key: str) -> date | None:
        day = (raw.get(key) or {}).get("due_on")
        return date.fromisoformat(day) if day else None

    if kind.endswith("_custom_field_changed"):
        return _value(raw, "old_"), _value(raw, "new_")
    match kind:
        case "section_changed":
            return gid("old_section"), gid("new_section")
        case "assigned" | "unassigned":
            return None, gid("assignee")
        case "due_date_changed":
            return due("old_dates"), due("new_dates")
        case "name_changed":
            return raw.get("old_name"), raw.get("new_name")
        case "added_to_project" | "removed_from_project":
            return None, gid("project")
        case "dependency_added" | "dependency_removed":
            return None, gid("dependency")
    return None, None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
