"""Collecting Facts step by step, for ceremonies whose figures are told by several functions.

A `Collector` is a `FactsBuilder` whose scope is named at the end instead of the beginning, and which tells the age of
every listed task in progress. Bounds, counts of what was cut, and coverage are the builder's: there is one rule for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from facilitator.board.board import Board
from facilitator.board.building import LIST_CAP, FactsBuilder, counted
from facilitator.board.facts import Document, Facts
from facilitator.board.flow import age_days
from facilitator.board.sprints import undated


class Scope(NamedTuple):
    """What one document is about: its ceremony, its team, and the window [start, end) in UTC."""

    ceremony: str
    team: str
    start: datetime
    end: datetime


class Collector:
    """Facts under construction for one board."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._builder = FactsBuilder(board, ceremony="", team="", start=board.as_of, end=board.as_of)

    def figure(
        self,
        id: str,  # noqa: A002 - the word Facts use
        value: float | str | None,
        unit: str,
        label: str,
        rule: str,
        *,
        of: float | None = None,
        tasks: Sequence[str] = (),
    ) -> None:
        """Add one figure, word or date. `tasks` are those behind it; they are not described, only named."""
        self._builder.figure(id, label, value, unit, rule, of=of, tasks=tasks)

    def day(self, id: str, value: date, label: str, rule: str) -> None:  # noqa: A002 - the word Facts use
        """Add one calendar date."""
        self.figure(id, value.isoformat(), "date", label, rule)

    def listing(
        self,
        id: str,  # noqa: A002 - the word Facts use
        tasks: Sequence[str],
        label: str,
        rule: str,
        *,
        of: float | None = None,
        most: int = LIST_CAP,
    ) -> None:
        """Add one list of tasks, in the order documents show them; beyond `most` they are counted in `omitted`."""
        self._builder.listed(id, label, tasks, rule, of=of, cap=most)
        for gid in tasks[:most]:
            self._tell_age(gid)

    def task_figure(self, gid: str, name: str, value: float) -> None:
        """Say a figure of a task, should a list cite it."""
        self._builder.about(gid, **{name: value})

    def task_note(self, gid: str, name: str, text: str) -> None:
        """Say a few words of a task, should a list cite it; they are somebody's words and are treated as data."""
        self._builder.about(gid, **{name: text})

    def facts(self, scope: Scope, document: Document, *, blind_spots: Iterable[str] = ()) -> Facts:
        """Everything collected, as one bounded bundle for one document."""
        for sentence in blind_spots:
            self._builder.blind_spot(sentence)
        vague = len(undated(self.board.snapshot, self.board.rules))
        self._builder.blind_spot(
            counted(vague, "sprint has no readable dates", "sprints have no readable dates")
        )
        return replace(self._builder.build(document), **scope._asdict())

    def _tell_age(self, gid: str) -> None:
        history = self.board.histories.get(gid)
        if history is None or self.board.state(history, self.board.as_of) == "done":
            return
        if (age := age_days(self.board, history)) is not None:
            self.task_figure(gid, "age_days", age)
