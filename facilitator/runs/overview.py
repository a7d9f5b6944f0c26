"""The run log seen from above: what the dashboard asks of many runs at once, by queries that an index answers.

Every method names the teams it may look at, so that a page cannot show another team's runs by forgetting to filter.
Reading only; nothing is decided here. Counts and sums are made by the database; what sessions cost is `money`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, TextualSelect, and_, case, func, select, text

from facilitator.runs import tables
from facilitator.runs.database import Database
from facilitator.runs.run import DecisionKind, Mode, ParcelKind, Run, RunId, RunState
from facilitator.runs.store import run_of
from facilitator.runs.tables import OPEN, among, stored_instant
from facilitator.runs.weeks import Stamp, Weeks, fired_in, week_of

Pair = tuple[str, str]
"""A team's slug and a ceremony's name."""

_PAIRS_AT_ONCE = 5_000
"""A statement of SQLite takes 32,766 values, one of PostgreSQL 65,535."""

_FEW = 30
"""Runs among which a kept snapshot is looked for: past its retention time none is kept, however far one looks."""

runs = tables.runs


@dataclass(frozen=True, slots=True)
class Tally:
    """How many runs of a pair stand in a state with a grader's result."""

    team: str
    ceremony: str
    state: str
    result: str
    count: int


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of one ceremony's runs of a week, and what the grader and the people said of them.

    `gradings` are those of all graded runs together; `edited` counts runs with a hand-edited draft.
    """

    week: datetime
    ceremony: str
    runs: int
    written: int
    failed: int
    expired: int
    satisfied: int
    not_satisfied: int
    gradings: int
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
            for row in self._each(pairs[first : first + _PAIRS_AT_ONCE], few=1):
                found[(row.team, row.ceremony)] = run_of(row)
        return found

    def newest_with_snapshot(self, team: str, ceremonies: Collection[str]) -> Run | None:
        """The run with the newest window whose snapshot is still kept, among the last few of each ceremony."""
        ids = [row.id for row in self._each([(team, name) for name in ceremonies], few=_FEW)]
        query = (
            select(runs)
            .join(tables.snapshots, tables.snapshots.c.run_id == runs.c.id)
            .where(runs.c.id.in_(ids))
            .order_by(runs.c.window_end.desc())
        )
        row = next(iter(self._all(query.limit(1))), None)
        return None if row is None else run_of(row)

    def unfinished(self, teams: Collection[str]) -> tuple[Run, ...]:
        """Runs of these teams that have not ended, oldest first."""
        query = select(runs).where(OPEN, among(teams)).order_by(runs.c.created_at)
        return tuple(run_of(row) for row in self._all(query))

    def waiting(self, teams: Collection[str]) -> int:
        """How many drafts of these teams wait for a person."""
        waits = and_(runs.c.state == RunState.JUDGED, runs.c.mode == Mode.APPROVE)
        # Counted over what has not ended, a handful, whatever index a planner would rather take for a state.
        query = select(_count(waits)).where(OPEN, among(teams))
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
        pairs = [(team, ceremony) for team in teams for ceremony in ceremonies]
        found: list[Run] = []
        for first in range(0, len(pairs), _PAIRS_AT_ONCE):
            chunk = pairs[first : first + _PAIRS_AT_ONCE]
            found += map(run_of, self._each(chunk, few=limit, state=state, before=before, limit=limit))
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

    def tallies(self, teams: Collection[str]) -> list[Tally]:
        """Counts by team, ceremony, state and the grader's result, of all runs there ever were."""
        names = (runs.c.team, runs.c.ceremony, runs.c.state, runs.c.result)
        query = select(*names, func.count()).where(runs.c.team.in_(teams)).group_by(*names)
        return [
            Tally(team, name, state, result or "", n) for team, name, state, result, n in self._all(query)
        ]

    def stamps(self, teams: Collection[str], weeks: Sequence[datetime]) -> dict[datetime, Stamp]:
        """See `Weeks.stamps`."""
        return Weeks(self._database).stamps(teams, weeks)

    def judgements(self, teams: Collection[str], weeks: Sequence[datetime]) -> list[Verdicts]:
        """Grader against people, by week and ceremony: the calibration table's cells."""
        graded = select(func.count()).where(tables.verdicts.c.run_id == runs.c.id).scalar_subquery()
        chosen = (
            select(
                week_of(weeks),
                runs.c.ceremony,
                runs.c.state,
                runs.c.result,
                _said().label("said"),
                _edits().label("edits"),
                graded.label("gradings"),
            )
            .where(*fired_in(teams, weeks))
            .subquery()
        )
        happy, sad = chosen.c.result == "satisfied", chosen.c.result != "satisfied"
        yes = chosen.c.said == DecisionKind.APPROVED
        no = chosen.c.said.in_((DecisionKind.REJECTED, DecisionKind.REVISE))
        judged = chosen.c.result.is_not(None)
        query = select(
            chosen.c.week,
            chosen.c.ceremony,
            func.count(),
            *(
                _count(chosen.c.state == state)
                for state in (RunState.WRITTEN, RunState.FAILED, RunState.EXPIRED)
            ),
            _count(happy),
            _count(sad),
            func.coalesce(func.sum(case((judged, chosen.c.gradings), else_=0)), 0),
            _count(and_(judged, yes)),
            _count(and_(judged, no)),
            _count(and_(judged, chosen.c.edits > 0)),
            _count(and_(happy, no)),
            _count(and_(sad, yes)),
        ).group_by(chosen.c.week, chosen.c.ceremony)
        return [Verdicts(weeks[row[0]], row[1], *map(int, row[2:])) for row in self._all(query)]

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

    def quiet(self, ids: Collection[str]) -> set[str]:
        """Those of these runs whose facts ask for the one line of a window in which nothing happened."""
        facts = tables.facts.c
        # In the words of `Facts.to_json`; a text inside it cannot say the same, for its quotes stand behind a backslash.
        query = select(facts.run_id).where(facts.run_id.in_(ids), facts.body.contains('"quiet": true'))
        return {row.run_id for row in self._all(query)}

    def comments(self, ids: Collection[str]) -> dict[str, str]:
        """The comments of these runs as they were approved; those whose words were purged are missing."""
        outbox = tables.outbox.c
        query = select(outbox.run_id, outbox.body).where(
            outbox.run_id.in_(ids), outbox.kind == ParcelKind.COMMENT, outbox.body != ""
        )
        return {row.run_id: row.body for row in self._all(query)}

    def last_places(self, ids: Collection[str]) -> Mapping[str, int]:
        """The place of the newest session event of each run; -1 is left out."""
        if not ids:
            return {}
        events = tables.events.c
        query = (
            select(events.run_id, func.max(events.seq)).where(events.run_id.in_(ids)).group_by(events.run_id)
        )
        return {row[0]: row[1] for row in self._all(query)}

    def _each(
        self,
        pairs: Sequence[Pair],
        *,
        few: int,
        state: str | None = None,
        before: datetime | None = None,
        limit: int | None = None,
    ) -> Sequence[Any]:
        """Rows of the newest `few` runs of each pair, at most `limit` together, newest window first."""
        if not pairs:
            return ()
        words: dict[str, Any] = {"few": few, "most": limit or few * len(pairs), "state": state}
        words["before"] = stored_instant(before) if before else None
        for place, (team, ceremony) in enumerate(pairs):
            words[f"t{place}"], words[f"c{place}"] = team, ceremony
        query = _newest_of_each(len(pairs), in_state=state is not None, dated=before is not None)
        return self._all(query, {name: value for name, value in words.items() if value is not None})

    def _all(self, query: Any, words: Mapping[str, Any] | None = None) -> Sequence[Any]:
        with self._database.connect().execution_options(reading=True) as connection:
            return connection.execute(query, words).all()


@lru_cache(maxsize=32)
def _newest_of_each(count: int, *, in_state: bool, dated: bool) -> TextualSelect:
    """The question for so many pairs, built once: a look into an index for each pair, whatever the run log's size.

    As text, because two thousand expressions for a thousand pairs would cost more to build than the answer to find.
    """
    columns = ", ".join(f'runs."{column.name}"' for column in runs.columns)
    values = ", ".join(f"(:t{place}, :c{place})" for place in range(count))
    more = (" AND r.state = :state" if in_state else "") + (" AND r.window_end < :before" if dated else "")
    query = (
        f"WITH p (team, ceremony) AS (VALUES {values}) SELECT {columns} FROM p JOIN runs ON runs.id IN ("  # noqa: S608 - our own words
        f"SELECT r.id FROM runs AS r WHERE r.team = p.team AND r.ceremony = p.ceremony{more} "
        "ORDER BY r.window_end DESC LIMIT :few) ORDER BY runs.window_end DESC, runs.id DESC LIMIT :most"
    )
    return text(query).columns(*runs.columns)


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
