"""How far one team's calls may go: its own projects, their tasks, and nothing else that the token could see.

Sits in front of the transport: every call is checked before it leaves, whoever makes it. What a call may touch is read from
its path, its query and its body; a kind of call this room does not know is refused. It grants nothing by itself: the
projects and tasks come from the configuration, everything else is learnt from answers about those.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from facilitator.asana.refusals import About
from facilitator.asana.scopes import need_of
from facilitator.errors import TrackerError

Look = Callable[[str, str], Awaitable[Mapping[str, Any]]]
"""Reads one object by path with these opt_fields, unguarded."""

OPEN = re.compile(r"/users/[^/]+|/custom_fields/[^/]+|/webhooks/[^/]+")
"""Calls that may name no board: who somebody is, what a field means, taking back a webhook of our own."""

NAMED = re.compile(r"/(projects|tasks|sections|stories)/([^/]+)")
KINDS = {"projects": "project", "tasks": "task", "sections": "section", "stories": "story"}
DEEPEST = 6
"""Asana allows five levels of subtasks: a parent is followed up so far."""

Thing = tuple[str, str]
"""A kind (project, task, section, story, person, or any for "task or project") and a gid."""


class OutOfReach(TrackerError):  # noqa: N818 - it names what was refused
    """A call would have touched something outside the team's projects; it was not sent."""

    code = "out_of_reach"


@dataclass
class Reach:
    """The projects and tasks of one team, and what was learnt to belong to them.

    `sprints` are patterns the configuration gives for the names of sprint projects: with one, the workspace's projects
    may be listed, and those whose names fit are the team's.
    """

    projects: frozenset[str]
    sprints: frozenset[str] = frozenset()
    named: set[str] = field(default_factory=set)
    tasks: set[str] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)
    stories: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    """Who may be given a task of their own, in no project, by their gids."""

    async def check(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        sent: Mapping[str, Any],
        about: About,
        look: Look,
    ) -> None:
        """Raise `OutOfReach` unless everything the call names is the team's. May ask where an unknown task belongs."""
        if need_of(method, path) is None:
            raise _refused(about, f"{method} {path} is no call of ours")
        if (method, path) == ("GET", "/projects") and self.sprints:
            return
        things = [*named(path, params), *_in_values(sent)] or [*_of_a_person(path, {**params, **sent})]
        if not things and not OPEN.fullmatch(path):
            raise _refused(about, "it names no project of this team")
        for kind, gid in things:
            if not await self._within(kind, gid, look):
                raise _refused(about, _outside(kind, gid[:40]))

    def learn(self, method: str, path: str, answer: object) -> None:
        """Remember what an answer to a checked call says belongs to the team."""
        gids = [one["gid"] for one in _objects(answer) if isinstance(one.get("gid"), str)]
        last = path.rpartition("/")[2]
        if path == "/events":
            # A project's stream tells of its own tasks and stories alone.
            self._learn_events(answer)
            return
        if (method, path) == ("GET", "/projects"):
            self.named.update(
                one["gid"]
                for one in _objects(answer)
                if any(re.search(pattern, str(one.get("name") or "")) for pattern in self.sprints)
            )
        elif last in ("tasks", "subtasks"):
            self.tasks.update(gids)
        elif last == "stories":
            self.stories.update(gids)
        elif last == "sections" and method == "GET":
            self.sections.update(gids)

    @property
    def boards(self) -> frozenset[str]:
        """Every project of the team: those of the configuration, and sprint projects found by name."""
        return self.projects | self.named

    def _learn_events(self, answer: object) -> None:
        for event in _objects(answer):
            resource = event.get("resource")
            gid = _gid(resource)
            if isinstance(resource, dict) and gid and event.get("action") in ("added", "changed"):
                known = {"story": self.stories, "task": self.tasks}.get(str(resource.get("resource_type")))
                if known is not None:
                    known.add(gid)

    async def _within(self, kind: str, gid: str, look: Look) -> bool:
        known = {
            "project": self.boards,
            "section": self.sections,
            "story": self.stories,
            "task": self.tasks,
            "person": self.people,
        }
        if kind == "any":
            return gid in self.boards or await self._some_task(gid, look)
        if gid in known[kind]:
            return True
        if kind == "task":
            return await self._task(gid, look)
        if kind == "story":
            target = _gid((await look(f"/stories/{gid}", "target")).get("target"))
            return target is not None and await self._task(target, look)
        return False

    async def _some_task(self, gid: str, look: Look) -> bool:
        """The same for a gid that may be no task's at all."""
        try:
            return await self._task(gid, look)
        except TrackerError as error:
            if error.status not in (403, 404):
                raise
            return False

    async def _task(self, gid: str, look: Look) -> bool:
        """Whether a task, or one it is a subtask of, is in a project of the team; asked once and remembered."""
        trail = [gid]
        while trail[-1] not in self.tasks:
            told = await look(f"/tasks/{trail[-1]}", "projects,parent")
            parent = _gid(told.get("parent"))
            if self.boards.intersection(one for raw in _objects(told.get("projects")) if (one := _gid(raw))):
                break
            if parent is None or len(trail) == DEEPEST:
                return False
            trail.append(parent)
        self.tasks.update(trail)
        return True


def named(path: str, values: Mapping[str, Any]) -> list[Thing]:
    """Every project, task, section and story that a call's path and values name."""
    return [*_in_path(path), *_in_values(values)]


def _in_path(path: str) -> Iterator[Thing]:
    found = NAMED.match(path)
    if found:
        yield KINDS[found[1]], found[2]


def _in_values(values: Mapping[str, Any]) -> Iterator[Thing]:
    for key, value in values.items():
        if key in ("project", "section", "task"):
            yield key, str(value)
        elif key in ("parent", "resource"):
            yield "any", str(value)
        elif key == "projects":
            yield from (("project", str(gid)) for gid in value)
        elif key == "memberships":
            yield from (thing for one in value for thing in _in_values(one))


def _of_a_person(path: str, values: Mapping[str, Any]) -> Iterator[Thing]:
    """The one whose own tasks a call is about, where it names no board at all."""
    if path == "/tasks" and values.get("assignee"):
        yield "person", str(values["assignee"])


def _objects(answer: object) -> Iterable[Mapping[str, Any]]:
    found = answer if isinstance(answer, list) else [answer]
    return [one for one in found if isinstance(one, dict)]


def _gid(raw: object) -> str | None:
    gid = raw.get("gid") if isinstance(raw, dict) else None
    return gid if isinstance(gid, str) else None


def _outside(kind: str, gid: str) -> str:
    if kind == "person":
        return f"user {gid} is nobody this team's configuration or board names"
    return f"{kind if kind != 'any' else 'object'} {gid} is in none of this team's projects"


def _refused(about: About, why: str) -> OutOfReach:
    return OutOfReach(
        f"Asana was not asked to {about}: {why}.",
        suggestion="Only projects and tasks that facilitator.toml names for the team are touched: add it there if it is the team's.",
    )
