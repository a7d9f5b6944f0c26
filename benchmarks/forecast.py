"""Back-test of the next sprint's forecast on real teams: `python -m benchmarks.forecast [CSV]`.

Walks forward through each team's sprints: for every sprint with at least ten earlier ones, the forecast sees those and the
new commitment, and is then held against what was completed. Loss is the mean pinball loss over the quantiles
0.1, 0.15, 0.5, 0.85 and 0.9. It tunes nothing.

Each plain baseline (last sprint, mean of the last three, all-time median) is scored twice: as it stands, its one number
used for every quantile; and fairly, with the quantiles of its own earlier errors added. A fourth, stronger one
says the quantiles of all earlier sprints.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import fmean, median

from facilitator.board.forecast import ENOUGH, Interval, PastSprint, next_sprint, weighted_quantile

VELOCITY = Path("../shared/data/velocity.csv")
QUANTILES = (0.1, 0.15, 0.5, 0.85, 0.9)

Quantiles = tuple[float, ...]
Forecaster = Callable[[Sequence[PastSprint], float], Quantiles]
Point = Callable[[Sequence[PastSprint]], float]


@dataclass(frozen=True, slots=True)
class Trial:
    """One sprint of one team, forecast before it began: `scale` is the team's mean up to then."""

    team: str
    actual: float
    scale: float
    said: Mapping[str, Quantiles]

    def loss(self, name: str) -> float:
        """Mean pinball loss of one forecaster, in the team's unit."""
        return fmean(
            max(share * (self.actual - value), (share - 1) * (self.actual - value))
            for share, value in zip(QUANTILES, self.said[name], strict=True)
        )

    def inside(self, name: str) -> bool:
        """Whether the actual value was in the stated 80 % interval, its ends included."""
        return self.said[name][0] <= self.actual <= self.said[name][-1]


def ours(history: Sequence[PastSprint], committed: float) -> Quantiles:
    """The quantiles of `next_sprint`."""
    found = next_sprint(history, committed)
    assert isinstance(found, Interval), found
    return (found.p10, found.p15, found.p50, found.p85, found.p90)


def last_sprint(history: Sequence[PastSprint]) -> float:
    """What the last sprint completed."""
    return history[-1].completed


def mean_of_three(history: Sequence[PastSprint]) -> float:
    """The mean of the last three sprints."""
    return fmean(past.completed for past in history[-3:])


def all_time_median(history: Sequence[PastSprint]) -> float:
    """The median of all earlier sprints."""
    return median(past.completed for past in history)


def as_it_stands(point: Point) -> Forecaster:
    """The one number for every quantile."""
    return lambda history, _committed: (point(history),) * len(QUANTILES)


def with_its_errors(point: Point, first: int) -> Forecaster:
    """The number plus the quantiles of the errors it made on this team's earlier sprints, never below 0."""

    def say(history: Sequence[PastSprint], _committed: float) -> Quantiles:
        errors = [history[n].completed - point(history[:n]) for n in range(first, len(history))]
        return tuple(max(0.0, point(history) + quantile(errors, share)) for share in QUANTILES)

    return say


def all_time_quantiles(history: Sequence[PastSprint], _committed: float) -> Quantiles:
    """The quantiles of everything the team ever completed."""
    return tuple(quantile([past.completed for past in history], share) for share in QUANTILES)


def quantile(values: Sequence[float], share: float) -> float:
    """A plain quantile: every value weighs the same."""
    return weighted_quantile(values, [1.0] * len(values), share)


PLAIN: Mapping[str, Forecaster] = {
    "last sprint": as_it_stands(last_sprint),
    "mean of 3": as_it_stands(mean_of_three),
    "median": as_it_stands(all_time_median),
}
FAIR: Mapping[str, Forecaster] = {
    "last + errors": with_its_errors(last_sprint, 1),
    "mean + errors": with_its_errors(mean_of_three, 3),
    "median + errors": with_its_errors(all_time_median, 1),
    "all quantiles": all_time_quantiles,
}
FORECASTERS: Mapping[str, Forecaster] = {"ours": ours, **PLAIN, **FAIR}


def teams(path: Path) -> dict[str, list[PastSprint]]:
    """Each team's sprints in their order."""
    found: dict[str, list[tuple[int, PastSprint]]] = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            past = PastSprint(float(row["committed"]), float(row["completed"]))
            found[row["project"]].append((int(row["sprint_index"]), past))
    return {team: [past for _, past in sorted(rows, key=lambda row: row[0])] for team, rows in found.items()}


def walk_forward(path: Path) -> list[Trial]:
    """Every sprint that has enough earlier ones, forecast by everybody from those alone."""
    return [trial for team, sprints in teams(path).items() for trial in _trials(team, sprints)]


def _trials(team: str, sprints: Sequence[PastSprint]) -> Iterator[Trial]:
    for n in range(ENOUGH, len(sprints)):
        history, now = sprints[:n], sprints[n]
        yield Trial(
            team=team,
            actual=now.completed,
            scale=max(1.0, fmean(past.completed for past in history)),
            said={name: say(history, now.committed) for name, say in FORECASTERS.items()},
        )


def coverage(trials: Sequence[Trial], name: str) -> float:
    """How many of 100 actual values were inside the stated 80 % interval."""
    return 100 * fmean(trial.inside(name) for trial in trials)


def loss(trials: Sequence[Trial], name: str) -> float:
    """Mean pinball loss in points or issues: teams with big numbers weigh more."""
    return fmean(trial.loss(name) for trial in trials)


def relative_loss(trials: Sequence[Trial], name: str) -> float:
    """Mean pinball loss as a share of the team's mean sprint so far: every sprint weighs the same."""
    return fmean(trial.loss(name) / trial.scale for trial in trials)


def main(arguments: Sequence[str]) -> int:
    """Print the table; 2 where the data is absent."""
    path = Path(arguments[0]) if arguments else VELOCITY
    if not path.exists():
        print(f"no such file: {path}")
        return 2
    trials = walk_forward(path)
    print(
        f"{len(trials)} sprints of {len({trial.team for trial in trials})} teams, each with {ENOUGH}+ before"
    )
    print(f"\n{'forecaster':<16}{'in 80 %':>9}{'pinball':>9}{'relative':>10}")
    for name in FORECASTERS:
        figures = coverage(trials, name), loss(trials, name), relative_loss(trials, name)
        print(f"{name:<16}{figures[0]:>8.1f}%{figures[1]:>9.3f}{figures[2]:>10.4f}")
    print(f"\n{'team':<18}{'sprints':>8}{'in 80 %':>9}{'ours':>9}{'best plain':>12}{'best fair':>11}")
    for team, group in groupby(trials, key=lambda trial: trial.team):
        _print_team(team, list(group))
    return 0


def _print_team(team: str, trials: Sequence[Trial]) -> None:
    plain, fair = (min(loss(trials, name) for name in names) for names in (PLAIN, FAIR))
    print(
        f"{team:<18}{len(trials):>8}{coverage(trials, 'ours'):>8.0f}%{loss(trials, 'ours'):>9.2f}"
        f"{plain:>12.2f}{fair:>11.2f}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
