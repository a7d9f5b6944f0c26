"""What each cadence means on a team's calendar: free days, moved days, sprint ends."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from facilitator.calendar.cadence import (
    Cadence,
    Cron,
    EndOfSprint,
    Monthly,
    Once,
    Shift,
    Weekdays,
    Weekly,
)
from facilitator.calendar.fires import Fire, SprintSpan, fires
from facilitator.calendar.workdays import WorkingDays

BERLIN = ZoneInfo("Europe/Berlin")
GERMAN = WorkingDays(BERLIN, country="DE", subdivision="BE")
NINE = time(9)


def in_2026(
    cadence: Cadence,
    first: str,
    last: str,
    working: WorkingDays = GERMAN,
    sprints: tuple[SprintSpan, ...] = (),
) -> tuple[Fire, ...]:
    """The fires of two days (month-day) of 2026 and all between."""
    start = datetime.fromisoformat(f"2026-{first}").replace(tzinfo=BERLIN)
    end = datetime.fromisoformat(f"2026-{last}").replace(tzinfo=BERLIN) + timedelta(days=1)
    return fires(cadence, BERLIN, working, start, end, sprints=sprints)


def days(found: tuple[Fire, ...]) -> list[str]:
    """The local days of the fires, as month-day."""
    return [f"{fire.day:%m-%d}" for fire in found]


def ends(instant: str) -> tuple[SprintSpan, ...]:
    """One sprint, Sprint 7, with this planned end in Berlin."""
    return (_sprint("Sprint 7", datetime.fromisoformat(instant).replace(tzinfo=BERLIN)),)


def _sprint(name: str, end: datetime) -> SprintSpan:
    return SprintSpan(name, end - timedelta(days=14), end)


def test_weekdays_skip_weekends_and_holidays() -> None:
    """Good Friday and Easter Monday are no days for a stand-up."""
    assert days(in_2026(Weekdays(NINE), "04-01", "04-08")) == ["04-01", "04-02", "04-07", "04-08"]


def test_weekdays_follow_the_teams_own_week() -> None:
    """A team that works from Sunday to Thursday has its stand-up on Sunday and none on Friday."""
    gulf = WorkingDays(BERLIN, frozenset({6, 0, 1, 2, 3}))

    assert days(in_2026(Weekdays(NINE), "06-05", "06-08", gulf)) == ["06-07", "06-08"]


def test_weekdays_may_be_narrowed() -> None:
    """Mondays and Thursdays only, and still not on a holiday."""
    assert days(in_2026(Weekdays(NINE, frozenset({0, 3})), "04-01", "04-10")) == ["04-02", "04-09"]


def test_a_fire_belongs_to_the_span_it_ends() -> None:
    """(since, until]: the instant itself counts at the end of a span and not at its start."""
    at = datetime(2026, 6, 1, 7, tzinfo=UTC)

    assert [fire.at for fire in fires(Weekdays(NINE), BERLIN, GERMAN, at - timedelta(seconds=1), at)] == [at]
    assert fires(Weekdays(NINE), BERLIN, GERMAN, at, at + timedelta(hours=1)) == ()


@pytest.mark.parametrize(
    ("shift", "expected"),
    [("skip", ["04-10"]), ("next", ["04-07", "04-10"]), ("previous", ["04-02", "04-10"])],
)
def test_a_weekly_fire_on_a_holiday_moves_as_asked(shift: Shift, expected: list[str]) -> None:
    """Good Friday: left out, moved behind Easter, or moved to the Thursday before."""
    assert days(in_2026(Weekly("friday", NINE, shift), "03-28", "04-11")) == expected


def test_a_moved_fire_names_the_day_it_was_moved_from() -> None:
    """A preview can then say why: the day, and the holiday's name."""
    moved, usual = in_2026(Weekly("fri", NINE), "03-28", "04-11")

    assert moved.moved_from == date(2026, 4, 3)
    assert GERMAN.why_free(date(2026, 4, 3)) == "holiday: Good Friday"
    assert usual.moved_from is None


def test_weeks_off_give_one_fire_not_several() -> None:
    """Two Fridays in one shutdown become one report on the first day back."""
    shutdown = WorkingDays(
        BERLIN, days_off=frozenset(date(2026, 7, 6) + timedelta(days=n) for n in range(14))
    )

    assert days(in_2026(Weekly(4, NINE), "07-01", "07-25", shutdown)) == ["07-03", "07-20", "07-24"]


def test_a_sprint_ends_on_its_last_day_not_at_the_midnight_after() -> None:
    """An end at midnight is the first instant that no longer belongs to the sprint."""
    found = in_2026(EndOfSprint(time(15)), "06-01", "06-30", sprints=ends("2026-06-13T00:00"))

    assert [(fire.day, fire.sprint) for fire in found] == [(date(2026, 6, 12), "Sprint 7")]
    assert found[0].at == datetime(2026, 6, 12, 13, tzinfo=UTC)


@pytest.mark.parametrize(("offset", "expected"), [(0, "06-12"), (1, "06-15"), (-1, "06-11"), (2, "06-16")])
def test_a_sprint_that_ends_on_sunday_counts_from_its_last_working_day(offset: int, expected: str) -> None:
    """The offset counts working days, before or after."""
    found = in_2026(EndOfSprint(NINE, offset), "06-01", "06-30", sprints=ends("2026-06-14T18:00"))

    assert days(found) == [expected]
    assert found[0].moved_from == date(2026, 6, 14)


def test_two_sprints_with_one_end_fire_once() -> None:
    """Teams close a leftover sprint with the next one; that is one retrospective."""
    twice = (*ends("2026-06-12T17:00"), _sprint("Sprint 8", datetime(2026, 6, 12, 18, tzinfo=BERLIN)))

    assert len(in_2026(EndOfSprint(NINE), "06-01", "06-30", sprints=twice)) == 1


def test_without_sprints_nothing_ends() -> None:
    """A team without sprints has no end-of-sprint ceremony."""
    assert in_2026(EndOfSprint(NINE), "01-01", "12-31") == ()


def test_once_is_once_even_on_a_holiday() -> None:
    """Somebody asked for that very instant."""
    wanted = Once(datetime(2026, 12, 25, 10, tzinfo=BERLIN))

    assert [fire.at.isoformat() for fire in in_2026(wanted, "01-01", "12-31")] == [
        "2026-12-25T09:00:00+00:00"
    ]
    assert in_2026(wanted, "01-01", "12-24") == ()


def test_equal_cadences_are_equal_however_they_are_written() -> None:
    """A configuration read twice must not look like a change."""
    assert Weekly("Fri", NINE) == Weekly(4, NINE)
    assert hash(Weekdays(NINE, frozenset({0, 1}))) == hash(Weekdays(NINE, frozenset({1, 0})))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Weekdays(time(9, tzinfo=UTC)),
        lambda: Weekly("someday", NINE),
        lambda: Weekly("fr", NINE),
        lambda: Weekly(7, NINE),
        lambda: Once(datetime(2026, 1, 1)),  # noqa: DTZ001 - the missing zone is the point
        lambda: Weekly("fri", NINE, every=0),
        lambda: Weekly("fri", NINE, every=2),
        lambda: Monthly(0, NINE),
        lambda: Monthly(-24, NINE),
        lambda: Monthly(1, time(9, tzinfo=UTC)),
        lambda: EndOfSprint(time(9, tzinfo=UTC)),
        lambda: Cron("0 9 * *"),
        lambda: Cron("0 0 9 * * *"),
        lambda: Cron("61 9 * * *"),
        lambda: Cron("0 0 30 2 *"),
        lambda: Cron("@daily"),
    ],
)
def test_a_cadence_without_meaning_cannot_be_made(wrong: Callable[[], object]) -> None:
    """A zoned time of day, an unknown day, a naive instant, a line that is not cron: refused where they are written."""
    with pytest.raises(ValueError, match=r"zone|day of the week|weeks|working day|cron line|five fields"):
        wrong()


def test_every_second_week_counts_from_the_week_of_its_anchor() -> None:
    """Thursdays of the anchor's week and each second one after (and before) it."""
    fortnight = Weekly("thu", NINE, every=2, anchor=date(2026, 6, 1))

    assert days(in_2026(fortnight, "05-01", "07-05")) == ["05-07", "05-21", "06-04", "06-18", "07-02"]


def test_a_fortnights_meeting_moves_over_the_week_it_belongs_to() -> None:
    """Corpus Christi is no holiday in Berlin, Ascension Day is: 14 May moves to the Friday, and the count stays."""
    fortnight = Weekly("thu", NINE, every=2, anchor=date(2026, 5, 14))
    moved, usual = in_2026(fortnight, "05-10", "05-31")

    assert (moved.day, moved.moved_from, moved.period) == (date(2026, 5, 15), date(2026, 5, 14), "2026-W20")
    assert usual.day == date(2026, 5, 28)


@pytest.mark.parametrize(
    ("nth", "expected"),
    [(1, ["04-01", "05-04"]), (2, ["04-02", "05-05"]), (-1, ["04-30", "05-29"]), (-2, ["04-29", "05-28"])],
)
def test_monthly_counts_working_days(nth: int, expected: list[str]) -> None:
    """The first of May is free, and so is the weekend after it."""
    assert days(in_2026(Monthly(nth, NINE), "04-01", "05-31")) == expected


def test_a_month_too_short_for_its_nth_working_day_has_none() -> None:
    """Its time joins the next month's window."""
    assert days(in_2026(Monthly(22, NINE), "03-01", "05-31")) == ["03-31"]


@pytest.mark.parametrize(
    ("shift", "expected"), [("skip", ["04-02"]), ("next", ["04-02", "04-07"]), ("previous", ["04-02"])]
)
def test_a_meeting_on_two_days_may_move_off_a_free_one(shift: Shift, expected: list[str]) -> None:
    """Thursday and Easter Monday; moved before Easter it would meet Thursday's, and one is enough."""
    assert days(in_2026(Weekdays(NINE, frozenset({0, 3}), shift), "04-01", "04-08")) == expected


@pytest.mark.parametrize(("shift", "expected"), [("skip", []), ("next", ["06-15"]), ("previous", ["06-12"])])
def test_a_sprint_that_ends_on_a_free_day_moves_as_asked(shift: Shift, expected: list[str]) -> None:
    """Before the weekend unless the team wants it after, or not at all."""
    found = in_2026(EndOfSprint(NINE, shift=shift), "06-01", "06-30", sprints=ends("2026-06-14T18:00"))

    assert days(found) == expected


def test_a_cron_line_fires_as_written_and_minds_no_holiday() -> None:
    """Good Friday included: the line says what it says."""
    assert days(in_2026(Cron("30 16 * * 5"), "04-01", "04-11")) == ["04-03", "04-10"]


@pytest.mark.parametrize(
    ("shift", "expected"),
    [("skip", ["04-10"]), ("next", ["04-07", "04-10"]), ("previous", ["04-02", "04-10"])],
)
def test_a_cron_line_minds_free_days_where_asked(shift: Shift, expected: list[str]) -> None:
    """The same three policies as a weekly one."""
    assert days(in_2026(Cron("30 16 * * 5", shift), "04-01", "04-11")) == expected


def test_a_cron_line_may_fire_more_than_once_a_day() -> None:
    """Every six hours: what no other cadence says."""
    found = in_2026(Cron("0 */6 * * *"), "06-01", "06-01")

    assert [f"{fire.at.astimezone(BERLIN):%H}" for fire in found] == ["06", "12", "18", "00"]


def test_the_second_tuesday_is_a_cron_line() -> None:
    """What cadences do not say, five fields do."""
    assert days(in_2026(Cron("0 9 * * 2#2"), "06-01", "07-31")) == ["06-09", "07-14"]


@pytest.mark.parametrize(
    ("cadence", "period"),
    [
        (Weekdays(NINE), "2026-06-05"),
        (Weekly("fri", NINE), "2026-W23"),
        (Monthly(5, NINE), "2026-06"),
        (Cron("0 9 5 * *"), "2026-06-05T09:00"),
        (EndOfSprint(NINE), "Sprint 7"),
        (Once(datetime(2026, 6, 5, 9, tzinfo=BERLIN)), "2026-06-05T07:00Z"),
    ],
)
def test_a_fire_names_the_period_it_stands_for(cadence: Cadence, period: str) -> None:
    """By which it is known again after its schedule was edited."""
    (fire,) = in_2026(cadence, "06-05", "06-05", sprints=ends("2026-06-05T18:00"))

    assert fire.period == period


def test_company_days_are_free_for_every_team() -> None:
    """Beside the team's own, and a preview says which they are."""
    shut = WorkingDays(
        BERLIN, company_days=frozenset({date(2026, 6, 2)}), days_off=frozenset({date(2026, 6, 3)})
    )

    assert days(in_2026(Weekdays(NINE), "06-01", "06-04", shut)) == ["06-01", "06-04"]
    assert [shut.why_free(date(2026, 6, day)) for day in (2, 3)] == ["company day off", "day off"]
