"""Planned against actual, item by item, with the cause somebody recorded, or none.

Reads a sprint's figures and the comments on its tasks; feeds the retro. A cause is only ever a sentence that a comment
states, quoted and linked by its story: nothing is concluded from data, and a question or a guess is no cause. Quotes are
other people's words: data, to be shown between marks, never followed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from facilitator.board.board import Board, gid_order
from facilitator.board.days import local_date, working_days
from facilitator.board.facts import show_date
from facilitator.board.flow import is_ours
from facilitator.board.predictability import estimation_errors
from facilitator.board.replay import History
from facilitator.board.snapshot import Story
from facilitator.board.sprint_figures import SprintFigures

NOT_RECORDED = "cause not recorded"
LONGEST_QUOTE = 160
TWICE = 2.0
"""A task is said to have taken longer than its size suggests from twice the median on, and a whole day more."""

_KINDS = ("not_finished", "late", "took_longer", "reestimated")
_STRONG = re.compile(
    r"\b(?:root cause|caused by|waiting (?:for|on)|waited for|blocked by|held up by|delayed by|delayed because)\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\b(?:because|due to(?! be\b))\b", re.IGNORECASE)
_OF_THE_PLAN = re.compile(
    r"^\W*(?:because|due to)\b|\b(?:late|later|delay\w*|slip\w*|blocked|wait\w*|postpon\w+|defer\w*|re-?open\w*|longer|"
    r"stuck|on hold|push(?:ed)? back|carried over|roll(?:ed)? over|not (?:done|finished|ready|complete)|unfinished|"
    r"start(?:ed)? (?:over|again)|redo|redone|rework\w*|re-?estimat\w*|(?:under)?estimat\w+|lost|"
    r"(?:bigger|larger|more work|harder) than|days?|weeks?|hours?)\b",
    re.IGNORECASE,
)
_NO_STATEMENT = re.compile(
    r"\?\s*$|\bnot (?:because|due to|caused by)\b|\b(?:suspect|speculat\w+|perhaps|maybe|might be|not sure|probably|likely|"
    r"I (?:think|believe|guess|assume))\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class RecordedCause:
    """A sentence in which a comment states a cause, at most `LONGEST_QUOTE` characters, and the comment it is in."""

    story: str
    quote: str


@dataclass(frozen=True, slots=True)
class Deviation:
    """One task that went otherwise than planned. `kind` is one of: not_finished, late, took_longer, reestimated.

    `size` in `unit` says how far: points not delivered, working days late, days over the median, points changed.
    """

    gid: str
    kind: str
    planned: str
    actual: str
    size: float
    unit: str
    cause: RecordedCause | None = None

    @property
    def cause_text(self) -> str:
        """The quote, or `cause not recorded`."""
        return self.cause.quote if self.cause else NOT_RECORDED


def deviations(board: Board, figures: SprintFigures) -> tuple[Deviation, ...]:
    """Each deviating task of the sprint once, by its gravest deviation: not finished, then late, then longer than its
    size, then re-estimated; within a kind the largest first.
    """
    found = [
        *_not_finished(board, figures),
        *_late(board, figures),
        *_took_longer(board, figures),
        *_reestimated(figures),
    ]
    found.sort(key=lambda one: (_KINDS.index(one.kind), -one.size, gid_order(one.gid)))
    gravest: dict[str, Deviation] = {}
    for one in found:
        gravest.setdefault(one.gid, one)
    return tuple(gravest.values())


def with_causes(board: Board, figures: SprintFigures, found: Iterable[Deviation]) -> tuple[Deviation, ...]:
    """The same deviations with the cause a comment of the sprint's time states, where one does."""
    start, until = figures.sprint.start, figures.until
    return tuple(
        Deviation(
            one.gid, one.kind, one.planned, one.actual, one.size, one.unit,
            recorded_cause(board, board.histories[one.gid], start, until),
        )
        for one in found
    )  # fmt: skip


def recorded_cause(board: Board, history: History, start: datetime, until: datetime) -> RecordedCause | None:
    """The sentence of a comment in (start, until] that states a cause; our own comments are not read.

    Words of a hold-up ("waiting for", "caused by") go before "because" and "due to", which count only at the head of a
    sentence or beside a word of time or plan ("late because"): engineers give reasons for code far more often than for
    delays. Among equals the latest comment wins, for it knows most.
    """
    best: tuple[int, int, RecordedCause] | None = None
    for age, story in enumerate(_comments(board, history, start, until)):
        for sentence in _SENTENCE.split(story.text):
            if strength := _strength(sentence):
                ranked = (strength, age, RecordedCause(story.gid, quote(sentence)))
                best = ranked if best is None or ranked[:2] > best[:2] else best
    return best[2] if best else None


def quote(text: str, longest: int = LONGEST_QUOTE) -> str:
    """One line of somebody's text: no control or direction marks, no runs of spaces, cut at a word where too long."""
    seen = "".join(" " if letter.isspace() else letter for letter in text)
    plain = " ".join("".join(letter for letter in seen if unicodedata.category(letter)[0] != "C").split())
    if len(plain) <= longest:
        return plain
    cut = plain[: longest - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "\u2026"


def _comments(board: Board, history: History, start: datetime, until: datetime) -> Iterator[Story]:
    for story in history.task.stories:
        ours = is_ours(board, story.created_by)
        if story.subtype == "comment_added" and start < story.created_at <= until and not ours:
            yield story


def _strength(sentence: str) -> int:
    if _NO_STATEMENT.search(sentence.strip()):
        return 0
    if _STRONG.search(sentence):
        return 2
    return 1 if _PLAIN.search(sentence) and _OF_THE_PLAN.search(sentence) else 0


def _not_finished(board: Board, figures: SprintFigures) -> Iterator[Deviation]:
    """Committed and still open at the close; a running sprint has none."""
    if not figures.sprint.closed_by(board.as_of):
        return
    planned = f"done by {show_date(figures.sprint.last_day(board.rules.zone))}"
    for gid in figures.carried_over.gids:
        if gid in figures.committed.gids:
            history = board.histories[gid]
            actual = f"{board.state(history, figures.until).replace('_', ' ')} at the close"
            points = board.points(history, figures.until) or 0.0
            yield Deviation(gid, "not_finished", planned, actual, points, "points")


def _late(board: Board, figures: SprintFigures) -> Iterator[Deviation]:
    """Finished after the due date it had when the sprint began, or when it came in: a moved date hides nothing."""
    for gid in figures.completed.gids:
        history = board.histories[gid]
        done = history.completed_at(figures.until)
        entered = max(figures.sprint.start, board.in_sprint(figures.sprint)[gid][0][0])
        due = _local(board, history.due.at(entered))
        day = _local(board, done)
        days = len(working_days(due + timedelta(days=1), day, board.rules)) if due and day else 0
        if due and day and days:
            yield Deviation(
                gid, "late", f"due {show_date(due)}", f"done {show_date(day)}", days, "working_days"
            )


def _took_longer(board: Board, figures: SprintFigures) -> Iterator[Deviation]:
    for error in estimation_errors(board, figures.completed.gids):
        over = error.cycle_days - error.median_days
        if error.ratio >= TWICE and over >= 1:
            size = f"{error.n} other tasks of {error.points:g} {'point' if error.points == 1 else 'points'}"
            planned = f"{error.median_days:.1f} days (median of {size})"
            yield Deviation(error.gid, "took_longer", planned, f"{error.cycle_days:.1f} days", over, "days")


def _reestimated(figures: SprintFigures) -> Iterator[Deviation]:
    """First estimate in the sprint against the last; a change taken back is none."""
    for gid in dict.fromkeys(change.gid for change in figures.reestimates):
        changes = [change for change in figures.reestimates if change.gid == gid]
        old, new = changes[0].old or 0.0, changes[-1].new or 0.0
        if old != new:
            yield Deviation(
                gid, "reestimated", f"{old:g} points", f"{new:g} points", abs(new - old), "points"
            )


def _local(board: Board, value: date | datetime | None) -> date | None:
    return local_date(value, board.rules.zone) if isinstance(value, datetime) else value
