"""Whether one support fits one figure: in unit, in value as precisely as it is stated, and in denominator.

Asked by `judging`, which then chooses among those that fit. What a figure is about plays no part here, except where a
denominator is told by its adjective ("of the 3 blocked tasks").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from facilitator.drafts.gate.figures import Figure
from facilitator.drafts.gate.lexicon import UNITS
from facilitator.drafts.gate.pool import Pool
from facilitator.drafts.gate.supports import DAYS, Support, Topics


def unit_fits(figure: Figure, support: Support) -> bool:
    """Whether the noun beside the number is the support's unit."""
    unit = figure.unit
    if support.noun:
        return _text_fits(figure, support)
    if figure.times:  # "reopened twice" counts what was reopened and nothing else
        return support.unit in {"count", "sprints"} and bool(overlap(support, figure.wider))
    if figure.noun:
        if counts_cited(support):  # "three small repairs" of an item with three tasks
            return True
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
        return support.unit in {"days", "any_days"} or (
            support.unit == "working_days" and support.id.startswith("sprint")
        )
    if unit == "working_days":
        return support.unit in {"working_days", "any_days"}
    if unit in {"weeks", "fortnights"}:
        return support.unit in DAYS and not figure.fact
    return _count_fits(unit, support)


def _count_fits(unit: str, support: Support) -> bool:
    if unit == "count":
        return support.unit == "count" or (
            support.unit == "tasks" and bool(support.axis("subject") & {"actions", "risks"})
        )
    return unit == support.unit or (unit in {"tasks", "comments"} and support.unit == "count")


def _text_fits(figure: Figure, support: Support) -> bool:
    if figure.noun:
        return _stem(figure.noun) == _stem(support.noun)
    unit = "days" if figure.unit == "working_days" else figure.unit
    return bool(unit) and UNITS.get(support.noun) == unit


def _stem(word: str) -> str:
    return word.removesuffix("s")


def value_fits(figure: Figure, support: Support, others: Iterable[Support] = ()) -> bool:
    """Whether the number is the support's value, as precisely as it is stated, or truly bounds it."""
    value = in_unit(figure, support)
    if figure.share:
        return _share_fits(figure, support)
    if figure.bound in {">", "<", ">=", "<="}:
        return _bound_fits(figure, value, others)
    if figure.bound == "~":
        return abs(figure.value - value) <= max(0.5, 0.1 * abs(value))
    return same_value(figure, value)


def same_value(figure: Figure, value: float) -> bool:
    """Equal at the precision the figure is stated with: 8 fits 8.3, 8.5 does not."""
    if figure.unit in {"weeks", "fortnights"}:
        return abs(figure.value - value) < 1e-9
    return abs(figure.value - value) < 1e-9 or abs(figure.value - round(value, figure.decimals)) < 1e-9


def in_unit(figure: Figure, support: Support) -> float:
    """The support's value in the figure's unit: a share in percent, days in weeks."""
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


def _bound_fits(figure: Figure, value: float, others: Iterable[Support]) -> bool:
    """Text such as "More than 8 days": the thing measured is within reach of 8 and beyond it, or 8 is a line something crosses."""
    if figure.bound in {">", "<"} and _holds(figure.bound, value, figure.value):
        return abs(value - figure.value) <= max(1.0, 0.25 * abs(value))
    if figure.bound in {">=", "<="}:
        return same_value(figure, value)
    return same_value(figure, value) and any(
        _holds(figure.bound, in_unit(figure, other), figure.value)
        for other in others
        if other.own or overlap(other, figure.wider)
    )


def _holds(bound: str, value: float, limit: float) -> bool:
    return {">": value > limit, "<": value < limit, ">=": value >= limit, "<=": value <= limit}[bound]


def overlap(support: Support, topics: Topics) -> frozenset[tuple[str, str]]:
    """What words and support have in common."""
    return support.topics & topics


def counts_cited(support: Support) -> bool:
    """Whether it is the number of tasks the item cites."""
    return support.own and support.derived and support.unit == "tasks"


def denominator_fits(figure: Figure, support: Support, everything: list[Support]) -> bool:
    """Whether B of "A of B" is A's own denominator, or a total in the same unit that A can be part of."""
    if figure.of is None:
        return True
    total = next((s for s in everything if s.id == figure.of_fact), None)
    if total is not None and total.unit != support.unit:
        return False
    if support.of is not None and abs(support.of - figure.of) < 1e-9:
        return True
    exact = any(s.of == figure.of and s.unit == support.unit and s.id != support.id for s in everything)
    if support.of is None and not support.own and exact and not overlap(support, figure.wider):
        return False
    if figure.of < support.value:
        return False
    if counts_cited(support):
        return _part_of_list(figure, everything)
    totals = [s for s in everything if s.unit == support.unit and s.value == figure.of and s.id != support.id]
    if support.of is not None:
        named = ("status", "planned") in figure.of_topics | figure.wider or bool(figure.of_fact)
        return named and any("planned" in total.axis("status") and not total.is_previous for total in totals)
    return any(_is_total(total) for total in totals)


def _part_of_list(figure: Figure, everything: list[Support]) -> bool:
    """Text such as "Two of the three blocked tasks": the cited tasks among a list's."""
    return any(
        other.unit == "tasks"
        and other.value == figure.of
        and not other.noun
        and not other.derived
        and (overlap(other, figure.of_topics or figure.wider) or not figure.wider)
        for other in everything
    )


def _is_total(support: Support) -> bool:
    return bool(
        {"planned", "remaining", "wip"} & support.axis("status")
        or {"total", "all", "days", "limit", "scope", "open"} & support.words
    ) or (support.own and support.derived)


def wholes(figure: Figure, pool: Pool) -> list[Support]:
    """Denominators as figures of their own: the 14 of "2 of 14 blocked" in "14 tasks are open"."""
    return [
        replace(
            support,
            id=f"{support.id}, its whole",
            value=support.of,
            of=None,
            topics=frozenset(),
            own=False,
            shown=f"{support.of:g}",
            derived=True,
        )
        for support in pool.general
        if support.of is not None
        and figure.of is None
        and figure.unit != "day_index"
        and unit_fits(figure, support)
    ]
