"""Dates, weekdays and clock times in free text, held against the dates the passage may use.

A date is right where a fact, the window, a cited task's due date or the item's own `due_on` has it, in the part the
words give it: "since" looks back, "by" and "due" look at due dates. "today" in a next step is not a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from facilitator.board.facts import Facts, show_date
from facilitator.drafts.faults import Fault
from facilitator.drafts.gate.lexicon import MONTHS, WEEKDAYS
from facilitator.drafts.gate.reading import Reading
from facilitator.drafts.gate.supports import PREVIOUS_TOPIC, Topics, about, topics_in
from facilitator.drafts.gate.telling import fault

_DATE_IN_TEXT = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s?(?:([ap])\.?m)?", re.IGNORECASE)
_BACK = frozenset({"since", "from", "after"})
_AHEAD = frozenset({"by", "until", "till", "due", "before", "deadline"})
_DUE_DATE = re.compile(r"\b(?:its|their|the) (?:due date|date was|date is|deadline)\b")
_WEEKDAY_REACH = timedelta(days=13)
_PREPOSITIONS = (
    _BACK | _AHEAD | {"on", "at", "for", "this", "last", "next", "to", "moved", "started", "expected", "of"}
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day the passage may name. `part` is since, due, now or any; `clock` a local time where one is known."""

    day: date
    part: str
    id: str
    topics: Topics = frozenset()
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A day named in the text, at token range [first, last): a date, or only a weekday."""

    first: int
    last: int
    day: date | None
    weekday: int | None
    part: str
    year_given: bool = True
    broken: bool = False


def mentions(reading: Reading) -> list[Mention]:
    """Every date and weekday of a passage, in reading order."""
    found: list[Mention] = []
    place = 0
    while place < len(reading.tokens):
        mention = _mention(reading, place)
        if mention is not None:
            found.append(mention)
        place = mention.last if mention is not None else place + 1
    return found


def taken(found: list[Mention]) -> frozenset[int]:
    """The tokens that belong to dates, so that no one takes them for figures."""
    return frozenset(index for mention in found for index in range(mention.first, mention.last))


def _mention(reading: Reading, place: int) -> Mention | None:
    weekday, begin = None, place
    if reading.tokens[place].kind == "word" and reading.key(place).removesuffix("'s") in WEEKDAYS:
        if reading.tokens[place].text[0].islower():
            return None
        weekday = WEEKDAYS[reading.key(place).removesuffix("'s")]
        begin = place + 1
        while reading.key(begin) in {",", ".", "the"}:
            begin += 1
    exact = _exact(reading, begin) if begin < len(reading.tokens) else None
    part = _part(reading, place)
    if exact is not None:
        day, last, year_given = exact
        return Mention(place, last, day, weekday, part, year_given, broken=day is None)
    return Mention(place, place + 1, None, weekday, part) if weekday is not None else None


def _exact(reading: Reading, place: int) -> tuple[date | None, int, bool] | None:
    """A date at this token: the day (None where it does not exist), the token after it, and whether its year is told."""
    token = reading.tokens[place]
    if token.kind == "date":
        parts = [int(part) for part in re.findall(r"\d+", token.text.split("T")[0])]
        if "-" in token.text:
            return _day(*parts[:3]), place + 1, True
        day = (
            _day(parts[2], parts[1], parts[0])
            if len(parts) > 2
            else _nearest_year(reading, parts[1], parts[0])
        )
        return day, place + 1, len(parts) > 2
    if token.kind in {"number", "ordinal"} and token.value is not None:
        month_at = place + 2 if reading.key(place + 1) == "of" else place + 1
        if not _is_month(reading, month_at):
            return None
        return _with_year(reading, month_at + 1, MONTHS[reading.key(month_at)], token.value)
    if _is_month(reading, place):
        number = place + 2 if reading.key(place + 1) in {".", "the"} else place + 1
        if (
            number < len(reading.tokens)
            and reading.tokens[number].kind in {"number", "ordinal"}
            and _touches(reading, place, number)
        ):
            return _with_year(
                reading, number + 1, MONTHS[reading.key(place)], reading.tokens[number].value or 0
            )
    return None


def _touches(reading: Reading, place: int, number: int) -> bool:
    return number == place + 1 or reading.key(place + 1) == "the" or len(reading.key(place)) <= 4


def _is_month(reading: Reading, place: int) -> bool:
    """A month's name is written with a capital: "may" is no month."""
    if not 0 <= place < len(reading.tokens):
        return False
    token = reading.tokens[place]
    return token.kind == "word" and token.key in MONTHS and token.text[0].isupper()


def _with_year(reading: Reading, place: int, month: int, day: float) -> tuple[date | None, int, bool]:
    ahead = place + 1 if reading.key(place) == "," else place
    if ahead < len(reading.tokens):
        year = reading.tokens[ahead].value
        if (
            reading.tokens[ahead].kind == "number"
            and year
            and 1990 <= year <= 2100
            and "," not in reading.tokens[ahead].text
        ):
            return _day(int(year), month, int(day)), ahead + 1, True
    return _nearest_year(reading, month, int(day)), place, False


def _nearest_year(reading: Reading, month: int, day: int) -> date | None:
    """A date told without its year is the one nearest to today."""
    now = _today(reading)
    options = [found for year in (now.year - 1, now.year, now.year + 1) if (found := _day(year, month, day))]
    return min(options, key=lambda found: abs(found - now), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _part(reading: Reading, place: int) -> str:
    for step in range(1, 4):
        word = reading.key(place - step)
        if word in _BACK:
            return "since"
        if word in _AHEAD:
            return "due"
        if word not in _PREPOSITIONS and word not in {"the", "latest", ",", "end", "close", "("}:
            break
    return "any"


def moments(reading: Reading) -> list[Moment]:
    """The days this passage may name."""
    facts = reading.facts
    zone = ZoneInfo(facts.zone)
    found = [
        _moment(facts.start, zone, "since", "window.start"),
        _moment(facts.end, zone, "now", "window.end"),
        _moment(facts.as_of, zone, "now", "as_of"),
    ]
    found += list(_of_facts(facts, zone))
    for gid in reading.cited:
        task = facts.tasks[gid]
        if task.due_on:
            found.append(Moment(date.fromisoformat(task.due_on[:10]), "due", f"tasks.{gid}.due_on"))
        for key, note in task.notes.items():
            found += _in_note(note, f"tasks.{gid}.notes.{key}")
    if reading.item is not None and reading.item.due_on is not None:
        found.append(Moment(reading.item.due_on, "due", "due_on"))
    return found


def _of_facts(facts: Facts, zone: ZoneInfo) -> Iterator[Moment]:
    for fact in facts.facts.values():
        if not isinstance(fact.value, str):
            continue
        topics = about(fact, facts)
        if fact.unit == "date":
            yield Moment(date.fromisoformat(fact.value[:10]), _part_of(fact.id), fact.id, topics)
        elif fact.unit == "instant":
            yield _moment(datetime.fromisoformat(fact.value), zone, _part_of(fact.id), fact.id, topics)
        else:
            yield from _in_note(fact.value, fact.id)


def _part_of(fact_id: str) -> str:
    words = set(re.split(r"[._]", fact_id))
    if words & {"start", "since", "began", "from"}:
        return "since"
    return "now" if words & {"today", "now"} else "any"


def _in_note(text: str, place: str) -> Iterator[Moment]:
    for match in _DATE_IN_TEXT.finditer(text):
        day = _day(*(int(part) for part in match[0].split("-")))
        if day is not None:
            yield Moment(day, "any", place)


def _moment(instant: datetime, zone: ZoneInfo, part: str, name: str, topics: Topics = frozenset()) -> Moment:
    local = instant.astimezone(zone)
    return Moment(local.date(), part, name, topics, f"{local:%H:%M}")


def date_faults(reading: Reading, found: list[Mention]) -> Iterator[Fault]:
    """Dates and weekdays that nothing supports."""
    if not found:
        return
    known = moments(reading)
    for mention in found:
        usable = _usable(reading, mention, known)
        if mention.broken or not any(_same_day(mention, moment, reading) for moment in usable):
            yield _told(reading, mention, usable or known)
        elif mention.day is not None and mention.weekday not in {None, mention.day.weekday()}:
            yield _wrong_weekday(reading, mention)


def _usable(reading: Reading, mention: Mention, known: list[Moment]) -> list[Moment]:
    first, last = _clause(reading, mention)
    topics = topics_in(reading.lower(first, last))
    alike = [moment for moment in known if not _other_stat(moment.topics, topics)]
    dues = [moment for moment in alike if moment.part == "due"]
    if dues and _DUE_DATE.search(reading.lower(first, last)):
        return dues
    if (
        dues
        and mention.part != "any"
        and (("status", "overdue") in topics or reading.key(mention.first - 1) == "due")
    ):
        return dues
    if mention.part == "since":
        return [
            moment for moment in alike if moment.part in {"since", "any"} and moment.day <= _today(reading)
        ]
    if mention.part == "due":
        told = [moment for moment in alike if moment.topics & topics or _named(moment, reading, first, last)]
        named = _best_named(alike, topics, reading, first, last)
        return dues + told if dues else named or [moment for moment in alike if moment.part in {"any", "now"}]
    best = _best_named(alike, topics, reading, first, last)
    if best:
        return best
    if dues:
        return [
            moment for moment in alike if moment.part in {"due", "since"} or moment.id.startswith("tasks.")
        ]
    if mention.day is None:
        return [moment for moment in alike if moment.part != "now" or reading.item is None]
    return alike


def _clause(reading: Reading, mention: Mention) -> tuple[int, int]:
    """The clause around a day, with what explains it right after: "12 June, the last day of the sprint"."""
    first, last = reading.segment(mention.first)
    if mention.last != last or reading.key(last) not in {",", "("}:
        return first, last
    if last + 1 < reading.sentence(mention.first)[1]:
        end = reading.segment(last + 1)[1]
        if all(token.value is None and token.kind != "date" for token in reading.tokens[last:end]):
            return first, end
    return first, last


def _best_named(known: list[Moment], topics: Topics, reading: Reading, first: int, last: int) -> list[Moment]:
    """The days whose subject the clause names: the forecast's p85, the end of the sprint."""
    words = set(reading.lower(first, last).split())
    scores = {moment: 2 * len(moment.topics & topics) + len(_own_words(moment) & words) for moment in known}
    most = max(scores.values(), default=0)
    return [moment for moment, score in scores.items() if score == most] if most else []


def _own_words(moment: Moment) -> set[str]:
    return set(re.split(r"[._]", moment.id)) - {"date", "on", "tasks", "notes", "due", "as", "of"}


def _other_stat(known: Topics, said: Topics) -> bool:
    theirs = {concept for axis, concept in known if axis == "stat"}
    ours = {concept for axis, concept in said if axis == "stat"}
    return bool(theirs and ours and not theirs & ours) or (
        PREVIOUS_TOPIC in known and PREVIOUS_TOPIC not in said
    )


def _named(moment: Moment, reading: Reading, first: int, last: int) -> bool:
    return bool((_own_words(moment) - {"start"}) & set(reading.lower(first, last).split()))


def _today(reading: Reading) -> date:
    return reading.facts.as_of.astimezone(ZoneInfo(reading.facts.zone)).date()


def _same_day(mention: Mention, moment: Moment, reading: Reading) -> bool:
    if mention.day is None:
        return moment.day.weekday() == mention.weekday and abs(moment.day - _today(reading)) <= _WEEKDAY_REACH
    if mention.year_given:
        return mention.day == moment.day
    return (mention.day.month, mention.day.day) == (moment.day.month, moment.day.day)


def _told(reading: Reading, mention: Mention, usable: list[Moment]) -> Fault:
    claim = reading.span(mention.first, mention.last)
    near = min(usable, key=lambda moment: _distance(moment, mention, reading), default=None)
    right = show_date(near.day) if near else ""
    ending = f"{near.id} is {right}; write that, or leave the day out" if near else "leave it out"
    return fault(
        reading,
        "date",
        mention.first,
        claim,
        f"no fact has the day '{claim}': {ending}",
        fact=near.id if near else "",
        right=right,
    )


def _distance(moment: Moment, mention: Mention, reading: Reading) -> tuple[int, int]:
    wanted = mention.day or _today(reading)
    return (moment.part != mention.part, abs((moment.day - wanted).days))


def _wrong_weekday(reading: Reading, mention: Mention) -> Fault:
    assert mention.day is not None
    claim = reading.span(mention.first, mention.last)
    right = show_date(mention.day)
    return fault(
        reading, "date", mention.first, claim, f"'{claim}' has the wrong weekday: it is {right}", right=right
    )


def clock_faults(reading: Reading) -> Iterator[Fault]:
    """Clock times that no instant of the facts has: a time that nobody recorded is invented."""
    clocks = [index for index, token in enumerate(reading.tokens) if token.kind == "clock"]
    if not clocks:
        return
    known = {moment.clock: moment.id for moment in moments(reading) if moment.clock}
    said = " ".join(_texts(reading))
    for index in clocks:
        claim = reading.tokens[index].text
        if _as_24(claim) not in known and claim not in said:
            near = next(iter(known), "")
            yield fault(
                reading,
                "date",
                index,
                claim,
                f"no fact has the time {claim}; leave it out, or name a day in `due_on`",
                fact=known.get(near, ""),
                right=near,
            )


def _texts(reading: Reading) -> Iterator[str]:
    for gid in reading.cited:
        task = reading.facts.tasks[gid]
        yield from (task.name, *task.notes.values())
    yield from (str(fact.value) for fact in reading.facts.facts.values() if fact.unit == "text")


def _as_24(text: str) -> str:
    match = _CLOCK.match(text)
    if not match:
        return text
    hour = int(match[1])
    if match[3]:
        hour = hour % 12 + (12 if match[3].lower() == "p" else 0)
    return f"{hour:02}:{match[2] or '00'}"


def relative_faults(reading: Reading) -> Iterator[Fault]:
    """Text such as "Due today", "due tomorrow", "since yesterday": relative days that a cited task or the window must bear out."""
    if reading.part not in {"text", "headline"}:
        return
    today = _today(reading)
    offsets = {"yesterday": -1, "today": 0, "tomorrow": 1}
    for index, token in enumerate(reading.tokens):
        if token.kind != "word" or token.key not in offsets:
            continue
        day = today + timedelta(days=offsets[token.key])
        before = reading.key(index - 1)
        dues = [moment for moment in moments(reading) if moment.part == "due"]
        if before == "due" and dues and all(moment.day != day for moment in dues):
            yield _not_then(reading, index, "due", dues[0])
        if before == "since" and token.key == "yesterday":
            known = [moment for moment in moments(reading) if moment.part in {"since", "any"}]
            if all(moment.day != day for moment in known):
                yield _not_then(reading, index, "since", known[0])


def _not_then(reading: Reading, index: int, word: str, moment: Moment) -> Fault:
    claim = f"{word} {reading.key(index)}"
    right = show_date(moment.day)
    return fault(
        reading,
        "date",
        index,
        claim,
        f"'{claim}' is not so: {moment.id} is {right}",
        fact=moment.id,
        right=right,
    )
