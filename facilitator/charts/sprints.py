"""A sprint's burndown with its scope line, and velocity over sprints with the next one's forecast band.

Draws what `board.burndown`, `board.series` and `board.forecast` computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from facilitator.board.burndown import Burndown
from facilitator.board.facts import show_date
from facilitator.board.forecast import Interval
from facilitator.board.refusal import Refused
from facilitator.board.series import Velocity
from facilitator.charts.canvas import (
    BLUE,
    FREE,
    INK,
    MUTED,
    PALE_BLUE,
    RUST,
    Format,
    chart,
    end_labels,
    from_zero,
    nothing,
    printable,
    slots,
)

MOST_SPRINTS = 12
_A_FORTNIGHT = 16
"""Up to so many days each has its date; beyond, only Mondays have."""

_JUMP = 0.15


def burndown(data: Burndown, *, title: str, as_format: Format = "png") -> bytes:
    """Remaining, scope and the ideal line by local day; free days are shaded; a scope jump carries its size.

    A running sprint shows the ideal line to its planned end and the others to today.
    """
    days = _calendar(data)
    subtitle = f"{data.unit.capitalize()} left at the end of each day"
    if days:
        subtitle += f", {show_date(days[0])} to {show_date(days[-1])}"

    def draw(axes: Any) -> None:
        if not data.days or not days:
            nothing(axes, "This sprint has no days yet.")
            return
        _free_days(axes, days, data)
        _lines(axes, days, data)
        _scope_jumps(axes, days, data)

    return chart(draw, title=title, subtitle=subtitle, as_format=as_format)


def velocity(
    sprints: Sequence[Velocity],
    forecast: Interval | Refused,
    *,
    unit: str,
    title: str,
    as_format: Format = "png",
) -> bytes:
    """Completed as bars with the commitment as a mark, the last twelve sprints, then the next one's 80 % band.

    Without a forecast its reason stands in the subtitle.
    """
    shown = sprints[-MOST_SPRINTS:]
    subtitle = f"{unit.capitalize()} completed (bar) and committed (line)"
    if isinstance(forecast, Refused):
        subtitle += f"; {forecast.reason}"
    elif shown:
        subtitle += "; pale: 80 % range of the next one"

    def draw(axes: Any) -> None:
        if not shown:
            nothing(axes, "No closed sprint yet.")
            return
        band = None if isinstance(forecast, Refused) else forecast
        _bars(axes, shown, band)
        if band:
            _band(axes, len(shown), band)

    return chart(draw, title=title, subtitle=subtitle, as_format=as_format, right=0.87)


def _calendar(data: Burndown) -> list[date]:
    """Every date the chart spans: to the planned end, or beyond it where the sprint was closed late."""
    known = [*data.planned, *(one.day for one in data.days)]
    if not known:
        return []
    return [min(known) + timedelta(days=n) for n in range((max(known) - min(known)).days + 1)]


def _free_days(axes: Any, days: Sequence[date], data: Burndown) -> None:
    working = {*data.planned, *(one.day for one in data.days if one.working)}
    for index, day in enumerate(days):
        if day not in working:
            axes.axvspan(index, index + 1, color=FREE, linewidth=0, zorder=0)
    shown = [n for n, day in enumerate(days) if len(days) <= _A_FORTNIGHT or day.weekday() == 0]
    months = {n for before, n in pairwise([-1, *shown]) if before < 0 or days[n].month != days[before].month}
    axes.set_xticks(
        [n + 0.5 for n in shown],
        [f"{days[n]:%a}\n{days[n].day}{f' {days[n]:%b}' if n in months else ''}" for n in shown],
    )
    axes.set_xlim(0, len(days))
    if data.planned and data.planned[-1] < days[-1]:
        end = (data.planned[-1] - days[0]).days + 1
        axes.axvline(end, color=MUTED, linewidth=1, gid="burndown-planned-end")
        axes.annotate(
            "planned end", (end, 1), xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points",
            ha="center", color=MUTED, size=9.5,
        )  # fmt: skip


def _lines(axes: Any, days: Sequence[date], data: Burndown) -> None:
    """A day's value stands at its end, so the start has a place of its own at 0."""
    ends = [0, *((one.day - days[0]).days + 1 for one in data.days)]
    remaining = [data.committed, *(one.remaining for one in data.days)]
    scope = [data.committed, *(one.scope for one in data.days)]
    from_zero(axes, max(*scope, *remaining))
    axes.plot(ends, scope, color=RUST, linewidth=2.2, clip_on=False, gid="burndown-scope")
    axes.plot(
        ends,
        remaining,
        color=BLUE,
        linewidth=2.6,
        marker="o",
        markersize=4,
        clip_on=False,
        gid="burndown-remaining",
    )
    labels = [(scope[-1], f"Scope {scope[-1]:g}", RUST), (remaining[-1], f"Left {remaining[-1]:g}", BLUE)]
    end_labels(axes, labels, ends[-1])
    if data.committed and data.planned:
        _ideal_line(axes, days, data)


def _ideal(days: Sequence[date], data: Burndown) -> list[float]:
    """The ideal at the start and at the end of each day, up to the planned end."""
    course, left = [data.committed], len(data.planned)
    for day in days[: (data.planned[-1] - days[0]).days + 1]:
        left -= day in data.planned
        course.append(data.committed * left / len(data.planned))
    return course


def _ideal_line(axes: Any, days: Sequence[date], data: Burndown) -> None:
    """Dashed, and named on the side where the remaining line is not."""
    course = _ideal(days, data)
    axes.plot(
        range(len(course)),
        course,
        color=MUTED,
        linewidth=1.4,
        linestyle=(0, (4, 3)),
        zorder=1.5,
        gid="burndown-ideal",
    )
    at = max(1, len(course) // 4)
    actual = next((one.remaining for one in data.days if (one.day - days[0]).days + 1 == at), course[at])
    below = actual >= course[at]
    axes.annotate(
        "ideal", (at, course[at]), xytext=(-4 if below else 4, -4 if below else 4), textcoords="offset points",
        ha="right" if below else "left", va="top" if below else "bottom", color=MUTED, size=9.5,
    )  # fmt: skip


def _scope_jumps(axes: Any, days: Sequence[date], data: Burndown) -> None:
    """`+8` beside each day the scope rose by 15 % or more of the commitment."""
    before = data.committed
    for one in data.days:
        rise = one.scope - before
        if data.committed and rise >= _JUMP * data.committed:
            place = ((one.day - days[0]).days + 0.5, (before + one.scope) / 2)
            axes.annotate(
                f"+{rise:g}", place, xytext=(-5, 3), textcoords="offset points",
                ha="right", color=RUST, weight="bold", size=9.5,
            )  # fmt: skip
        before = one.scope


def _bars(axes: Any, shown: Sequence[Velocity], band: Interval | None) -> None:
    heights = [one.completed for one in shown]
    highest = max(*heights, *(one.committed for one in shown), band.p90 if band else 0)
    from_zero(axes, highest)
    axes.bar(range(len(shown)), heights, width=0.7, color=BLUE)
    for index, one in enumerate(shown):
        axes.hlines(one.committed, index - 0.4, index + 0.4, color=RUST, linewidth=2.4)
        inside = one.completed > 0.12 * axes.get_ylim()[1]
        axes.annotate(
            f"{one.completed:g}", (index, 0 if inside else one.completed), xytext=(0, 4), textcoords="offset points",
            ha="center", va="bottom", color="white" if inside else INK, size=9.5, weight="bold",
        )  # fmt: skip
    names = short_names([one.sprint for one in shown])
    axes.set_xticks(range(len(shown) + bool(band)), [*names, *(["next"] if band else [])])
    slots(axes, len(shown) + bool(band))
    if not band:
        last = shown[-1]
        labels = [(last.completed, "completed", BLUE), (last.committed, "committed", RUST)]
        end_labels(axes, labels, len(shown) - 0.5)


def _band(axes: Any, place: int, band: Interval) -> None:
    (pale,) = axes.bar(place, band.p90 - band.p10, bottom=band.p10, width=0.72, color=PALE_BLUE)
    pale.set_gid("velocity-forecast")
    axes.hlines(band.p50, place - 0.36, place + 0.36, color=BLUE, linewidth=2.6)
    labels = [
        (band.p90, f"p90: {band.p90:.0f}", MUTED),
        (band.p50, f"p50: {band.p50:.0f}", BLUE),
        (band.p10, f"p10: {band.p10:.0f}", MUTED),
    ]
    end_labels(axes, labels, place + 0.4)


def short_names(names: Sequence[str]) -> list[str]:
    """Sprint names without the words most of them share, short enough to stand side by side.

    `2015 Sprint 7 Team` becomes `7` among its like; a name made of shared words only is kept whole.
    """
    words = [name.split() for name in names]
    counts = Counter(word for one in words for word in set(one))
    common = {word for word, count in counts.items() if len(names) > 1 and count > 0.6 * len(names)}
    longest = max(6, 72 // max(len(names), 1))
    return [
        printable(" ".join(word for word in one if word not in common) or name, longest)
        for name, one in zip(names, words, strict=True)
    ]
