"""Coming ceremonies as an iCalendar file, each with its agenda, for any calendar that can read one.

An event keeps its UID when its hour or its day moves, for it names the period it stands for: a calendar that reads the file
again moves the event instead of adding another. Nothing is written into anyone's calendar.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from icalendar import Calendar, Event

from facilitator.service.preview import Coming

PRODUCT = "-//facilitator//ceremonies//EN"


def calendar_of(comings: Iterable[Coming], *, now: datetime) -> bytes:
    """RFC 5545 text. Paused ones are in it as cancelled; times are in each team's zone, with its rules."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Ceremonies")
    for one in comings:
        if not one.held:
            calendar.add_component(_event(one, now))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def uid_of(one: Coming) -> str:
    """The same for the same day, week, month or sprint, wherever its hour is moved."""
    period = one.fire.period or f"{one.fire.at:%Y%m%dT%H%M%SZ}"
    return f"{one.assignment.ceremony.name}/{period}/{one.assignment.team}@facilitator"


def _event(one: Coming, now: datetime) -> Event:
    ceremony = one.assignment.ceremony
    event = Event()
    event.add("uid", uid_of(one))
    event.add("dtstamp", now)
    event.add("dtstart", one.local)
    event.add("dtend", (one.fire.at + ceremony.lasts).astimezone(one.assignment.rules.zone))
    event.add("summary", f"{ceremony.title}: {one.assignment.team_name}")
    event.add("description", agenda_of(one))
    event.add("status", "CANCELLED" if one.paused else "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event


def agenda_of(one: Coming) -> str:
    """What will be spoken of, and what the document covers."""
    zone, ceremony = one.assignment.rules.zone, one.assignment.ceremony
    start = one.window.start.astimezone(zone)
    lines = [f"- {item}" for item in ceremony.agenda]
    lines = ["Agenda:", *lines, ""] if lines else []
    lines.append(f"The document covers the time since {start:%a %d %b %Y %H:%M %Z}.")
    if one.assignment.mode == "approve" and one.assignment.approvers:
        names = ", ".join(person.name for person in one.assignment.approvers)
        lines.append(f"It waits for {names}.")
    lines += [note[:1].upper() + note[1:] + "." for note in one.notes]
    if one.paused:
        lines.append(one.paused.words[:1].upper() + one.paused.words[1:] + ".")
    return "\n".join(lines)
