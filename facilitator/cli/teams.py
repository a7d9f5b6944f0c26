"""Verbs `teams list`, `teams pause`, `teams resume`: who is served, and who wants a break."""

from __future__ import annotations

from typing import Any

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.errors import ConfigurationError
from facilitator.runs.assignment import Assignment
from facilitator.runs.pauses import Pause, Paused
from facilitator.service import breaks
from facilitator.service.application import Application
from facilitator.service.preview import reasons
from facilitator.service.sprintbook import SprintBook


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
        kept = breaks.pause(app, team, ceremony, until=until, who=_someone(who), because=because)
    what = f"{team}/{ceremony}" if ceremony else team
    return Answer(_pause_row(kept), f"{what} is {kept.words}. What is due meanwhile joins the next window.")


def resume(context: Context, team: str, ceremony: str, who: str) -> Answer:
    """End a team's pauses, or the one of a ceremony."""
    with context.application() as app:
        ended = breaks.resume(app, team, ceremony, who=_someone(who))
    names = ", ".join(one.ceremony or "all its ceremonies" for one in ended)
    return Answer([_pause_row(one) for one in ended], f"{team} goes on: {names}.")


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
