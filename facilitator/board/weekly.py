"""A week of a board: what was finished in it, what stood still, which dates moved, and what became of last week's word.

Measures over a `Board` for documents that look back seven days and at the seven before them. A week ends with its
document's window and begins at the same time on the team's wall seven days earlier, whatever the clocks did. It sets no
colour (see `health`) and chooses no words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from facilitator.board.blocking import Blocked
from facilitator.board.board import STARTED, Board, gid_order
from facilitator.board.days import local_date
from facilitator.board.flow import is_ours, last_touched
from facilitator.board.replay import History
from facilitator.board.sprint_figures import NOT_DELIVERED

WEEK = timedelta(days=7)

REASON_WITHIN = timedelta(hours=24)
"""A comment this near to a date's change may say why it moved."""


@dataclass(frozen=True, slots=True)
class Week:
    """Seven local days, [start, end), and the seven before them, [before, start); all in UTC."""

    before: datetime
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class DateMove:
    """An open task whose due date is another than a week ago; `new` is None where it was taken away.

    `said` is what a person wrote on the task within a day of the change: perhaps the reason, perhaps not.
    """

    gid: str
    old: date
    new: date | None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Promises:
    """Tasks an earlier document promised, by what became of them. `gone` are no longer on the board at all."""

    done: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many tasks were promised."""
        return len(self.done) + len(self.open) + len(self.dropped) + len(self.gone)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an open task is a risk: `reasons` in words; days overdue are calendar days, days blocked working days."""

    gid: str
    reasons: tuple[str, ...]
    overdue_days: int = 0
    blocked_days: int = 0


def week_of(end: datetime, zone: ZoneInfo) -> Week:
    """The week that ends at this instant and the one before it, by the team's wall clock."""
    local = end.astimezone(zone)
    start, before = (
        (local.replace(tzinfo=None) - step).replace(tzinfo=zone).astimezone(UTC) for step in (WEEK, 2 * WEEK)
    )
    return Week(before, start, end.astimezone(UTC))


def board_at(board: Board, instant: datetime) -> Board:
    """The same board read at an earlier instant: for the figure a week ago beside today's."""
    return replace(board, snapshot=replace(board.snapshot, as_of=instant))


def in_focus(board: Board) -> tuple[str, ...]:
    """Open tasks a weekly speaks of: the running sprint's and those in progress; without a sprint, all but the backlog."""
    sprint = board.current_sprint()
    scope = set(board.scope(sprint, board.as_of)) if sprint else None
    found = {history.task.gid: board.state(history, board.as_of) for history in board.open_tasks()}
    kept = (
        gid
        for gid, state in found.items()
        if state in STARTED or (gid in scope if scope is not None else state != "backlog")
    )
    return tuple(sorted(kept, key=gid_order))


def completed(board: Board, start: datetime, end: datetime) -> dict[str, datetime]:
    """Tasks marked complete in [start, end) and still so at `as_of`, with the instant, earliest first."""
    found = {
        gid: done
        for gid, history in board.histories.items()
        if history.exists(board.as_of)
        and (done := history.completed_at(board.as_of)) is not None
        and start <= done < end
    }
    return dict(sorted(found.items(), key=lambda pair: (pair[1], gid_order(pair[0]))))


def points_of(board: Board, finished: Mapping[str, datetime]) -> float:
    """The estimates of these tasks when they were finished, added up; one without an estimate counts 0."""
    return sum(board.points(board.histories[gid], at) or 0 for gid, at in finished.items())


def weightiest(board: Board, finished: Mapping[str, datetime]) -> tuple[str, ...]:
    """Finished work worth telling, weightiest first: by tasks that waited for it, then points, then the newest.

    What was closed without anything to show (won't do, duplicate ...) is left out.
    """
    waiting = _waiting(board)
    shown = [gid for gid in finished if not _undelivered(board, gid)]

    def weight(gid: str) -> tuple[float, float, float, tuple[int, str]]:
        points = board.points(board.histories[gid], finished[gid]) or 0
        return -waiting.get(gid, 0), -points, -finished[gid].timestamp(), gid_order(gid)

    return tuple(sorted(shown, key=weight))


def idle_days(board: Board, gid: str) -> int:
    """Whole days, by the team's wall clock, since anybody but us touched the task; 0 on the day itself."""
    zone = board.rules.zone
    touched = last_touched(board, board.histories[gid]).astimezone(zone).replace(tzinfo=None)
    return max(0, (board.as_of.astimezone(zone).replace(tzinfo=None) - touched).days)


def lively(board: Board, gids: Iterable[str]) -> tuple[str, ...]:
    """Those of the tasks that somebody touched within the last seven days, order kept."""
    return tuple(gid for gid in gids if idle_days(board, gid) < WEEK.days)


def date_moves(board: Board, start: datetime, end: datetime) -> tuple[DateMove, ...]:
    """Open tasks due on another day than at `start`, the furthest moved first; a first due date is no move."""
    found = [move for history in board.open_tasks() if (move := _move(board, history, start, end))]

    def far(move: DateMove) -> tuple[int, tuple[int, str]]:
        return -abs((move.new - move.old).days) if move.new else -10_000, gid_order(move.gid)

    return tuple(sorted(found, key=far))


def promises(board: Board, gids: Sequence[str]) -> Promises:
    """What became of these tasks: done, not done, dropped, or gone from what was read; order kept.

    Dropped is a task taken off the board, put back into the backlog, or closed without anything to show.
    """
    states = {gid: _fate(board, gid) for gid in dict.fromkeys(gids)}

    def those(fate: str) -> tuple[str, ...]:
        return tuple(gid for gid, found in states.items() if found == fate)

    return Promises(those("done"), those("open"), those("dropped"), those("gone"))


def troubles(
    board: Board,
    gids: Iterable[str],
    *,
    blocked: Iterable[Blocked],
    overdue: Iterable[str],
    unassigned: Iterable[str],
) -> tuple[Trouble, ...]:
    """Those of the tasks that are blocked, overdue or without an owner; most reasons first, then the longest."""
    stuck = {one.gid: one.working_days for one in blocked}
    lists = (("blocked", set(stuck)), ("overdue", set(overdue)), ("no owner", set(unassigned)))
    found = [
        Trouble(gid, reasons, _overdue_days(board, gid) if "overdue" in reasons else 0, stuck.get(gid, 0))
        for gid in dict.fromkeys(gids)
        if (reasons := tuple(reason for reason, those in lists if gid in those))
    ]
    return tuple(
        sorted(
            found,
            key=lambda one: (-len(one.reasons), -one.blocked_days, -one.overdue_days, gid_order(one.gid)),
        )
    )


def unbegun(board: Board, gids: Iterable[str]) -> tuple[str, ...]:
    """Those of the open tasks that nobody has begun, the largest first."""
    found = [gid for gid in gids if board.state(board.histories[gid], board.as_of) == "todo"]
    return tuple(
        sorted(
            found, key=lambda gid: (-(board.points(board.histories[gid], board.as_of) or 0), gid_order(gid))
        )
    )


def upcoming(board: Board, gids: Iterable[str]) -> tuple[str, ...]:
    """Open tasks fit to be named as next: in review, then in progress, then not started.

    Within each those with an owner and a due date to come stand first, the nearest date before the others.
    """
    today = local_date(board.as_of, board.rules.zone)
    turn = {"in_review": 0, "in_progress": 1, "todo": 2}

    def order(gid: str) -> tuple[bool, int, date, tuple[int, str]]:
        history = board.histories[gid]
        due = _day(history.due.at(board.as_of), board.rules.zone)
        ready = history.assignee.at(board.as_of) is not None and due is not None and due >= today
        return not ready, turn[board.state(history, board.as_of)], due or date.max, gid_order(gid)

    fit = [gid for gid in gids if board.state(board.histories[gid], board.as_of) in turn]
    return tuple(sorted(fit, key=order))


def _overdue_days(board: Board, gid: str) -> int:
    due = _day(board.histories[gid].due.at(board.as_of), board.rules.zone)
    return (local_date(board.as_of, board.rules.zone) - due).days if due else 0


def _waiting(board: Board) -> dict[str, int]:
    """How many open tasks have each task among what they wait, or waited, for."""
    counts: dict[str, int] = {}
    for history in board.open_tasks():
        for gid, waits in history.dependencies.items():
            counts[gid] = counts.get(gid, 0) + bool(waits.at(board.as_of))
    return counts


def _undelivered(board: Board, gid: str) -> bool:
    return board.option_name(board.histories[gid], "Resolution", board.as_of).casefold() in NOT_DELIVERED


def _move(board: Board, history: History, start: datetime, end: datetime) -> DateMove | None:
    zone = board.rules.zone
    old, new = _day(history.due.at(start), zone), _day(history.due.at(min(end, board.as_of)), zone)
    if old is None or old == new:
        return None
    instants = [instant for instant, _, _ in history.due.changes(start, min(end, board.as_of))]
    return DateMove(history.task.gid, old, new, _said(board, history, instants[-1]))


def _said(board: Board, history: History, near: datetime) -> str:
    """The comment nearest to an instant, if a person wrote one within a day of it."""
    comments = [
        story
        for story in history.task.stories
        if story.subtype == "comment_added"
        and not is_ours(board, story.created_by)
        and story.created_at <= board.as_of
        and abs(story.created_at - near) <= REASON_WITHIN
    ]
    nearest = min(comments, key=lambda story: (abs(story.created_at - near), story.gid), default=None)
    return nearest.text if nearest else ""


def _fate(board: Board, gid: str) -> str:
    history = board.histories.get(gid)
    if history is None:
        return "gone"
    if not history.exists(board.as_of) or _undelivered(board, gid):
        return "dropped"
    state = board.state(history, board.as_of)
    return {"done": "done", "backlog": "dropped"}.get(state, "open")


def _day(due: date | datetime | None, zone: ZoneInfo) -> date | None:
    return local_date(due, zone) if isinstance(due, datetime) else due
