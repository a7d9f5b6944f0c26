"""Forecasts from the team's own past: when a backlog is done, how much fits, what the next sprint will finish.

Reads samples (items per working day, points per sprint) and draws from them; a figure is always a range. Everything is
a function of its arguments and a seed, so that a forecast in a document can be repeated from the run log. It knows
nothing of deadlines: whether a range is good news is `health`'s to say.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import ceil
from random import Random
from statistics import fmean
from typing import Generic, TypeVar

from facilitator.board.board import Board
from facilitator.board.days import local_date
from facilitator.board.flow import throughput
from facilitator.board.refusal import Refused
from facilitator.board.sprint_figures import SprintFigures

V = TypeVar("V", date, int, float)

ENOUGH = 10
"""Fewer samples than this and there is no forecast (ceremonies reference, section 5)."""

RUNS = 10_000
OVER = timedelta(days=90)
"""How far back throughput is sampled: 60 to 90 days are advised (ceremonies reference, section 5)."""

HORIZON = 2_600
"""Ten years of working days, or 2,600 periods: a forecast beyond it is no forecast."""

HALF_LIFE = 10
"""A sprint this many sprints ago weighs half as much as the last one; see `next_sprint`."""

_STEPS = 120
_POOL = 5_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forecast(Generic[V]):
    """The 15th, 50th and 85th percentile of the simulated futures.

    Of dates p85 is the careful one: 85 of 100 runs were done by then. Of counts p15 is: 85 of 100 runs did at least
    that much. `samples` is how many past periods were drawn from.
    """

    p15: V
    p50: V
    p85: V
    samples: int
    runs: int
    seed: int


@dataclass(frozen=True, slots=True)
class PastSprint:
    """What a closed sprint committed to at its start and what it completed, in one unit."""

    committed: float
    completed: float


@dataclass(frozen=True, slots=True)
class Interval:
    """What the next sprint will complete: p10 to p90 is the 80 % interval. `sprints` is how many it is drawn from."""

    p10: float
    p15: float
    p50: float
    p85: float
    p90: float
    sprints: int


def when(
    backlog: int,
    samples: Sequence[int],
    start: date,
    working_day: Callable[[date], bool],
    seed: int,
    *,
    runs: int = RUNS,
) -> Forecast[date] | Refused:
    """The dates by which `backlog` items are finished, at the pace of `samples` (items per working day, zeros kept).

    `start` is the first day work can be done on. A sample may be net of what was added that day, and negative: then the
    backlog's own growth is part of the forecast.
    """
    found = periods_needed(backlog, samples, seed, runs=runs)
    if isinstance(found, Refused):
        return found
    days = _working_days(start, working_day, found.p85)
    if isinstance(days, Refused):
        return days
    return Forecast(
        days[found.p15 - 1], days[found.p50 - 1], days[found.p85 - 1], found.samples, found.runs, found.seed
    )


def periods_needed(
    backlog: float, samples: Sequence[float], seed: int, *, runs: int = RUNS
) -> Forecast[int] | Refused:
    """How many periods (days, sprints) finish the backlog: each run draws past periods with replacement until it is.

    Where more than some 120 periods are to be expected, several are drawn at once and the last stretch is
    interpolated: that bounds the time a big backlog takes, and moves the answer by less than one period in a hundred.
    """
    if reason := _unfit(samples):
        return Refused(reason)
    if backlog <= 0:
        return Refused("nothing is left to finish")
    expected = backlog / fmean(samples)
    if expected > HORIZON:
        return Refused(f"at this pace {backlog:g} would take more than {HORIZON:,} periods")
    rng = Random(seed)
    stretch = ceil(expected / _STEPS)
    pool = samples if stretch == 1 else [sum(rng.choices(samples, k=stretch)) for _ in range(_POOL)]
    chunk, most = ceil(1.25 * expected / stretch) + 4, HORIZON // stretch
    needed = sorted(_first_passage(backlog, pool, chunk, most, rng) for _ in range(runs))
    p15, p50, p85 = (max(1, ceil(_rank(needed, share) * stretch - 1e-9)) for share in (0.15, 0.5, 0.85))
    if p85 > HORIZON:
        return Refused(f"more than 15 of 100 runs did not finish {backlog:g} within {HORIZON:,} periods")
    return Forecast(p15, p50, p85, len(samples), runs, seed)


def how_many(
    samples: Sequence[float], periods: int, seed: int, *, runs: int = RUNS
) -> Forecast[float] | Refused:
    """How much is finished in this many coming periods, in the unit of the samples (items a day, points a sprint)."""
    if reason := _unfit(samples):
        return Refused(reason)
    if periods <= 0:
        return Refused("no period is left to forecast")
    rng = Random(seed)
    stretch = ceil(periods / _STEPS)
    pool = samples if stretch == 1 else [sum(rng.choices(samples, k=stretch)) for _ in range(_POOL)]
    whole, rest = divmod(periods, stretch)
    sums = sorted(sum(rng.choices(pool, k=whole)) + sum(rng.choices(samples, k=rest)) for _ in range(runs))
    return Forecast(_rank(sums, 0.15), _rank(sums, 0.5), _rank(sums, 0.85), len(samples), runs, seed)


def next_sprint(history: Sequence[PastSprint], committed: float | None = None) -> Interval | Refused:
    """What a sprint will complete, from earlier sprints (oldest first) and what it commits to.

    Each past sprint is read in two ways: as it was ("we finish about what we always finish"), and at the same rate of
    today's commitment ("we finish about that share of what we plan"). Each reading gives quantiles of the past sprints,
    in which a sprint `HALF_LIFE` sprints ago weighs half; the forecast is the mean of the two. Neither reading is right
    alone: the first misses a sprint planned small, the second doubts every sprint planned large. Both sides of the rate
    have the mean past sprint added, so that a sprint that committed nothing counts and one that committed 1 does not
    shout. Without `committed` only the first reading is used.

    One constant is tuned, the half-life, for all teams together: on `../shared/data/velocity.csv` 6 to 20 sprints give
    a pinball loss within 4 % of each other and a coverage of 79 to 81 % (`python -m benchmarks.forecast`).
    """
    if len(history) < ENOUGH:
        return Refused(f"only {len(history)} of the {ENOUGH} finished sprints a forecast needs")
    weights = [0.5 ** (age / HALF_LIFE) for age in range(len(history))][::-1]
    readings = [[past.completed for past in history]]
    if committed is not None:
        readings.append(_at_todays_commitment(history, committed))
    p10, p15, p50, p85, p90 = (
        fmean(weighted_quantile(values, weights, share) for values in readings)
        for share in (0.1, 0.15, 0.5, 0.85, 0.9)
    )
    return Interval(p10, p15, p50, p85, p90, len(history))


def weighted_quantile(values: Sequence[float], weights: Sequence[float], share: float) -> float:
    """The value below which this share of the weight lies: each value stands at the middle of its own weight, and
    between two the line is straight.
    """
    ordered = sorted(zip(values, weights, strict=True))
    total = sum(weights)
    ends = accumulate(weight for _, weight in ordered)
    places = [(end - weight / 2) / total for end, (_, weight) in zip(ends, ordered, strict=True)]
    index = bisect_left(places, share)
    if index in (0, len(places)):
        return ordered[min(index, len(places) - 1)][0]
    (low, _), (high, _) = ordered[index - 1 : index + 1]
    part = (share - places[index - 1]) / (places[index] - places[index - 1])
    return low + (high - low) * part


def recent_throughput(board: Board, over: timedelta = OVER) -> list[int]:
    """Tasks finished on each working day of the last 90 days, zeros kept, as samples for `when`.

    Today is left out, for it is not over; so are the days before the board's first task, which would be zeros about
    nothing.
    """
    today = local_date(board.as_of, board.rules.zone)
    born = min((found.task.created_at for found in board.histories.values()), default=board.as_of)
    first = max(today - over, local_date(born, board.rules.zone))
    return [count for _, count in throughput(board, first, today - _DAY)]


def past_sprints(figures: Iterable[SprintFigures], *, points: bool = True) -> list[PastSprint]:
    """The sprints' committed and completed points, or tasks, as history for `next_sprint`; keeps their order."""
    return [
        PastSprint(one.committed.points, one.completed.points)
        if points
        else PastSprint(one.committed.tasks, one.completed.tasks)
        for one in figures
    ]


def _unfit(samples: Sequence[float]) -> str:
    """Why these samples make no forecast; empty where they do."""
    if len(samples) < ENOUGH:
        return f"only {len(samples)} of the {ENOUGH} samples a forecast needs"
    if not any(samples):
        return f"nothing was finished in {len(samples)} periods: there is no pace"
    if sum(samples) <= 0:
        return f"more was added than finished in {len(samples)} periods: the backlog grows"
    return ""


def _first_passage(backlog: float, pool: Sequence[float], chunk: int, most: int, rng: Random) -> float:
    """How many draws one run needs until their sum reaches the backlog, the last one counted in part.

    Draws are made a chunk at a time, for speed; a run is given up after `most` of them.
    """
    done: float = 0
    for start in range(0, most, chunk):
        course = list(accumulate(rng.choices(pool, k=chunk), initial=done))
        if max(course) >= backlog:
            peaks = list(accumulate(course, max))
            index = bisect_left(peaks, backlog)
            return start + index - 1 + (backlog - peaks[index - 1]) / (peaks[index] - peaks[index - 1])
        done = course[-1]
    return most + 1


def _rank(ordered: Sequence[V], share: float) -> V:
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def _working_days(start: date, working_day: Callable[[date], bool], count: int) -> list[date] | Refused:
    """The first `count` working days from `start` on; refused where a whole year has none."""
    found: list[date] = []
    day, last = start, start
    while len(found) < count:
        if working_day(day):
            found.append(day)
            last = day
        elif (day - last).days > 366:
            return Refused(f"no working day in the year after {last.isoformat()}")
        day += _DAY
    return found


def _at_todays_commitment(history: Sequence[PastSprint], committed: float) -> list[float]:
    usual = fmean(past.completed for past in history) or 1.0
    return [
        max(0.0, (past.completed + usual) * (committed + usual) / (past.committed + usual) - usual)
        for past in history
    ]
