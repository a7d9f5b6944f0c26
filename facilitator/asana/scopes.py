"""Which right of an OAuth app each of our calls needs, for a hint where Asana says 403 and for `check`.

The names are those of the published API description (read November 2026). Calls it gives no scope need the `default` one,
which is full access: with granular scopes Asana refuses them. A personal access token has every right its user has.
"""

from __future__ import annotations

import re
from typing import NamedTuple

FULL = "default"
"""Asana's scope for "all endpoints": what a call without a published scope of its own needs."""


class Need(NamedTuple):
    """A kind of call of ours, the scope it needs, and what we make it for."""

    method: str
    path: str
    scope: str
    purpose: str


NEEDS: tuple[Need, ...] = (
    Need("GET", "/users/{}", "users:read", "who the token acts as, and names of people"),
    Need("GET", "/workspaces", "workspaces:read", "finding the project at set-up"),
    Need("GET", "/workspaces/{}", "workspaces:read", "finding the project at set-up"),
    Need("GET", "/projects", "projects:read", "finding the project at set-up, and sprint projects by name"),
    Need("GET", "/projects/{}", "projects:read", "the project's name, members and fields"),
    Need("GET", "/projects/{}/sections", "project_sections:read", "the columns of the board"),
    Need("GET", "/projects/{}/tasks", "tasks:read", "the tasks"),
    Need("GET", "/tasks/{}", "tasks:read", "one task, before anything is written to it"),
    Need("GET", "/tasks/{}/subtasks", "tasks:read", "subtasks, where they are asked for"),
    Need("GET", "/tasks/{}/stories", "stories:read", "the histories, and our own comments"),
    Need("GET", "/stories/{}", "stories:read", "reading back what was written"),
    Need("POST", "/tasks/{}/stories", "stories:write", "the comment"),
    Need("PUT", "/stories/{}", "stories:write", "marking a comment of ours"),
    Need("DELETE", "/stories/{}", "stories:delete", "taking back a comment of ours"),
    Need("GET", "/tasks", "tasks:read", "finding a notice of ours in somebody's own tasks"),
    Need("POST", "/tasks", "tasks:write", "the ceremony's task, tasks made of approved actions, notices"),
    Need("POST", "/tasks/{}/subtasks", "tasks:write", "approval tasks"),
    Need("PUT", "/tasks/{}", "tasks:write", "closing an approval task, and approved changes of a task"),
    Need("POST", "/sections/{}/addTask", "tasks:write", "an approved move of a task"),
    Need("POST", "/tasks/{}/addFollowers", "tasks:write", "telling an approver"),
    Need("GET", "/sections/{}/tasks", "tasks:read", "the tasks of one column"),
    Need("GET", "/attachments", "attachments:read", "finding our own pictures"),
    Need("POST", "/attachments", "attachments:write", "charts"),
    Need("GET", "/status_updates", FULL, "finding our own status updates"),
    Need("POST", "/status_updates", FULL, "status updates"),
    Need("GET", "/events", FULL, "what changed since the last look"),
    Need("GET", "/webhooks", "webhooks:read", "webhooks"),
    Need("POST", "/webhooks", "webhooks:write", "webhooks"),
    Need("DELETE", "/webhooks/{}", "webhooks:delete", "webhooks"),
    Need("GET", "/custom_fields/{}", "custom_fields:read", "a field's options"),
)
"""Every kind of call we make. The guard of a team's reach refuses a call that is not listed here."""


def need_of(method: str, path: str) -> Need | None:
    """The entry of a call, or None for one we never make."""
    return next(
        (need for need in NEEDS if need.method == method and _pattern(need.path).fullmatch(path)), None
    )


def hint(method: str, path: str) -> str:
    """What to say of scopes where a call was refused with 403."""
    need = need_of(method, path)
    if need is None:
        return ""
    if need.scope == FULL:
        return "If the token is an OAuth app's with single scopes: this call needs full access (`default`)."
    return f"If the token is an OAuth app's with single scopes: it lacks `{need.scope}`."


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(path.replace("{}", "[^/]+"))
