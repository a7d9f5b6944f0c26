"""What changed on the board in one window, [start, end): the news of a daily document.

Only a task's last state in the window is told, so a task is in one list at most. Our own comments and edits are not
news. A story on the boundary second belongs to the later window only. It does not say why anything moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from facilitator.board.board import Board, gid_order
from facilitator.board.flow import is_ours
from facilitator.board.replay import History

_MOMENT = timedelta(microseconds=1)
_QUIET = frozenset(("added_to_project", "liked", "comment_liked", "follower_added", "mentioned"))
"""Stories that say nothing about work; a task's creation is seen by its `created_at`."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Tasks by their last state in the window; each gid is in one of done, in_review, started, reopened, or none.

    `done` also holds tasks reopened and finished again; a task sent back from review to progress is in none.
    `created` and `touched` overlap the rest.
    """

    done: tuple[str, ...]
    in_review: tuple[str, ...]
    started: tuple[str, ...]
    reopened: tuple[str, ...]
    created: tuple[str, ...]
    touched: tuple[str, ...]
    comments: int


def activity(board: Board, start: datetime, end: datetime) -> Activity:
    """What people changed in [start, end), seen from the end of the window."""
    end = min(end, board.as_of + _MOMENT)
    touched = {
        gid: history for gid, history in board.histories.items() if any(_news(board, history, start, end))
    }
    moves = {gid: _move(board, history, start, end) for gid, history in touched.items()}

    def moved(how: str) -> tuple[str, ...]:
        return _ordered(gid for gid, move in moves.items() if move == how)

    return Activity(
        done=moved("done"),
        in_review=moved("in_review"),
        started=moved("in_progress"),
        reopened=moved("reopened"),
        created=_ordered(gid for gid, one in touched.items() if start <= one.task.created_at < end),
        touched=_ordered(touched),
        comments=sum(
            kind == "comment_added"
            for history in touched.values()
            for kind in _news(board, history, start, end)
        ),
    )


def _news(board: Board, history: History, start: datetime, end: datetime) -> Iterator[str]:
    """What kinds of things people did to the task in the window."""
    task = history.task
    if start <= task.created_at < end and not is_ours(board, task.created_by):
        yield "created"
    if not task.stories_read and task.completed_at and start <= task.completed_at < end:
        yield "marked_complete"
    for story in task.stories:
        inside = start <= story.created_at < end and not is_ours(board, story.created_by)
        if inside and story.subtype not in _QUIET:
            yield story.subtype


def _move(board: Board, history: History, start: datetime, end: datetime) -> str:
    """Where the task's moves in the window left it: done, in_review, in_progress, reopened, or empty."""
    before, after = board.state(history, start - _MOMENT), board.state(history, end - _MOMENT)
    if not history.exists(start - _MOMENT):
        before = ""
    if after == "done":
        finished = history.completed_at(end - _MOMENT)
        again = finished is not None and start <= finished
        return "done" if before != "done" or again else ""
    if before == "done":
        return "reopened"
    if after == before or (before, after) == ("in_review", "in_progress"):
        return ""
    return after if after in ("in_review", "in_progress") else ""


def _ordered(gids: Iterator[str] | dict[str, History]) -> tuple[str, ...]:
    return tuple(sorted(gids, key=gid_order))
