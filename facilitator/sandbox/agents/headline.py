"""The headline and single figures of a scripted draft: which facts are named, and in what words.

Picks the first sentence whose facts all exist, and adds every fact the document insists on. It writes no figure itself, only the
placeholder of the fact that holds it.
"""

from __future__ import annotations

import re

from facilitator.sandbox.agents.facts import FactsFile, placeholders, words

VERDICTS = ("verdict", "status", "colour", "color", "result")
COUNTED = {"tasks", "points", "count", "comments", "people", "sprints"}
OPENINGS = (
    "{sprint.name}, day {sprint.day} of {sprint.days}.",
    "Sprint day {sprint.day} of {sprint.days}.",
    "{sprint.name}, day {sprint.day}.",
    "{sprint.name}.",
)
REASONS = (
    "{sprint.done_points} of {sprint.planned_points} points done against {sprint.expected_points} expected by today",
    "{sprint.done_points} of {sprint.planned_points} points done",
    "{sprint.done_points} points done",
    "{sprint.done_tasks} of {sprint.planned_tasks} tasks done against {sprint.expected_tasks} expected by today",
    "{sprint.done_tasks} of {sprint.planned_tasks} tasks done",
)


STATUS = "status.colour"
LAST_WEEK = ".last_week"


def headline(facts: FactsFile) -> str:
    """One or two sentences from the facts that exist; every `must_use` fact is in it."""
    rules = facts.headline_rules
    must = [fact for fact in rules.get("must_use", []) if fact in facts.facts]
    opening = "" if STATUS in facts.facts else _first_known(facts, OPENINGS)
    reason = _first_known(facts, REASONS)
    verdict = next((fact for fact in [*must, *facts.facts] if fact.rsplit(".", 1)[-1] in VERDICTS), None)
    change = _change(facts) if STATUS in facts.facts else ""
    used = set(placeholders(opening + reason + change)) | {verdict}
    extra = [figure(facts, fact) for fact in must if fact not in used]
    if STATUS in facts.facts and not reason and not extra:
        extra = [figure(facts, fact) for fact in figure_ids(facts)[:1]]
    mark = f"{{{verdict}}}" if verdict else ""
    detail = ", ".join(part for part in (reason, *extra, change) if part)
    body = ": ".join(part for part in (mark, detail) if part) or "Nothing to report"
    whole = f"{opening} {body}.".strip()
    if words(facts, whole) > rules.get("max_words", 25) and not set(must) & set(placeholders(opening)):
        return f"{body}."
    return whole


def _change(facts: FactsFile) -> str:
    """What last week was, for a status told in one sentence."""
    last = next((fact for fact in facts.facts if fact.endswith(LAST_WEEK)), None)
    if facts.facts.get("status.last", {}).get("value") is not None:
        return "{status.last} last week"
    if last is None:
        return ""
    label = re.sub(r",? last week$", "", str(facts.facts[last].get("label", "")))
    named = f" {label}" if label and not re.search(r"[\d{}<>]", label) else ""
    return f"{{{last}}}{named} last week"


def figure_ids(facts: FactsFile) -> list[str]:
    """The facts that are figures of this period, in order."""
    return [
        fact
        for fact, body in facts.facts.items()
        if body.get("unit") not in {"text", "date", "instant"}
        and body.get("value") is not None
        and not fact.endswith(LAST_WEEK)
    ]


def _first_known(facts: FactsFile, options: tuple[str, ...]) -> str:
    known = {fact for fact, body in facts.facts.items() if body.get("value") is not None}
    return next((text for text in options if set(placeholders(text)) <= known), "")


def figure(facts: FactsFile, fact: str) -> str:
    """A figure with its name, and last week's beside it; a name with a digit is left out, for free text may hold none.

    The near end of a forecast is told with its far end: one date alone is heard as a promise.
    """
    far = fact.removesuffix(".p50") + ".p85"
    if far != fact and fact.endswith(".p50") and far in facts.facts:
        return f"{{{fact}}} to {{{far}}}"
    body = facts.facts[fact]
    label = str(body.get("label", ""))
    last = f", last week {{{fact}{LAST_WEEK}}}" if fact + LAST_WEEK in facts.facts else ""
    if re.search(r"[\d{}<>]", label) or body.get("unit") == "text":
        return f"{{{fact}}}{last}"
    return (f"{{{fact}}} {label}" if body.get("unit") in COUNTED else f"{label} {{{fact}}}") + last
