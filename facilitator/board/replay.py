"""Replay of a task's history: the value of anything at any instant.

Second step of the board: a `Snapshot`'s stories become one `Track` per section, field, completion, due date and so on;
every figure asks tracks and never stories. Rule (the packs' README, section 1): the new value of the last change at or
before the instant, else the old value of the first change, else the present value. It does not judge what a value means.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Generic, TypeVar

from facilitator.board.snapshot import FieldGid, Snapshot, Story, Task

V = TypeVar("V")
Change = tuple[datetime, Any, Any]
"""(instant, old, new)"""


@dataclass(frozen=True, slots=True)
class Track(Generic[V]):
    """A value's course: `values[n]` held from `instants[n - 1]` on; `values[0]` before the first instant."""

    instants: tuple[datetime, ...]
    values: tuple[V, ...]

    def at(self, instant: datetime) -> V:
        """The value at this instant; a change at exactly this instant has happened."""
        return self.values[bisect_right(self.instants, instant)]

    def before(self, instant: datetime) -> V:
        """The value just before this instant."""
        return self.values[bisect_left(self.instants, instant)]

    def changes(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, V, V]]:
        """Each (instant, old, new) in (start, end], oldest first."""
        for index in range(bisect_right(self.instants, start), bisect_right(self.instants, end)):
            yield self.instants[index], self.values[index], self.values[index + 1]


def track(created: datetime, changes: Iterable[Change], present: V, modified: datetime) -> Track[V | None]:
    """The course of one value of a task, from None before it was created to its present value.

    Where the last change does not lead to the present value (a story is missing), the present value is held to
    have been set when the task was last modified: what can be seen now is never doubted.
    """
    ordered = sorted(changes, key=lambda change: change[0])
    first = ordered[0][1] if ordered else present
    instants, values = [created], [None, first]
    for instant, _old, new in ordered:
        instants.append(max(instant, created))
        values.append(new)
    if values[-1] != present:
        instants.append(max(instants[-1], modified))
        values.append(present)
    return Track(tuple(instants), tuple(values))


@dataclass(frozen=True, slots=True)
class History:
    """One task's tracks. Every track is None (or false) before the task was created."""

    task: Task
    section: Track[Any]
    completed: Track[Any]
    assignee: Track[Any]
    due: Track[Any]
    name: Track[Any]
    member: Track[Any]
    homes: Mapping[str, Track[Any]]
    """By project gid, whether the task was in that project; empty where the snapshot knows one project only."""
    fields: Mapping[FieldGid, Track[Any]]
    dependencies: Mapping[str, Track[Any]]

    def field(self, gid: FieldGid | None, instant: datetime) -> Any:
        """A custom field's value at this instant; None for a field the task or the board does not have."""
        found = self.fields.get(gid) if gid else None
        return found.at(instant) if found else None

    def is_complete(self, instant: datetime) -> bool:
        """Whether the task was marked complete at this instant."""
        return bool(self.completed.at(instant))

    def exists(self, instant: datetime) -> bool:
        """Whether the task had been created and was in the project at this instant."""
        return bool(self.member.at(instant))

    def completed_at(self, instant: datetime) -> datetime | None:
        """When it was last completed as seen at this instant; None while it is open."""
        track = self.completed
        index = bisect_right(track.instants, instant)
        if not track.values[index]:
            return None
        while index > 1 and track.values[index - 1]:
            index -= 1
        return track.instants[index - 1]


Rank = Callable[[str], int]
"""How far along a section is, by gid: of a task's sections on several boards the furthest counts."""


def history(task: Task, snapshot: Snapshot, rank: Rank = lambda _gid: 0) -> History:
    """All tracks of one task. Sections of projects that were not read are left out."""
    sections = {section.gid for section in snapshot.sections}
    homes = {section.gid: section.project for section in snapshot.sections}
    created = min(chain((task.created_at,), (story.created_at for story in task.stories)))
    changes = _grouped(task)

    def course(present: V, found: Iterable[Change]) -> Track[V | None]:
        return track(created, found, present, task.modified_at)

    def ours(change: Change) -> bool:
        return not sections or change[1] in sections or change[2] in sections

    def home(project: str) -> Track[Any]:
        return course(project in task.homes, _membership(changes.get("project", ()), project))

    def column(project: str) -> Track[Any]:
        found = changes.get("section", ())
        moves = [one for one in found if project in (homes.get(one[1]), homes.get(one[2]))]
        last = moves[-1][2] if moves else None  # where it stood when it left; `home` says that it did
        return course(task.homes.get(project, last), moves)

    fields = {key[6:]: found for key, found in changes.items() if key.startswith("field.")}
    stays: dict[str, Track[Any]] = {one.gid: home(one.gid) for one in snapshot.projects}
    return History(
        task=task,
        section=(
            _furthest([(stay, column(project)) for project, stay in stays.items()], rank)
            if stays
            else course(task.section, filter(ours, changes.get("section", ())))
        ),
        completed=_completion(task, created, changes.get("completed", ())),
        assignee=course(task.assignee, changes.get("assignee", ())),
        due=course(task.due_at or task.due_on, changes.get("due", ())),
        name=course(task.name, changes.get("name", ())),
        member=(
            _merged(list(stays.values()), any)
            if stays and (task.homes or "project" in changes)
            else course(True, _membership(changes.get("project", ()), snapshot.project))
        ),
        homes=stays,
        fields={
            FieldGid(gid): course(task.fields.get(FieldGid(gid)), fields.get(gid, ()))
            for gid in (*task.fields, *(gid for gid in fields if gid not in task.fields))
        },
        dependencies=_dependencies(task, changes.get("dependency", ()), course),
    )


def histories(snapshot: Snapshot, rank: Rank = lambda _gid: 0) -> dict[str, History]:
    """Every task's history by gid, in the snapshot's order."""
    return {task.gid: history(task, snapshot, rank) for task in snapshot.tasks}


def _merged(tracks: list[Track[Any]], value: Callable[[list[Any]], Any]) -> Track[Any]:
    """One course out of several: at each instant what `value` makes of all of them."""
    instants = tuple(sorted({instant for one in tracks for instant in one.instants}))
    values = [value([one.values[0] for one in tracks])]
    values += [value([one.at(instant) for one in tracks]) for instant in instants]
    kept = [place for place, new in enumerate(values[1:]) if place == 0 or new != values[place]]
    return Track(
        tuple(instants[place] for place in kept), (values[0], *(values[place + 1] for place in kept))
    )


def _furthest(pairs: list[tuple[Track[Any], Track[Any]]], rank: Rank) -> Track[Any]:
    """The section that is furthest along among those of the projects a task is in; the earlier project's on a tie."""

    def chosen(values: list[Any]) -> Any:
        held = [section for stay, section in zip(values[::2], values[1::2], strict=True) if stay and section]
        return max(held, key=rank, default=None)

    return _merged([one for pair in pairs for one in pair], chosen)


_KEYS = {
    "section_changed": "section",
    "assigned": "assignee",
    "unassigned": "assignee",
    "due_date_changed": "due",
    "name_changed": "name",
}


def _grouped(task: Task) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for story in task.stories:
        key, old, new = _reading(story)
        if key:
            found.setdefault(key, []).append((story.created_at, old, new))
    return found


def _reading(story: Story) -> tuple[str, Any, Any]:
    kind = story.subtype
    if kind.endswith("_custom_field_changed"):
        return f"field.{story.field_gid}", story.old, story.new
    if kind in _KEYS:
        return _KEYS[kind], story.old, None if kind == "unassigned" else story.new
    if kind in ("marked_complete", "marked_incomplete"):
        return "completed", kind == "marked_incomplete", kind == "marked_complete"
    if kind in ("added_to_project", "removed_from_project"):
        return "project", story.new or story.old, kind == "added_to_project"
    if kind in ("dependency_added", "dependency_removed"):
        return "dependency", story.new or story.old, kind == "dependency_added"
    return "", None, None


def _completion(task: Task, created: datetime, changes: Iterable[Change]) -> Track[Any]:
    """Completion, with `completed_at` standing in for a story that was not read."""
    found = list(changes)
    if task.completed and task.completed_at and not (found and found[-1][2]):
        found.append((task.completed_at, False, True))
    return track(created, found, task.completed, task.modified_at)


def _membership(changes: Iterable[Change], project: str) -> list[Change]:
    return [(instant, not added, added) for instant, gid, added in changes if gid == project]


def _dependencies(
    task: Task, changes: Iterable[Change], course: Callable[[bool, list[Change]], Track[bool | None]]
) -> dict[str, Track[Any]]:
    found: dict[str, list[Change]] = {gid: [] for gid in task.dependencies}
    for instant, gid, added in changes:
        if gid is not None:
            found.setdefault(str(gid), []).append((instant, not added, added))
    return {gid: course(gid in task.dependencies, steps) for gid, steps in found.items()}
