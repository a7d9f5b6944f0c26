"""A second, plain reading of a workspace pack: states and sprint sets from stories alone, by the format's own words.

Written without a look at the generator's code, so that both cannot share one mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Pack = dict[str, Any]
NEVER = "9999"


def gid_of(value: dict[str, Any] | None) -> str | None:
    """The gid of a reference, None where there is none."""
    return value["gid"] if value else None


class Replay:
    """Values of tasks at any instant: "the new value of the last change at or before it, else the old value of
    the first change, else the present value".
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.tasks = {task["gid"]: task for task in pack["tasks"]}
        self.fields = {field["name"]: field["gid"] for field in pack["custom_fields"]}
        self.options = {o["gid"]: o["name"] for f in pack["custom_fields"] for o in f.get("enum_options", [])}
        self.sections = {section["gid"]: section for section in pack["sections"]}

    def stories(self, task: str, *subtypes: str) -> list[dict[str, Any]]:
        """The task's stories of these kinds, in the order of the file."""
        return [story for story in self.pack["stories"][task] if story["resource_subtype"] in subtypes]

    def value(self, task: str, name: str, at: str = NEVER) -> str | int | None:
        """A custom field: the number, or the gid of the option."""
        kinds = ("number_custom_field_changed", "enum_custom_field_changed")
        changes = [s for s in self.stories(task, *kinds) if s["custom_field"]["gid"] == self.fields[name]]
        before = [story for story in changes if story["created_at"] <= at]
        if before:
            return _side(before[-1], "new")
        if changes:
            return _side(changes[0], "old")
        return self.present(task, name)

    def present(self, task: str, name: str) -> str | int | None:
        """The custom field's value as the task itself has it."""
        for value in self.tasks[task]["custom_fields"]:
            if value["gid"] == self.fields[name]:
                return value["number_value"] if "number_value" in value else gid_of(value["enum_value"])
        return None

    def complete(self, task: str, at: str = NEVER) -> bool:
        """Whether the last tick at or before the instant was a finish."""
        ticks = [
            s for s in self.stories(task, "marked_complete", "marked_incomplete") if s["created_at"] <= at
        ]
        return bool(ticks) and ticks[-1]["resource_subtype"] == "marked_complete"

    def section(self, task: str, project: str, at: str = NEVER) -> str | None:
        """The section of one project the task was in."""
        moves = [
            story
            for story in self.stories(task, "section_changed")
            if self.sections[story["new_section"]["gid"]]["project"]["gid"] == project
        ]
        before = [story for story in moves if story["created_at"] <= at]
        if before:
            return gid_of(before[-1]["new_section"])
        if moves:
            return gid_of(moves[0]["old_section"])
        homes = {home["project"]["gid"]: home["section"]["gid"] for home in self.tasks[task]["memberships"]}
        return homes.get(project)

    def points(self, gids: set[str], at: str) -> int:
        """Sum of the points at an instant; no estimate counts as nothing."""
        return sum(int(self.value(gid, "Story Points", at) or 0) for gid in gids)


def _side(story: dict[str, Any], side: str) -> str | int | None:
    number: int | None = story.get(f"{side}_number_value")
    return number if number is not None else gid_of(story.get(f"{side}_enum_value"))


@dataclass
class SprintSets:
    """The sets of one sprint, as the packs define them."""

    committed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    carried_over: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)


def sprint_sets(replay: Replay, sprint: dict[str, Any]) -> SprintSets:
    """Sort the tasks of one sprint into its sets."""
    begin, end = sprint["start_at"], sprint["closed_at"] or replay.pack["as_of"]
    option = sprint["enum_option"]["gid"]
    sets = SprintSets()
    for gid in replay.tasks:
        if replay.value(gid, "Sprint", begin) == option and replay.tasks[gid]["created_at"] <= begin:
            if replay.complete(gid, begin):
                continue
            sets.committed.add(gid)
        elif _enters(replay, gid, option, begin, end):
            sets.added.add(gid)
        else:
            continue
        _outcome(replay, sets, gid, (option, begin, end))
    return sets


def _enters(replay: Replay, gid: str, option: str, begin: str, end: str) -> bool:
    changes = [story["created_at"] for story in replay.stories(gid, "enum_custom_field_changed")]
    moments = [replay.tasks[gid]["created_at"], *changes]
    inside = [moment for moment in moments if begin < moment <= end]
    return any(replay.value(gid, "Sprint", m) == option and not replay.complete(gid, m) for m in inside)


def _outcome(replay: Replay, sets: SprintSets, gid: str, window: tuple[str, str, str]) -> None:
    option, begin, end = window
    finishes = [s["created_at"] for s in replay.stories(gid, "marked_complete") if s["created_at"] <= end]
    stays = replay.value(gid, "Sprint", end) == option
    if replay.complete(gid, end):
        in_time = finishes[-1] > begin and replay.value(gid, "Sprint", finishes[-1]) == option
        (sets.completed if in_time else sets.other).add(gid)
    elif stays:
        sets.carried_over.add(gid)
    else:
        sets.removed.add(gid)
