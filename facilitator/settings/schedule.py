"""What a team changes about a ceremony's own cadence: its hour, its day, or its whole kind.

Made by `build` from the keys of [teams.ceremonies.NAME]. Which keys go together is `consistency`'s question.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from facilitator.calendar.cadence import Cadence, Cron, EndOfSprint, Monthly, Once, Shift, Weekdays, Weekly
from facilitator.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Schedule:
    """None leaves a part as the ceremony has it. Days of the week count from Monday = 0.

    At most one of `days`, `day`, `end_of_sprint` (working days after the sprint's last one), `monthly` (which working
    day), `once` and `cron` is set: it replaces the kind of cadence. `every_weeks` and `anchor_week` belong to `day`.
    """

    at: time | None = None
    days: frozenset[int] | None = None
    day: int | None = None
    every_weeks: int = 1
    anchor_week: date | None = None
    end_of_sprint: int | None = None
    monthly: int | None = None
    once: datetime | None = None
    cron: str | None = None
    on_holiday: Shift | None = None

    def applied_to(self, default: Cadence) -> Cadence:
        """The cadence this team keeps, given the ceremony's own."""
        return self._own(default) or self._adjusted(default)

    def _own(self, default: Cadence) -> Cadence | None:
        """The cadence of another kind that the team wants, if it does."""
        if self.days is not None:
            return Weekdays(self._time(default), self.days, self.on_holiday or "skip")
        if self.day is not None:
            shift = self.on_holiday or "next"
            return Weekly(self.day, self._time(default), shift, self.every_weeks, self.anchor_week)
        if self.end_of_sprint is not None:
            return EndOfSprint(self._time(default), self.end_of_sprint, self.on_holiday or "previous")
        if self.monthly is not None:
            return Monthly(self.monthly, self._time(default))
        if self.once is not None:
            return Once(self.once)
        return Cron(self.cron, self.on_holiday) if self.cron is not None else None

    def _adjusted(self, default: Cadence) -> Cadence:
        """The ceremony's own kind of cadence at this team's hour."""
        match default:
            case Once():
                return default
            case Cron(line=line, shift=kept):
                return Cron(line, self.on_holiday or kept)
            case Monthly():
                return replace(default, at=self._time(default))
            case _:
                return replace(default, at=self._time(default), shift=self.on_holiday or default.shift)

    def _time(self, default: Cadence) -> time:
        if self.at is not None:
            return self.at
        if isinstance(default, Once | Cron):
            raise ConfigurationError(
                "the ceremony has no time of day of its own to keep.",
                suggestion='Add at = "09:15" beside its days.',
            )
        return default.at
