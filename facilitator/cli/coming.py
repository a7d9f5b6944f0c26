"""Verb `next`: what `serve` will do, what it missed, and the same as a calendar file."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from facilitator.calendar.windows import Due
from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.errors import ConfigurationError, FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.autonomy import Autonomy
from facilitator.runs.run import Mode
from facilitator.service.application import Application
from facilitator.service.firing import Firing
from facilitator.service.preview import Coming, Preview
from facilitator.service.sprintbook import SprintBook, follows_sprints


def coming(context: Context, days: int, team: str, file: Path | None) -> Answer:
    """The fires of the next days in each team's local time; with `file` also as iCalendar."""
    with context.application() as app:
        wanted, now = of_team(app, team), app.clock()
        sprints = sprints_now(app, wanted, now)
        preview = Preview(app.coverage, app.pauses, sprints.timetable)
        found = preview.coming(wanted, now=now, ahead=timedelta(days=days))
        trust = {(each.team, each.ceremony.name): _trust(app, each) for each in wanted}
        if file is not None:
            _write(file, found, now)
    told = [(one, trust[one.assignment.team, one.assignment.ceremony.name]) for one in found]
    text = "\n".join(_line(*each) for each in told) or "Nothing is due in that time."
    if file is not None:
        text += f"\n\n{sum(not one.held for one in found)} events are in {file}."
    return Answer([_row(*each) for each in told], text)


def missed(context: Context, team: str) -> Answer:
    """What was due and not dealt with yet, and what `serve` will do about each."""
    with context.application() as app:
        wanted, now = of_team(app, team), app.clock()
        firing = Firing(app.coverage, app.pauses, sprints_now(app, wanted, now).timetable)
        found = [(each, one) for each in wanted for one in firing.outlook(each, now=now)]
    found.sort(key=lambda pair: pair[1].fire.at)
    text = "\n".join(_missed_line(each, one) for each, one in found)
    return Answer([_missed_row(each, one) for each, one in found], text or "Nothing was missed.")


def of_team(app: Application, team: str) -> list[Assignment]:
    """The assignments of one team, or all; raises `ConfigurationError` for a team that is not there."""
    if team and team not in {slug for slug, _ in app.assignments}:
        app.assignment(team, next(iter(app.library.ceremonies)))
    return [each for each in app.assignments.values() if not team or each.team == team]


def sprints_now(app: Application, wanted: list[Assignment], now: datetime) -> SprintBook:
    """Sprint ends as Asana has them now; where it cannot be asked, as they were last seen."""
    sprints = SprintBook(app.store)

    async def refresh() -> None:
        async with app.reading(app) as tracker:
            await sprints.refresh(tracker, wanted, now=now)

    if any(map(follows_sprints, wanted)):
        try:
            asyncio.run(refresh())
        except FacilitatorError as error:
            print(f"sprints as last seen: {error.message}", file=sys.stderr)
    return sprints


def _write(file: Path, found: tuple[Coming, ...], now: datetime) -> None:
    from facilitator.service.ics import calendar_of

    try:
        file.write_bytes(calendar_of(found, now=now))
    except OSError as error:
        raise ConfigurationError(
            f"the calendar {file} cannot be written: {error.strerror}.",
            suggestion="Name another file with --ics.",
        ) from None


def _trust(app: Application, assignment: Assignment) -> tuple[Mode, str]:
    """The mode it would run in now, and why where autonomy is being earned."""
    standing = Autonomy(app.database).standing(assignment)
    earning = assignment.auto_after and assignment.mode is Mode.APPROVE
    return standing.mode, standing.why if earning else ""


def _row(one: Coming, trust: tuple[Mode, str]) -> dict[str, Any]:
    assignment = one.assignment
    return {
        "at": one.fire.at.isoformat(),
        "local": f"{one.local:%a %d %b %Y %H:%M %Z}",
        "team": assignment.team,
        "ceremony": assignment.ceremony.name,
        "mode": trust[0],
        "trust": trust[1],
        "approvers": [person.name for person in assignment.approvers],
        "window_start": one.window.start.isoformat(),
        "window_end": one.window.end.isoformat(),
        "period": one.fire.period,
        "usual_cents": None if one.cents is None else round(one.cents, 1),
        "paused": one.paused.words if one.paused else "",
        "fires": one.fires,
        "remark": "; ".join(one.notes),
    }


def _line(one: Coming, trust: tuple[Mode, str]) -> str:
    assignment, (mode, why) = one.assignment, trust
    start = one.window.start.astimezone(assignment.rules.zone)
    names = ", ".join(person.name for person in assignment.approvers)
    who = f"{mode}: {names}" if mode is Mode.APPROVE and names else str(mode)
    cost = "cost unknown" if one.cents is None else f"about {one.cents:.0f} cents"
    notes = [*one.notes, *([why] if why else [])]
    if one.held:
        notes = [f"{one.fire.period} was held already: not again", *notes]
    if one.paused:
        notes = [one.paused.words, *notes]
    mark = "  " if one.fires else "- "
    head = f"{mark}{one.local:%a %d %b %Y %H:%M %Z}  {assignment.team:<14} {assignment.ceremony.name:<14}"
    told = f"since {start:%a %d %b %H:%M}  {who}, {cost}"
    return f"{head} {told}" + (f"\n{'':27}{'; '.join(notes)}" if notes else "")


def _missed_row(assignment: Assignment, one: Due) -> dict[str, Any]:
    return {
        "at": one.fire.at.isoformat(),
        "local": f"{one.fire.at.astimezone(assignment.rules.zone):%a %d %b %Y %H:%M %Z}",
        "team": assignment.team,
        "ceremony": assignment.ceremony.name,
        "becomes": one.fate.value,
        "why": one.why,
    }


def _missed_line(assignment: Assignment, one: Due) -> str:
    row = _missed_row(assignment, one)
    why = one.why or "its window is run at the next start"
    return f"{row['local']}  {row['team']:<14} {row['ceremony']:<14} {row['becomes']}: {why}"
