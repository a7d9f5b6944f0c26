"""From a cadence to due instants on a team's calendar.

Second step of WHEN: each cadence means certain local days; a free one stays out or moves (`Shift`); `walltime` turns day
and time into one instant. Pure: what is due is the same whoever asks, and however often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim

from facilitator.calendar.cadence import Cadence, Cron, EndOfSprint, Monthly, Once, Shift, Weekdays, Weekly
from facilitator.calendar.walltime import day_exists, instant_of, local_day
from facilitator.calendar.workdays import LONGEST_BREAK, WorkingDays

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)

_SPRINT_REACH = timedelta(days=120)
"""How far a fire may lie from its sprint's end: an offset of some working days over a long break."""


@dataclass(frozen=True, slots=True)
class SprintSpan:
    """A sprint as the calendar needs it. `end` is the first instant that no longer belongs to it, as known now."""

    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Fire:
    """One due instant, in UTC. `day` is the local day it happens on, `moved_from` the free day it was moved from.

    `period` names what it stands for (a day, an ISO week, a month, a sprint): a period is held once, even where its
    schedule is edited after it was. A sprint's name may be used again: `begins` is when this one began.
    """

    at: datetime
    day: date
    moved_from: date | None = None
    sprint: str = ""
    period: str = ""
    begins: datetime | None = None


@lru_cache(maxsize=1024)
def fires(
    cadence: Cadence,
    zone: ZoneInfo,
    working: WorkingDays,
    since: datetime,
    until: datetime,
    *,
    sprints: tuple[SprintSpan, ...] = (),
) -> tuple[Fire, ...]:
    """Every fire in (since, until], oldest first, never two at one instant.

    A local day has one fire at most, whatever its clocks do (`Cron` may ask for more). `sprints` matter to `EndOfSprint`
    only, with the ends known now: a moved sprint gives a moved fire. Teams that keep the same hours ask the same question
    at the same moment, and it is answered once.
    """
    due: dict[datetime, Fire] = {}
    for fire in _candidates(cadence, _Calendar(zone, working), since, until, sprints):
        if since < fire.at <= until:
            due[fire.at] = min(due.get(fire.at, fire), fire, key=_moved_by)
    return tuple(due[at] for at in sorted(due))


def _moved_by(fire: Fire) -> timedelta:
    """Of two fires that meet after a long break, the one that was moved least stands for both."""
    return abs(fire.day - fire.moved_from) if fire.moved_from else timedelta()


@dataclass(frozen=True, slots=True)
class _Calendar:
    zone: ZoneInfo
    working: WorkingDays

    def works(self, day: date) -> bool:
        return self.working.is_working_day(day) and day_exists(day, self.zone)

    def near(self, day: date, step: timedelta) -> date | None:
        """The nearest working day on one side, the day itself left out; None in a break of more than a year."""
        days = (day + n * step for n in range(1, LONGEST_BREAK + 1))
        return next(filter(self.works, days), None)

    def placed(self, meant: date, shift: Shift | None) -> date | None:
        """The day on which something meant for that day happens; None where it stays out."""
        if shift is None:
            return meant if day_exists(meant, self.zone) else None
        if self.works(meant):
            return meant
        if shift == "skip":
            return None
        return self.near(meant, _DAY if shift == "next" else -_DAY)

    def span(self, since: datetime, until: datetime, shift: Shift | None) -> tuple[date, date]:
        """The first and last day that may be meant by a fire of the span.

        One before it, for a gap may push a fire past midnight; and the free days whose fires may move into it.
        """
        first, last = local_day(since, self.zone) - _DAY, local_day(until, self.zone)
        if shift == "next":
            first = self.near(first, -_DAY) or first
        if shift == "previous":
            last = self.near(last, _DAY) or last
        return first, last


def _candidates(
    cadence: Cadence, calendar: _Calendar, since: datetime, until: datetime, sprints: Sequence[SprintSpan]
) -> Iterator[Fire]:
    match cadence:
        case Once(at=at):
            instant = at.astimezone(UTC)
            yield Fire(instant, local_day(at, calendar.zone), period=f"{instant:%Y-%m-%dT%H:%MZ}")
        case EndOfSprint():
            near = (one for one in sprints if since - _SPRINT_REACH <= one.end <= until + _SPRINT_REACH)
            yield from _sprint_fires(cadence, calendar, near)
        case Weekdays():
            yield from _day_fires(cadence, calendar, since, until, _every_day(cadence.days), "{:%Y-%m-%d}")
        case Weekly():
            yield from _day_fires(cadence, calendar, since, until, _in_week(cadence), "{:%G-W%V}")
        case Monthly():
            yield from _monthly_fires(cadence, calendar, since, until)
        case Cron():
            yield from _cron_fires(cadence, calendar, since, until)


def _every_day(days: frozenset[int] | None) -> Callable[[date], bool]:
    return lambda day: days is None or day.weekday() in days


def _in_week(cadence: Weekly) -> Callable[[date], bool]:
    first = _monday(cadence.anchor or date(1970, 1, 5))
    weeks = cadence.every * 7
    return lambda day: day.weekday() == cadence.day and (_monday(day) - first).days % weeks == 0


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY


def _day_fires(
    cadence: Weekdays | Weekly,
    calendar: _Calendar,
    since: datetime,
    until: datetime,
    means: Callable[[date], bool],
    period: str,
) -> Iterator[Fire]:
    # A free day of an unnarrowed `Weekdays` has nowhere to go: its neighbours have fires of their own.
    shift = "skip" if isinstance(cadence, Weekdays) and cadence.days is None else cadence.shift
    first, last = calendar.span(since, until, shift)
    for n in range((last - first).days + 1):
        meant = first + n * _DAY
        if means(meant) and (day := calendar.placed(meant, shift)) is not None:
            yield _fire(calendar, day, cadence.at, meant, period.format(meant))


def _fire(calendar: _Calendar, day: date, at: time, meant: date, period: str) -> Fire:
    return Fire(instant_of(day, at, calendar.zone), day, None if meant == day else meant, period=period)


def _monthly_fires(cadence: Monthly, calendar: _Calendar, since: datetime, until: datetime) -> Iterator[Fire]:
    first, last = calendar.span(since, until, None)
    month = first.replace(day=1)
    while month <= last:
        following = (month + 32 * _DAY).replace(day=1)
        days = [month + n * _DAY for n in range((following - month).days)]
        worked = list(filter(calendar.works, days))
        if len(worked) >= abs(cadence.nth):
            day = worked[cadence.nth - 1 if cadence.nth > 0 else cadence.nth]
            yield _fire(calendar, day, cadence.at, day, f"{day:%Y-%m}")
        month = following


def _cron_fires(cadence: Cron, calendar: _Calendar, since: datetime, until: datetime) -> Iterator[Fire]:
    first, last = calendar.span(since, until, cadence.shift)
    # Wall clocks without a zone: `instant_of` alone knows gaps and overlaps, so cron keeps the rules of the others.
    for wall in CronSim(cadence.line, datetime.combine(first, time()) - _MOMENT):
        meant = wall.date()
        if meant > last:
            return
        if (day := calendar.placed(meant, cadence.shift)) is not None:
            yield _fire(calendar, day, wall.time(), meant, f"{wall:%Y-%m-%dT%H:%M}")


def _sprint_fires(cadence: EndOfSprint, calendar: _Calendar, sprints: Iterable[SprintSpan]) -> Iterator[Fire]:
    for sprint in sprints:
        last = local_day(sprint.end - _MOMENT, calendar.zone)
        base = calendar.placed(last, cadence.shift)
        if base is None:
            continue
        day = calendar.working.moved(base, cadence.offset_days)
        yield Fire(
            instant_of(day, cadence.at, calendar.zone),
            day,
            None if base == last else last,
            sprint.name,
            period=sprint.name,
            begins=sprint.start,
        )
