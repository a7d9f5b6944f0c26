"""One fire a local day, whatever the clocks do: the rule the platform's own cron breaks (skips, or fires twice)."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.calendar.cadence import Cron, Weekdays
from facilitator.calendar.fires import fires
from facilitator.calendar.walltime import day_exists, instant_of
from facilitator.calendar.workdays import WorkingDays

EVERY_DAY = frozenset(range(7))
CLOCK_CHANGES = [
    pytest.param(
        "Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00:00+00:00", id="gap: first instant after"
    ),
    pytest.param(
        "Europe/Berlin", "2026-03-29", "02:00", "2026-03-29T01:00:00+00:00", id="the gap's first minute"
    ),
    pytest.param(
        "Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00:00+00:00", id="the gap's end exists"
    ),
    pytest.param(
        "Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30:00+00:00", id="overlap: the first one"
    ),
    pytest.param(
        "America/New_York", "2026-03-08", "02:15", "2026-03-08T07:00:00+00:00", id="gap west of UTC"
    ),
    pytest.param(
        "America/New_York", "2026-11-01", "01:59", "2026-11-01T05:59:00+00:00", id="overlap west of UTC"
    ),
    pytest.param(
        "Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30:00+00:00", id="gap of half an hour"
    ),
    pytest.param(
        "Australia/Lord_Howe",
        "2026-04-05",
        "01:45",
        "2026-04-04T14:45:00+00:00",
        id="overlap of half an hour",
    ),
    pytest.param(
        "Asia/Kathmandu", "1986-01-01", "00:05", "1985-12-31T18:30:00+00:00", id="gap of fifteen minutes"
    ),
    pytest.param("Asia/Kathmandu", "2026-01-01", "09:15", "2026-01-01T03:30:00+00:00", id="offset of 5:45"),
    pytest.param(
        "America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00:00+00:00", id="midnight never came"
    ),
    pytest.param(
        "America/Sao_Paulo", "2018-02-17", "23:30", "2018-02-18T01:30:00+00:00", id="the last hour came twice"
    ),
    pytest.param(
        "Africa/Casablanca", "2026-02-15", "02:30", "2026-02-15T01:30:00+00:00", id="Ramadan begins: overlap"
    ),
    pytest.param(
        "Africa/Casablanca", "2026-03-22", "02:30", "2026-03-22T02:00:00+00:00", id="Ramadan is over: gap"
    ),
    pytest.param(
        "America/Nuuk", "2024-03-30", "23:30", "2024-03-31T01:00:00+00:00", id="gap that ends at midnight"
    ),
]
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "America/Nuuk",
]


@pytest.mark.parametrize(("zone", "day", "at", "expected"), CLOCK_CHANGES)
def test_a_wall_time_is_one_instant(zone: str, day: str, at: str, expected: str) -> None:
    """A time that never comes is the first instant after the gap; one that comes twice is the first of the two."""
    instant = instant_of(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))

    assert instant.isoformat() == expected


def test_a_day_that_a_zone_skipped_has_no_fire() -> None:
    """Samoa went from 29 to 31 December 2011: the Friday between them fired never, its neighbours once each."""
    apia = ZoneInfo("Pacific/Apia")
    span = (datetime(2011, 12, 28, tzinfo=apia), datetime(2012, 1, 3, tzinfo=apia))

    found = fires(Weekdays(time(9)), apia, WorkingDays(apia), *span)

    assert [fire.day.day for fire in found] == [28, 29, 2]
    assert not day_exists(date(2011, 12, 30), apia)


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    start=st.dates(date(1985, 1, 1), date(2035, 1, 1)),
    at=st.times(),
)
def test_each_local_day_fires_exactly_once(zone: ZoneInfo, start: date, at: time) -> None:
    """Over any 400 days of any zone: one fire for each date its calendars showed, in order, at the time asked for."""
    end = start + timedelta(days=400)
    span = (instant_of(start, time(), zone) - timedelta(seconds=1), instant_of(end, time(), zone))

    found = fires(Weekdays(at), zone, WorkingDays(zone, EVERY_DAY), *span)

    days = [start + timedelta(days=n) for n in range(400)]
    inside = [fire for fire in found if start <= fire.day < end]
    assert [fire.day for fire in inside] == [day for day in days if day_exists(day, zone)]
    assert all(one.at < other.at for one, other in pairwise(found))
    for fire in inside:
        local = fire.at.astimezone(zone)
        assert local.time() == at or local - timedelta(hours=1, seconds=1) < local.replace(
            hour=at.hour, minute=at.minute, second=at.second
        )


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    at=st.times(),
    cuts=st.lists(st.integers(1, 364 * 86400), min_size=1, max_size=6, unique=True),
)
def test_looking_often_or_seldom_finds_the_same_fires(zone: ZoneInfo, at: time, cuts: list[int]) -> None:
    """Spans that touch neither lose nor double a fire, wherever they are cut."""
    working = WorkingDays(zone)
    start = datetime(2018, 1, 1, tzinfo=UTC)
    edges = [start, *(start + timedelta(seconds=cut) for cut in sorted(cuts))]

    pieces = [fires(Weekdays(at), zone, working, *span) for span in pairwise(edges)]

    assert [fire for piece in pieces for fire in piece] == list(
        fires(Weekdays(at), zone, working, edges[0], edges[-1])
    )


@pytest.mark.parametrize(
    ("line", "day", "expected"),
    [
        ("*/20 * * * *", "2026-03-29", 23 * 3),
        ("*/20 * * * *", "2026-10-25", 24 * 3),
        ("30 2 * * *", "2026-03-29", 1),
        ("30 2 * * *", "2026-10-25", 1),
    ],
)
def test_cron_keeps_the_rules_of_the_others(line: str, day: str, expected: int) -> None:
    """Skipped wall times are one fire after the gap, doubled ones fire once: the platform's cron skips and doubles."""
    berlin = ZoneInfo("Europe/Berlin")
    start = instant_of(date.fromisoformat(day), time(), berlin) - timedelta(seconds=1)
    end = instant_of(date.fromisoformat(day) + timedelta(days=1), time(), berlin) - timedelta(seconds=1)

    assert len(fires(Cron(line), berlin, WorkingDays(berlin), start, end)) == expected


@settings(max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    start=st.dates(date(1985, 1, 1), date(2035, 1, 1)),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_a_daily_cron_line_is_the_daily_cadence(zone: ZoneInfo, start: date, hour: int, minute: int) -> None:
    """The same instants over 400 days of any zone, gaps, overlaps and skipped dates included."""
    span = (instant_of(start, time(), zone), instant_of(start + timedelta(days=400), time(), zone))
    working = WorkingDays(zone, EVERY_DAY)

    daily = fires(Weekdays(time(hour, minute)), zone, working, *span)
    lines = fires(Cron(f"{minute} {hour} * * *"), zone, working, *span)

    assert [fire.at for fire in lines] == [fire.at for fire in daily]
