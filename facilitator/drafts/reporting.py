"""Checks for documents that report over a period: one sentence, the rules' own status, ranges whole, nothing idle.

Factories and checks beside `checks`, for any ceremony that sets a status, compares with an earlier period or reports on
what moved. Like the rest they need no judgement: they read placeholders and ids, and a few words about the status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from facilitator.board.facts import Facts, show
from facilitator.drafts import citing, shape, wording
from facilitator.drafts.checks import Check
from facilitator.drafts.draft import Draft, Item
from facilitator.drafts.faults import Fault
from facilitator.drafts.placeholders import PLACEHOLDER, names

_END = re.compile(r"[.!?…](?=\s+\S)")
_STATUS = re.compile(r"\b(?:on[ -]track|at[ -]risk|off[ -]track|red|amber|yellow|green)\b", re.IGNORECASE)
_CLAIMS = {
    "on_track": re.compile(r"(?<!not )(?<!back )\bon[ -]track\b", re.IGNORECASE),
    "off_track": re.compile(r"(?<!not )\boff[ -]track\b", re.IGNORECASE),
}


def one_sentence(draft: Draft, facts: Facts) -> list[Fault]:
    """The headline is one sentence, whatever its figures hold."""
    del facts  # a sentence ends where it ends, whatever the figures are
    inside = _END.search(PLACEHOLDER.sub("0", draft.headline))
    if not inside:
        return []
    message = "is more than one sentence; join them with a comma or a colon, or leave one out"
    return [Fault("headline", "headline", message, draft.headline, inside[0])]


def tells_change(*, of: str = "status.last", suffix: str = ".last_week") -> Check:
    """The headline holds a figure of the period before: the fact `of`, or one whose id ends in `suffix`."""

    def check(draft: Draft, facts: Facts) -> list[Fault]:
        if facts.document.quiet or any(name == of or name.endswith(suffix) for name in names(draft.headline)):
            return []
        near = next((name for name in facts.facts if name.endswith(suffix)), of)
        message = f"does not tell the change; use {{{near}}}"
        return [Fault("headline", "headline", message, draft.headline, fact=near, right=_shown(near, facts))]

    return check


def status_by_rule(*, shown: str = "status.colour", kind: str = "status.type") -> Check:
    """The headline tells the status by the fact `shown`, once, and nothing contradicts the fact `kind`."""

    def check(draft: Draft, facts: Facts) -> list[Fault]:
        return [*_status_in_headline(draft, facts, shown), *_contradictions(draft, facts, shown, kind)]

    return check


def whole_range(*ends: str) -> Check:
    """A passage that uses one of these facts uses all of them: one end of a range is heard as a promise."""

    def check(draft: Draft, facts: Facts) -> list[Fault]:
        faults = []
        for passage in wording.passages(draft):
            used = set(names(passage.text)) & set(ends)
            if used and len(used) < len(ends):
                missing = next(end for end in ends if end not in used)
                message = f"gives one end of a range; tell {' and '.join(f'{{{end}}}' for end in ends)}"
                faults.append(
                    Fault(
                        "range",
                        passage.where,
                        message,
                        passage.text,
                        fact=missing,
                        right=_shown(missing, facts),
                    )
                )
        return faults

    return check


def nothing_idle(*, days: int, besides: tuple[str, ...] = (), figure: str = "idle_days") -> Check:
    """No item cites a task whose `figure` has reached `days`, except in the sections `besides`."""

    def check(draft: Draft, facts: Facts) -> list[Fault]:
        return [
            Fault(
                "idle",
                f"{where}.tasks",
                f"{citing.task_name(gid, facts)} lay still for {idle:g} days; leave it out, it is counted",
                item.text,
                gid,
            )
            for section, where, item in _placed(draft)
            if section not in besides
            for gid in item.tasks
            if gid in facts.tasks and (idle := facts.tasks[gid].figures.get(figure, 0)) >= days
        ]

    return check


def section_cites(section: str) -> Check:
    """The section cites only tasks of the list facts it may draw on."""
    return partial(citing.cites_from, section=section)


def rests_on_something(section: str) -> Check:
    """Each item of the section cites a task or names a fact it leans on."""

    def check(draft: Draft, facts: Facts) -> list[Fault]:
        return [
            Fault(
                "rests",
                f"{section}[{index}]",
                "rests on no task and no fact; cite one or leave it out",
                item.text,
            )
            for _spec, given in shape.paired(draft, facts, section)
            for index, item in enumerate(given.items)
            if not item.tasks and not item.facts
        ]

    return check


def _status_in_headline(draft: Draft, facts: Facts, shown: str) -> Iterator[Fault]:
    used = names(draft.headline).count(shown)
    right = _shown(shown, facts)
    if used != 1:
        message = f"tells the status {used} times; use {{{shown}}} once"
        yield Fault("status", "headline", message, draft.headline, fact=shown, right=right)
    typed = _STATUS.search(PLACEHOLDER.sub(" ", draft.headline))
    if typed:
        message = f"types the status {typed[0]!r}; only {{{shown}}} may tell it"
        yield Fault("status", "headline", message, draft.headline, typed[0], shown, right)


def _contradictions(draft: Draft, facts: Facts, shown: str, kind: str) -> Iterator[Fault]:
    known = facts.facts.get(kind)
    for claimed, pattern in _CLAIMS.items():
        if known is None or claimed == known.value:
            continue
        for passage in wording.passages(draft):
            match = pattern.search(passage.text) if passage.item else None
            if match:
                message = f"says {match[0]!r} against the status"
                right = _shown(shown, facts)
                yield Fault("status", passage.where, message, passage.text, match[0], shown, right)


def _placed(draft: Draft) -> Iterator[tuple[str, str, Item]]:
    for section in draft.sections:
        for index, item in enumerate(section.items):
            yield section.id, f"{section.id}[{index}]", item


def _shown(fact_id: str, facts: Facts) -> str:
    return show(facts.facts[fact_id]) if fact_id in facts.facts else ""
