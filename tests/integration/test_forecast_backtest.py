"""The next sprint's forecast held against 500 sprints real teams went through; see benchmarks/forecast.py."""

import pytest

from benchmarks.forecast import (
    FAIR,
    PLAIN,
    VELOCITY,
    Trial,
    coverage,
    loss,
    main,
    relative_loss,
    walk_forward,
)

pytestmark = pytest.mark.skipif(not VELOCITY.exists(), reason=f"{VELOCITY} is absent")


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    """Every sprint with at least ten earlier ones of its team."""
    return walk_forward(VELOCITY)


def test_the_back_test_sees_enough_of_the_world(trials: list[Trial]) -> None:
    """A bar over a handful of sprints would prove nothing."""
    assert len(trials) > 500
    assert len({trial.team for trial in trials}) == 19


def test_eighty_of_a_hundred_sprints_end_inside_the_80_percent_interval(trials: list[Trial]) -> None:
    """A stated 80 % is 80 %, give or take 6, over all teams."""
    assert 74 <= coverage(trials, "ours") <= 86


def test_both_sides_of_the_interval_are_honest(trials: list[Trial]) -> None:
    """About a tenth ends below p10 and a tenth above p90: the range is not right on one side only."""
    below = sum(trial.actual < trial.said["ours"][0] for trial in trials) / len(trials)
    above = sum(trial.actual > trial.said["ours"][-1] for trial in trials) / len(trials)
    assert below == pytest.approx(0.10, abs=0.04)
    assert above == pytest.approx(0.10, abs=0.04)


@pytest.mark.parametrize("baseline", [*PLAIN, *FAIR])
def test_no_baseline_is_better(trials: list[Trial], baseline: str) -> None:
    """In points and as a share of a team's sprint, not even baselines that were given their own errors win."""
    assert loss(trials, "ours") <= loss(trials, baseline)
    assert relative_loss(trials, "ours") <= relative_loss(trials, baseline)


def test_the_benchmark_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Coverage and loss of each forecaster, then of each team."""
    assert main([str(VELOCITY)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("sprints of 19 teams, each with 10+ before")
    assert any(line.startswith("ours ") for line in lines)
    assert any(line.startswith("titanium-sdk ") for line in lines)
