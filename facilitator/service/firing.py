"""From a clock tick to rows: which windows are due, and firing each of them once.

A look is one transaction: it reads how far a ceremony has come, decides, supersedes what still waits and fires. What was
missed is computed from the run log, never remembered in a job store, so a wake-up carries no meaning: early, late or
double, it finds the same. Firing only writes the row; advancing it is the executor's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from facilitator.calendar.window import Window
from facilitator.calendar.windows import CatchingUp, Due, Fate, Timetable, due, first_look_back
from facilitator.errors import CheckFailed, ConfigurationError
from facilitator.runs.assignment import Assignment
from facilitator.runs.autonomy import Autonomy
from facilitator.runs.coverage import Coverage, Turn
from facilitator.runs.pauses import Paused, Pauses
from facilitator.runs.run import Mode, Run
from facilitator.runs.standing import PAUSED, Standing
from facilitator.runs.store import RunStore

TOGETHER = 1024
"""Assignments looked at in one transaction: others who write wait no longer than that takes, some tens of milliseconds."""

LONGEST_SILENCE = timedelta(days=400)
"""Pauses that ended longer ago than this are not asked for."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at one assignment found: its due instants and their fates, the run it fired, if any.

    `held` says why something due was not fired yet, or nothing: look again soon. `recorded` are the windows recorded as
    skipped, `superseded` the draft that expired because this window was due.
    """

    assignment: Assignment
    dues: tuple[Due, ...] = ()
    fired: Run | None = None
    superseded: Run | None = None
    recorded: tuple[Run, ...] = ()
    held: str = ""


class Firing:
    """Looks at assignments and fires what is due, over one run log. Holds no state between looks."""

    def __init__(
        self, coverage: Coverage, pauses: Pauses, timetable: Callable[[Assignment], Timetable]
    ) -> None:
        self._coverage = coverage
        self._pauses = pauses
        self._timetable = timetable

    def look(self, assignments: Iterable[Assignment], *, now: datetime) -> list[Look]:
        """Fire what is due of these, at most one window each, in one transaction. The second time nothing happens."""
        wanted = list(assignments)
        paused = self._pauses.since(now - LONGEST_SILENCE)
        with self._coverage.turn(now=now) as turn:
            found = turn.standings([(one.team, one.ceremony.name, one.mode) for one in wanted])
            looks = [
                _take(turn, one, _dues(one, self._timetable(one), standing, paused, now), standing, now)
                for one, standing in zip(wanted, found, strict=True)
            ]
            made = {run.key: run for run, new in turn.fire([one.fired for one in looks if one.fired]) if new}
        return [replace(one, fired=None) if one.fired and one.fired.key not in made else one for one in looks]

    def outlook(self, assignment: Assignment, *, now: datetime) -> tuple[Due, ...]:
        """What `look` would find due now, and each one's fate; nothing is recorded."""
        standing = self._coverage.standing(
            assignment.team, assignment.ceremony.name, assignment.mode, now=now
        )
        paused = self._pauses.since(now - LONGEST_SILENCE)
        return _dues(assignment, self._timetable(assignment), standing, paused, now)


def _dues(
    assignment: Assignment, timetable: Timetable, standing: Standing, paused: Paused, now: datetime
) -> tuple[Due, ...]:
    def why(at: datetime) -> str:
        pause = paused.over(assignment.team, assignment.ceremony.name, at)
        return pause.words if pause else ""

    how = CatchingUp(assignment.catch_up, assignment.grace)
    return due(timetable, standing.progress, now=now, catching_up=how, paused=why)


def _take(
    turn: Turn, assignment: Assignment, dues: tuple[Due, ...], standing: Standing, now: datetime
) -> Look:
    """What becomes of one assignment: `fired` is the run to fire. Nothing is fired while a run of it is at work."""
    if not any(one.window for one in dues):
        return Look(assignment, dues)
    if standing.at_work:
        return Look(assignment, dues, held=f"run {standing.at_work} is at work")
    recorded: list[Run] = []
    for one in dues:
        if one.fate is Fate.PAUSED and one.window:
            recorded.append(
                turn.skip(_planned(assignment, assignment.mode, one, one.window, PAUSED, now), one.why)
            )
        if one.fate is not Fate.FIRE or one.window is None:
            continue
        if standing.waiting and assignment.catch_up == "each" and one.missed(now):
            why = f"the draft of run {standing.waiting} waits, and each missed window has one of its own"
            return Look(assignment, dues, recorded=tuple(recorded), held=why)
        by = f"the window that ends at {one.window.key}" if standing.waiting else ""
        superseded = _supersede(turn, standing, by)
        planned = _planned(assignment, turn.mode(assignment), one, one.window, "schedule", now)
        return Look(assignment, dues, planned, superseded, tuple(recorded))
    return Look(assignment, dues, recorded=tuple(recorded))


def _planned(
    assignment: Assignment, mode: Mode, one: Due, window: Window, trigger: str, now: datetime
) -> Run:
    return Run.planned(
        assignment.team,
        assignment.ceremony.name,
        window,
        mode=mode,
        trigger=trigger,
        period=one.fire.period or None,
        now=now,
    )


def _supersede(turn: Turn, standing: Standing, by: str) -> Run | None:
    if standing.waiting is None:
        return None
    return turn.supersede(standing.waiting, f"nobody decided before {by} was due; it covers this time too")


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a window somebody asked for: its run, whether this made it, and the draft it superseded."""

    run: Run
    new: bool
    superseded: Run | None = None

    @property
    def words(self) -> str:
        """What was done, in a sentence."""
        window = self.run.window
        span = f"{window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC"
        if not self.new:
            return f"This window, {span}, has its run already: {self.run.id}."
        if self.superseded:
            return f"Run {self.run.id} covers {span}; run {self.superseded.id}, which waited, has expired for it."
        return f"Run {self.run.id} covers {span}."


def ask(
    coverage: Coverage,
    assignment: Assignment,
    at: datetime,
    *,
    mode: Mode | None = None,
    trigger: str = "hand",
    now: datetime,
) -> Asked:
    """Fire the window that ends at the instant (to the second), by the rule the schedule keeps.

    It starts where the last written one ended; a draft that waits expires for it. Asking for a window that has a run
    gives that run. Raises `CheckFailed` while a run of the ceremony is at work, or where the time is told already, and
    `ConfigurationError` for an instant that is still to come.
    """
    end = at.replace(microsecond=0)
    if end > now:
        raise ConfigurationError(
            f"{end:%Y-%m-%d %H:%M:%S} UTC has not come yet.",
            suggestion="Leave --at out to end the window now.",
        )
    team, ceremony = assignment.team, assignment.ceremony.name
    with coverage.turn(now=now) as turn:
        mode = mode or turn.mode(assignment)
        (standing,) = turn.standings([(team, ceremony, mode)])
        window = Window(_start(assignment.timetable, standing.progress.open_since, end), end)
        run = Run.planned(team, ceremony, window, mode=mode, trigger=trigger, now=now)
        if (found := turn.run_of(run.key)) is not None:
            return Asked(found, new=False)
        if mode is not Mode.SHADOW:  # a rehearsal writes nothing: it may be had twice, and beside another
            _refuse(standing, assignment, end)
        superseded = _supersede(turn, standing, f"a window asked for by {trigger}")
        ((fired, new),) = turn.fire([run])
        return Asked(fired, new, superseded)


def _refuse(standing: Standing, assignment: Assignment, end: datetime) -> None:
    what = f"{assignment.ceremony.name} of {assignment.team_name}"
    if standing.at_work:
        raise CheckFailed(
            f"run {standing.at_work} of {what} is at work: a second one would tell the same time twice.",
            suggestion=f"Follow it with `runs tail {standing.at_work}`, or ask again when it has ended.",
        )
    told = standing.progress.open_since
    if standing.last_written and told is not None and end <= told:
        raise CheckFailed(
            f"{what} is told up to {told:%Y-%m-%d %H:%M:%S} UTC already.",
            suggestion=f"`runs show {standing.last_written}` shows that document.",
        )


def _start(timetable: Timetable, covered: datetime | None, end: datetime) -> datetime:
    """Where the window before this end begins: never further back than four usual spans of a first one."""
    if covered is not None and covered < end:
        return covered
    return max(timetable.previous(end), end - first_look_back(timetable.cadence) * 4)


def window_at(store: RunStore, assignment: Assignment, at: datetime) -> Window:
    """The window that would end at an instant, to the second; for looking, nothing is recorded."""
    end = at.replace(microsecond=0)
    before = store.last_written(assignment.team, assignment.ceremony.name, before=end - timedelta(seconds=1))
    return Window(_start(assignment.timetable, before.window.end if before else None, end), end)


def fire_now(
    store: RunStore,
    assignment: Assignment,
    window: Window,
    *,
    mode: Mode | None,
    now: datetime,
    trigger: str = "hand",
) -> tuple[Run, bool]:
    """Fire exactly this window, whatever else is at work; gives the run there is for it, and whether this made it."""
    return store.fire(
        assignment.team,
        assignment.ceremony.name,
        window,
        mode=mode or Autonomy(store.database).mode(assignment, now=now),
        trigger=trigger,
        now=now,
    )
