"""What every page stands on: the application, the run log from above, sign-ins, and what was computed before.

Facts, snapshots and drafts never change once recorded, so what is made of them is remembered by run id. Made once by
`build_web`; safe to share between threads.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

from facilitator.board.board import Board
from facilitator.board.facts import Facts
from facilitator.calendar.fires import Fire
from facilitator.calendar.windows import Timetable
from facilitator.drafts.richtext import to_text
from facilitator.runs.assignment import Assignment
from facilitator.runs.overview import Overview, Pair
from facilitator.runs.run import Run, RunId
from facilitator.runs.signins import SignIns
from facilitator.service.application import Application
from facilitator.web.access import NotFound, Visitor

Value = TypeVar("Value")


class OfAWeek(Protocol):
    """A sum over the runs of one week, which began at `week`."""

    @property
    def week(self) -> datetime:
        """Monday 0:00 UTC."""
        ...


Weekly = TypeVar("Weekly", bound=OfAWeek)

PROPOSAL = "[AI Proposal]"

LOOK_AHEAD = (timedelta(days=2), timedelta(days=9), timedelta(days=40), timedelta(days=120))
"""How far the next fire is looked for: most are near, and far ones cost more to find."""


class Shelf(Generic[Value]):
    """The last `most` values made, by name. Two threads may make the same one; both are right."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[object, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, name: object, make: Callable[[], Value]) -> Value:
        """The value of that name, made where it is not there."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        return self.put(name, make())

    def peek(self, name: object) -> Value | None:
        """The value of that name, or None where it is not there."""
        with self._lock:
            return self._kept.get(name)

    def put(self, name: object, value: Value) -> Value:
        """Keep the value under that name; gives it back."""
        with self._lock:
            self._kept[name] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value


def nobody_waits() -> None:
    """Where nothing is to be made ready for a visitor."""


@dataclass
class Site:
    """The dashboard's own desk. `timetable` completes an assignment's timetable with the sprint ends known now; `arrived`
    is told of each page that is shown.
    """

    app: Application
    timetable: Callable[[Assignment], Timetable]
    arrived: Callable[[], None] = field(default=nobody_waits)
    _facts: Shelf[Facts] = field(default_factory=lambda: Shelf(512))
    _boards: Shelf[Board | None] = field(default_factory=lambda: Shelf(6))
    _fires: dict[Pair, tuple[datetime, Fire | None]] = field(default_factory=dict)
    made: Shelf[object] = field(default_factory=lambda: Shelf(256))
    heads: Shelf[tuple[str, int]] = field(default_factory=lambda: Shelf(1024))
    _quiet: Shelf[bool] = field(default_factory=lambda: Shelf(8192))
    _headlines: Shelf[str] = field(default_factory=lambda: Shelf(4096))
    _weeks: Shelf[tuple[Any, ...]] = field(default_factory=lambda: Shelf(400))

    @property
    def overview(self) -> Overview:
        """The run log seen from above."""
        return Overview(self.app.database)

    @property
    def signins(self) -> SignIns:
        """Who is signed in."""
        return SignIns(self.app.database)

    def now(self) -> datetime:
        """The application's clock."""
        return self.app.clock()

    def pairs(self, visitor: Visitor) -> list[Pair]:
        """Every team and ceremony this visitor may see: teams in the configuration's order, ceremonies by title."""
        teams = list(dict.fromkeys(team for team, _ in self.app.assignments))
        seen = [pair for pair in self.app.assignments if visitor.sees(pair[0])]
        return sorted(seen, key=lambda pair: (teams.index(pair[0]), self._title(pair[1])))

    def ceremonies(self) -> tuple[str, ...]:
        """The names of the ceremonies there are, by title."""
        return tuple(sorted(self.app.library.ceremonies, key=self._title))

    def _title(self, ceremony: str) -> str:
        return self.app.library.ceremonies[ceremony].title

    def run(self, visitor: Visitor, run_id: str) -> Run:
        """The run, if it is one of the visitor's teams; `NotFound` otherwise, whether or not it is there."""
        found = self.app.store.lookup(run_id)
        if found is None or not visitor.sees(found.team):
            raise NotFound(f"there is no run {run_id[:60]}.", suggestion="Today lists the runs there are.")
        return found

    def assignment(self, run: Run) -> Assignment | None:
        """What the team wants of the run's ceremony now; None where the configuration no longer has it."""
        return self.app.assignments.get((run.team, run.ceremony))

    def facts(self, run: RunId) -> Facts | None:
        """The run's facts, read once."""
        known = self._facts.peek(run) or self.app.store.facts(run)
        return None if known is None else self._facts.put(run, known)

    def quiet(self, runs: Collection[RunId]) -> set[RunId]:
        """Those of these written runs whose document is the one line of a window in which nothing happened."""
        known = {run: self._quiet.peek(run) for run in runs}
        unknown = [run for run, quiet in known.items() if quiet is None]
        told = self.overview.quiet(unknown) if unknown else set()
        known |= {run: self._quiet.put(run, run in told) for run in unknown}
        return {run for run, quiet in known.items() if quiet}

    def headlines(self, runs: Collection[RunId]) -> dict[RunId, str]:
        """The first line of each of these written documents; empty where its words were purged."""
        known = {run: self._headlines.peek(run) for run in runs}
        unknown = [run for run, words in known.items() if words is None]
        bodies = self.overview.comments(unknown) if unknown else {}
        known |= {run: self._headlines.put(run, first_line(bodies.get(run, ""))) for run in unknown}
        return {run: words or "" for run, words in known.items()}

    def board(self, run: RunId, assignment: Assignment) -> Board | None:
        """The board as it was read for the run, replayed; None after its retention time."""

        def make() -> Board | None:
            snapshot = self.app.store.snapshot(run)
            return None if snapshot is None else Board.of(snapshot, assignment.rules)

        return self._boards.get((run, assignment.team), make)

    def next_fire(self, assignment: Assignment) -> Fire | None:
        """The assignment's next fire after now, remembered until it has passed or an hour is over."""
        now, pair = self.now(), (assignment.team, assignment.ceremony.name)
        until, fire = self._fires.get(pair, (now, None))
        if now >= until:
            fire = self._look_for(assignment, now)
            hour = now + timedelta(hours=1)
            self._fires[pair] = (min(fire.at, hour) if fire else hour, fire)
        return fire

    def by_week(
        self,
        name: str,
        teams: tuple[str, ...],
        weeks: Sequence[datetime],
        make: Callable[[Sequence[datetime]], Iterable[Weekly]],
    ) -> list[Weekly]:
        """What `make` sums up of these weeks; it is asked again only from the first week on in which a run has moved."""
        stamps = self.overview.stamps(teams, weeks)
        names = {week: (name, teams, week, stamps[week]) for week in weeks}
        found = {week: self._weeks.peek(names[week]) for week in weeks}
        stale = next((place for place, week in enumerate(weeks) if found[week] is None), None)
        if stale is not None:
            made: dict[datetime, list[Weekly]] = {week: [] for week in weeks[stale:]}
            for one in make(weeks[stale:]):
                made[one.week].append(one)
            for week, sums in made.items():
                found[week] = self._weeks.put(names[week], tuple(sums))
        return [one for week in weeks for one in found[week] or ()]

    def _look_for(self, assignment: Assignment, now: datetime) -> Fire | None:
        timetable = self.timetable(assignment)
        for span in LOOK_AHEAD:
            if found := timetable.fires(now, now + span):
                return found[0]
        return None


def first_line(comment: str) -> str:
    """What a document says first: its headline."""
    lines = to_text(comment).splitlines() if comment else []
    return next((line.strip() for line in lines if line.strip() and line.strip() != PROPOSAL), "")[:240]


def team_names(site: Site, visitor: Visitor) -> Mapping[str, str]:
    """Slug to name of the teams this visitor may see."""
    return {team.slug: team.name for team in site.app.settings.teams if visitor.sees(team.slug)}


def rolled_up(site: Site, team: str) -> tuple[str, ...]:
    """The names of the teams that this one's roll-up tells of; none for a team that speaks of its own board alone."""
    settings = site.app.settings
    return tuple(settings.team(slug).name for slug in settings.team(team).rollup)
