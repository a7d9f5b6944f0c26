"""Burndown: remaining and scope by local day, the ideal line, and what four drawn sprints look like."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from facilitator.board.board import Board
from facilitator.board.burndown import (
    AnomalyRules,
    Burndown,
    BurndownDay,
    anomalies,
    burndown,
    unit_for,
)
from facilitator.board.rules import BoardRules, monday_to_friday
from facilitator.board.snapshot import Task
from facilitator.board.sprint_figures import sprint_figures
from facilitator.board.sprints import Sprint
from tests.packs import load_pack, packs
from tests.unit.board_forecast.drawing import RULES, at, board, task

DONE_EACH_DAY = ("03-02", "03-03", "03-04", "03-05", "03-06", "03-09", "03-10", "03-11", "03-12", "03-13")


def finished(*days: str, points: float = 2) -> list[Task]:
    return [task(str(n), (f"{day} 15:00", "done"), points=points) for n, day in enumerate(days, 1)]


def drawn(*tasks: Task, unit: str = "points", as_of: str = "03-16 09:00", closed: bool = True) -> Burndown:
    found = board(*tasks, as_of=as_of, closed="2026-03-14T00:00:00Z" if closed else "-")
    return burndown(found, found.sprints[0], unit=unit)


def by_day(found: Burndown) -> dict[date, BurndownDay]:
    return {one.day: one for one in found.days}


def rules(found: Burndown) -> list[str]:
    return [one.rule for one in anomalies(found)]


def test_a_sprint_has_every_calendar_day_and_ends_at_its_close() -> None:
    """Two weeks from Monday to the Friday of the next week, the weekend marked as free."""
    found = drawn(*finished("03-03"))
    assert [one.day.day for one in found.days] == list(range(2, 14))
    assert [one.day.day for one in found.days if not one.working] == [7, 8]
    assert len(found.planned) == 10


def test_remaining_falls_on_the_day_work_is_finished() -> None:
    """A task finished at 15:00 is gone at the end of that day, not before."""
    days = by_day(drawn(*finished("03-03", "03-05")))
    assert [days[date(2026, 3, n)].remaining for n in (2, 3, 4, 5)] == [4, 2, 2, 0]
    assert {one.scope for one in days.values()} == {4}


def test_added_work_raises_the_scope_line_and_does_not_hide_what_was_done() -> None:
    """Three points done and three added: remaining is level, scope and done both rise."""
    late = task("9", ("03-04 10:00", "join"), points=2, joined=False)
    days = by_day(drawn(*finished("03-04", "03-12"), late))
    before, after = days[date(2026, 3, 3)], days[date(2026, 3, 4)]
    assert (before.remaining, after.remaining) == (4, 4)
    assert (before.scope, after.scope, after.done) == (4, 6, 2)


def test_a_reestimate_moves_both_lines_on_its_day() -> None:
    """Points are those of the day, not today's."""
    days = by_day(drawn(task("1", ("03-04 10:00", 5), points=2)))
    assert [days[date(2026, 3, n)].remaining for n in (3, 4)] == [2, 5]
    assert [days[date(2026, 3, n)].scope for n in (3, 4)] == [2, 5]


def test_work_done_before_the_sprint_is_in_neither_line() -> None:
    """A task finished on the Friday before and still marked with the sprint is not its success."""
    found = drawn(task("1", ("02-27 15:00", "done"), points=3), *finished("03-03"))
    assert (found.committed, found.days[-1].scope) == (2, 2)


def test_a_task_that_leaves_takes_its_points_along() -> None:
    """Removed work is no longer scope."""
    days = by_day(drawn(task("9", ("03-04 10:00", "leave"), points=3), *finished("03-12")))
    assert [days[date(2026, 3, n)].scope for n in (3, 4)] == [5, 2]


def test_the_ideal_line_is_fixed_at_the_start_and_rests_on_free_days() -> None:
    """From 20 points straight down to 0 over ten working days, level on the weekend, whatever is added."""
    extra = task("99", ("03-04 10:00", "join"), points=9, joined=False)
    ideal = [one.ideal for one in drawn(*finished(*DONE_EACH_DAY), extra).days]
    assert ideal == pytest.approx([18, 16, 14, 12, 10, 10, 10, 8, 6, 4, 2, 0])


def test_a_running_sprint_ends_today_and_today_is_not_over() -> None:
    """Read on Wednesday at noon: three days, the last one still open."""
    found = drawn(*finished("03-03"), as_of="03-04 12:00", closed=False)
    assert [(one.day.day, one.over) for one in found.days] == [(2, True), (3, True), (4, False)]


def test_the_local_day_decides_not_the_utc_one() -> None:
    """Finished at 23:30 in New York on Tuesday is Tuesday's work, although it is Wednesday in UTC."""
    rules = replace(RULES, zone=ZoneInfo("America/New_York"))
    found = board(task("1", ("03-04 04:30", "done"), points=3), rules=rules)
    days = by_day(burndown(found, found.sprints[0]))
    assert [days[date(2026, 3, n)].remaining for n in (2, 3)] == [3, 0]


def test_the_day_of_a_clock_change_is_one_day() -> None:
    """New York moves its clocks on Sunday 8 March; the days around it are neither lost nor doubled."""
    rules = BoardRules(zone=ZoneInfo("America/New_York"), working_day=monday_to_friday)
    found = board(task("1", ("03-09 03:59", "done"), points=3), as_of="03-20 09:00", rules=rules)
    days = burndown(found, found.sprints[0]).days
    assert [one.day.day for one in days] == list(range(2, 14))
    assert [one.remaining for one in days if one.day.day in (7, 8)] == [3, 0]


def test_tasks_can_be_counted_instead_of_points() -> None:
    """A team without estimates burns down tasks."""
    found = drawn(*finished("03-03", "03-05", points=0), unit="tasks")
    assert (found.committed, found.days[-1].remaining) == (2, 0)


def test_a_sprint_without_tasks_is_flat_at_zero_and_says_nothing() -> None:
    """Nothing planned is not a slow start."""
    found = drawn()
    assert {one.scope for one in found.days} == {0}
    assert anomalies(found) == ()


def test_an_even_sprint_has_nothing_unusual() -> None:
    """Drawn sprint 1: a task a day."""
    assert rules(drawn(*finished(*DONE_EACH_DAY))) == []


def test_a_sprint_that_stalls_and_ends_in_a_rush_looks_like_it() -> None:
    """Drawn sprint 2: two tasks done, then five working days of nothing, the rest in the last two days."""
    found = anomalies(drawn(*finished("03-02", "03-04", "03-12", "03-12", "03-13", "03-13")))
    flat, late = found
    assert (flat.rule, flat.start, flat.end, flat.figure) == (
        "burndown.flat", date(2026, 3, 5), date(2026, 3, 11), 5,
    )  # fmt: skip
    assert flat.text == (
        "looks like work stood still: nothing was finished from Thu 5 Mar to Wed 11 Mar, 5 working days"
    )
    assert (late.rule, late.start, round(late.figure)) == ("burndown.late_finish", date(2026, 3, 12), 67)


def test_a_sprint_whose_scope_jumps_looks_like_it() -> None:
    """Drawn sprint 3: 4 of 20 points more on one Thursday; 2 more the day after are no jump."""
    more = [task("91", ("03-05 10:00", "join"), points=4, joined=False)]
    more += [task("92", ("03-06 10:00", "join"), points=2, joined=False)]
    (jump,) = anomalies(drawn(*finished(*DONE_EACH_DAY), *more))
    assert (jump.rule, jump.start, round(jump.figure)) == ("burndown.scope_jump", date(2026, 3, 5), 20)
    assert jump.text == "looks like a jump in scope: 20 % of the commitment was added on Thu 5 Mar"


def test_a_sprint_that_does_not_get_going_looks_like_it_once() -> None:
    """Drawn sprint 4: nothing done in the first five days; the same days are not told again as flat."""
    (slow,) = anomalies(
        drawn(*finished("03-09", "03-10", "03-11", "03-12"), as_of="03-12 18:00", closed=False)
    )
    assert (slow.rule, slow.start, slow.end) == ("burndown.no_start", date(2026, 3, 2), date(2026, 3, 6))
    assert slow.text == "looks like a slow start: nothing was finished in the first 5 working days"


def test_a_sprint_in_which_nothing_was_finished_is_one_long_slow_start() -> None:
    """Closed with everything open: said once, over all its working days."""
    (slow,) = anomalies(drawn(task("1", points=3)))
    assert (slow.rule, slow.figure) == ("burndown.no_start", 10)


def test_a_day_that_is_not_over_proves_nothing() -> None:
    """On the third morning without a finished task it is too early to call it a slow start."""
    tasks = finished("03-12")
    assert rules(drawn(*tasks, as_of="03-04 09:00", closed=False)) == []
    assert rules(drawn(*tasks, as_of="03-05 09:00", closed=False)) == ["burndown.no_start"]


def test_a_weekend_is_not_a_standstill() -> None:
    """Friday to Monday: one working day without news, not three."""
    assert rules(drawn(*finished("03-02", "03-03", "03-04", "03-05", "03-10", "03-11", "03-12"))) == []


def test_when_all_is_done_nothing_stands_still() -> None:
    """A sprint finished early is flat at zero, and that is fine."""
    assert rules(drawn(*finished("03-02", "03-03", "03-04"))) == []


def test_a_few_finished_tasks_make_no_late_finish() -> None:
    """Four tasks are too few to speak of; with a bar of three they would be enough."""
    found = drawn(*finished("03-03", "03-05", "03-12", "03-13"))
    assert "burndown.late_finish" not in rules(found)
    assert "burndown.late_finish" in [one.rule for one in anomalies(found, AnomalyRules(few=3))]


def test_a_free_fortnight_has_no_ideal_and_no_anomaly() -> None:
    """A sprint over a closed fortnight divides by nothing."""
    found = board(*finished("03-03"), rules=replace(RULES, working_day=lambda _day: False))
    down = burndown(found, found.sprints[0])
    assert {one.ideal for one in down.days} == {0.0}
    assert anomalies(down) == ()


@pytest.mark.parametrize(
    "pack", [path for path in packs() if "large" not in path.name], ids=lambda path: path.stem
)
def test_both_ends_of_the_line_are_the_sprint_s_own_figures(pack: Path) -> None:
    """On real boards the line starts at what was committed and ends at what was carried over."""
    found = Board.of(load_pack(pack), RULES)
    for sprint in found.sprints:
        figures, down = sprint_figures(found, sprint), burndown(found, sprint)
        assert down.committed == pytest.approx(figures.committed.points)
        assert down.days[-1].remaining == pytest.approx(figures.carried_over.points)


def test_points_are_drawn_only_where_half_of_the_tasks_have_them() -> None:
    """Two of four estimated: points. One of three, or no task at all: tasks."""
    half = board(task("1", points=1), task("2", points=2), task("3"), task("4"))
    few = board(task("1", points=1), task("2"), task("3"))
    units = [unit_for(sprint_figures(found, found.sprints[0])) for found in (half, few, board())]
    assert units == ["points", "tasks", "tasks"]


def test_a_sprint_that_has_not_begun_has_no_days() -> None:
    """Planned for next month: nothing to draw yet."""
    found = board(*finished("03-03"))
    later = Sprint("Sprint 9", at("04-01 00:00"), at("04-10 00:00"), key="o-9")
    assert burndown(found, later).days == ()
