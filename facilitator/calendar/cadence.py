"""How often a ceremony is due, and the instants that follow from it.

First step of the flow: a clock tick becomes a fire, a fire becomes the end of a `Window` (see `windows`). Each cadence
says which local days it stands on; `walltime` turns day and time into one instant. It never looks at a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from facilitator.calendar.walltime import day_exists, instant_of, local_day
from facilitator.calendar.workdays import WorkingDays, weekday_number

Shift = Literal["skip", "next", "previous"]
"""What a weekly fire does on a free day: stay out, or move to the next or the previous working day."""

SprintEnd = tuple[str, datetime]
"""A sprint's name and its planned end: the first instant that no longer belongs to it."""

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Every working day of the team at this local time; `days` (Monday is 0) narrows it to some of them."""

    at: time
    days: frozenset[int] | None = None

    def __post_init__(self) -> None:
        _need_local(self.at)
        if self.days is not None:
            object.__setattr__(self, "days", frozenset(weekday_number(day) for day in self.days))


@dataclass(frozen=True, slots=True)
class Weekly:
    """Once a week at this local time; `day` is a number (Monday is 0) or an English name, kept as a number."""

    day: int | str
    at: time
    shift: Shift = "next"

    def __post_init__(self) -> None:
        _need_local(self.at)
        object.__setattr__(self, "day", weekday_number(self.day))


@dataclass(frozen=True, slots=True)
class EndOfSprint:
    """On the last working day of each sprint at this local time, or `offset_days` working days after (before) it."""

    at: time
    offset_days: int = 0

    def __post_init__(self) -> None:
        _need_local(self.at)


@dataclass(frozen=True, slots=True)
class Once:
    """At this one instant, free day or not: somebody asked for it."""

    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an instant needs a time zone")


Cadence = Weekdays | Weekly | EndOfSprint | Once


@dataclass(frozen=True, slots=True)
class Fire:
    """One due instant, in UTC. `day` is the local day it stands for, `moved_from` the free day it was moved from."""

    at: datetime
    day: date
    moved_from: date | None = None
    sprint: str = ""


def fires(
    cadence: Cadence,
    zone: ZoneInfo,
    working: WorkingDays,
    since: datetime,
    until: datetime,
    *,
    sprints: Sequence[SprintEnd] = (),
) -> tuple[Fire, ...]:
    """Every fire in (since, until], oldest first, never two at one instant.

    A local day has exactly one fire at most, whatever its clocks do. `sprints` matter to `EndOfSprint` only; hand in
    those whose end lies near the span, with the ends known now (a moved sprint gives a moved fire).
    """
    due: dict[datetime, Fire] = {}
    for fire in _candidates(cadence, zone, working, (since, until), sprints):
        if since < fire.at <= until:
            due.setdefault(fire.at, fire)
    return tuple(due[at] for at in sorted(due))


def _candidates(
    cadence: Cadence,
    zone: ZoneInfo,
    working: WorkingDays,
    span: tuple[datetime, datetime],
    sprints: Sequence[SprintEnd],
) -> Iterator[Fire]:
    def works(day: date) -> bool:
        return working.is_working_day(day) and day_exists(day, zone)

    match cadence:
        case Once(at=at):
            yield Fire(at.astimezone(UTC), local_day(at, zone))
        case EndOfSprint():
            yield from _sprint_fires(cadence, zone, working, sprints)
        case Weekdays(at=at, days=days):
            for day in _days(span, zone):
                if (days is None or day.weekday() in days) and works(day):
                    yield Fire(instant_of(day, at, zone), day)
        case _:
            for day in filter(works, _days(span, zone)):
                if (meant := _meant(cadence, day, works)) is not None:
                    yield Fire(instant_of(day, cadence.at, zone), day, None if meant == day else meant)


def _days(span: tuple[datetime, datetime], zone: ZoneInfo) -> Iterator[date]:
    """The local days of the span, and one before: a gap may push a fire past midnight."""
    first, last = (local_day(instant, zone) for instant in span)
    for n in range(-1, (last - first).days + 1):
        yield first + n * _DAY


def _meant(cadence: Weekly, day: date, works: Callable[[date], bool]) -> date | None:
    """The day of the week this working day stands for: itself, or a free day next to it; None for neither."""
    if day.weekday() == cadence.day:
        return day
    if cadence.shift == "skip":
        return None
    step = -_DAY if cadence.shift == "next" else _DAY
    other = day + step
    while not works(other):  # six steps at most: by then every other day of the week was met
        if other.weekday() == cadence.day:
            return other
        other += step
    return None


def _sprint_fires(
    cadence: EndOfSprint, zone: ZoneInfo, working: WorkingDays, sprints: Sequence[SprintEnd]
) -> Iterator[Fire]:
    for name, end in sprints:
        last = local_day(end - _MOMENT, zone)
        base = last if working.is_working_day(last) else working.previous_working_day(last)
        day = working.moved(base, cadence.offset_days)
        yield Fire(instant_of(day, cadence.at, zone), day, None if base == last else last, name)


def _need_local(at: time) -> None:
    if at.tzinfo is not None:
        raise ValueError("a cadence's time of day is local: leave its zone to the team")
