"""The status colour: each rule on both sides of its threshold, and what it answers when it cannot look."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.board.dependencies import dependencies
from facilitator.board.forecast import Forecast
from facilitator.board.health import Colour, Standing, Status, Thresholds, scope_growth, standing, status
from facilitator.board.refusal import Refused
from facilitator.board.sprint_figures import closed_figures
from tests.unit.board_forecast.drawing import board, task

TODAY = date(2026, 3, 4)
DEADLINE = date(2026, 4, 30)
FINE = Standing(today=TODAY, open=("1", "2"), done=5, deadline=DEADLINE, forecast=DEADLINE, scope_growth=0)


def judge(**changed: Any) -> Status:
    return status(replace(FINE, **changed))


def rules(found: Status) -> list[str]:
    return [one.rule for one in found.fired]


def test_when_nothing_fires_it_is_on_track() -> None:
    """Green, nothing fired, everything judged."""
    assert status(FINE) == Status(Colour.GREEN, (), {})
    assert status(FINE).status_type == "on_track"


RED = [
    (
        "red.date_passed",
        {"deadline": TODAY - timedelta(days=1)},
        {"deadline": TODAY, "done": 9, "forecast": TODAY},
    ),
    (
        "red.deadline_near",
        {"deadline": TODAY + timedelta(days=14), "done": 1, "forecast": TODAY},
        {"deadline": TODAY + timedelta(days=15), "done": 1, "forecast": TODAY},
    ),
    (
        "red.deadline_near",
        {"deadline": TODAY + timedelta(days=3), "done": 1, "forecast": TODAY},
        {"deadline": TODAY + timedelta(days=3), "done": 2, "forecast": TODAY},
    ),
    ("red.forecast_late", {"forecast": date(2026, 5, 8)}, {"forecast": date(2026, 5, 7)}),
    ("red.critical_blocker", {"blockers": {"7": 6}}, {"blockers": {"7": 5}}),
]
AMBER = [
    ("amber.forecast_passes", {"forecast": date(2026, 5, 1)}, {"forecast": DEADLINE}),
    ("amber.scope_grew", {"scope_growth": 15.1}, {"scope_growth": 15.0}),
    ("amber.stale", {"open": tuple("123456789a"), "stale": tuple("1234")}, {"open": tuple("123456789a"), "stale": tuple("123")}),
    ("amber.untouched", {"untouched": ("1", "2")}, {"untouched": ("1",)}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "over", "under"), RED)
def test_each_red_rule_fires_just_past_its_threshold(
    rule: str, over: dict[str, Any], under: dict[str, Any]
) -> None:
    """One step further is off track, and the rule says so by its id; one step less is not."""
    assert rule in rules(judge(**over))
    assert (judge(**over).colour, judge(**over).status_type) == (Colour.RED, "off_track")
    assert rule not in rules(judge(**under))


@pytest.mark.parametrize(("rule", "over", "under"), AMBER)
def test_each_amber_rule_fires_just_past_its_threshold(
    rule: str, over: dict[str, Any], under: dict[str, Any]
) -> None:
    """One step further is at risk; one step less is green."""
    assert rules(judge(**over)) == [rule]
    assert (judge(**over).colour, judge(**over).status_type) == (Colour.AMBER, "at_risk")
    assert judge(**under).colour is Colour.GREEN


def test_a_forecast_lateness_is_counted_in_the_team_s_own_working_days() -> None:
    """Six weekdays late with a holiday among them are five: amber, not red."""
    holiday = date(2026, 5, 1)
    late = replace(FINE, forecast=date(2026, 5, 8))
    found = status(late, working_day=lambda day: day.weekday() < 5 and day != holiday)
    assert (found.colour, rules(found)) == (Colour.AMBER, ["amber.forecast_passes"])


def test_red_beats_amber_and_both_are_told() -> None:
    """The headline is red; the amber reasons are still listed, after the red ones."""
    found = judge(blockers={"7": 9, "8": 12}, scope_growth=40)
    assert (found.colour, rules(found)) == (Colour.RED, ["red.critical_blocker", "amber.scope_grew"])
    assert found.fired[0].tasks == ("8", "7")
    assert found.fired[0].because == "2 tasks blocked on the critical path, the longest for 12 working days"


def test_rules_that_could_not_look_say_so() -> None:
    """No deadline, no forecast, no commitment: green, with the list of what was not judged and why."""
    found = judge(
        deadline=None, forecast=Refused("only 4 of the 10 samples a forecast needs"), scope_growth=None
    )
    assert found.colour is Colour.GREEN
    assert found.not_judged == {
        "red.date_passed": "no deadline is set",
        "red.deadline_near": "no deadline is set",
        "red.forecast_late": "only 4 of the 10 samples a forecast needs",
        "amber.forecast_passes": "only 4 of the 10 samples a forecast needs",
        "amber.scope_grew": "nothing was committed",
    }


def test_a_forecast_without_a_deadline_is_late_for_nothing() -> None:
    """The rule is not judged, and says which input was missing."""
    found = judge(deadline=None)
    assert found.not_judged["red.forecast_late"] == "no deadline is set"


def test_a_finished_project_is_green_whatever_its_dates() -> None:
    """Nothing open: nothing can be late."""
    assert judge(open=(), deadline=date(2026, 1, 1), scope_growth=99) == Status(Colour.GREEN, (), {})


def test_thresholds_can_be_configured() -> None:
    """A team that lives with longer waits says so."""
    old = replace(FINE, blockers={"7": 6})
    assert status(old, Thresholds(blocker_working_days=10)).colour is Colour.GREEN


@given(st.integers(-30, 60), st.integers(-30, 60), st.integers(0, 9), st.floats(-50, 90), st.integers(0, 12))
def test_a_colour_always_has_its_reason(
    deadline: int, forecast: int, done: int, growth: float, age: int
) -> None:
    """Never green with a rule fired, never red or amber without one of that colour."""
    found = judge(
        deadline=TODAY + timedelta(days=deadline),
        forecast=TODAY + timedelta(days=forecast),
        done=done,
        scope_growth=growth,
        blockers={"7": age},
    )
    colours = {one.colour for one in found.fired}
    assert found.colour is (
        Colour.RED if Colour.RED in colours else Colour.AMBER if Colour.AMBER in colours else Colour.GREEN
    )


def test_the_standing_is_read_from_the_board() -> None:
    """Open and done are counted among the tasks asked for; stale and untouched among the open ones."""
    drawn = board(
        task("1", ("03-03 10:00", "done")),
        task("2", ("02-10 10:00", "progress"), created="02-01 09:00"),
        task("3", created="02-01 09:00"),
        task("4", ("03-03 10:00", "progress")),
        task("5"),
        as_of="03-04 09:00",
    )
    forecast = Forecast(TODAY, TODAY, DEADLINE, 20, 10_000, 1)
    found = standing(
        drawn, ["1", "2", "3", "4"], deadline=DEADLINE, forecast=forecast, graph=dependencies(drawn), growth=3
    )
    assert found == Standing(TODAY, ("2", "3", "4"), 1, DEADLINE, DEADLINE, {}, 3, ("2", "3"), ("2",))


def test_only_blockers_on_the_critical_path_are_critical() -> None:
    """2 waits for 1, and 1 is blocked since a week ago: critical. 9 is blocked as long, and nobody waits for it.
    That 2 waits is the plan.
    """
    drawn = board(
        task("1", ("02-24 10:00", "blocked")),
        task("2", waits_for=("1",), created="02-27 09:00"),
        task("9", ("02-24 10:00", "blocked")),
        as_of="03-04 09:00",
    )
    found = standing(drawn, ["2", "9"], deadline=None, forecast=Refused("none"), graph=dependencies(drawn))
    assert found.blockers == {"1": 6}
    assert status(found).fired[0].tasks == ("1",)


def test_scope_growth_counts_creep_removals_and_re_estimates() -> None:
    """10 committed; 3 added, 2 taken out, 1 re-estimated up: 20 % more. A subtask of work in scope is no creep."""
    drawn = board(
        task("1", ("03-04 10:00", 9), points=8),
        task("2", ("03-04 10:00", "leave"), points=2),
        task("3", ("03-04 10:00", "join"), points=3, joined=False),
        task("4", ("03-04 10:00", "join"), points=5, joined=False, parent="1"),
    )
    (figures,) = closed_figures(drawn)
    assert scope_growth(figures) == pytest.approx(20)


def test_scope_growth_without_estimates_counts_tasks_and_without_a_commitment_nothing() -> None:
    """One of two committed tasks more is 50 %; nothing committed has no share."""
    joins = task("3", ("03-04 10:00", "join"), joined=False)
    (plain,) = closed_figures(board(task("1"), task("2"), joins))
    (empty,) = closed_figures(board(joins))
    assert (scope_growth(plain), scope_growth(empty)) == (50, None)
