"""One call as a handler sees it, and what a handler may answer.

Owns the small contract between the dispatcher and the handlers: a call has its path's gids, its query and the fields of its body;
an answer is one node, a list of nodes, or nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from facilitator.sandbox.asana.errors import bad
from facilitator.sandbox.asana.values import read_path_gid
from facilitator.sandbox.asana.world import Node, Record, World


@dataclass(frozen=True)
class Call:
    """A call that was routed and whose token was recognised."""

    world: World
    me: str
    token: str
    path: str
    gids: Mapping[str, str]
    query: Mapping[str, str]
    data: Record

    def target(self, kind: str) -> Record:
        """Answer the record the path names; 404 where it is gone or hidden."""
        return self.world.find(kind, read_path_gid(self.gids[kind], kind))

    def only(self, *allowed: str, read_only: frozenset[str] = frozenset()) -> None:
        """Refuse fields a body may not have, naming the first."""
        for name in self.data:
            if name in read_only:
                raise bad(f"{name}: Cannot write this property")
            if name not in allowed:
                raise bad(f"{name}: Unrecognized field")

    def required(self, name: str) -> Any:
        """Answer a field of the body that must be there."""
        if self.data.get(name) is None:
            raise bad(f"{name}: Missing input")
        return self.data[name]


@dataclass(frozen=True)
class Found:
    """One node. A creation names where the new object is."""

    node: Node
    status: int = 200
    beside: dict[str, Any] = field(default_factory=dict)

    @property
    def location(self) -> str | None:
        """The path of a newly made object, for the Location header."""
        kind = {"story": "stories"}.get(self.node.kind, f"{self.node.kind}s")
        return f"/{kind}/{self.node.gid}" if self.status == 201 else None


@dataclass(frozen=True)
class Listed:
    """A list of nodes, to be paged and rendered."""

    nodes: list[Node]
    paged: bool = True
    beside: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """Nothing to show: `{"data": {}}`."""


Answer = Found | Listed | Done
Handler = Callable[[Call], Answer]


def nodes(kind: str, records: list[Record]) -> list[Node]:
    """Wrap records of one kind."""
    return [Node(kind, record) for record in records]
