"""How work flows: work in progress and its age, throughput, and what is stale, overdue or badly described.

Kanban measures over a `Board`. Ages are calendar days with the first one counted (Kanban's work item age); waits and
sprints are working days. It sets no alarm: callers choose thresholds, and nothing is kept per person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from facilitator.board.board import STARTED, Board, gid_order
from facilitator.board.days import calendar_age, local_date, working_days
from facilitator.board.replay import History
from facilitator.board.sprint_figures import first_start, percentile

HISTORY = timedelta(weeks=12)
"""How far back the team's own pace is measured (ceremonies reference, section 5: 8 to 12 weeks)."""

ENOUGH = 5
"""Below this many finished tasks no percentile is shown: two or three tasks are an anecdote."""

HYGIENE_WEIGHTS = {"owner": 0.3, "estimate": 0.3, "due": 0.2, "fresh": 0.2}


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the team's tasks took, in calendar days with both ends counted; None where n is below `ENOUGH`."""

    n: int
    p50: float | None
    p85: float | None


@dataclass(frozen=True, slots=True)
class Hygiene:
    """How well open tasks are described: each share 0-100, and their weighted mean; None without open tasks."""

    tasks: int
    score: float | None
    owner: float | None
    estimate: float | None
    due: float | None
    fresh: float | None


def wip(board: Board) -> tuple[str, ...]:
    """Tasks started and not finished, each counted once, subtasks and milestones on the board included."""
    return _sorted(found for found in board.open_tasks() if board.state(found, board.as_of) in STARTED)


def started_at(board: Board, history: History) -> datetime | None:
    """When work on the task first began; its creation where it was created in a started section; None if never."""
    born = history.section.instants[0]
    if board.state(history, born) in STARTED:
        return born
    return first_start(board, history, board.as_of)


def age_days(board: Board, history: History) -> int | None:
    """Work item age: calendar days since work began, the first day counted; None for a task nobody started."""
    start = started_at(board, history)
    return None if start is None else calendar_age(start, board.as_of, board.rules.zone)


def pace(board: Board, over: timedelta = HISTORY) -> Pace:
    """Cycle times of the tasks finished in the last twelve weeks, counted as ages are."""
    since = board.as_of - over
    found = []
    for history in board.histories.values():
        done, start = history.completed_at(board.as_of), started_at(board, history)
        if done and start and since < done and start <= done:
            found.append(float(calendar_age(start, done, board.rules.zone)))
    if len(found) < ENOUGH:
        return Pace(len(found), None, None)
    return Pace(len(found), percentile(sorted(found), 0.5), percentile(sorted(found), 0.85))


def ageing(board: Board, line: float | None) -> tuple[str, ...]:
    """Tasks in progress that are older than the line (the team's p85), oldest first; none without a line."""
    if line is None:
        return ()
    ages = {gid: age_days(board, board.histories[gid]) or 0 for gid in wip(board)}
    late = [gid for gid, age in ages.items() if age > line]
    return tuple(sorted(late, key=lambda gid: (-ages[gid], gid_order(gid))))


def throughput(board: Board, first: date, last: date) -> list[tuple[date, int]]:
    """Tasks finished on each working day from `first` to `last`, days without any kept as 0.

    What was finished on a free day counts on the working day before it, or on the first one.
    """
    open_days = working_days(first, last, board.rules)
    if not open_days:
        return []
    counts: Counter[date] = Counter()
    for history in board.histories.values():
        done = history.completed_at(board.as_of)
        day = local_date(done, board.rules.zone) if done else None
        if day and first <= day <= last:
            counts[max((known for known in open_days if known <= day), default=open_days[0])] += 1
    return [(day, counts[day]) for day in open_days]


def last_touched(board: Board, history: History) -> datetime:
    """The last thing anybody but us did to the task by `as_of`; its creation where nothing else is known."""
    return max(
        (
            story.created_at
            for story in history.task.stories
            if story.created_at <= board.as_of and not is_ours(board, story.created_by)
        ),
        default=history.task.created_at if history.task.stories_read else history.task.modified_at,
    )


def is_ours(board: Board, author: str | None) -> bool:
    """Whether a story was written by the runner itself: our own comments are not news."""
    return author is not None and author == board.snapshot.bot


def stale(board: Board) -> tuple[str, ...]:
    """Started tasks untouched for more than the configured number of days, longest first."""
    limit = board.as_of - timedelta(days=board.rules.stale_after_days)
    touched = {gid: last_touched(board, board.histories[gid]) for gid in wip(board)}
    return tuple(
        sorted(
            (gid for gid, at in touched.items() if at < limit), key=lambda gid: (touched[gid], gid_order(gid))
        )
    )


def overdue(board: Board) -> tuple[str, ...]:
    """Open tasks past their due instant, or whose due date is before today in the team's zone; oldest due first."""
    late = {found.task.gid: due for found in board.open_tasks() if (due := _missed(board, found))}
    return tuple(sorted(late, key=lambda gid: (late[gid], gid_order(gid))))


def unassigned(board: Board, gids: Iterable[str]) -> tuple[str, ...]:
    """Those of the tasks that are open and have no owner."""
    return _sorted(found for found in _open_among(board, gids) if found.assignee.at(board.as_of) is None)


def unestimated(board: Board, gids: Iterable[str]) -> tuple[str, ...]:
    """Those of the tasks that are open and have no estimate."""
    return _sorted(found for found in _open_among(board, gids) if board.points(found, board.as_of) is None)


def unticked(board: Board) -> tuple[str, ...]:
    """Tasks that stand in a Done column although nobody marked them complete."""
    return _sorted(
        found
        for found in board.histories.values()
        if found.exists(board.as_of)
        and not found.is_complete(board.as_of)
        and board.state(found, board.as_of) == "done"
    )


def hygiene(board: Board, gids: Iterable[str]) -> Hygiene:
    """The share of the open tasks with an owner, an estimate, a due date and a change in the stale time, weighted."""
    tasks = _open_among(board, gids)
    if not tasks:
        return Hygiene(0, None, None, None, None, None)
    limit = board.as_of - timedelta(days=board.rules.stale_after_days)
    shares = {
        "owner": _share(found.assignee.at(board.as_of) is not None for found in tasks),
        "estimate": _share(board.points(found, board.as_of) is not None for found in tasks),
        "due": _share(found.due.at(board.as_of) is not None for found in tasks),
        "fresh": _share(last_touched(board, found) >= limit for found in tasks),
    }
    score = sum(HYGIENE_WEIGHTS[name] * share for name, share in shares.items())
    return Hygiene(len(tasks), score, **shares)


def _missed(board: Board, history: History) -> date | None:
    """The local due date of a task that is late, or None."""
    due = history.due.at(board.as_of)
    if isinstance(due, datetime):
        return local_date(due, board.rules.zone) if due < board.as_of else None
    return due if due and due < local_date(board.as_of, board.rules.zone) else None


def _open_among(board: Board, gids: Iterable[str]) -> list[History]:
    wanted = set(gids)
    return [found for found in board.open_tasks() if found.task.gid in wanted]


def _share(answers: Iterable[bool]) -> float:
    known = list(answers)
    return 100 * sum(known) / len(known)


def _sorted(found: Iterable[History]) -> tuple[str, ...]:
    return tuple(sorted((one.task.gid for one in found), key=gid_order))
