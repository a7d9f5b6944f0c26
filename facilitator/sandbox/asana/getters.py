"""The small readers that shapes are made of: a stored value, a constant, a reference followed.

Owns nothing but their names, so that the shape modules read as tables.
"""

from typing import Any

from facilitator.sandbox.asana.fields import Getter, View
from facilitator.sandbox.asana.richtext import as_html
from facilitator.sandbox.asana.world import Record


def raw(name: str, default: Any = None) -> Getter:
    """Show a member as it is stored."""
    return lambda _view, record: record.get(name, default)


def always(value: Any) -> Getter:
    """Show the same value for every record."""
    return lambda _view, _record: value


def one(name: str, kind: str) -> Getter:
    """Show the record a reference points at, or null."""
    return lambda view, record: view.world.node(kind, record.get(name))


def many(name: str, kind: str) -> Getter:
    """Show the records a list of references points at."""
    return lambda view, record: view.world.nodes(kind, record.get(name, []))


def rich(name: str) -> Getter:
    """Show the rich form of a text member, made from the plain one where none was given."""
    return lambda _view, record: record.get(f"html_{name}") or as_html(record.get(name) or "")


def like_count(_view: View, record: Record) -> int:
    """Count the likes."""
    return len(record.get("likes", []))


def likes(view: View, record: Record) -> list[dict[str, Any]]:
    """Show who liked it."""
    given = record.get("likes", [])
    return [{"gid": like["gid"], "user": view.world.node("user", like["user"])} for like in given]


def liked(view: View, record: Record) -> bool:
    """Whether the one who looks liked it."""
    return any(like["user"]["gid"] == view.me for like in record.get("likes", []))
