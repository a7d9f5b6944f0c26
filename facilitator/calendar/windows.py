"""Which windows are due, and what was missed while nobody looked.

First step of the flow, on top of `cadence`: fires become windows that start where the last written one ended. Pure:
the run log hands in what was written, this module never asks. It does not start anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from facilitator.calendar.cadence import Cadence, EndOfSprint, Fire, SprintEnd, Weekdays, fires
from facilitator.calendar.window import Window
from facilitator.calendar.workdays import WorkingDays

CatchUp = Literal["once", "each", "skip"]
"""What happens to missed windows: one over all of them, each by itself, or none (their time joins the next one)."""

ON_TIME = timedelta(minutes=15)
"""How late a fire may be seen and still not count as missed: a slow start or a restart, not an outage."""

_LOOK_BACKS = (timedelta(days=9), timedelta(days=40), timedelta(days=400))


@dataclass(frozen=True, slots=True)
class Timetable:
    """When one ceremony of one team is due: a cadence on the team's calendar, and its sprints where they matter."""

    cadence: Cadence
    zone: ZoneInfo
    working: WorkingDays
    sprints: Sequence[SprintEnd] = ()

    def fires(self, since: datetime, until: datetime) -> tuple[Fire, ...]:
        """The fires in (since, until], oldest first."""
        return fires(self.cadence, self.zone, self.working, since, until, sprints=self.sprints)

    def previous(self, before: datetime) -> datetime:
        """The newest fire strictly before the instant; without one, as far back as `first_look_back` says."""
        moment = before - timedelta(microseconds=1)
        for span in _LOOK_BACKS:
            if found := self.fires(before - span, moment):
                return found[-1].at
        return before - first_look_back(self.cadence)


def first_look_back(cadence: Cadence) -> timedelta:
    """How far a first window reaches where no fire came before it: a day, a week, or a sprint's usual two weeks."""
    match cadence:
        case Weekdays():
            return timedelta(days=1)
        case EndOfSprint():
            return timedelta(days=14)
        case _:
            return timedelta(days=7)


def usual_grace(cadence: Cadence) -> timedelta:
    """How late a missed window is still worth having: half a day for a daily digest, three days for rarer ones."""
    return timedelta(hours=12) if isinstance(cadence, Weekdays) else timedelta(days=3)


def windows_due(
    timetable: Timetable,
    *,
    last_end: datetime | None,
    since: datetime,
    until: datetime,
    policy: CatchUp = "once",
    grace: timedelta | None = None,
) -> tuple[Window, ...]:
    """The windows to run now (`until`), oldest first.

    `last_end` is the end of the last window that is written or still may be; None before the first. `since` is the
    newest fire already dealt with, however it ended: fires up to it never come again, and the time of one that failed
    stays in the next window. A fire older than `grace` (see `usual_grace`) is not caught up either; its time, too,
    joins the next window, so nothing is lost and nothing is told twice.
    """
    wanted = usual_grace(timetable.cadence) if grace is None else grace
    if policy == "skip":
        wanted = min(wanted, ON_TIME)
    after = since if last_end is None else max(since, last_end)
    due = [fire.at for fire in timetable.fires(after, until) if until - fire.at <= wanted]
    return _windows(due if policy == "each" else due[-1:], last_end, timetable)


def _windows(ends: Sequence[datetime], last_end: datetime | None, timetable: Timetable) -> tuple[Window, ...]:
    if not ends:
        return ()
    first = timetable.previous(ends[0]) if last_end is None else last_end
    return tuple(Window(start, end) for start, end in zip((first, *ends[:-1]), ends, strict=True))
