"""Collecting Facts: every figure a ceremony wants, each with its rule, within a bounded size.

Last step of the board: a ceremony's `gather` asks metrics and hands the answers to a `Collector`, which writes down each
task once, remembers what was cut and puts the bundle together. It computes no metric itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from facilitator.board.board import Board
from facilitator.board.days import local_date
from facilitator.board.facts import Coverage, Document, Fact, Facts, TaskFact
from facilitator.board.flow import age_days, is_ours
from facilitator.board.sprints import Sprint, undated

LONGEST_NAME = 120
"""A task's name is cut here in Facts; the board has the rest."""

LONGEST_LIST = 8
"""Tasks of one list that Facts name; a document shows fewer, and the rest are counted."""


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
        self._facts: dict[str, Fact] = {}
        self._figures: dict[str, dict[str, float | int]] = {}
        self._notes: dict[str, dict[str, str]] = {}

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
        self._facts[id] = Fact(
            id,
            label,
            value,
            unit,
            rule,
            of,
            tuple(tasks[:LONGEST_LIST]),
            omitted=max(0, len(tasks) - LONGEST_LIST),
        )

    def day(self, id: str, value: date, label: str, rule: str) -> None:  # noqa: A002 - the word Facts use
        """Add one calendar date."""
        self._facts[id] = Fact(id, label, value.isoformat(), "date", rule)

    def listing(
        self,
        id: str,  # noqa: A002 - the word Facts use
        tasks: Sequence[str],
        label: str,
        rule: str,
        *,
        of: float | None = None,
        most: int = LONGEST_LIST,
    ) -> None:
        """Add one list of tasks, in the order documents show them; beyond `most` they are counted in `omitted`."""
        shown = tuple(tasks[:most])
        for gid in shown:
            self._figures.setdefault(gid, {})
        self._facts[id] = Fact(
            id, label, len(tasks), "tasks", rule, of, shown, omitted=len(tasks) - len(shown)
        )

    def task_figure(self, gid: str, name: str, value: float) -> None:
        """Say a figure of a listed task; of an unlisted one nothing is kept."""
        if gid in self._figures:
            self._figures[gid][name] = value

    def task_note(self, gid: str, name: str, text: str) -> None:
        """Say a few words of a listed task; they are somebody's words and are treated as data."""
        if gid in self._figures:
            self._notes.setdefault(gid, {})[name] = text[:LONGEST_NAME]

    def facts(self, scope: Scope, document: Document, *, blind_spots: Iterable[str] = ()) -> Facts:
        """Everything collected, as one bundle for one document."""
        board, snapshot = self.board, self.board.snapshot
        tasks = {gid: self._task(gid) for gid in self._figures}
        people: dict[str, str] = {user.gid: user.name for user in snapshot.users}
        owners = {task.owner for task in tasks.values() if task.owner}
        return Facts(
            ceremony=scope.ceremony,
            team=scope.team,
            project=snapshot.project,
            project_name=snapshot.project_name,
            as_of=board.as_of,
            zone=board.rules.zone.key,
            start=scope.start,
            end=scope.end,
            facts=self._facts,
            tasks=tasks,
            people={gid: people.get(gid, "") or "someone who left" for gid in sorted(owners)},
            coverage=self._coverage(scope, blind_spots),
            document=document,
        )

    def _task(self, gid: str) -> TaskFact:
        board, history = self.board, self.board.histories[gid]
        due = history.due.at(board.as_of)
        if isinstance(due, datetime):
            due = local_date(due, board.rules.zone)
        age = age_days(board, history) if board.state(history, board.as_of) != "done" else None
        return TaskFact(
            gid=gid,
            name=history.task.name[:LONGEST_NAME],
            state=board.state(history, board.as_of),
            section=board.section_name(history, board.as_of),
            owner=history.assignee.at(board.as_of),
            url=history.task.url,
            points=board.points(history, board.as_of),
            due_on=due.isoformat() if due else None,
            figures={**({"age_days": age} if age is not None else {}), **self._figures[gid]},
            notes=self._notes.get(gid, {}),
        )

    def _coverage(self, scope: Scope, blind_spots: Iterable[str]) -> Coverage:
        board = self.board
        comments = sum(
            story.subtype == "comment_added"
            and scope.start <= story.created_at < scope.end
            and not is_ours(board, story.created_by)
            for history in board.histories.values()
            for story in history.task.stories
        )
        spots = [*board.snapshot.blind_spots, *blind_spots]
        if names := undated(board.snapshot, board.rules):
            spots.append(f"{len(names)} sprints without dates")
        return Coverage(
            tasks_read=len(board.histories),
            comments_read=comments,
            blind_spots=tuple(dict.fromkeys(spots)),
            omitted=sum(fact.omitted for fact in self._facts.values() if fact.unit == "tasks" and fact.tasks),
        )


def sprint_days(board: Board, sprint: Sprint) -> tuple[int, int]:
    """Day n of m of a sprint at `as_of`, in the team's working days; a free day counts with the one before it."""
    zone, works = board.rules.zone, board.rules.working_day
    first, today = local_date(sprint.start, zone), local_date(board.as_of, zone)
    last = max(sprint.last_day(zone), first)
    every = [day for day in _days(first, last) if works(day)]
    gone = [day for day in every if day <= today]
    return len(gone), len(every)


def _days(first: date, last: date) -> Iterable[date]:
    return (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))


def blocked_because(names: Mapping[str, str], kind: str, of: str) -> str:
    """A cause of blocking in a few words; `names` gives tasks their names."""
    if kind == "dependency":
        return f"waits for: {names.get(of, 'a task that is not on this board')}"
    return f"the {kind} says {of!r}"
