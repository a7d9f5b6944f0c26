"""Which windows are due, and what becomes of the ones nobody saw: no instant lost, none told twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facilitator.calendar.cadence import Cadence, Cron, EndOfSprint, Monthly, Once, Weekdays, Weekly
from facilitator.calendar.fires import SprintSpan
from facilitator.calendar.window import Window
from facilitator.calendar.windows import CatchingUp, CatchUp, Due, Fate, Progress, Timetable, due, usual_grace
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


def to_run(found: tuple[Due, ...]) -> list[Window]:
    """The windows that are run."""
    return [one.window for one in found if one.fate is Fate.FIRE and one.window is not None]


def spans(found: tuple[Due, ...]) -> list[tuple[str, str]]:
    """The windows that are run in Berlin's time, as day and hour."""
    return [
        (f"{w.start.astimezone(BERLIN):%d %H:%M}", f"{w.end.astimezone(BERLIN):%d %H:%M}")
        for w in to_run(found)
    ]


def look(
    now: str,
    last: str | None,
    *,
    policy: CatchUp = "once",
    since: str = "01 00:00",
    grace: timedelta | None = None,
    plan: Timetable | None = None,
) -> tuple[Due, ...]:
    """What is due at an instant, given the end of the last written window; the stand-up's unless said."""
    progress = Progress(berlin(since), berlin(last) if last else None)
    return due(plan or timetable(), progress, now=berlin(now), catching_up=CatchingUp(policy, grace))


def told(
    now: str,
    last: str | None,
    *,
    policy: CatchUp = "once",
    since: str = "01 00:00",
    grace: timedelta | None = None,
) -> list[tuple[str, str]]:
    """The windows that are run then."""
    return spans(look(now, last, policy=policy, since=since, grace=grace))


def test_monday_covers_the_time_since_friday() -> None:
    """A window starts where the last written one ended, however long ago."""
    assert told("08 09:00", "05 09:00") == [("05 09:00", "08 09:00")]


def test_nothing_is_due_between_two_fires() -> None:
    """What was written is written; the next one is for tomorrow."""
    assert told("08 23:00", "08 09:00") == []


def test_the_first_window_reaches_back_to_the_fire_before() -> None:
    """A team that starts on Monday hears of Friday and the weekend, not of its whole history."""
    assert told("08 09:00", None, since="08 08:00") == [("05 09:00", "08 09:00")]


def test_a_failed_day_joins_the_next() -> None:
    """Tuesday was dealt with but not written: Wednesday's window holds it, and Tuesday is not fired again."""
    assert told("10 09:00", "08 09:00", since="09 09:00") == [("08 09:00", "10 09:00")]
    assert told("09 20:00", "08 09:00", since="09 09:00") == []


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
    assert told("10 12:00", "05 09:00", policy=policy, grace=EVER) == expected


def test_skip_still_fires_what_is_on_time() -> None:
    """A few minutes late is a slow start, not an outage; the skipped days' time is in the window."""
    assert told("10 09:10", "05 09:00", policy="skip") == [("05 09:00", "10 09:00")]


def test_what_is_older_than_the_grace_time_joins_the_next_window() -> None:
    """With `each` and 30 hours, Monday's window is too old, and its time is in Tuesday's."""
    assert told("10 12:00", "05 09:00", policy="each", grace=timedelta(hours=30)) == [
        ("05 09:00", "09 09:00"),
        ("09 09:00", "10 09:00"),
    ]
    assert told("09 08:00", "05 09:00") == []


def test_a_schedule_moved_earlier_neither_loses_nor_doubles_time() -> None:
    """Written at 09:00, then moved to 08:00: nothing twice today, and tomorrow starts where today ended."""
    moved = timetable(Weekdays(time(8)))

    assert spans(look("08 12:00", "08 09:00", plan=moved)) == []
    assert spans(look("09 08:00", "08 09:00", plan=moved)) == [("08 09:00", "09 08:00")]


@pytest.mark.parametrize(
    ("cadence", "period", "at"),
    [
        (Weekdays(time(15)), "2026-06-08", "08 15:00"),
        (Weekly("fri", time(9)), "2026-W24", "12 09:00"),
        (Monthly(7, time(9)), "2026-06", "09 09:00"),
        (Cron("30 9 * * *"), "2026-06-08T09:30", "08 09:30"),
    ],
)
def test_a_period_is_held_once_however_its_schedule_is_moved(cadence: Cadence, period: str, at: str) -> None:
    """Held on Monday at nine; moved to later the same day, week or month, it does not come again, and says why."""
    progress = Progress(berlin("08 09:00"), berlin("08 09:00"), {period: berlin("08 09:00")})

    (again,) = due(timetable(cadence), progress, now=berlin(at))

    assert (again.fate, again.window) == (Fate.HELD, None)
    assert again.why == f"{period} was held at 2026-06-08 07:00 UTC already"


def test_a_sprint_extended_after_its_retro_has_no_second_one() -> None:
    """The retro was held on the planned last day; now the sprint ends four days later."""
    extended = replace(
        timetable(EndOfSprint(time(15))), sprints=[SprintSpan("S7", berlin("01 00:00"), berlin("12 18:00"))]
    )
    progress = Progress(berlin("08 15:00"), berlin("08 15:00"), {"S7": berlin("08 15:00")})

    assert [one.fate for one in due(extended, progress, now=berlin("12 15:00"))] == [Fate.HELD]


def test_a_sprint_name_used_again_is_another_sprint() -> None:
    """Teams that count from 1 each quarter get a retro for every one of them."""
    second = replace(
        timetable(EndOfSprint(time(15))), sprints=[SprintSpan("S1", berlin("09 00:00"), berlin("12 18:00"))]
    )
    progress = Progress(berlin("08 15:00"), berlin("08 15:00"), {"S1": berlin("08 15:00")})

    assert [one.fate for one in due(second, progress, now=berlin("12 15:00"))] == [Fate.FIRE]


@pytest.mark.parametrize(("closed", "seen", "fates"), [
    ("10 11:00", "10 15:00", [Fate.FIRE]),
    ("10 17:00", "10 17:30", [Fate.FIRE]),
    ("08 11:00", "10 17:30", [Fate.FIRE]),
    ("02 11:00", "10 17:30", [Fate.LATE]),
])  # fmt: skip
def test_a_sprint_closed_early_has_its_retro_when_that_is_noticed(
    closed: str, seen: str, fates: list[Fate]
) -> None:
    """On the day it was closed; at once where that has passed; too late only after the grace time."""
    plan = replace(
        timetable(EndOfSprint(time(15))), sprints=[SprintSpan("S7", berlin("01 00:00"), berlin(closed))]
    )

    found = due(plan, Progress(berlin("01 00:00")), now=berlin(seen))

    assert [one.fate for one in found] == fates


def test_every_missed_window_has_a_fate_and_a_reason() -> None:
    """Down from Friday to Wednesday noon, paused on Tuesday: what was missed is listed with what becomes of it."""

    def paused(at: datetime) -> str:
        return "paused by Alice" if f"{at:%d}" == "09" else ""

    progress = Progress(berlin("05 09:00"), berlin("05 09:00"))
    found = due(timetable(), progress, now=berlin("10 12:00"), paused=paused)

    assert [(f"{one.fire.day:%d}", one.fate) for one in found] == [
        ("08", Fate.MERGED), ("09", Fate.PAUSED), ("10", Fate.FIRE),
    ]  # fmt: skip
    assert [one.why for one in found] == [
        "told by the window that ends at 2026-06-10 07:00 UTC", "paused by Alice", "",
    ]  # fmt: skip
    assert all(one.missed(berlin("10 12:00")) for one in found)
    assert found[-1].window == Window(berlin("05 09:00"), berlin("10 09:00"))


def test_a_paused_window_joins_the_next() -> None:
    """Its row spans the open time, and so does the window after it."""
    progress = Progress(berlin("05 09:00"), berlin("05 09:00"))
    (monday,) = due(timetable(), progress, now=berlin("08 09:00"), paused=lambda _at: "paused by Alice")

    assert (monday.fate, monday.window) == (Fate.PAUSED, Window(berlin("05 09:00"), berlin("08 09:00")))
    assert told("09 09:00", "05 09:00", since="08 09:00") == [("05 09:00", "09 09:00")]


def test_the_first_fire_ahead_is_found_near_or_far() -> None:
    """This week, past a long break, or not at all."""
    off = frozenset(date(2026, 6, 1) + timedelta(days=n) for n in range(150))
    away = Timetable(Weekdays(time(9)), BERLIN, WorkingDays(BERLIN, days_off=off))

    near, far = timetable().next(berlin("06 10:00")), away.next(berlin("01 00:00"))

    assert near is not None
    assert far is not None
    assert (near.day, far.day) == (date(2026, 6, 8), date(2026, 10, 29))
    assert timetable(EndOfSprint(time(9))).next(berlin("01 00:00")) is None


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
    plan = replace(
        timetable(cadence), sprints=[SprintSpan("Sprint 1", berlin("01 00:00"), berlin("12 18:00"))]
    )
    begin = berlin(start) if not isinstance(cadence, EndOfSprint) else berlin("12 09:00") - timedelta(days=14)

    found = look("12 09:00", None, since="10 00:00", plan=plan)

    assert to_run(found) == [Window(begin, berlin("12 09:00"))]


def test_a_first_window_finds_the_fire_before_a_long_break() -> None:
    """Three weeks off before the first fire: the window still starts at the last fire before them."""
    off = frozenset(date(2026, 6, 1) + timedelta(days=n) for n in range(19))
    plan = Timetable(Weekdays(time(9)), BERLIN, WorkingDays(BERLIN, days_off=off))

    (window,) = to_run(look("22 09:00", None, since="20 00:00", plan=plan))

    assert window.start == datetime(2026, 5, 29, 9, tzinfo=BERLIN)


def test_a_first_daily_fire_with_no_other_before_it_covers_a_day() -> None:
    """Nothing in over a year before it: one day is what a stand-up speaks of."""
    off = frozenset(date(2025, 5, 1) + timedelta(days=n) for n in range(403))
    plan = Timetable(Weekdays(time(9)), BERLIN, WorkingDays(BERLIN, days_off=off))

    (window,) = to_run(look("08 09:00", None, plan=plan))

    assert window.end - window.start == timedelta(days=1)


def test_daily_documents_age_sooner_than_weekly_ones() -> None:
    """Yesterday's stand-up is no use today; Friday's report still is on Monday."""
    assert usual_grace(Weekdays(time(9))) < timedelta(days=1)
    assert usual_grace(Weekly("fri", time(16))) >= timedelta(days=3)


CADENCES = st.one_of(
    st.builds(Weekdays, st.times()),
    st.builds(Weekly, st.integers(0, 4), st.times(), st.sampled_from(["skip", "next", "previous"])),
    st.builds(Monthly, st.sampled_from([1, 2, 5, -1, -3]), st.times()),
    st.sampled_from(["0 9 * * 1-5", "30 2 * * *", "15 */6 1,15 * *"]).map(Cron),
)
LOOKS = st.lists(
    st.tuples(st.floats(0.01, 40, allow_nan=False), st.booleans(), CADENCES, st.sampled_from(ZONES)),
    min_size=1,
    max_size=90,
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
        plan = Timetable(cadence, ZoneInfo(zone), WorkingDays(ZoneInfo(zone), country="BR"))
        found = to_run(due(plan, Progress(since, last), now=now, catching_up=CatchingUp(policy, grace)))
        since = found[-1].end if found else since
        written.extend(found if works else ())
    return written


@settings(max_examples=120, deadline=None)
@given(looks=LOOKS, policy=st.sampled_from(["once", "each", "skip"]), grace=st.sampled_from([None, EVER]))
def test_every_instant_is_covered_exactly_once(
    looks: list[tuple[float, bool, Cadence, str]], policy: CatchUp, grace: timedelta | None
) -> None:
    """Five years of outages, failures, edits of schedule and zone: each window starts where the last one ended."""
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
    plan = Timetable(cadence, ZoneInfo(zone), WorkingDays(ZoneInfo(zone), country="BR"))
    all_fires = [fire.at for fire in plan.fires(START, until)]

    each = [window.end for window in lived_through(looks, "each", EVER)]
    once = [window.end for window in lived_through(looks, "once", EVER)]

    assert each == all_fires
    assert set(once) <= set(all_fires)
    assert once[-1:] == all_fires[-1:]
