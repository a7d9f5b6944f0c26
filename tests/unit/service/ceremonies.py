"""A team's ceremony on a run log in memory, and short verbs to look, end runs and read what was told."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import ProjectGid, Snapshot
from facilitator.calendar.cadence import Cadence, EndOfSprint, Weekdays
from facilitator.calendar.fires import SprintSpan
from facilitator.calendar.window import Window
from facilitator.calendar.windows import CatchUp, Timetable
from facilitator.calendar.workdays import WorkingDays
from facilitator.ceremony import Ceremony, TeamContext
from facilitator.runs.assignment import Approver, Assignment
from facilitator.runs.coverage import Coverage
from facilitator.runs.database import open_database
from facilitator.runs.pauses import Pauses
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.store import RunStore
from facilitator.service.firing import Firing, Look

BERLIN = ZoneInfo("Europe/Berlin")
WAYS = {
    RunState.GATHERED: [RunState.GATHERED],
    RunState.SUBMITTED: [RunState.GATHERED, RunState.SUBMITTED],
    RunState.JUDGED: [RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED],
    RunState.APPROVED: [RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED, RunState.APPROVED],
    RunState.FAILED: [RunState.FAILED],
    RunState.SKIPPED: [RunState.SKIPPED],
    RunState.REJECTED: [RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED, RunState.REJECTED],
    RunState.EXPIRED: [RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED, RunState.EXPIRED],
    RunState.WRITTEN: [
        RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED, RunState.APPROVED, RunState.WRITTEN,
    ],
}  # fmt: skip
"""The states a fresh run passes on its way to each."""


def berlin(text: str) -> datetime:
    """An instant of June 2026 in Berlin, as `day hour:minute`; 1 June is a Monday."""
    return datetime.strptime(f"2026-06-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN)


def nothing(_snapshot: Snapshot, _window: Window, _context: TeamContext) -> Facts:
    raise NotImplementedError  # scheduling never gathers


def assignment(
    cadence: Cadence = Weekdays(time(9)),  # noqa: B008 - immutable
    *,
    team: str = "harbour",
    name: str = "standup",
    zone: ZoneInfo = BERLIN,
    mode: Mode = Mode.APPROVE,
    catch_up: CatchUp = "once",
    grace: timedelta | None = None,
) -> Assignment:
    """A team's wish, without holidays."""
    return Assignment(
        team=team,
        team_name=team.title(),
        project=ProjectGid("1200000000000001"),
        ceremony=Ceremony(name, name.title(), cadence, nothing),
        rules=BoardRules(zone),
        timetable=Timetable(cadence, zone, WorkingDays(zone)),
        mode=mode,
        approvers=(Approver("Alice"),),
        catch_up=catch_up,
        grace=grace,
    )


@dataclass
class Desk:
    """One run log, and looks at it at instants of June 2026."""

    store: RunStore
    coverage: Coverage
    pauses: Pauses
    sprints: list[SprintSpan] = field(default_factory=list)

    @property
    def firing(self) -> Firing:
        return Firing(self.coverage, self.pauses, self.timetable)

    def timetable(self, wish: Assignment) -> Timetable:
        follows = isinstance(wish.timetable.cadence, EndOfSprint)
        return replace(wish.timetable, sprints=self.sprints) if follows else wish.timetable

    def enrol(self, wish: Assignment, at: str) -> None:
        self.coverage.enrol([(wish.team, wish.ceremony.name)], now=berlin(at))

    def look(self, wish: Assignment, at: str) -> Look:
        """One look at one assignment."""
        (look,) = self.firing.look([wish], now=berlin(at))
        return look

    def fired(self, wish: Assignment, at: str) -> Run:
        """The run that a look then fires."""
        run = self.look(wish, at).fired
        assert run is not None
        return run

    def end(self, run: Run, state: RunState, at: datetime | None = None) -> Run:
        """Move a fresh run on to a state."""
        with self.store.step(self.store.get(run.id), now=at or run.created_at) as step:
            for passed in WAYS[state]:
                step.move(passed, f"to {passed}")
        return step.run

    def told(self, wish: Assignment) -> list[tuple[str, str]]:
        """The written windows, oldest first, as day and hour in Berlin."""
        runs = self.store.recent(team=wish.team, ceremony=wish.ceremony.name, state=RunState.WRITTEN)
        return [span(run.window) for run in sorted(runs, key=lambda run: run.window.end)]


def span(window: Window) -> tuple[str, str]:
    """A window in Berlin's time, as day and hour."""
    return (f"{window.start.astimezone(BERLIN):%d %H:%M}", f"{window.end.astimezone(BERLIN):%d %H:%M}")


@contextmanager
def desk_in_memory() -> Iterator[Desk]:
    """A run log that lives as long as the block."""
    database = open_database("sqlite://")
    yield Desk(RunStore(database), Coverage(database), Pauses(database))
    database.dispose()


def sprints(*spans: Sequence[str]) -> list[SprintSpan]:
    """Sprints as name, start and end."""
    return [
        SprintSpan(name, berlin(start).astimezone(UTC), berlin(end).astimezone(UTC))
        for name, start, end in spans
    ]
