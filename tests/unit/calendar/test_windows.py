"""Which windows are due, and what becomes of the ones nobody saw: no instant lost, none told twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.calendar.cadence import Cadence, EndOfSprint, Once, Weekdays, Weekly
from facilitator.calendar.window import Window
from facilitator.calendar.windows import CatchUp, Timetable, usual_grace, windows_due
from facilitator.calendar.workdays import WorkingDays

BERLIN = ZoneInfo("Europe/Berlin")
EVER = timedelta(days=4000)
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Pacific/Kiritimati",
]


def berlin(text: str) -> datetime:
    """An instant of June 2026 in Berlin, as `day hour:minute`; 1 June is a Monday."""
    return datetime.strptime(f"2026-06-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN)


def timetable(cadence: Cadence = Weekdays(time(9)), zone: ZoneInfo = BERLIN) -> Timetable:  # noqa: B008 - immutable
    """A timetable without holidays."""
    return Timetable(cadence, zone, WorkingDays(zone))


def spans(found: tuple[Window, ...]) -> list[tuple[str, str]]:
    """The windows in Berlin's time, as day and hour."""
    return [tuple(f"{edge.astimezone(BERLIN):%d %H:%M}" for edge in (w.start, w.end)) for w in found]  # type: ignore[misc]


def due(
    now: str,
    last: str | None,
    *,
    policy: CatchUp = "once",
    since: str = "01 00:00",
    grace: timedelta | None = None,
) -> list[tuple[str, str]]:
    """The stand-up's windows at an instant, given the end of the last written one."""
    return spans(
        windows_due(
            timetable(),
            last_end=berlin(last) if last else None,
            since=berlin(since),
            until=berlin(now),
            policy=policy,
            grace=grace,
        )
    )


def test_monday_covers_the_time_since_friday() -> None:
    """A window starts where the last written one ended, however long ago."""
    assert due("08 09:00", "05 09:00") == [("05 09:00", "08 09:00")]


def test_nothing_is_due_between_two_fires() -> None:
    """What was written is written; the next one is for tomorrow."""
    assert due("08 23:00", "08 09:00") == []


def test_the_first_window_reaches_back_to_the_fire_before() -> None:
    """A team that starts on Monday hears of Friday and the weekend, not of its whole history."""
    assert due("08 09:00", None, since="08 08:00") == [("05 09:00", "08 09:00")]


def test_a_failed_day_joins_the_next() -> None:
    """Tuesday was dealt with but not written: Wednesday's window holds it, and Tuesday is not fired again."""
    assert due("10 09:00", "08 09:00", since="09 09:00") == [("08 09:00", "10 09:00")]
    assert due("09 20:00", "08 09:00", since="09 09:00") == []


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("once", [("05 09:00", "10 09:00")]),
        ("each", [("05 09:00", "08 09:00"), ("08 09:00", "09 09:00"), ("09 09:00", "10 09:00")]),
        ("skip", []),
    ],
)
def test_missed_windows_are_caught_up_by_policy(policy: CatchUp, expected: list[tuple[str, str]]) -> None:
    """Down from Friday noon to Wednesday noon: one over all, each by itself, or none."""
    assert due("10 12:00", "05 09:00", policy=policy, grace=EVER) == expected


def test_skip_still_fires_what_is_on_time() -> None:
    """A few minutes late is a slow start, not an outage; the skipped days' time is in the window."""
    assert due("10 09:10", "05 09:00", policy="skip") == [("05 09:00", "10 09:00")]


def test_what_is_older_than_the_grace_time_joins_the_next_window() -> None:
    """With `each` and 30 hours, Monday's window is too old, and its time is in Tuesday's."""
    assert due("10 12:00", "05 09:00", policy="each", grace=timedelta(hours=30)) == [
        ("05 09:00", "09 09:00"),
        ("09 09:00", "10 09:00"),
    ]
    assert due("09 08:00", "05 09:00") == []


def test_a_schedule_moved_earlier_neither_loses_nor_doubles_time() -> None:
    """Written at 09:00, then moved to 08:00: nothing twice today, and tomorrow starts where today ended."""
    moved = timetable(Weekdays(time(8)))

    today = windows_due(
        moved, last_end=berlin("08 09:00"), since=berlin("01 00:00"), until=berlin("08 12:00")
    )
    tomorrow = windows_due(
        moved, last_end=berlin("08 09:00"), since=berlin("01 00:00"), until=berlin("09 08:00")
    )

    assert today == ()
    assert spans(tomorrow) == [("08 09:00", "09 08:00")]


@pytest.mark.parametrize(
    ("cadence", "start"),
    [
        (Weekly("fri", time(9)), "05 09:00"),
        (Once(datetime(2026, 6, 12, 9, tzinfo=BERLIN)), "05 09:00"),
        (EndOfSprint(time(9)), "01 09:00"),
    ],
)
def test_first_windows_of_rarer_ceremonies(cadence: Cadence, start: str) -> None:
    """Back to the fire before; where there was none, a week or a sprint's usual length."""
    plan = replace(timetable(cadence), sprints=[("Sprint 1", berlin("12 18:00"))])
    begin = berlin(start) if not isinstance(cadence, EndOfSprint) else berlin("12 09:00") - timedelta(days=14)

    found = windows_due(plan, last_end=None, since=berlin("10 00:00"), until=berlin("12 09:00"))

    assert found == (Window(begin, berlin("12 09:00")),)


def test_a_first_window_finds_the_fire_before_a_long_break() -> None:
    """Three weeks off before the first fire: the window still starts at the last fire before them."""
    off = frozenset(date(2026, 6, 1) + timedelta(days=n) for n in range(19))
    plan = Timetable(Weekdays(time(9)), BERLIN, WorkingDays(BERLIN, days_off=off))

    (window,) = windows_due(plan, last_end=None, since=berlin("20 00:00"), until=berlin("22 09:00"))

    assert window.start == datetime(2026, 5, 29, 9, tzinfo=BERLIN)


def test_a_first_daily_fire_with_no_other_before_it_covers_a_day() -> None:
    """Nothing in over a year before it: one day is what a stand-up speaks of."""
    off = frozenset(date(2025, 5, 1) + timedelta(days=n) for n in range(403))
    plan = Timetable(Weekdays(time(9)), BERLIN, WorkingDays(BERLIN, days_off=off))

    (window,) = windows_due(plan, last_end=None, since=berlin("01 00:00"), until=berlin("08 09:00"))

    assert window.end - window.start == timedelta(days=1)


def test_daily_documents_age_sooner_than_weekly_ones() -> None:
    """Yesterday's stand-up is no use today; Friday's report still is on Monday."""
    assert usual_grace(Weekdays(time(9))) < timedelta(days=1)
    assert usual_grace(Weekly("fri", time(16))) >= timedelta(days=3)


CADENCES = st.one_of(
    st.builds(Weekdays, st.times()),
    st.builds(Weekly, st.integers(0, 4), st.times(), st.sampled_from(["skip", "next", "previous"])),
)
LOOKS = st.lists(
    st.tuples(st.floats(0.01, 20, allow_nan=False), st.booleans(), CADENCES, st.sampled_from(ZONES)),
    min_size=1,
    max_size=40,
)
START = datetime(2011, 12, 1, tzinfo=UTC)


def lived_through(
    looks: list[tuple[float, bool, Cadence, str]], policy: CatchUp, grace: timedelta | None
) -> list[Window]:
    """What gets written where the service looks after random pauses, some runs fail, and the schedule is edited."""
    now, since, written = START, START, list[Window]()
    for days, works, cadence, zone in looks:
        now += timedelta(days=days)
        last = written[-1].end if written else START
        found = windows_due(
            timetable(cadence, ZoneInfo(zone)),
            last_end=last,
            since=since,
            until=now,
            policy=policy,
            grace=grace,
        )
        since = found[-1].end if found else since
        written.extend(found if works else ())
    return written


@settings(max_examples=120, deadline=None)
@given(looks=LOOKS, policy=st.sampled_from(["once", "each", "skip"]), grace=st.sampled_from([None, EVER]))
def test_every_instant_is_covered_exactly_once(
    looks: list[tuple[float, bool, Cadence, str]], policy: CatchUp, grace: timedelta | None
) -> None:
    """Through outages, failures, edits of schedule and zone: each written window starts where the last one ended."""
    written = lived_through(looks, policy, grace)

    starts = [window.start for window in written]
    assert starts == [START, *(window.end for window in written)][: len(starts)]
    assert all(window.start < window.end for window in written)


@settings(max_examples=60, deadline=None)
@given(
    pauses=st.lists(st.floats(0.01, 30, allow_nan=False), min_size=1, max_size=30),
    cadence=CADENCES,
    zone=st.sampled_from(ZONES),
)
def test_outages_change_nothing_with_each_and_merge_with_once(
    pauses: list[float], cadence: Cadence, zone: str
) -> None:
    """`each` ends windows at exactly the fires there were; `once` at the newest fire of each look."""
    looks = [(pause, True, cadence, zone) for pause in pauses]
    until = START + sum((timedelta(days=pause) for pause in pauses), timedelta())
    all_fires = [fire.at for fire in timetable(cadence, ZoneInfo(zone)).fires(START, until)]

    each = [window.end for window in lived_through(looks, "each", EVER)]
    once = [window.end for window in lived_through(looks, "once", EVER)]

    assert each == all_fires
    assert set(once) <= set(all_fires)
    assert once[-1:] == all_fires[-1:]
