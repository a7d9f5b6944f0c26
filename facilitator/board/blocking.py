"""What is blocked, since when, and what says so.

A task is blocked while it is open and its Blocked field, its section, a tag or an open dependency says so (Asana
reference, section 8: any of these; name which). Episodes are replayed, so that two waits add up. It does not guess:
a dependency on a task that was not read is counted for the footer and blocks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from facilitator.board.board import Board
from facilitator.board.days import working_age
from facilitator.board.replay import History
from facilitator.board.sprints import field_named

YES = ("yes", "true", "blocked")


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that says a task is blocked. `kind`: field, section, tag or dependency; `of` names it.

    For a dependency `of` is the gid of the task waited for; otherwise the name of the option, section or tag.
    """

    kind: str
    of: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A task blocked now: every cause, when the present episode began, and the working days of all its episodes."""

    gid: str
    causes: tuple[Cause, ...]
    since: datetime
    working_days: int


def blocked_now(board: Board) -> tuple[Blocked, ...]:
    """Every open task that is blocked at `as_of`, longest first."""
    found = [one for history in board.open_tasks() if (one := blocked_state(board, history))]
    return tuple(sorted(found, key=lambda one: (-one.working_days, one.since, len(one.gid), one.gid)))


def blocked_state(board: Board, history: History) -> Blocked | None:
    """What blocks a task at `as_of`, or None.

    Age is working days in the team's zone, summed over all episodes; a day counts once it has begun after the day
    on which the wait began, so a wait since this morning is 0 days old.
    """
    causes = tuple(causes_at(board, history, board.as_of))
    if not causes:
        return None
    episodes = blocked_episodes(board, history)
    age = sum(working_age(start, end or board.as_of, board.rules) for start, end in episodes)
    return Blocked(history.task.gid, causes, episodes[-1][0], age)


def blocked_episodes(board: Board, history: History) -> list[tuple[datetime, datetime | None]]:
    """Each stretch during which the task was blocked, oldest first; the last has no end while it lasts.

    Tags have no history in Asana's stories worth trusting: a blocking tag counts from the task's last section
    change, or its creation.
    """
    found: list[tuple[datetime, datetime | None]] = []
    start: datetime | None = None
    for instant in _turning_points(board, history):
        blocked = any(causes_at(board, history, instant))
        if blocked and start is None:
            start = instant
        elif not blocked and start is not None:
            found.append((start, instant))
            start = None
    return found if start is None else [*found, (start, None)]


def causes_at(board: Board, history: History, instant: datetime) -> Iterator[Cause]:
    """Everything that blocked the task at this instant, strongest word first; nothing blocks a finished task."""
    if not history.exists(instant) or board.state(history, instant) == "done":
        return
    option = board.option_name(history, board.rules.blocked_field, instant)
    if _says_blocked(board, option) or option.strip().casefold() in YES:
        yield Cause("field", option)
    section = board.section_name(history, instant)
    if _says_blocked(board, section):
        yield Cause("section", section)
    if instant >= _tagged_since(history):
        yield from (Cause("tag", tag) for tag in history.task.tags if _says_blocked(board, tag))
    yield from (Cause("dependency", gid) for gid in _waits_for(board, history, instant))


def blocked_by_field(board: Board) -> tuple[str, ...]:
    """Gids of all tasks, finished ones too, whose Blocked field says so at `as_of`: what a filter on Asana shows."""
    return tuple(
        gid
        for gid, history in board.histories.items()
        if _says_blocked(board, board.option_name(history, board.rules.blocked_field, board.as_of))
    )


def unread_dependencies(board: Board) -> int:
    """How many dependencies of open tasks lead to tasks that were not read, so that nothing is known of them."""
    read = {task.gid for task in board.snapshot.tasks}
    return sum(
        bool(waits.at(board.as_of)) and gid not in read
        for history in board.open_tasks()
        for gid, waits in history.dependencies.items()
    )


def _waits_for(board: Board, history: History, instant: datetime) -> Iterator[str]:
    for gid, waits in history.dependencies.items():
        other = board.histories.get(gid)
        if waits.at(instant) and other and other.exists(instant) and board.state(other, instant) != "done":
            yield gid


def _says_blocked(board: Board, name: str) -> bool:
    return name.strip().casefold() in {known.casefold() for known in board.rules.blocked_names}


def _tagged_since(history: History) -> datetime:
    return history.section.instants[-1]


def _turning_points(board: Board, history: History) -> list[datetime]:
    """Every instant up to `as_of` at which the answer of `causes_at` may change."""
    instants = {
        *history.completed.instants,
        *history.section.instants,
        *history.member.instants,
        *board.columns(history).instants,
    }
    found = field_named(board.snapshot, board.rules.blocked_field)
    if found and found.gid in history.fields:
        instants.update(history.fields[found.gid].instants)
    for gid, waits in history.dependencies.items():
        instants.update(waits.instants)
        if other := board.histories.get(gid):
            instants.update(other.completed.instants)
            instants.update((*board.columns(other).instants, *other.member.instants))
    return sorted(instant for instant in instants if instant <= board.as_of)
