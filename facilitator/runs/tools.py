"""The tools an agent may call while it writes, answered from one Snapshot and its Facts; and one that only asks.

Sits behind `AgentBackend.follow`: a call comes in, text goes back. Pure, so a call answered again after a crash gets the
same answer. It reads no board, writes nothing, and shows nothing that happened after the snapshot was taken. What proposes a change
is handed in, and queues it for a person: no tool changes anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot
from facilitator.board.wishes import Wished
from facilitator.drafts.draft import MAX_BYTES, DraftUnreadable
from facilitator.drafts.faults import Fault
from facilitator.runs.closer_look import CloserLook
from facilitator.runs.ports import ON_REQUEST, AnswerTool, ToolAnswer

NO_FAULTS = "no faults"
_MOST_FAULTS = 40

TaskRef = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,32}$")]
Model = TypeVar("Model", bound=BaseModel)


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HealthInput(_Input):
    """Arguments of `board_get_health`."""

    overdue_limit: int = Field(default=10, ge=1, le=50)
    comment_limit: int = Field(default=5, ge=0, le=20)


class TaskInput(_Input):
    """Arguments of `board_get_task`."""

    task_gid: TaskRef
    comment_limit: int = Field(default=5, ge=0, le=20)


class ChangesInput(_Input):
    """Arguments of `board_list_changes`; without `since` the document's window."""

    since: AwareDatetime | None = None
    task_gid: TaskRef | None = None
    limit: int = Field(default=10, ge=1, le=50)


class CommentsInput(_Input):
    """Arguments of `board_list_comments`; without `since` the document's window."""

    since: AwareDatetime | None = None
    task_gid: TaskRef | None = None
    limit: int = Field(default=5, ge=1, le=20)


class DraftInput(_Input):
    """Arguments of `draft_check`: the draft as an object or as its text."""

    draft: dict[str, Any] | Annotated[str, StringConstraints(max_length=MAX_BYTES)]


class StatusInput(_Input):
    """Arguments of `update_task_status`."""

    task_gid: TaskRef
    status: Wished
    note: Annotated[str, StringConstraints(max_length=300)] = ""


INPUTS: Mapping[str, type[_Input]] = {
    "board_get_health": HealthInput,
    "board_get_task": TaskInput,
    "board_list_changes": ChangesInput,
    "board_list_comments": CommentsInput,
    "draft_check": DraftInput,
    "update_task_status": StatusInput,
}
"""What each tool takes; templates/agents/agent.yaml declares the same to the agent."""

Propose = Callable[[str, Wished, str], ToolAnswer]
"""Queues a change of one task (its gid, the wished state, a note) for the approver, or refuses it."""


def _proposes_nothing(_task: str, _wanted: Wished, _note: str) -> ToolAnswer:
    return ToolAnswer("Nothing can be proposed here.", is_error=True)


def lazy_tools(
    look: Callable[[], CloserLook],
    check_draft: Callable[[str], Sequence[Fault]],
    *,
    allowed: Sequence[str] = (),
    propose: Propose = _proposes_nothing,
) -> AnswerTool:
    """One function that answers every tool; wrong input and unknown names are answers too, marked as errors.

    `look` is asked for when a tool is: who is followed holds no board. `check_draft` takes the draft's text and may raise
    `DraftUnreadable`. Of the tools only those `allowed` answer, where none are named all that only read: permission policies of
    the service do not hold for custom tools, so this is the gate.
    """
    known = [name for name in INPUTS if (name in allowed if allowed else name not in ON_REQUEST)]

    def answer(name: str, arguments: Mapping[str, Any]) -> ToolAnswer:
        if name not in known:
            return ToolAnswer(
                f"There is no tool of this name. Known tools: {', '.join(known)}.", is_error=True
            )
        try:
            asked: Any = INPUTS[name].model_validate(dict(arguments))
        except ValidationError as error:
            return ToolAnswer(_refused(name, error), is_error=True)
        if name == "draft_check":
            return _checked(asked.draft, check_draft)
        if name == "update_task_status":
            return _asked_for(look(), asked, propose)
        return _LOOKS[name](look(), asked)

    return answer


def build_tools(
    snapshot: Snapshot,
    facts: Facts,
    check_draft: Callable[[str], Sequence[Fault]],
    *,
    rules: BoardRules | None = None,
    members: Mapping[str, BoardRules] = MappingProxyType({}),
    allowed: Sequence[str] = (),
) -> AnswerTool:
    """The same over a snapshot and facts at hand. `rules` tell states and chores apart for tasks that Facts do not speak of,
    `members` the same for the boards of a roll-up's teams.
    """
    look = CloserLook(snapshot, facts, rules, members)
    return lazy_tools(lambda: look, check_draft, allowed=allowed)


_LOOKS: Mapping[str, Callable[[CloserLook, Any], ToolAnswer]] = {
    "board_get_health": lambda look, asked: _json(look.health(asked.overdue_limit, asked.comment_limit)),
    "board_get_task": lambda look, asked: _about(look, asked.task_gid, lambda: look.task(**_named(asked))),
    "board_list_changes": lambda look, asked: _about(
        look, asked.task_gid, lambda: look.changes(**_named(asked))
    ),
    "board_list_comments": lambda look, asked: _about(
        look, asked.task_gid, lambda: look.comments(**_named(asked))
    ),
}


def _named(asked: BaseModel) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in type(asked).model_fields}


def _about(look: CloserLook, task_gid: str | None, tell: Callable[[], Mapping[str, Any]]) -> ToolAnswer:
    if task_gid is not None and not look.knows(task_gid):
        return ToolAnswer(
            f"Task {task_gid} is not found in this project's snapshot. Use a gid from facts.json.",
            is_error=True,
        )
    return _json(tell())


def _asked_for(look: CloserLook, asked: StatusInput, propose: Propose) -> ToolAnswer:
    if not look.knows(asked.task_gid):
        return _about(look, asked.task_gid, dict)
    return propose(asked.task_gid, asked.status, asked.note)


def _checked(draft: dict[str, Any] | str, check_draft: Callable[[str], Sequence[Fault]]) -> ToolAnswer:
    text = draft if isinstance(draft, str) else json.dumps(draft, ensure_ascii=False)
    try:
        lines = [fault.line() for fault in check_draft(text)]
    except DraftUnreadable as error:
        lines = [f"[schema] {line}" for line in str(error).splitlines()]
    if not lines:
        return ToolAnswer(NO_FAULTS)
    shown = lines[:_MOST_FAULTS]
    more = [f"... and {len(lines) - len(shown)} more"] if len(lines) > len(shown) else []
    return ToolAnswer("\n".join([f"{len(lines)} faults:" if len(lines) > 1 else "1 fault:", *shown, *more]))


def _json(answer: Mapping[str, Any]) -> ToolAnswer:
    return ToolAnswer(json.dumps(answer, ensure_ascii=False, separators=(",", ":"), default=_shown))


def _shown(value: Any) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


def _refused(name: str, error: ValidationError) -> str:
    """Which argument is wrong and how; never the value, which may be long or hostile."""
    faults = [
        f"{'.'.join(str(part)[:40] for part in fault['loc']) or 'input'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False)
    ]
    return f"{name} was called wrongly. " + "; ".join(faults[:10])
