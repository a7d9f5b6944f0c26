"""The board: one Snapshot with its history replayed and its sprints found, as its team reads it.

Every metric takes a `Board` and nothing else. Ceremony chores and excluded sections are gone from `histories` here, so
no figure can count them. Milestones and subtasks that stand on the board count as one task each, as on Asana's own
board; nothing is deduced about tasks that were not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from facilitator.board.replay import History, Track, histories
from facilitator.board.rules import STATES, BoardRules, ConfiguredSprints, ProjectSprints
from facilitator.board.snapshot import CustomField, Snapshot
from facilitator.board.sprints import Sprint, current, field_named, find_sprints, sprint_field

Span = tuple[datetime, datetime | None]
"""[start, end) of a task's stay in a sprint; None while it is still in."""

STARTED = ("in_progress", "in_review")
_NEVER: Track[Any] = Track((), (None,))


@dataclass(frozen=True, slots=True)
class Board:
    """A Snapshot ready for questions. Make one with `Board.of`; making it costs one pass over all stories."""

    snapshot: Snapshot
    rules: BoardRules
    histories: Mapping[str, History]
    sprints: tuple[Sprint, ...]
    stays: Mapping[str, Mapping[str, tuple[Span, ...]]]
    """Sprint key, then task gid, to the task's stays in that sprint, oldest first."""
    sections: Mapping[str, str]
    options: Mapping[str, str]

    @classmethod
    def of(cls, snapshot: Snapshot, rules: BoardRules) -> Board:
        """Replay every task that counts and find the sprints."""
        sections: dict[str, str] = {section.gid: section.name for section in snapshot.sections}

        def rank(gid: str) -> int:
            return STATES.index(state_of(sections.get(gid, ""), rules))

        kept = {
            gid: found
            for gid, found in histories(snapshot, rank).items()
            if not _is_chore(found, sections, snapshot.as_of, rules)
        }
        return cls(
            snapshot=snapshot,
            rules=rules,
            histories=kept,
            sprints=find_sprints(snapshot, rules),
            stays=_stays(kept, snapshot, rules, sections),
            sections=sections,
            options={o.gid: o.name for found in snapshot.custom_fields for o in found.options},
        )

    @property
    def as_of(self) -> datetime:
        """The instant the board is read at; nothing later is used."""
        return self.snapshot.as_of

    @property
    def points_field(self) -> CustomField | None:
        """The field that holds estimates, or None where the board has none."""
        return field_named(self.snapshot, self.rules.points_field)

    def current_sprint(self) -> Sprint | None:
        """The sprint running at `as_of`, or None."""
        return current(self.sprints, self.as_of)

    def section_name(self, history: History, instant: datetime) -> str:
        """The name of the task's section at this instant; empty where it has none or it is gone."""
        return self.sections.get(history.section.at(instant), "")

    def state(self, history: History, instant: datetime) -> str:
        """backlog, todo, in_progress, in_review or done at this instant.

        A task in a Done column counts as done although nobody ticked it; see `flow.unticked`. With a status field
        its option says the state, and sections say nothing.
        """
        if history.is_complete(instant):
            return "done"
        return self.column_state(self.columns(history).at(instant))

    def columns(self, history: History) -> Track[Any]:
        """The course of what tells the task's state: its section, or its value of the status field."""
        if not self.rules.status_field:
            return history.section
        found = field_named(self.snapshot, self.rules.status_field)
        return history.fields.get(found.gid, _NEVER) if found else _NEVER

    def column_state(self, value: Any) -> str:
        """The state that a section or an option of the status field stands for, by gid; todo for none."""
        names = self.options if self.rules.status_field else self.sections
        return state_of(names.get(value or "", ""), self.rules)

    def points(self, history: History, instant: datetime) -> float | None:
        """The estimate at this instant; None where there is none."""
        found = self.points_field
        value = history.field(found.gid if found else None, instant)
        return float(value) if isinstance(value, int | float) else None

    def option_name(self, history: History, field_name: str, instant: datetime) -> str:
        """The name of the chosen option, or the text, of a field at this instant; empty where there is none."""
        found = field_named(self.snapshot, field_name)
        value = history.field(found.gid if found else None, instant)
        return self.options.get(value, value) if isinstance(value, str) else ""

    def in_sprint(self, sprint: Sprint) -> Mapping[str, tuple[Span, ...]]:
        """Tasks that were ever in the sprint, with their stays."""
        return self.stays.get(sprint.key, {})

    def scope(self, sprint: Sprint, instant: datetime) -> list[str]:
        """The gids of the tasks in the sprint at this instant, done or not."""
        return [gid for gid, spans in self.in_sprint(sprint).items() if inside(spans, instant)]

    def open_tasks(self) -> Iterator[History]:
        """Tasks not done at `as_of`: neither ticked nor in a Done column."""
        return (
            found
            for found in self.histories.values()
            if found.exists(self.as_of) and self.state(found, self.as_of) != "done"
        )


def inside(spans: tuple[Span, ...], instant: datetime) -> bool:
    """Whether one of the stays covers this instant."""
    return any(start <= instant and (end is None or instant < end) for start, end in spans)


def state_of(section: str, rules: BoardRules) -> str:
    """What a section's name says about the tasks in it; todo where it says nothing."""
    return rules.states.get(section.strip().casefold(), "todo")


def gid_order(gid: str) -> tuple[int, str]:
    """Sorts gids as the numbers they are, oldest task first."""
    return len(gid), gid


def _is_chore(history: History, sections: Mapping[str, str], as_of: datetime, rules: BoardRules) -> bool:
    section = sections.get(history.section.at(as_of) or history.task.section or "", "")
    return _among(section, rules.excluded_sections) or _among(history.task.name, rules.excluded_tasks)


def _among(name: str, names: tuple[str, ...]) -> bool:
    return name.strip().casefold() in {known.strip().casefold() for known in names}


def _stays(
    kept: Mapping[str, History], snapshot: Snapshot, rules: BoardRules, sections: Mapping[str, str]
) -> dict[str, dict[str, tuple[Span, ...]]]:
    holder = sprint_field(snapshot, rules)
    flowing = isinstance(rules.sprint, ConfiguredSprints)
    found: dict[str, dict[str, tuple[Span, ...]]] = {}
    for gid, history in kept.items():
        if isinstance(rules.sprint, ProjectSprints):
            for project, stay in history.homes.items():
                held = [_keys(project if inside else None, sections, rules) for inside in stay.values]
                for key, spans in _spans(stay.instants, held).items():
                    found.setdefault(key, {})[gid] = spans
            continue
        if flowing:
            course = history.section
        elif holder and holder.gid in history.fields:
            course = history.fields[holder.gid]
        elif holder is None:
            course = history.section
        else:
            continue
        values = [_keys(value, sections, rules, flowing=flowing) for value in course.values]
        values[0] = ()  # before it was created a task is nowhere, whatever its section would mean
        for key, spans in _spans(course.instants, values).items():
            found.setdefault(key, {})[gid] = spans
    return found


def _keys(
    value: Any, sections: Mapping[str, str], rules: BoardRules, *, flowing: bool = False
) -> tuple[str, ...]:
    if flowing:
        return () if state_of(sections.get(value or "", ""), rules) == "backlog" else ("",)
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()


def _spans(instants: tuple[datetime, ...], values: list[tuple[str, ...]]) -> dict[str, tuple[Span, ...]]:
    found: dict[str, list[Span]] = {}
    begun: dict[str, datetime] = {}
    for index, instant in enumerate(instants):
        for key in [key for key in begun if key not in values[index + 1]]:
            found.setdefault(key, []).append((begun.pop(key), instant))
        for key in values[index + 1]:
            begun.setdefault(key, instant)
    for key, start in begun.items():
        found.setdefault(key, []).append((start, None))
    return {key: tuple(span for span in spans if span[0] != span[1]) for key, spans in found.items()}
