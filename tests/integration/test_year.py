"""A small year through the real firing code: every instant is told exactly once, and the judge can tell when it is not."""

from datetime import timedelta

import pytest

from benchmarks.simulated_year import START, ZONES, Simulation
from benchmarks.year import judged, lived, report
from facilitator.calendar.window import Window
from facilitator.runs.coverage import Coverage
from facilitator.runs.run import Mode, Run, RunState

DAY = timedelta(days=1)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_of_a_few_teams_covers_every_instant_once(seed: int) -> None:
    """Outages, failures, late and missing decisions, pauses, runs by hand, edits of schedule and zone, moved sprints."""
    found, year = lived(seed, teams=3, days=365)

    assert (found.uncovered, found.doubled) == ([], [])
    assert found.windows == sum(found.fates.values()) > 900
    assert found.fates["fired"] > found.windows * 0.6
    assert {"outages", "pauses", "runs by hand", "schedule edits", "drafts superseded"} <= set(year.counts)
    assert report(found, year).splitlines()[-1] == f"{found.windows} windows, 0 uncovered, 0 doubled"


def test_twelve_zones_are_twelve() -> None:
    """Half and quarter hours, and both sides of the date line."""
    assert len(ZONES) == 12


@pytest.mark.parametrize(
    ("spans", "uncovered", "doubled"),
    [
        ([(0, 1), (1, 2), (2, 3)], 0, 0),
        ([(0, 1), (2, 3)], 1, 0),
        ([(0, 2), (1, 3)], 0, 1),
    ],
)
def test_the_judge_sees_gaps_and_overlaps(spans: list[tuple[int, int]], uncovered: int, doubled: int) -> None:
    """Written straight into the run log, past the firing code: otherwise the year would prove nothing."""
    simulation = Simulation(1, teams=1, days=30)
    year = simulation.year
    for start, end in spans:
        window = Window(START + start * DAY, START + end * DAY)
        run, _ = year.store.fire("t", "standup", window, mode=Mode.AUTO, trigger="schedule", now=window.end)
        with year.store.step(run, now=window.end) as step:
            step.set(state=RunState.WRITTEN)
    year.due["t", "standup"] = set()

    found = judged(year)
    simulation.close()

    assert (len(found.uncovered), len(found.doubled)) == (uncovered, doubled)


def test_the_judge_sees_a_period_held_twice() -> None:
    """Two scheduled stand-ups of one day."""
    simulation = Simulation(1, teams=1, days=30)
    year, coverage = simulation.year, Coverage(simulation.year.store.database)
    windows = [Window(START, START + DAY), Window(START + DAY, START + 2 * DAY)]
    for window in windows:
        run = Run.planned(
            "t", "standup", window, mode=Mode.AUTO, trigger="schedule", now=window.end, period="2026-06-01"
        )
        with coverage.turn(now=window.end) as turn:
            turn.fire([run])
    year.due["t", "standup"] = {window.end for window in windows}

    found = judged(year)
    simulation.close()

    assert found.doubled == ["('t', 'standup'): 2026-06-01 was held 2 times"]
    assert found.fates == {"fired": 2}
