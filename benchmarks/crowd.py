"""A workspace of many teams: the small world's board once for each, with people, fields and options in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
STRIDE = 1_000_000
"""Between the gids of one team's things and the next one's; no kind of thing in the small world has so many."""


def crowd(world: Mapping[str, Any], teams: int) -> Json:
    """The workspace; the first project of the world is the board that is copied."""
    board = world["projects"][0]["gid"]
    sections = [one for one in world["sections"] if one["project"]["gid"] == board]
    own = {board, *(one["gid"] for one in (*sections, *world["tasks"]))}
    whole: Json = {**world, "projects": [], "sections": [], "tasks": [], "stories": {}, "sprints": []}
    for number in range(teams):
        copy = _Copy(own, number)
        whole["projects"].append(copy.of({**world["projects"][0], "name": f"Board {number}"}))
        whole["sections"] += map(copy.of, sections)
        whole["tasks"] += map(copy.of, world["tasks"])
        whole["stories"].update(dict(_told(world["stories"], copy)))
    return whole


def board_of(world: Mapping[str, Any], number: int) -> str:
    """The gid of one team's board."""
    return moved(world["projects"][0]["gid"], number)


def moved(gid: str, number: int) -> str:
    """A gid of the small world as it is for one team."""
    return str(int(gid) + number * STRIDE)


def _told(stories: Mapping[str, list[Json]], copy: _Copy) -> Iterator[tuple[str, list[Json]]]:
    for task, told in stories.items():
        yield (
            moved(task, copy.number),
            [{**copy.of(one), "gid": moved(one["gid"], copy.number)} for one in told],
        )


class _Copy:
    """One team's copy of what is the board's own; what is not stays the same object, so that a thousand boards fit."""

    def __init__(self, own: set[str], number: int) -> None:
        self._own = own
        self.number = number

    def of(self, value: Any) -> Any:
        """The value with every gid of the board's own moved."""
        if isinstance(value, str):
            return moved(value, self.number) if value in self._own else value
        if isinstance(value, list):
            parts = [self.of(part) for part in value]
            return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
        if isinstance(value, dict):
            copied = {name: self.of(part) for name, part in value.items()}
            return copied if any(copied[name] is not part for name, part in value.items()) else value
        return value
