"""Whose figure it is: in a document over several teams, each team's figures are said of that team and of no other.

A figure belongs to the team that its clause names, else to the last one its sentence named before it, else to the team its
item is about. It knows names and places; whether the figure is right is `judging`'s question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from facilitator.board.facts import Facts, show
from facilitator.drafts.draft import Draft, Item
from facilitator.drafts.faults import Fault
from facilitator.drafts.gate.pool import Pool
from facilitator.drafts.gate.reading import Reading, readings
from facilitator.drafts.gate.telling import fault

GROUP = frozenset({"team", "squad"})
_PLAIN = frozenset(
    "product platform design data core development engineering support the this that each every one no".split()
)


def whose(draft: Draft, facts: Facts) -> list[Fault]:
    """Every figure said of a team that is another's or all teams' together, and every item that mixes teams up."""
    found = [fault for reading in readings(draft, facts) for fault in team_faults(reading)]
    for section in draft.sections:
        for place, item in enumerate(section.items):
            found += _mixed(f"{section.id}[{place}]", item, facts)
    return found


def team_faults(reading: Reading) -> Iterator[Fault]:
    """Figures of one team that the words give to another, and teams nobody knows."""
    facts = reading.facts
    if not facts.teams:
        return
    for index, token in enumerate(reading.tokens):
        # A value of several tokens ("12 %") is one figure.
        if token.fact in facts.facts and (index == 0 or reading.tokens[index - 1].fact != token.fact):
            yield from _misplaced(reading, index, token.fact)
    yield from _unknown(reading)


def spoken_of(reading: Reading, index: int) -> frozenset[str]:
    """The teams that the words around a token speak of; none where they speak of all teams."""
    first, last = reading.segment(index)
    if here := _named(reading, first, last):
        return frozenset(here)
    begin, end = reading.sentence(index)
    if before := _named(reading, begin, first):
        return frozenset(before[-1:])
    if after := _named(reading, last, end):
        return frozenset(after[:1])
    return frozenset(teams_of(reading.item, reading.facts)) if reading.item else frozenset()


def teams_of(item: Item, facts: Facts) -> tuple[str, ...]:
    """The teams an item is about: those its facts and its tasks belong to."""
    told = [facts.team_of(name) for name in item.facts]
    cited = [facts.tasks[gid].team for gid in item.tasks if gid in facts.tasks]
    return tuple(dict.fromkeys(key for key in (*told, *cited) if key))


def within(pool: Pool, reading: Reading, index: int) -> Pool:
    """What a figure at this place may rest on: of teams' own figures those of the teams that are spoken of."""
    facts = reading.facts
    if not facts.teams:
        return pool
    meant = spoken_of(reading, index)
    kept = tuple(one for one in pool.general if (key := facts.team_of(one.id)) == "" or key in meant)
    return replace(pool, general=kept)


def _named(reading: Reading, first: int, last: int) -> list[str]:
    return [token.name for token in reading.tokens[first:last] if token.kind == "team"]


def _misplaced(reading: Reading, index: int, fact_id: str) -> Iterator[Fault]:
    facts = reading.facts
    key, meant = facts.team_of(fact_id), spoken_of(reading, index)
    token = reading.tokens[index]
    if key and key not in meant:
        said = f"not of {_names(meant, facts)}" if meant else "and the sentence names no team"
        message = f"{{{fact_id}}} is {facts.teams[key]}'s, {said}; {_remedy(fact_id, meant, facts)}"
        yield fault(reading, "team", index, token.text, message, fact=fact_id, right=facts.teams[key])
    own = [f"{one}.{fact_id}" for one in meant if f"{one}.{fact_id}" in facts.facts]
    first, last = reading.segment(index)
    if not key and own and _named(reading, first, last):
        right = show(facts.facts[own[0]])
        message = f"{{{fact_id}}} counts all teams together; of {_names(meant, facts)} write {{{own[0]}}}"
        yield fault(reading, "team", index, token.text, message, fact=own[0], right=right)


def _remedy(fact_id: str, meant: frozenset[str], facts: Facts) -> str:
    better = [name for key in sorted(meant) if (name := f"{key}.{facts.bare(fact_id)}") in facts.facts]
    return f"write {{{better[0]}}}" if len(better) == 1 else "say it beside that team's name, or leave it out"


def _names(keys: frozenset[str], facts: Facts) -> str:
    return " and ".join(sorted(facts.teams[key] for key in keys))


def _mixed(where: str, item: Item, facts: Facts) -> Iterator[Fault]:
    """An item that tells one team's figures and cites another team's task speaks of two teams as of one."""
    told = {key for name in item.facts if (key := facts.team_of(name))}
    for gid in item.tasks:
        team = facts.tasks[gid].team if gid in facts.tasks else ""
        if told and team and team not in told:
            message = f"tells of {_names(frozenset(told), facts)} and cites a task of {facts.teams[team]}; make two items of it"
            yield Fault("gate.team", f"{where}.tasks", message, item.text, gid)


def _unknown(reading: Reading) -> Iterator[Fault]:
    """Text such as "the Payments team" where no team of the document is called so."""
    for index, token in enumerate(reading.tokens):
        before = reading.tokens[index - 1] if index else None
        if token.kind != "word" or token.key not in GROUP or before is None or before.kind != "word":
            continue
        capital = before.text[:1].isupper() and reading.sentence(index)[0] != index - 1
        if capital and before.key not in _PLAIN:
            claim = reading.span(index - 1, index + 1)
            known = ", ".join(reading.facts.teams.values())
            message = f"no team of this document is called {before.text}; there are {known}"
            yield fault(reading, "team", index - 1, claim, message, right=known)
