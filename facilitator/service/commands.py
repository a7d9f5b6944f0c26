"""Does this remark ask for a ceremony? Pure: words in, a request or nothing out.

Parsed strictly, never guessed: a mention at the very start, then a ceremony's name, its title or a phrase of the team's, and
nothing else. Comments are anybody's text; the most one can do is name a ceremony the team already holds.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from facilitator.runs.ports import Remark
from facilitator.settings.triggers import Triggers, plain

LONGEST_REQUEST = 6
"""Words; a longer text that happens to begin with a mention is a sentence to people, not to us."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for: `ceremony` "" where we were addressed and did not understand."""

    ceremony: str
    kind: str


def understand(remark: Remark, triggers: Triggers, known: Mapping[str, str], me: str) -> Request | None:
    """The request in a remark, or None. `known` maps what may be said, in plain words, to ceremonies of the team."""
    match remark.kind:
        case "moved":
            return _named(triggers.sections.get(plain(remark.section)), "section")
        case "added":
            return _named(triggers.tasks.get(plain(remark.text)), "task")
        case _:
            return _said(remark, triggers, known, me)


def sayings(titles: Mapping[str, str], triggers: Triggers) -> dict[str, str]:
    """What may follow a mention: names and titles of the ceremonies, and the team's phrases; `titles` is by name."""
    names = {plain(name): name for name in titles}
    return {plain(title): name for name, title in titles.items()} | names | dict(triggers.phrases)


def _said(remark: Remark, triggers: Triggers, known: Mapping[str, str], me: str) -> Request | None:
    whole = _named(triggers.phrases.get(plain(remark.text)), "comment")
    if whole is not None:
        return whole
    rest = _after_mention(remark.html, me)
    if rest is None:
        rest = _after_name(remark.text, triggers.name)
    if rest is None or len(rest.split()) > LONGEST_REQUEST:
        return None
    return Request(known.get(plain(rest), ""), "mention")


def _after_mention(html: str, me: str) -> str | None:
    """What follows a mention of `me` at the very start of a comment, or None where there is none."""
    if "<!" in html:  # no declaration of an entity is ever Asana's
        return None
    try:
        pieces = list(_pieces(ET.fromstring(html), me))  # noqa: S314 - guarded by the line above
    except (ET.ParseError, RecursionError):
        return None
    spoken = [piece for piece in pieces if piece is MENTION or (isinstance(piece, str) and piece.strip())]
    if not spoken or spoken[0] is not MENTION:
        return None
    return "".join(piece for piece in spoken[1:] if isinstance(piece, str))


MENTION = object()


def _pieces(element: ET.Element, me: str) -> Iterator[object]:
    if element.get("data-asana-gid") == me:
        yield MENTION
    else:
        yield element.text or ""
        for child in element:
            yield from _pieces(child, me)
    yield element.tail or ""


def _after_name(text: str, name: str) -> str | None:
    said = re.match(r"\s*@(\S+)\s*(.*)", text, re.DOTALL)
    return said[2] if said and plain(said[1].rstrip(":,")) == name else None


def _named(ceremony: str | None, kind: str) -> Request | None:
    return Request(ceremony, kind) if ceremony else None
