"""How every kind of record looks from outside, except tasks and stories, which have rooms of their own.

Owns the table of shapes the renderer works with. Members are computed from the world on each read, so that a renamed section is renamed
everywhere at once. The member lists are those of the published schema.
"""

from collections.abc import Callable
from typing import Any

from facilitator.sandbox.asana.fields import OMIT, Getter, Shape, View
from facilitator.sandbox.asana.getters import always, like_count, liked, likes, many, one, raw, rich
from facilitator.sandbox.asana.story_shape import STORY
from facilitator.sandbox.asana.task_shape import CUSTOM_VALUE, TASK
from facilitator.sandbox.asana.world import Node, Record


def _named(kind: str, **members: Getter) -> Shape:
    """Describe a kind whose compact form is gid, type and name."""
    head = {"gid": raw("gid"), "resource_type": always(kind), "name": raw("name", "")}
    return Shape({**head, **members}, tuple(head))


def _workspaces(view: View, _record: Record) -> list[Node]:
    return [Node("workspace", record) for record in view.world.all("workspace")]


def _settings(_view: View, project: Record) -> list[Node]:
    return [Node("custom_field_setting", setting) for setting in project["custom_field_settings"]]


def _latest_status(view: View, project: Record) -> Node | None:
    statuses = [s for s in view.world.all("status_update") if s["parent"]["gid"] == project["gid"]]
    newest = max(statuses, key=lambda status: (status["created_at"], status["gid"]), default=None)
    return None if newest is None else Node("status_update", newest)


def _project_link(_view: View, project: Record) -> str:
    return f"https://app.asana.com/0/{project['gid']}/list"


def _privacy(_view: View, project: Record) -> str:
    return "public_to_workspace" if project["public"] else "private"


PROJECT = _named(
    "project",
    archived=raw("archived"),
    color=raw("color"),
    icon=raw("icon"),
    created_at=raw("created_at"),
    modified_at=raw("modified_at"),
    current_status_update=_latest_status,
    custom_field_settings=_settings,
    custom_fields=always([]),
    completed=always(value=False),
    completed_at=always(None),
    completed_by=always(None),
    default_view=raw("default_view"),
    due_date=raw("due_on"),
    due_on=raw("due_on"),
    start_on=raw("start_on"),
    followers=many("followers", "user"),
    members=many("members", "user"),
    notes=raw("notes"),
    html_notes=rich("notes"),
    owner=one("owner", "user"),
    permalink_url=_project_link,
    public=raw("public"),
    privacy_setting=_privacy,
    default_access_level=always("editor"),
    project_brief=always(None),
    created_from_template=always(None),
    team=one("team", "team"),
    workspace=one("workspace", "workspace"),
)
USER = _named("user", email=raw("email"), photo=always(None), workspaces=_workspaces)
WORKSPACE = _named(
    "workspace", is_organization=raw("is_organization"), email_domains=raw("email_domains", [])
)
SECTION = _named(
    "section",
    created_at=raw("created_at"),
    project=one("project", "project"),
    projects=lambda view, section: [Node("project", view.world.find("project", section["project"]["gid"]))],
)
ENUM_OPTION = Shape(
    {
        "gid": raw("gid"),
        "resource_type": always("enum_option"),
        "name": raw("name"),
        "enabled": raw("enabled", default=True),
        "color": raw("color", "none"),
    },
    ("gid", "resource_type", "name", "enabled", "color"),
)


def _options(_view: View, field: Record) -> list[Node]:
    return [Node("enum_option", option) for option in field.get("enum_options", [])]


_CUSTOM_FIELD: dict[str, Getter] = {
    "gid": raw("gid"),
    "resource_type": always("custom_field"),
    "name": raw("name"),
    "type": lambda _view, field: field["resource_subtype"],
    "resource_subtype": raw("resource_subtype"),
    "enum_options": _options,
    "enabled": raw("enabled", default=True),
    "representation_type": lambda _view, field: field["resource_subtype"],
    "is_formula_field": raw("is_formula_field", default=False),
    "description": raw("description", ""),
    "precision": raw("precision", 0),
    "format": raw("format", "none"),
    "currency_code": always(None),
    "custom_label": always(None),
    "custom_label_position": always(None),
    "id_prefix": always(None),
    "is_global_to_workspace": always(value=True),
    "has_notifications_enabled": always(value=False),
    "asana_created_field": always(None),
    "is_value_read_only": raw("is_value_read_only", default=False),
    "created_by": one("created_by", "user"),
    "privacy_setting": always("public"),
    "default_access_level": always("user"),
}
CUSTOM_FIELD = Shape(_CUSTOM_FIELD, tuple(_CUSTOM_FIELD)[:9])
SETTING = Shape(
    {
        "gid": raw("gid"),
        "resource_type": always("custom_field_setting"),
        "project": one("project", "project"),
        "parent": one("project", "project"),
        "is_important": raw("is_important"),
        "custom_field": one("custom_field", "custom_field"),
    },
    ("gid", "resource_type", "project", "parent", "is_important", "custom_field"),
)
STATUS = Shape(
    {
        "gid": raw("gid"),
        "resource_type": always("status_update"),
        "title": raw("title", ""),
        "resource_subtype": always("project_status_update"),
        "text": raw("text", ""),
        "html_text": rich("text"),
        "status_type": raw("status_type"),
        "author": one("author", "user"),
        "created_by": one("author", "user"),
        "created_at": raw("created_at"),
        "modified_at": raw("modified_at"),
        "liked": liked,
        "likes": likes,
        "num_likes": like_count,
        "reaction_summary": always([]),
        "parent": one("parent", "project"),
    },
    ("gid", "resource_type", "title", "resource_subtype"),
    opt_in=frozenset({"html_text"}),
)
ATTACHMENT = Shape(
    {
        "gid": raw("gid"),
        "resource_type": always("attachment"),
        "name": raw("name"),
        "resource_subtype": raw("resource_subtype"),
        "created_at": raw("created_at"),
        "download_url": raw("download_url"),
        "permanent_url": raw("permanent_url"),
        "view_url": raw("view_url"),
        "host": raw("host"),
        "size": raw("size"),
        "parent": lambda view, record: view.world.node(record["parent_kind"], record["parent"]),
        "connected_to_app": always(value=False),
    },
    ("gid", "resource_type", "name", "resource_subtype"),
)


def _membership_kind(_view: View, membership: Record) -> Any:
    """Show the subtype of a general membership; one of a project's own list has none."""
    return "project_membership" if membership["resource_type"] == "membership" else OMIT


MEMBERSHIP = Shape(
    {
        "gid": raw("gid"),
        "resource_type": raw("resource_type"),
        "parent": one("parent", "project"),
        "member": one("member", "user"),
        "access_level": always("editor"),
        "resource_subtype": _membership_kind,
    },
    ("gid", "resource_type", "parent", "member", "access_level", "resource_subtype"),
)


def _event_node(name: str) -> Getter:
    """Show what an event is about, by the kind stored beside it; a deleted thing keeps its last name."""

    def get(view: View, event: Record) -> Node | None:
        reference = event.get(name)
        return None if reference is None else view.world.node(reference["kind"], reference)

    return get


EVENT = Shape(
    {
        "user": one("user", "user"),
        "created_at": raw("created_at"),
        "type": lambda _view, event: event["resource"]["kind"],
        "action": raw("action"),
        "resource": _event_node("resource"),
        "parent": _event_node("parent"),
        "change": raw("change"),
    },
    ("user", "created_at", "type", "action", "resource", "parent", "change"),
    bare=(),
    always=(),
)


def _watched(view: View, webhook: Record) -> Node | None:
    """Show the project or task a webhook is about."""
    return view.world.node(webhook["resource"]["kind"], webhook["resource"])


WEBHOOK = Shape(
    {
        "gid": raw("gid"),
        "resource_type": always("webhook"),
        "active": always(value=True),
        "resource": _watched,
        "target": raw("target"),
        "created_at": raw("created_at"),
        "filters": raw("filters", []),
    },
    ("gid", "resource_type", "active", "resource", "target"),
)


def _milestone(task: Record) -> bool:
    return bool(task["resource_subtype"] == "milestone")


COUNTED: dict[str, Callable[[Record], bool]] = {
    "num_tasks": bool,
    "num_incomplete_tasks": lambda task: not task["completed"],
    "num_completed_tasks": lambda task: task["completed"],
    "num_milestones": _milestone,
    "num_incomplete_milestones": lambda task: _milestone(task) and not task["completed"],
    "num_completed_milestones": lambda task: _milestone(task) and task["completed"],
}


def _count(name: str) -> Getter:
    return lambda view, project: sum(map(COUNTED[name], view.world.tasks_in_project(project["gid"])))


COUNTS = Shape({name: _count(name) for name in COUNTED}, (), opt_in=frozenset(COUNTED), bare=(), always=())
SHAPES: dict[str, Shape] = {
    "workspace": WORKSPACE,
    "team": _named("team"),
    "tag": _named("tag", color=raw("color")),
    "user": USER,
    "project": PROJECT,
    "section": SECTION,
    "custom_field": CUSTOM_FIELD,
    "custom_field_setting": SETTING,
    "custom_value": CUSTOM_VALUE,
    "enum_option": ENUM_OPTION,
    "task": TASK,
    "story": STORY,
    "status_update": STATUS,
    "attachment": ATTACHMENT,
    "project_membership": MEMBERSHIP,
    "event": EVENT,
    "webhook": WEBHOOK,
    "task_counts": COUNTS,
}
