"""The checks that need no judgement, and the one list of faults a draft gets.

`check_draft` is asked by the agent's `draft_check` tool, again after the grader is satisfied, and again on a human's
edit: always the same faults for the same draft and facts. It repairs nothing; a writer does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from facilitator.board.facts import Facts
from facilitator.drafts import citing, shape, wording
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault

Check = Callable[[Draft, Facts], Sequence[Fault]]
ToneCheck = Callable[[Draft], Sequence[Fault]]

GENERIC: tuple[Check, ...] = (
    shape.right_ceremony,
    shape.sections_in_order,
    shape.within_caps,
    shape.needed,
    shape.quiet_form,
    wording.headline_uses,
    wording.safe_text,
    citing.known_tasks,
    citing.cited_once,
    citing.covers,
    citing.tells,
    citing.cites_from,
    citing.known_facts,
    citing.owner_known,
    citing.due_supported,
)
"""What every document of every ceremony must keep."""

_PLACE = re.compile(r"(?P<section>\w+)(?:\[(?P<index>\d+)\])?(?:\.(?P<field>\w+))?")
_FIELDS = ("text", "tasks", "facts", "next_step", "owner", "due_on", "signal")


def check_shape(draft: Draft, facts: Facts) -> list[Fault]:
    """Faults against the shape `facts.document` asks for, in reading order."""
    return ordered((fault for check in GENERIC for fault in check(draft, facts)), draft)


def check_draft(
    draft: Draft,
    facts: Facts,
    further: Iterable[Check] = (),
    gate: Check | None = None,
    tone: ToneCheck | None = None,
) -> list[Fault]:
    """All faults of a draft, in reading order, each told once.

    `further` are the ceremony's own checks; where one of them and a generic check say the same of the same place, the
    ceremony's stays, because its id is the rubric criterion the grader speaks of.
    """
    found: list[Fault] = []
    for check in (*further, *GENERIC, *([gate] if gate else [])):
        found += check(draft, facts)
    if tone:
        found += tone(draft)
    return ordered(found, draft)


def ordered(faults: Iterable[Fault], draft: Draft) -> list[Fault]:
    """Reading order, the first of equal faults kept: headline, then sections as the draft has them, then the rest."""
    sections = {section.id: place for place, section in reversed(list(enumerate(draft.sections)))}
    once: dict[tuple[str, str, str], Fault] = {}
    for fault in faults:
        once.setdefault((fault.where, fault.message, fault.claim), fault)
    return sorted(
        once.values(),
        key=lambda fault: (_place(fault.where, sections), fault.check, fault.message, fault.claim),
    )


def _place(where: str, sections: Mapping[str, int]) -> tuple[int, int, int]:
    match = _PLACE.match(where)
    section = match["section"] if match else ""
    if section in sections and match:
        field = match["field"] or ""
        return (
            sections[section],
            int(match["index"] or -1),
            _FIELDS.index(field) if field in _FIELDS else len(_FIELDS),
        )
    return (-1 if section == "headline" else len(sections), 0, 0)


def criterion(name: str, *checks: Check) -> Check:
    """A rubric criterion decided by these checks: their faults, under the criterion's id."""

    def decide(draft: Draft, facts: Facts) -> list[Fault]:
        return [replace(fault, check=name) for check in checks for fault in check(draft, facts)]

    return decide


def covers(section: str) -> Check:
    """The section cites exactly the tasks of its list fact, in its order."""
    return partial(citing.covers, section=section)


def tells(section: str) -> Check:
    """The section has one item for each fact it tells, in their order."""
    return partial(citing.tells, section=section)


def needed(section: str) -> Check:
    """The section's items have the fields it needs."""
    return partial(shape.needed, section=section)


def headline_figure(*, besides: tuple[str, ...] = ()) -> Check:
    """The headline holds a number from the facts other than these."""
    return partial(wording.headline_figure, besides=besides)


def in_turn(section: str, *groups: str) -> Check:
    """The section's items follow these list facts in order."""
    return partial(citing.in_turn, section=section, groups=groups)


def without_facts(tone: ToneCheck) -> Check:
    """A check of the draft alone, in the shape of the others."""
    return lambda draft, _facts: tone(draft)


STANDUP_CHECKS: Mapping[str, Check] = {
    "D1": criterion("D1", wording.headline_uses, headline_figure(besides=("sprint.day", "sprint.days"))),
    "D2": criterion("D2", covers("blocked"), needed("blocked")),
    "D3": criterion("D3", citing.cites_from, covers("ageing")),
    "D4": criterion("D4", citing.cites_a_task, citing.known_tasks, citing.cited_once),
    "D5": criterion("D5", wording.figures_by_placeholder),
    "D6": criterion("D6", shape.right_ceremony, shape.sections_in_order, shape.within_caps, shape.quiet_form),
    "D7": criterion("D7", in_turn("moved", "moved.done", "moved.in_review", "moved.started")),
    "D8": criterion("D8", wording.people_only_as_owners, citing.owner_known),
    "D9": criterion("D9", needed("help"), citing.due_supported),
    "D10": criterion("D10", wording.safe_text, citing.known_facts),
}
"""The code half of rubrics/standup.md, criterion by criterion."""
