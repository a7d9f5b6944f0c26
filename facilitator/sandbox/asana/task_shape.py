"""How a task looks from outside: its members, its memberships, and the values of its custom fields.

Owns the expansion of a lean task into Asana's shapes. It shows every field of the task's projects, set or not, and marks as disabled a
value whose field no project of the task has any more.
"""

from typing import Any

from facilitator.sandbox.asana.fields import OMIT, Getter, Shape, View
from facilitator.sandbox.asana.getters import always, like_count, liked, likes, many, one, raw, rich
from facilitator.sandbox.asana.world import Node, Record


def _memberships(view: View, task: Record) -> list[dict[str, Any]]:
    return [
        {
            "project": view.world.node("project", membership["project"]),
            "section": view.world.node("section", membership["section"]),
        }
        for membership in task["memberships"]
        if membership["project"]["gid"] not in view.world.hidden
    ]


def _projects(view: View, task: Record) -> list[Node]:
    return view.world.nodes("project", [membership["project"] for membership in task["memberships"]])


def _dependents(view: View, task: Record) -> list[Node]:
    return view.world.nodes("task", view.dependents.get(task["gid"], []))


def _subtask_count(view: View, task: Record) -> int:
    return view.subtask_counts.get(task["gid"], 0)


def _approval(_view: View, task: Record) -> Any:
    """Show the status of approvals only; for other tasks the schema has no value, so the member is left out."""
    return task["approval_status"] if task["resource_subtype"] == "approval" else OMIT


def _link(_view: View, task: Record) -> str:
    """Build the address of the task in its first project; 0 stands for a task without one."""
    memberships = task["memberships"]
    return f"https://app.asana.com/0/{memberships[0]['project']['gid'] if memberships else 0}/{task['gid']}"


def _due_on(_view: View, task: Record) -> Any:
    """Show the day of a timed due date; the real service uses the reader's zone (unpublished), this one UTC."""
    return task["due_at"][:10] if task["due_at"] else task["due_on"]


def _custom_values(view: View, task: Record) -> list[Node]:
    own = _field_gids(view, task)
    known = [*own, *(gid for gid in task["custom_fields"] if gid not in own)]
    return [
        Node(
            "custom_value",
            {
                "gid": gid,
                "field": view.world.find("custom_field", gid),
                "value": task["custom_fields"].get(gid, {}),
                "enabled": gid in own,
            },
        )
        for gid in known
    ]


def _field_gids(view: View, task: Record) -> list[str]:
    projects = [view.world.tables["project"][m["project"]["gid"]] for m in task["memberships"]]
    settings = [setting for project in projects for setting in project["custom_field_settings"]]
    return list(dict.fromkeys(setting["custom_field"]["gid"] for setting in settings))


TASK = Shape(
    {
        "gid": raw("gid"),
        "resource_type": always("task"),
        "name": raw("name"),
        "resource_subtype": raw("resource_subtype"),
        "created_by": one("created_by", "user"),
        "assigned_by": always(None),
        "approval_status": _approval,
        "assignee": one("assignee", "user"),
        "assignee_status": always("upcoming"),
        "assignee_section": always(None),
        "completed": raw("completed"),
        "completed_at": raw("completed_at"),
        "completed_by": one("completed_by", "user"),
        "created_at": raw("created_at"),
        "modified_at": raw("modified_at"),
        "dependencies": many("dependencies", "task"),
        "dependents": _dependents,
        "due_at": raw("due_at"),
        "due_on": _due_on,
        "start_at": raw("start_at"),
        "start_on": raw("start_on"),
        "external": raw("external"),
        "notes": raw("notes"),
        "html_notes": rich("notes"),
        "is_rendered_as_separator": lambda _view, task: task["name"].endswith(":"),
        "liked": liked,
        "likes": likes,
        "num_likes": like_count,
        "hearted": liked,
        "hearts": likes,
        "num_hearts": like_count,
        "num_subtasks": _subtask_count,
        "actual_time_minutes": always(None),
        "memberships": _memberships,
        "projects": _projects,
        "custom_fields": _custom_values,
        "followers": many("followers", "user"),
        "parent": one("parent", "task"),
        "tags": many("tags", "tag"),
        "workspace": lambda view, _task: view.world.node("workspace", {"gid": view.world.workspace_gid}),
        "permalink_url": _link,
    },
    ("gid", "resource_type", "name", "resource_subtype"),
    opt_in=frozenset(
        {
            "created_by",
            "assigned_by",
            "dependencies",
            "dependents",
            "external",
            "html_notes",
            "is_rendered_as_separator",
            "num_subtasks",
        }
    ),
)


def _of_field(name: str, default: Any = None) -> Getter:
    return lambda _view, entry: entry["field"].get(name, default)


def _value(name: str, kinds: set[str], default: Any = None) -> Getter:
    """Show a value member on fields of its kind, and leave it out on others."""
    return lambda _view, entry: (
        entry["value"].get(name, default) if entry["field"]["resource_subtype"] in kinds else OMIT
    )


def _option(view: View, entry: Record) -> Any:
    if entry["field"]["resource_subtype"] != "enum":
        return OMIT
    return view.world.node("enum_option", entry["value"].get("enum_value"))


def _several(name: str, kind: str, of: str) -> Getter:
    def get(view: View, entry: Record) -> Any:
        if entry["field"]["resource_subtype"] != of:
            return OMIT
        return view.world.nodes(kind, entry["value"].get(name) or [])

    return get


def display_value(view: View, entry: Record) -> str | None:
    """Write a custom field's value as text, or null.

    How the real service pads numbers to the field's precision is not published: the shortest form is assumed.
    """
    value = entry["value"]
    if value.get("number_value") is not None:
        return f"{value['number_value']:.6f}".rstrip("0").rstrip(".")
    if value.get("enum_value"):
        return _names(view, "enum_option", [value["enum_value"]])
    if value.get("multi_enum_values"):
        return _names(view, "enum_option", value["multi_enum_values"])
    if value.get("people_value"):
        return _names(view, "user", value["people_value"])
    if value.get("date_value"):
        return str(value["date_value"].get("date_time") or value["date_value"]["date"])
    text: str | None = value.get("text_value") or None
    return text


def _names(view: View, kind: str, references: list[Record]) -> str:
    return ", ".join(node.record["name"] for node in view.world.nodes(kind, references))


_VALUE: dict[str, Getter] = {
    "gid": raw("gid"),
    "resource_type": always("custom_field"),
    "name": _of_field("name"),
    "type": _of_field("resource_subtype"),
    "resource_subtype": _of_field("resource_subtype"),
    "enabled": raw("enabled"),
    "representation_type": _of_field("resource_subtype"),
    "is_formula_field": _of_field("is_formula_field", default=False),
    "display_value": display_value,
    "number_value": _value("number_value", {"number"}),
    "text_value": _value("text_value", {"text"}),
    "enum_value": _option,
    "multi_enum_values": _several("multi_enum_values", "enum_option", "multi_enum"),
    "date_value": _value("date_value", {"date"}),
    "people_value": _several("people_value", "user", "people"),
    "reference_value": _value("reference_value", {"reference"}, []),
    "precision": lambda _view, entry: entry["field"].get("precision", OMIT),
    "format": lambda _view, entry: entry["field"].get("format", OMIT),
    "enum_options": lambda _view, entry: [
        Node("enum_option", option) for option in entry["field"].get("enum_options", [])
    ],
    "is_value_read_only": _of_field("is_value_read_only", default=False),
    "description": _of_field("description", ""),
}
# Asked for bare, the values of custom fields come in a usable form (reported by users), unlike other nested objects.
_USABLE = tuple(_VALUE)[:16]
CUSTOM_VALUE = Shape(_VALUE, (*_USABLE, "enum_options"), bare=_USABLE)
