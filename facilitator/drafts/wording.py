"""What a draft says in free text: its passages, their length, and what plain text may not hold.

Part of the checks that need no judgement. Whether a claim is true is `gate`'s question, whether it is kind is `tone`'s.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from facilitator.board.facts import Facts, show
from facilitator.drafts.draft import Draft, Item
from facilitator.drafts.faults import Fault
from facilitator.drafts.placeholders import PLACEHOLDER, fill_known, names, placeholder_faults
from facilitator.drafts.richtext import ADDRESS, UNSAFE

_FORBIDDEN = (
    (
        ADDRESS,
        "a web address; cite the task instead",
    ),
    (re.compile(r"</?[a-zA-Z][^>]{0,40}>?|<[!?][^>]{0,40}|&(?:#\w+|[a-zA-Z]+);"), "markup; write plain text"),
    (re.compile(r"\*\*|\]\(|```"), "Markdown; write plain text"),
    (re.compile(r"@\w[\w.-]*"), "a mention; name a next step's owner in `owner`"),
    (re.compile(r"[\n\r\t]"), "a line break or tab; one line, please"),
)
_NUMBER = re.compile(r"(?<![\w.#/-])\d+(?:[.,:]\d+)*(?:\s?%)?(?![\w/-])")
_WORD = re.compile(r"[^\s/-]+")
_UNITS = frozenset("\u00b5\u03bc\u03a9\u2126\u0394\u2206")
_GID = re.compile(r"^[0-9]{1,32}$")


@dataclass(frozen=True, slots=True)
class Passage:
    """One piece of free text and where it stands; `item` is None for the headline."""

    where: str
    text: str
    item: Item | None = None


def passages(draft: Draft) -> Iterator[Passage]:
    """All free text in reading order: headline, then each item's text, next step, signal and role."""
    yield Passage("headline", draft.headline)
    for where, item in items(draft):
        yield from item_passages(where, item)


def items(draft: Draft) -> Iterator[tuple[str, Item]]:
    """Every item with its place, such as `blocked[0]`."""
    for section in draft.sections:
        for index, item in enumerate(section.items):
            yield f"{section.id}[{index}]", item


def item_passages(where: str, item: Item) -> Iterator[Passage]:
    """One item's free text; an owner given as a gid is not text."""
    yield Passage(f"{where}.text", item.text, item)
    if item.next_step:
        yield Passage(f"{where}.next_step", item.next_step, item)
    if item.signal:
        yield Passage(f"{where}.signal", item.signal, item)
    if item.owner and not is_gid(item.owner):
        yield Passage(f"{where}.owner", item.owner, item)


def is_gid(owner: str) -> bool:
    """Whether an owner is given as a person's gid, not as a role."""
    return bool(_GID.match(owner))


def words(text: str, facts: Facts) -> int:
    """How many words a reader sees, placeholders filled in; a lone dash is no word."""
    return sum(1 for token in fill_known(text, facts).split() if any(letter.isalnum() for letter in token))


def safe_text(draft: Draft, facts: Facts) -> list[Fault]:
    """Plain text only: no addresses, markup, mentions or characters that hide; and placeholders that exist."""
    faults: list[Fault] = []
    for passage in passages(draft):
        faults += _unsafe(passage)
        if unread := _unread(passage, facts):
            message = f"holds {unread!r}, in letters the checks cannot read; write it in plain Latin letters"
            faults.append(Fault("safe", passage.where, message, sentence=passage.text, claim=unread))
        faults += placeholder_faults(passage.text, facts, passage.where)
    return faults


def _unsafe(passage: Passage) -> list[Fault]:
    faults = [
        Fault("safe", passage.where, f"holds {problem}", sentence=passage.text, claim=match[0])
        for pattern, problem in _FORBIDDEN
        if (match := pattern.search(passage.text))
    ]
    hidden = UNSAFE.search(passage.text)
    if hidden:
        message = f"holds the character U+{ord(hidden[0]):04X}, which a reader cannot see; leave it out"
        faults.append(Fault("safe", passage.where, message, sentence=passage.text))
    return faults


def _unread(passage: Passage, facts: Facts) -> str:
    """The first word in letters the checks cannot read, or that only look like Latin ones; a cited task's own words are fine."""
    words = [word for word in _WORD.findall(passage.text) if not word.isascii()]
    own = _own_words(passage, facts) if words else ""
    return next((word for word in words if any(map(_is_unread, word)) and not _is_own(word, own)), "")


def _is_own(word: str, own: str) -> bool:
    """Whether a word stands on the task as it is, and is no ASCII in disguise there either."""
    return word in own and unicodedata.normalize("NFKC", word) == word


def _is_unread(letter: str) -> bool:
    """Whether a letter is neither Latin nor a unit's: figures, states and names in it would pass unchecked."""
    if letter.isascii() or letter in _UNITS:
        return False
    if letter.isalpha():
        return not unicodedata.name(letter, "").startswith(("LATIN", "MODIFIER LETTER APOSTROPHE"))
    # Superscripts and fractions are signs of their own; wide digits and brackets are others in disguise.
    plain = unicodedata.normalize("NFKC", letter)
    return (
        unicodedata.category(letter) in ("Nd", "Po", "Sm", "Ps", "Pe") and len(plain) == 1 and plain.isascii()
    )


def figures_by_placeholder(draft: Draft, facts: Facts) -> list[Fault]:
    """Bare numbers in free text are refused: `{fact.id}` puts the figure in.

    A number that is part of a word (`OAuth2`, `v2`) or of a cited task's own name or notes is not a figure.
    """
    faults: list[Fault] = []
    for passage in passages(draft):
        own = _own_numbers(passage, facts)
        plain = PLACEHOLDER.sub(" ", passage.text)
        faults += [
            _bare_number(passage, match[0], facts) for match in _NUMBER.finditer(plain) if match[0] not in own
        ]
    return faults


def _own_numbers(passage: Passage, facts: Facts) -> set[str]:
    return {match[0] for match in _NUMBER.finditer(_own_words(passage, facts))}


def _own_words(passage: Passage, facts: Facts) -> str:
    """What stands on the passage's tasks."""
    cited = [facts.tasks[gid] for gid in (passage.item.tasks if passage.item else ()) if gid in facts.tasks]
    return " ".join(text for task in cited for text in (task.name, *task.notes.values()))


def _bare_number(passage: Passage, number: str, facts: Facts) -> Fault:
    near = next(
        (fact for fact in facts.facts.values() if fact.value is not None and show(fact) == number), None
    )
    remedy = f"write {{{near.id}}}" if near else "name the fact that holds it as {fact.id}, or leave it out"
    return Fault(
        check="figures",
        where=passage.where,
        message=f"the number {number} is written by hand; {remedy}",
        sentence=passage.text,
        claim=number,
        fact=near.id if near else "",
        right=show(near) if near else "",
    )


def headline_uses(draft: Draft, facts: Facts) -> list[Fault]:
    """The headline holds every placeholder the document asks for."""
    used = names(draft.headline)
    return [
        Fault(
            check="headline",
            where="headline",
            message=f"does not use {{{wanted}}}",
            sentence=draft.headline,
            fact=wanted,
            right=show(facts.facts[wanted]) if wanted in facts.facts else "",
        )
        for wanted in facts.document.headline_uses
        if wanted not in used
    ]


def headline_figure(draft: Draft, facts: Facts, *, besides: tuple[str, ...] = ()) -> list[Fault]:
    """The headline holds at least one number from the facts, not counting those named in `besides`."""
    used = [
        facts.facts[name] for name in names(draft.headline) if name in facts.facts and name not in besides
    ]
    if facts.document.quiet or any(isinstance(fact.value, (int, float)) for fact in used):
        return []
    message = (
        "gives no figure behind the verdict; use a placeholder such as {sprint.done_points} or {blocked}"
    )
    return [Fault("headline", "headline", message, sentence=draft.headline)]


def people_only_as_owners(draft: Draft, facts: Facts) -> list[Fault]:
    """No person's name in free text: people appear as a task's or next step's owner, where code puts them."""
    return [
        Fault(
            check="people",
            where=passage.where,
            message=f"names {name}; people appear only as owners, put their gid {gid} in `owner`",
            sentence=passage.text,
            claim=found,
        )
        for passage in passages(draft)
        for gid, name in facts.people.items()
        if (found := _named(name, passage.text))
    ]


def _named(name: str, text: str) -> str:
    first, *more = name.split() or [""]
    whole = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) if more else None
    if whole:
        return whole[0]
    # One name may be a word too (Mark, Will): it counts only in capitals, and not where a sentence begins.
    if len(first) < 3 or not first[0].isupper():
        return ""
    return first if re.search(rf"(?<=[\w,;:)] ){re.escape(first)}(?!\w)", text) else ""
