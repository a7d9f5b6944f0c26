"""The pool of supports one passage may draw on, and the derived ones: rests, gaps and changes between two figures.

A derived figure ("3 points behind", "2 more than last week") is right where it follows from two facts that exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from facilitator.board.facts import Facts
from facilitator.drafts.gate.figures import Figure
from facilitator.drafts.gate.reading import Reading
from facilitator.drafts.gate.subjects import CHANGE, GAP
from facilitator.drafts.gate.supports import (
    DAYS,
    Support,
    Topics,
    about,
    of_tasks,
    previous_of,
)


@dataclass(frozen=True, slots=True)
class Pool:
    """Supports by reach: `own` of the cited tasks, `general` of the whole Facts; `lean` are the item's named facts."""

    own: tuple[Support, ...]
    general: tuple[Support, ...]
    lean: frozenset[str]
    context: Topics
    labels: Mapping[str, str]

    def all(self) -> tuple[Support, ...]:
        """Every support, the passage's own first."""
        return self.own + self.general


def labels_of(facts: Facts) -> dict[str, str]:
    """Each fact's label in lower case, by id."""
    return {fact.id: fact.label.lower() for fact in facts.facts.values()}


def pool_for(reading: Reading, general: tuple[Support, ...], labels: Mapping[str, str]) -> Pool:
    """What this passage may draw on."""
    own = tuple(_own(reading))
    lean = frozenset(reading.item.facts) if reading.item is not None else frozenset()
    return Pool(own=own, general=general, lean=lean, context=_context(reading, lean), labels=labels)


def _own(reading: Reading) -> Iterator[Support]:
    cited = reading.cited
    yield from of_tasks(cited, reading.facts)
    if reading.item is not None and len(cited) > 1:
        yield Support(
            "the tasks cited here", len(cited), "tasks", own=True, shown=str(len(cited)), derived=True
        )


def _context(reading: Reading, lean: frozenset[str]) -> Topics:
    """What the item is about by its named facts, else by what its section covers."""
    facts = reading.facts
    ids = [name for name in lean if name in facts.facts]
    if not ids and reading.item is not None:
        spec = next((one for one in facts.document.sections if one.id == reading.section), None)
        ids = [spec.covers] if spec is not None and spec.covers in facts.facts and spec.covers else []
    return frozenset(topic for name in ids for topic in about(facts.facts[name], facts))


def derived(figure: Figure, pool: Pool) -> Iterator[Support]:
    """Figures that follow from two facts, for a number that is said to be a gap, a change or a rest."""
    counted = [support for support in pool.general if support.unit != "text"]
    if GAP in figure.topics:
        yield from _gaps(counted)
    if CHANGE in figure.topics:
        yield from _changes(counted)
    if ("status", "remaining") in figure.wider:
        yield from _rests(counted)


def _gaps(counted: list[Support]) -> Iterator[Support]:
    for done, expected in plan_pairs(counted):
        gap = abs(expected.value - done.value)
        yield replace(
            done,
            id=f"{done.id} and {expected.id}",
            value=gap,
            of=None,
            topics=done.topics | {GAP},
            shown=f"{gap:g}",
            derived=True,
        )


def plan_pairs(counted: list[Support]) -> Iterator[tuple[Support, Support]]:
    """What is done beside what was expected by now, in the same unit; the sprint's own first."""
    for expected in counted:
        if "expected" in expected.axis("status"):
            alike = [
                done
                for done in counted
                if "done" in done.axis("status")
                and done.unit == expected.unit
                and not done.is_previous
                and done.id.split(".")[0] == expected.id.split(".")[0]
            ]
            yield from ((done, expected) for done in alike[:1])


def _changes(counted: list[Support]) -> Iterator[Support]:
    for now in counted:
        before = previous_of(now, counted)
        if before is not None:
            change = abs(now.value - before.value)
            yield replace(
                now,
                id=f"{now.id} and {before.id}",
                value=change,
                of=None,
                topics=now.topics | {CHANGE},
                shown=f"{change:g}",
                derived=True,
            )
        if {"change", "delta", "diff", "trend"} & now.words or {"added", "removed"} & now.axis("status"):
            values = {abs(now.value), now.value}  # "by 3 points" and "by -3 points"
            yield from (replace(now, value=value, topics=now.topics | {CHANGE}) for value in sorted(values))


def _rests(counted: list[Support]) -> Iterator[Support]:
    for part in counted:
        if (
            part.of is not None
            and part.of >= part.value
            and (part.axis("status") & {"done", "planned"} or part.unit in DAYS)
        ):
            rest = part.of - part.value
            topics = frozenset(topic for topic in part.topics if topic[0] != "status") | {
                ("status", "remaining")
            }
            yield replace(
                part,
                id=f"{part.id} of {part.of:g}",
                value=rest,
                topics=topics,
                shown=f"{rest:g}",
                derived=True,
            )
