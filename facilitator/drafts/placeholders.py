"""Figures by name: `{sprint.done_points}` in free text stands for a fact's value.

The agent writes the name, code writes the value. There are no placeholders for a single task's figures: the comment
template puts those beside the task's link. This module does not judge which figures a sentence may use; `gate` does.
"""

from __future__ import annotations

import difflib
import re

from facilitator.board.facts import Facts, show
from facilitator.drafts.faults import Fault
from facilitator.errors import FacilitatorError

PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9_.-]*)\}")
"""A fact id in braces; group 1 is the id."""


class UnknownFact(FacilitatorError):  # noqa: N818 - said as people say it
    """A draft that was never checked reached the template: it names a fact that does not exist."""

    code = "unknown_fact"

    def __init__(self, fact_id: str, near: str) -> None:
        super().__init__(
            f"the draft uses {{{fact_id}}}, and the facts have no such id",
            suggestion=f"use {{{near}}}" if near else "run draft_check and mend what it lists",
        )


def names(text: str) -> tuple[str, ...]:
    """The fact ids a text uses, in reading order, repeats included."""
    return tuple(PLACEHOLDER.findall(text))


def fill(text: str, facts: Facts) -> str:
    """The text with every placeholder replaced once (values are not read again); raises `UnknownFact`."""

    def value(match: re.Match[str]) -> str:
        fact = facts.facts.get(match[1])
        if fact is None:
            raise UnknownFact(match[1], nearest(match[1], facts))
        return show(fact)

    return PLACEHOLDER.sub(value, text)


def fill_known(text: str, facts: Facts) -> str:
    """As `fill`, but an unknown placeholder stays as it was written: for counting words of an unchecked draft."""
    return PLACEHOLDER.sub(
        lambda match: show(facts.facts[match[1]]) if match[1] in facts.facts else match[0], text
    )


def nearest(fact_id: str, facts: Facts) -> str:
    """The existing id most like this one, or nothing."""
    return next(iter(difflib.get_close_matches(fact_id, list(facts.facts), n=1, cutoff=0.5)), "")


def placeholder_faults(text: str, facts: Facts, where: str) -> list[Fault]:
    """Unknown ids, and braces that are no placeholder."""
    return [_unknown(name, text, facts, where) for name in names(text) if name not in facts.facts] + [
        Fault(
            check="placeholder",
            where=where,
            message="a brace that encloses no fact id; write {fact.id} or leave braces out",
            sentence=text,
            claim=brace,
        )
        for brace in re.findall(r"[{}]", PLACEHOLDER.sub("", text))[:1]
    ]


def _unknown(name: str, text: str, facts: Facts, where: str) -> Fault:
    near = nearest(name, facts)
    return Fault(
        check="placeholder",
        where=where,
        message=f"there is no fact {{{name}}}" + (f"; the nearest is {{{near}}}" if near else ""),
        sentence=text,
        claim=f"{{{name}}}",
        fact=near,
        right=show(facts.facts[near]) if near else "",
    )
