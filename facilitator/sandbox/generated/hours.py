"""Working time of the built-in world: office hours, weekends and public holidays of Germany, in Berlin's zone.

Every instant that leaves this module is UTC. It knows nothing of sprints or tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

OPENS, CLOSES = time(9), time(17)
"""Local hours in which simulated work moves forward; people may write a little earlier or later."""


@dataclass(frozen=True, slots=True)
class WorkHours:
    """Arithmetic over working days and working hours; `free` are the public holidays."""

    zone: ZoneInfo
    free: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Monday to Friday and not a public holiday."""
        return day.weekday() < 5 and day not in self.free

    def shift(self, day: date, count: int) -> date:
        """The working day `count` working days after `day` (before it, if negative); 0 is the day itself."""
        step = timedelta(days=1 if count > 0 else -1)
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def between(self, first: date, last: date) -> list[date]:
        """Working days from first to last, both included."""
        span = (last - first).days + 1
        return [day for day in (first + timedelta(days=n) for n in range(span)) if self.is_working(day)]

    def local_day(self, instant: datetime) -> date:
        """The date on the team's wall calendar at this instant."""
        return instant.astimezone(self.zone).date()

    def at(self, day: date, clock: str) -> datetime:
        """The instant of `HH:MM` or `HH:MM:SS` on this local day, whatever the clocks did that morning."""
        return datetime.combine(day, time.fromisoformat(clock), self.zone).astimezone(UTC)

    def add(self, instant: datetime, hours: float) -> datetime:
        """The instant after so many working hours; time outside office hours does not count."""
        left = timedelta(seconds=round(hours * 3600))
        now = self._opening(instant)
        while now + left > (closing := self._bound(now, CLOSES)):
            left -= closing - now
            now = self._bound(closing, OPENS, days=1)
        return now + left

    def _opening(self, instant: datetime) -> datetime:
        """The first moment at or after `instant` at which the office is open."""
        day = self.local_day(instant)
        if not self.is_working(day) or instant >= self._bound(instant, CLOSES):
            return self._bound(instant, OPENS, days=1)
        return max(instant, self._bound(instant, OPENS))

    def _bound(self, instant: datetime, clock: time, days: int = 0) -> datetime:
        return self.at(self.shift(self.local_day(instant), days), clock.isoformat())


def german_hours(first: date, last: date) -> WorkHours:
    """Working time for the years from first to last, with the holidays that are free in all of Germany."""
    free = holidays.country_holidays("DE", years=range(first.year, last.year + 1))
    return WorkHours(ZoneInfo("Europe/Berlin"), frozenset(free.keys()))
