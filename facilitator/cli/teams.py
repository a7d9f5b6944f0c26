"""Verbs `teams list`, `teams pause`, `teams resume`: who is served, and who wants a break."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from facilitator.calendar.walltime import instant_of
from facilitator.cli.answer import Answer
from facilitator.cli.coming import of_team
from facilitator.cli.context import Context
from facilitator.errors import CheckFailed, ConfigurationError
from facilitator.runs.assignment import Assignment
from facilitator.runs.pauses import Pause, Paused
from facilitator.service.application import Application
from facilitator.service.preview import reasons
from facilitator.service.sprintbook import SprintBook

_DAY = timedelta(days=1)


def listed(context: Context) -> Answer:
    """Every team's ceremonies: mode, next fire, and whether they are paused."""
    with context.application() as app:
        paused, sprints = app.pauses.since(app.clock()), SprintBook(app.store)
        rows = [_row(app, each, paused, sprints) for each in app.assignments.values()]
    lines = [
        f"{row['team']:<16} {row['ceremony']:<14} {row['mode']:<8} {row['paused'] or row['next'] or 'nothing due'}"
        for row in rows
    ]
    return Answer(rows, "\n".join(lines) or "No team has a ceremony.")


def pause(context: Context, team: str, ceremony: str, until: str, who: str, because: str) -> Answer:
    """Pause a team, or one of its ceremonies, from now on."""
    with context.application() as app:
        zone = _known(app, team, ceremony)[0].rules.zone
        now, end = app.clock(), None
        if until:
            # The day is the last one off: that is how people say it.
            end = instant_of(_day(until) + _DAY, datetime.min.time(), zone)
            if end <= now:
                raise ConfigurationError(f"{until} is over.", suggestion="Name a day to come, or none.")
        kept = app.pauses.pause(team, ceremony, until=end, who=_someone(who), because=because, now=now)
    what = f"{team}/{ceremony}" if ceremony else team
    return Answer(_pause_row(kept), f"{what} is {kept.words}. What is due meanwhile joins the next window.")


def resume(context: Context, team: str, ceremony: str, who: str) -> Answer:
    """End a team's pauses, or the one of a ceremony."""
    with context.application() as app:
        _known(app, team, ceremony)
        ended = app.pauses.resume(team, ceremony, who=_someone(who), now=app.clock())
    if not ended:
        what = f"{ceremony} of {team} is not paused by itself" if ceremony else f"{team} is not paused"
        raise CheckFailed(f"{what}.", suggestion="`teams list` shows what is.")
    names = ", ".join(one.ceremony or "all its ceremonies" for one in ended)
    return Answer([_pause_row(one) for one in ended], f"{team} goes on: {names}.")


def _known(app: Application, team: str, ceremony: str) -> list[Assignment]:
    return [app.assignment(team, ceremony)] if ceremony else of_team(app, team)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{text!r} is not a day.", suggestion="Write the last day of the pause like 2026-12-24."
        ) from None


def _someone(who: str) -> str:
    if not who.strip():
        raise ConfigurationError(
            "nobody is named.", suggestion="Say who you are with --by, or set FACILITATOR_USER."
        )
    return who.strip()


def _row(app: Application, assignment: Assignment, paused: Paused, sprints: SprintBook) -> dict[str, Any]:
    timetable, now = sprints.timetable(assignment), app.clock()
    held = paused.over(assignment.team, assignment.ceremony.name, now)
    fire = timetable.next(now)
    shown = ""
    if fire is not None:
        notes = "; ".join(reasons(timetable, fire))
        shown = f"{fire.at.astimezone(timetable.zone):%a %d %b %Y %H:%M %Z}" + (
            f" ({notes})" if notes else ""
        )
    return {
        "team": assignment.team,
        "name": assignment.team_name,
        "ceremony": assignment.ceremony.name,
        "mode": assignment.mode,
        "zone": timetable.zone.key,
        "approvers": [person.name for person in assignment.approvers],
        "paused": held.words if held else "",
        "next": shown,
        "next_at": fire.at.isoformat() if fire else None,
    }


def _pause_row(pause: Pause) -> dict[str, Any]:
    return {
        "team": pause.team,
        "ceremony": pause.ceremony or None,
        "since": pause.since,
        "until": pause.until,
        "by": pause.by,
        "because": pause.because,
    }
