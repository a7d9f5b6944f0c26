"""A scripted grader. It is NOT a language model: it runs a fixed list of checks.

Like the real one it starts from nothing each time and sees only the rubric's text and the session's files, never what was said.
It judges shape and citations, not truth: a wrong figure in free text passes it, on purpose, for that is the client's gate to catch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from facilitator.sandbox.agents.facts import FactsFile, placeholders, shown, words

FIELDS_OF_PROSE = ("text", "next_step", "signal")
HEADING = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One `## ` heading of the rubric with all that stands below it."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the deliverable lacks; `section` is the document section it was found in, if any."""

    section: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one grading says. `needs_revision` is turned into the terminal result by whoever counts the iterations."""

    result: Literal["satisfied", "needs_revision", "failed"]
    explanation: str


def grade(rubric: str, files: Mapping[str, bytes]) -> Verdict:
    """Check the deliverable once, from scratch. A rubric without a single `## ` criterion fits nothing: `failed`."""
    criteria = read_criteria(rubric)
    if not criteria:
        return Verdict(
            "failed", "The rubric has no criteria: there is no `## ` heading in it to check against."
        )
    gaps = list(find_gaps(files))
    return Verdict("needs_revision" if gaps else "satisfied", explain(criteria, gaps))


def read_criteria(rubric: str) -> list[Criterion]:
    """The rubric's criteria in order; the marks in brackets after a title are dropped."""
    found = list(HEADING.finditer(rubric))
    ends = [*(match.start() for match in found[1:]), len(rubric)]
    return [
        Criterion(match["title"].split("[")[0].strip(), rubric[match.end() : end])
        for match, end in zip(found, ends, strict=False)
    ]


def explain(criteria: list[Criterion], gaps: list[Gap]) -> str:
    """One line of totals, then a bullet for each failed criterion."""
    failed: dict[str, list[str]] = {}
    for gap in gaps:
        failed.setdefault(_criterion_of(criteria, gap).title, []).append(gap.message)
    total = f"{len(criteria) - len(failed)} of {len(criteria)} criteria met (scripted grader, not a language model)."
    return "\n".join([total, *(f"- {title}: {'; '.join(messages)}." for title, messages in failed.items())])


def _criterion_of(criteria: list[Criterion], gap: Gap) -> Criterion:
    mentions = (item for item in criteria if gap.section and f"`{gap.section}`" in item.title + item.body)
    return next(mentions, criteria[0])


def find_gaps(files: Mapping[str, bytes]) -> Iterator[Gap]:
    """Everything the deliverable lacks, in reading order; nothing where it is complete."""
    facts = FactsFile.find(files)
    outputs = {path: raw for path, raw in files.items() if path.startswith("/mnt/session/outputs/")}
    if facts is None:
        if not any(raw.strip() for raw in outputs.values()):
            yield Gap(None, "there is no deliverable in /mnt/session/outputs/")
        return
    raw = outputs.get("/mnt/session/outputs/draft.json")
    if raw is None:
        yield Gap(None, "/mnt/session/outputs/draft.json does not exist")
        return
    try:
        draft = json.loads(raw)
    except ValueError as error:
        yield Gap(None, f"draft.json is not valid JSON ({error})")
        return
    yield from _shape(draft, facts)


def _shape(draft: Any, facts: FactsFile) -> Iterator[Gap]:
    sections = draft.get("sections") if isinstance(draft, dict) else None
    if not isinstance(sections, list) or not all(isinstance(part, dict) for part in sections):
        yield Gap(None, "draft.json is not a draft/1 document")
        return
    wanted = [spec["id"] for spec in facts.sections]
    if [part.get("id") for part in sections] != wanted:
        yield Gap(None, f"the sections must be {', '.join(wanted)}, in this order")
        return
    yield from _headline(str(draft.get("headline", "")), facts)
    for spec, part in zip(facts.sections, sections, strict=True):
        items = [item for item in part.get("items") or [] if isinstance(item, dict)]
        yield from (Gap(spec["id"], message) for message in _section(spec, items, facts))
    total = words(facts, str(draft.get("headline", ""))) + sum(
        _prose_words(item, facts) for part in sections for item in part.get("items") or []
    )
    if total > facts.max_words:
        yield Gap(None, f"{total} words, at most {facts.max_words} allowed")


def _headline(text: str, facts: FactsFile) -> Iterator[Gap]:
    rules = facts.headline_rules
    if not text.strip():
        yield Gap(None, "the headline is empty")
    for fact in rules.get("must_use", []):
        if fact not in placeholders(text):
            yield Gap(None, f"the headline does not use {fact}")
    limit = rules.get("max_words", facts.max_words)
    if (count := words(facts, text)) > limit:
        yield Gap(None, f"the headline has {count} words, at most {limit} allowed")
    for fact in placeholders(text):
        if fact not in facts.facts:
            yield Gap(None, f"the headline names {fact}, which is no fact")


def _section(spec: dict[str, Any], items: list[dict[str, Any]], facts: FactsFile) -> Iterator[str]:
    if facts.quiet:
        if items:
            yield f"`{spec['id']}` must be empty on a quiet day"
        return
    if not spec.get("min_items", 0) <= len(items) <= spec["max_items"]:
        yield f"`{spec['id']}` has {len(items)} items, {spec.get('min_items', 0)} to {spec['max_items']} allowed"
    yield from _citations(spec, items, facts)
    for number, item in enumerate(items):
        yield from (f"`{spec['id']}` item {number + 1} {message}" for message in _item(spec, item, facts))


def _citations(spec: dict[str, Any], items: list[dict[str, Any]], facts: FactsFile) -> Iterator[str]:
    cited = [str(gid) for item in items for gid in item.get("tasks") or []]
    if spec.get("covers"):
        due = facts.covered(spec)
        for gid in due:
            if gid not in cited:
                yield f"`{spec['id']}` leaves out task {gid}"
        if set(cited) == set(due) and list(dict.fromkeys(cited)) != due:
            yield f"`{spec['id']}` does not keep the order of {spec['covers']}"
        for gid in sorted(set(cited) - set(due)):
            yield f"`{spec['id']}` cites task {gid}, which is not in {spec['covers']}"
    if spec.get("cites_from"):
        allowed = {gid for fact in spec["cites_from"] for gid in facts.tasks_of(fact)}
        for gid in sorted(set(cited) - allowed):
            yield f"`{spec['id']}` cites task {gid}, which is in none of {', '.join(spec['cites_from'])}"
    for gid in sorted(set(cited) - set(facts.tasks)):
        yield f"`{spec['id']}` cites task {gid}, which facts.json does not know"


def _item(spec: dict[str, Any], item: dict[str, Any], facts: FactsFile) -> Iterator[str]:
    if not str(item.get("text", "")).strip():
        yield "has no text"
    for name in spec.get("needs", []):
        if not item.get(name):
            yield f"has no {name}"
    for name in FIELDS_OF_PROSE:
        for fact in placeholders(str(item.get(name) or "")):
            if fact not in facts.facts:
                yield f"names {fact}, which is no fact"
    for fact in item.get("facts") or []:
        if fact not in facts.facts:
            yield f"leans on {fact}, which is no fact"
    limit = spec.get("max_words", facts.max_words)
    if (count := _prose_words(item, facts)) > limit:
        yield f"has {count} words, at most {limit} allowed"


def _prose_words(item: Any, facts: FactsFile) -> int:
    if not isinstance(item, dict):
        return 0
    return sum(len(shown(facts, str(item.get(name) or "")).split()) for name in FIELDS_OF_PROSE)
