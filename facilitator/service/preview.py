"""What is coming: each team's next fires with the window they will tell, in local time and with their reasons.

Reads the run log and the timetables and records nothing; the command line, a calendar file and the dashboard show it. It is a
preview: a run that fails, a pause or a moved sprint changes what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from facilitator.calendar.fires import Fire
from facilitator.calendar.window import Window
from facilitator.calendar.windows import Timetable
from facilitator.runs.assignment import Assignment
from facilitator.runs.coverage import Coverage
from facilitator.runs.pauses import Pause, Pauses
from facilitator.runs.standing import Standing

SHOWN_DAY = "%a %d %b"


@dataclass(frozen=True, slots=True)
class Coming:
    """One coming fire. `cents` is what such a run usually costs at list price, None where nobody knows yet.

    `notes` say in words why it is on this day, at this hour, and what else will happen with it.
    """

    assignment: Assignment
    fire: Fire
    window: Window
    cents: float | None = None
    paused: Pause | None = None
    held: bool = False
    notes: tuple[str, ...] = ()

    @property
    def local(self) -> datetime:
        """When it is due, in the team's zone."""
        return self.fire.at.astimezone(self.assignment.rules.zone)

    @property
    def fires(self) -> bool:
        """Whether a window will be run then, as far as is known now."""
        return self.paused is None and not self.held


class Preview:
    """Looks ahead over one run log."""

    def __init__(
        self, coverage: Coverage, pauses: Pauses, timetable: Callable[[Assignment], Timetable]
    ) -> None:
        self._coverage = coverage
        self._pauses = pauses
        self._timetable = timetable

    def coming(
        self, assignments: Iterable[Assignment], *, now: datetime, ahead: timedelta
    ) -> tuple[Coming, ...]:
        """Every fire of the time ahead, the next one first."""
        found = [one for each in assignments for one in self._of(each, now, now + ahead)]
        return tuple(sorted(found, key=lambda one: (one.fire.at, one.assignment.team)))

    def _of(self, assignment: Assignment, now: datetime, until: datetime) -> Iterator[Coming]:
        team, ceremony = assignment.team, assignment.ceremony.name
        standing = self._coverage.standing(team, ceremony, assignment.mode, now=now)
        cents = self._coverage.usual_cents(team, ceremony)
        timetable, paused = self._timetable(assignment), self._pauses.since(now)
        start, notes = standing.progress.open_since, _unfinished(standing)
        for fire in timetable.fires(now, until):
            pause = paused.over(team, ceremony, fire.at)
            held = _held(standing, fire)
            begin = timetable.previous(fire.at) if start is None else start
            window = Window(min(begin, fire.at), fire.at)
            yield Coming(assignment, fire, window, cents, pause, held, (*reasons(timetable, fire), *notes))
            if pause is None and not held:
                start, notes = fire.at, ()


def reasons(timetable: Timetable, fire: Fire) -> tuple[str, ...]:
    """Why a fire is on this day and at this hour, where that is not plain."""
    found = [f"end of {fire.sprint}"] if fire.sprint else []
    if fire.moved_from is not None:
        why = timetable.working.why_free(fire.moved_from) or "a day these clocks never showed"
        found.append(f"moved from {fire.moved_from:{SHOWN_DAY}}: {why}")
    meant = getattr(timetable.cadence, "at", None)
    shown = fire.at.astimezone(timetable.zone)
    if meant is not None and not isinstance(meant, datetime) and shown.time() != meant:
        found.append(f"{meant:%H:%M} does not exist on {fire.day:{SHOWN_DAY}}: clocks go forward")
    return tuple(found)


def _held(standing: Standing, fire: Fire) -> bool:
    held = standing.progress.held.get(fire.period)
    return held is not None and (fire.begins is None or held > fire.begins)


def _unfinished(standing: Standing) -> tuple[str, ...]:
    if standing.at_work:
        return (f"after run {standing.at_work}, which is at work",)
    if standing.waiting:
        return (f"run {standing.waiting}, which waits for a decision, expires for it",)
    return ()
