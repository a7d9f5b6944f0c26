"""Throughput by week, and cycle times as a scatter with the team's p50 and p85.

Draws what `board.flow` and `board.series` computed; the percentiles are handed in, so that picture and text agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import fmean
from typing import Any

from facilitator.board.facts import show_date
from facilitator.board.flow import Pace
from facilitator.board.series import Finished
from facilitator.charts.canvas import (
    BLUE,
    INK,
    ON_WHITE,
    PALE_BLUE,
    RUST,
    Format,
    chart,
    end_labels,
    from_zero,
    nothing,
    slots,
)

_WEEK = 7
_MOST_TICKS = 13
_DOT = 32
_CROWDED = 2.5
"""Tasks slower than this many times p85 are drawn at the upper edge, so that one of them does not flatten the rest."""


def throughput(days: Sequence[tuple[date, int]], *, title: str, as_format: Format = "png") -> bytes:
    """Tasks finished per week from the counts of working days, with the mean of the whole weeks as a line.

    Weeks begin on Monday. A first or last week that is not there in full is pale and left out of the mean.
    """
    weeks = _weeks(days)
    whole = _whole(days, weeks)
    subtitle = "Tasks finished in each week, by its Monday"
    if len(whole) < len(weeks):
        subtitle += "; pale: not a whole week"

    def draw(axes: Any) -> None:
        if not weeks:
            nothing(axes, "No working day yet.")
            return
        _week_bars(axes, weeks, whole)
        counts = [weeks[monday] for monday in whole]
        if len(counts) > 1:
            mean = fmean(counts)
            axes.axhline(mean, color=RUST, linewidth=1.8, linestyle=(0, (4, 3)), gid="throughput-mean")
            end_labels(axes, [(mean, f"mean {mean:.1f}", RUST)], axes.get_xlim()[1])

    return chart(draw, title=title, subtitle=subtitle, as_format=as_format)


def cycle_times(finished: Sequence[Finished], pace: Pace, *, title: str, as_format: Format = "png") -> bytes:
    """Each finished task as a dot, at its date and its cycle time, with the p50 and p85 lines where there are any.

    Tasks of one day and one duration are one larger dot.
    """
    count = f"{pace.n} {'task' if pace.n == 1 else 'tasks'}"
    subtitle = f"Calendar days from start to done of {count}, by the day of completion"
    if finished and pace.p85 is None:
        subtitle += "; too few for percentiles"

    def draw(axes: Any) -> None:
        if not finished:
            nothing(axes, "No task was started and finished in this time.")
            return
        cap = _cap(finished, pace)
        from_zero(axes, cap)
        _dots(axes, finished, cap)
        _date_axis(axes, finished)
        lines = [("p50", pace.p50, BLUE), ("p85", pace.p85, RUST)]
        known = [(value, name, colour) for name, value, colour in lines if value is not None]
        for value, name, colour in known:
            axes.axhline(value, color=colour, linewidth=1.8, linestyle=(0, (4, 3)), gid=f"cycle-{name}")
        labels = [(value, f"{name}: {value:.3g} days", colour) for value, name, colour in known]
        end_labels(axes, labels, axes.get_xlim()[1])

    return chart(draw, title=title, subtitle=subtitle, as_format=as_format, right=0.815)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(days: Sequence[tuple[date, int]]) -> dict[date, int]:
    """Monday to count, weeks without any included."""
    if not days:
        return {}
    counts: Counter[date] = Counter()
    for day, count in days:
        counts[_monday(day)] += count
    first, last = _monday(days[0][0]), _monday(days[-1][0])
    weeks = (last - first).days // _WEEK + 1
    return {(monday := first + timedelta(weeks=n)): counts[monday] for n in range(weeks)}


def _whole(days: Sequence[tuple[date, int]], weeks: dict[date, int]) -> list[date]:
    """The weeks whose working days are all there: a first that begins on Monday, a last that reaches Friday."""
    if not days:
        return []
    first, last = days[0][0], days[-1][0]
    return [monday for monday in weeks if first <= monday and (last - monday).days >= _WEEK - 3]


def _week_bars(axes: Any, weeks: dict[date, int], whole: Sequence[date]) -> None:
    mondays = list(weeks)
    from_zero(axes, max(weeks.values()))
    colours = [BLUE if monday in whole else PALE_BLUE for monday in mondays]
    axes.bar(range(len(mondays)), list(weeks.values()), width=0.66, color=colours)
    for index, monday in enumerate(mondays):
        axes.annotate(
            str(weeks[monday]), (index, weeks[monday]), xytext=(0, 3), textcoords="offset points",
            ha="center", va="bottom", color=INK, size=9.5, weight="bold", bbox=ON_WHITE,
        )  # fmt: skip
    every = -(-len(mondays) // _MOST_TICKS)
    shown = list(range(0, len(mondays), every))
    named = {n for n in shown if n == 0 or mondays[n].month != mondays[n - every].month}
    axes.set_xticks(shown, [f"{mondays[n].day}\n{f'{mondays[n]:%b}' if n in named else ''}" for n in shown])
    slots(axes, len(mondays))


def _cap(finished: Sequence[Finished], pace: Pace) -> float:
    """The highest cycle time the axis shows."""
    slowest = float(max(one.cycle_days for one in finished))
    return min(slowest, _CROWDED * pace.p85) if pace.p85 else slowest


def _dots(axes: Any, finished: Sequence[Finished], cap: float) -> None:
    """A dot's area is its number of tasks; tasks above the cap are triangles on the upper edge."""
    first, top = finished[0].day, axes.get_ylim()[1]
    dots = Counter((one.day, one.cycle_days) for one in finished if one.cycle_days <= cap)
    x, y = [(day - first).days for day, _ in dots], [height for _, height in dots]
    sizes = [_DOT * count for count in dots.values()]
    axes.scatter(x, y, s=sizes, color=BLUE, alpha=0.75, linewidths=0, zorder=3, gid="cycle-tasks")
    slow = [one for one in finished if one.cycle_days > cap]
    if slow:
        x = [(one.day - first).days for one in slow]
        axes.scatter(
            x, [top] * len(x), s=_DOT, marker="^", color=INK, linewidths=0, clip_on=False, gid="cycle-slower"
        )
        axes.annotate(
            f"\u25b2 {len(slow)} slower,\nup to {max(one.cycle_days for one in slow)} days", (1, 1),
            xycoords="axes fraction", xytext=(7, 5), textcoords="offset points", va="top", color=INK, size=9.5,
        )  # fmt: skip


def _date_axis(axes: Any, finished: Sequence[Finished]) -> None:
    first, last = finished[0].day, finished[-1].day
    span = (last - first).days
    every = next(step for step in (1, 2, 7, 14, 28, span + 1) if span // step < 9)
    axes.set_xticks(
        list(range(0, span + 1, every)),
        [show_date(first + timedelta(days=n))[4:] for n in range(0, span + 1, every)],
    )
    margin = max(1.0, 0.03 * span)
    axes.set_xlim(-margin, span + margin)
