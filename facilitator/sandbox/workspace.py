"""Workspace files: what a sandbox's world is made of, read and judged before anything is served.

Owns the format `asana-workspace-pack/1` (lean JSON in Asana's names: references are `{"gid": ...}` only, empty values are left out).
A pack goes from here into the simulated Asana. This module does not expand it: the world knows Asana's shapes, this one only
says whether the file holds together.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

FORMAT = "asana-workspace-pack/1"
LISTS = ("users", "projects", "sections", "custom_fields", "tasks")
OPTIONAL_LISTS = ("teams", "sprints", "tags", "status_updates", "attachments")
KNOWN = {"format", "name", "as_of", "provenance", "workspace", "stories", *LISTS, *OPTIONAL_LISTS}
SHOWN_FAULTS = 12
_DIGITS = re.compile(r"[0-9]+")
_INSTANT_KEYS = ("created_at", "modified_at", "completed_at")


class WorkspaceError(ValueError):
    """A workspace file cannot be served. The message names the file's faults and where they are."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.faults = faults
        shown = "\n".join(f"  - {fault}" for fault in faults[:SHOWN_FAULTS])
        more = f"\n  and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
        super().__init__(
            f"{source} cannot be used as a sandbox workspace:\n{shown}{more}\nThe format is {FORMAT}: one JSON object with "
            f"as_of, workspace, {', '.join(LISTS)} and stories."
        )


def load_pack(path: Path | str) -> dict[str, Any]:
    """Read a workspace file and check it.

    Raises WorkspaceError where it is missing, is not JSON, or does not hold together.
    """
    source = str(path)
    try:
        pack = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise WorkspaceError(source, [f"it cannot be read: {error.strerror or error}"]) from error
    except ValueError as error:
        raise WorkspaceError(source, [f"it is not JSON: {error}"]) from error
    check_pack(pack, source)
    return dict(pack)


def check_pack(pack: Any, source: str = "this workspace") -> None:
    """Raise WorkspaceError with every fault of a pack; say nothing when it can be served."""
    faults = pack_faults(pack)
    if faults:
        raise WorkspaceError(source, faults)


def pack_faults(pack: Any) -> list[str]:
    """List what is wrong with a pack, in the order of the file; empty when it can be served."""
    if not isinstance(pack, dict):
        return [f"the top level is {_kind(pack)}, not an object"]
    faults = list(_outline_faults(pack))
    return faults or list(_content_faults(pack))


def _outline_faults(pack: Mapping[str, Any]) -> Iterator[str]:
    if pack.get("format") != FORMAT:
        yield f"format is {pack.get('format')!r}, not {FORMAT!r}"
    for key in sorted(set(pack) - KNOWN):
        yield f"unknown top-level key {key!r}"
    if not _is_instant(pack.get("as_of")):
        yield f"as_of is {pack.get('as_of')!r}, not an instant such as 2026-03-02T09:00:00.000Z"
    if not isinstance(pack.get("workspace"), dict) or not _is_gid(pack["workspace"].get("gid")):
        yield "workspace is not an object with a gid of digits"
    for name in (*LISTS, *OPTIONAL_LISTS):
        yield from _list_faults(pack, name)
    if not isinstance(pack.get("stories"), dict):
        yield f"stories is {_kind(pack.get('stories'))}, not an object of lists by task gid"


def _list_faults(pack: Mapping[str, Any], name: str) -> Iterator[str]:
    entries = pack.get(name, [] if name in OPTIONAL_LISTS else None)
    if not isinstance(entries, list):
        yield f"{name} is {_kind(entries)}, not a list"
        return
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            yield f"{name}[{index}] is {_kind(entry)}, not an object"
        elif name != "sprints" and not _is_gid(entry.get("gid")):
            yield f"{name}[{index}].gid is {entry.get('gid')!r}, not a string of digits"


def _content_faults(pack: Mapping[str, Any]) -> Iterator[str]:
    yield from _double_gids(pack)
    known = _known_gids(pack)
    for section in pack["sections"]:
        yield from _missing(section.get("project"), known["projects"], f"section {section['gid']}.project")
    for field in pack["custom_fields"]:
        yield from _not_lists(field, ("enum_options",), f"custom field {field['gid']}")
    for project in pack["projects"]:
        yield from _project_faults(project, known)
    for task in pack["tasks"]:
        yield from _task_faults(task, known)
    for gid, stories in pack["stories"].items():
        yield from _story_list_faults(gid, stories, known)


def _known_gids(pack: Mapping[str, Any]) -> dict[str, set[str]]:
    known = {name: {entry["gid"] for entry in pack[name]} for name in LISTS}
    known["options"] = {
        str(option.get("gid", ""))
        for field in pack["custom_fields"]
        for option in _objects(field, "enum_options")
    }
    return known


def _double_gids(pack: Mapping[str, Any]) -> Iterator[str]:
    for name in LISTS:
        seen: set[str] = set()
        for entry in pack[name]:
            if entry["gid"] in seen:
                yield f"{name} has the gid {entry['gid']} twice"
            seen.add(entry["gid"])


def _project_faults(project: Mapping[str, Any], known: Mapping[str, set[str]]) -> Iterator[str]:
    where = f"project {project['gid']}"
    yield from _not_lists(project, ("members", "custom_field_settings"), where)
    for member in _objects(project, "members"):
        yield from _missing(member, known["users"], f"{where}.members")
    for setting in _objects(project, "custom_field_settings"):
        yield from _missing(
            setting.get("custom_field"), known["custom_fields"], f"{where}.custom_field_settings"
        )


def _task_faults(task: Mapping[str, Any], known: Mapping[str, set[str]]) -> Iterator[str]:
    where = f"task {task['gid']}"
    yield from _not_lists(task, ("memberships", "custom_fields", "dependencies"), where)
    if not isinstance(task.get("name"), str):
        yield f"{where}.name is {_kind(task.get('name'))}, not text"
    for key in _INSTANT_KEYS:
        if task.get(key) is not None and not _is_instant(task[key]):
            yield f"{where}.{key} is {task[key]!r}, not an instant"
    if not task.get("created_at"):
        yield f"{where}.created_at is missing"
    for membership in _objects(task, "memberships"):
        yield from _missing(membership.get("project"), known["projects"], f"{where}.memberships.project")
        if membership.get("section") is not None:
            yield from _missing(membership["section"], known["sections"], f"{where}.memberships.section")
    for value in _objects(task, "custom_fields"):
        yield from _missing(value, known["custom_fields"], f"{where}.custom_fields")
        if value.get("enum_value"):
            yield from _missing(value["enum_value"], known["options"], f"{where}.custom_fields.enum_value")
    yield from _people_faults(task, ("assignee", "created_by", "completed_by"), known, where)
    if task.get("parent"):
        yield from _missing(task["parent"], known["tasks"], f"{where}.parent")
    for other in _objects(task, "dependencies"):
        yield from _missing(other, known["tasks"], f"{where}.dependencies")


def _story_list_faults(gid: str, stories: Any, known: Mapping[str, set[str]]) -> Iterator[str]:
    if gid not in known["tasks"]:
        yield f"stories has a list for {gid}, which is not a task of this file"
    if not isinstance(stories, list):
        yield f"stories[{gid}] is {_kind(stories)}, not a list"
        return
    for index, story in enumerate(stories):
        where = f"stories[{gid}][{index}]"
        if not isinstance(story, dict) or not _is_gid(story.get("gid")):
            yield f"{where} is not an object with a gid of digits"
        elif not _is_instant(story.get("created_at")):
            yield f"{where}.created_at is {story.get('created_at')!r}, not an instant"
        elif not story.get("resource_subtype"):
            yield f"{where}.resource_subtype is missing"
        else:
            yield from _people_faults(story, ("created_by", "assignee"), known, where)


def _people_faults(
    entry: Mapping[str, Any], keys: Iterable[str], known: Mapping[str, set[str]], where: str
) -> Iterator[str]:
    for key in keys:
        person = entry.get(key)
        if person is None:
            continue
        if key == "assignee":
            yield from _missing(person, known["users"], f"{where}.{key}")
        elif not (isinstance(person, dict) and _is_gid(person.get("gid"))):
            # An author may have left: then there is a gid, perhaps a name beside it, and no entry in users.
            yield f"{where}.{key} is not an object with a gid of digits"


def _missing(reference: Any, known: set[str], where: str) -> Iterator[str]:
    gid = reference.get("gid") if isinstance(reference, dict) else None
    if not isinstance(gid, str) or gid not in known:
        yield f"{where} points at {gid!r}, which is not in this file"


def _objects(entry: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects of a list; what is none is told by `_not_lists`."""
    found = entry.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _not_lists(entry: Mapping[str, Any], keys: Iterable[str], where: str) -> Iterator[str]:
    for key in keys:
        if key in entry and (not isinstance(entry[key], list) or len(_objects(entry, key)) < len(entry[key])):
            yield f"{where}.{key} is not a list of objects"


def _is_gid(value: Any) -> bool:
    return isinstance(value, str) and _DIGITS.fullmatch(value) is not None


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", type(None): "missing", bool: "true or false"}
    return names.get(type(value), "a number")
