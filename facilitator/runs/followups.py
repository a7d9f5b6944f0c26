"""What comes after a document: its predictions and their truth, and what people said of it.

Rows of one run log; what they mean is worked out by `board/prediction` and `service/learning`. A document is looked at for
predictions once, and asked about for two weeks.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, exists, func, insert, or_, select, update

from facilitator.board.prediction import Prediction, Scored
from facilitator.runs import ledger_tables, tables
from facilitator.runs.database import Database
from facilitator.runs.run import RunState
from facilitator.runs.weeks import fired_in

KINDS = ("wrong", "like", "dislike")


@dataclass(frozen=True, slots=True)
class Opinion:
    """One thing people said of a document: `kind` is wrong, like or dislike; `times` counts likes and dislikes."""

    run: str
    story: str
    kind: str
    who: str
    text: str
    times: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Truths:
    """What came of one ceremony's predictions, summed by the database: how many, how many true, and what makes a Brier score."""

    ceremony: str
    count: int
    true: int
    with_probability: int
    squares: float


@dataclass(frozen=True, slots=True)
class Echoes:
    """What readers said of one ceremony's documents: how many replies `wrong:`, likes and thumbs down."""

    ceremony: str
    wrong: int
    likes: int
    dislikes: int


@dataclass(frozen=True, slots=True)
class Complaint:
    """A reply `wrong: ...` to a document; its words are empty after their retention time."""

    run: str
    team: str
    ceremony: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A prediction that waits for its truth."""

    run: str
    seq: int
    team: str
    ceremony: str
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class Document:
    """A written document to ask about: where its comment stands."""

    run: str
    team: str
    task: str
    story: str


class Followups:
    """The follow-ups of one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unpredicted(self, limit: int) -> tuple[str, ...]:
        """Written runs whose document was not looked at for predictions yet, oldest first."""
        done = ledger_tables.followups.c
        runs = tables.runs.c
        looked = exists().where(done.run_id == runs.id, done.predicted_at.is_not(None))
        query = (
            select(runs.id)
            .where(runs.state == RunState.WRITTEN, ~looked)
            .order_by(runs.created_at)
            .limit(limit)
        )
        return tuple(row.id for row in self._all(query))

    def keep(self, run: str, predictions: Sequence[Prediction], *, now: datetime) -> None:
        """Write down what a document foretold; the second time nothing changes."""
        table = ledger_tables.predictions
        with self._database.begin() as connection:
            if not self._mark(connection, run, predicted_at=now):
                return
            for seq, one in enumerate(predictions, start=1):
                row = {"fact": one.fact, "said": one.said, "by": one.by, "expected": one.expected}
                tasks = json.dumps(one.tasks)
                connection.execute(
                    insert(table).values(run_id=run, seq=seq, probability=one.probability, tasks=tasks, **row)
                )

    def pending(self) -> tuple[Pending, ...]:
        """Predictions without a truth, oldest first."""
        table, runs = ledger_tables.predictions, tables.runs.c
        query = (
            select(table, runs.team, runs.ceremony)
            .join(tables.runs, runs.id == table.c.run_id)
            .where(table.c.scored_at.is_(None))
            .order_by(table.c.by, table.c.run_id, table.c.seq)
        )
        return tuple(
            Pending(row.run_id, row.seq, row.team, row.ceremony, _prediction(row)) for row in self._all(query)
        )

    def score(self, pending: Pending, happened: bool | None, *, now: datetime) -> None:
        """Write down the truth; None where it can never be known, because no task of it is left."""
        table = ledger_tables.predictions
        with self._database.begin() as connection:
            connection.execute(
                update(table)
                .where(table.c.run_id == pending.run, table.c.seq == pending.seq)
                .values(happened=happened, scored_at=now)
            )

    def scored(self, team: str = "") -> tuple[tuple[str, str, Scored], ...]:
        """Every prediction with its truth, as (team, ceremony, scored)."""
        table, runs = ledger_tables.predictions, tables.runs.c
        query = (
            select(table, runs.team, runs.ceremony)
            .join(tables.runs, runs.id == table.c.run_id)
            .where(table.c.happened.is_not(None), *([runs.team == team] if team else []))
            .order_by(table.c.by, table.c.run_id, table.c.seq)
        )
        return tuple(
            (row.team, row.ceremony, Scored(row.fact, row.said, row.expected, row.probability, row.happened))
            for row in self._all(query)
        )

    def last_scored(self) -> datetime | None:
        """When a prediction last met its truth."""
        at: datetime | None = self._all(select(func.max(ledger_tables.predictions.c.scored_at)))[0][0]
        return at

    def truths(self, teams: Collection[str], weeks: Sequence[datetime]) -> list[Truths]:
        """What `scored` lists, summed by ceremony over these teams' runs fired since the first of these weeks began."""
        table, ceremony = ledger_tables.predictions.c, tables.runs.c.ceremony
        came, known = case((table.happened, 1), else_=0), table.probability.is_not(None)
        off = (table.probability - came) * (table.probability - came)
        query = (
            select(
                ceremony,
                func.count(),
                func.sum(case((table.expected == table.happened, 1), else_=0)),
                func.sum(case((known, 1), else_=0)),
                func.coalesce(func.sum(case((known, off))), 0.0),
            )
            .join(ledger_tables.predictions, table.run_id == tables.runs.c.id)
            .where(*fired_in(teams, weeks), table.happened.is_not(None))
            .group_by(ceremony)
        )
        return [Truths(*row) for row in self._all(query)]

    def to_ask(self, *, written_since: datetime, asked_before: datetime, limit: int) -> tuple[Document, ...]:
        """Documents written since then that were not asked about lately, those never asked about first."""
        runs, asked = tables.runs.c, ledger_tables.followups
        query = (
            select(runs.id, runs.team, runs.task_gid, runs.story_gid)
            .outerjoin(asked, asked.c.run_id == runs.id)
            .where(
                runs.state == RunState.WRITTEN,
                runs.updated_at >= written_since,
                runs.story_gid.is_not(None),
                or_(asked.c.asked_at.is_(None), asked.c.asked_at < asked_before),
            )
            .order_by(asked.c.asked_at.is_not(None), asked.c.asked_at, runs.updated_at)
            .limit(limit)
        )
        return tuple(Document(row.id, row.team, row.task_gid, row.story_gid) for row in self._all(query))

    def stories_on(self, task: str) -> frozenset[str]:
        """The comments of every document on this task."""
        runs = tables.runs.c
        query = select(runs.story_gid).where(runs.task_gid == task, runs.story_gid.is_not(None))
        return frozenset(row.story_gid for row in self._all(query))

    def heard(self, run: str, opinions: Iterable[Opinion], *, now: datetime) -> None:
        """Keep what was said of the document as it is now; what was kept before is replaced."""
        table = ledger_tables.feedback
        with self._database.begin() as connection:
            self._mark(connection, run, asked_at=now)
            connection.execute(delete(table).where(table.c.run_id == run))
            for one in opinions:
                row = {
                    "story": one.story,
                    "kind": one.kind,
                    "who": one.who,
                    "text": one.text,
                    "times": one.times,
                }
                connection.execute(insert(table).values(run_id=run, at=one.at, **row))

    def opinions(self, team: str = "", *, since: datetime | None = None) -> tuple[Opinion, ...]:
        """What people said, newest first."""
        table, runs = ledger_tables.feedback, tables.runs.c
        query = (
            select(table)
            .join(tables.runs, runs.id == table.c.run_id)
            .order_by(table.c.at.desc(), table.c.story)
        )
        query = query.where(runs.team == team) if team else query
        query = query.where(table.c.at >= since) if since else query
        return tuple(
            Opinion(row.run_id, row.story, row.kind, row.who, row.text, row.times, row.at)
            for row in self._all(query)
        )

    def echoes(self, teams: Collection[str], *, since: datetime) -> list[Echoes]:
        """What readers of these teams' documents said since then, counted by ceremony."""
        table, runs = ledger_tables.feedback.c, tables.runs.c
        counts = [func.sum(case((table.kind == kind, table.times), else_=0)) for kind in KINDS]
        query = (
            select(runs.ceremony, *counts)
            .join(ledger_tables.feedback, table.run_id == runs.id)
            .where(table.at >= since, tables.among(teams))
            .group_by(runs.ceremony)
        )
        return [Echoes(*row) for row in self._all(query)]

    def complaints(self, teams: Collection[str], *, since: datetime, most: int) -> list[Complaint]:
        """The newest replies `wrong:` to these teams' documents, newest first."""
        table, runs = ledger_tables.feedback.c, tables.runs.c
        query = (
            select(runs.id, runs.team, runs.ceremony, table.at, table.text)
            .join(ledger_tables.feedback, table.run_id == runs.id)
            .where(table.at >= since, table.kind == "wrong", tables.among(teams))
            .order_by(table.at.desc())
            .limit(most)
        )
        return [Complaint(*row) for row in self._all(query)]

    def _mark(self, connection: Any, run: str, **changes: datetime) -> bool:
        """Note that a run was looked at; False where that was noted before."""
        table = ledger_tables.followups
        row = connection.execute(select(table).where(table.c.run_id == run)).first()
        if row is None:
            connection.execute(insert(table).values(run_id=run, **changes))
            return True
        known = all(getattr(row, name) is not None for name in changes)
        connection.execute(update(table).where(table.c.run_id == run).values(**changes))
        return not known

    def _all(self, query: Any) -> Sequence[Any]:
        with self._database.connect().execution_options(reading=True) as connection:
            rows: Sequence[Any] = connection.execute(query).all()
            return rows


def _prediction(row: Any) -> Prediction:
    return Prediction(row.fact, row.said, row.by, row.expected, row.probability, tuple(json.loads(row.tasks)))
