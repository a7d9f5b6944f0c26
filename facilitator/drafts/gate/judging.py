"""Holds one claimed figure against its pool: which support it rests on, or what is wrong with it.

A number is right where some support has its value in its unit, is not about something else, and no other support fits
the words better with another value. Pure; the words of a fault are `telling`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from facilitator.drafts.gate.figures import Figure
from facilitator.drafts.gate.pool import Pool, derived
from facilitator.drafts.gate.supports import PREVIOUS_TOPIC, Support, Topics

DAYS = {"days": 1, "working_days": 1, "any_days": 1}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Either the support a figure rests on, or the kind of fault and the nearest support."""

    support: Support | None
    fault: str = ""
    near: Support | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One figure with its pool and the words of its sentence and of its own clause."""

    figure: Figure
    pool: Pool
    sentence: str
    clause: str

    @property
    def topics(self) -> Topics:
        """What the number is about: its sentence's subjects, else what the item leans on."""
        return self.figure.wider or self.pool.context


def judge(case: Case) -> Verdict:
    """Decide one figure."""
    figure, pool = case.figure, case.pool
    everything = [*pool.all(), *derived(figure, pool)]
    fitting = [support for support in everything if unit_fits(figure, support)]
    if figure.fact:
        return _placed(case, everything, fitting)
    fitting += _totals(figure, pool)
    matching = [support for support in fitting if value_fits(figure, support, fitting)]
    good = [support for support in matching if _sound(support, case, fitting)]
    right_of = [support for support in good if denominator_fits(figure, support, everything)]
    if right_of:
        return Verdict(max(right_of, key=lambda support: len(overlap(support, case.topics))))
    near = nearest(case, fitting or everything, everything)
    if good:
        return Verdict(None, "denominator", good[0])
    elsewhere = [s for s in everything if value_fits(figure, s, everything) and _sound(s, case, [s])]
    if figure.unit and not matching and elsewhere and (overlap(elsewhere[0], case.topics) or elsewhere[0].own):
        return Verdict(None, "unit", elsewhere[0])
    return Verdict(None, _kind(figure), near)


def _kind(figure: Figure) -> str:
    return "duration" if figure.unit in {"days", "working_days", "weeks", "hours", "months", "fortnights"} else "number"


def _placed(case: Case, everything: list[Support], fitting: list[Support]) -> Verdict:
    """A placeholder's value is right by construction; its unit, subject and denominator still have to be."""
    figure = case.figure
    own = next((support for support in case.pool.general if support.id == figure.fact), None)
    if own is None:
        return Verdict(None)
    if not unit_fits(figure, own):
        return Verdict(None, "unit", own)
    if not _sound(own, case, fitting, strict=False):
        better = nearest(case, [s for s in fitting if s.id != own.id], fitting)
        return Verdict(None, "number", better)
    if not denominator_fits(figure, own, everything):
        return Verdict(None, "denominator", own)
    return Verdict(own)


def unit_fits(figure: Figure, support: Support) -> bool:
    """Whether the noun beside the number is the support's unit."""
    unit = figure.unit
    if support.noun:
        return _text_fits(figure, support)
    if figure.noun:
        return support.unit == "count" and _stem(figure.noun) in {_stem(word) for word in support.words}
    if figure.share:
        return support.of is not None or support.unit == "percent"
    if not unit:
        return support.unit != "percent" or bool(figure.fact)
    if unit == "day_index":
        return "day" in support.axis("subject") and support.unit in DAYS
    if unit == "ordinal":
        return support.unit in {"count", "sprints"}
    if unit == "percent":
        return support.unit == "percent" or support.of is not None
    if unit == "days":
        return support.unit in {"days", "any_days"} or (support.unit == "working_days" and support.id.startswith("sprint"))
    if unit == "working_days":
        return support.unit in {"working_days", "any_days"}
    if unit in {"weeks", "fortnights"}:
        return support.unit in DAYS
    return unit == support.unit or (unit in {"tasks", "comments"} and support.unit == "count")


def _text_fits(figure: Figure, support: Support) -> bool:
    if figure.noun:
        return _stem(figure.noun) == _stem(support.noun)
    return bool(figure.unit) and _stem(support.noun) in {_stem(figure.unit), _stem(figure.unit.removesuffix("s"))}


def _stem(word: str) -> str:
    return word.removesuffix("s")


def value_fits(figure: Figure, support: Support, others: Iterable[Support] = ()) -> bool:
    """Whether the number is the support's value, as precisely as it is stated, or truly bounds it."""
    value = _in_unit(figure, support)
    if figure.share:
        return _share_fits(figure, support)
    if figure.bound in {">", "<", ">=", "<="}:
        return _bound_fits(figure, support, value, others)
    if figure.bound == "~":
        return abs(figure.value - value) <= max(0.5, 0.1 * abs(value))
    return _same(figure, value)


def _same(figure: Figure, value: float) -> bool:
    return abs(figure.value - value) < 1e-9 or abs(figure.value - round(value, figure.decimals)) < 1e-9


def _in_unit(figure: Figure, support: Support) -> float:
    if figure.unit == "percent" and support.unit != "percent" and support.of:
        return 100 * support.value / support.of
    if figure.unit == "weeks":
        return support.value / (5 if support.unit == "working_days" else 7)
    if figure.unit == "fortnights":
        return support.value / (10 if support.unit == "working_days" else 14)
    return support.value


def _share_fits(figure: Figure, support: Support) -> bool:
    share = support.value / support.of if support.of else support.value / 100
    return abs(share - figure.value) <= (0.06 if figure.bound else 0.015)


def _bound_fits(figure: Figure, support: Support, value: float, others: Iterable[Support]) -> bool:
    """ "More than 8 days": the thing measured is within reach of 8 and beyond it, or 8 is a line something crosses."""
    if _holds(figure.bound, value, figure.value):
        return abs(value - figure.value) <= max(1.0, 0.25 * abs(value))
    return _same(figure, value) and any(
        _holds(figure.bound, _in_unit(figure, other), figure.value) for other in others if other.own or overlap(other, figure.wider)
    )


def _holds(bound: str, value: float, limit: float) -> bool:
    return {">": value > limit, "<": value < limit, ">=": value >= limit, "<=": value <= limit}[bound]


def overlap(support: Support, topics: Topics) -> frozenset[tuple[str, str]]:
    """What words and support have in common."""
    return support.topics & topics


def _sound(support: Support, case: Case, fitting: list[Support], *, strict: bool = True) -> bool:
    """Not about something else, and not beaten by a support that fits the words better."""
    if support.noun:
        return support.own or bool(overlap(support, case.topics))
    if _labelled(support, case):
        return True
    if strict and _conflicts(support, case, fitting):
        return False
    return not any(_beats(rival, support, case, strict=strict) for rival in fitting)


def _labelled(support: Support, case: Case) -> bool:
    """Whether the sentence calls the figure by its own label."""
    label = case.pool.labels.get(support.id, "")
    return len(label.split()) > 1 and label in case.clause


def _conflicts(support: Support, case: Case, fitting: list[Support]) -> bool:
    figure = case.figure
    topics = case.topics
    if not figure.period_open or PREVIOUS_TOPIC in figure.topics:
        says_previous = PREVIOUS_TOPIC in topics
        if support.is_previous and not says_previous:
            return True
        if says_previous and not support.is_previous and any(rival.is_previous for rival in fitting):
            return True
    for axis in ("status", "stat", "subject"):
        said = {concept for name, concept in (figure.topics or topics) if name == axis}
        known = support.axis(axis)
        if said and known and not said & known and not (axis == "subject" and overlap(support, topics)):
            return True
    return "day" in support.axis("subject") and figure.unit != "day_index" and not _of_the_sprint(case)


def _of_the_sprint(case: Case) -> bool:
    return "sprint" in case.sentence


def _beats(rival: Support, support: Support, case: Case, *, strict: bool) -> bool:
    if _in_unit(case.figure, rival) == _in_unit(case.figure, support) or rival.unit == "text":
        return False
    topics = case.topics
    if rival.is_previous and PREVIOUS_TOPIC not in topics:
        return False
    theirs, ours = overlap(rival, topics), overlap(support, topics)
    if theirs > ours:
        return True
    if not strict or theirs != ours:
        return False
    if rival.own and not support.own and not theirs:
        return True
    return rival.id in case.pool.lean and support.id not in case.pool.lean and not support.own


def denominator_fits(figure: Figure, support: Support, everything: list[Support]) -> bool:
    """Whether B of "A of B" is A's own denominator, or a total in the same unit that A can be part of."""
    if figure.of is None:
        return True
    if support.of is not None and abs(support.of - figure.of) < 1e-9:
        return True
    if figure.of < support.value:
        return False
    totals = [s for s in everything if s.unit == support.unit and s.value == figure.of and s.id != support.id]
    if support.of is not None:
        return any("planned" in total.axis("status") and not total.is_previous for total in totals)
    return any(_is_total(total) for total in totals)


def _is_total(support: Support) -> bool:
    return bool({"planned", "remaining", "wip"} & support.axis("status") or {"total", "all", "days", "limit", "scope", "open"} & support.words) or (
        support.own and support.derived
    )


def _totals(figure: Figure, pool: Pool) -> list[Support]:
    """Denominators as figures of their own: the 14 of "2 of 14 blocked" in "14 tasks are open"."""
    return [
        replace(support, id=support.id, value=support.of, of=None, topics=frozenset(), own=False, shown=f"{support.of:g}", derived=True)
        for support in pool.general
        if support.of is not None and figure.of is None and unit_fits(figure, support)
    ]


def nearest(case: Case, first: list[Support], then: list[Support]) -> Support | None:
    """The support a writer most likely meant: alike in subject, the item's own, then close in value."""
    candidates = first or then
    return max(candidates, key=lambda support: _likeness(support, case), default=None)


def _likeness(support: Support, case: Case) -> tuple[int, bool, bool, bool, float]:
    conflict = _conflicts(support, case, [support])
    words = set(case.sentence.split())
    return (
        len(overlap(support, case.topics)) - 2 * conflict,
        support.id in case.pool.lean,
        support.own,
        bool(support.words & words),
        -abs(support.value - case.figure.value),
    )
