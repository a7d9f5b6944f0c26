"""The only place that changes a task of the built-in world: each verb moves the state and tells the story of it.

So a task's present state and its history cannot disagree. A verb that changes nothing leaves no story, as in
Asana. This module decides nothing: when and why things happen is the simulation's and the storyboards' matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from facilitator.sandbox.generated.blueprint import (
    BACKLOG,
    BLOCKED,
    DONE,
    POINTS,
    PRIORITY,
    RESOLUTION,
    SPRINT,
    TYPE,
    Blueprint,
)
from facilitator.sandbox.generated.titles import Idea

Json = dict[str, Any]
"""One JSON object in Asana's lean form."""


def stamp(instant: datetime) -> str:
    """Asana's form of an instant: UTC with milliseconds."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def ref(gid: str) -> Json:
    """A nested reference, which is the gid and nothing more."""
    return {"gid": gid}


@dataclass(frozen=True, slots=True)
class Act:
    """When something was done, and the key of the person who did it (None: not known)."""

    at: datetime
    by: str | None


@dataclass(slots=True)
class Item:
    """A task on its way. `fields` hold numbers and option names; `homes` are section names by project gid."""

    gid: str
    name: str
    idea: Idea
    created: Act
    homes: dict[str, str]
    scripted: bool = False
    notes: str = ""
    fields: dict[str, int | str] = field(default_factory=dict)
    assignee: str | None = None
    due: Json = field(default_factory=dict)
    completed: Act | None = None
    parent: str | None = None
    dependencies: list[str] = field(default_factory=list)
    stories: list[Json] = field(default_factory=list)
    last: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.last = self.created.at

    @property
    def points(self) -> int | None:
        """The estimate as it stands, None where there is none."""
        value = self.fields.get(POINTS)
        return value if isinstance(value, int) else None


class Board:
    """All tasks and the verbs that change them; gids of tasks and stories count up in the order of events."""

    def __init__(self, plan: Blueprint) -> None:
        self.plan = plan
        self.items: list[Item] = []
        self._tasks = (f"12052{n:011d}" for n in count(1))
        self._stories = (f"12053{n:011d}" for n in count(1))

    def create(
        self,
        idea: Idea,
        act: Act,
        *,
        section: str = BACKLOG,
        fields: Mapping[str, int | str] | None = None,
        scripted: bool = False,
    ) -> Item:
        """Add a task to the project; `fields` are set from birth, without a story."""
        home = {self.plan.project: section}
        item = Item(next(self._tasks), idea.name, idea, act, home, scripted, idea.notes, dict(fields or {}))
        self.items.append(item)
        self._tell(item, act, "added_to_project", project=ref(self.plan.project))
        return item

    def add_home(self, item: Item, act: Act, section: str) -> None:
        """Put the task into the roadmap too; the roadmap becomes its first membership."""
        item.homes = {self.plan.roadmap: section, **item.homes}
        self._tell(item, act, "added_to_project", project=ref(self.plan.roadmap))

    def move(self, item: Item, act: Act, section: str) -> None:
        """Move the task to a section of the project, or of the roadmap where the name says so."""
        project = self.plan.roadmap if section.startswith("roadmap/") else self.plan.project
        old = item.homes[project]
        if old != section:
            item.homes[project] = section
            members = {
                "old_section": ref(self.plan.sections[old]),
                "new_section": ref(self.plan.sections[section]),
            }
            self._tell(item, act, "section_changed", **members)

    def choose(self, item: Item, act: Act, name: str, option: str | None) -> None:
        """Set an enum field to an option, or empty it with None."""
        old = item.fields.get(name)
        if old == option:
            return
        self._set(item, name, option)
        members = _before_after("enum_value", self._option(name, old), self._option(name, option))
        self._tell(
            item, act, "enum_custom_field_changed", custom_field=ref(self.plan.fields[name]), **members
        )

    def estimate(self, item: Item, act: Act, points: int | None) -> None:
        """Set or clear the story points."""
        old = item.points
        if old == points:
            return
        self._set(item, POINTS, points)
        members = _before_after("number_value", old, points)
        self._tell(
            item, act, "number_custom_field_changed", custom_field=ref(self.plan.fields[POINTS]), **members
        )

    def assign(self, item: Item, act: Act, person: str | None) -> None:
        """Give the task to somebody, or take it from everybody with None."""
        if person == item.assignee:
            return
        item.assignee = person
        if person is None:
            self._tell(item, act, "unassigned")
        else:
            self._tell(item, act, "assigned", assignee=ref(self.plan.users[person]))

    def set_due(self, item: Item, act: Act, due: Json) -> None:
        """Set the due date: `due_on`, with `due_at` beside it where there is a time; {} clears it."""
        if due != item.due:
            members = _before_after("dates", item.due or None, due or None)
            item.due = due
            self._tell(item, act, "due_date_changed", **members)

    def complete(self, item: Item, act: Act, resolution: str = "Done") -> None:
        """Finish the task: to Done, with a resolution, ticked."""
        self.move(item, act, DONE)
        self.choose(item, act, RESOLUTION, resolution)
        item.completed = act
        self._tell(item, act, "marked_complete")

    def reopen(self, item: Item, act: Act, section: str) -> None:
        """Untick a finished task and put it back to work."""
        item.completed = None
        self._tell(item, act, "marked_incomplete")
        self.choose(item, act, RESOLUTION, None)
        self.move(item, act, section)

    def block(self, item: Item, act: Act, *, blocked: bool) -> None:
        """Set the Blocked field; the reason belongs into a comment."""
        self.choose(item, act, BLOCKED, "Blocked" if blocked else "Not blocked")

    def depend(self, item: Item, act: Act, on: Item) -> None:
        """Record that the task waits for another one."""
        item.dependencies.append(on.gid)
        self._tell(item, act, "dependency_added", dependency=ref(on.gid))

    def rename(self, item: Item, act: Act, name: str) -> None:
        """Change the title."""
        old, item.name = item.name, name
        self._tell(item, act, "name_changed", old_name=old, new_name=name)

    def say(self, item: Item, act: Act, text: str) -> None:
        """Leave a comment."""
        self._tell(item, act, "comment_added", text=text)

    def _set(self, item: Item, name: str, value: int | str | None) -> None:
        if value is None:
            item.fields.pop(name, None)
        else:
            item.fields[name] = value

    def _option(self, name: str, option: int | str | None) -> Json | None:
        return None if option is None else ref(self.plan.options[f"{name}/{option}"])

    def _tell(self, item: Item, act: Act, subtype: str, **members: Any) -> None:
        if act.at < item.last:
            raise ValueError(
                f"{subtype} on {item.name!r} at {act.at} lies before its last story at {item.last}"
            )
        item.last = act.at
        author = {"created_by": ref(self.plan.users[act.by])} if act.by else {}
        kind = "comment" if subtype == "comment_added" else "system"
        story = {"gid": next(self._stories), "created_at": stamp(act.at), **author, "type": kind}
        item.stories.append({**story, "resource_subtype": subtype, **members})


def _before_after(name: str, old: object, new: object) -> Json:
    """Old and new value as story members; an empty side is left out, as in the packs."""
    pairs = {f"old_{name}": old, f"new_{name}": new}
    return {key: value for key, value in pairs.items() if value is not None}


def birth_fields(
    idea: Idea, priority: str | None, points: int | None, sprint: str | None = None
) -> dict[str, int | str]:
    """The fields a task has from its creation on; what is None stays empty."""
    values = {POINTS: points, SPRINT: sprint, PRIORITY: priority, TYPE: idea.kind}
    return {name: value for name, value in values.items() if value is not None}
