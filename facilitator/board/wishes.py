"""What a wished state of a task means on this team's board: a section, an option, or a tick. Pure.

Beside the flow: a wish is turned into an `Edit` in Asana's terms and a `Sight`, what the task showed when it was made; whoever
writes the edit later compares the two. What the board has no way to say is a `Refused` with its reason, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from facilitator.board.blocking import YES
from facilitator.board.board import Board, state_of
from facilitator.board.refusal import Refused
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import (
    CustomField,
    EnumOption,
    FieldGid,
    FieldValue,
    SectionGid,
    Task,
    TaskGid,
)
from facilitator.board.sprints import field_named
from facilitator.unseen import one_line

Wished = Literal["todo", "in_progress", "done", "blocked"]
"""The states that may be wished for a task."""

MARKABLE = ("enum", "text")
"""The kinds of field that may say that a task is blocked."""


LONGEST_NAME = 80
"""A field's or option's name is cut here where a change is told; two of them fit the run log's column."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be set; None, and a field that is not named, stays as it is. A field set to None is emptied."""

    section: SectionGid | None = None
    completed: bool | None = None
    fields: Mapping[FieldGid, str | None] | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a task showed of everything an edit touches; `section` is its section in `project`."""

    project: str
    modified_at: datetime
    section: SectionGid | None
    completed: bool
    fields: Mapping[FieldGid, FieldValue]
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One change to one task: from what to what in words, what was seen, and what would be set."""

    task: TaskGid
    before: str
    wanted: str
    sight: Sight
    edit: Edit


def wish_for(board: Board, gid: str, wanted: Wished) -> Wish | Refused:
    """The change that takes a task to the wished state, as this board says it."""
    history = board.histories.get(gid)
    if history is None:
        return Refused(f"task {gid} is no work of this board")
    task = history.task
    if task.subtype == "approval":
        # Ticking an approval says yes in somebody's place.
        return Refused(f"task {gid} is an approval, which people answer themselves")
    before = state_shown(board, task)
    if before == wanted:
        return Refused(f"task {gid} is {wanted} already")
    if wanted == "blocked" and before == "done":
        return Refused(f"task {gid} is done, and what is done is not blocked")
    project, _section = _place(board, task)
    edit = _blocked(board, project) if wanted == "blocked" else _moved(board, task, wanted)
    if isinstance(edit, Refused):
        return edit
    return Wish(task.gid, before, wanted, sight_of(task, project, edit), edit)


def mark_for(board: Board, gid: str, field_name: str) -> Wish | None:
    """The change that says in a field of the team's that a task is blocked; None where there is no such field, or it holds a value.

    What a person put there stays, and nothing is ever emptied.
    """
    history, found = board.histories.get(gid), field_named(board.snapshot, field_name)
    if history is None or found is None or found.kind not in MARKABLE:
        return None
    task, option = history.task, _option(found, _says_blocked(board.rules))
    if task.fields.get(found.gid) is not None or (found.kind == "enum" and option is None):
        return None
    words, value = (option.name, str(option.gid)) if option else ("blocked", "blocked")
    edit = Edit(fields={found.gid: value})
    sight = sight_of(task, _place(board, task)[0], edit)
    name = one_line(found.name, LONGEST_NAME)
    return Wish(task.gid, f"{name}: empty", f"{name}: {one_line(words, LONGEST_NAME)}", sight, edit)


def date_for(board: Board, gid: str, day: date) -> Wish | None:
    """The change that gives a task another due date; None where it has none, or a time of day with it."""
    history = board.histories.get(gid)
    if history is None or history.task.due_on is None or history.task.due_at is not None:
        return None
    task, edit = history.task, Edit(due_on=day)
    sight = sight_of(task, _place(board, task)[0], edit)
    return Wish(task.gid, f"due {task.due_on}", f"due {day}", sight, edit)


def state_shown(board: Board, task: Task) -> str:
    """The state a task shows as it was read: done, blocked, or what its column or status says."""
    rules, (_project, section) = board.rules, _place(board, task)
    names: Mapping[str, str] = {**board.sections, **board.options}
    state = state_of(names.get(_status(board, task) if rules.status_field else section or "", ""), rules)
    if task.completed or state == "done":
        return "done"
    blocked = _blocked_value(board, task) or _among(names.get(section or "", ""), rules.blocked_names)
    return "blocked" if blocked else state


def sight_of(task: Task, project: str, edit: Edit) -> Sight:
    """What the task shows of everything the edit touches."""
    fields = {gid: task.fields.get(gid) for gid in edit.fields or {}}
    section = task.homes.get(project, task.section)
    return Sight(project, task.modified_at, section, task.completed, fields, task.due_on)


def remaining(edit: Edit, now: Sight) -> Edit | None:
    """What of an edit is not so already; None where nothing is left to set."""
    section = edit.section if edit.section != now.section else None
    completed = edit.completed if edit.completed != now.completed else None
    fields = {gid: value for gid, value in (edit.fields or {}).items() if now.fields.get(gid) != value}
    due_on = edit.due_on if edit.due_on != now.due_on else None
    if section is None and completed is None and not fields and due_on is None:
        return None
    return Edit(section, completed, fields or None, due_on)


def agree(seen: Sight, edit: Edit, now: Sight, *, begun: bool) -> bool:
    """Whether everything the edit touches is as it was seen; an edit that was `begun` may have set some of it already."""
    # Column and tick decide what a task's state means, so they count for every edit.
    sections = {seen.section, *([edit.section] if begun and edit.section else [])}
    ticks = {seen.completed, *([edit.completed] if begun and edit.completed is not None else [])}
    fields = all(
        now.fields.get(gid) in (seen.fields.get(gid), *([value] if begun else []))
        for gid, value in (edit.fields or {}).items()
    )
    days = {seen.due_on, *([edit.due_on] if begun else [])}
    dated = edit.due_on is None or now.due_on in days
    return now.section in sections and now.completed in ticks and fields and dated


def _moved(board: Board, task: Task, wanted: str) -> Edit | Refused:
    if wanted == "done":
        return Edit(completed=True)
    rules, fields = board.rules, dict[FieldGid, str | None]()
    if blocked := _blocked_value(board, task):
        fields[blocked.gid] = None
    reopened = False if task.completed else None
    if not rules.status_field:
        section = _column_for(board, task, wanted)
        return section if isinstance(section, Refused) else Edit(section, reopened, fields or None)
    status = field_named(board.snapshot, rules.status_field)
    option = _of_state(status, rules, wanted) if status and status.kind == "enum" else None
    if status is None or option is None:
        return Refused(f"no option of the field {rules.status_field!r} stands for {wanted}")
    return Edit(None, reopened, {**fields, status.gid: option.gid})


def _column_for(board: Board, task: Task, wanted: str) -> SectionGid | Refused | None:
    """The section to move to: the first of the task's own project that says the state; None where it stands in one."""
    project, here = _place(board, task)
    fitting = [
        section.gid
        for section in board.snapshot.sections
        if section.project in ("", project)
        and board.rules.states.get(section.name.strip().casefold()) == wanted
        and not _among(section.name, board.rules.excluded_sections)
    ]
    if not fitting:
        return Refused(f"no section of this board stands for {wanted}")
    return None if here in fitting else fitting[0]


def _blocked(board: Board, project: str) -> Edit | Refused:
    rules = board.rules
    found = field_named(board.snapshot, rules.blocked_field)
    if found is not None and found.kind == "enum" and (option := _option(found, _says_blocked(rules))):
        return Edit(fields={found.gid: option.gid})
    for section in board.snapshot.sections:
        if section.project in ("", project) and _among(section.name, rules.blocked_names):
            return Edit(section=section.gid)
    return Refused(
        f"neither an option of the field {rules.blocked_field!r} nor a section of this board says blocked"
    )


def _of_state(found: CustomField, rules: BoardRules, wanted: str) -> EnumOption | None:
    names = [option for option in found.options if option.enabled]
    return next((one for one in names if rules.states.get(one.name.strip().casefold()) == wanted), None)


def _option(found: CustomField, names: tuple[str, ...]) -> EnumOption | None:
    return next((one for one in found.options if one.enabled and _among(one.name, names)), None)


def _place(board: Board, task: Task) -> tuple[str, SectionGid | None]:
    """The project whose column counts for the task, and its section there: the team's own, else the first it is in."""
    own = board.snapshot.project
    if not task.homes or own in task.homes:
        return own, task.section
    return next(iter(task.homes.items()))


def _status(board: Board, task: Task) -> str:
    found = field_named(board.snapshot, board.rules.status_field)
    value = task.fields.get(found.gid) if found else None
    return value if isinstance(value, str) else ""


def _blocked_value(board: Board, task: Task) -> CustomField | None:
    """The Blocked field, where it says that the task is."""
    found = field_named(board.snapshot, board.rules.blocked_field)
    value = task.fields.get(found.gid) if found else None
    says = isinstance(value, str) and _among(board.options.get(value, value), _says_blocked(board.rules))
    return found if says else None


def _says_blocked(rules: BoardRules) -> tuple[str, ...]:
    return (*rules.blocked_names, *YES)


def _among(name: str, names: tuple[str, ...]) -> bool:
    return name.strip().casefold() in {known.casefold() for known in names}
