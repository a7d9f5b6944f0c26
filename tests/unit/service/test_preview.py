"""What a person sees beforehand: when, over which time, why then, who is asked, and what it usually costs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from facilitator.calendar.cadence import EndOfSprint, Weekdays, Weekly
from facilitator.calendar.workdays import WorkingDays
from facilitator.runs.assignment import Assignment
from facilitator.runs.ports import Usage
from facilitator.runs.run import RunState
from facilitator.service.ics import calendar_of
from facilitator.service.preview import Coming, Preview

from .ceremonies import BERLIN, Desk, assignment, berlin, desk_in_memory, span, sprints

STANDUP = assignment()
WEEK = timedelta(days=7)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A run log in which Friday's stand-up was written."""
    with desk_in_memory() as desk:
        desk.enrol(STANDUP, "05 08:00")
        desk.end(desk.fired(STANDUP, "05 09:00"), RunState.WRITTEN)
        yield desk


def ahead(desk: Desk, wish: Assignment, at: str, span: timedelta = WEEK) -> tuple[Coming, ...]:
    """What is coming as seen at an instant."""
    return Preview(desk.coverage, desk.pauses, desk.timetable).coming([wish], now=berlin(at), ahead=span)


def on(wish: Assignment, working: WorkingDays) -> Assignment:
    """The same wish on another calendar."""
    return replace(wish, timetable=replace(wish.timetable, zone=working.zone, working=working))


def test_windows_follow_one_another_from_the_last_written_one(desk: Desk) -> None:
    """As if each were written."""
    monday, tuesday, *_ = ahead(desk, STANDUP, "06 12:00")

    assert span(monday.window) == ("05 09:00", "08 09:00")
    assert span(tuesday.window) == ("08 09:00", "09 09:00")


def test_a_moved_day_says_from_which_and_why(desk: Desk) -> None:
    """The holiday by its name."""
    weekly = on(assignment(Weekly("sat", time(9))), WorkingDays(BERLIN, frozenset(range(6)), "DE", "BE"))
    when = datetime(2026, 10, 1, tzinfo=BERLIN)

    (moved, *_) = Preview(desk.coverage, desk.pauses, desk.timetable).coming([weekly], now=when, ahead=WEEK)

    assert moved.notes == ("moved from Sat 03 Oct: holiday: German Unity Day",)


def test_an_hour_that_clocks_skip_says_so(desk: Desk) -> None:
    """Half past two does not exist that night; the first instant after does."""
    nightly = on(assignment(Weekdays(time(2, 30))), WorkingDays(BERLIN, frozenset(range(7))))
    when = datetime(2026, 3, 28, 12, tzinfo=BERLIN)

    (night, *_) = Preview(desk.coverage, desk.pauses, desk.timetable).coming([nightly], now=when, ahead=WEEK)

    assert night.local.time() == time(3)
    assert night.notes == ("02:30 does not exist on Sun 29 Mar: clocks go forward",)


def test_a_retro_names_its_sprint(desk: Desk) -> None:
    """And the free day it was moved from."""
    desk.sprints = sprints(("Sprint 7", "01 00:00", "14 18:00"))

    (retro,) = ahead(desk, assignment(EndOfSprint(time(15)), name="retro"), "08 12:00")

    assert retro.notes == ("end of Sprint 7", "moved from Sun 14 Jun: not a working day of the week")


def test_paused_ones_are_marked_and_their_time_joins_the_next(desk: Desk) -> None:
    """Tuesday covers Monday too."""
    desk.pauses.pause(
        "harbour", until=berlin("08 12:00"), who="Alice", because="offsite", now=berlin("06 12:00")
    )

    monday, tuesday, *_ = ahead(desk, STANDUP, "06 12:00")

    assert monday.paused is not None
    assert (monday.fires, monday.paused.words) == (
        False,
        "paused by Alice until 2026-06-08 10:00 UTC: offsite",
    )
    assert (tuesday.fires, span(tuesday.window)) == (True, ("05 09:00", "09 09:00"))


def test_a_day_held_already_is_not_announced_again(desk: Desk) -> None:
    """Told at nine, moved to three in the afternoon."""
    desk.end(desk.fired(STANDUP, "08 09:00"), RunState.WRITTEN)

    today, tomorrow, *_ = ahead(desk, assignment(Weekdays(time(15))), "08 12:00")

    assert (today.held, today.fires, tomorrow.fires) == (True, False, True)


@pytest.mark.parametrize(
    ("state", "note"),
    [
        (RunState.SUBMITTED, "after run {}, which is at work"),
        (RunState.JUDGED, "run {}, which waits for a decision, expires for it"),
    ],
)
def test_what_is_unfinished_is_said_at_the_next_one(desk: Desk, state: RunState, note: str) -> None:
    """And at no later one."""
    run = desk.end(desk.fired(STANDUP, "08 09:00"), state)

    tuesday, wednesday, *_ = ahead(desk, STANDUP, "08 12:00")

    assert (tuesday.notes, wednesday.notes) == ((note.format(run.id),), ())


def test_the_usual_cost_is_the_median_of_the_last_runs(desk: Desk) -> None:
    """Nothing is said before the first; one dear run does not frighten."""
    assert ahead(desk, STANDUP, "06 12:00")[0].cents is None
    for day, cents in (("08", 4.0), ("09", 90.0), ("10", 6.0)):
        run = desk.fired(STANDUP, f"{day} 09:00")
        with desk.store.step(run, now=berlin(f"{day} 09:10")) as step:
            step.keep_usage(Usage(list_cents=cents))
            step.move(RunState.FAILED, "whatever")

    assert ahead(desk, STANDUP, "10 12:00")[0].cents == 6.0


def test_teams_of_many_zones_stand_in_one_order(desk: Desk) -> None:
    """By instant, each shown on its own clock."""
    found = Preview(desk.coverage, desk.pauses, desk.timetable).coming(
        [STANDUP, assignment(team="quay", zone=ZoneInfo("Pacific/Auckland"))],
        now=berlin("07 12:00"), ahead=timedelta(days=1),
    )  # fmt: skip

    assert [(one.assignment.team, f"{one.local:%a %H:%M}") for one in found] == [
        ("quay", "Mon 09:00"), ("harbour", "Mon 09:00"),
    ]  # fmt: skip


# --- as a calendar file ----------------------------------------------------------------------------------------------


def events(desk: Desk, wish: Assignment, at: str) -> list[dict[str, str]]:
    """What a calendar reads back."""
    calendar = Calendar.from_ical(calendar_of(ahead(desk, wish, at), now=berlin(at)))
    return [
        {
            "uid": str(event["uid"]),
            "start": event.decoded("dtstart").isoformat(),
            "zone": event["dtstart"].params["TZID"],
            "lasts": str(event.decoded("dtend") - event.decoded("dtstart")),
            "summary": str(event["summary"]),
            "description": str(event["description"]),
            "status": str(event["status"]),
        }
        for event in calendar.walk("VEVENT")
    ]


def test_a_calendar_reads_back_what_is_coming(desk: Desk) -> None:
    """Hour, zone, length, title, agenda, and who is asked."""
    wish = replace(STANDUP, ceremony=replace(STANDUP.ceremony, agenda=("Blocked", "Moved")))

    first, *_ = events(desk, wish, "06 12:00")

    assert first == {
        "uid": "standup/2026-06-08/harbour@facilitator",
        "start": "2026-06-08T09:00:00+02:00",
        "zone": "Europe/Berlin",
        "lasts": "0:15:00",
        "summary": "Standup: Harbour",
        "description": "Agenda:\n- Blocked\n- Moved\n\nThe document covers the time since Fri 05 Jun 2026 09:00 CEST.\n"
        "It waits for Alice.",
        "status": "CONFIRMED",
    }


def test_an_event_keeps_its_name_when_its_hour_moves(desk: Desk) -> None:
    """Reading the file again moves it in the calendar instead of adding another."""
    before, after = (
        events(desk, STANDUP, "06 12:00"),
        events(desk, assignment(Weekdays(time(11))), "06 12:00"),
    )

    assert [one["uid"] for one in before] == [one["uid"] for one in after]
    assert before[0]["start"] != after[0]["start"]


def test_a_paused_ceremony_is_cancelled_in_the_calendar(desk: Desk) -> None:
    """With who and why."""
    desk.pauses.pause(
        "harbour", until=berlin("08 12:00"), who="Alice", because="offsite", now=berlin("06 12:00")
    )

    monday, tuesday, *_ = events(desk, STANDUP, "06 12:00")

    assert (monday["status"], tuesday["status"]) == ("CANCELLED", "CONFIRMED")
    assert "Paused by Alice until 2026-06-08 10:00 UTC: offsite." in monday["description"]


def test_the_file_brings_the_rules_of_its_zones(desk: Desk) -> None:
    """A calendar that has never heard of the zone shows the right hour on both sides of a clock change."""
    when = datetime(2026, 10, 22, 12, tzinfo=BERLIN)
    coming = Preview(desk.coverage, desk.pauses, desk.timetable).coming([STANDUP], now=when, ahead=WEEK)

    text = calendar_of(coming, now=when)

    starts = [event.decoded("dtstart") for event in Calendar.from_ical(text).walk("VEVENT")]
    assert [one["tzid"] for one in Calendar.from_ical(text).walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert {(one.time(), one.utcoffset()) for one in starts} == {
        (time(9), timedelta(hours=2)), (time(9), timedelta(hours=1)),
    }  # fmt: skip
    assert {one.date() for one in starts} >= {date(2026, 10, 23), date(2026, 10, 26)}
