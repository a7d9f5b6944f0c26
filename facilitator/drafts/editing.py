"""A draft's words as lines a person can edit, and back: `blocked[0].text: waits for the keys`.

One line for each piece of free text, owner and date, under an id that says where it stands. Figures stay placeholders
(`{blocked}`); what is cited cannot be changed here, only left out with its item. Pure: whether the new words are true is
asked of the checks, not here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from facilitator.drafts.draft import Draft, DraftUnreadable
from facilitator.drafts.wording import items

FIELDS = ("text", "next_step", "owner", "due_on", "signal")
"""What may be edited of an item, in the order it is shown."""

_LINE = re.compile(r"(?P<place>headline|\w+\[\d+\]\.\w+)[ \t\u00a0]*:(?P<words>.*)", re.DOTALL)


def words_of(draft: Draft) -> str:
    """The draft as editable lines, in reading order; `with_words` of them is the same draft."""
    return "\n".join(f"{place}: {_one_line(words)}" for place, words in _lines(draft).items())


def with_words(draft: Draft, text: str) -> Draft:
    """The draft with the words of these lines; a line left out takes its field away, a text line its whole item.

    Lines that begin with # and empty ones do not count, nor do kinds of blanks. Raises `DraftUnreadable` naming every line
    that cannot be used.
    """
    given, faults = _read(text, _lines(draft))
    return _checked(draft, given, faults)


def with_texts(draft: Draft, texts: Mapping[str, str]) -> Draft:
    """The draft with these texts in their places, as a form names them; other names do not count, other places stay.

    An empty text takes its field away. Raises `DraftUnreadable` as `with_words` does.
    """
    given = present = _lines(draft)
    for place, text in texts.items():
        if place == "headline" or _known(place, present):
            words = _as_before(_one_line(text), present.get(place, ""))
            given = (
                {**given, place: words}
                if words
                else {name: kept for name, kept in given.items() if name != place}
            )
    return _checked(draft, given, [])


def _checked(draft: Draft, given: Mapping[str, str], faults: list[str]) -> Draft:
    if "headline" not in given:
        faults.append("headline: is missing; a document needs one")
    for place, _ in items(draft):
        kept = [name for name in FIELDS if f"{place}.{name}" in given]
        if kept and "text" not in kept:
            faults.append(f"{place}.text: is missing; leave out all lines of {place}, or none of them")
    if faults:
        raise DraftUnreadable("\n".join(faults))
    return _rebuilt(draft, given)


def _lines(draft: Draft) -> dict[str, str]:
    lines = {"headline": draft.headline}
    for place, item in items(draft):
        for name in FIELDS:
            value = getattr(item, name)
            if value is not None:
                lines[f"{place}.{name}"] = str(value)
    return lines


def _read(text: str, present: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The words by place, and a fault for every line that is none; words that only differ in blanks stay as they were."""
    given: dict[str, str] = {}
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = _one_line(line)
        if not bare or bare.startswith("#"):
            continue
        match = _LINE.fullmatch(bare)
        place = match["place"] if match else ""
        if not match:
            faults.append(f"line {number}: is not like `headline: words`: {bare[:60]!r}")
        elif place != "headline" and not _known(place, present):
            faults.append(f"{place}: there is no such place; items cannot be added here")
        elif place in given:
            faults.append(f"{place}: is given twice")
        elif words := match["words"].strip():
            given[place] = _as_before(words, present.get(place, ""))
    return given, faults


def _as_before(words: str, before: str) -> str:
    """The words as they stood before, where only blanks differ."""
    return before if _one_line(before) == words else words


def _known(place: str, present: Mapping[str, str]) -> bool:
    item, _, name = place.rpartition(".")
    return f"{item}.text" in present and name in FIELDS


def _rebuilt(draft: Draft, given: Mapping[str, str]) -> Draft:
    body: dict[str, Any] = draft.model_dump(mode="json")
    body["headline"] = given["headline"]
    for section in body["sections"]:
        section["items"] = list(_items(section["id"], section["items"], given))
    try:
        return Draft.model_validate_json(json.dumps(body))
    except ValidationError as error:
        raise DraftUnreadable("\n".join(_told(fault) for fault in error.errors())) from error


def _items(section: str, raw: list[dict[str, Any]], given: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for index, item in enumerate(raw):
        place = f"{section}[{index}]"
        if f"{place}.text" in given:
            yield {**item, **{name: given.get(f"{place}.{name}") for name in FIELDS}}


def _told(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg']}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
