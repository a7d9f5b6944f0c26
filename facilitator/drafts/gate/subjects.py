"""What a number is about: the words of its own clause, and what the rest of its sentence lends it.

Between the tokens of a passage and its figures. It knows words, no facts.
"""

from __future__ import annotations

import re

from facilitator.drafts.gate.reading import Reading, is_break
from facilitator.drafts.gate.supports import PREVIOUS_TOPIC, Topics, topics_in

CHANGE, GAP = ("cmp", "change"), ("cmp", "plan")
_GAP_WORDS = re.compile(r"\b(behind|ahead|short of|off the plan|below plan|above plan)\b")
_GAP_IDIOMS = re.compile(r"\b(?:the work|what (?:is|follows)|those|tasks) behind (?:it|them)\b")


def subjects(
    reading: Reading, index: int, of_at: int, noun_at: int, numbers: list[int]
) -> tuple[Topics, Topics, bool]:
    """What the number is about: from its own clause, and with what its sentence lends it where the clause is silent."""
    first, last = reading.segment(index)
    own = [n for n in numbers if first <= n < last and n not in {index, of_at}]
    start = max([n + 1 for n in own if n < index], default=first)
    stop = min([n for n in own if n > max(index, of_at)], default=last)
    tail = max(of_at, index) + 1
    if of_at >= 0 and noun_at > of_at:
        tail = noun_at
    between = reading.lower(index + 1, of_at) if of_at > index else ""
    words = f"{reading.lower(start, index)} | {between} | {reading.lower(tail, stop)}"
    said = topics_in(words) | _percentile(reading.lower(first, last))
    beside = topics_in(reading.lower(max(of_at, index) + 1, noun_at)) if of_at < 0 <= noun_at else frozenset()
    if any(
        axis == "status" for axis, _ in beside
    ):  # "the two carried tasks": its adjective says what is counted
        said = frozenset(topic for topic in said if topic[0] != "status") | beside
    local = _with_comparisons(said, words, reading, index)
    wider = local | missing_axes(local, _lent(reading, index, first, last, numbers))
    return local, wider, _period_open(reading, index)


_PERCENTILES = re.compile(
    r"\b(?:at|with|in) ((?:15|50|85) (?:%|percent))|\b((?:15|50|85) (?:%|percent)) (?:of|sure|by|certain\w*|confidence|chance|likel\w+)"
)


def _percentile(words: str) -> Topics:
    """Text such as "85 % of the work takes 9 days" speaks of the p85."""
    return topics_in(" ".join(found for match in _PERCENTILES.findall(words) for found in match))


def _with_comparisons(topics: Topics, words: str, reading: Reading, index: int) -> Topics:
    found = set(topics)
    if reading.key(index - 1) == "from" and _trend_before(reading, index - 1):
        found.add(PREVIOUS_TOPIC)
    if _GAP_WORDS.search(_GAP_IDIOMS.sub(" ", words)):
        found -= {("status", "planned"), ("status", "expected")}  # the plan is the yardstick, not the subject
        found.add(GAP)
    elif _is_change(reading, index):
        found.add(CHANGE)
    return frozenset(found)


def _trend_before(reading: Reading, place: int) -> bool:
    first, _ = reading.sentence(place)
    return any(reading.key(n) in TREND_WORDS for n in range(max(first, place - 6), place))


PHRASAL_VERBS = frozenset(
    "took take takes taken taking pick picks picked picking set sets sign signs signed follow follows followed split break broke back backed slow "
    "slowed write wrote shut cut clean cleaned wrap wrapped speed sped bring brings come comes came look looks end ends ended hold holds held make "
    "makes made free freed open opens opened add adds turn turned show shows build builds built lock locked roll rolled close start starts give gave "
    "narrow narrowed run runs ran pin pinned note noted top ramp scale scaled line lined catch caught sum sums".split()
)
TREND_WORDS = frozenset(
    "up down rose rise risen fell fall fallen grew grow grown dropped drop increased decreased shrank went climbed "
    "declined improved increase decrease gone moved changed".split()
)


def _is_change(reading: Reading, index: int) -> bool:
    """Text such as "Up 2", "by two points", "3 more than last week": the number is a difference."""
    before = reading.key(index - 1)
    if before in {"+", "-", "−", "minus", "plus"}:
        before = reading.key(index - 2)
    if before in {"up", "down"}:
        return reading.key(index - 2) not in PHRASAL_VERBS
    if before == "by" and _trend_before(reading, index - 1):
        return True
    ahead = [reading.key(index + step) for step in range(1, 5)]
    return any(word in {"more", "fewer", "less"} for word in ahead[:3]) and "than" in ahead


def _period_open(reading: Reading, index: int) -> bool:
    """After "against", "than" or "compared with" a number may be an earlier one without saying so."""
    return any(
        reading.key(index - step) in {"against", "than", "with", "versus", "vs", "from", "after", "on"}
        for step in (1, 2)
    )


def _lent(reading: Reading, index: int, first: int, last: int, numbers: list[int]) -> Topics:
    """Subjects of clauses beside the number's own that hold no number themselves, then of the number before it."""
    begin, end = reading.sentence(index)
    found: Topics = frozenset()
    place = first - 1
    while place > begin:
        left, right = _clause_before(reading, place, begin)
        if any(left <= n < right for n in numbers):
            subjects = {topic for topic in topics_in(reading.lower(left, right)) if topic[0] == "subject"}
            found |= missing_axes(found, frozenset(subjects))
            break
        found |= missing_axes(found, topics_in(reading.lower(left, right)))
        place = left - 1
    if last < end:
        left, right = reading.segment(last + 1) if last + 1 < end else (last, last)
        if not any(left <= n < right for n in numbers):
            after = topics_in(reading.lower(left, right))
            found |= missing_axes(found, frozenset(topic for topic in after if topic != PREVIOUS_TOPIC))
    return found


def _clause_before(reading: Reading, place: int, begin: int) -> tuple[int, int]:
    right = place
    while right > begin and is_break(reading.tokens[right]):
        right -= 1
    left, stop = reading.segment(right)
    return max(left, begin), stop


def missing_axes(have: Topics, more: Topics) -> Topics:
    """Those of `more` on axes that `have` says nothing about."""
    axes = {axis for axis, _ in have}
    return frozenset(topic for topic in more if topic[0] not in axes)
