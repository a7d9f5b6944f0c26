"""Sprints: found from what a board or its configuration says of them, for Asana has no sprint object.

Third step of the board: a `SprintRule` turns a Snapshot into dated `Sprint`s and says which value puts a task into
one. It does not decide what counts in a sprint; see `sprint_figures`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from facilitator.board.rules import (
    BoardRules,
    ConfiguredSprints,
    FieldSprints,
    ProjectSprints,
    SectionSprints,
)
from facilitator.board.snapshot import BoardProject, CustomField, Snapshot

_DAY = timedelta(days=1)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_OPEN = ("", "-", "null", "none", "open")


@dataclass(frozen=True, slots=True)
class Sprint:
    """One sprint. `end` is the planned end, the first instant after it; `closed` the instant the team closed it.

    `key` is what a task holds while it is in the sprint: the gid of the option, section or project; empty where sprints come
    from configuration, which puts every task outside the backlog into the running one.
    """

    name: str
    start: datetime
    end: datetime
    closed: datetime | None = None
    key: str = ""

    def closed_by(self, instant: datetime) -> bool:
        """Whether the sprint was over at this instant."""
        return self.closed is not None and self.closed <= instant

    def until(self, instant: datetime) -> datetime:
        """The sprint's last instant as seen at this one: its close, or the instant itself while it runs."""
        return self.closed if self.closed is not None and self.closed <= instant else instant

    def last_day(self, zone: ZoneInfo) -> date:
        """The last local date that counts as a day of the sprint.

        A sprint that ends at the hour it began, or before, such as Monday noon to Monday noon, does not count the
        day of its end: two weeks are ten working days, not eleven.
        """
        start, end = self.start.astimezone(zone), self.end.astimezone(zone)
        last = end.date() - _DAY if end.time() <= start.time() else end.date()
        return max(last, start.date())


def find_sprints(snapshot: Snapshot, rules: BoardRules) -> tuple[Sprint, ...]:
    """Every sprint that has begun by `as_of`, and planned ones whose dates are known, oldest first.

    An option, section or project without readable dates is left out; `undated` names it.
    """
    match rules.sprint:
        case FieldSprints() | SectionSprints() | ProjectSprints():
            found = [sprint for _, sprint in _named(snapshot, rules) if sprint]
        case ConfiguredSprints() as rule:
            found = list(_configured(rule, rules.zone, snapshot.as_of))
        case _:
            found = []
    return tuple(sorted(found, key=lambda sprint: (sprint.start, sprint.name)))


def undated(snapshot: Snapshot, rules: BoardRules) -> tuple[str, ...]:
    """Names of sprints on the board whose dates could not be read."""
    if isinstance(rules.sprint, FieldSprints | SectionSprints | ProjectSprints):
        return tuple(name for name, sprint in _named(snapshot, rules) if sprint is None)
    return ()


def current(sprints: Sequence[Sprint], at: datetime) -> Sprint | None:
    """The sprint running at this instant, or None in a gap.

    A sprint its team has not closed runs on past its planned end, until the next one starts.
    """
    begun = [sprint for sprint in sprints if sprint.start <= at]
    latest = max(begun, key=lambda sprint: sprint.start, default=None)
    return None if latest is None or latest.closed_by(at) else latest


def latest_closed(sprints: Sequence[Sprint], at: datetime) -> Sprint | None:
    """The sprint that closed last at or before this instant."""
    closed = [sprint for sprint in sprints if sprint.closed_by(at)]
    return max(closed, key=lambda sprint: sprint.closed or sprint.end, default=None)


def sprint_field(snapshot: Snapshot, rules: BoardRules) -> CustomField | None:
    """The field that holds a task's sprint, by name without regard to case; None where the rule needs none."""
    if not isinstance(rules.sprint, FieldSprints):
        return None
    return field_named(snapshot, rules.sprint.field)


def field_named(snapshot: Snapshot, name: str) -> CustomField | None:
    """The board's field of this name, without regard to case."""
    wanted = name.strip().casefold()
    return next(
        (found for found in snapshot.custom_fields if found.name.strip().casefold() == wanted),
        None,
    )


def _named(snapshot: Snapshot, rules: BoardRules) -> Iterator[tuple[str, Sprint | None]]:
    rule = rules.sprint
    if isinstance(rule, ProjectSprints):
        for project in sprint_projects(snapshot, rule):
            yield project.name, _of_project(project, rules.zone, snapshot.as_of)
    elif isinstance(rule, SectionSprints):
        for section in snapshot.sections:
            if re.search(rule.pattern, section.name):
                yield section.name, _from_name(section.name, section.gid, rules.zone, snapshot.as_of)
    elif found := sprint_field(snapshot, rules):
        lines = _lines(found.description, rules.zone)
        for option in found.options:
            dated = lines.get(option.name.strip().casefold())
            if dated:
                yield option.name, Sprint(option.name, *dated, key=option.gid)
            else:
                yield option.name, _from_name(option.name, option.gid, rules.zone, snapshot.as_of)


def sprint_projects(snapshot: Snapshot, rule: ProjectSprints) -> tuple[BoardProject, ...]:
    """Those of the snapshot's projects that are sprints."""
    return tuple(
        one for one in snapshot.projects if one.gid != snapshot.project and rule.takes(one.gid, one.name)
    )


def _of_project(project: BoardProject, zone: ZoneInfo, as_of: datetime) -> Sprint | None:
    """A sprint from its first day to the end of its due day; one marked complete closed at that instant."""
    if project.start_on is None or project.due_on is None:
        return _from_name(project.name, project.gid, zone, as_of)
    start, end = _midnight(project.start_on, zone), _midnight(project.due_on + _DAY, zone)
    closed = project.completed_at or (end if end <= as_of else None)
    if closed is not None and closed <= start:  # completed before it began: the mark says nothing of its end
        closed = end if end <= as_of else None
    return Sprint(project.name, start, end, closed, project.gid) if start < end else None


def _lines(description: str, zone: ZoneInfo) -> dict[str, tuple[datetime, datetime, datetime | None]]:
    """`name | start_at | end_at | closed_at`, one sprint a line; other lines are somebody's prose."""
    found = {}
    for line in description.splitlines():
        name, *cells = (cell.strip() for cell in line.split("|"))
        try:
            start, end = _instant(cells[0], zone), _instant(cells[1], zone, last=True)
            still_open = len(cells) < 3 or cells[2].casefold() in _OPEN
            closed = None if still_open else _instant(cells[2], zone, last=True)
        except (ValueError, IndexError):
            continue
        if start < end:
            found[name.casefold()] = (start, end, closed)
    return found


def _instant(text: str, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """ISO 8601 to UTC; a bare date is its local midnight, or the midnight after it where it is a last day."""
    if _DATE.fullmatch(text):
        return _midnight(date.fromisoformat(text) + (_DAY if last else timedelta()), zone)
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _from_name(name: str, key: str, zone: ZoneInfo, as_of: datetime) -> Sprint | None:
    """A sprint whose name ends in its first and last day: `Sprint 14 (2026-03-02 - 2026-03-13)`."""
    dates = _DATE.findall(name)
    try:
        first, last = _instant(dates[0], zone), _instant(dates[1], zone, last=True)
    except (ValueError, IndexError):
        return None
    label = name[: name.index(dates[0])].rstrip(" (:,-\u2013\u2014[") or name
    return Sprint(label, first, last, last if last <= as_of else None, key) if first < last else None


def _configured(rule: ConfiguredSprints, zone: ZoneInfo, as_of: datetime) -> Iterator[Sprint]:
    number, day = rule.first_number, rule.first_day
    while (start := _midnight(day, zone)) <= as_of:
        day += timedelta(days=max(rule.length_days, 1))
        end = _midnight(day, zone)
        yield Sprint(rule.name.format(n=number), start, end, end if end <= as_of else None)
        number += 1
