"""What a retrospective looks at: the sprint that just ended, what it was like to work in it, and what became of old actions.

Reads a `Board`, its closed sprints' figures and the Snapshot's tasks outside the board; feeds jobs/retro.py. It lists
what repeats and what stood out; it names no cause and counts nobody's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from facilitator.board.blocking import blocked_episodes
from facilitator.board.board import Board, gid_order
from facilitator.board.days import local_date, working_age, working_days
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprint_figures import SprintFigures, carry_over_counts
from facilitator.board.sprints import Sprint

LONG_BLOCKED = 3
"""Working days within the sprint from which a wait is long, as in the stand-up's verdict."""


class EarlierActions(NamedTuple):
    """Tasks of earlier retros' actions: those open now (first due first) and those done since an instant.

    `board` knows both; the team's own board leaves them out of every figure.
    """

    open: tuple[str, ...]
    done: tuple[str, ...]
    board: Board


@dataclass(frozen=True, slots=True)
class Standouts:
    """Tasks of one sprint that had something in common, each list in the order documents show it.

    `carried_again`: carried out of this sprint and of an earlier one. `blocked_long`: waited for at least
    `LONG_BLOCKED` working days of it. `added_late`: entered in its second half and not split off work already in.
    `reestimated`: had an estimate and got another. `reopened`: was done, then open again. `went_through`: committed,
    done, and in none of the others, largest first.
    """

    carried_again: tuple[str, ...]
    blocked_long: tuple[str, ...]
    added_late: tuple[str, ...]
    reestimated: tuple[str, ...]
    reopened: tuple[str, ...]
    went_through: tuple[str, ...]


def with_actions(snapshot: Snapshot, elsewhere: Snapshot | None) -> Snapshot:
    """The snapshot with earlier actions' tasks that stand in a project of their own, for `earlier_actions` alone."""
    if elsewhere is None:
        return snapshot
    known = {task.gid for task in snapshot.tasks}
    people = {user.gid: user for user in (*elsewhere.users, *snapshot.users)}
    return replace(
        snapshot,
        tasks=(*snapshot.tasks, *(task for task in elsewhere.tasks if task.gid not in known)),
        sections=(*snapshot.sections, *elsewhere.sections),
        users=tuple(people.values()),
        projects=(),
    )


def ended_sprints(board: Board) -> tuple[Sprint, ...]:
    """Sprints over by `as_of`, oldest first, each with the instant it closed.

    One that nobody closed counts as over once the next has begun; it then closed at its planned end, or at that
    beginning if that came first.
    """
    begun = [sprint for sprint in board.sprints if sprint.start <= board.as_of]
    over = [sprint for sprint in begun if sprint.closed_by(board.as_of)]
    for sprint, following in pairwise(begun):
        if not sprint.closed_by(board.as_of) and sprint.start < following.start:
            over.append(replace(sprint, closed=min(sprint.end, following.start)))
    return tuple(sorted(over, key=lambda sprint: (sprint.start, sprint.name)))


def retro_sprint(board: Board) -> Sprint | None:
    """The sprint to look back on: the running one from its last working day on, else the one that ended last.

    None where no sprint has ended by `as_of`.
    """
    running = board.current_sprint()
    if running is not None and _is_last_day(board, running):
        return running
    ended = ended_sprints(board)
    return max(ended, key=lambda sprint: sprint.closed or sprint.end, default=None)


def waits(board: Board, figures: SprintFigures) -> dict[str, int]:
    """Working days each task of the sprint was blocked within it, over all episodes; tasks never blocked left out.

    A day counts once it has begun after the day on which the wait began, or the sprint.
    """
    start, until, rules = figures.sprint.start, figures.until, board.rules
    found: dict[str, int] = {}
    for gid in scope_of(figures):
        days = sum(
            working_age(max(begin, start), min(end or until, until), rules)
            for begin, end in blocked_episodes(board, board.histories[gid])
            if begin < until and (end is None or end > start)
        )
        if days:
            found[gid] = days
    return found


def scope_of(figures: SprintFigures) -> tuple[str, ...]:
    """Every task that was in the sprint, oldest first."""
    return tuple(sorted({*figures.committed.gids, *figures.added.gids}, key=gid_order))


def standouts(board: Board, figures: SprintFigures, earlier: Iterable[SprintFigures]) -> Standouts:
    """What stood out in one sprint; `earlier` are the sprints before it, for what is carried again."""
    before, waited = carry_over_counts(earlier), waits(board, figures)
    again = [gid for gid in figures.carried_over.gids if before[gid]]
    lists = {
        "carried_again": tuple(sorted(again, key=lambda gid: (-before[gid], gid_order(gid)))),
        "blocked_long": tuple(
            sorted(
                (gid for gid, days in waited.items() if days >= LONG_BLOCKED),
                key=lambda gid: (-waited[gid], gid_order(gid)),
            )
        ),
        "added_late": tuple(_added_late(board, figures)),
        "reestimated": tuple(
            dict.fromkeys(
                one.gid for one in figures.reestimates if one.old is not None and one.new is not None
            )
        ),
        "reopened": tuple(gid for gid in scope_of(figures) if _was_reopened(board, gid, figures)),
    }
    odd = {gid for gids in lists.values() for gid in gids} | waited.keys() | before.keys()
    smooth = [gid for gid in figures.initial_completed.gids if gid not in odd]
    return Standouts(**lists, went_through=tuple(sorted(smooth, key=lambda gid: _by_size(board, gid))))


def sprint_goal(board: Board, figures: SprintFigures) -> tuple[str, bool] | None:
    """The sprint's goal and whether it was reached: a milestone of the sprint named `Sprint goal: ...`; None without one.

    Asana has no goal of a sprint; this is the convention of the board's readers.
    """
    for gid in scope_of(figures):
        task = board.histories[gid].task
        label, _, goal = task.name.partition(":")
        if (
            task.subtype == "milestone"
            and label.strip().casefold() in ("sprint goal", "goal")
            and goal.strip()
        ):
            return goal.strip(), gid in figures.completed.gids
    return None


def earlier_actions(
    snapshot: Snapshot, rules: BoardRules, known: Sequence[str], section: str, since: datetime
) -> EarlierActions:
    """What became of earlier actions: tasks standing in the section of actions, by hand or by us, and those `known` by gid.

    Done ones are told if they were done after `since`; the section is named without regard to case.
    """
    sections = {one.gid for one in snapshot.sections if one.name.strip().casefold() == section.casefold()}
    kept = tuple(task for task in snapshot.tasks if task.gid in known or task.section in sections)
    board = Board.of(
        replace(snapshot, tasks=kept),
        replace(rules, excluded_sections=(), excluded_tasks=(), blocked_names=()),
    )
    still, done = [], []
    for gid, history in board.histories.items():
        if not history.exists(board.as_of):
            continue
        if board.state(history, board.as_of) != "done":
            still.append(gid)
        elif (history.completed_at(board.as_of) or history.section.instants[-1]) > since:
            done.append(gid)
    return EarlierActions(
        tuple(sorted(still, key=lambda gid: _by_due(board, gid))), tuple(sorted(done, key=gid_order)), board
    )


def _is_last_day(board: Board, sprint: Sprint) -> bool:
    zone = board.rules.zone
    days = working_days(local_date(sprint.start, zone), sprint.last_day(zone), board.rules)
    last = days[-1] if days else sprint.last_day(zone)
    return local_date(board.as_of, zone) >= last


def _added_late(board: Board, figures: SprintFigures) -> Iterator[str]:
    sprint = figures.sprint
    middle: datetime = sprint.start + (sprint.end - sprint.start) / 2
    stays = board.in_sprint(sprint)
    for gid in figures.crept.gids:
        entered = min((start for start, _ in stays[gid] if start > sprint.start), default=sprint.start)
        if entered > middle:
            yield gid


def _was_reopened(board: Board, gid: str, figures: SprintFigures) -> bool:
    changes = board.histories[gid].completed.changes(figures.sprint.start, figures.until)
    return any(old and not new for _, old, new in changes)


def _by_size(board: Board, gid: str) -> tuple[float, tuple[int, str]]:
    return -(board.points(board.histories[gid], board.as_of) or 0), gid_order(gid)


def _by_due(board: Board, gid: str) -> tuple[str, tuple[int, str]]:
    due = board.histories[gid].due.at(board.as_of)
    return due.isoformat() if due else "9999", gid_order(gid)
