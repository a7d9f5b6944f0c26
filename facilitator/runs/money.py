"""What sessions cost at list price, by team and month, and what their documents saved: sums over the run log.

A run's money belongs to the month in which it was fired, in its team's own zone. Minutes saved are the team's own baseline
for a ceremony, once for each document that was written; reading and approving it is not subtracted. It refuses nothing:
`steps/budget` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, tzinfo
from itertools import groupby
from math import ceil
from statistics import median
from typing import Any

from sqlalchemy import case, func, select

from facilitator.runs import ledger_tables, tables
from facilitator.runs.database import Database
from facilitator.runs.ports import CostLine, Latency
from facilitator.runs.run import RunState
from facilitator.runs.weeks import WEEK, fired_in, week_of

WARN_AT = 0.8
"""The part of a month's budget at which people are told."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What one session of one run used; cents are list price. `first_event` and `first_message` are seconds or None."""

    run: str
    team: str
    ceremony: str
    at: datetime
    written: bool
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    grader_tokens: int
    seconds: float
    cents: float
    writer_cents: float = 0.0
    grader_cents: float = 0.0
    first_event: float | None = None
    first_message: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What the sessions of a pair's runs fired in one week used, summed by the database; cents are list price.

    `runs` had a session that was paid for, `documents` of them were written.
    """

    week: datetime
    team: str
    ceremony: str
    runs: int
    documents: int
    list_cents: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    grader_tokens: int
    active_seconds: float


@dataclass(frozen=True, slots=True)
class Starts:
    """How soon the sessions of a pair's runs fired in one week spoke: seconds from asking to the first event."""

    week: datetime
    team: str
    ceremony: str
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """The sums of one team, ceremony and month; None where nothing can be said."""

    team: str
    ceremony: str
    month: str
    sessions: int
    documents: int
    cents: float
    writer_cents: float
    grader_cents: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    grader_tokens: int
    seconds: float
    cents_per_document: float | None
    minutes_saved: int | None
    cached_percent: float | None
    first_event: tuple[float, float] | None = field(default=None)
    """Seconds, p50 and p95."""
    first_message: tuple[float, float] | None = field(default=None)


class Money:
    """The cost ledger of one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spent(self, team: str, since: datetime) -> float:
        """Cents of all sessions of the team's runs fired since then."""
        runs, costs = tables.runs.c, tables.costs.c
        query = (
            select(func.coalesce(func.sum(costs.list_cents), 0.0))
            .join(tables.runs, runs.id == costs.run_id)
            .where(runs.team == team, runs.created_at >= since)
        )
        with self._database.connect().execution_options(reading=True) as connection:
            return float(connection.execute(query).scalar_one())

    def parts(self, run: str) -> tuple[CostLine, ...]:
        """What each part of the run's sessions cost, in order."""
        table = ledger_tables.cost_lines
        query = select(table).where(table.c.run_id == run).order_by(table.c.session_id, table.c.seq)
        names = [one.name for one in fields(CostLine)]
        with self._database.connect().execution_options(reading=True) as connection:
            return tuple(
                CostLine(*(getattr(row, name) for name in names)) for row in connection.execute(query)
            )

    def latency(self, run: str) -> Latency | None:
        """How soon the run's slowest session spoke, or None before the first one ended."""
        table = ledger_tables.latencies.c
        query = select(func.max(table.first_event), func.max(table.first_message), func.count()).where(
            table.run_id == run
        )
        with self._database.connect().execution_options(reading=True) as connection:
            first_event, first_message, known = connection.execute(query).one()
        return Latency(first_event, first_message) if known else None

    def by_week(self, teams: Collection[str], weeks: Sequence[datetime]) -> list[Spent]:
        """The sums of these teams' runs by the week they were fired in, by team and ceremony: what `spendings` lists."""
        costs, written = tables.costs.c, tables.runs.c.state == RunState.WRITTEN
        names = (week_of(weeks), tables.runs.c.team, tables.runs.c.ceremony)
        used = (
            costs.list_cents, costs.input_tokens, costs.output_tokens, costs.cache_read_tokens, costs.grader_tokens,
            costs.active_seconds,
        )  # fmt: skip
        query = (
            select(
                *names,
                func.count(tables.runs.c.id.distinct()),
                func.count(case((written, tables.runs.c.id)).distinct()),
                *map(func.sum, used),
            )
            .join(tables.costs, costs.run_id == tables.runs.c.id)
            .where(*fired_in(teams, weeks))
            .group_by(WEEK, *names[1:])
        )
        with self._database.connect().execution_options(reading=True) as connection:
            return [Spent(weeks[place], *row) for place, *row in map(tuple, connection.execute(query))]

    def starts(self, teams: Collection[str], weeks: Sequence[datetime]) -> list[Starts]:
        """How soon each of the sessions spoke, where that is known."""
        late, runs = ledger_tables.latencies, tables.runs.c
        query = (
            select(week_of(weeks), runs.team, runs.ceremony, late.c.first_event)
            .join(late, late.c.run_id == runs.id)
            .where(*fired_in(teams, weeks), late.c.first_event.is_not(None))
        )
        found: dict[tuple[int, str, str], list[float]] = defaultdict(list)
        with self._database.connect().execution_options(reading=True) as connection:
            for place, team, ceremony, seconds in connection.execute(query):
                found[place, team, ceremony].append(seconds)
        return [
            Starts(weeks[place], team, ceremony, tuple(seconds))
            for (place, team, ceremony), seconds in found.items()
        ]

    def spendings(self, *, since: datetime | None = None, team: str = "") -> tuple[Spending, ...]:
        """Every session that was paid for, oldest run first."""
        runs, costs, late = tables.runs.c, tables.costs.c, ledger_tables.latencies
        parts = {who: _part(who) for who in ("writer", "grader")}
        query = (
            select(
                runs.id, runs.team, runs.ceremony, runs.created_at, runs.state,
                costs.input_tokens, costs.output_tokens, costs.cache_read_tokens, costs.cache_write_tokens,
                costs.grader_tokens, costs.active_seconds, costs.list_cents,
                parts["writer"], parts["grader"], late.c.first_event, late.c.first_message,
            )
            .join(tables.costs, costs.run_id == runs.id)
            .outerjoin(late, (late.c.run_id == runs.id) & (late.c.session_id == costs.session_id))
            .order_by(runs.created_at, runs.id, costs.session_id)
        )  # fmt: skip
        query = query.where(runs.created_at >= since) if since else query
        query = query.where(runs.team == team) if team else query
        with self._database.connect().execution_options(reading=True) as connection:
            rows: list[tuple[Any, ...]] = [tuple(row) for row in connection.execute(query)]
        return tuple(_spending(row) for row in rows)


def _spending(row: tuple[Any, ...]) -> Spending:
    run, team, ceremony, at, state, *used = row
    return Spending(run, team, ceremony, at, state == RunState.WRITTEN, *used)


def _part(who: str) -> Any:
    """The cents of one side's lines of a session."""
    lines = ledger_tables.cost_lines.c
    return (
        select(func.coalesce(func.sum(lines.list_cents), 0.0))
        .where(
            lines.run_id == tables.costs.c.run_id,
            lines.session_id == tables.costs.c.session_id,
            lines.who == who,
        )
        .scalar_subquery()
    )


def month_of(at: datetime, zone: tzinfo) -> str:
    """The calendar month of an instant where the team lives, as 2026-06."""
    return f"{at.astimezone(zone):%Y-%m}"


def month_began(now: datetime, zone: tzinfo) -> datetime:
    """The first instant of the team's present month."""
    local = now.astimezone(zone)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def accounts(
    spendings: Iterable[Spending],
    zone: Callable[[str], tzinfo],
    baseline: Callable[[str, str], int | None],
) -> list[Account]:
    """Sums by team, ceremony and month; `baseline` gives the minutes a document took by hand, where somebody said so."""

    def key(one: Spending) -> tuple[str, str, str]:
        return one.team, one.ceremony, month_of(one.at, zone(one.team))

    ordered = sorted(spendings, key=key)
    return [_account(*name, list(group), baseline(name[0], name[1])) for name, group in groupby(ordered, key)]


def _account(
    team: str, ceremony: str, month: str, spent: Sequence[Spending], baseline: int | None
) -> Account:
    documents = len({one.run for one in spent if one.written})
    cents = sum(one.cents for one in spent)
    fresh, cached = sum(one.input_tokens for one in spent), sum(one.cache_read_tokens for one in spent)
    return Account(
        team=team,
        ceremony=ceremony,
        month=month,
        sessions=len(spent),
        documents=documents,
        cents=cents,
        writer_cents=sum(one.writer_cents for one in spent),
        grader_cents=sum(one.grader_cents for one in spent),
        input_tokens=fresh,
        output_tokens=sum(one.output_tokens for one in spent),
        cache_read_tokens=cached,
        cache_write_tokens=sum(one.cache_write_tokens for one in spent),
        grader_tokens=sum(one.grader_tokens for one in spent),
        seconds=sum(one.seconds for one in spent),
        cents_per_document=cents / documents if documents else None,
        minutes_saved=None if baseline is None else documents * baseline,
        cached_percent=100 * cached / (fresh + cached) if fresh + cached else None,
        first_event=percentiles([one.first_event for one in spent]),
        first_message=percentiles([one.first_message for one in spent]),
    )


def percentiles(values: Iterable[float | None]) -> tuple[float, float] | None:
    """The median and the 95th percentile (nearest rank) of what is known."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return median(known), known[ceil(0.95 * len(known)) - 1]
