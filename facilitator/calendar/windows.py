"""Which windows are due, and what becomes of each one that nobody saw in time.

Third step of WHEN, on top of `fires`: due instants become windows that start where the last written one ended. Pure: the
run log hands in how far a ceremony has come, this module never asks. It starts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from facilitator.calendar.cadence import Cadence, Cron, EndOfSprint, Monthly, Weekdays, Weekly
from facilitator.calendar.fires import Fire, SprintSpan, fires
from facilitator.calendar.window import Window
from facilitator.calendar.workdays import WorkingDays

CatchUp = Literal["once", "each", "skip"]
"""What happens to missed windows: one over all of them, each by itself, or none (their time joins the next one)."""

ON_TIME = timedelta(minutes=15)
"""How late a fire may be seen and still not count as missed: a slow start or a restart, not an outage."""

_LOOK_BACKS = (timedelta(days=2), timedelta(days=9), timedelta(days=40), timedelta(days=400))
_LOOK_AHEADS = (
    timedelta(days=2),
    timedelta(days=9),
    timedelta(days=40),
    timedelta(days=120),
    timedelta(days=400),
)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When one ceremony of one team is due: a cadence on the team's calendar, and its sprints where they matter."""

    cadence: Cadence
    zone: ZoneInfo
    working: WorkingDays
    sprints: Sequence[SprintSpan] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "sprints", tuple(self.sprints))

    def fires(self, since: datetime, until: datetime) -> tuple[Fire, ...]:
        """The fires in (since, until], oldest first."""
        return fires(self.cadence, self.zone, self.working, since, until, sprints=self.sprints)

    def next(self, after: datetime) -> Fire | None:
        """The first fire after the instant; None where there is none within 400 days."""
        since = after
        for span in _LOOK_AHEADS:  # near first: most ceremonies are due this week
            if found := self.fires(since, after + span):
                return found[0]
            since = after + span
        return None

    def previous(self, before: datetime) -> datetime:
        """The newest fire strictly before the instant; without one, as far back as `first_look_back` says."""
        return _previous(self, before)


@lru_cache(maxsize=1024)
def _previous(timetable: Timetable, before: datetime) -> datetime:
    moment = before - timedelta(microseconds=1)
    for span in _LOOK_BACKS:
        if found := timetable.fires(before - span, moment):
            return found[-1].at
    return before - first_look_back(timetable.cadence)


def first_look_back(cadence: Cadence) -> timedelta:
    """How far a first window reaches where no fire came before it: a day, some weeks, a sprint's usual two weeks."""
    match cadence:
        case Weekdays() | Cron():
            return timedelta(days=1)
        case EndOfSprint():
            return timedelta(days=14)
        case Monthly():
            return timedelta(days=31)
        case Weekly(every=every):
            return timedelta(days=7 * every)
        case _:
            return timedelta(days=7)


def usual_grace(cadence: Cadence) -> timedelta:
    """How late a missed window is still worth having: half a day for a daily digest, three days for rarer ones."""
    return timedelta(hours=12) if isinstance(cadence, Weekdays | Cron) else timedelta(days=3)


def never(_at: datetime) -> str:
    """No pause covers the instant."""
    return ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one ceremony of one team has come, as the run log tells.

    `open_since` is the end of its last written window, else where its first window began; None before the first.
    `dealt_until` is the newest fire that was dealt with, however it ended: fires up to it never come again, and the time
    of one that failed stays in the next window. `held` are the periods dealt with lately and when.
    """

    dealt_until: datetime
    open_since: datetime | None = None
    held: Mapping[str, datetime] = field(default_factory=dict)


class Fate(StrEnum):
    """What becomes of one due instant."""

    FIRE = "fire"
    """It ends a window that is run."""
    MERGED = "merged"
    """A newer one is run over its time too."""
    LATE = "late"
    """Older than the grace time, or missed where the policy is `skip`; its time joins the next window."""
    PAUSED = "paused"
    """The ceremony was paused then; recorded as skipped, and its time joins the next window."""
    HELD = "held"
    """Its period was held already: the schedule or the sprint was moved after that."""


@dataclass(frozen=True, slots=True)
class Due:
    """One due instant and what becomes of it; `why` says so in words. `window` where it ends one: FIRE and PAUSED."""

    fire: Fire
    fate: Fate
    why: str
    window: Window | None = None

    def missed(self, now: datetime) -> bool:
        """Whether it is seen so late that it counts as missed."""
        return now - self.fire.at > ON_TIME


@dataclass(frozen=True, slots=True)
class CatchingUp:
    """How a team wants missed windows treated; `grace` None means the usual one of the cadence."""

    policy: CatchUp = "once"
    grace: timedelta | None = None

    def patience(self, cadence: Cadence) -> timedelta:
        """How late a fire may be and still be run."""
        wanted = usual_grace(cadence) if self.grace is None else self.grace
        return min(wanted, ON_TIME) if self.policy == "skip" else wanted


def due(
    timetable: Timetable,
    progress: Progress,
    *,
    now: datetime,
    catching_up: CatchingUp | None = None,
    paused: Callable[[datetime], str] = never,
) -> tuple[Due, ...]:
    """Every instant that is due by `now` and was not dealt with yet, oldest first, with its fate.

    Nothing is lost and nothing told twice: each window starts where the last one that is run ended, and whatever is not
    run joins the next. `paused` says why nothing may happen at an instant, in words, or nothing.
    """
    how = catching_up or CatchingUp()
    after = progress.dealt_until
    if progress.open_since is not None:
        after = max(after, progress.open_since)
    found = timetable.fires(after, now)
    patience = how.patience(timetable.cadence)
    fates = [_fate(fire, progress, now - fire.at > patience, how, paused) for fire in found]
    if how.policy != "each":
        fates = _newest_only(found, fates)
    return _with_windows(found, fates, timetable, progress.open_since)


_Fate = tuple[Fate, str]


def _fate(
    fire: Fire, progress: Progress, late: bool, how: CatchingUp, paused: Callable[[datetime], str]
) -> _Fate:
    held = progress.held.get(fire.period) if fire.period else None
    if held is not None and (fire.begins is None or held > fire.begins):
        return Fate.HELD, f"{fire.period} was held at {_utc(held)} already"
    if reason := paused(fire.at):
        return Fate.PAUSED, reason
    if late and how.policy == "skip":
        return Fate.LATE, "missed, and missed windows are skipped here; its time joins the next window"
    if late:
        return Fate.LATE, "missed for longer than the grace time; its time joins the next window"
    return Fate.FIRE, ""


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _newest_only(found: Sequence[Fire], fates: Sequence[_Fate]) -> list[_Fate]:
    newest = max((n for n, (fate, _) in enumerate(fates) if fate is Fate.FIRE), default=-1)
    return [
        (Fate.MERGED, f"told by the window that ends at {_utc(found[newest].at)}")
        if n < newest and fate in (Fate.FIRE, Fate.LATE)
        else (fate, why)
        for n, (fate, why) in enumerate(fates)
    ]


def _with_windows(
    found: Sequence[Fire], fates: Sequence[_Fate], timetable: Timetable, start: datetime | None
) -> tuple[Due, ...]:
    dues = []
    for fire, (fate, why) in zip(found, fates, strict=True):
        window = None
        if fate in (Fate.FIRE, Fate.PAUSED):
            begin = timetable.previous(fire.at) if start is None else start
            window = Window(begin, fire.at)
            start = fire.at if fate is Fate.FIRE else begin
        dues.append(Due(fire, fate, why, window))
    return tuple(dues)
