"""Working days: a team's week, its country, its own days off."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.calendar.workdays import WorkingDays, supported_countries
from facilitator.errors import ConfigurationError

BERLIN = ZoneInfo("Europe/Berlin")
PLAIN = WorkingDays(BERLIN)
DAYS = st.dates(date(2015, 1, 1), date(2030, 1, 1))


def test_a_subdivision_has_its_own_holidays() -> None:
    """8 March is free in Berlin and a working day in Hamburg."""
    day = date(2027, 3, 8)

    assert WorkingDays(BERLIN, country="DE", subdivision="BE").holiday_name(day) == "Women's Day"
    assert WorkingDays(BERLIN, country="DE", subdivision="HH").is_working_day(day)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 10, 3), "holiday: German Unity Day"),
        (date(2026, 10, 5), "day off"),
        (date(2026, 10, 4), "not a working day of the week"),
        (date(2026, 10, 6), ""),
    ],
)
def test_a_free_day_says_why(day: date, reason: str) -> None:
    """Previews and skipped runs give the reason, the holiday before the weekend it falls on."""
    working = WorkingDays(BERLIN, country="DE", days_off=frozenset({date(2026, 10, 5)}))

    assert working.why_free(day) == reason
    assert working.is_working_day(day) is (reason == "")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("06-01", "06-01", 0),
        ("06-01", "06-02", 1),
        ("06-05", "06-08", 1),
        ("06-01", "06-15", 10),
        ("06-08", "06-05", -1),
    ],
)
def test_working_days_between(start: str, end: str, expected: int) -> None:
    """Friday to Monday is one working day; backwards is negative."""
    assert PLAIN.between(date.fromisoformat(f"2026-{start}"), date.fromisoformat(f"2026-{end}")) == expected


def test_instants_count_on_the_teams_calendar() -> None:
    """Sunday 23:30 UTC is already Monday in Berlin: nothing has passed since."""
    sunday_night = datetime(2026, 6, 7, 23, 30, tzinfo=UTC)

    assert PLAIN.between(sunday_night, date(2026, 6, 8)) == 0


def test_neighbouring_working_days_step_over_free_ones() -> None:
    """Before and behind Easter, strictly."""
    working = WorkingDays(BERLIN, country="DE")

    assert working.next_working_day(date(2026, 4, 2)) == date(2026, 4, 7)
    assert working.previous_working_day(date(2026, 4, 7)) == date(2026, 4, 2)


@settings(deadline=None)
@given(day=DAYS, count=st.integers(1, 40))
def test_moving_there_and_back_again(day: date, count: int) -> None:
    """From a working day, n working days on and n back is the same day, and `between` counts the n."""
    first = PLAIN.next_working_day(day)
    later = PLAIN.moved(first, count)

    assert PLAIN.moved(later, -count) == first
    assert PLAIN.between(first, later) == count


def test_a_team_that_never_works_is_told_so() -> None:
    """A year of days off ends in an error, not in an endless search."""
    never = WorkingDays(BERLIN, days_off=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(500)))

    with pytest.raises(ConfigurationError, match="no working day") as caught:
        never.next_working_day(date(2026, 1, 1))
    assert "days_off" in caught.value.suggestion


def test_a_week_without_a_working_day_is_refused() -> None:
    """Nothing could ever be due."""
    with pytest.raises(ValueError, match="at least one"):
        WorkingDays(BERLIN, frozenset())


@pytest.mark.parametrize(("country", "part"), [("XX", ""), ("DE", "XX")])
def test_an_unknown_country_or_part_of_it_is_an_error_with_a_remedy(country: str, part: str) -> None:
    """Named as it was written, with what to write instead."""
    with pytest.raises(ConfigurationError, match=country) as caught:
        WorkingDays(BERLIN, country=country, subdivision=part).holiday_name(date(2026, 1, 1))
    assert "DE-BE" in caught.value.suggestion


def test_calendars_can_be_keys() -> None:
    """Equal calendars are equal and hash alike, so results may be kept by them."""
    assert len({WorkingDays(BERLIN, frozenset({0, 1})), WorkingDays(BERLIN, frozenset({1, 0})), PLAIN}) == 2


def test_countries_are_listed_with_their_subdivisions() -> None:
    """The configuration checks against this list."""
    assert "BE" in supported_countries()["DE"]


def test_names_do_not_follow_the_locale_of_the_process() -> None:
    """Two replicas on differently set up machines name a holiday alike."""
    code = (
        "from datetime import date; from zoneinfo import ZoneInfo; from facilitator.calendar import WorkingDays; "
        "print(WorkingDays(ZoneInfo('UTC'), country='DE').holiday_name(date(2026, 10, 3)))"
    )
    environ = {**os.environ, "LANG": "de_DE.UTF-8", "LANGUAGE": "de"}

    answer = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "German Unity Day"


def test_a_country_without_translations_still_has_names() -> None:
    """The library has one language for it; that one is used."""
    assert WorkingDays(BERLIN, country="BB").holiday_name(date(2026, 11, 30)) == "Independence Day"


def test_the_holidays_library_is_not_loaded_before_it_is_asked() -> None:
    """Starting up stays quick: making a calendar with a country imports nothing heavy."""
    code = (
        "import sys; from zoneinfo import ZoneInfo; from facilitator.calendar import WorkingDays; "
        "WorkingDays(ZoneInfo('UTC'), country='DE'); sys.exit('holidays' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
