"""The dead man's switch: now and then it looks for what did not happen, and has people told.

What counts as silence is decided in `silence`; this only gathers what that needs from the run log, and posts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from facilitator.calendar.windows import Timetable
from facilitator.runs.assignment import Assignment
from facilitator.runs.notices import Marks, Notice, Notices
from facilitator.runs.store import RunStore
from facilitator.service.silence import missing, quiet_streak, stalled

log = structlog.get_logger()

SERVED, TICK, STOPPED = "served", "tick", "stopped"
"""Marks: a deployment's first start, its last sign of life, and its last clean stop."""
LOOK_BACK = timedelta(days=7)
"""Fires older than this are history, not news."""
LONGEST_STREAK = 40


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks for silence; holds nothing between turns. `quiet_days` 0 lets a team be quiet for as long as it likes."""

    store: RunStore
    notices: Notices
    marks: Marks
    expected: Callable[[], Iterable[tuple[Assignment, Timetable]]]
    quiet_days: Callable[[str], int]
    clock: Callable[[], datetime]

    async def turn(self) -> None:
        """Every ceremony: is a document overdue, or quiet for suspiciously long?"""
        expected = list(self.expected())
        since = self._since(expected)
        for assignment, timetable in expected:
            seen = since[_mark(assignment)]
            for notice in (*self._missing(assignment, timetable, seen), *self._quiet(assignment)):
                self._post(notice)

    def begin(self) -> None:
        """Note what is expected from now on; what was before it is nobody's news."""
        self.marks.first(SERVED, now=self.clock())
        self._since(self.expected())

    async def tick(self) -> None:
        """Leave a sign of life, after a look at when the last one was left."""
        now = self.clock()
        notice = stalled(self.marks.at(TICK), self.marks.at(STOPPED), now=now)
        if notice is not None:
            self._post(notice)
        self.marks.touch(TICK, now=now)

    def stopped(self) -> None:
        """Note that the silence from here on is meant."""
        self.marks.touch(STOPPED, now=self.clock())

    def _since(self, expected: Iterable[tuple[Assignment, Timetable]]) -> Mapping[str, datetime]:
        """When each was first seen in the configuration, by its mark: nothing was expected of it before."""
        return self.marks.firsts([_mark(assignment) for assignment, _ in expected], now=self.clock())

    def _missing(self, assignment: Assignment, timetable: Timetable, seen: datetime) -> list[Notice]:
        now = self.clock()
        fires = timetable.fires(max(seen, now - LOOK_BACK), now)
        if not fires:
            return []
        runs = self.store.recent(team=assignment.team, ceremony=assignment.ceremony.name)
        return missing(assignment, fires, runs, now=now)

    def _quiet(self, assignment: Assignment) -> list[Notice]:
        days = self.quiet_days(assignment.team)
        if not days:
            return []
        runs = self.store.recent(
            team=assignment.team, ceremony=assignment.ceremony.name, limit=LONGEST_STREAK
        )
        told = []
        for run in (run for run in runs if run.trigger == "schedule"):
            facts = self.store.facts(run.id)
            if facts is not None:
                told.append((run, facts.document.quiet))
                if not facts.document.quiet:
                    break
        notice = quiet_streak(assignment, told, days=days)
        return [] if notice is None else [notice]

    def _post(self, notice: Notice) -> None:
        if self.notices.post(notice, now=self.clock()):
            log.warning("silence", kind=notice.kind, team=notice.team, key=notice.key)


def _mark(assignment: Assignment) -> str:
    return f"expected/{assignment.team}/{assignment.ceremony.name}"[:80]  # as long as a mark's name may be
