"""The form of a draft: its sections, caps, needed fields and quiet form, as the facts' `document` sets them.

Part of the checks that need no judgement. It reads lengths and presence only; what is cited is `citing`'s question.
"""

from __future__ import annotations

from collections.abc import Iterator

from facilitator.board.facts import Facts, SectionSpec
from facilitator.drafts.draft import Draft, DraftSection, Item
from facilitator.drafts.faults import Fault
from facilitator.drafts.richtext import one_line
from facilitator.drafts.wording import item_passages, passages, words


def paired(
    draft: Draft, facts: Facts, section: str | None = None
) -> Iterator[tuple[SectionSpec, DraftSection]]:
    """Each asked-for section the draft has, with its items; only the named one where `section` is given."""
    for spec in facts.document.sections:
        found = draft.section(spec.id)
        if found is not None and section in (None, spec.id):
            yield spec, found


def right_ceremony(draft: Draft, facts: Facts) -> list[Fault]:
    """The draft is of the ceremony the facts were computed for."""
    if draft.ceremony == facts.ceremony:
        return []
    claim = one_line(draft.ceremony, 40)
    return [
        Fault("ceremony", "ceremony", f"is {claim!r}; these facts are for {facts.ceremony!r}", claim=claim)
    ]


def sections_in_order(draft: Draft, facts: Facts) -> list[Fault]:
    """Every section once, none unknown, in the document's order."""
    wanted = [spec.id for spec in facts.document.sections]
    given = [section.id for section in draft.sections]
    faults = [
        Fault("sections", name, f"the section `{name}` is missing; give it with its items, or with []")
        for name in wanted
        if name not in given
    ]
    for place, name in enumerate(given):
        shown = one_line(name, 40)
        if name not in wanted:
            message = f"no such section; the sections are {', '.join(wanted)}"
            faults.append(Fault("sections", f"sections[{place}]", message, claim=shown))
        elif name in given[:place]:
            faults.append(Fault("sections", f"sections[{place}]", f"`{shown}` is given twice", claim=shown))
    if not faults and given != wanted:
        faults.append(Fault("sections", "sections", f"wrong order; right is {', '.join(wanted)}"))
    return faults


def within_caps(draft: Draft, facts: Facts) -> list[Fault]:
    """Within the caps on items and words, counted with placeholders filled in.

    Links, owners, ages, counts and the footer are put in by the template and are not the writer's words.
    """
    document = facts.document
    faults = _long("headline", words(draft.headline, facts), document.headline_words, draft.headline)
    for spec, section in paired(draft, facts):
        if len(section.items) > spec.max_items:
            message = f"{len(section.items)} items are given, at most {spec.max_items} are shown"
            faults.append(Fault("caps", spec.id, message))
        for index, item in enumerate(section.items):
            where = f"{spec.id}[{index}]"
            faults += _long(where, item_words(where, item, facts), spec.max_words, item.text)
    total = sum(words(passage.text, facts) for passage in passages(draft))
    return faults + _long("draft", total, document.max_words, "")


def item_words(where: str, item: Item, facts: Facts) -> int:
    """The words of one item: text, next step, signal and role together."""
    return sum(words(passage.text, facts) for passage in item_passages(where, item))


def _long(where: str, count: int, cap: int, sentence: str) -> list[Fault]:
    if count <= cap:
        return []
    return [Fault("caps", where, f"{count} words; at most {cap}", sentence=sentence)]


def needed(draft: Draft, facts: Facts, *, section: str | None = None) -> list[Fault]:
    """Each item has the fields its section needs, and each section its fewest items."""
    if facts.document.quiet:
        return []
    faults: list[Fault] = []
    for spec, given in paired(draft, facts, section):
        if len(given.items) < spec.min_items:
            message = f"{len(given.items)} given; at least {spec.min_items} needed"
            faults.append(Fault("needs", spec.id, message))
        faults += [
            Fault("needs", f"{spec.id}[{index}].{field}", f"`{field}` is missing", sentence=item.text)
            for index, item in enumerate(given.items)
            for field in spec.needs
            if not getattr(item, field)
        ]
    return faults


def quiet_form(draft: Draft, facts: Facts) -> list[Fault]:
    """On a quiet day the document is its headline: every section is there and empty."""
    if not facts.document.quiet:
        return []
    return [
        Fault("quiet", section.id, "a quiet day is told in the headline alone; leave this section empty")
        for section in draft.sections
        if section.items
    ]
