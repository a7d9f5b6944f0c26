"""Building Facts: figures and lists go in, one bounded bundle comes out.

Last step of the board: a ceremony's `gather` names its facts here; task details, people and coverage follow from the
facts by themselves. However big the board is, a bundle stays near 4,000 tokens: lists are cut, and what was cut is
counted. It chooses no facts and no words of a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from facilitator.board.board import Board
from facilitator.board.days import local_date
from facilitator.board.facts import Coverage, Document, Fact, Facts, TaskFact
from facilitator.unseen import one_line

MAX_CHARS = 16_000
"""About 4,000 tokens at four characters each."""

LIST_CAP = 8
GIDS_CAP = 24
NAME_CHARS = 120
NOTE_CHARS = 160
SENTENCE_CHARS = 600
"""A figure that is words; those are put together by code from names that were clipped before."""
LEAST = 4
"""No list is cut below this: a section shows at most so many tasks of a list it must cover."""


class FactsBuilder:
    """Collects facts for one document. Ids are given once; a second one of the same id is a mistake.

    It speaks of one board, or also of `others`: those of several teams, each by a key for its facts' ids, with the `names`
    that the keys stand for.
    """

    def __init__(
        self,
        board: Board,
        *,
        ceremony: str,
        team: str,
        start: datetime,
        end: datetime,
        others: Mapping[str, Board] = MappingProxyType({}),
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.board = board
        self._boards: Mapping[str, Board] = {"": board, **others}
        self._names = names
        self._ranks: dict[str, int] = {}
        self._head = (ceremony, team)
        self._window = (start, end)
        self._facts: dict[str, Fact] = {}
        self._lists: set[str] = set()
        self._figures: dict[str, dict[str, float | int]] = {}
        self._notes: dict[str, dict[str, str]] = {}
        self._spots: list[str] = []

    def figure(
        self,
        fact_id: str,
        label: str,
        value: float | str | None,
        unit: str,
        rule: str,
        *,
        of: float | None = None,
        tasks: Sequence[str] = (),
        stories: Sequence[str] = (),
        rank: int = 0,
    ) -> None:
        """Add one figure, date or word. The tasks behind it are named by gid only, so they cost little.

        A figure with a `rank` may be left out where the bundle grows too long: those of the highest rank first, all at once.
        """
        self._add(
            Fact(
                id=fact_id,
                label=clip(label, NAME_CHARS),
                value=_whole(value),
                unit=unit,
                rule=rule,
                of=_whole_number(of) or None,
                tasks=tuple(tasks[:GIDS_CAP]),
                stories=tuple(stories[:GIDS_CAP]),
                omitted=max(0, len(tasks) - GIDS_CAP),
            )
        )
        if rank:
            self._ranks[fact_id] = rank

    def day(self, fact_id: str, label: str, value: date, rule: str) -> None:
        """Add one calendar date."""
        self.figure(fact_id, label, value.isoformat(), "date", rule)

    def listed(
        self,
        fact_id: str,
        label: str,
        gids: Sequence[str],
        rule: str,
        *,
        of: float | None = None,
        cap: int = LIST_CAP,
    ) -> None:
        """Add a list of tasks a document may cite, in the order it shows them. The count stays that of all."""
        kept = tuple(gids[:cap])
        self._add(
            Fact(
                fact_id,
                clip(label, NAME_CHARS),
                len(gids),
                "tasks",
                rule,
                _whole_number(of) or None,
                kept,
                omitted=len(gids) - len(kept),
            )
        )
        self._lists.add(fact_id)

    def about(self, gid: str, **details: float | str) -> None:
        """Say more of a task, should a list cite it: numbers are its figures, texts its notes. Said twice, the last holds."""
        for key, value in details.items():
            if isinstance(value, str):
                self._notes.setdefault(gid, {})[key] = clip(value, NOTE_CHARS)
            else:
                self._figures.setdefault(gid, {})[key] = value

    def name_of(self, key: str) -> str:
        """The team that a key stands for."""
        return self._names.get(key, key)

    def blind_spot(self, sentence: str) -> None:
        """Say what the document could not see, once."""
        said = clip(sentence, SENTENCE_CHARS)
        if said and said not in self._spots:
            self._spots.append(said)

    def build(self, document: Document) -> Facts:
        """The bundle, with lists shortened until it fits."""
        ceremony, team = self._head
        snapshot = self.board.snapshot
        facts = Facts(
            ceremony=ceremony,
            team=team,
            project=snapshot.project,
            project_name=clip(snapshot.project_name, NAME_CHARS),
            as_of=snapshot.as_of,
            zone=str(self.board.rules.zone),
            start=self._window[0],
            end=self._window[1],
            facts=dict(self._facts),
            tasks={},
            people={},
            coverage=Coverage(
                tasks_read=len({task.gid for each in self._boards.values() for task in each.snapshot.tasks}),
                comments_read=sum(map(_comments, self._boards.values())),
                blind_spots=(*(clip(spot, SENTENCE_CHARS) for spot in snapshot.blind_spots), *self._spots),
            ),
            document=document,
            teams=dict(self._names),
        )
        bounded = self._bounded(facts)
        # Written by columns, facts of teams come back in another order: everyone sees them in that one.
        return Facts.from_json(bounded.to_json()) if self._names else bounded

    def _add(self, fact: Fact) -> None:
        if fact.id in self._facts:
            raise ValueError(f"the fact {fact.id!r} was given twice; a fact's id is its name, choose another")
        self._facts[fact.id] = fact

    def _bounded(self, facts: Facts) -> Facts:
        filled = self._filled(facts)
        while len(filled.to_json()) > MAX_CHARS:
            longest = max(self._lists, key=lambda key: (len(facts.facts[key].tasks), key), default=None)
            if longest is None or len(facts.facts[longest].tasks) <= LEAST:
                break
            facts = replace(facts, facts={**facts.facts, longest: _shorter(facts.facts[longest])})
            filled = self._filled(facts)
        for rank in sorted(set(self._ranks.values()), reverse=True):
            if len(filled.to_json()) <= MAX_CHARS:
                break
            facts = self._without(facts, rank)
            filled = self._filled(facts)
        return filled

    def _without(self, facts: Facts, rank: int) -> Facts:
        """The facts without the figures of this rank; how many that were is counted."""
        kept = {key: fact for key, fact in facts.facts.items() if self._ranks.get(key, 0) != rank}
        return replace(facts, facts=kept)

    def _filled(self, facts: Facts) -> Facts:
        """Task details and people for exactly the tasks the lists still cite."""
        gids = dict.fromkeys(
            gid for key in facts.facts if key in self._lists for gid in facts.facts[key].tasks
        )
        homes = {gid: self._home(gid) for gid in gids}
        tasks = {gid: self._task(gid, *home) for gid, home in homes.items() if home}
        known: dict[str, str] = {
            user.gid: user.name for each in self._boards.values() for user in each.snapshot.users
        }
        owners = dict.fromkeys(task.owner for task in tasks.values() if task.owner)
        cut = sum(fact.omitted for key, fact in facts.facts.items() if key in self._lists)
        cut += len(self._facts) - len(facts.facts)
        return replace(
            facts,
            tasks=tasks,
            people={gid: clip(known.get(gid) or "", NAME_CHARS) or "a former member" for gid in owners},
            coverage=replace(facts.coverage, omitted=cut),
        )

    def _home(self, gid: str) -> tuple[str, Board] | None:
        """The board a task is told by, with its key: of several the first."""
        return next(((key, board) for key, board in self._boards.items() if gid in board.histories), None)

    def _task(self, gid: str, team: str, board: Board) -> TaskFact:
        history = board.histories[gid]
        due = history.due.at(board.as_of)
        points = board.points(history, board.as_of)
        return TaskFact(
            gid=gid,
            name=clip(history.name.at(board.as_of) or history.task.name, NAME_CHARS),
            state=board.state(history, board.as_of),
            section=clip(board.section_name(history, board.as_of), NAME_CHARS),
            owner=history.assignee.at(board.as_of),
            url=history.task.url,
            points=_whole_number(points),
            due_on=_day(due, board),
            team=team,
            figures=self._figures.get(gid, {}),
            notes=self._notes.get(gid, {}),
        )


def clip(text: str, limit: int) -> str:
    """Text of others as one clean line, cut to a length, with an ellipsis where something is gone."""
    return one_line(text, limit)


def counted(number: int, one: str, many: str) -> str:
    """`1 task` or `3 tasks`; empty for none, so that nothing is said of nothing."""
    return "" if number == 0 else f"{number} {one if number == 1 else many}"


def _comments(board: Board) -> int:
    return sum(
        story.subtype == "comment_added" and story.created_at <= board.as_of
        for task in board.snapshot.tasks
        for story in task.stories
    )


def _day(due: date | datetime | None, board: Board) -> str | None:
    if isinstance(due, datetime):
        return local_date(due, board.rules.zone).isoformat()
    return due.isoformat() if due else None


def _shorter(fact: Fact) -> Fact:
    return replace(fact, tasks=fact.tasks[:-1], omitted=fact.omitted + 1)


def _whole(value: float | str | None) -> float | int | str | None:
    return clip(value, SENTENCE_CHARS) if isinstance(value, str) else _whole_number(value)


def _whole_number(value: float | None) -> float | int | None:
    """12.0 as 12, and other figures rounded past noise: equal boards give equal bytes."""
    if isinstance(value, float):
        return int(value) if value == int(value) else round(value, 6)
    return value


def names(gids: Iterable[str], board: Board, *, show: int = 2) -> str:
    """A few task names in a row, and how many more there are."""
    known = [clip(board.histories[gid].task.name, 60) for gid in gids if gid in board.histories]
    more = len(known) - show
    return ", ".join(known[:show]) + (f" and {more} more" if more > 0 else "")
