"""What the tools can tell about a board: plain, bounded answers computed from one Snapshot and its Facts.

Behind `tools`, which checks what was asked and writes the answers down. Every list has a limit and says how many it left
out; people's words go through `untrusted`; work is counted per state and never per person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from facilitator.board.board import Board, state_of
from facilitator.board.facts import Facts, show
from facilitator.board.rules import STATES, BoardRules
from facilitator.board.snapshot import FieldValue, Snapshot, Story, Task
from facilitator.runs.untrusted import NOTE, untrusted

_NAME, _NOTES, _COMMENT, _VALUE = 200, 1_500, 600, 120
_CHANGES_PER_TASK = 8
_FIELDS = 20
_COMMENT_TYPES = frozenset({"comment_added"})

Entry = dict[str, Any]


class CloserLook:
    """A snapshot, prepared for questions. Nothing that happened after its `as_of` is told.

    Of a roll-up's snapshot all boards answer, each read by the rules its team has in `members`.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        facts: Facts,
        rules: BoardRules | None = None,
        members: Mapping[str, BoardRules] = MappingProxyType({}),
    ) -> None:
        self._snapshot, self._facts, self._rules = snapshot, facts, rules
        usual = rules or BoardRules(ZoneInfo(facts.zone))
        read_by = [usual, *(members.get(each.team, usual) for each in snapshot.boards if each.snapshot)]
        self._read = list(zip(snapshot.whole(), read_by, strict=True))
        self._homes = {
            task.gid: place
            for place, (board, _rules) in reversed([*enumerate(self._read)])
            for task in board.tasks
        }
        self._boards: dict[int, Board] = {}
        whole = list(snapshot.whole())
        self._tasks: Mapping[str, Task] = {task.gid: task for each in reversed(whole) for task in each.tasks}
        self._sections = {section.gid: section.name for each in whole for section in each.sections}
        self._people = {user.gid: user.name for each in whole for user in each.users} | dict(facts.people)
        fields = [field for each in whole for field in each.custom_fields]
        self._fields = {each.gid: each.name for each in fields}
        self._options = {option.gid: option.name for each in fields for option in each.options}

    def _home(self, task: Task) -> Board:
        """The board a task stands on, of several the first."""
        return self._at(self._homes.get(task.gid, 0))

    def _at(self, place: int) -> Board:
        """One of the boards, replayed when first asked for: of many teams' most are never asked about."""
        if place not in self._boards:
            self._boards[place] = Board.of(*self._read[place])
        return self._boards[place]

    @property
    def board(self) -> Board:
        """The team's own board: of a roll-up's other boards no change is ever proposed."""
        return self._at(0)

    def knows(self, task_gid: str) -> bool:
        """Whether the task is in the snapshot."""
        return task_gid in self._tasks

    def health(self, overdue_limit: int, comment_limit: int) -> Entry:
        """The whole board at once: on track, overdue, counts per state, newest comments, every figure."""
        work = [task for task in self._tasks.values() if self._is_work(task)]
        states = Counter(self._state(task) for task in work)
        late = sorted((task for task in work if self._overdue_since(task)), key=self._lateness)
        open_tasks = sum(count for state, count in states.items() if state != "done")
        return {
            "as_of": self._snapshot.as_of,
            "note": NOTE,
            "on_track": {"count": open_tasks - len(late), "of_open_tasks": open_tasks},
            "overdue": _limited([self._overdue(task) for task in late], overdue_limit, count=len(late)),
            "workload": {state: states.get(state, 0) for state in STATES},
            "recent_comments": self._comments(self._tasks.values(), comment_limit),
            "metrics": {key: self._metric(key) for key in self._facts.facts},
        }

    def task(self, task_gid: str, comment_limit: int) -> Entry:
        """One task with its fields, figures and newest comments."""
        task = self._tasks[task_gid]
        told = self._facts.tasks.get(task_gid)
        fields = [(gid, value) for gid, value in task.fields.items() if value not in (None, "", ())]
        return {
            "as_of": self._snapshot.as_of,
            "note": NOTE,
            **self._line(task),
            "completed_at": task.completed_at,
            "created_at": task.created_at,
            "due_on": task.due_on or task.due_at,
            "start_on": task.start_on,
            "points": told.points if told else None,
            "figures": dict(told.figures) if told else {},
            "waits_for": _limited([self._brief(gid) for gid in task.dependencies], _FIELDS),
            "tags": _limited([untrusted(tag, _VALUE) for tag in task.tags], _FIELDS),
            "fields": _limited([self._field(gid, value) for gid, value in fields], _FIELDS),
            "notes": untrusted(task.notes, _NOTES),
            "comments": self._comments([task], comment_limit),
            "history_read": task.stories_read,
        }

    def changes(self, since: datetime | None, task_gid: str | None, limit: int) -> Entry:
        """What changed since then, by task, the newest first."""
        bound = since or self._facts.start
        groups: list[tuple[datetime, Entry]] = []
        for task in self._chosen(task_gid):
            stories = [story for story in self._stories(task, bound) if story.subtype not in _COMMENT_TYPES]
            if stories:
                told = _limited([self._change(story) for story in stories], _CHANGES_PER_TASK)
                groups.append((stories[0].created_at, {**self._line(task), "changes": told}))
        groups.sort(key=lambda group: group[0], reverse=True)
        return {"since": bound, "note": NOTE, **_limited([entry for _, entry in groups], limit)}

    def comments(self, since: datetime | None, task_gid: str | None, limit: int) -> Entry:
        """What people wrote since then, the newest first."""
        bound = since or self._facts.start
        return {
            "since": bound,
            "note": NOTE,
            **self._comments(self._chosen(task_gid), limit, bound),
        }

    # --- which tasks and stories ------------------------------------------------------------------------------

    def _chosen(self, task_gid: str | None) -> Iterable[Task]:
        return self._tasks.values() if task_gid is None else [self._tasks[task_gid]]

    def _stories(self, task: Task, since: datetime | None) -> list[Story]:
        """Newest first, nothing after the snapshot, nothing we wrote ourselves."""
        told = [
            story
            for story in task.stories
            if story.created_at <= self._snapshot.as_of
            and (since is None or story.created_at >= since)
            and not (self._snapshot.bot and story.created_by == self._snapshot.bot)
        ]
        return sorted(told, key=lambda story: (story.created_at, story.gid), reverse=True)

    def _comments(self, tasks: Iterable[Task], limit: int, since: datetime | None = None) -> Entry:
        """The newest so many; only those shown are put into words."""
        found = [
            (story.created_at, story.gid, task, story)
            for task in tasks
            for story in self._stories(task, since)
            if story.subtype in _COMMENT_TYPES
        ]
        found.sort(key=lambda each: each[:2], reverse=True)
        shown = [self._comment(task, story) for _, _, task, story in found[:limit]]
        return {"items": shown, "omitted": len(found) - len(shown)}

    def _is_work(self, task: Task) -> bool:
        return self._rules is None or task.gid in self._home(task).histories

    def _state(self, task: Task) -> str:
        told = self._facts.tasks.get(task.gid)
        if told is not None:
            return told.state
        board = self._home(task)
        history = board.histories.get(task.gid)
        if history is not None:
            return board.state(history, board.as_of)
        return "done" if task.completed else state_of(self._section(task), board.rules)

    def _section(self, task: Task) -> str:
        """The name of the task's column: of several boards' the one that counts."""
        board = self._home(task)
        history = board.histories.get(task.gid)
        if history is not None:
            return board.section_name(history, board.as_of)
        return self._sections.get(task.section, "") if task.section else ""

    def _overdue_since(self, task: Task) -> date | None:
        if self._state(task) == "done":
            return None
        zone = self._home(task).rules.zone
        if task.due_at is not None:
            return task.due_at.astimezone(zone).date() if task.due_at < self._snapshot.as_of else None
        today = self._snapshot.as_of.astimezone(zone).date()
        return task.due_on if task.due_on is not None and task.due_on < today else None

    def _lateness(self, task: Task) -> tuple[date, str]:
        return self._overdue_since(task) or date.max, task.gid

    # --- how each is told -------------------------------------------------------------------------------------

    def _line(self, task: Task) -> Entry:
        return {
            "task_gid": task.gid,
            "name": untrusted(task.name, _NAME),
            "state": self._state(task),
            "section": untrusted(self._section(task), _VALUE),
            "owner": self._person(task.assignee),
        }

    def _overdue(self, task: Task) -> Entry:
        return {**self._line(task), "due_on": self._overdue_since(task)}

    def _brief(self, gid: str) -> Entry:
        task = self._tasks.get(gid)
        if task is None:
            return {"task_gid": gid, "state": "outside this project"}
        return {"task_gid": gid, "name": untrusted(task.name, _NAME), "state": self._state(task)}

    def _comment(self, task: Task, story: Story) -> Entry:
        return {
            "task_gid": task.gid,
            "at": story.created_at,
            "by": self._person(story.created_by),
            "text": untrusted(story.text, _COMMENT),
        }

    def _change(self, story: Story) -> Entry:
        field = self._fields.get(story.field_gid, story.field_gid) if story.field_gid else None
        change = {
            "at": story.created_at,
            "what": story.subtype,
            "by": self._person(story.created_by),
            "field": untrusted(field, _VALUE) if field else None,
            "from": self._value(story.old),
            "to": self._value(story.new),
        }
        return {key: value for key, value in change.items() if value is not None}

    def _field(self, gid: str, value: FieldValue) -> Entry:
        return {
            "field": untrusted(self._fields.get(gid, gid), _VALUE),  # type: ignore[call-overload]
            "value": self._value(value),
        }

    def _person(self, gid: str | None) -> Entry | None:
        return {"gid": gid, "name": untrusted(self._people.get(gid, ""), _VALUE)} if gid else None

    def _value(self, value: FieldValue) -> Any:
        if value is None or isinstance(value, (int, float)):
            return value
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        if isinstance(value, date):
            return value
        if isinstance(value, tuple):
            return [self._word(each) for each in value[:_FIELDS]]
        return self._word(value)

    def _word(self, value: str) -> Entry:
        """Text, or the name behind a section's, option's or person's gid."""
        names: Sequence[Mapping[Any, str]] = (self._sections, self._options, self._people)
        return untrusted(next((known[value] for known in names if value in known), value), _VALUE)

    def _metric(self, key: str) -> Entry:
        fact = self._facts.facts[key]
        value: Any = untrusted(show(fact), _VALUE) if fact.unit == "text" else fact.value
        told = {"label": fact.label, "value": value, "unit": fact.unit}
        return told if fact.of is None else {**told, "of": fact.of}


def _limited(entries: Sequence[Entry], limit: int, *, count: int | None = None) -> Entry:
    shown = list(entries[:limit])
    total = {} if count is None else {"count": count}
    return {**total, "items": shown, "omitted": len(entries) - len(shown)}
