"""Tells a fault so that its writer can mend it: the sentence, the words at fault, the nearest fact and its value."""

from __future__ import annotations

from facilitator.board.facts import Facts, show
from facilitator.drafts.faults import Fault
from facilitator.drafts.gate.reading import Reading
from facilitator.drafts.gate.supports import Support

_UNIT_WORDS = {"working_days": "working days", "any_days": "days", "count": "", "text": ""}


def fault(
    reading: Reading, kind: str, at: int, claim: str, message: str, *, fact: str = "", right: str = ""
) -> Fault:
    """A fault of the gate at one token of a passage."""
    return Fault(
        check=f"gate.{kind}",
        where=reading.where,
        message=message,
        sentence=reading.quote(at) if reading.tokens else reading.text,
        claim=claim,
        fact=fact,
        right=right,
    )


def value_of(support: Support) -> str:
    """A support's value with its unit: 4 working days."""
    if support.unit == "percent":
        return support.shown
    unit = (support.noun and "") or _UNIT_WORDS.get(support.unit, support.unit)
    if support.value == 1 and unit.endswith("s"):
        unit = unit.removesuffix("s")
    return f"{support.shown} {unit}".strip()


def remedy(support: Support | None, facts: Facts) -> str:
    """What to write instead: a placeholder where a fact holds it, else the right words, else nothing."""
    if support is None:
        return "nothing in the facts holds it; leave it out"
    if support.id in facts.facts:
        fact = facts.facts[support.id]
        return f"{fact.label} is {value_of(support)}; write {{{fact.id}}}"
    return f"{support.id} is {value_of(support)}; write that, or leave the figure out"


def shown(fact_id: str, facts: Facts) -> str:
    """A fact's value by id, or nothing."""
    found = facts.facts.get(fact_id)
    return show(found) if found is not None else ""
