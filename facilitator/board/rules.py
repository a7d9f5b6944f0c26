"""How one team reads its board: zone, columns, fields, sprints, limits. Configuration hands it in; metrics obey it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

STATES = ("backlog", "todo", "in_progress", "in_review", "done")

DEFAULT_STATES: Mapping[str, str] = {
    "backlog": "backlog", "icebox": "backlog", "ideas": "backlog",
    "to do": "todo", "todo": "todo", "ready": "todo", "planned": "todo", "selected": "todo", "open": "todo",
    "in progress": "in_progress", "doing": "in_progress", "development": "in_progress",
    "in review": "in_review", "review": "in_review", "testing": "in_review", "qa": "in_review",
    "done": "done", "closed": "done", "resolved": "done", "complete": "done",
}  # fmt: skip
"""Section names (lower case) and the state they mean; anything else with work in it counts as todo."""


def monday_to_friday(day: date) -> bool:
    """The working week where nothing else is configured."""
    return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class FieldSprints:
    """Sprints are the options of an enum field; their dates stand in its description, one line an option:
    `name | start_at | end_at | closed_at` (ISO 8601; `-` or nothing where open).
    """

    field: str = "Sprint"


@dataclass(frozen=True, slots=True)
class SectionSprints:
    """A section per sprint whose name holds its number and dates, such as `Sprint 14 (2026-03-02 - 2026-03-13)`."""

    pattern: str = r"(?i)\b(?:sprint|iteration)\b"


@dataclass(frozen=True, slots=True)
class ProjectSprints:
    """A project per sprint: those of these gids, and those of the workspace whose names match `pattern` (empty: none).

    A sprint's days are its project's `start_on` and `due_on`, else the two dates in its name. Archived projects count:
    teams archive sprints that are over. The team's own project is never a sprint; it may be the backlog.
    """

    projects: tuple[str, ...] = ()
    pattern: str = ""

    def takes(self, gid: str, name: str) -> bool:
        """Whether a project is one of these sprints."""
        return gid in self.projects or bool(self.pattern and re.search(self.pattern, name))


@dataclass(frozen=True, slots=True)
class ConfiguredSprints:
    """Sprints of one length from one first day on, counted in the team's zone; the board says nothing of them."""

    first_day: date
    length_days: int = 14
    name: str = "Sprint {n}"
    first_number: int = 1


@dataclass(frozen=True, slots=True)
class NoSprints:
    """A team that flows without sprints: sprint facts are left out."""


SprintRule = FieldSprints | SectionSprints | ProjectSprints | ConfiguredSprints | NoSprints


@dataclass(frozen=True, slots=True)
class BoardRules:
    """Everything about a board that its data does not say.

    `zone` decides what "today" is; `working_day` knows weekends and holidays in that zone. Names are compared
    without regard to case. `excluded_sections` and `excluded_tasks` (names) hold ceremony chores, not work.
    `status_field` names an enum field whose options say a task's state; empty where the sections do.
    """

    zone: ZoneInfo
    working_day: Callable[[date], bool] = monday_to_friday
    sprint: SprintRule = field(default_factory=FieldSprints)
    points_field: str = "Story Points"
    states: Mapping[str, str] = field(default_factory=lambda: DEFAULT_STATES)
    status_field: str = ""
    blocked_field: str = "Blocked"
    blocked_names: tuple[str, ...] = ("blocked", "waiting", "on hold")
    excluded_sections: tuple[str, ...] = ("ceremonies", "process improvement", "templates")
    excluded_tasks: tuple[str, ...] = ()
    wip_limit: int | None = None
    stale_after_days: int = 14
    sentiment: bool = False
    """Whether the retro may count the tone of the sprint's comments; see `sentiment`."""
