"""Proposing changes to tasks: what the session asks for by its tool, and which blocked tasks the facts would mark.

Part of `judge`. Nothing here changes anything in Asana: a proposal is a row that waits for the approver of the document.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from facilitator.board.blocking import blocked_now
from facilitator.board.board import Board
from facilitator.board.refusal import Refused
from facilitator.board.wishes import Wish, Wished, mark_for, wish_for
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


def propose_marks(desk: Desk, step: Step, assignment: Assignment) -> None:
    """With a session's first draft: propose the team's field for each task that the board says is blocked and nobody marked."""
    run, name = step.run, assignment.blockers_field
    if not name or run.round or Change.TASK_CHANGES in assignment.never:
        return
    taken = {one.wish.task for one in Proposals(desk.store.database).of(run)}
    for wish in _marks(Board.of(desk.board(run)[0], assignment.rules), name, taken):
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


def _marks(board: Board, name: str, taken: Collection[str]) -> Iterator[Wish]:
    """At most so many, and none for a task that has a proposal: one change a task."""
    found = (mark_for(board, one.gid, name) for one in blocked_now(board) if one.gid not in taken)
    for wish, _ in zip((wish for wish in found if wish), range(MOST_MARKS), strict=False):
        yield wish
