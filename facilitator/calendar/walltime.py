"""From a wall clock to an instant: the one place that knows what a gap and an overlap mean.

`cadence` asks here for the instant of each fire. A day and a time of day are naive here, instants are aware UTC.
This module knows no schedule and no holiday.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def instant_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The one instant, in UTC, at which clocks in the zone first show this time on this day.

    A time that occurs twice is the first of the two; one that never occurs is the first instant after the gap,
    which may already belong to the next local day (a gap that ends at midnight).
    """
    wall = datetime.combine(day, at)
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # Inside a gap, fold 0 reads the old offset (an instant after the gap) and fold 1 the new one (before it).
    return _first_change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first, zone)


def day_exists(day: date, zone: ZoneInfo) -> bool:
    """Whether the zone ever showed this date: Samoa had no 30 December 2011."""
    return instant_of(day, time(), zone).astimezone(zone).date() == day


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The date on the zone's calendars at that instant."""
    return instant.astimezone(zone).date()


def _first_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after `before`, to the second, that no longer has the offset of `before`."""
    old = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before) / _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * _SECOND).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return (before + high * _SECOND).replace(microsecond=0)
