"""Proposing changes to tasks: what the session asks for by its tool, and what the facts would mark or move.

Part of `judge`. Nothing here changes anything in Asana: a proposal is a row that waits for the approver of the document.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice

from facilitator.board.blocking import blocked_now
from facilitator.board.board import Board
from facilitator.board.dependencies import dependencies, overtaken
from facilitator.board.refusal import Refused
from facilitator.board.wishes import Wish, Wished, date_for, mark_for, wish_for
from facilitator.drafts.richtext import unlinked
from facilitator.runs.amending import LONGEST_NOTE
from facilitator.runs.assignment import Assignment
from facilitator.runs.changes import Change
from facilitator.runs.ports import ToolAnswer
from facilitator.runs.proposals import FACTS, Proposal, Proposals
from facilitator.runs.run import Run
from facilitator.runs.step import Step
from facilitator.runs.steps.desk import Desk
from facilitator.unseen import one_line

MOST_MARKS = 10
"""Blocked tasks that one document proposes to mark, the longest blocked first."""
MOST_DATES = 10
"""Due dates that one document proposes to move."""


def proposer(
    desk: Desk, run: Run, assignment: Assignment, board: Callable[[], Board]
) -> Callable[[str, Wished, str], ToolAnswer]:
    """What answers `update_task_status` for the run: the change is queued, or refused with a reason the agent can read."""

    def propose(task: str, wanted: Wished, note: str) -> ToolAnswer:
        queued = _queued(desk, run, assignment, board(), (task, wanted, note))
        if isinstance(queued, Refused):
            return ToolAnswer(f"Not proposed: {queued.reason}.", is_error=True)
        wish = queued.wish
        return ToolAnswer(
            f"Proposed, and nothing is changed: task {wish.task} from {wish.before} to {wish.wanted}."
            " The approver of this document decides."
        )

    return propose


def propose_by_facts(desk: Desk, step: Step, assignment: Assignment) -> None:
    """With a session's first draft, where the team wants it: later dates for what is due before it can be, and the team's field
    for each task that the board says is blocked and nobody marked. One change a task: what has a proposal gets no second one.
    """
    run, never = step.run, assignment.never
    dates = assignment.cascade_dates and Change.TASK_DATES not in never
    mark = assignment.blockers_field if Change.TASK_CHANGES not in never else ""
    if run.round or not (dates or mark):
        return
    board = Board.of(desk.board(run)[0], assignment.rules)
    taken = {one.wish.task for one in Proposals(desk.store.database).of(run)}
    wishes = [*(_dates(board, taken) if dates else ())]
    wishes += _marks(board, mark, {*taken, *(wish.task for wish in wishes)}) if mark else ()
    for wish in wishes:
        step.keep_proposal(wish, origin=FACTS)


def _queued(
    desk: Desk, run: Run, assignment: Assignment, board: Board, asked: tuple[str, Wished, str]
) -> Proposal | Refused:
    task, wanted, note = asked
    if Change.TASK_CHANGES in assignment.never:
        return Refused("this team wants no changes to tasks")
    wish = wish_for(board, task, wanted)
    if isinstance(wish, Refused):
        return wish
    said = unlinked(one_line(note, LONGEST_NOTE))
    return Proposals(desk.store.database).queue(run, wish, said, now=desk.ports.clock())


def _dates(board: Board, taken: Collection[str]) -> Iterator[Wish]:
    """At most so many, in the order in which the dates depend on each other."""
    found = overtaken(board, dependencies(board)).items()
    wishes = (date_for(board, gid, day) for gid, day in found if gid not in taken)
    yield from islice((wish for wish in wishes if wish), MOST_DATES)


def _marks(board: Board, name: str, taken: Collection[str]) -> Iterator[Wish]:
    """At most so many, and none for a task that has a proposal: one change a task."""
    found = (mark_for(board, one.gid, name) for one in blocked_now(board) if one.gid not in taken)
    yield from islice((wish for wish in found if wish), MOST_MARKS)
