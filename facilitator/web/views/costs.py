"""Costs: what sessions cost at list price in twelve weeks, and what their documents saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from facilitator.runs.money import Spent, Starts, percentiles
from facilitator.runs.overview import Pair
from facilitator.runs.weeks import WEEKS, mondays
from facilitator.web.site import Site, team_names
from facilitator.web.views.asking import Asked
from facilitator.web.views.standing import title_of


@dataclass(frozen=True, slots=True)
class WeekCost:
    """A week by its Monday."""

    monday: date
    list_cents: float
    runs: int


@dataclass(frozen=True, slots=True)
class CostLine:
    """What one team's ceremony cost, and what it saved by the team's own baseline; `first_event` is p50 and p95 in seconds."""

    team: str
    team_name: str
    ceremony: str
    title: str
    runs: int
    list_cents: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    grader_tokens: int
    active_seconds: float
    documents: int
    minutes_saved: int | None
    first_event: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Costs:
    """The last twelve weeks at list price; `cached` is the share of input tokens read from the cache, 0 to 100."""

    weeks: int
    list_cents: float
    runs: int
    cached: float
    minutes_saved: int
    by_week: tuple[WeekCost, ...]
    lines: tuple[CostLine, ...]


def costs(asked: Asked) -> Costs:
    """List prices of the visitor's teams by week, team and ceremony."""
    site, teams, weeks = asked.site, asked.teams(), mondays(asked.now, WEEKS)
    money = site.app.money

    def make(since: Sequence[datetime]) -> Iterable[Spent | Starts]:
        return [*money.by_week(teams, since), *money.starts(teams, since)]

    spent: dict[Pair, list[Spent]] = defaultdict(list)
    starts: dict[Pair, list[float]] = defaultdict(list)
    by_week: dict[datetime, list[Spent]] = {week: [] for week in weeks}
    for one in site.by_week("costs", teams, weeks, make):
        if isinstance(one, Starts):
            starts[one.team, one.ceremony] += one.seconds
        else:
            spent[one.team, one.ceremony].append(one)
            by_week[one.week].append(one)
    names = team_names(site, asked.visitor)
    lines = [
        _cost_line(site, pair, names.get(pair[0], pair[0]), sums, starts[pair])
        for pair, sums in spent.items()
    ]
    whole = sum(line.input_tokens + line.cache_read_tokens for line in lines)
    return Costs(
        weeks=WEEKS,
        list_cents=sum(line.list_cents for line in lines),
        runs=sum(line.runs for line in lines),
        cached=100 * sum(line.cache_read_tokens for line in lines) / whole if whole else 0.0,
        minutes_saved=sum(line.minutes_saved or 0 for line in lines),
        by_week=tuple(
            WeekCost(week.date(), sum(one.list_cents for one in sums), sum(one.runs for one in sums))
            for week, sums in by_week.items()
        ),
        lines=tuple(sorted(lines, key=lambda line: -line.list_cents)),
    )


def _cost_line(
    site: Site, pair: Pair, team_name: str, spent: Sequence[Spent], starts: list[float]
) -> CostLine:
    def total(what: str) -> Any:
        return sum(getattr(one, what) for one in spent)

    assignment, documents = site.app.assignments.get(pair), total("documents")
    minutes = assignment.baseline_minutes if assignment else None
    return CostLine(
        team=pair[0],
        team_name=team_name,
        ceremony=pair[1],
        title=title_of(site, pair[1]),
        documents=documents,
        minutes_saved=None if minutes is None else minutes * documents,
        first_event=percentiles(starts),
        **{what: total(what) for what in _SUMMED},
    )


_SUMMED = (
    "runs", "list_cents", "input_tokens", "output_tokens", "cache_read_tokens", "grader_tokens", "active_seconds",
)  # fmt: skip
