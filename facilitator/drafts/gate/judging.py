"""Holds one claimed figure against its pool: which support it rests on, or what is wrong with it.

A number is right where some support has its value in its unit, is not about something else, and no other support fits
the words better with another value. Pure; the words of a fault are `telling`'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from facilitator.drafts.gate.figures import Figure
from facilitator.drafts.gate.fitting import (
    counts_cited,
    denominator_fits,
    in_unit,
    overlap,
    same_value,
    unit_fits,
    value_fits,
    wholes,
)
from facilitator.drafts.gate.lexicon import FUNCTION_WORDS, UNITS
from facilitator.drafts.gate.pool import Pool, derived
from facilitator.drafts.gate.subjects import CHANGE, GAP
from facilitator.drafts.gate.supports import DAYS, PREVIOUS_TOPIC, Support, Topics


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
    fitting = _compared_only(figure, everything, fitting + wholes(figure, pool))
    matching = [support for support in fitting if value_fits(figure, support, fitting)]
    good = [support for support in matching if _sound(support, case, fitting)]
    right_of = [support for support in good if denominator_fits(figure, support, everything)]
    if right_of:
        best = max(right_of, key=lambda support: len(overlap(support, case.topics)))
        told = best.noun or best.own or figure.unit == "day_index"
        other_unit = (
            None if told or best.loose & case.topics else _in_other_unit(case, everything, named=True)
        )
        other_unit = other_unit or _own_in_other_unit(case, best)
        if other_unit is not None:
            return Verdict(None, "unit", other_unit)
        meant = None if told or best.derived or figure.unit else _meant_elsewhere(case, best, everything)
        return Verdict(None, "number", meant) if meant is not None else Verdict(best)
    near = nearest(case, fitting or everything, everything)
    if good:
        return Verdict(None, "denominator", good[0])
    other_unit = _in_other_unit(case, everything)
    if other_unit is not None and (other_unit.own or not matching):
        return Verdict(None, "unit", other_unit)
    return Verdict(None, _kind(figure), near)


def _compared_only(figure: Figure, everything: list[Support], fitting: list[Support]) -> list[Support]:
    """A gap from plan, or a change since last time, can only be a gap or change where the facts have one."""
    for mark in (GAP, CHANGE):
        marked = [support for support in everything if mark in support.topics]
        alone = figure.wider <= {GAP, CHANGE} or mark == GAP
        if mark in figure.topics and any(
            alone or overlap(support, figure.wider) > {mark} for support in marked
        ):
            return [support for support in fitting if mark in support.topics or support.noun]
    return fitting


def _in_other_unit(case: Case, everything: Sequence[Support], *, named: bool = False) -> Support | None:
    """A figure with this value about this very subject, but counted in something else."""
    figure = case.figure
    if not figure.unit:
        return None
    return next(
        (
            support
            for support in everything
            if not support.noun
            and not support.derived
            and not unit_fits(figure, support)
            and same_value(figure, support.value)
            and ((support.own and not named) or overlap(support, case.topics))
            and not _conflicts(support, case, [support])
        ),
        None,
    )


def _own_in_other_unit(case: Case, best: Support) -> Support | None:
    """Text such as "Blocked for 12 days" of a task that is 12 days old and blocked for 8 working days."""
    if not best.own or best.noun or best.loose & case.topics or case.figure.unit not in DAYS:
        return None
    said = frozenset(topic for topic in case.figure.topics if topic[0] == "status")
    own = (one for one in case.pool.own if one.topics & said and one.unit in DAYS)
    return next((one for one in own if not unit_fits(case.figure, one)), None)


def _kind(figure: Figure) -> str:
    return (
        "duration"
        if figure.unit in {"days", "working_days", "weeks", "hours", "months", "fortnights"}
        else "number"
    )


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
    meant = _meant_elsewhere(case, own, everything)
    return Verdict(None, "unit", meant) if meant is not None else Verdict(own)


def _spoken_of(case: Case) -> Topics:
    """The clause's own subjects, or its sentence's where the clause has none but a period."""
    own = case.figure.topics
    return own if any(axis not in {"period", "cmp"} for axis, _ in own) else case.figure.wider


def _meant_elsewhere(case: Case, own: Support, everything: list[Support]) -> Support | None:
    """Another unit's figure that the words speak of, where nothing in them speaks of the one that was put in."""
    said = frozenset(
        topic
        for topic in _spoken_of(case)
        if topic[0] in {"status", "stat"} or topic[1] in _TEAM_SUBJECTS | {"limit"}
    )
    if (
        own.loose & (_spoken_of(case) or case.topics)
        or _likes(own, case)
        or _labelled(own, case)
        or case.figure.unit == "day_index"
    ):
        return None
    return next(
        (
            s
            for s in everything
            if s.topics & said and s.unit != own.unit and not s.noun and not s.own and not s.derived
        ),
        None,
    )


def _sound(support: Support, case: Case, fitting: list[Support], *, strict: bool = True) -> bool:
    """Not about something else, and not beaten by a support that fits the words better."""
    if support.noun:
        return support.own or _text_is_meant(support, case, fitting)
    if case.figure.unit == "percent" and support.unit != "percent" and not overlap(support, case.topics):
        return False
    if _wrong_period(support, case, fitting):
        return False
    if _labelled(support, case):
        return True
    if strict and _conflicts(support, case, fitting):
        return False
    return not any(_beats(rival, support, case, strict=strict) for rival in fitting)


def _text_is_meant(support: Support, case: Case, fitting: list[Support]) -> bool:
    """A number in a rule or label counts where the words speak of it, and of no percentage of the facts."""
    about = frozenset(topic for topic in case.topics if topic[0] != "stat")
    shares = any(rival.unit == "percent" and overlap(rival, about) for rival in fitting)
    return bool(overlap(support, case.topics)) and not (support.noun == "%" and shares)


def _labelled(support: Support, case: Case) -> bool:
    """Whether the sentence calls the figure by its own label."""
    label = case.pool.labels.get(support.id, "")
    return len(label.split()) > 1 and label in case.clause


def _conflicts(support: Support, case: Case, fitting: list[Support]) -> bool:
    figure = case.figure
    topics = case.topics
    if _wrong_period(support, case, fitting) or _is_unnamed_limit(support, case):
        return True
    if support.own and not support.noun and _is_of_the_team(figure, support):
        return True
    for axis in ("status", "stat", "subject"):
        said = {concept for name, concept in (figure.topics or topics) if name == axis}
        known = {concept for name, concept in support.loose if name == axis}
        if support.own and axis == "status":
            continue
        if (
            said
            and known
            and not said & known
            and not any(name not in {axis, "period"} for name, _ in overlap(support, figure.topics or topics))
        ):
            return True
    if "day" not in support.axis("subject") or figure.unit == "day_index":
        return False
    return not _of_the_sprint(case) and (figure.of is None or figure.of != support.of)


_TEAM_SUBJECTS = frozenset(
    {"cycle", "lead", "forecast", "velocity", "throughput", "scope", "hygiene", "saydo"}
)


def _is_of_the_team(figure: Figure, support: Support) -> bool:
    """Whether the words speak of the whole team's work, so that one task's figure cannot be meant."""
    if any(axis == "subject" and concept in _TEAM_SUBJECTS for axis, concept in figure.topics):
        return True
    counted = any(axis == "status" and concept in _OF_TASKS for axis, concept in figure.topics)
    return support.unit == "points" and (_team_status(figure) or figure.of is not None or counted)


def _is_unnamed_limit(support: Support, case: Case) -> bool:
    """A limit is no count: "9 tasks in progress" cannot rest on a limit of 9."""
    named = ("subject", "limit") in case.topics or case.figure.bound or case.figure.period_open
    return "limit" in support.axis("subject") and not named


def _wrong_period(support: Support, case: Case, fitting: list[Support]) -> bool:
    """Last week's figure for this week's, or the other way round."""
    if case.figure.period_open and PREVIOUS_TOPIC not in case.figure.topics:
        return False
    says_previous = PREVIOUS_TOPIC in case.topics
    if support.is_previous:
        return not says_previous
    return says_previous and any(rival.is_previous for rival in fitting)


def _of_the_sprint(case: Case) -> bool:
    return "sprint" in case.sentence


def _beats(  # noqa: PLR0912 - a list of tie-breaks, read top to bottom
    rival: Support, support: Support, case: Case, *, strict: bool
) -> bool:
    if in_unit(case.figure, rival) == in_unit(case.figure, support) or rival.unit == "text":
        return False
    topics = case.topics
    if rival.is_previous and PREVIOUS_TOPIC not in topics:
        return False
    if (case.figure.unit == "percent" and rival.unit != "percent") or (
        case.figure.fact and (rival.derived or rival.unit != support.unit)
    ):
        return False
    if counts_cited(rival) and case.figure.whole:
        return True
    if counts_cited(support) and (case.figure.whole or case.figure.of is not None):
        return False
    if support.own and case.figure.unit and not rival.own:
        return False
    if (
        strict
        and rival.own
        and not counts_cited(rival)
        and case.figure.unit
        and not support.own
        and not _speaks_of_more(case)
    ):
        return True
    compared = rival.topics & topics & {GAP, CHANGE}
    if rival.derived and not support.derived and not counts_cited(rival) and not compared:
        return False
    if rival.axis("subject") & _SELDOM_MEANT - {concept for _, concept in topics}:
        return False
    if case.figure.fact:
        topics = frozenset(topic for topic in topics if topic[0] != "cmp")
    theirs, ours = overlap(rival, topics), overlap(support, topics)
    if theirs > ours:
        return True
    if not strict or theirs != ours or _likes(support, case) > _likes(rival, case):
        return False
    if rival.own and not support.own and not support.loose & topics:
        return True
    return rival.id in case.pool.lean and support.id not in case.pool.lean and not support.own


_SELDOM_MEANT = frozenset({"actions", "risks", "limit", "estimate", "read", "forecast", "day"})
"""Subjects a sentence has to name before their figures count as what it speaks of."""


_OF_TASKS = frozenset({"overdue", "stale", "unassigned", "unestimated", "in_review"})
_TEAM_STATUS = frozenset({"added", "removed", "planned", "expected"})
_TEAM_WORDS = frozenset(
    "sprint team team's scope throughput velocity cycle forecast median p50 p85 limit line plan usual usually typical average".split()
)


def _speaks_of_more(case: Case) -> bool:
    """Whether the clause speaks of more than the cited tasks: the sprint, the team's p85."""
    if case.figure.bound in {">", "<", ">=", "<="}:
        return True
    if any(
        axis in {"period", "cmp"} or (axis == "subject" and concept != "estimate")
        for axis, concept in case.topics
    ):
        return True
    summed = re.search(
        r"\b(?:in all|altogether|in total|together|across|adds? up|sums? up|most)\b", case.clause
    )
    return bool(summed or _TEAM_WORDS & set(case.clause.split()) or _team_status(case.figure))


def _team_status(figure: Figure) -> bool:
    return any(axis == "status" and concept in _TEAM_STATUS for axis, concept in figure.topics)


def _likes(support: Support, case: Case) -> int:
    """How many of the support's own words the clause uses, units aside."""
    return len((support.words - UNITS.keys() - FUNCTION_WORDS) & set(case.clause.split()))


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
