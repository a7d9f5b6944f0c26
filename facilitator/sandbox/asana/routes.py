"""The route table: which calls are modelled, and with which query parameters.

Owns the difference between a route this simulator serves, one the real API has and it does not (501, naming it), and one nobody has
(404). published.json lists the paths of the published API description.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from facilitator.sandbox.asana import comments, reading, statuses, webhooks, writing
from facilitator.sandbox.asana.calls import Handler
from facilitator.sandbox.asana.errors import ApiError, not_modelled

OPTIONS = frozenset({"opt_fields", "opt_pretty"})
# Official clients send `limit` on every list, also where the schema has none.
PAGING = frozenset({"limit", "offset"})


@dataclass(frozen=True)
class Route:
    """One call: its method, its path with kinds in braces, who answers it, and the query it takes."""

    method: str
    template: str
    handler: Handler
    query: frozenset[str] = OPTIONS

    @property
    def pattern(self) -> re.Pattern[str]:
        """The template as a pattern with a group for each kind."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template))


def _one(template: str, handler: Handler) -> Route:
    return Route("GET", template, handler)


def _list(template: str, handler: Handler, *filters: str) -> Route:
    return Route("GET", template, handler, OPTIONS | PAGING | set(filters))


def _act(template: str, handler: Handler) -> Route:
    # The official Python client sends the body of these calls twice, the second time as a query parameter.
    return Route("POST", template, handler, OPTIONS | {"body"})


def _do(method: str, template: str, handler: Handler, *, paged: bool = False) -> Route:
    return Route(method, template, handler, OPTIONS | (PAGING if paged else frozenset()))


ROUTES: tuple[Route, ...] = (
    _list("/users", reading.list_users, "workspace", "team"),
    Route("GET", "/users/{user}", reading.get_user, OPTIONS | {"workspace"}),
    _list("/workspaces", reading.list_workspaces),
    _one("/workspaces/{workspace}", reading.get_workspace),
    _list("/workspaces/{workspace}/users", reading.list_workspace_users),
    _list("/workspaces/{workspace}/projects", reading.list_workspace_projects, "archived"),
    _list("/projects", reading.list_projects, "workspace", "team", "archived"),
    _one("/projects/{project}", reading.get_project),
    _list("/projects/{project}/sections", reading.list_sections),
    _list("/projects/{project}/tasks", reading.list_project_tasks, "completed_since"),
    _list("/projects/{project}/custom_field_settings", reading.list_settings),
    _one("/projects/{project}/task_counts", reading.get_task_counts),
    _list("/projects/{project}/project_memberships", reading.list_project_memberships, "user"),
    _list("/memberships", reading.list_memberships, "parent", "member", "resource_subtype"),
    _one("/custom_fields/{custom_field}", reading.get_custom_field),
    _list(
        "/tasks",
        reading.list_tasks,
        "project",
        "section",
        "assignee",
        "workspace",
        "completed_since",
        "modified_since",
    ),
    _do("POST", "/tasks", writing.create_task),
    _one("/tasks/{task}", reading.get_task),
    _do("PUT", "/tasks/{task}", writing.update_task),
    _do("DELETE", "/tasks/{task}", writing.delete_task),
    _list("/tasks/{task}/subtasks", reading.list_subtasks),
    _do("POST", "/tasks/{task}/subtasks", writing.create_subtask),
    _act("/tasks/{task}/addProject", writing.add_project),
    _act("/tasks/{task}/removeProject", writing.remove_project),
    _list("/tasks/{task}/stories", reading.list_stories),
    _do("POST", "/tasks/{task}/stories", comments.create_comment),
    _one("/sections/{section}", reading.get_section),
    _list("/sections/{section}/tasks", reading.list_section_tasks, "completed_since"),
    _act("/sections/{section}/addTask", writing.move_into_section),
    _one("/stories/{story}", reading.get_story),
    _do("PUT", "/stories/{story}", comments.update_story),
    _do("DELETE", "/stories/{story}", comments.delete_story),
    _list("/events", reading.list_events, "resource", "sync"),
    _list("/status_updates", reading.list_statuses, "parent", "created_since"),
    _do("POST", "/status_updates", statuses.create_status, paged=True),
    _one("/status_updates/{status_update}", reading.get_status),
    _do("DELETE", "/status_updates/{status_update}", statuses.delete_status),
    _list("/attachments", reading.list_attachments, "parent"),
    _do("POST", "/attachments", statuses.create_attachment),
    _one("/attachments/{attachment}", reading.get_attachment),
    _list("/webhooks", webhooks.list_webhooks, "workspace", "resource"),
    _do("POST", "/webhooks", webhooks.create_webhook),
    _one("/webhooks/{webhook}", webhooks.get_webhook),
    _do("DELETE", "/webhooks/{webhook}", webhooks.delete_webhook),
    _do("DELETE", "/attachments/{attachment}", statuses.delete_attachment),
)
_PATTERNS = tuple((route, route.pattern) for route in ROUTES)


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Answer the route of a call and what its path names. Raises 501 for what is not modelled, 404 for what nobody has."""
    for route, pattern in _PATTERNS:
        found = pattern.fullmatch(path)
        if found is not None and route.method == method:
            return route, found.groupdict()
    for template, methods in _published():
        if template.fullmatch(path) and method.lower() in methods:
            raise not_modelled(f"{method} {path}")
    raise ApiError(404, f"No matching route for request: {method} {path}")


@cache
def _published() -> Iterable[tuple[re.Pattern[str], list[str]]]:
    listed = json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), methods) for path, methods in listed.items()]
