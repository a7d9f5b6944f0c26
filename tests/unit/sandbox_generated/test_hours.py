"""Working time: holidays, weekends and the hour that the clocks skip."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from facilitator.sandbox.generated.hours import WorkHours, german_hours


@pytest.fixture
def hours() -> WorkHours:
    """The year 2026 in Berlin."""
    return german_hours(date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    "day", ["2026-05-14", "2026-05-25", "2026-05-01", "2026-04-06", "2026-06-06", "2026-06-07"]
)
def test_nobody_works_on_holidays_and_weekends(hours: WorkHours, day: str) -> None:
    """Ascension, Whit Monday, Labour Day, Easter Monday and a weekend are free."""
    assert not hours.is_working(date.fromisoformat(day))


def test_working_days_are_counted_around_a_holiday(hours: WorkHours) -> None:
    """The working day after the Friday before Whitsun is Tuesday, and back again."""
    assert hours.shift(date(2026, 5, 22), 1) == date(2026, 5, 26)
    assert hours.shift(date(2026, 5, 26), -1) == date(2026, 5, 22)
    assert hours.shift(date(2026, 5, 26), 0) == date(2026, 5, 26)


def test_hours_run_over_night_and_weekend(hours: WorkHours) -> None:
    """Two hours begun at 16:00 on a Friday end at 10:00 on Monday, in UTC."""
    begun = hours.at(date(2026, 6, 5), "16:00")
    assert hours.add(begun, 2) == datetime(2026, 6, 8, 8, tzinfo=UTC)


def test_work_begun_outside_the_office_counts_from_its_opening(hours: WorkHours) -> None:
    """A Sunday, an early morning and a late evening all wait for the next opening."""
    monday = datetime(2026, 6, 8, 8, tzinfo=UTC)
    for moment in ("2026-06-07T12:00+02:00", "2026-06-08T05:00+02:00", "2026-06-05T22:00+02:00"):
        assert hours.add(datetime.fromisoformat(moment), 1) == monday


def test_nine_o_clock_stays_nine_o_clock_when_the_clocks_change(hours: WorkHours) -> None:
    """Office hours follow the wall clock: 08:00 UTC before 29 March, 07:00 UTC after."""
    assert hours.at(date(2026, 3, 27), "09:00").hour == 8
    assert hours.at(date(2026, 3, 30), "09:00").hour == 7
    assert hours.add(hours.at(date(2026, 3, 27), "09:00"), 9) == hours.at(date(2026, 3, 30), "10:00")


def test_work_may_end_exactly_at_closing(hours: WorkHours) -> None:
    """Eight hours fill one day and do not spill into the next."""
    nine = hours.at(date(2026, 6, 9), "09:00")
    assert hours.add(nine, 8) == nine + timedelta(hours=8)


def test_the_local_day_is_the_teams_own(hours: WorkHours) -> None:
    """Half past ten in the evening in London is already tomorrow in Berlin."""
    assert hours.local_day(datetime(2026, 6, 9, 22, 30, tzinfo=UTC)) == date(2026, 6, 10)
