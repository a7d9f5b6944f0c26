"""The run log seen from above: what the dashboard asks of many runs at once, by queries that an index answers.

Every method names the teams it may look at, so that a page cannot show another team's runs by forgetting to filter.
Reading only; nothing is decided here. Counts and sums are made by the database.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, union_all

from facilitator.runs import tables
from facilitator.runs.database import Database
from facilitator.runs.ledger_tables import latencies
from facilitator.runs.run import ENDS, DecisionKind, Mode, Run, RunId, RunState
from facilitator.runs.store import run_of

Pair = tuple[str, str]
"""A team's slug and a ceremony's name."""

_OPEN = tuple(sorted(set(RunState) - ENDS))
_PAIRS_AT_ONCE = 400
"""SQLite takes no more than 500 parts of a compound query."""

_FEW = 30
"""Runs among which a kept snapshot is looked for: past its retention time none is kept, however far one looks."""

runs = tables.runs


@dataclass(frozen=True, slots=True)
class Tally:
    """How many runs of a pair stand in a state with a grader's result, since some instant."""

    team: str
    ceremony: str
    state: str
    result: str
    count: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What runs cost at list price, and the tokens behind it; `day` is the UTC date their windows ended on."""

    team: str
    ceremony: str
    day: str
    runs: int
    list_cents: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    grader_tokens: int
    active_seconds: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the grader and the people said of one ceremony's runs; `edited` counts runs with a hand-edited draft."""

    ceremony: str
    satisfied: int
    not_satisfied: int
    gradings: float
    approved: int
    rejected: int
    edited: int
    satisfied_rejected: int
    unsatisfied_approved: int


class Overview:
    """Questions about many runs of one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, pairs: Sequence[Pair]) -> dict[Pair, Run]:
        """The run with the newest window of each pair; pairs that never ran are missing."""
        found: dict[Pair, Run] = {}
        for first in range(0, len(pairs), _PAIRS_AT_ONCE):
            parts = [select(_newest_of(pair).subquery()) for pair in pairs[first : first + _PAIRS_AT_ONCE]]
            query = select(runs).where(runs.c.id.in_(union_all(*parts)))
            for row in self._all(query):
                found[(row.team, row.ceremony)] = run_of(row)
        return found

    def newest_with_snapshot(self, team: str, ceremonies: Collection[str]) -> Run | None:
        """The run with the newest window whose snapshot is still kept, among the last few of each ceremony."""
        parts = [select(_newest_of((team, name), limit=_FEW).subquery()) for name in ceremonies]
        if not parts:
            return None
        query = (
            select(runs)
            .join(tables.snapshots, tables.snapshots.c.run_id == runs.c.id)
            .where(runs.c.id.in_(union_all(*parts)))
            .order_by(runs.c.window_end.desc())
        )
        row = next(iter(self._all(query.limit(1))), None)
        return None if row is None else run_of(row)

    def unfinished(self, teams: Collection[str]) -> tuple[Run, ...]:
        """Runs of these teams that have not ended, oldest first."""
        query = select(runs).where(runs.c.state.in_(_OPEN), runs.c.team.in_(teams))
        return tuple(run_of(row) for row in self._all(query.order_by(runs.c.created_at)))

    def waiting(self, teams: Collection[str]) -> int:
        """How many drafts of these teams wait for a person."""
        query = select(func.count()).where(
            runs.c.state == RunState.JUDGED, runs.c.mode == Mode.APPROVE, runs.c.team.in_(teams)
        )
        return int(self._all(query)[0][0])

    def listed(
        self,
        teams: Collection[str],
        *,
        ceremonies: Collection[str],
        state: str | None = None,
        before: datetime | None = None,
        limit: int = 50,
    ) -> tuple[Run, ...]:
        """Runs of these teams by window, newest first, older than `before` where that is given."""
        parts = []
        for team in teams:
            for ceremony in ceremonies:
                query = select(runs.c.id).where(runs.c.team == team, runs.c.ceremony == ceremony)
                query = query.where(runs.c.window_end < before) if before else query
                query = query.where(runs.c.state == state) if state else query
                parts.append(select(query.order_by(runs.c.window_end.desc()).limit(limit).subquery()))
        if not parts:
            return ()
        found: list[Run] = []
        for first in range(0, len(parts), _PAIRS_AT_ONCE):
            chunk = union_all(*parts[first : first + _PAIRS_AT_ONCE])
            ordered = (
                select(runs)
                .where(runs.c.id.in_(chunk))
                .order_by(runs.c.window_end.desc(), runs.c.id)
                .limit(limit)
            )
            found += [run_of(row) for row in self._all(ordered)]
        return tuple(sorted(found, key=lambda run: (run.window.end, run.id), reverse=True)[:limit])

    def written_before(self, run: Run) -> Run | None:
        """The pair's newest written run whose window ended before this run's did."""
        query = (
            select(runs)
            .where(
                runs.c.team == run.team,
                runs.c.ceremony == run.ceremony,
                runs.c.window_end < run.window.end,
                runs.c.state == RunState.WRITTEN,
            )
            .order_by(runs.c.window_end.desc())
            .limit(1)
        )
        row = next(iter(self._all(query)), None)
        return None if row is None else run_of(row)

    def tallies(self, teams: Collection[str], ceremonies: Collection[str], since: datetime) -> list[Tally]:
        """Counts by team, ceremony, state and the grader's result, of windows that ended since then."""
        query = (
            select(runs.c.team, runs.c.ceremony, runs.c.state, runs.c.result, func.count())
            .where(*_within(teams, ceremonies, since))
            .group_by(runs.c.team, runs.c.ceremony, runs.c.state, runs.c.result)
        )
        return [
            Tally(team, name, state, result or "", n) for team, name, state, result, n in self._all(query)
        ]

    def spent(
        self, teams: Collection[str], ceremonies: Collection[str], since: datetime, *, by_day: bool = False
    ) -> list[Spent]:
        """Costs of windows that ended since then: of each day, or of each team and ceremony; the other names are empty."""
        none, day = literal(""), func.substr(runs.c.window_end, 1, 10)
        names = (none, none, day) if by_day else (runs.c.team, runs.c.ceremony, none)
        costs = tables.costs.c
        columns = (
            costs.list_cents,
            costs.input_tokens,
            costs.output_tokens,
            costs.cache_read_tokens,
            costs.grader_tokens,
            costs.active_seconds,
        )
        query = (
            select(*names, func.count(runs.c.id.distinct()), *(func.sum(column) for column in columns))
            .join(tables.costs, costs.run_id == runs.c.id)
            .where(*_within(teams, ceremonies, since))
            .group_by(*([day] if by_day else names[:2]))
        )
        return [Spent(*row) for row in self._all(query)]

    def first_events(
        self, teams: Collection[str], ceremonies: Collection[str], since: datetime
    ) -> dict[Pair, list[float]]:
        """Seconds from asking for a session to its first event, of windows that ended since then."""
        seconds = latencies.c.first_event
        query = (
            select(runs.c.team, runs.c.ceremony, seconds)
            .join(latencies, latencies.c.run_id == runs.c.id)
            .where(*_within(teams, ceremonies, since), seconds.is_not(None))
        )
        found: dict[Pair, list[float]] = {}
        for team, ceremony, value in self._all(query):
            found.setdefault((team, ceremony), []).append(float(value))
        return found

    def judgements(
        self, teams: Collection[str], ceremonies: Collection[str], since: datetime
    ) -> list[Verdicts]:
        """Grader against people, by ceremony: the calibration table's cells."""
        wanted = _within(teams, ceremonies, since)
        chosen = (
            select(runs.c.id, runs.c.ceremony, runs.c.result, _said().label("said"), _edits().label("edits"))
            .where(*wanted, runs.c.result.is_not(None))
            .subquery()
        )
        graded = select(func.count()).where(tables.verdicts.c.run_id == chosen.c.id).scalar_subquery()
        happy, yes = chosen.c.result == "satisfied", chosen.c.said == DecisionKind.APPROVED
        no = chosen.c.said.in_((DecisionKind.REJECTED, DecisionKind.REVISE))
        query = select(
            chosen.c.ceremony,
            _count(happy),
            _count(~happy),
            func.coalesce(func.avg(graded), 0),
            _count(yes),
            _count(no),
            _count(chosen.c.edits > 0),
            _count(and_(happy, no)),
            _count(and_(~happy, yes)),
        ).group_by(chosen.c.ceremony)
        return [Verdicts(*row) for row in self._all(query)]

    def last_decided(
        self, team: str, ceremony: str, *, limit: int
    ) -> list[tuple[RunId, DecisionKind, str, bool]]:
        """The pair's newest decisions as (run, what, by whom, edited before), newest first."""
        decisions = tables.decisions.c
        query = (
            select(runs.c.id, decisions.kind, decisions.by, _edits().label("edits"))
            .join(tables.decisions, decisions.run_id == runs.c.id)
            .where(runs.c.team == team, runs.c.ceremony == ceremony)
            .order_by(runs.c.window_end.desc(), decisions.seq.desc())
            .limit(limit)
        )
        return [(RunId(row.id), DecisionKind(row.kind), row.by, bool(row.edits)) for row in self._all(query)]

    def last_places(self, ids: Collection[str]) -> Mapping[str, int]:
        """The place of the newest session event of each run; -1 is left out."""
        if not ids:
            return {}
        events = tables.events.c
        query = (
            select(events.run_id, func.max(events.seq)).where(events.run_id.in_(ids)).group_by(events.run_id)
        )
        return {row[0]: row[1] for row in self._all(query)}

    def _all(self, query: Any) -> Sequence[Any]:
        with self._database.connect().execution_options(reading=True) as connection:
            return connection.execute(query).all()


def _newest_of(pair: Pair, *, limit: int = 1) -> Select[Any]:
    return (
        select(runs.c.id)
        .where(runs.c.team == pair[0], runs.c.ceremony == pair[1])
        .order_by(runs.c.window_end.desc())
        .limit(limit)
    )


def _within(
    teams: Collection[str], ceremonies: Collection[str], since: datetime
) -> tuple[ColumnElement[bool], ...]:
    """Both names and the bound: the three columns of the index `runs_by_team`."""
    return runs.c.team.in_(teams), runs.c.ceremony.in_(ceremonies), runs.c.window_end >= since


def _said() -> Any:
    """The kind of the newest decision by a person on the run; none where a mode decided."""
    decisions = tables.decisions.c
    return (
        select(decisions.kind)
        .where(decisions.run_id == runs.c.id, decisions.channel.not_in(tuple(Mode)))
        .order_by(decisions.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


def _edits() -> Any:
    drafts = tables.drafts.c
    return select(func.count()).where(drafts.run_id == runs.c.id, drafts.origin == "edit").scalar_subquery()


def _count(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
