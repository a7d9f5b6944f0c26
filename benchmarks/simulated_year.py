"""A year of many teams in minutes: the real firing code on a real run log, under a clock that jumps from event to event.

What is simulated is the world around it: outages, runs that fail or wait or drag on, people who decide late or never, pause,
run by hand and edit schedules, zones and sprints. Which windows are due, fired, merged or skipped is decided by the engine.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import ProjectGid, Snapshot
from facilitator.calendar.cadence import Cadence, Cron, EndOfSprint, Monthly, Weekdays, Weekly
from facilitator.calendar.fires import SprintSpan
from facilitator.calendar.window import Window
from facilitator.calendar.windows import CatchUp, Timetable
from facilitator.calendar.workdays import WorkingDays
from facilitator.ceremony import Ceremony, TeamContext
from facilitator.errors import CheckFailed
from facilitator.runs.assignment import Assignment
from facilitator.runs.coverage import Coverage
from facilitator.runs.database import open_database
from facilitator.runs.pauses import Pauses
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.store import RunStore
from facilitator.service.firing import Firing, Look, ask
from facilitator.service.scheduler import LOOK_AGAIN

Key = tuple[str, str]

ZONES = {
    "Europe/Berlin": ("DE", "BE"),
    "America/New_York": ("US", "NY"),
    "Australia/Lord_Howe": ("AU", "NSW"),
    "Pacific/Apia": ("", ""),
    "Asia/Kathmandu": ("", ""),
    "America/Sao_Paulo": ("BR", "SP"),
    "Africa/Casablanca": ("MA", ""),
    "Pacific/Kiritimati": ("", ""),
    "Asia/Kolkata": ("IN", ""),
    "America/St_Johns": ("CA", "NL"),
    "Asia/Tokyo": ("JP", ""),
    "Pacific/Chatham": ("NZ", ""),
}
"""Twelve zones, half-hour and quarter-hour offsets and both sides of the date line among them, with their holidays."""

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = [time(hour, minute) for hour in (0, 2, 7, 9, 12, 15, 23) for minute in (0, 15, 30)]
EXPIRES_AFTER = timedelta(hours=24)

OUTCOMES = {
    "written": 70, "written late": 8, "failed": 5, "rejected": 4, "ignored": 7, "quiet": 3, "dragging": 2, "owed": 1,
}  # fmt: skip
"""How runs go, by weight: `ignored` waits until it expires, `dragging` works for two days, `owed` finds Asana away."""


def _no_facts(_snapshot: Snapshot, _window: Window, _context: TeamContext) -> Facts:
    raise NotImplementedError  # nothing is gathered here


@dataclass(slots=True)
class Year:
    """What happened: every due instant of the schedules in force, what looks said of them, and the run log to judge by."""

    store: RunStore
    until: datetime
    due: dict[Key, set[datetime]] = field(default_factory=dict)
    fates: dict[tuple[Key, datetime], str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        """One more of these."""
        self.counts[what] = self.counts.get(what, 0) + 1


class Simulation:
    """One seed, one year. `live` gives what happened."""

    def __init__(self, seed: int, *, teams: int = 50, days: int = 365) -> None:
        self._random = Random(seed)
        self._database = open_database("sqlite://")
        store = RunStore(self._database)
        self.year = Year(store, START + timedelta(days=days))
        self._coverage = Coverage(self._database)
        self._pauses = Pauses(self._database)
        self._firing = Firing(self._coverage, self._pauses, self._timetable)
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._now = START
        self._up = True
        self._held: set[Key] = set()
        self._unmoved: list[Callable[[], None]] = []
        self._sprints: dict[str, list[SprintSpan]] = {}
        self._counted: dict[Key, datetime] = {}
        self._wakes: dict[Key, datetime] = {}
        self._off = frozenset(date(2026, 12, 24) + timedelta(days=n) for n in range(3))
        self._wishes: dict[Key, Assignment] = {}
        for n in range(teams):
            self._found_team(n)

    def live(self) -> Year:
        """Let the year pass."""
        self._coverage.enrol(self._wishes, now=START)
        for key in self._wishes:
            self._counted[key] = START
            self._set_wake(key)
        self._plan_troubles()
        while self._events and self._events[0][0] < self.year.until:
            self._now, _, happens = heapq.heappop(self._events)
            happens()
        self._now = self.year.until
        for key in self._wishes:
            self._count_due(key)
        return self.year

    def close(self) -> None:
        """Let go of the run log."""
        self._database.dispose()

    # --- the world ---------------------------------------------------------------------------------------------------

    def _found_team(self, n: int) -> None:
        dice, team = self._random, f"team-{n:02}"
        zone = dice.choice(list(ZONES))
        first = date(2025, 12, 29) + timedelta(days=dice.randrange(14))
        length = dice.choice([7, 14, 14, 21])
        self._sprints[team] = [
            _sprint(f"Sprint {k + 1}", first + timedelta(days=k * length), length, ZoneInfo(zone))
            for k in range(400 // length)
        ]
        sometimes: list[Cadence] = [
            Weekly(dice.randrange(5), dice.choice(HOURS), dice.choice(["skip", "next", "previous"])),
            Weekly(dice.randrange(5), dice.choice(HOURS), every=2, anchor=date(2026, 1, 5)),
            Monthly(dice.choice([1, 2, -1]), dice.choice(HOURS)),
            Cron("30 2 * * 1,4"),
        ]  # fmt: skip
        ceremonies: dict[str, Cadence] = {
            "standup": Weekdays(dice.choice(HOURS)),
            "weekly_status": dice.choice(sometimes),
            "retro": EndOfSprint(dice.choice(HOURS), dice.choice([0, 0, 1, -1])),
        }
        for name, cadence in ceremonies.items():
            self._wishes[team, name] = self._wish(team, name, cadence, zone)

    def _wish(self, team: str, name: str, cadence: Cadence, zone: str) -> Assignment:
        dice = self._random
        country, part = ZONES[zone]
        own = frozenset(date(2026, 1, 1) + timedelta(days=dice.randrange(365)) for _ in range(4))
        working = WorkingDays(
            ZoneInfo(zone), country=country, subdivision=part, days_off=own, company_days=self._off
        )
        policy: CatchUp = dice.choice(["once", "once", "each", "skip"])
        return Assignment(
            team, team.title(), ProjectGid("1"), Ceremony(name, name, cadence, _no_facts), BoardRules(ZoneInfo(zone)),
            Timetable(cadence, ZoneInfo(zone), working),
            mode=dice.choice([Mode.APPROVE, Mode.APPROVE, Mode.AUTO]), catch_up=policy,
        )  # fmt: skip

    def _timetable(self, wish: Assignment) -> Timetable:
        if isinstance(wish.timetable.cadence, EndOfSprint):
            return replace(wish.timetable, sprints=tuple(self._sprints[wish.team]))
        return wish.timetable

    def _plan_troubles(self) -> None:
        """Ten outages of an hour to ten days, and some of everything else for each team."""
        dice, days = self._random, (self.year.until - START).days
        at = START
        while (at := at + timedelta(hours=dice.uniform(100, 1500))) < self.year.until:
            back = at + timedelta(hours=dice.choice([1, 5, 14, 40, 240]) * dice.uniform(0.5, 1))
            self._at(at, self._goes_down)
            self._at(back, self._comes_up)
            at = back
        for key in self._wishes:
            for trouble in (self._edit, self._pause, self._by_hand, self._rehearse, self._move_sprint):
                for _ in range(dice.choice([0, 1, 2])):
                    happens = START + timedelta(days=dice.uniform(1, days))
                    self._at(happens, lambda trouble=trouble, key=key: trouble(key))  # type: ignore[misc]

    def _at(self, when: datetime, happens: Callable[[], None]) -> None:
        heapq.heappush(self._events, (max(when, self._now), next(self._order), happens))

    def _goes_down(self) -> None:
        self._up = False
        self.year.count("outages")

    def _comes_up(self) -> None:
        self._up = True
        unmoved, self._unmoved = self._unmoved, []
        for moves in unmoved:
            moves()
        self._look(self._wishes)
        for key in self._wishes:
            self._set_wake(key)

    # --- the schedule ------------------------------------------------------------------------------------------------

    def _set_wake(self, key: Key) -> None:
        coming = self._timetable(self._wishes[key]).next(self._now)
        if coming is not None:
            self._wakes[key] = coming.at
            self._at(coming.at, lambda: self._wake(key, coming.at))

    def _wake(self, key: Key, at: datetime) -> None:
        if self._up and self._wakes.get(key) == at:
            self._look([key])
            self._set_wake(key)

    def _look(self, keys: Iterable[Key]) -> None:
        if not self._up:
            return
        for look in self._firing.look([self._wishes[key] for key in keys], now=self._now):
            self._note(look)

    def _note(self, look: Look) -> None:
        key = (look.assignment.team, look.assignment.ceremony.name)
        for one in look.dues:
            self.year.due.setdefault(key, set()).add(one.fire.at)
            self.year.fates[key, one.fire.at] = one.fate.value
        if look.superseded:
            self.year.count("drafts superseded")
        if look.held:
            self.year.count("held back")
            self._held.add(key)
        if look.fired:
            self._takes_its_course(look.fired)

    def _count_due(self, key: Key) -> None:
        """Every fire of the schedule in force until now, whoever looked at it."""
        since, self._counted[key] = self._counted[key], self._now
        fires = self._timetable(self._wishes[key]).fires(since, self._now)
        self.year.due.setdefault(key, set()).update(fire.at for fire in fires)

    # --- runs --------------------------------------------------------------------------------------------------------

    def _takes_its_course(self, run: Run) -> None:
        dice = self._random
        how = dice.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
        work = (
            timedelta(minutes=dice.uniform(1, 14))
            if how != "dragging"
            else timedelta(days=dice.uniform(1, 3))
        )
        decided = timedelta(hours=dice.uniform(0.1, 20))
        if how in ("failed", "quiet", "dragging"):
            end = RunState.SKIPPED if how == "quiet" else RunState.FAILED
            self._at(self._now + work, lambda: self._moves(run, end))
        elif run.mode is Mode.AUTO and how != "owed":
            self._at(self._now + work, lambda: self._moves(run, RunState.WRITTEN))
        else:
            self._at(self._now + work, lambda: self._moves(run, RunState.JUDGED))
            if how == "ignored":
                self._at(self._now + work + EXPIRES_AFTER, lambda: self._moves(run, RunState.EXPIRED))
            elif how == "rejected":
                self._at(self._now + work + decided, lambda: self._moves(run, RunState.REJECTED))
            else:
                yes = RunState.APPROVED if how == "owed" else RunState.WRITTEN
                self._at(self._now + work + decided, lambda: self._moves(run, yes))
                if how == "owed":
                    late = timedelta(days=dice.uniform(1, 4))
                    self._at(self._now + work + decided + late, lambda: self._moves(run, RunState.WRITTEN))

    def _moves(self, run: Run, to: RunState) -> None:
        """Set the state alone: which steps lead there is the pipeline's story. A decision that came too late is refused."""
        if not self._up and to is not RunState.APPROVED:
            self._unmoved.append(lambda: self._moves(run, to))
            return
        found = self.year.store.get(run.id)
        decided = to in (RunState.APPROVED, RunState.REJECTED, RunState.EXPIRED, RunState.WRITTEN)
        may = found.state in (RunState.JUDGED, RunState.APPROVED) or found.mode is Mode.AUTO
        if found.ended or (decided and not may):
            return
        with self.year.store.step(found, now=self._now) as step:
            step.set(state=to, reason=f"simulated: {to}")
        self.year.count(f"runs {to}")
        key = (run.team, run.ceremony)
        if key in self._held:
            self._held.discard(key)
            self._at(self._now + LOOK_AGAIN, lambda: self._look([key]))

    # --- people ------------------------------------------------------------------------------------------------------

    def _edit(self, key: Key) -> None:
        """Another hour, another zone, another policy or mode; in force from now on, or from the next start."""
        self._count_due(key)
        wish, dice = self._wishes[key], self._random
        cadence, zone = wish.timetable.cadence, wish.timetable.zone.key
        what = dice.choice(["hour", "zone", "hour and zone"])
        if "hour" in what and not isinstance(cadence, Cron):
            cadence = replace(cadence, at=dice.choice(HOURS))  # type: ignore[arg-type]
        self._wishes[key] = self._wish(*key, cadence, dice.choice(list(ZONES)) if "zone" in what else zone)
        self.year.count("schedule edits")
        self._look([key])
        self._set_wake(key)

    def _pause(self, key: Key) -> None:
        team, ceremony = key
        until = self._now + timedelta(days=self._random.uniform(0.2, 25))
        named = self._random.choice(["", ceremony])
        ends = self._random.choice([until, None])
        self._pauses.pause(team, named, until=ends, who="Alice", now=self._now)
        if ends is None:
            self._at(until, lambda: self._resume(team, named))
        self.year.count("pauses")

    def _resume(self, team: str, named: str) -> None:
        self._pauses.resume(team, named, who="Bob", now=self._now)

    def _by_hand(self, key: Key) -> None:
        try:
            asked = ask(self._coverage, self._wishes[key], self._now, now=self._now)
        except CheckFailed:
            self.year.count("refused by hand")
            return
        self.year.count("runs by hand")
        if asked.new:
            self._takes_its_course(asked.run)

    def _rehearse(self, key: Key) -> None:
        asked = ask(self._coverage, self._wishes[key], self._now, mode=Mode.SHADOW, now=self._now)
        with self.year.store.step(asked.run, now=self._now) as step:
            step.set(state=RunState.SKIPPED, reason="rehearsed")

    def _move_sprint(self, key: Key) -> None:
        """The running sprint is closed early, extended, or moved with all that follow it."""
        team, dice = key[0], self._random
        for ceremony in ("standup", "weekly_status", "retro"):
            self._count_due((team, ceremony))
        spans = self._sprints[team]
        running = next((n for n, span in enumerate(spans) if span.start <= self._now < span.end), None)
        if running is None:
            return
        how = dice.choice(["closed", "extended", "moved"])
        later = timedelta(days=dice.choice([1, 2, 3, 7]))
        if how == "closed":
            spans[running] = replace(spans[running], end=self._now)
        elif how == "extended":
            spans[running] = replace(spans[running], end=spans[running].end + later)
        else:
            # Those to come move as a whole; the running one has begun, only its end can move.
            self._sprints[team] = [
                span if n < running else replace(
                    span, start=span.start if n == running else span.start + later, end=span.end + later
                )
                for n, span in enumerate(spans)
            ]  # fmt: skip
        self.year.count(f"sprints {how}")
        self._at(self._now + timedelta(minutes=30), lambda: self._look([(team, "retro")]))
        self._set_wake((team, "retro"))


def _sprint(name: str, first: date, length: int, zone: ZoneInfo) -> SprintSpan:
    start, end = (
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, first + timedelta(days=length))
    )
    return SprintSpan(name, start, end)


def wishes_of(simulation: Simulation) -> Mapping[Key, Assignment]:
    """What the teams want at the end of the year."""
    return simulation._wishes  # noqa: SLF001 - the report of the same room
