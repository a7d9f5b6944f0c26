"""How a story looks from outside: the members its kind has, and the sentence of a system story.

Owns which extra members belong to which `resource_subtype`. The sentences are this simulator's own English; the real ones change with
the reader's language, which is why nobody should parse them.
"""

from typing import Any

from facilitator.sandbox.asana.fields import OMIT, Getter, Shape, View
from facilitator.sandbox.asana.getters import always, like_count, liked, likes, one, raw, rich
from facilitator.sandbox.asana.world import Record

FIELD_CHANGES = {
    "number_custom_field_changed": "number_value",
    "text_custom_field_changed": "text_value",
    "enum_custom_field_changed": "enum_value",
    "multi_enum_custom_field_changed": "multi_enum_values",
    "date_custom_field_changed": "date_value",
    "people_custom_field_changed": "people_value",
}
BELONGING: dict[str, tuple[str, ...]] = {
    "section_changed": ("old_section", "new_section"),
    "assigned": ("assignee",),
    "unassigned": ("assignee",),
    "added_to_project": ("project",),
    "removed_from_project": ("project",),
    "added_to_tag": ("tag",),
    "removed_from_tag": ("tag",),
    "name_changed": ("old_name", "new_name"),
    "due_date_changed": ("old_dates", "new_dates"),
    "dependency_added": ("dependency",),
    "dependency_removed": ("dependency",),
    "dependency_marked_complete": ("dependency",),
    "dependency_marked_incomplete": ("dependency",),
    "dependency_due_date_changed": ("dependency",),
    "follower_added": ("follower",),
    "comment_liked": ("story",),
    "marked_duplicate": ("duplicate_of",),
    "duplicated": ("duplicated_from",),
    "resource_subtype_changed": ("old_resource_subtype", "new_resource_subtype"),
    "approval_status_changed": ("old_approval_status", "new_approval_status"),
    **{kind: ("custom_field", f"old_{name}", f"new_{name}") for kind, name in FIELD_CHANGES.items()},
}
POINTING = {
    "old_section": "section",
    "new_section": "section",
    "assignee": "user",
    "follower": "user",
    "project": "project",
    "tag": "tag",
    "task": "task",
    "story": "story",
    "dependency": "task",
    "duplicate_of": "task",
    "duplicated_from": "task",
    "custom_field": "custom_field",
    "old_enum_value": "enum_option",
    "new_enum_value": "enum_option",
    "old_multi_enum_values": "enum_option",
    "new_multi_enum_values": "enum_option",
    "old_people_value": "user",
    "new_people_value": "user",
}
PLAIN = (
    "old_name",
    "new_name",
    "old_text_value",
    "new_text_value",
    "old_number_value",
    "new_number_value",
    "old_date_value",
    "new_date_value",
    "old_resource_subtype",
    "new_resource_subtype",
    "old_approval_status",
    "new_approval_status",
)


def _extra(name: str) -> Getter:
    """Show a member on stories of its kind only; there it may be null."""

    def get(view: View, story: Record) -> Any:
        if name not in story and name not in BELONGING.get(story["resource_subtype"], ()):
            return OMIT
        value = story.get(name)
        if name.endswith("_dates"):
            return _dates(value)
        if name not in POINTING:
            return value
        if isinstance(value, list) or name.endswith(("values", "people_value")):
            return view.world.nodes(POINTING[name], value or [])
        return view.world.node(POINTING[name], value)

    return get


def _dates(value: Record | None) -> Record | None:
    return None if value is None else {"start_on": None, "due_on": None, "due_at": None, **value}


def story_text(view: View, story: Record) -> str:
    """Answer a comment's text, or a plain sentence for what the system noted."""
    if story["type"] == "comment":
        return str(story.get("text", ""))
    who = view.world.node("user", story.get("created_by"))
    return f"{who.record['name'] if who else 'Someone'} {_deed(view, story)}"


def _deed(view: View, story: Record) -> str:
    kind = story["resource_subtype"]
    deed = str(kind).replace("_", " ")
    if kind == "section_changed":
        return f'moved this task from "{_name(view, story, "old_section")}" to "{_name(view, story, "new_section")}"'
    if kind == "assigned":
        return f"assigned to {_name(view, story, 'assignee')}"
    if kind in ("marked_complete", "marked_incomplete"):
        return deed.replace("marked", "marked this task")
    if kind in FIELD_CHANGES:
        return f'changed {_name(view, story, "custom_field")} to "{_new_value(view, story, FIELD_CHANGES[kind])}"'
    return deed


def _name(view: View, story: Record, member: str) -> str:
    node = view.world.node(POINTING[member], story.get(member))
    return str(node.record.get("name", "")) if node else "nothing"


def _new_value(view: View, story: Record, member: str) -> Any:
    value = story.get(f"new_{member}")
    return _name(view, story, f"new_{member}") if member == "enum_value" else value


_MEMBERS: dict[str, Getter] = {
    "gid": raw("gid"),
    "resource_type": always("story"),
    "created_at": raw("created_at"),
    "created_by": one("created_by", "user"),
    "resource_subtype": raw("resource_subtype"),
    "text": story_text,
    "html_text": lambda view, story: rich("text")(view, {**story, "text": story_text(view, story)}),
    "type": raw("type"),
    "is_pinned": raw("is_pinned"),
    "is_edited": raw("is_edited"),
    "is_editable": lambda view, story: story["type"] == "comment" and _author(story) == view.me,
    "liked": liked,
    "likes": likes,
    "num_likes": like_count,
    "hearted": liked,
    "hearts": likes,
    "num_hearts": like_count,
    "reaction_summary": always([]),
    "previews": always([]),
    "source": raw("source"),
    "target": one("target", "task"),
    **{name: _extra(name) for name in (*POINTING, *PLAIN, "old_dates", "new_dates")},
}


def _author(story: Record) -> str | None:
    return story["created_by"]["gid"] if story.get("created_by") else None


STORY = Shape(
    _MEMBERS,
    ("gid", "resource_type", "created_at", "created_by", "resource_subtype", "text"),
    opt_in=frozenset({"html_text"}),
)
