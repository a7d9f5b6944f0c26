"""When each team's sprints end, as far as it is known now: what end-of-sprint ceremonies are scheduled by.

Asana has no sprint object, so the ends come from the board: from the project's fields or from the sprint projects, asked
now and then, or from the
newest snapshot in the run log. A sprint that was moved, extended or closed early moves its ceremony at the next look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from facilitator.asana import AsanaTracker
from facilitator.board.rules import ProjectSprints
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprints import find_sprints
from facilitator.calendar.cadence import EndOfSprint
from facilitator.calendar.fires import SprintSpan
from facilitator.calendar.windows import Timetable
from facilitator.runs.assignment import Assignment
from facilitator.runs.store import RunStore


class SprintBook:
    """Sprint ends by team. Empty until `refresh`; then, or from the run log, it completes timetables."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._ends: dict[str, tuple[SprintSpan, ...]] = {}

    def timetable(self, assignment: Assignment) -> Timetable:
        """The assignment's timetable with the sprint ends known now; others are as configured."""
        if not follows_sprints(assignment):
            return assignment.timetable
        if assignment.team not in self._ends:
            snapshot = self._store.latest_snapshot(assignment.team)
            self._note(assignment, snapshot)
        return replace(assignment.timetable, sprints=self._ends.get(assignment.team, ()))

    async def refresh(
        self, tracker: AsanaTracker, assignments: Iterable[Assignment], *, now: datetime
    ) -> None:
        """Ask Asana for the sprints of every team that has an end-of-sprint ceremony; raises `TrackerError`."""
        for assignment in assignments:
            if follows_sprints(assignment):
                board = tracker.for_team(assignment.team)
                project = await board.project(assignment.project)
                rule = assignment.rules.sprint
                found = await board.sprint_projects(project, rule) if isinstance(rule, ProjectSprints) else ()
                seen = Snapshot(
                    assignment.project,
                    project.name,
                    now,
                    tasks=(),
                    custom_fields=project.custom_fields,
                    projects=found,
                )
                self._note(assignment, seen)

    def _note(self, assignment: Assignment, snapshot: Snapshot | None) -> None:
        found = find_sprints(snapshot, assignment.rules) if snapshot else ()
        if found:
            self._ends[assignment.team] = tuple(
                SprintSpan(sprint.name, sprint.start, sprint.closed or sprint.end) for sprint in found
            )


def follows_sprints(assignment: Assignment) -> bool:
    """Whether the ceremony is held at the end of sprints."""
    return isinstance(assignment.timetable.cadence, EndOfSprint)
