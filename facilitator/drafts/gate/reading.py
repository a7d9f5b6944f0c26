"""A passage as the gate reads it: placeholders filled in, known names recognised, cut into tokens.

Text that code put in (a placeholder's value) and text that is a name (of a task or person) is marked, so that no later
step takes the "24" of "Sprint 24" for a figure. It decides nothing about truth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from facilitator.board.facts import Facts, show
from facilitator.drafts.draft import Draft, Item
from facilitator.drafts.gate.lexicon import CARDINALS, ORDINALS, TENS
from facilitator.drafts.placeholders import PLACEHOLDER
from facilitator.drafts.wording import Passage, passages

_TOKEN = re.compile(
    r"""(?P<clock>(?<![\w.])\d{1,2}:\d{2}(?:\s?[ap]\.?m\b)?|(?<![\w.])\d{1,2}\s?[ap]m\b)
    |(?P<iso>(?<!\w)\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z?)?(?!\w))
    |(?P<dotted>(?<![\w.])\d{1,2}\.\d{2}\.(?:\d{4}(?!\w))?|(?<![\w/])\d{1,2}/\d{1,2}/\d{4}(?!\w))
    |(?P<ordinal>(?<!\w)\d+(?:st|nd|rd|th)\b)
    |(?P<number>(?<![\w.])\d+(?:[.,]\d+)*(?![\w]))
    |(?P<word>[^\W_]+(?:['’][^\W\d_]+)*)
    |(?P<punct>\S)""",
    re.VERBOSE | re.IGNORECASE,
)
_SENTENCE_ENDS = frozenset(".!?;")
_BREAKS = frozenset(",:()–—•|·")
_BREAK_WORDS = frozenset(
    "and but while against versus vs than plus whereas compared though although after where because which who".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, name or mark. `key` is its lower-case text; `fact` the placeholder it came from.

    `kind`: word, number, ordinal, date, clock, task, person, team, fixed (a text put in by code), punct. `name` is the gid
    of a task or person, or a team's key.
    """

    kind: str
    text: str
    start: int
    end: int
    value: float | None = None
    decimals: int = 0
    fact: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """What look-ups use."""
        return self.text.lower().replace("’", "'")


@dataclass(frozen=True, slots=True)
class Reading:
    """One passage, read. `part` is headline, text, next_step, signal or owner; `context` holds facts and neighbours."""

    where: str
    part: str
    section: str
    item: Item | None
    source: str
    text: str
    tokens: tuple[Token, ...]
    facts: Facts
    unquestioned: frozenset[int] = field(default_factory=frozenset)

    @property
    def cited(self) -> tuple[str, ...]:
        """The known tasks this passage may speak of: an item's own, or those a headline names."""
        if self.item is not None:
            return tuple(gid for gid in self.item.tasks if gid in self.facts.tasks)
        return tuple(dict.fromkeys(token.name for token in self.tokens if token.kind == "task"))

    def sentence(self, index: int) -> tuple[int, int]:
        """The token range of the sentence around a token."""
        return self._range(index, lambda token: token.kind == "punct" and token.text in _SENTENCE_ENDS)

    def segment(self, index: int) -> tuple[int, int]:
        """The token range of the smallest clause around a token: up to a comma, bracket, `and`, `against`."""
        return self._range(index, is_break)

    def _range(self, index: int, ends: object) -> tuple[int, int]:
        assert callable(ends)
        first, last = index, index + 1
        while first > 0 and not ends(self.tokens[first - 1]):
            first -= 1
        while last < len(self.tokens) and not ends(self.tokens[last]):
            last += 1
        return first, last

    def quote(self, index: int) -> str:
        """The sentence around a token, as a reader sees it."""
        first, last = self.sentence(index)
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]

    def span(self, first: int, last: int) -> str:
        """The words from one token up to, not including, another."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]

    def lower(self, first: int, last: int) -> str:
        """The words of a token range in lower case; names and fixed texts are left out."""
        return " ".join(
            token.key if token.kind not in {"task", "person", "team", "fixed"} else "_"
            for token in self.tokens[first:last]
        )

    def key(self, index: int) -> str:
        """The look-up key of a token, or nothing past either end."""
        return self.tokens[index].key if 0 <= index < len(self.tokens) else ""


def is_break(token: Token) -> bool:
    """Whether a clause ends at this token."""
    if token.kind == "punct":
        return token.text in _SENTENCE_ENDS or token.text in _BREAKS
    return token.kind == "word" and token.key in _BREAK_WORDS


def readings(draft: Draft, facts: Facts) -> Iterator[Reading]:
    """Every passage of the draft, in reading order."""
    for passage in passages(draft):
        yield read(passage, facts)


def read(passage: Passage, facts: Facts) -> Reading:
    """Fill, mark and cut one passage."""
    text, filled = _filled(passage.text, facts)
    marks = _marks(text, filled, passage.item, facts)
    place = passage.where.rsplit(".", 1)
    return Reading(
        where=passage.where,
        part=place[1] if passage.item is not None else "headline",
        section=passage.where.split("[")[0],
        item=passage.item,
        source=passage.text,
        text=text,
        tokens=tuple(_joined(_tokens(text, marks, filled))),
        facts=facts,
    )


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    kind: str
    name: str


def _filled(text: str, facts: Facts) -> tuple[str, list[_Mark]]:
    """The text with its placeholders' values, and where each value stands; unknown ones become a blank."""
    parts: list[str] = []
    marks: list[_Mark] = []
    length = last = 0
    for match in PLACEHOLDER.finditer(text):
        fact = facts.facts.get(match[1])
        value = show(fact) if fact is not None else "…"
        parts += [text[last : match.start()], value]
        length += match.start() - last
        kind = "fixed" if fact is None or not _is_figure(fact.value, fact.unit) else "figure"
        marks.append(_Mark(length, length + len(value), kind, match[1]))
        length += len(value)
        last = match.end()
    return "".join([*parts, text[last:]]), marks


def _is_figure(value: object, unit: str) -> bool:
    return isinstance(value, (int, float)) and unit not in {"text", "date", "instant"}


def _marks(text: str, filled: list[_Mark], item: Item | None, facts: Facts) -> list[_Mark]:
    """Where names and fixed values stand, none overlapping; the longest name wins."""
    taken = [mark for mark in filled if mark.kind == "fixed"]
    figures = [mark for mark in filled if mark.kind == "figure"]
    for mark in [*_people_marks(text, facts), *_task_marks(text, item, facts), *_team_marks(text, facts)]:
        if all(mark.end <= other.start or mark.start >= other.end for other in [*taken, *figures]):
            taken.append(mark)
    return sorted(taken, key=lambda mark: mark.start)


def _people_marks(text: str, facts: Facts) -> Iterator[_Mark]:
    for gid, name in sorted(facts.people.items(), key=lambda pair: -len(pair[1])):
        if len(name.split()) > 1:
            yield from (_Mark(start, start + len(name), "person", gid) for start in _found(text, name))


def _task_marks(text: str, item: Item | None, facts: Facts) -> Iterator[_Mark]:
    cited = set(item.tasks) if item is not None else set()
    lowered = text.lower()
    by_length = sorted(facts.tasks.values(), key=lambda task: (-len(task.name), task.gid not in cited))
    for task in by_length:
        if (
            len(task.name) < 4
            or not any(letter.isalpha() for letter in task.name)
            or task.name.lower() not in lowered
        ):
            continue
        for start in _found(text, task.name):
            if task.gid in cited or _reads_as_name(text, start, task.name):
                yield _Mark(start, start + len(task.name), "task", task.gid)


def _team_marks(text: str, facts: Facts) -> Iterator[_Mark]:
    """Teams of the document; one of a single word is named where it is written like a name, or called a team."""
    for key, name in sorted(facts.teams.items(), key=lambda pair: -len(pair[1])):
        for start in _found(text, name):
            end = start + len(name)
            called = text[end:].lower().startswith((" team", " squad", "'s", "’s"))
            if len(name.split()) > 1 or text[start:end] == name or called:
                yield _Mark(start, end, "team", key)


def _reads_as_name(text: str, start: int, name: str) -> bool:
    """A name nobody cited may be plain words too: two lower-case words, or one word, are not taken for it."""
    words = len(name.split())
    quoted = text[start - 1 : start] in {"'", '"', "‘", "“", "«"} and start > 0
    as_written = text[start] == name[0] and (name[0].isupper() or words > 2)
    return quoted or words > 2 or (words == 2 and as_written)


def _found(text: str, name: str) -> Iterator[int]:
    lowered, wanted = text.lower(), name.lower()
    if len(lowered) != len(text):
        return
    start = lowered.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        clear = not lowered[max(0, start - 1) : start].isalnum() and not lowered[end : end + 1].isalnum()
        if clear:
            yield start
        start = lowered.find(wanted, end if clear else start + 1)


def _tokens(text: str, marks: list[_Mark], filled: list[_Mark]) -> Iterator[Token]:
    figures = [mark for mark in filled if mark.kind == "figure"]
    place = 0
    for mark in [*marks, None]:
        yield from _cut(text, place, mark.start if mark else len(text), figures)
        if mark:
            yield _named(mark, text)
            place = mark.end


def _named(mark: _Mark, text: str) -> Token:
    token = Token(mark.kind, text[mark.start : mark.end], mark.start, mark.end)
    return replace(token, fact=mark.name) if mark.kind == "fixed" else replace(token, name=mark.name)


def _cut(text: str, start: int, end: int, figures: list[_Mark]) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start, end):
        kind = match.lastgroup or "punct"
        fact = next((mark.name for mark in figures if mark.start <= match.start() < mark.end), "")
        token = Token(kind, match[0], match.start(), match.end(), fact=fact)
        if kind == "number":
            yield _numbered(token)
        elif kind == "ordinal":
            yield replace(token, value=float(match[0][:-2]))
        elif kind in {"iso", "dotted"}:
            yield replace(token, kind="date")
        else:
            yield token


def _numbered(token: Token) -> Token:
    """12; 1,200 (thousands); 2.5 and 2,5 (decimals)."""
    text = token.text
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    text = text.replace(",", ".")
    whole, _, decimals = text.partition(".")
    if "." in decimals:  # a version such as 2.3.1 is a name, not a figure, and stays unsupported
        return replace(token, value=float("inf"))
    return replace(token, value=float(f"{whole}.{decimals or 0}"), decimals=len(decimals))


def _joined(tokens: Iterator[Token]) -> Iterator[Token]:
    """Number words become numbers: twenty-one, a dozen, two hundred."""
    row = list(tokens)
    place = 0
    while place < len(row):
        token, used = _number_words(row, place)
        yield token
        place += used


def _number_words(row: list[Token], place: int) -> tuple[Token, int]:
    token = row[place]
    if token.kind != "word":
        return token, 1
    following = [row[place + ahead].key if place + ahead < len(row) else "" for ahead in range(1, 4)]
    if token.key in {"a", "an", "half", "one", "two", "three"} and following[0] in {"dozen", "hundred"}:
        each = 12 if following[0] == "dozen" else 100
        times = {"half": 0.5}.get(token.key, CARDINALS.get(token.key, 1))
        return replace(_spanning(row, place, 2), value=times * each), 2
    if token.key == "dozen":
        return replace(token, kind="number", value=12), 1
    if token.key in ORDINALS:
        return replace(token, kind="ordinal", value=float(ORDINALS[token.key])), 1
    if token.key not in CARDINALS:
        return token, 1
    value, used = CARDINALS[token.key], 1
    if token.key in TENS:
        ahead = 2 if following[0] == "-" else 1
        ones = CARDINALS.get(following[ahead - 1], 0)
        if 0 < ones < 10:
            value, used = value + ones, 1 + ahead
    return replace(_spanning(row, place, used), value=float(value)), used


def _spanning(row: list[Token], place: int, used: int) -> Token:
    first, last = row[place], row[place + used - 1]
    text = first.text + "".join(
        " " * (row[n].start - row[n - 1].end) + row[n].text for n in range(place + 1, place + used)
    )
    return Token("number", text, first.start, last.end)
