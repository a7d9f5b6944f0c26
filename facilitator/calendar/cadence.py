"""How often a ceremony is due: the kinds of schedule a team may choose.

First step of the flow: `fires` turns a cadence into due instants on a team's calendar. This module only says what each
kind means and refuses one that means nothing; it never looks at a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from cronsim import CronSim, CronSimError

from facilitator.calendar.workdays import weekday_number

Shift = Literal["skip", "next", "previous"]
"""What a fire does on a free day: stay out, or move to the next or the previous working day."""


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Every working day of the team at this local time; `days` (Monday is 0) narrows it to some of them.

    `shift` matters where it is narrowed: a Monday and Thursday meeting may move off a free Monday.
    """

    at: time
    days: frozenset[int] | None = None
    shift: Shift = "skip"

    def __post_init__(self) -> None:
        _need_local(self.at)
        if self.days is not None:
            object.__setattr__(self, "days", frozenset(weekday_number(day) for day in self.days))


@dataclass(frozen=True, slots=True)
class Weekly:
    """Once a week at this local time; `day` is a number (Monday is 0) or an English name, kept as a number.

    With `every` above 1 only in each n-th week, counted from the week (Monday to Sunday) that holds `anchor`.
    """

    day: int | str
    at: time
    shift: Shift = "next"
    every: int = 1
    anchor: date | None = None

    def __post_init__(self) -> None:
        _need_local(self.at)
        object.__setattr__(self, "day", weekday_number(self.day))
        if self.every < 1:
            raise ValueError(f"every {self.every} weeks has no meaning: 1 is every week")
        if self.every > 1 and self.anchor is None:
            raise ValueError("every n-th week needs an anchor: a date in one of those weeks")


@dataclass(frozen=True, slots=True)
class EndOfSprint:
    """At the end of each sprint at this local time, or `offset_days` working days after (before) it.

    A sprint that ends on a free day ends on the working day before it; `shift` may say after it, or not at all.
    """

    at: time
    offset_days: int = 0
    shift: Shift = "previous"

    def __post_init__(self) -> None:
        _need_local(self.at)


@dataclass(frozen=True, slots=True)
class Monthly:
    """On the n-th working day of each month at this local time; -1 is the last one, -2 the one before it.

    A month with fewer working days than that has no fire.
    """

    nth: int
    at: time

    def __post_init__(self) -> None:
        _need_local(self.at)
        if not 1 <= abs(self.nth) <= 23:
            raise ValueError(
                f"{self.nth} is no working day of a month: 1 to 23 from its start, -1 to -23 from its end"
            )


@dataclass(frozen=True, slots=True)
class Once:
    """At this one instant, free day or not: somebody asked for it."""

    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an instant needs a time zone")


@dataclass(frozen=True, slots=True)
class Cron:
    """Whenever five cron fields match the local wall clock; for what no other cadence says.

    Fields are minute, hour, day of month, month, day of week, with `L` and `5#2` as cronsim reads them. Free days do not
    matter unless `shift` says so.
    """

    line: str
    shift: Shift | None = None

    def __post_init__(self) -> None:
        if len(self.line.split()) != 5:
            raise ValueError(f"a cron line has five fields, {self.line!r} has {len(self.line.split())}")
        try:
            next(CronSim(self.line, datetime(2024, 1, 1)))  # noqa: DTZ001 - local wall time, which has no zone
        except (CronSimError, StopIteration, RuntimeError) as error:
            reason = str(error) or "it never matches"
            raise ValueError(f"{self.line!r} is not a cron line: {reason[:1].lower()}{reason[1:]}") from None


Cadence = Weekdays | Weekly | EndOfSprint | Monthly | Once | Cron


def _need_local(at: time) -> None:
    if at.tzinfo is not None:
        raise ValueError("a cadence's time of day is local: leave its zone to the team")
