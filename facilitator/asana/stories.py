"""A task's history: Asana's stories as `Story`, and those of other boards told apart.

Owns what each kind of story says it changed. System texts are never read: they change with the reader's language.
Kinds we do not know are kept without values. It does not order or cut a history by time; `history.py` does.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from facilitator.asana import wire
from facilitator.asana.wire import Raw
from facilitator.board.snapshot import FieldGid, FieldValue, ProjectGid, SectionGid, Story, StoryGid, UserGid

Change = tuple[FieldValue, FieldValue]
FIELD_CHANGED = "_custom_field_changed"


def parse_story(raw: Raw) -> Story:
    """One story. `old` and `new` are None where Asana does not say; a person unassigned is `old`."""
    subtype = wire.text(raw, "resource_subtype")
    old, new = _change(raw, subtype)
    author = wire.reference(raw, "created_by")
    field = wire.reference(raw, "custom_field") if subtype.endswith(FIELD_CHANGED) else None
    return Story(
        gid=StoryGid(wire.gid(raw)),
        created_at=wire.needed_instant(raw, "created_at"),
        subtype=subtype,
        created_by=None if author is None else UserGid(author),
        text=wire.text(raw, "text") if is_comment(raw) else "",
        field_gid=None if field is None else FieldGid(field),
        old=old,
        new=new,
    )


def is_comment(raw: Raw) -> bool:
    """Tell whether a person or a bot wrote it; all else is Asana's own record."""
    return raw.get("type") == "comment" or raw.get("resource_subtype") == "comment_added"


def is_of_another_board(raw: Raw, projects: Container[ProjectGid], sections: Container[SectionGid]) -> bool:
    """Tell whether a section move happened on a board that is not ours, of a task that lives on several.

    The move's `project` decides where Asana gives it (it is not documented). Else one known section is enough: the
    other may have been deleted since. A move between two deleted sections of ours is lost, which beats taking in moves
    of boards we know nothing of.
    """
    if raw.get("resource_subtype") != "section_changed":
        return False
    home = wire.reference(raw, "project")
    if home is not None:
        return ProjectGid(home) not in projects
    moved = (wire.reference(raw, "old_section"), wire.reference(raw, "new_section"))
    return not any(gid is not None and SectionGid(gid) in sections for gid in moved)


def _change(raw: Raw, subtype: str) -> Change:
    if subtype.endswith(FIELD_CHANGED):
        read = FIELD_VALUES.get(subtype.removesuffix(FIELD_CHANGED))
        return (read(raw, "old_"), read(raw, "new_")) if read else (None, None)
    read_change = CHANGES.get(subtype)
    return read_change(raw) if read_change else (None, None)


FIELD_VALUES: dict[str, Callable[[Raw, str], FieldValue]] = {
    "number": lambda raw, when: wire.number(raw, f"{when}number_value"),
    "text": lambda raw, when: wire.text(raw, f"{when}text_value") or None,
    "enum": lambda raw, when: wire.reference(raw, f"{when}enum_value"),
    "multi_enum": lambda raw, when: wire.references(raw, f"{when}multi_enum_values"),
    "people": lambda raw, when: wire.references(raw, f"{when}people_value"),
    "date": lambda raw, when: wire.moment(wire.inner(raw, f"{when}date_value")),
}
"""By the first part of the story's kind, as in `enum_custom_field_changed`."""


def _both(read: Callable[[Raw, str], FieldValue], key: str) -> Callable[[Raw], Change]:
    return lambda raw: (read(raw, f"old_{key}"), read(raw, f"new_{key}"))


def _came(key: str) -> Callable[[Raw], Change]:
    return lambda raw: (None, wire.reference(raw, key))


def _went(key: str) -> Callable[[Raw], Change]:
    return lambda raw: (wire.reference(raw, key), None)


def _words(raw: Raw, key: str) -> FieldValue:
    return wire.text(raw, key) or None


def _dates(raw: Raw, key: str) -> FieldValue:
    return wire.moment(wire.inner(raw, key))


def _tag(raw: Raw) -> FieldValue:
    tag = wire.inner(raw, "tag")
    return None if tag is None else wire.text(tag, "name") or None


CHANGES: dict[str, Callable[[Raw], Change]] = {
    "section_changed": _both(wire.reference, "section"),
    "due_date_changed": _both(_dates, "dates"),
    "name_changed": _both(_words, "name"),
    "approval_status_changed": _both(_words, "approval_status"),
    "resource_subtype_changed": _both(_words, "resource_subtype"),
    "assigned": _came("assignee"),
    "unassigned": _went("assignee"),
    "added_to_project": _came("project"),
    "removed_from_project": _went("project"),
    "added_to_tag": lambda raw: (None, _tag(raw)),
    "removed_from_tag": lambda raw: (_tag(raw), None),
    "dependency_added": _came("dependency"),
    "dependency_removed": _went("dependency"),
    "dependency_marked_complete": _came("dependency"),
    "dependency_marked_incomplete": _came("dependency"),
    "dependency_due_date_changed": _came("dependency"),
}
