"""Directions and comparisons: up, down, more than last week, ahead of plan, over the limit, a range's order.

A direction is right where the two figures it compares bear it out. It needs both: a trend without an earlier figure in
the facts is a fault, because nobody could check it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from facilitator.drafts.faults import Fault
from facilitator.drafts.gate.figures import Figure
from facilitator.drafts.gate.pool import Pool, plan_pairs
from facilitator.drafts.gate.reading import Reading
from facilitator.drafts.gate.subjects import GAP
from facilitator.drafts.gate.supports import PREVIOUS_TOPIC, Support, Topics, previous_of, topics_in
from facilitator.drafts.gate.telling import fault, value_of

UP = r"up|rose|risen|rises|grew|grown|grows|increased|increases|climbed|climbs|went up|gone up|higher|more|longer|larger|bigger|above"
DOWN = r"down|fell|fallen|falls|dropped|drops|decreased|decreases|declined|shrank|shrunk|went down|gone down|lower|fewer|less|shorter|smaller|below"
SAME = r"same|unchanged|flat|level|steady|equal|as many|as much|no change|stable"
_EARLIER = (
    r"(?:(?:the )?(?:last|previous|prior) (?:week|sprint|iteration|month|period|time|report|retro|one)|(?:the )?(?:week|sprint|month|period|one) before|"
    r"before|a (?:week|sprint|month) (?:ago|earlier)|sprint \d+)"
)
_NUMBER = r"(?:\d+(?:[.,]\d+)*(?: ?%)?|[a-z]+(?: ?- ?[a-z]+)?)"
_PATTERNS = (
    re.compile(
        rf"\b(?P<dir>{UP}|{DOWN})\b(?: (?:by |to )?{_NUMBER}(?: (?:story )?\w+| ?%)?)? (?:from|on|since|over|against|compared with|compared to) "
    ),
    re.compile(
        rf"\b(?P<dir>{UP}|{DOWN})(?: \w+){{0,3}} than (?:in |during |for )?(?:the \d+ (?:of |in )?)?(?P<earlier>{_EARLIER}|\d)"
    ),
    re.compile(
        r"\b(?P<dir>rose|fell|grew|dropped|increased|decreased|climbed|declined|shrank|up|down|went up|went down)(?: again)? by "
    ),
    re.compile(
        rf"\b(?P<dir>{SAME})\b(?: \w+){{0,3}} (?:as|from|on|since|with|than|against|compared with|to) (?:in |the )*(?P<earlier>{_EARLIER})"
    ),
    re.compile(r"\b(?P<dir>up|down|unchanged|flat)\b(?= ?(?:$|,|;|\)|-|this week|this sprint|again))"),
    re.compile(
        r"\b(?P<dir>rose|fell|grew|dropped|increased|decreased|climbed|declined|shrank|unchanged)\b(?! (?:by|from|out|off|to|the|it|them|a|in|into))"
    ),
    re.compile(
        r"\b(?P<dir>rose|fell|grew|dropped|increased|decreased|climbed|declined|shrank|went up|went down)\b to \d"
    ),
    re.compile(r"\b(?P<dir>doubled|halved|tripled)\b"),
)
_PHRASAL = re.compile(
    r"\b(?:set|sets|setting|sign|signs|signed|signing|follow|followed|following|split|break|broke|back|backed|slow|slowed|slows|write|wrote|"
    r"written|shut|cut|pick|picked|picks|take|took|taken|clean|cleaned|wrap|wrapped|speed|sped|speeds|bring|brings|come|comes|came|look|looks|end|ends|"
    r"ended|hold|holds|held|make|makes|made|free|frees|freed|open|opens|warm|warmed|track|tracked|catch|caught|line|lined|add|adds|"
    r"turn|turned|turns|show|shows|build|builds|built|cool|lock|locked|roll|rolled|rolls|close|start|starts|spin|give|gives|gave|tear|"
    r"break|narrow|narrowed|run|runs|ran|boil|boils|pin|pinned|note|noted|top|topped|ramp|scale|scaled)\s+(?:\w+\s+)?$"
)
_CHANGING = frozenset("doubled halved tripled".split())


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction claimed at one place of a sentence: +1, -1 or 0, or a factor; `earlier` where it names a period."""

    at: int
    words: str
    sign: int
    factor: float
    earlier: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """One sentence: its plain text, its figures with what they rest on, and the pool."""

    reading: Reading
    pool: Pool
    first: int
    last: int
    rests: tuple[tuple[Figure, Support], ...]

    def text(self) -> tuple[str, list[int]]:
        """The sentence in lower case with each token's place in it."""
        text = ""
        starts: list[int] = []
        for index in range(self.first, self.last):
            token = self.reading.tokens[index]
            if starts and token.start > self.reading.tokens[index - 1].end:
                text += " "
            starts.append(len(text))
            text += _shown(token.kind, token.key, token.value)
        return text, starts


def _shown(kind: str, key: str, value: float | None) -> str:
    if kind in {"task", "person", "team", "fixed"}:
        return "_"
    return f"{value:g}" if value is not None and value != float("inf") and kind == "number" else key


def scenes(reading: Reading, pool: Pool, rests: list[tuple[Figure, Support]]) -> Iterator[Scene]:
    """The sentences of a passage."""
    index = 0
    while index < len(reading.tokens):
        first, last = reading.sentence(index)
        if last > first:
            inside = tuple(pair for pair in rests if first <= pair[0].at < last)
            yield Scene(reading, pool, first, last, inside)
        index = last + 1


def trend_faults(scene: Scene) -> Iterator[Fault]:
    """Directions that the figures do not bear out."""
    if scene.reading.part in {"next_step", "signal", "owner"}:
        return
    text, starts = scene.text()
    done: set[int] = set()
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start = match.start("dir")
            if start in done or _PHRASAL.search(text[:start]):
                continue
            done.add(start)
            place = max((n for n, begin in enumerate(starts) if begin <= start), default=0)
            direction = _direction(match, scene.first + place)
            problem = _untrue(direction, scene, text)
            if problem is not None:
                yield problem


def _direction(match: re.Match[str], at: int) -> Direction:
    word = match["dir"]
    sign = 1 if re.fullmatch(UP, word) else -1 if re.fullmatch(DOWN, word) else 0
    factor = {"doubled": 2.0, "tripled": 3.0, "halved": 0.5}.get(word, 0.0)
    earlier = bool(match.groupdict().get("earlier")) and not match["earlier"].isdigit()
    return Direction(at, match[0].strip(), sign, factor, earlier)


def _untrue(direction: Direction, scene: Scene, text: str) -> Fault | None:
    by = _flow_of(direction, scene)
    if by is not None:
        return (
            None
            if direction.sign == (1 if "added" in by.axis("status") else -1)
            else _wrong(direction, scene, by, None)
        )
    written = _from_and_to(direction, scene)
    if written is not None:
        return _against(direction, scene, *written)
    now = _subject(direction, scene, text)
    if now is None:
        return _unfounded(direction, scene) if direction.earlier else None
    if {"change", "delta", "diff", "trend"} & now.words:
        return (
            None
            if (now.value > 0) - (now.value < 0) == direction.sign
            else _wrong(direction, scene, now, None)
        )
    before = previous_of(now, scene.pool.all())
    if before is None:
        return _unfounded(direction, scene) if direction.earlier else None
    return _against(direction, scene, now, before)


def _flow_of(direction: Direction, scene: Scene) -> Support | None:
    """What was added or removed, where "grew by 5" tells exactly that figure and no change of it."""
    by = next(
        (pair for pair in scene.rests if pair[0].at > direction.at and _comes_after(scene, pair[0], {"by"})),
        None,
    )
    if by is None:
        return None
    flows = [
        one for one in scene.pool.general if {"added", "removed"} & one.axis("status") and not one.is_previous
    ]
    return next((one for one in flows if one.value == by[0].value and one.unit == by[1].unit), None)


def _from_and_to(direction: Direction, scene: Scene) -> tuple[Support, Support] | None:
    """The two figures of "9, up from 7", "from 7 to 9", "9 against 7 last week", where the text has both."""
    place = direction.at - scene.first
    after = [pair for pair in scene.rests if pair[0].at > direction.at]
    before = [pair for pair in scene.rests if pair[0].at < direction.at]
    keys = [scene.reading.key(scene.first + n) for n in range(place, scene.last - scene.first)]
    old = next(
        (pair for pair in after if _comes_after(scene, pair[0], {"from", "on", "than", "against"})), None
    )
    if old is None or "change" in {name for _, name in old[0].topics}:
        return None
    new = next(
        (pair for pair in after if pair[0].at != old[0].at and _comes_after(scene, pair[0], {"to"})), None
    )
    new = new or (before[-1] if before else None)
    if new is None or "than" in keys[:1]:
        return None
    return (new[1], old[1]) if new[1].id != old[1].id else None


def _comes_after(scene: Scene, figure: Figure, words: set[str]) -> bool:
    return any(scene.reading.key(figure.at - step) in words for step in (1, 2, 3))


def _subject(direction: Direction, scene: Scene, text: str) -> Support | None:
    """What is said to have changed: the figure before the word, else the fact its clause speaks of."""
    before = [
        pair for pair in scene.rests if pair[0].at < direction.at and not pair[1].derived and not pair[1].own
    ]
    if before:
        now = _with_earlier(_present(before[-1][1], scene), scene)
        if not direction.earlier or previous_of(now, scene.pool.general) is not None:
            return now
    topics = topics_in(text) - {PREVIOUS_TOPIC}
    return _about(topics, text, scene)


def _with_earlier(support: Support, scene: Scene) -> Support:
    """Of two facts with one value about one thing, the one that has an earlier figure."""
    if previous_of(support, scene.pool.general) is not None:
        return support
    alike = [
        one
        for one in scene.pool.general
        if one.value == support.value and one.unit == support.unit and one.topics & support.topics
    ]
    return next((one for one in alike if previous_of(one, scene.pool.general) is not None), support)


def _present(support: Support, scene: Scene) -> Support:
    if not support.is_previous:
        return support
    return next((one for one in scene.pool.general if previous_of(one, scene.pool.all()) == support), support)


def _about(topics: Topics, text: str, scene: Scene) -> Support | None:
    words = set(text.split())
    options = [
        support
        for support in scene.pool.general
        if support.unit != "text"
        and not support.is_previous
        and support.topics & topics
        and (
            previous_of(support, scene.pool.general) is not None
            or {"change", "delta", "trend"} & support.words
        )
    ]
    return max(
        options,
        key=lambda one: (len(one.topics & topics), one.unit in words, -len(one.topics - topics)),
        default=None,
    )


def _against(direction: Direction, scene: Scene, now: Support, before: Support) -> Fault | None:
    if now.unit != before.unit:
        message = (
            f"'{direction.words}' compares {now.id} with {before.id}, which are not counted in the same unit"
        )
        return fault(
            scene.reading, "unit", direction.at, direction.words, message, fact=now.id, right=value_of(now)
        )
    if direction.factor:
        true = before.value and abs(now.value / before.value - direction.factor) <= 0.1 * direction.factor
    else:
        true = (now.value > before.value) - (now.value < before.value) == direction.sign
    return None if true else _wrong(direction, scene, now, before)


def _wrong(direction: Direction, scene: Scene, now: Support, before: Support | None) -> Fault:
    right = value_of(now) + (f", before {value_of(before)}" if before is not None else "")
    message = f"'{direction.words}' is the wrong way: {now.id} is {right}; say what the two figures show"
    return fault(scene.reading, "trend", direction.at, direction.words, message, fact=now.id, right=right)


def _unfounded(direction: Direction, scene: Scene) -> Fault:
    message = f"'{direction.words}' compares with a figure the facts do not hold; leave the comparison out"
    return fault(scene.reading, "trend", direction.at, direction.words, message)


_PLAN = re.compile(
    r"\b(?P<behind>behind (?:the )?(?:plan|schedule|line|target|pace|where)|short of (?:the )?(?:plan|line|target)|below (?:the )?(?:plan|expected line|ideal line)|behind|running late)\b"
    r"|\b(?P<ahead>ahead of (?:the )?(?:plan|schedule|line|target|pace|where)|above (?:the )?(?:plan|expected line)|ahead)\b"
    r"|\b(?P<on>on plan|on schedule|exactly on plan|right on plan)\b"
)
_LIMIT = re.compile(
    r"\b(?P<over>over|above|exceeds?|beyond|past)(?: (?:the|its|our|their))?(?: \w+)? (?:limit|cap)\b"
    r"|\b(?P<within>within|under|below|inside)(?: (?:the|its|our|their))?(?: \w+)? (?:limit|cap)\b"
    r"|\b(?P<at>at)(?: (?:the|its|our|their))?(?: \w+)? (?:limit|cap)\b"
)


def plan_faults(scene: Scene) -> Iterator[Fault]:
    """Text such as "Ahead of plan" and "over the limit" against the figures that decide them."""
    if scene.reading.part in {"next_step", "signal", "owner"}:
        return
    text, starts = scene.text()
    for match in _PLAN.finditer(text):
        yield from _against_plan(scene, match, text, starts)
    for match in _LIMIT.finditer(text):
        yield from _against_limit(scene, match, starts)


def _against_plan(scene: Scene, match: re.Match[str], text: str, starts: list[int]) -> Iterator[Fault]:
    """Text such as "Behind" alone may be a place; beside a figure that is a gap it is a claim."""
    pairs = list(plan_pairs([support for support in scene.pool.general if support.unit != "text"]))
    gap = any(GAP in figure.topics for figure, _ in scene.rests)
    if not pairs or (match[0] in {"behind", "ahead"} and not gap):
        return
    words = set(text.split())
    done, expected = max(pairs, key=lambda pair: pair[0].unit in words)
    sign = 1 if match["ahead"] else -1 if match["behind"] else 0
    if (done.value > expected.value) - (done.value < expected.value) != sign:
        yield _not_so(scene, match, starts, done, expected)


def _against_limit(scene: Scene, match: re.Match[str], starts: list[int]) -> Iterator[Fault]:
    counted = [support for support in scene.pool.general if "wip" in support.axis("status")]
    limit = next((one for one in counted if "limit" in one.axis("subject")), None)
    now = next((one for one in counted if "limit" not in one.axis("subject")), None)
    if limit is None or now is None:
        return
    allowed = (1,) if match["over"] else (0,) if match["at"] else (-1, 0)
    if (now.value > limit.value) - (now.value < limit.value) not in allowed:
        yield _not_so(scene, match, starts, now, limit)


def _not_so(scene: Scene, match: re.Match[str], starts: list[int], left: Support, right: Support) -> Fault:
    at = scene.first + max((n for n, begin in enumerate(starts) if begin <= match.start()), default=0)
    told = f"{value_of(left)} against {value_of(right)}"
    message = f"'{match[0]}' is not so: {left.id} against {right.id} is {told}; say what the figures show"
    return fault(scene.reading, "trend", at, match[0], message, fact=left.id, right=told)
