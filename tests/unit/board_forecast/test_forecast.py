"""Forecasts: ranges from the team's own past, repeatable, and refused where the past is too short."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.board.forecast import (
    HORIZON,
    Forecast,
    Interval,
    PastSprint,
    how_many,
    next_sprint,
    periods_needed,
    weighted_quantile,
    when,
)
from facilitator.board.refusal import Refused

MONDAY = date(2026, 3, 2)
UNEVEN = (0, 0, 1, 0, 2, 0, 0, 3, 1, 0, 0, 1, 2, 0, 0)


def weekday(day: date) -> bool:
    return day.weekday() < 5


def days(found: Forecast[date] | Refused) -> Forecast[date]:
    assert isinstance(found, Forecast)
    return found


def test_a_steady_team_is_done_when_arithmetic_says() -> None:
    """One item every day finishes five items on the fifth working day, in every run."""
    found = days(when(5, [1] * 10, MONDAY, weekday, seed=1))
    assert (found.p15, found.p50, found.p85) == (date(2026, 3, 6),) * 3


def test_free_days_are_stepped_over() -> None:
    """A sixth item needs the Monday after, and a holiday on it moves it to Tuesday."""
    holiday = date(2026, 3, 9)
    open_days: Callable[[date], bool] = lambda day: weekday(day) and day != holiday  # noqa: E731
    assert days(when(6, [1] * 10, MONDAY, weekday, seed=1)).p50 == date(2026, 3, 9)
    assert days(when(6, [1] * 10, MONDAY, open_days, seed=1)).p50 == date(2026, 3, 10)


def test_a_start_on_a_free_day_begins_on_the_next_working_day() -> None:
    """Asked on a Saturday, the first item is done on Monday."""
    assert days(when(1, [1] * 10, date(2026, 2, 28), weekday, seed=1)).p50 == MONDAY


def test_zeros_are_kept_and_make_the_range_wide() -> None:
    """Half the days idle: the careful date is weeks behind the lucky one."""
    found = days(when(20, UNEVEN, MONDAY, weekday, seed=3))
    assert found.p15 < found.p50 < found.p85
    assert found.p85 - found.p15 > timedelta(weeks=2)


def test_the_same_seed_gives_the_same_forecast_and_another_seed_nearly() -> None:
    """A figure in a document can be repeated, and does not hang on the seed."""
    one, again, other = (days(when(20, UNEVEN, MONDAY, weekday, seed)) for seed in (3, 3, 4))
    assert one == again
    assert abs(one.p85 - other.p85) <= timedelta(days=4)


@pytest.mark.parametrize("size", [0, 1, 9])
def test_fewer_than_ten_samples_are_refused(size: int) -> None:
    """Nine days of history are an anecdote; the reason says how many there are."""
    refusal = Refused(f"only {size} of the 10 samples a forecast needs")
    assert when(5, [1] * size, MONDAY, weekday, seed=1) == refusal
    assert how_many([1] * size, 5, seed=1) == refusal


def test_a_team_that_finished_nothing_has_no_pace() -> None:
    """Ten zeros are ten samples and still no forecast."""
    assert when(5, [0] * 10, MONDAY, weekday, seed=1) == Refused(
        "nothing was finished in 10 periods: there is no pace"
    )


def test_a_backlog_that_grows_as_fast_as_it_shrinks_is_refused() -> None:
    """Net samples may be negative; where they sum to nothing there is no end."""
    found = when(5, [2, -2] * 5, MONDAY, weekday, seed=1)
    assert found == Refused("more was added than finished in 10 periods: the backlog grows")


def test_growth_of_the_backlog_makes_it_later() -> None:
    """Samples net of what was added give a later date than the same samples without."""
    gross = days(when(20, [2, 0] * 6, MONDAY, weekday, seed=1))
    net = days(when(20, [2, -1] * 6, MONDAY, weekday, seed=1))
    assert net.p50 > gross.p50


def test_nothing_left_is_not_forecast() -> None:
    """An empty backlog has no date, and no remaining period no count."""
    assert when(0, [1] * 10, MONDAY, weekday, seed=1) == Refused("nothing is left to finish")
    assert how_many([1] * 10, 0, seed=1) == Refused("no period is left to forecast")


def test_an_end_beyond_ten_years_is_refused() -> None:
    """A date in 2050 is no news to anybody."""
    found = periods_needed(HORIZON, [1, *[0] * 9], seed=1)
    assert isinstance(found, Refused)
    assert "2,600 periods" in found.reason


def test_runs_that_never_end_are_refused() -> None:
    """A pace that hardly beats the growth leaves too many runs without an end."""
    found = periods_needed(200, [10, -10] * 10 + [2], seed=1, runs=200)
    assert isinstance(found, Refused)
    assert found.reason.startswith("more than 15 of 100 runs did not finish 200")


def test_a_year_without_working_days_is_refused() -> None:
    """A calendar that closes for ever ends the search instead of hanging it."""
    found = when(5, [1] * 10, MONDAY, lambda _day: False, seed=1)
    assert found == Refused("no working day in the year after 2026-03-02")


def test_a_big_backlog_drawn_in_stretches_agrees_with_its_expectation() -> None:
    """1,500 items at 0.67 a day take about 2,250 days; drawing many days at once does not move that."""
    found = periods_needed(1_500, UNEVEN, seed=1)
    assert isinstance(found, Forecast)
    assert found.p50 == pytest.approx(1_500 / (sum(UNEVEN) / len(UNEVEN)), rel=0.01)
    assert found.p15 < found.p50 < found.p85


def test_how_many_gives_counts_with_the_careful_one_first() -> None:
    """Of counts p15 is what 85 of 100 runs reach."""
    found = how_many(UNEVEN, 10, seed=1)
    assert isinstance(found, Forecast)
    assert found.p15 < found.p50 < found.p85
    assert found.p50 == pytest.approx(6.7, abs=1)
    assert (found.samples, found.runs) == (15, 10_000)


def test_how_many_over_a_long_time_agrees_with_its_expectation() -> None:
    """1,001 days are drawn in stretches and a rest; no day is lost."""
    assert how_many([1] * 10, 1_001, seed=1) == Forecast(1_001, 1_001, 1_001, 10, 10_000, 1)


@given(st.lists(st.integers(0, 9), min_size=10, max_size=40), st.integers(1, 60), st.integers(0, 9))
def test_percentiles_never_cross(samples: list[int], backlog: int, seed: int) -> None:
    """Whatever the past, p15 <= p50 <= p85, and more backlog is never done sooner."""
    found = periods_needed(backlog, samples, seed, runs=100)
    more = periods_needed(backlog + 5, samples, seed, runs=100)
    if isinstance(found, Forecast):
        assert 1 <= found.p15 <= found.p50 <= found.p85
    if isinstance(found, Forecast) and isinstance(more, Forecast):
        assert more.p85 >= found.p15


def past(*completed: float, committed: float = 20) -> list[PastSprint]:
    return [PastSprint(committed, value) for value in completed]


def interval(found: Interval | Refused) -> Interval:
    assert isinstance(found, Interval)
    return found


def test_nine_sprints_are_not_enough() -> None:
    """A band needs ten finished sprints, and says so."""
    assert next_sprint(past(*[20] * 9), 20) == Refused("only 9 of the 10 finished sprints a forecast needs")


def test_a_team_that_always_does_the_same_is_forecast_without_a_range() -> None:
    """Twelve sprints of 20 give 20."""
    assert interval(next_sprint(past(*[20] * 12), 20)) == Interval(20, 20, 20, 20, 20, 12)


def test_a_smaller_commitment_lowers_the_forecast_half_way() -> None:
    """Half as much committed: between the usual 20 and the 20 scaled down, never at either end."""
    found = interval(next_sprint(past(*[20] * 12), 10))
    assert 12 < found.p50 < 20


def test_an_unknown_commitment_uses_what_was_completed_only() -> None:
    """Before planning nobody knows the commitment; there is a forecast all the same."""
    assert interval(next_sprint(past(*[20] * 12))).p50 == 20


def test_recent_sprints_count_more() -> None:
    """A team that doubled its pace is not held to its first year."""
    assert interval(next_sprint(past(*[10] * 12, *[30] * 12))).p50 > 20


def test_sprints_that_committed_or_finished_nothing_do_no_harm() -> None:
    """Zeros are sprints like others: no division by zero, nothing below 0."""
    zeros = interval(next_sprint(past(*[0] * 12, committed=0), 0))
    assert zeros == Interval(0, 0, 0, 0, 0, 12)
    mixed = interval(next_sprint([PastSprint(0, 30), PastSprint(40, 0)] * 6, 0))
    assert mixed.p10 >= 0


@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=10, max_size=30),
    st.integers(0, 90) | st.none(),
)
def test_quantiles_of_the_next_sprint_are_in_order(
    sprints: list[tuple[int, int]], committed: int | None
) -> None:
    """p10 <= p15 <= p50 <= p85 <= p90, and nothing below zero."""
    found = interval(next_sprint([PastSprint(*one) for one in sprints], committed))
    quantiles = [found.p10, found.p15, found.p50, found.p85, found.p90]
    assert all(low <= high + 1e-9 for low, high in pairwise(quantiles))
    assert found.p10 >= 0


def test_a_weighted_quantile_leans_to_the_heavy_value() -> None:
    """Half of the weight is at 3, so is the median; outside the middles the line stops."""
    assert weighted_quantile([1, 2, 3], [1, 1, 6], 0.9) == 3
    assert weighted_quantile([1, 2, 3], [1, 1, 1], 0.5) == 2
    assert weighted_quantile([1, 3], [1, 1], 0.5) == 2
    assert weighted_quantile([7], [1], 0.1) == 7
