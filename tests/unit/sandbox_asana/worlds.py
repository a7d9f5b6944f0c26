"""A small workspace and a way to ask the simulated Asana without HTTP.

Ann and Ben work on the board "Team" (To do, Doing, Done) with one task on a second board too; Cleo may only be named.
"""

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from facilitator.sandbox.asana.dispatch import Dispatcher, Reply, Request
from facilitator.sandbox.asana.limits import RateLimits
from facilitator.sandbox.asana.loading import load_world

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WORKSPACE, TEAM, SPRINTS = "1", "77", "78"
TODO, DOING, DONE, SPRINT_COLUMN = "71", "72", "73", "81"
ANN, BEN, LEFT = "501", "502", "599"
POINTS, SPRINT, LOCKED, LABELS, RELEASE, REVIEWERS, NOTE = "31", "32", "33", "34", "35", "36", "37"
FIRST, SECOND, BLOCKED, APPROVAL, SUBTASK, FINISHED = "11", "12", "13", "14", "15", "16"


class HandClock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.instant = START

    def __call__(self) -> datetime:
        """Answer the instant."""
        return self.instant

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds."""
        self.instant += timedelta(seconds=seconds)


def ref(gid: str) -> dict[str, str]:
    """A reference as packs write it."""
    return {"gid": gid}


def _task(gid: str, name: str, section: str | None, **more: Any) -> dict[str, Any]:
    places = [] if section is None else [{"project": ref(TEAM), "section": ref(section)}]
    return {"gid": gid, "name": name, "created_at": "2026-02-01T08:00:00.000Z", "memberships": places, **more}


def _field(gid: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"gid": gid, "resource_subtype": kind, "name": name, **more}


def _option(gid: str, name: str, *, enabled: bool = True) -> dict[str, Any]:
    return {"gid": gid, "name": name, "enabled": enabled}


FIELDS = [
    _field(POINTS, "number", "Points", precision=1),
    _field(SPRINT, "enum", "Sprint", enum_options=[_option("321", "Sprint 1"), _option("322", "Sprint 2")]),
    _field(LOCKED, "text", "Locked", is_value_read_only=True),
    _field(
        LABELS,
        "multi_enum",
        "Labels",
        enum_options=[_option("341", "ui"), _option("342", "old", enabled=False)],
    ),
    _field(RELEASE, "date", "Release"),
    _field(REVIEWERS, "people", "Reviewers"),
    _field(NOTE, "text", "Note"),
]
TASKS = [
    _task(
        FIRST,
        "Write the login page",
        DOING,
        assignee=ref(ANN),
        custom_fields=[{"gid": POINTS, "number_value": 3}],
    ),
    _task(SECOND, "Translate <it> & more", TODO, due_on="2026-03-06"),
    _task(BLOCKED, "Ship it", TODO, dependencies=[ref(FIRST)], created_by=ref(LEFT)),
    _task(APPROVAL, "Approve the report", TODO, resource_subtype="approval"),
    _task(SUBTASK, "Pick the colours", None, parent=ref(FIRST)),
    _task(
        FINISHED,
        "Choose a name",
        DONE,
        completed=True,
        completed_at="2026-02-20T10:00:00.000Z",
        assignee=ref(BEN),
    ),
]
STORIES = {
    FIRST: [
        {
            "gid": "9001",
            "created_at": "2026-02-02T08:00:00.000Z",
            "created_by": ref(ANN),
            "resource_subtype": "section_changed",
            "old_section": ref(TODO),
            "new_section": ref(DOING),
        },
        {
            "gid": "9002",
            "created_at": "2026-02-03T08:00:00.000Z",
            "created_by": ref(BEN),
            "resource_subtype": "comment_added",
            "text": "Looks <good> & done",
        },
    ]
}


def small_pack() -> dict[str, Any]:
    """A fresh workspace pack, free to be changed."""
    tasks = copy.deepcopy(TASKS)
    tasks[0]["memberships"].insert(0, {"project": ref(SPRINTS), "section": ref(SPRINT_COLUMN)})
    settings = [{"gid": f"60{field['gid']}", "custom_field": ref(field["gid"])} for field in FIELDS]
    team = {"gid": TEAM, "name": "Team", "members": [ref(ANN), ref(BEN)], "custom_field_settings": settings}
    columns = [
        (TODO, "To do", TEAM),
        (DOING, "Doing", TEAM),
        (DONE, "Done", TEAM),
        (SPRINT_COLUMN, "Now", SPRINTS),
    ]
    return {
        "format": "asana-workspace-pack/1",
        "name": "small",
        "as_of": "2026-03-02T09:00:00.000Z",
        "workspace": {"gid": WORKSPACE, "name": "House", "is_organization": True},
        "users": [{"gid": ANN, "name": "Ann", "email": "ann@example.test"}, {"gid": BEN, "name": "Ben"}],
        "projects": [team, {"gid": SPRINTS, "name": "Sprints", "archived": True}],
        "sections": [{"gid": gid, "name": name, "project": ref(project)} for gid, name, project in columns],
        "custom_fields": copy.deepcopy(FIELDS),
        "tags": [{"gid": "61", "name": "urgent"}],
        "tasks": tasks,
        "stories": copy.deepcopy(STORIES),
    }


class Api:
    """The simulated Asana, asked directly; `me` is the bot unless tokens say otherwise."""

    def __init__(
        self,
        pack: dict[str, Any] | None = None,
        *,
        tokens: dict[str, str] | None = None,
        per_minute: int | None = None,
    ) -> None:
        self.clock = HandClock()
        self.world = load_world(pack or small_pack(), self.clock, tokens)
        self.token = next(iter(tokens)) if tokens else "any"
        self._dispatcher = Dispatcher(self.world, RateLimits(per_minute).charge)

    def ask(self, method: str, path: str, body: Any = b"", **query: Any) -> Reply:
        """Send one request; a body that is no bytes is sent as JSON."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._dispatcher.answer(
            Request(method, path, {k: str(v) for k, v in query.items()}, self.token, sent)
        )

    def get(self, path: str, **query: Any) -> Reply:
        """Read."""
        return self.ask("GET", path, **query)

    def read(self, path: str, **query: Any) -> Any:
        """Read what must be there, and answer its data."""
        reply = self.get(path, **query)
        assert reply.status == 200, reply.body
        return reply.body["data"]

    def write(self, method: str, path: str, /, **data: Any) -> Any:
        """Write what must be accepted, and answer its data."""
        reply = self.ask(method, path, {"data": data})
        assert reply.status in (200, 201), reply.body
        return reply.body["data"]

    def refused(self, method: str, path: str, /, **data: Any) -> tuple[int, str]:
        """Send what must be refused, and answer status and message."""
        reply = self.ask(method, path, {"data": data} if method in ("POST", "PUT") else b"")
        assert reply.status >= 400, reply.body
        return reply.status, reply.body["errors"][0]["message"]

    def subtypes(self, task: str) -> list[str]:
        """The kinds of a task's stories, oldest first."""
        return [story["resource_subtype"] for story in self.read(f"/tasks/{task}/stories")]
