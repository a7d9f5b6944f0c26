"""Finds the figures a passage claims: each number with its unit, denominator, subject and how it is bounded.

Reads words only; whether a figure is right is `judging`'s question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from facilitator.drafts.gate.lexicon import (
    CONCEPTS,
    FRACTIONS,
    FUNCTION_WORDS,
    MULTIPLES,
    NOT_PLURALS,
    UNITS,
    WORKDAY,
)
from facilitator.drafts.gate.reading import Reading
from facilitator.drafts.gate.subjects import CHANGE, GAP, missing_axes, subjects
from facilitator.drafts.gate.supports import PREVIOUS_TOPIC, Topics, topics_in

_BOUNDS = {
    "above": ">", "over": ">", "beyond": ">", "exceeding": ">", "below": "<", "under": "<", "about": "~", "around": "~",
    "roughly": "~", "almost": "~", "nearly": "~", "approximately": "~", "some": "~", "within": "<=", "~": "~",
}  # fmt: skip
_TWO_WORD_BOUNDS = {
    "more than": ">", "longer than": ">", "older than": ">", "greater than": ">", "higher than": ">", "fewer than": "<",
    "less than": "<", "lower than": "<", "shorter than": "<", "at least": ">=", "at most": "<=", "no more": "<=",
    "up to": "<=", "close to": "~",
}  # fmt: skip
_METRIC_NOUNS = frozenset(
    noun for noun, unit in UNITS.items() if unit in {"tasks", "points", "days", "comments"}
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number as claimed. Token range [first, last); `at` is the number itself.

    `unit` is a unit of facts, `day_index` for "day 6", or empty where no noun says; `noun` is a noun that is no unit.
    `bound` is one of > < >= <= ~ or empty. `topics` are its own words' subjects, `wider` its sentence's as well.
    """

    first: int
    last: int
    at: int
    value: float
    decimals: int
    unit: str
    noun: str
    of: float | None
    of_at: int
    topics: Topics
    wider: Topics
    bound: str
    fact: str
    of_fact: str
    share: bool = False
    times: bool = False
    period_open: bool = False
    whole: bool = False
    follows: bool = False
    of_topics: Topics = frozenset()


def figures(reading: Reading, taken: frozenset[int]) -> list[Figure]:
    """Every figure of a passage in reading order; `taken` are tokens that belong to dates and the like."""
    numbers = [
        index
        for index, token in enumerate(reading.tokens)
        if index not in taken and _is_number(reading, index)
    ]
    found: list[Figure] = []
    denominators: set[int] = set()
    for index in numbers:
        if index in denominators:
            continue
        of_at = _denominator(reading, index)
        if of_at < 0:
            of_at = _leading_total(reading, index, numbers)
        if of_at < 0 and _part_after(reading, index, numbers):
            continue
        if of_at >= 0:
            denominators.add(of_at)
        found.append(_figure(reading, index, of_at, numbers))
    return [_inherited(figure, found) for figure in found]


def _inherited(figure: Figure, found: list[Figure]) -> Figure:
    """Text such as "9 points, up from 7" and "9 of 21 points done, 12 left": a bare second figure counts what the first counts."""
    compared = (
        PREVIOUS_TOPIC in figure.wider
        or figure.period_open
        or figure.follows
        or {GAP, CHANGE, ("status", "remaining")} & figure.topics
    )
    if figure.noun or figure.share or not compared or (figure.unit and not figure.follows):
        return figure
    before = [other for other in found if other.at < figure.at and other.unit not in {"day_index", "ordinal"}]
    before = [other for other in before if other.unit] or [other for other in before if other.wider]
    after = [
        other for other in found if other.at > figure.at and other.unit not in {"", "day_index", "ordinal"}
    ]
    models = before[-1:] or after[:1]
    if not models:
        return figure
    model = models[0]
    lent = frozenset(topic for topic in model.wider if topic[0] in {"status", "subject", "stat"})
    return replace(
        figure, unit=figure.unit or model.unit, wider=figure.wider | missing_axes(figure.wider, lent)
    )


def _is_number(reading: Reading, index: int) -> bool:
    token = reading.tokens[index]
    if token.kind == "number":
        return token.key != "one" or _one_counts(reading, index)
    if token.kind == "ordinal":
        return _ordinal_counts(reading, index)
    if token.kind != "word":
        return False
    if token.key in FRACTIONS:
        return _fraction_counts(reading, index)
    return token.key in {"twice", "thrice"} and reading.key(index + 1) not in {
        "a",
        "an",
        "per",
        "each",
        "every",
        "the",
    }


def _one_counts(reading: Reading, index: int) -> bool:
    """Text such as "One" is a figure before a counted noun, and a pronoun or article elsewhere: one of them, one reviewer."""
    if reading.part in {"next_step", "signal", "owner"} or reading.key(index - 1) in {
        "no",
        "the",
        "this",
        "that",
        "any",
    }:
        return False
    ahead = [reading.key(index + step) for step in range(1, 4)]
    if ahead[0] == "of":  # in "one of the 12" the 12 is the figure
        return index + 2 < len(reading.tokens) and reading.tokens[index + 2].kind == "number"
    noun = next((word for word in ahead[:3] if word in _METRIC_NOUNS), "")
    between = ahead[: ahead.index(noun)] if noun else []
    if any(word in FUNCTION_WORDS for word in between):
        return False
    return (
        bool(noun)
        and not (noun == "day" and not between and reading.key(index - 1) != "for")
        and (f"{noun} {reading.key(index + len(between) + 2)}" not in {f"{noun} at", f"{noun} by"})
    )


def _ordinal_counts(reading: Reading, index: int) -> bool:
    """Ordinals are figures where they count days, sprints and the like: the sixth day, for the third time."""
    following = reading.key(index + 1)
    if following in {"working", "sprint", "calendar", "business"}:
        following = reading.key(index + 2) or following
    if reading.tokens[index].text.lower() == "first":
        return following in {"day", "workday"} and reading.key(index + 2) in {"of", "in"}
    if reading.tokens[index].text.lower() == "second" and following in {"time", "day"}:
        return following == "time" and reading.key(index - 1) == "the"
    return following in {"day", "workday", "sprint", "iteration", "week", "time", "carry"}


def _fraction_counts(reading: Reading, index: int) -> bool:
    if reading.key(index) == "half":
        if {reading.key(index + step) for step in (2, 3, 4)} & {
            "forecasts",
            "runs",
            "simulations",
            "cases",
            "time",
        }:
            return False
        after = reading.key(index + 1)
        return after == "of" or (after in {"the", "our"} and reading.key(index + 2) != "way")
    return False


def _denominator(reading: Reading, index: int) -> int:
    """The token of B in "A of B", "A out of the B", "A/B", or -1."""
    place = index + 1
    if reading.key(place) == "/":
        return place + 1 if _plain_number(reading, place + 1) else -1
    while place - index < 4 and (
        reading.key(place) in UNITS or reading.key(place) in _BEFORE_OF or reading.key(place) in CONCEPTS
    ):
        place += 1
    if reading.key(place) == "out":
        place += 1
    if reading.key(place) not in {"of", "among"}:
        return -1
    place += 1
    while (
        reading.key(place) in {"the", "our", "its", "all", "a", "total", "planned", "these", "those"}
        and place - index < 7
    ):
        place += 1
    return place if _plain_number(reading, place) else -1


_BEFORE_OF = frozenset("story working remain remaining left done finished closed open".split())


def _leads(reading: Reading, index: int) -> bool:
    """Text such as "Of 11 moves", at the start of a clause."""
    place = index - 2 if reading.key(index - 1) in {"the", "our", "all"} else index - 1
    return reading.key(place) == "of" and (place == reading.segment(index)[0])


def _part_after(reading: Reading, index: int, numbers: list[int]) -> bool:
    """Whether a leading "of 11 moves" has its part after it, in the same sentence."""
    _, last = reading.sentence(index)
    return _leads(reading, index) and any(index < other < last for other in numbers)


def _leading_total(reading: Reading, index: int, numbers: list[int]) -> int:
    """The 11 of "of 11 moves, 6 ended in done", seen from the 6; or -1."""
    first, _ = reading.sentence(index)
    before = [other for other in numbers if first <= other < index]
    return before[-1] if before and _leads(reading, before[-1]) else -1


def _plain_number(reading: Reading, place: int) -> bool:
    return place < len(reading.tokens) and reading.tokens[place].kind == "number"


def _figure(reading: Reading, index: int, of_at: int, numbers: list[int]) -> Figure:
    token = reading.tokens[index]
    end = max(of_at, index) + 1
    value, share = _value(reading, index)
    unit, noun, noun_at = _unit(reading, index, end, numbers)
    local, wider, open_period = subjects(reading, index, of_at, noun_at, numbers)
    return Figure(
        first=index,
        last=max(end, noun_at + 1),
        at=index,
        value=value,
        decimals=token.decimals,
        unit=unit,
        noun=noun,
        of=reading.tokens[of_at].value if of_at >= 0 else None,
        of_at=of_at,
        topics=local,
        wider=wider,
        bound=_bound(reading, index),
        fact=token.fact,
        of_fact=reading.tokens[of_at].fact if of_at >= 0 else "",
        share=share,
        times=token.key in MULTIPLES,
        period_open=open_period,
        whole=_is_whole(reading, index),
        follows=reading.key(index - 1) == "to",
        of_topics=topics_in(reading.lower(of_at + 1, noun_at)) if 0 <= of_at < noun_at else frozenset(),
    )


def _is_whole(reading: Reading, index: int) -> bool:
    """Text such as "All three" of an item with several tasks counts those tasks."""
    several = reading.item is not None and len(reading.item.tasks) > 1
    return several and reading.key(index - 1) in {"all", "these"}


def _value(reading: Reading, index: int) -> tuple[float, bool]:
    token = reading.tokens[index]
    if token.key in MULTIPLES and token.value is None:
        return float(MULTIPLES[token.key]), False
    if token.value is None:
        return FRACTIONS[token.key], True
    if reading.key(index + 1) in FRACTIONS and reading.key(index + 2) == "of" and token.value < 10:
        return token.value * FRACTIONS[reading.key(index + 1)], True
    if (
        reading.key(index - 1) in {"-", "−", "minus"}
        and not _plain_number(reading, index - 2)
        and _stands_apart(reading, index)
    ):
        return -token.value, False
    return token.value, False


def _stands_apart(reading: Reading, index: int) -> bool:
    """A minus sign touches its number and has a blank or nothing before it."""
    sign = reading.tokens[index - 1]
    before = reading.text[sign.start - 1 : sign.start]
    return sign.key == "minus" or (sign.end == reading.tokens[index].start and before in {"", " ", "("})


def _unit(reading: Reading, index: int, end: int, numbers: list[int]) -> tuple[str, str, int]:
    """The unit (or foreign noun) of a number and the token it stands at, -1 where none does."""
    if reading.tokens[index].kind == "ordinal":
        word = reading.key(index + 1)
        return ("day_index" if word in {"day", "sprint", "working", "workday"} else "ordinal"), "", index + 1
    if reading.key(index - 1) == "day" and not _is_numbered_day(reading, index - 1):
        return "day_index", "", index
    if _range_end(reading, index):
        return _unit(reading, _range_end(reading, index), _range_end(reading, index) + 1, numbers)
    found = _noun_after(reading, index, index + 1) if end > index + 2 else ("", "", -1)
    if not found[0]:
        found = _noun_after(reading, index, end)
    if found[2] < 0 and not found[0]:
        found = _noun_before(reading, index, numbers)
    return found


def _is_numbered_day(reading: Reading, place: int) -> bool:
    """Text such as "the 6th working day": its number stands before it, so the one after it counts something else."""
    return any(
        0 <= place - step < len(reading.tokens) and reading.tokens[place - step].kind == "ordinal"
        for step in (1, 2)
    )


def _range_end(reading: Reading, index: int) -> int:
    """The second number of "3-5", "three to five", "between 3 and 5", or 0."""
    joins = reading.key(index + 1) in {"-", "–", "to"} or (
        reading.key(index + 1) == "and" and reading.key(index - 1) == "between"
    )
    return index + 2 if joins and _plain_number(reading, index + 2) else 0


def _noun_after(reading: Reading, index: int, end: int) -> tuple[str, str, int]:
    workday = False
    for place in range(end, min(end + 5, len(reading.tokens))):
        token = reading.tokens[place]
        if token.kind == "punct" and token.text in {"-", "%"} and place == end:
            if token.text == "%":
                ahead = reading.key(place + 1)
                return (UNITS.get(ahead, "percent")), "", place
            continue
        if token.kind != "word":
            break
        if token.key in UNITS and not (
            token.key in {"story", "stories"} and reading.key(place + 1) in {"points", "point"}
        ):
            return _unit_of(token.key, workday), "", place
        workday = workday or token.key in WORKDAY
        if token.key in FUNCTION_WORDS:
            if token.key in {"more", "fewer", "less", "of"} or _of_the(reading, place):
                continue
            break
        if token.key in {"last", "next", "previous", "prior"}:
            break
        if _is_foreign_plural(reading, index, token.key):
            return "", token.key, place
    return "", "", -1


def _of_the(reading: Reading, place: int) -> bool:
    """The "the" of "half the points" and "three of our points"."""
    determiner = reading.key(place) in {"the", "our", "its", "these", "those"}
    return determiner and (reading.key(place - 1) == "of" or reading.key(place - 1) in FRACTIONS)


def _unit_of(word: str, workday: bool) -> str:
    unit = UNITS[word]
    return "working_days" if unit == "days" and workday else unit


def _is_foreign_plural(reading: Reading, index: int, word: str) -> bool:
    value = reading.tokens[index].value
    return (
        word.endswith("s")
        and not word.endswith("ss")
        and word not in NOT_PLURALS
        and word not in CONCEPTS
        and value != 1
        and len(word) > 2
    )


def _noun_before(reading: Reading, index: int, numbers: list[int]) -> tuple[str, str, int]:
    """Text such as "Points done: 9" and "a cycle time in days of 3": a unit that stands up to four words before its number."""
    for place in range(index - 1, max(-1, index - 5), -1):
        token = reading.tokens[place]
        if place in numbers or (token.kind == "punct" and token.text not in {":", "-"}):
            break
        if token.key in UNITS and token.key not in {
            "item",
            "people",
            "person",
            "sprint",
            "sprints",
            "week",
            "day",
            "days",
            "weeks",
        }:
            return UNITS[token.key], "", -1
    return "", "", -1


_COMES_TO = frozenset(
    "is are was were went gone goes back add adds added adding sum sums came comes rose grew climbed moved amounts amount".split()
)


def _bound(reading: Reading, index: int) -> str:
    place = index - 1
    if reading.key(place) in {"the", "a", "an", "just", "only", "p85", "p50"}:
        place -= 1
    two = f"{reading.key(place - 1)} {reading.key(place)}"
    if two == "up to" and reading.key(place - 2) in _COMES_TO:
        return ""
    if two in _TWO_WORD_BOUNDS:
        return "<=" if reading.key(place - 2) == "no" and two == "more than" else _TWO_WORD_BOUNDS[two]
    if f"{reading.key(place - 2)} {two}" == "no more than":
        return "<="
    return _BOUNDS.get(reading.key(place), "")


def each_range(reading: Reading, found: list[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """Pairs of figures that are the ends of one range."""
    by_place = {figure.at: figure for figure in found}
    for figure in found:
        end = _range_end(reading, figure.at)
        other = by_place.get(end) if end else None
        if other is not None:
            yield figure, other
