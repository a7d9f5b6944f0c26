"""From facts.json to a whole draft: which items, which tasks, which words.

Pure: equal facts give an equal draft. Driven by the `document` alone (sections, covers, cites_from, needs, caps, quiet), so that
a ceremony nobody has heard of gets a complete draft too. It never writes a figure; it names the fact that holds it.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from facilitator.sandbox.agents.facts import FactsFile, words
from facilitator.sandbox.agents.headline import figure, figure_ids, headline
from facilitator.sandbox.agents.prose import (
    NEXT_STEPS,
    ROLES,
    SIGNALS,
    UNBLOCKING,
    WAITING,
    cause_of,
    kind_of,
    phrase,
    rotate,
    topic_of,
)

SHORT = "needs a look"
GROUPED = {"moved": 12, "pattern": 12, "ask": 3}
"""Kinds told one item for each fact, with at most so many tasks."""
TASKLESS = {"question", "action"}

Item = dict[str, Any]
Draft = dict[str, Any]


def compose(facts: FactsFile) -> Draft:
    """Write the whole draft: the headline, and every section in order, possibly empty."""
    taken = {gid for spec in facts.sections if spec.get("covers") for gid in facts.covered(spec)}
    sections = []
    for spec in facts.sections:
        items = [] if facts.quiet else items_for(facts, spec, taken)
        taken |= {gid for item in items for gid in item["tasks"]}
        sections.append({"id": spec["id"], "items": items})
    draft = {
        "format": "draft/1",
        "ceremony": facts.raw.get("ceremony", ""),
        "headline": headline(facts),
        "sections": sections,
    }
    return shortened(draft, facts)


def items_for(facts: FactsFile, spec: Item, taken: set[str]) -> list[Item]:
    """The items of one section. `taken` are tasks told elsewhere: a task is told once."""
    kind = "told" if spec.get("tells") else kind_of(spec["id"], spec.get("title", ""))
    writer = _Writer(facts, spec, kind)
    if spec.get("tells"):
        return [writer.told(fact) for fact in spec["tells"][: spec["max_items"]]]
    if spec.get("covers"):
        return [writer.item([gid], [spec["covers"]]) for gid in facts.covered(spec)]
    if kind == "numbers" and "tasks" not in spec.get("needs", []):
        return _figures(facts, spec, writer)
    if kind in TASKLESS and "tasks" not in spec.get("needs", []):
        wanted = max(spec.get("min_items", 0), min(2, spec["max_items"]))
        return [writer.item([], _listed(spec)) for _ in range(wanted)]
    if kind == "ask" and not spec.get("cites_from"):
        return [writer.item([gid], []) for gid in _open_questions(facts, taken)[: spec["max_items"]]]
    sources = [
        (fact, [gid for gid in facts.tasks_of(fact) if gid not in taken])
        for fact in spec.get("cites_from", [])
    ]
    items = _grouped(writer, sources, spec, GROUPED[kind]) if kind in GROUPED else []
    if len(items) < max(spec.get("min_items", 0), 1):
        items = _single(writer, sources, spec)
    while len(items) < spec.get("min_items", 0):
        items.append(writer.item([], _told(facts)[:1] or _listed(spec)))
    return items


def _told(facts: FactsFile) -> list[str]:
    """What other sections tell fact by fact: an item without a task can rest on one of those."""
    return [fact for spec in facts.sections for fact in spec.get("tells", [])]


def _open_questions(facts: FactsFile, taken: set[str]) -> list[str]:
    """Tasks told nowhere else that bear an unanswered question: an ask must rest on something recorded."""
    asked = {
        gid
        for gid, task in facts.tasks.items()
        if any("?" in str(note) for note in (task.get("notes") or {}).values())
    }
    return [gid for gid in facts.tasks if gid in asked - taken]


def _listed(spec: Item) -> list[str]:
    return list(spec.get("cites_from", []))[:1]


def _lone(facts: FactsFile) -> list[str]:
    """Figures that are told by themselves: the far end of a forecast is told with its near end."""
    known = figure_ids(facts)
    return [
        fact for fact in known if not (fact.endswith(".p85") and fact.removesuffix(".p85") + ".p50" in known)
    ]


def _figures(facts: FactsFile, spec: Item, writer: _Writer) -> list[Item]:
    """The facts the section names; where it names none, or too few, the other figures there are."""
    named = [fact for fact in spec.get("cites_from", []) if fact in facts.facts]
    wanted = spec.get("min_items", 0) if named else spec["max_items"]
    chosen = list(dict.fromkeys([*named, *_lone(facts)]))[: min(max(wanted, len(named)), spec["max_items"])]
    return [
        writer.finish({"text": figure(facts, fact), "tasks": [], "facts": [fact]}, None) for fact in chosen
    ]


def _grouped(writer: _Writer, sources: list[tuple[str, list[str]]], spec: Item, most: int) -> list[Item]:
    """One item for each fact: what finished together is told together."""
    told: set[str] = set()
    items = []
    for fact, gids in sources:
        fresh = [gid for gid in gids if gid not in told][:most]
        if fresh:
            items.append(writer.item(fresh, [fact]))
            told |= set(fresh)
    return items[: spec["max_items"]]


def _single(writer: _Writer, sources: list[tuple[str, list[str]]], spec: Item) -> list[Item]:
    pairs: dict[str, str] = {}
    for fact, gids in sources:
        for gid in gids:
            pairs.setdefault(gid, fact)
    limit = max(spec.get("min_items", 0), min(spec["max_items"], 3))
    return [writer.item([gid], [fact]) for gid, fact in list(pairs.items())[:limit]]


class _Writer:
    """Writes the items of one section, counting its own wordings so that they rotate."""

    def __init__(self, facts: FactsFile, spec: Item, kind: str) -> None:
        self._facts = facts
        self._spec = spec
        self._kind = kind
        self._used: Counter[str] = Counter()

    def item(self, gids: list[str], leans_on: list[str]) -> Item:
        """One item about these tasks, perhaps none."""
        task = self._facts.tasks.get(gids[0], {}) if gids else {}
        known = [fact for fact in leans_on if fact in self._facts.facts]
        cause = cause_of(task)
        if gids and (self._kind == "blocked" or (self._kind == "ageing" and cause != "none")):
            number = self._count(cause)
            body = {"text": rotate(WAITING[cause], number), "next_step": rotate(UNBLOCKING[cause], number)}
        else:
            state = "question" if self._kind == "ask" and not leans_on else str(task.get("state", "other"))
            state = topic_of(self._kind, leans_on, state)
            kind = "action" if self._kind == "next" and not gids else self._kind
            body = {"text": phrase(kind, state, self._count(state))}
        return self.finish({**body, "tasks": gids, "facts": known}, task)

    def told(self, fact: str) -> Item:
        """One item about a fact that the section must tell."""
        text = phrase(self._kind, "other", self._count("told"))
        return self.finish({"text": text, "tasks": [], "facts": [fact]}, None)

    def finish(self, item: Item, task: Item | None) -> Item:
        """Add what the section needs of an item, and what its kind always has."""
        needs = set(self._spec.get("needs", []))
        number = self._count("finish")
        if (
            ("next_step" in needs or self._kind in NEXT_STEPS) and self._kind != "other"
        ) or "next_step" in needs:
            steps = NEXT_STEPS.get(self._kind, NEXT_STEPS["other"])
            item.setdefault("next_step", rotate(steps, number))
        if "owner" in needs:
            item["owner"] = (task or {}).get("owner") or ROLES.get(self._kind, "team")
        if "due_on" in needs:
            item["due_on"] = self._due(task or {})
        if "signal" in needs:
            item["signal"] = rotate(SIGNALS, number)
        if "facts" in needs and not item["facts"]:
            item["facts"] = list(self._facts.facts)[:1]
        return self._fitted(item, needs)

    def _fitted(self, item: Item, needs: set[str]) -> Item:
        """Keep to the section's cap for one item: the step nobody asked for goes, then the text becomes a short one."""
        limit = self._spec.get("max_words", self._facts.max_words)
        if self._long(item) > limit and "next_step" not in needs:
            item.pop("next_step", None)
        if self._long(item) > limit and item["tasks"]:
            item["text"] = SHORT
        return item

    def _long(self, item: Item) -> int:
        names = ("text", "next_step", "signal", "owner")
        return sum(words(self._facts, str(item.get(name) or "")) for name in names)

    def _due(self, task: Item) -> str:
        """A date on record: the task's, else a date of the facts, at the earliest today. Plans may set a day of their own."""
        today = self._facts.today.isoformat()
        dates = [str(task.get("due_on") or "")]
        if self._kind in {"next", "action"}:
            dates.append((self._facts.today + timedelta(days=7)).isoformat())
        else:
            dates += sorted(
                str(fact["value"]) for fact in self._facts.facts.values() if fact.get("unit") == "date"
            )
        return next((day for day in dates if day >= today), today)

    def _count(self, sort: str) -> int:
        self._used[sort] += 1
        return self._used[sort] - 1


def shortened(draft: Draft, facts: FactsFile) -> Draft:
    """Keep to the document's word cap: first steps nobody asked for go, then the last items of optional sections."""
    limit = facts.max_words
    specs = {spec["id"]: spec for spec in facts.sections}
    for section in reversed(draft["sections"]):
        for item in section["items"]:
            if _length(draft, facts) > limit and "next_step" not in specs[section["id"]].get("needs", []):
                item.pop("next_step", None)
    for section in reversed(draft["sections"]):
        spec = specs[section["id"]]
        while (
            _length(draft, facts) > limit
            and not spec.get("covers")
            and len(section["items"]) > spec.get("min_items", 0)
        ):
            section["items"].pop()
    return draft


def _length(draft: Draft, facts: FactsFile) -> int:
    prose = [draft["headline"]]
    for section in draft["sections"]:
        prose += [
            str(item.get(name) or "") for item in section["items"] for name in ("text", "next_step", "signal")
        ]
    return sum(words(facts, text) for text in prose)


def spoiled(draft: Draft, facts: FactsFile) -> Draft:
    """The same draft with one gap a grader can see: a covered task left out, else a needed field, else a headline fact."""
    specs = {spec["id"]: spec for spec in facts.sections}
    sections = [
        {"id": part["id"], "items": [dict(item) for item in part["items"]]} for part in draft["sections"]
    ]
    worse = {**draft, "sections": sections}
    for part in sections:
        if specs[part["id"]].get("covers") and part["items"]:
            part["items"].pop()
            return worse
    for part in sections:
        needs = [name for name in specs[part["id"]].get("needs", []) if name not in {"tasks", "facts"}]
        if needs and part["items"]:
            part["items"][-1].pop(needs[-1], None)
            return worse
    must = facts.headline_rules.get("must_use", [])
    if must:
        return {**worse, "headline": worse["headline"].replace(f"{{{must[-1]}}}", "").strip() or "Today."}
    return {**worse, "sections": sections[:-1]} if sections else {**worse, "headline": ""}
