"""The fixed furniture of the built-in world: gids of people, projects, sections, fields, options and sprints.

Everything here is decided before the first task exists. It has no randomness but the minute a sprint was closed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random

from facilitator.sandbox.generated.hours import WorkHours
from facilitator.sandbox.generated.people import FORMER, PEOPLE

ACTIVE_NUMBER = 24
BACKLOG, TO_DO, IN_PROGRESS, IN_REVIEW, DONE = "Backlog", "To do", "In progress", "In review", "Done"
CEREMONIES, IMPROVEMENTS = "Ceremonies", "Process improvement"
SECTIONS = (BACKLOG, TO_DO, IN_PROGRESS, IN_REVIEW, DONE, CEREMONIES, IMPROVEMENTS)
ROADMAP_SECTIONS = ("Later", "Next", "Now", "Shipped")

POINTS, SPRINT, PRIORITY, TYPE, RESOLUTION, BLOCKED = (
    "Story Points", "Sprint", "Priority", "Type", "Resolution", "Blocked",
)  # fmt: skip
OPTIONS = {
    PRIORITY: ("Critical", "High", "Medium", "Low"),
    TYPE: ("Story", "Bug", "Improvement", "Chore"),
    RESOLUTION: ("Done", "Won't Do", "Duplicate", "Cannot Reproduce"),
    BLOCKED: ("Blocked", "Not blocked"),
}


@dataclass(frozen=True, slots=True)
class Sprint:
    """Two weeks of work; `end` is the planned end, `closed` the instant the team closed it, None if active."""

    index: int
    name: str
    days: tuple[date, ...]
    start: datetime
    end: datetime
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Gids by name. Sections of the roadmap are keyed `roadmap/NAME`, options `FIELD/OPTION`."""

    workspace: str
    team: str
    project: str
    roadmap: str
    sprints: tuple[Sprint, ...]
    users: dict[str, str]
    sections: dict[str, str]
    fields: dict[str, str]
    options: dict[str, str]
    settings: dict[str, str]
    founded: datetime = field(kw_only=True)

    def sprint_at(self, instant: datetime) -> Sprint | None:
        """The sprint running at an instant, None between two of them."""
        return next((s for s in self.sprints if s.start <= instant < (s.closed or s.end)), None)


def plan_sprints(hours: WorkHours, as_of: datetime, past: int, rng: Random) -> tuple[Sprint, ...]:
    """Two-week sprints ending in the active one, whose second week holds `as_of`.

    They start on Monday at 09:00 and end on Friday at 17:00; where that day is a holiday, on the nearest
    working day inside the sprint.
    """
    today = hours.local_day(as_of)
    monday = today - timedelta(days=today.weekday() + 7)
    return tuple(
        _sprint(hours, index, monday - timedelta(days=14 * (past - index)), past, rng)
        for index in range(past + 1)
    )


def _sprint(hours: WorkHours, index: int, monday: date, past: int, rng: Random) -> Sprint:
    days = tuple(hours.between(monday, monday + timedelta(days=11)))
    end = hours.at(days[-1], "17:00")
    closed = end + timedelta(seconds=rng.randint(60, 900))
    return Sprint(
        index=index,
        name=f"Sprint {ACTIVE_NUMBER - past + index}",
        days=days,
        start=hours.at(days[0], "09:00"),
        end=end,
        closed=closed if index < past else None,
    )


def lay_out(sprints: tuple[Sprint, ...], founded: datetime) -> Blueprint:
    """Give every fixed thing its gid, always in the same order."""
    fixed, people = (f"12050{n:011d}" for n in count(1)), (f"12051{n:011d}" for n in count(1))
    sections = [*SECTIONS, *(f"roadmap/{name}" for name in ROADMAP_SECTIONS)]
    fields = [POINTS, SPRINT, *OPTIONS]
    choices = {SPRINT: tuple(sprint.name for sprint in sprints), **OPTIONS}
    return Blueprint(
        workspace=next(fixed),
        team=next(fixed),
        project=next(fixed),
        roadmap=next(fixed),
        sprints=sprints,
        users={key: next(people) for key in (*(person.key for person in PEOPLE), FORMER)},
        sections={name: next(fixed) for name in sections},
        fields={name: next(fixed) for name in fields},
        options={f"{name}/{choice}": next(fixed) for name, names in choices.items() for choice in names},
        settings={name: next(fixed) for name in fields},
        founded=founded,
    )
