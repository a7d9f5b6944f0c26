"""A team's breaks: the rules of pausing and resuming, the same for the command line, the pages and programs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from facilitator.calendar.walltime import instant_of
from facilitator.errors import CheckFailed, ConfigurationError
from facilitator.runs.pauses import Pause
from facilitator.service.application import Application

LONGEST_REASON = 1000
"""Characters of a reason that are kept."""

_DAY = timedelta(days=1)


def pause(app: Application, team: str, ceremony: str, *, until: str, who: str, because: str) -> Pause:
    """Pause a team, or one of its ceremonies, from now on; `until` is the last day off in the team's zone, "" no end.

    The second time the pause that runs is given and nothing is recorded; other words replace it. Raises
    `ConfigurationError` for a ceremony that is not there and for a day that is none or is over.
    """
    now, end = app.clock(), _end(until, _zone(app, team, ceremony))
    if end is not None and end <= now:
        raise ConfigurationError(f"{until} is over.", suggestion="Name a day to come, or none.")
    reason = " ".join(because.split())[:LONGEST_REASON]
    wanted = (team, ceremony, end, who, reason)
    for one in app.pauses.since(now).pauses:
        same = (one.team, one.ceremony, one.until, one.by, one.because) == wanted
        if same and one.holds(ceremony, now):
            return one
    return app.pauses.pause(team, ceremony, until=end, who=who, because=reason, now=now)


def resume(app: Application, team: str, ceremony: str, *, who: str) -> tuple[Pause, ...]:
    """End a team's pauses, or the one of a ceremony; gives those ended. Raises `CheckFailed` where none holds."""
    _zone(app, team, ceremony)
    ended = app.pauses.resume(team, ceremony, who=who, now=app.clock())
    if not ended:
        what = f"{ceremony} of {team} is not paused by itself" if ceremony else f"{team} is not paused"
        raise CheckFailed(f"{what}.", suggestion="`teams list` and the team's page show what is.")
    return ended


def _zone(app: Application, team: str, ceremony: str) -> ZoneInfo:
    """The team's zone; raises `ConfigurationError` for a team or a ceremony that is not there."""
    ours = [one for (slug, _), one in app.assignments.items() if slug == team]
    known = (
        app.assignment(team, ceremony or next(iter(app.library.ceremonies)))
        if ceremony or not ours
        else ours[0]
    )
    return known.rules.zone


def _end(until: str, zone: ZoneInfo) -> datetime | None:
    """The instant after the last day off: that is how people say it."""
    if not until.strip():
        return None
    try:
        return instant_of(date.fromisoformat(until.strip()) + _DAY, datetime.min.time(), zone)
    except (ValueError, OverflowError):
        raise ConfigurationError(
            f"{until[:40]!r} is not a day.", suggestion="Write the last day of the pause like 2026-12-24."
        ) from None
