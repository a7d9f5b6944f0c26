"""When each team's sprints end, as far as it is known now: what end-of-sprint ceremonies are scheduled by.

Asana has no sprint object, so the ends come from the board: from the project's fields, its sections or the sprint projects,
asked now and then and remembered between. Configured sprints need no asking. A sprint that was moved, extended or closed
early moves its ceremony at the next look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from facilitator.asana import AsanaTracker
from facilitator.board.rules import ConfiguredSprints, ProjectSprints, SectionSprints
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprints import find_sprints
from facilitator.calendar.cadence import EndOfSprint
from facilitator.calendar.fires import SprintSpan
from facilitator.calendar.windows import Timetable
from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.sprint_log import SprintLog
from facilitator.runs.store import RunStore

AHEAD = timedelta(days=400)
"""How far configured sprints are counted on."""


class SprintBook:
    """Sprint ends by team, as last seen until `refresh`; it completes timetables."""

    def __init__(self, store: RunStore) -> None:
        self._log = SprintLog(store.database)

    @cached_property
    def _ends(self) -> dict[str, tuple[SprintSpan, ...]]:
        return self._log.all()

    def timetable(self, assignment: Assignment) -> Timetable:
        """The assignment's timetable with the sprint ends known now; others are as configured."""
        if not follows_sprints(assignment):
            return assignment.timetable
        return replace(assignment.timetable, sprints=self._ends.get(assignment.team, ()))

    async def refresh(
        self, tracker: AsanaTracker, assignments: Iterable[Assignment], *, now: datetime
    ) -> None:
        """Learn the sprints of every team that has an end-of-sprint ceremony, from Asana where the board says them.

        A team whose board cannot be read keeps what was last seen, and the others are read all the same; then the first
        refusal is raised.
        """
        teams = {one.team: one for one in assignments if follows_sprints(one)}
        refusals = []
        for assignment in teams.values():
            try:
                self.note(assignment, await _board(tracker, assignment, now))
            except FacilitatorError as error:
                refusals.append(error)
        if refusals:
            raise refusals[0]

    def note(self, assignment: Assignment, board: Snapshot) -> None:
        """Take over the sprints that a board shows; one without any leaves those known before."""
        found = find_sprints(board, assignment.rules)
        spans = tuple(SprintSpan(one.name, one.start, one.closed or one.end) for one in found)
        if spans and spans != self._ends.get(assignment.team):
            self._log.keep(assignment.team, spans)
            self._ends[assignment.team] = spans


async def _board(tracker: AsanaTracker, assignment: Assignment, now: datetime) -> Snapshot:
    """The part of a board that says when sprints are: no tasks, and as few calls as the rule allows."""
    rule, gid = assignment.rules.sprint, assignment.project
    tracker = tracker.for_team(assignment.team)
    if isinstance(rule, ConfiguredSprints):
        return Snapshot(gid, "", now + AHEAD, tasks=())
    if isinstance(rule, SectionSprints):
        return Snapshot(gid, "", now, tasks=(), sections=await tracker.sections(gid))
    project = await tracker.project(gid)
    found = await tracker.sprint_projects(project, rule) if isinstance(rule, ProjectSprints) else ()
    return Snapshot(gid, project.name, now, tasks=(), custom_fields=project.custom_fields, projects=found)


def follows_sprints(assignment: Assignment) -> bool:
    """Whether the ceremony is held at the end of sprints."""
    return isinstance(assignment.timetable.cadence, EndOfSprint)
