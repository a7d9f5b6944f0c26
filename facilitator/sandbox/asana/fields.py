"""Output options: what `opt_fields` asks for, and turning nodes into JSON accordingly.

Owns the parsing of dotted paths with groups and `this.`, and the four ways a record is shown: compact, full, bare, or exactly the named
fields. What each kind of record has to show is in the shape modules; a name they do not know is remembered, since the real
service stays silent about it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final

from facilitator.sandbox.asana.errors import bad
from facilitator.sandbox.asana.world import Node, Record, World

COMPACT: Final = "compact"
FULL: Final = "full"
BARE: Final = "bare"
OMIT: Final = object()  # a member this record does not have
Selection = dict[str, Any]
_NAME = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True)
class View:
    """Who is looking at the world, and what is worth working out once for a whole answer."""

    world: World
    me: str

    @cached_property
    def dependents(self) -> dict[str, list[Record]]:
        """The tasks waiting, by the gid of what they wait for."""
        return self.world.dependents()

    @cached_property
    def subtask_counts(self) -> Mapping[str, int]:
        """Direct subtasks by parent gid."""
        return self.world.subtask_counts()


Getter = Callable[[View, Record], Any]


@dataclass(frozen=True)
class Shape:
    """What a kind of record shows: its members, the compact ones, those given only when named."""

    members: Mapping[str, Getter]
    compact: tuple[str, ...]
    opt_in: frozenset[str] = frozenset()
    bare: tuple[str, ...] = ("gid", "resource_type")
    always: tuple[str, ...] = ("gid",)
    full: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "full", tuple(name for name in self.members if name not in self.opt_in))


class Renderer:
    """Turns nodes into JSON by a table of shapes."""

    def __init__(self, shapes: Mapping[str, Shape], view: View) -> None:
        self._shapes = shapes
        self._view = view

    def show(self, value: Any, want: str | Selection) -> Any:
        """Render a node, a structure or a list of them; plain values stay as they are."""
        if isinstance(value, Node):
            return self._node(value, want)
        if isinstance(value, list):
            return [self.show(item, want) for item in value]
        if isinstance(value, dict):
            return self._structure(value, want)
        return value

    def _node(self, node: Node, want: str | Selection) -> dict[str, Any]:
        shape = self._shapes[node.kind]
        if isinstance(want, dict):
            return self._selected(node, shape, want)
        names = {FULL: shape.full, COMPACT: shape.compact, BARE: shape.bare}[want]
        nested = BARE if want == BARE else COMPACT
        shown = ((name, shape.members[name](self._view, node.record)) for name in names)
        return {name: self.show(value, nested) for name, value in shown if value is not OMIT}

    def _selected(self, node: Node, shape: Shape, want: Selection) -> dict[str, Any]:
        answer = {}
        for name in [*shape.always, *(name for name in want if name not in shape.always)]:
            member = shape.members.get(name)
            if member is None:
                self._view.world.unknown_fields.add(f"{node.kind}.{name}")
                continue
            value = member(self._view, node.record)
            if value is not OMIT:
                answer[name] = self.show(value, want.get(name) or BARE)
        return answer

    def _structure(self, value: dict[str, Any], want: str | Selection) -> dict[str, Any]:
        """Render a nested object that is no resource of its own (a membership, a pair of dates, a like)."""
        if not isinstance(want, dict):
            return {name: self.show(part, want) for name, part in value.items()}
        names = [name for name in value if name == "gid" or name in want]
        return {name: self.show(value[name], want.get(name) or BARE) for name in names}


@lru_cache(maxsize=256)
def parse_opt_fields(text: str) -> Selection:
    """Read `opt_fields`: comma-separated dotted paths, groups such as `(a|b).c` anywhere, an optional leading `this.`.

    Raises a 400 for an empty term, an unbalanced group, or a character no field name has. Clients ask for the same fields
    again and again: the selection is shared, and nobody may change it.
    """
    selection: Selection = {}
    for term in text.split(","):
        for path in _paths(term.strip().removeprefix("this.")):
            branch = selection
            for name in path:
                branch = branch.setdefault(name, {})
    return selection


def _paths(term: str) -> Iterator[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = [()]
    for part in _split(term, "."):
        if part.startswith("(") and part.endswith(")"):
            branches = [path for choice in _split(part[1:-1], "|") for path in _paths(choice)]
        elif _NAME.fullmatch(part):
            branches = [(part,)]
        else:
            raise bad(f"opt_fields: Not a valid field path: {term}")
        paths = [(*path, *branch) for path in paths for branch in branches]
    yield from paths


def _split(text: str, separator: str) -> list[str]:
    """Split outside of brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            break
        if character == separator and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    if depth != 0:
        raise bad(f"opt_fields: Unbalanced group in: {text}")
    return parts
