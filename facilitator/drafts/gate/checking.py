"""The gate's one question: which claims of this draft do the facts not support?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from facilitator.board.facts import Facts, show
from facilitator.drafts.citing import due_supported, owner_known
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.drafts.gate import names, states, teams, times, trends
from facilitator.drafts.gate.figures import Figure, each_range, figures
from facilitator.drafts.gate.judging import Case, Verdict, judge
from facilitator.drafts.gate.pool import Pool, labels_of, pool_for
from facilitator.drafts.gate.reading import Reading, readings
from facilitator.drafts.gate.supports import Support, of_facts
from facilitator.drafts.gate.telling import fault, remedy, value_of

_PROPOSED = re.compile(r"\b(?:split|break|cut|divide|slice|turn|merge)\b[^.;]*\b(?:into|in)$")


def check(draft: Draft, facts: Facts) -> list[Fault]:
    """Every claim of the draft's free text that the facts do not support, in reading order.

    Equal drafts and facts give equal faults. Check ids: gate.number, gate.date, gate.duration, gate.person, gate.task,
    gate.state, gate.unit, gate.denominator, gate.trend, gate.team.
    """
    general, labels = of_facts(facts), labels_of(facts)
    found = [fault for reading in readings(draft, facts) for fault in _passage(reading, general, labels)]
    found += [replace(one, check="gate.person") for one in owner_known(draft, facts)]
    found += [replace(one, check="gate.date") for one in due_supported(draft, facts)]
    return found


def _passage(reading: Reading, general: tuple[Support, ...], labels: Mapping[str, str]) -> Iterator[Fault]:
    if not reading.tokens:
        return
    pool = pool_for(reading, general, labels)
    yield from names.task_faults(reading)
    days = times.mentions(reading)
    yield from names.person_faults(reading, times.taken(days))
    taken = set(times.taken(days)) | _gids(reading)
    yield from names.sprint_faults(reading, taken)
    yield from times.date_faults(reading, days)
    yield from times.clock_faults(reading)
    yield from times.relative_faults(reading)
    rests: list[tuple[Figure, Support]] = []
    yield from _figure_faults(reading, pool, frozenset(taken), rests)
    yield from teams.team_faults(reading)
    yield from states.state_faults(reading)
    yield from states.verdict_faults(reading)
    for scene in trends.scenes(reading, pool, rests):
        yield from trends.trend_faults(scene)
        yield from trends.plan_faults(scene)


def _gids(reading: Reading) -> set[int]:
    return {
        index
        for index, token in enumerate(reading.tokens)
        if token.kind == "number" and names.is_gid(token, reading.facts)
    }


def _figure_faults(
    reading: Reading, pool: Pool, taken: frozenset[int], rests: list[tuple[Figure, Support]]
) -> Iterator[Fault]:
    """Judge each figure; those that hold are added to `rests` with what they rest on."""
    found = figures(reading, taken)
    for figure in found:
        if _is_target(reading, figure):
            continue
        verdict = judge(_case(reading, figure, teams.within(pool, reading, figure.at)))
        if verdict.support is not None:
            rests.append((figure, verdict.support))
        elif verdict.fault:
            yield _told(reading, figure, verdict)
    for low, high in each_range(reading, found):
        if low.value > high.value and reading.key(low.at - 1) != "from":
            claim = reading.span(low.at, high.last)
            yield fault(
                reading, "number", low.at, claim, f"the range '{claim}' runs backwards; put the smaller first"
            )


def _case(reading: Reading, figure: Figure, pool: Pool) -> Case:
    first, last = reading.segment(figure.at)
    begin, end = reading.sentence(figure.at)
    return Case(figure, pool, reading.lower(begin, end), reading.lower(first, last))


def _is_target(reading: Reading, figure: Figure) -> bool:
    """A bounded figure of a signal is a wish for later, and "split it into two" a proposal; neither claims a fact."""
    if reading.part == "signal" and figure.bound and not figure.fact:
        return True
    first, _ = reading.sentence(figure.at)
    proposed = reading.part in {"next_step", "signal"} or reading.section in {"actions", "next"}
    return proposed and bool(_PROPOSED.search(reading.lower(first, figure.at)))


def _told(reading: Reading, figure: Figure, verdict: Verdict) -> Fault:
    near = verdict.near
    claim = reading.span(figure.first, figure.last)
    right = value_of(near) if near is not None else ""
    if verdict.fault == "denominator" and near is not None:
        return _denominator(reading, figure, near, claim)
    if verdict.fault == "unit" and near is not None:
        message = f"'{claim}' has the wrong unit: {near.id} is {right}; write that unit"
    elif figure.fact:
        message = f"{{{figure.fact}}} is not what the sentence says it is; {remedy(near, reading.facts)}"
    else:
        message = f"'{claim}' is not supported; {remedy(near, reading.facts)}"
    fact = near.id if near is not None else ""
    return fault(reading, verdict.fault, figure.at, claim, message, fact=fact, right=right)


def _denominator(reading: Reading, figure: Figure, near: Support, claim: str) -> Fault:
    total = f"{near.of:g}" if near.of is not None else ""
    ending = f"write 'of {total}'" if total else "it has no denominator; leave the 'of' out"
    known = reading.facts.facts.get(near.id)
    right = f"{show(known)} of {total}" if known is not None and total else value_of(near)
    return fault(
        reading,
        "denominator",
        figure.at,
        claim,
        f"'{claim}' has the wrong denominator: {ending}",
        fact=near.id,
        right=right,
    )
