"""Checks only a retrospective needs: an account that adds up, hypotheses, honest causes, few and near actions, open questions.

Part of the checks that need no judgement, named by jobs/retro.py under its rubric's criteria. Whether a hypothesis is any
good is the team's question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from facilitator.board.facts import Facts, show_date
from facilitator.drafts import shape, wording
from facilitator.drafts.draft import Draft, Item
from facilitator.drafts.faults import Fault
from facilitator.drafts.placeholders import names

_ENDS = ("completed", "carried_over", "removed", "other")
_MAYBE = re.compile(
    r"\?|\b(?:may|might|could|perhaps|maybe|seem(?:s|ed)?|looks? like|possibly|suggests?|hypothesis)\b",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"\bnot recorded\b|\bno cause (?:is |was )?recorded\b", re.IGNORECASE)
_TREND = re.compile(
    r"\btrend\w*|\b(?:more and more|less and less|steadily|every sprint|sprint after sprint)\b"
    r"|\bkeeps? (?:rising|falling|growing|shrinking|getting)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\bthan (?:in )?(?:the )?(?:last|previous|earlier) sprints?\b|\bthan (?:in )?the sprint before\b"
    r"|\bthan before\b|\b(?:improv|worsen)(?:ed|ing)\b",
    re.IGNORECASE,
)


def reconciles(_draft: Draft, facts: Facts) -> list[Fault]:
    """The account adds up: committed + added = completed + carried over + removed + otherwise ended, in tasks."""
    came = number(facts, "sprint.committed") + number(facts, "sprint.added")
    went = sum(number(facts, f"sprint.{name}") for name in _ENDS)
    if facts.document.quiet or (came == went and "sprint.completed" in facts.facts):
        return []
    message = f"{came:g} tasks came into the sprint and {went:g} are accounted for; gather the facts again"
    return [Fault("account", "facts", message, fact="sprint.committed")]


def at_most(draft: Draft, facts: Facts, *, section: str) -> list[Fault]:
    """The section has no more items than it may show."""
    return [fault for fault in shape.within_caps(draft, facts) if fault.where == section]


def hypotheses(draft: Draft, facts: Facts) -> list[Fault]:
    """A pattern cites two tasks or leans on a figure, and is worded as a hypothesis."""
    faults = []
    for where, item in _items(draft, "patterns"):
        if len(item.tasks) < 2 and not any(_is_figure(name, facts) for name in _leans_on(item)):
            message = "rests on neither two tasks nor a figure of the facts; cite what it rests on"
            faults.append(Fault("pattern", where, message, item.text))
        if not _MAYBE.search(item.text):
            message = "is told as certain; word it as a hypothesis ('may', 'seems') or as a question"
            faults.append(Fault("pattern", f"{where}.text", message, item.text))
    return faults


def causes(draft: Draft, _facts: Facts) -> list[Fault]:
    """No comment tells these deviations' cause, and the text says so; recorded causes are quoted by code."""
    return [
        Fault("cause", f"{where}.text", "no comment tells its cause; say 'cause not recorded'", item.text)
        for where, item in _items(draft, "deviations")
        if not _UNKNOWN.search(item.text)
    ]


def actions_linked(draft: Draft, _facts: Facts) -> list[Fault]:
    """An action leans on a fact that one of the draft's patterns leans on; on any, where the draft has no pattern."""
    shown = {name for _, item in _items(draft, "patterns") for name in _leans_on(item)}
    return [
        Fault(
            "link",
            f"{where}.facts",
            f"belongs to no pattern; name one of {', '.join(sorted(shown))}",
            item.text,
        )
        for where, item in _items(draft, "actions")
        if shown and item.facts and not shown & set(_leans_on(item))
    ]


def actions_soon(draft: Draft, facts: Facts) -> list[Fault]:
    """An action is due after today and within one sprint's length."""
    latest = facts.facts.get("actions.latest")
    if latest is None:
        return []
    today, last = facts.as_of.astimezone(ZoneInfo(facts.zone)).date(), date.fromisoformat(str(latest.value))
    return [
        Fault(
            "due", f"{where}.due_on", f"{show_date(item.due_on)} is not within the next sprint, up to {show_date(last)}",
            item.text, item.due_on.isoformat(), latest.id, last.isoformat(),
        )
        for where, item in _items(draft, "actions")
        if item.due_on and not today < item.due_on <= last
    ]  # fmt: skip


def questions(draft: Draft, _facts: Facts) -> list[Fault]:
    """What is to be discussed is asked."""
    return [
        Fault("question", f"{where}.text", "is no question; end it with a question mark", item.text)
        for where, item in _items(draft, "discuss")
        if not item.text.rstrip().endswith("?")
    ]


def trends(draft: Draft, facts: Facts) -> list[Fault]:
    """A change since the sprint before rests on a figure that has one; a trend on the band of five sprints or more."""
    faults = []
    for passage in wording.passages(draft):
        if passage.where.startswith(("discuss", "actions")) or passage.where.endswith("signal"):
            continue
        leans = {*names(passage.text), *(_leans_on(passage.item) if passage.item else ())}
        word, change = _TREND.search(passage.text), _CHANGE.search(passage.text)
        if word and not any(name.startswith("saydo.") and _is_figure(name, facts) for name in leans):
            message = f"{word[0]!r} claims a trend; that needs five sprints, and here only the say/do figures have them"
            faults.append(Fault("trend", passage.where, message, passage.text, word[0]))
        if change and not any(f"{name.removesuffix('.previous')}.previous" in facts.facts for name in leans):
            message = f"{change[0]!r} compares sprints; lean on a figure that has a `.previous` beside it"
            faults.append(Fault("trend", passage.where, message, passage.text, change[0]))
    return faults


def _items(draft: Draft, section: str) -> Iterator[tuple[str, Item]]:
    found = draft.section(section)
    for index, item in enumerate(found.items if found else ()):
        yield f"{section}[{index}]", item


def _leans_on(item: Item) -> tuple[str, ...]:
    return (*item.facts, *names(item.text))


def _is_figure(name: str, facts: Facts) -> bool:
    return name in facts.facts and isinstance(facts.facts[name].value, int | float)


def number(facts: Facts, name: str) -> float:
    """A fact's value where it is a number, else 0."""
    found = facts.facts.get(name)
    return found.value if found and isinstance(found.value, int | float) else 0
