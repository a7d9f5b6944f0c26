"""What a passage may lean on: every figure of the Facts within its reach, told by what it is about.

A `Support` is one value with its unit, denominator and subject, from a fact, a cited task, the coverage, or a number
written in a cited task's own name or notes. Built once a passage; it judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from facilitator.board.facts import Fact, Facts, TaskFact, show
from facilitator.drafts.gate.lexicon import (
    CARDINALS,
    PHRASES,
    PREVIOUS,
    PREVIOUS_IN_ID,
    UNITS,
    concepts_in,
    words_of,
)

Topics = frozenset[tuple[str, str]]
DAYS = frozenset({"days", "working_days", "any_days"})
PREVIOUS_TOPIC = ("period", "previous")
_NUMBER_IN_TEXT = re.compile(
    r"(?<![\w.])(\d+(?:[.,]\d+)?|[a-z]+)(?:[\s-]+|(?=%))(?:(?:working|calendar|story)\s+)?([a-z]+|%)",
    re.IGNORECASE,
)


ALSO: Mapping[str, tuple[tuple[str, str], ...]] = {
    "wip": (("status", "started"), ("status", "remaining")),
    "ageing": (("status", "wip"), ("status", "started"), ("status", "remaining")),
    "carried": (("status", "remaining"),),
    "overdue": (("status", "remaining"),),
}
"""What may also be said of a figure: work in progress is started and still open."""


@dataclass(frozen=True, slots=True)
class Support:
    """One value a claim may rest on. `own` marks figures of the cited tasks; `words` are its id's and label's words.

    `noun` is set where the value stands in text (a task's notes): only that noun may follow it.
    """

    id: str
    value: float
    unit: str
    topics: Topics = frozenset()
    words: frozenset[str] = frozenset()
    of: float | None = None
    own: bool = False
    noun: str = ""
    shown: str = ""
    derived: bool = False

    @property
    def loose(self) -> Topics:
        """What may be said of it besides what it is."""
        return self.topics.union(*(ALSO.get(concept, ()) for _, concept in self.topics))

    @property
    def is_previous(self) -> bool:
        """Whether it is an earlier period's figure."""
        return PREVIOUS_TOPIC in self.topics

    def axis(self, name: str) -> set[str]:
        """What it is about on one axis."""
        return {concept for axis, concept in self.topics if axis == name}


@lru_cache(maxsize=4096)
def topics_of(fact_id: str, label: str) -> Topics:
    """What a fact is about: on each axis its id's words count, and its label's where the id says nothing."""
    found: dict[str, set[str]] = {}
    for text in (fact_id, label):
        told: dict[str, set[str]] = {}
        for axis, concept in topics_in(" ".join(words_of(text))):
            told.setdefault(axis, set()).add(concept)
        for axis, concepts in told.items():
            found.setdefault(axis, concepts)
    if _is_previous(fact_id, label):
        found["period"] = {"previous"}
    if {"day"} & set(words_of(fact_id)) and "sprint" in words_of(fact_id):
        found["subject"] = {"day"}
    return frozenset((axis, concept) for axis, concepts in found.items() for concept in concepts)


def about(fact: Fact, facts: Facts) -> Topics:
    """What a fact is about, whichever team's it is: a team's name says nothing of what is counted."""
    return topics_of(facts.bare(fact.id), fact.label)


@lru_cache(maxsize=4096)
def topics_in(text: str) -> Topics:
    """What lower-case words are about, turns of phrase first."""
    found = set()
    for pattern, word in PHRASES:
        if pattern.search(text):
            text = pattern.sub(" ", text)
            found |= set(concepts_in([word]))
    if PREVIOUS.search(text):
        text = PREVIOUS.sub(" ", text)
        found.add(PREVIOUS_TOPIC)
    return frozenset(found | set(concepts_in(re.findall(r"[a-z]+\d*", text))))


def _is_previous(fact_id: str, label: str) -> bool:
    in_label = re.search(
        r"(?<!since )(?<!since the )(?<!from )(?<!from the )\b(?:last|previous) (?:week|sprint|month)\b",
        label.lower(),
    )
    return bool(set(words_of(fact_id)) & PREVIOUS_IN_ID or in_label)


def of_facts(facts: Facts) -> tuple[Support, ...]:
    """Every numeric fact, and the coverage that footers print."""
    found = [
        support_of(fact, facts)
        for fact in facts.facts.values()
        if isinstance(fact.value, (int, float)) and not isinstance(fact.value, bool)
    ]
    read = frozenset({("subject", "read")})
    coverage = facts.coverage
    found += [
        Support(
            "coverage.tasks_read",
            coverage.tasks_read,
            "tasks",
            read,
            frozenset({"read"}),
            shown=str(coverage.tasks_read),
        ),
        Support(
            "coverage.comments_read",
            coverage.comments_read,
            "comments",
            read,
            frozenset({"read"}),
            shown=str(coverage.comments_read),
        ),
    ]
    for spot in coverage.blind_spots:
        found += in_text(spot, "coverage.blind_spots", own=False)
    for fact in facts.facts.values():
        texts = (fact.label, fact.rule, str(fact.value) if fact.unit == "text" else "")
        topics = about(fact, facts)
        percentile = next((stat for axis, stat in topics if axis == "stat" and stat[1:].isdigit()), "")
        if percentile:
            found.append(
                Support(fact.id, float(percentile[1:]), "text", topics, noun="%", shown=f"{percentile[1:]} %")
            )
        found += [
            replace(one, topics=one.topics | topics)
            for text in texts
            for one in in_text(text, fact.id, own=False)
        ]
    return tuple(found)


def support_of(fact: Fact, facts: Facts) -> Support:
    """A numeric fact as support."""
    assert isinstance(fact.value, (int, float))
    return Support(
        id=fact.id,
        value=float(fact.value),
        unit=fact.unit,
        topics=about(fact, facts),
        words=frozenset(words_of(f"{facts.bare(fact.id)} {fact.label}")),
        of=None if fact.of is None else float(fact.of),
        shown=show(fact),
    )


def of_tasks(gids: Iterable[str], facts: Facts) -> Iterator[Support]:
    """Figures, points and numbers in words of these tasks."""
    tasks = [facts.tasks[gid] for gid in dict.fromkeys(gids) if gid in facts.tasks]
    for task in tasks:
        yield from _of_task(task)
    points = [task.points for task in tasks if task.points is not None]
    if len(points) > 1:
        total = sum(points)
        yield Support(
            "points of the cited tasks",
            total,
            "points",
            frozenset({("subject", "estimate")}),
            own=True,
            shown=f"{total:g}",
            derived=True,
        )


def _of_task(task: TaskFact) -> Iterator[Support]:
    for name, value in task.figures.items():
        words = words_of(name)
        yield Support(
            id=f"tasks.{task.gid}.{name}",
            value=float(value),
            unit=_figure_unit(words),
            topics=topics_of(name, ""),
            words=frozenset(words),
            own=True,
            shown=f"{value:g}",
        )
    if task.points is not None:
        topics = frozenset({("subject", "estimate")})
        yield Support(
            f"tasks.{task.gid}.points",
            task.points,
            "points",
            topics,
            frozenset({"points"}),
            own=True,
            shown=f"{task.points:g}",
        )
    for key, text in (("name", task.name), *((f"notes.{key}", note) for key, note in task.notes.items())):
        yield from in_text(text, f"tasks.{task.gid}.{key}", own=True)


def _figure_unit(words: list[str]) -> str:
    """The unit told by a task figure's name; waits are in working days, ages in calendar days, others in either."""
    if "days" in words or "day" in words:
        if {"blocked", "working", "waiting", "wait"} & set(words) and "calendar" not in words:
            return "working_days"
        return "days" if {"age", "cycle", "lead", "calendar"} & set(words) else "any_days"
    return next((UNITS[word] for word in words if word in UNITS), "count")


def in_text(text: str, place: str, *, own: bool) -> Iterator[Support]:
    """Numbers that stand in text we were given, each with the noun that follows it."""
    for match in _NUMBER_IN_TEXT.finditer(text):
        word = match[1].lower()
        value = CARDINALS.get(word) if word.isalpha() else float(word.replace(",", "."))
        if value is not None:
            yield Support(
                place,
                float(value),
                "text",
                topics_in(text.lower()),
                own=own,
                noun=match[2].lower(),
                shown=match[0],
            )


def previous_of(support: Support, pool: Collection[Support]) -> Support | None:
    """The same figure one period earlier: by id (`X.last_week`, `X.previous`), else by what both are about."""
    if support.is_previous:
        return None
    earlier = [other for other in pool if other.is_previous and other.unit == support.unit]
    stem = list(re.split(r"[._]", support.id))
    by_id = [other for other in earlier if _without_period(other.id) == stem]
    if by_id:
        return by_id[0]
    about = support.topics
    stems = [re.split(r"[._]", other.id) for other in pool if not other.is_previous]
    alone = [other for other in earlier if _without_period(other.id) not in stems]
    alike = [other for other in alone if other.topics - {PREVIOUS_TOPIC} == about and about]
    return alike[0] if len(alike) == 1 else None


def _without_period(fact_id: str) -> list[str]:
    dropped = {*PREVIOUS_IN_ID, "week", "period", "time"}
    parts = re.split(r"[._]", fact_id)
    return [
        part
        for place, part in enumerate(parts)
        if not (part in dropped or (part == "sprint" and place and parts[place - 1] in PREVIOUS_IN_ID))
    ]


def by_id(pool: Iterable[Support]) -> Mapping[str, Support]:
    """Look-up by fact id."""
    return {support.id: support for support in pool if support.unit != "text"}
