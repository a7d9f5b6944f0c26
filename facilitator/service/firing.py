"""From a clock tick to rows: which windows of an assignment are due, and firing them once.

Firing only writes the row; losing the race to another process is normal. What was missed is computed from the run log,
never remembered in a job store.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from facilitator.calendar.window import Window
from facilitator.calendar.windows import CatchingUp, Fate, Progress, Timetable, due, first_look_back
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import ENDS, Mode, Run, RunState
from facilitator.runs.store import RunStore

BUSY = frozenset(RunState) - ENDS | {RunState.WRITTEN}
"""A window in one of these states is written, or still may be: the next one starts at its end."""


def fire_due(
    store: RunStore, assignment: Assignment, timetable: Timetable, *, now: datetime, started: datetime
) -> tuple[Run, ...]:
    """Fire every window that is due now by this timetable; gives the runs this call made.

    `started` bounds how far back a first start looks: a ceremony that was never run does not begin with the past.
    """
    newest = store.recent(team=assignment.team, ceremony=assignment.ceremony.name, limit=1)
    since = newest[0].window.end if newest else started
    progress = Progress(since, _covered_until(store, assignment, before=now))
    found = due(timetable, progress, now=now, catching_up=CatchingUp(assignment.catch_up, assignment.grace))
    fired = []
    for window in (one.window for one in found if one.fate is Fate.FIRE and one.window is not None):
        run, new = store.fire(
            assignment.team,
            assignment.ceremony.name,
            window,
            mode=assignment.mode,
            trigger="schedule",
            now=now,
        )
        if new:
            fired.append(run)
    return tuple(fired)


def window_at(store: RunStore, assignment: Assignment, at: datetime) -> Window:
    """The window that a person asks for at an instant, to the second: from the end of the last written one."""
    end = at.replace(microsecond=0)
    covered = _covered_until(store, assignment, before=end - timedelta(seconds=1))
    fire = assignment.timetable.previous(end)
    start = (
        covered if covered is not None else max(fire, end - first_look_back(assignment.timetable.cadence) * 4)
    )
    return Window(min(start, end), end)


def fire_now(
    store: RunStore,
    assignment: Assignment,
    window: Window,
    *,
    mode: Mode | None,
    now: datetime,
    trigger: str = "hand",
) -> tuple[Run, bool]:
    """Fire one window that somebody asked for; gives the run there is for it, and whether this call made it."""
    return store.fire(
        assignment.team,
        assignment.ceremony.name,
        window,
        mode=mode or assignment.mode,
        trigger=trigger,
        now=now,
    )


def _covered_until(store: RunStore, assignment: Assignment, *, before: datetime) -> datetime | None:
    runs = store.recent(team=assignment.team, ceremony=assignment.ceremony.name, limit=50)
    ends = [run.window.end for run in runs if run.state in BUSY and run.window.end <= before]
    return max(ends, default=None)
