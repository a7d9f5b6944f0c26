"""Earned autonomy: after enough approvals in a row a ceremony is written without asking, until one draft shows that it must not.

Only for a ceremony in mode approve whose configuration says `auto_after`. `weigh` decides, from what people decided since the
mode last changed; `Autonomy` reads that from the run log and records each change, in a table and in the audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select
from sqlalchemy.exc import IntegrityError

from facilitator.drafts.draft import Draft
from facilitator.drafts.editing import words_of
from facilitator.runs import tables
from facilitator.runs.assignment import Assignment
from facilitator.runs.database import Database
from facilitator.runs.run import FIGURES, DecisionKind, Mode, RunState
from facilitator.runs.trail import Trail

USUAL_REVIEWS = 5
"""How many reviewed documents make mode auto a sound choice where nobody said another number."""

MOST_RUNS = 500
"""How far back approvals are counted: two years of stand-ups."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Finding(StrEnum):
    """What one run says about how far its ceremony can be trusted."""

    APPROVED = "approved"
    """A person said yes to it. `edited` tells how much of its words they changed first."""
    REJECTED = "rejected"
    REVISED = "revised"
    FAULTY = "faulty"
    """Code or the grader found fault with what the writer left."""
    SILENT = "silent"
    """Nothing is known: nobody decided, code decided, or it never came to a draft of a writer's."""


@dataclass(frozen=True, slots=True)
class Review:
    """One run, as far as trust goes. `edited` is the changed part of its words, 0 to 1."""

    run: str
    finding: Finding
    edited: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """The mode that a ceremony has earned, how many approvals in a row it has since the last change, and why."""

    mode: Mode
    streak: int
    why: str


def weigh(current: Mode, reviews: Sequence[Review], *, after: int, edits: float) -> Standing:
    """What the reviews since the last change of mode, oldest first, make of the present one.

    `after` approvals in a row with at most `edits` of their words changed earn auto; in auto one rejection or fault loses it.
    """
    streak, last = 0, ""
    for review in reviews:
        problem = _problem(review, edits)
        if problem and current is Mode.AUTO:
            return Standing(Mode.APPROVE, 0, f"{review.run} {problem}")
        if problem:
            streak, last = 0, f"{review.run} {problem}; "
        elif review.finding is Finding.APPROVED:
            streak += 1
    if current is Mode.AUTO:
        return Standing(Mode.AUTO, streak, "earned, and nothing spoke against it since")
    if streak >= after:
        return Standing(Mode.AUTO, streak, f"{streak} approvals in a row")
    return Standing(Mode.APPROVE, streak, f"{last}{streak} of {after} approvals in a row")


def _problem(review: Review, edits: float) -> str:
    if review.finding is Finding.APPROVED:
        return f"was changed by {review.edited:.0%} before its yes" if review.edited > edits else ""
    return "" if review.finding is Finding.SILENT else f"was {review.finding}"


def edited_share(before: Draft, after: Draft) -> float:
    """How much of a draft's words were changed, 0 (none) to 1 (all)."""
    return (
        1.0 - SequenceMatcher(None, words_of(before).split(), words_of(after).split(), autojunk=False).ratio()
    )


class Autonomy:
    """What the ceremonies of one run log have earned."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standing(self, assignment: Assignment) -> Standing:
        """What the ceremony has earned by now; nothing is recorded. The configured mode where autonomy is not asked for."""
        if not _asked_for(assignment):
            return Standing(assignment.mode, 0, "as configured")
        with self._database.connect().execution_options(reading=True) as connection:
            return _weighed(connection, assignment)[0]

    def mode(self, assignment: Assignment, *, now: datetime) -> Mode:
        """The mode of a run fired now. A change is recorded; of two who find it at once one records it."""
        if not _asked_for(assignment):
            return assignment.mode
        try:
            with self._database.begin() as connection:
                return earned(connection, assignment, now=now)
        except IntegrityError:
            return self.standing(assignment).mode

    def reviewed(self, team: str, ceremony: str) -> int:
        """How many documents of the ceremony a person decided on, yes or no, over all time."""
        runs, made = tables.runs, tables.decisions
        query = (
            select(made.c.run_id)
            .join(runs)
            .where(runs.c.team == team, runs.c.ceremony == ceremony, made.c.channel.not_in(list(Mode)))
            .distinct()
        )
        with self._database.connect().execution_options(reading=True) as connection:
            return len(connection.execute(query).all())


def earned(connection: Connection, assignment: Assignment, *, now: datetime) -> Mode:
    """`Autonomy.mode` within a transaction of the caller's."""
    if not _asked_for(assignment):
        return assignment.mode
    standing, current, seq = _weighed(connection, assignment)
    if standing.mode is not current:
        _record(connection, assignment, standing, seq + 1, now)
    return standing.mode


def _asked_for(assignment: Assignment) -> bool:
    return assignment.mode is Mode.APPROVE and assignment.auto_after is not None


def _weighed(connection: Connection, assignment: Assignment) -> tuple[Standing, Mode, int]:
    """The standing, the mode recorded last, and that record's number (0 before the first)."""
    table = tables.autonomy
    last = connection.execute(
        select(table)
        .where(table.c.team == assignment.team, table.c.ceremony == assignment.ceremony.name)
        .order_by(table.c.seq.desc())
        .limit(1)
    ).first()
    current, since, seq = (Mode(last.mode), last.at, last.seq) if last else (Mode.APPROVE, BEGINNING, 0)
    reviews = tuple(_reviews(connection, assignment, since))
    after, edits = assignment.auto_after or USUAL_REVIEWS, assignment.auto_edit_threshold
    return weigh(current, reviews, after=after, edits=edits), current, seq


def _record(
    connection: Connection, assignment: Assignment, standing: Standing, seq: int, now: datetime
) -> None:
    named = {"team": assignment.team, "ceremony": assignment.ceremony.name}
    connection.execute(
        insert(tables.autonomy).values(**named, seq=seq, at=now, mode=standing.mode, why=standing.why)
    )
    trail = Trail(connection, now, "pipeline")
    trail.add(
        "autonomy",
        target=f"{assignment.team}/{assignment.ceremony.name}",
        mode=standing.mode.value,
        why=standing.why,
    )
    trail.seal()


def _reviews(connection: Connection, assignment: Assignment, since: datetime) -> Iterator[Review]:
    runs = tables.runs
    query = (
        select(runs.c.id, runs.c.state, runs.c.result, runs.c.draft_digest, runs.c.draft_source)
        .where(
            runs.c.team == assignment.team,
            runs.c.ceremony == assignment.ceremony.name,
            # What was fired before the mode changed counts too where it was decided afterwards.
            or_(runs.c.created_at >= since, runs.c.updated_at > since),
            runs.c.mode.in_([Mode.APPROVE, Mode.AUTO]),
        )
        .order_by(runs.c.created_at.desc())
        .limit(MOST_RUNS)
    )
    for run in reversed(connection.execute(query).all()):
        drafts = connection.execute(
            select(tables.drafts).where(tables.drafts.c.run_id == run.id).order_by(tables.drafts.c.at)
        ).all()
        made = connection.execute(
            select(tables.decisions)
            .where(tables.decisions.c.run_id == run.id)
            .order_by(tables.decisions.c.seq)
        ).all()
        yield _review(run, drafts, made)


def _review(run: Row[Any], drafts: Sequence[Row[Any]], made: Sequence[Row[Any]]) -> Review:
    kinds = {one.kind for one in made}
    written = [one for one in drafts if one.origin == "agent"]
    if DecisionKind.REJECTED in kinds:
        return Review(run.id, Finding.REJECTED)
    if DecisionKind.REVISE in kinds:
        return Review(run.id, Finding.REVISED)
    if run.draft_source == FIGURES or not written:
        return Review(run.id, Finding.SILENT)
    if written[-1].faults != "[]" or run.result != "satisfied":
        return Review(run.id, Finding.FAULTY)
    if run.state not in (RunState.APPROVED, RunState.WRITTEN) or made[-1].channel in list(Mode):
        return Review(run.id, Finding.SILENT)
    approved = next((one for one in drafts if one.digest == made[-1].draft_digest), written[-1])
    before, after = (Draft.model_validate_json(one.body) for one in (written[-1], approved))
    return Review(run.id, Finding.APPROVED, edited_share(before, after))
