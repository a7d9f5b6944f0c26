"""Which days a team works: its week, its country's holidays, its own days off.

Beside the flow: cadences ask here before they fire, metrics count ages here. It does not know what is due on a day.
The `holidays` library is imported on the first question about a country, never before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from facilitator.calendar.walltime import local_day
from facilitator.errors import ConfigurationError

MONDAY_TO_FRIDAY = frozenset(range(5))
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_DAY = timedelta(days=1)
LONGEST_BREAK = 400
"""Days to look for a working day before giving up: more than a year off is a mistake in the configuration."""


def weekday_number(day: int | str) -> int:
    """Monday is 0. Names may be cut to three letters or more and written in any case; `ValueError` otherwise."""
    if isinstance(day, str):
        name = day.strip().lower()
        found = [number for number, full in enumerate(DAY_NAMES) if len(name) >= 3 and full.startswith(name)]
        if found:
            return found[0]
    elif 0 <= day <= 6:
        return day
    raise ValueError(f"{day!r} is not a day of the week")


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A team's working days. `weekdays` counts from Monday = 0; `country` is ISO 3166-1 (`DE`), `subdivision` the
    part after the dash of ISO 3166-2 (`BE`); empty where national holidays do not matter. `company_days` are off for
    every team, `days_off` for this one.

    Hashable, and cheap to make: nothing is loaded before the first question.
    """

    zone: ZoneInfo
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    country: str = ""
    subdivision: str = ""
    days_off: frozenset[date] = field(default=frozenset())
    company_days: frozenset[date] = field(default=frozenset())

    def __post_init__(self) -> None:
        object.__setattr__(self, "weekdays", frozenset(weekday_number(day) for day in self.weekdays))
        object.__setattr__(self, "days_off", frozenset(self.days_off))
        object.__setattr__(self, "company_days", frozenset(self.company_days))
        if not self.weekdays:
            raise ValueError("a team needs at least one working day a week")

    def is_working_day(self, day: date) -> bool:
        """Whether the team works on this date of its own zone."""
        off = day in self.days_off or day in self.company_days
        return day.weekday() in self.weekdays and not off and not self.holiday_name(day)

    def holiday_name(self, day: date) -> str:
        """The holiday's name, in English where the library has it, or nothing where there is none."""
        if not self.country:
            return ""
        return _holidays_of_year(self.country, self.subdivision, day.year).get(day, "")

    def why_free(self, day: date) -> str:
        """Why nobody works that day, in words for a preview; nothing on a working day."""
        if name := self.holiday_name(day):
            return f"holiday: {name}"
        if day in self.company_days:
            return "company day off"
        if day in self.days_off:
            return "day off"
        return "" if day.weekday() in self.weekdays else "not a working day of the week"

    def between(self, start: date | datetime, end: date | datetime) -> int:
        """Working days after `start`'s day up to and including `end`'s day: since yesterday is 1, since today 0.

        Instants are taken on the team's calendar; negative where `end` lies before `start`.
        """
        first, last = self._day(start), self._day(end)
        if last < first:
            return -self.between(last, first)
        return sum(self.is_working_day(first + n * _DAY) for n in range(1, (last - first).days + 1))

    def next_working_day(self, day: date) -> date:
        """The first working day strictly after this one."""
        return next(self._walk(day, _DAY))

    def previous_working_day(self, day: date) -> date:
        """The last working day strictly before this one."""
        return next(self._walk(day, -_DAY))

    def moved(self, day: date, working_days: int) -> date:
        """The day that many working days later (earlier where negative); 0 gives the day itself."""
        step = self.next_working_day if working_days > 0 else self.previous_working_day
        for _ in range(abs(working_days)):
            day = step(day)
        return day

    def _day(self, when: date | datetime) -> date:
        return local_day(when, self.zone) if isinstance(when, datetime) else when

    def _walk(self, day: date, step: timedelta) -> Iterator[date]:
        for n in range(1, LONGEST_BREAK + 1):
            if self.is_working_day(day + n * step):
                yield day + n * step
        raise ConfigurationError(
            f"no working day within {LONGEST_BREAK} days of {day}",
            suggestion="Look at the team's working_days, holidays and days_off.",
        )


def supported_countries() -> Mapping[str, tuple[str, ...]]:
    """Every country the `holidays` library knows, with its subdivisions."""
    import holidays

    return {code: tuple(parts) for code, parts in holidays.list_supported_countries().items()}


@lru_cache(maxsize=4096)
def _holidays_of_year(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    # One year at a time into a plain mapping: the library's own object fills itself while it is being read.
    import holidays

    try:
        found = holidays.country_holidays(
            country, subdiv=subdivision or None, years=year, language=_language(country)
        )
    except NotImplementedError as error:
        place = f"{country}-{subdivision}" if subdivision else country
        raise ConfigurationError(
            f"no holidays are known for {place!r}",
            suggestion='Write an ISO code such as "DE" or "DE-BE", or leave holidays out.',
        ) from error
    return dict(found.items())


@lru_cache(maxsize=512)
def _language(country: str) -> str | None:
    """English, as our documents are. Named, because the library would otherwise follow the process's own locale."""
    import holidays

    spoken = holidays.list_localized_countries().get(country, [])
    return next((language for language in ("en_GB", "en_US", *spoken) if language in spoken), None)
