"""Days as a team lives them: local dates and working days counted between them.

Beside the flow; every age and sprint day comes from here. It never looks at a clock and knows no holidays itself:
`BoardRules.working_day` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from facilitator.board.rules import BoardRules

_DAY = timedelta(days=1)


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The date on the team's wall at this instant."""
    return instant.astimezone(zone).date()


def days_from(first: date, last: date) -> Iterator[date]:
    """Every date from `first` to `last`, both included; none when last is earlier."""
    while first <= last:
        yield first
        first += _DAY


def working_days(first: date, last: date, rules: BoardRules) -> list[date]:
    """The team's working days from `first` to `last`, both included."""
    return [day for day in days_from(first, last) if rules.working_day(day)]


def working_age(since: datetime, until: datetime, rules: BoardRules) -> int:
    """Working days that have begun after the local day of `since`, up to that of `until`; 0 on the same day."""
    return len(working_days(local_date(since, rules.zone) + _DAY, local_date(until, rules.zone), rules))


def calendar_age(since: datetime, until: datetime, zone: ZoneInfo) -> int:
    """Calendar days a thing has been going on, the first one counted: same day = 1 (Kanban's work item age)."""
    return (local_date(until, zone) - local_date(since, zone)).days + 1
