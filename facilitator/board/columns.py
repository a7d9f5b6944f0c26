"""Facts of several teams as columns: what is counted is said once, and beside it each team's value.

The written form of `Facts` where they speak of teams. Said fact by fact, 25 teams would need six times the room. It chooses
nothing: what fits no column stays a fact of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facilitator.board.facts import Fact

HEAD = ("label", "unit", "rule")
"""What all values of a column share."""


def columns(facts: Mapping[str, Fact], teams: Collection[str]) -> tuple[dict[str, Any], set[str]]:
    """The columns in the order of their first facts, and the ids of the facts that stand in them."""
    found: dict[str, Any] = {}
    placed: set[str] = set()
    for fact_id, fact in facts.items():
        team, _, what = fact_id.partition(".")
        if team not in teams or not what or fact.stories or fact.omitted:
            continue
        head = {name: getattr(fact, name) for name in HEAD}
        column = found.setdefault(what, {**head, "of": {}, "values": {}, "tasks": {}})
        if any(column[name] != head[name] for name in HEAD):
            continue
        placed.add(fact_id)
        column["values"][team] = fact.value
        if fact.of is not None:
            column["of"][team] = fact.of
        if fact.tasks:
            column["tasks"][team] = list(fact.tasks)
    return {what: _short(column) for what, column in found.items()}, placed


def spread(raw: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each fact that stands in the columns: its id and its members."""
    for what, column in raw.items():
        of, tasks = column.get("of", {}), column.get("tasks", {})
        for team, value in column["values"].items():
            whole = of.get(team) if isinstance(of, dict) else of
            head = {name: column[name] for name in HEAD}
            yield f"{team}.{what}", {**head, "value": value, "of": whole, "tasks": tasks.get(team, [])}


def _short(column: dict[str, Any]) -> dict[str, Any]:
    """Without empty members, and with one denominator where all values share it."""
    of = column["of"]
    if len(of) == len(column["values"]) and len(set(of.values())) == 1:
        column = {**column, "of": next(iter(of.values()))}
    return {name: value for name, value in column.items() if value not in ({}, [])}
