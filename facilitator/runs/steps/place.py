"""The task that a document belongs to: found or made once, and recorded with the run."""

from __future__ import annotations

from facilitator.board.snapshot import TaskGid
from facilitator.drafts.richtext import one_line
from facilitator.runs.assignment import Assignment
from facilitator.runs.delivery import Delivery
from facilitator.runs.marking import HOME, HOME_NOTE, ai_fields
from facilitator.runs.run import Run
from facilitator.runs.steps.desk import Desk
from facilitator.runs.store import sha256
from facilitator.runs.targets import TargetFinder, Targets

TURN_S = 0.2
"""How often a run looks whether the ceremony's task is its to make."""


async def placed(desk: Desk, run: Run, assignment: Assignment, delivery: Delivery) -> Run:
    """The run with its task known; a second time nothing is asked. Raises `TrackerError`."""
    if run.task_gid is not None:
        return run
    task = assignment.task or await _target(desk, run, assignment, delivery)
    with desk.step(run) as step:
        step.set(task_gid=task)
    return step.run


async def _target(desk: Desk, run: Run, assignment: Assignment, delivery: Delivery) -> TaskGid:
    """The ceremony's own task. Runs that need it at one instant take turns, so that it is made once."""
    name = assignment.task_name or assignment.ceremony.title
    finder = TargetFinder(Targets(desk.store.database), delivery, desk.ports.clock)
    about = f"{assignment.ceremony.title} of {one_line(assignment.team_name)}: each document is a comment here. {HOME_NOTE}"
    while True:
        with desk.ports.locks.hold(f"task_{sha256(f'{assignment.project}/{name}')[:16]}") as ours:
            if ours:
                return await finder.find_or_make(
                    assignment.project,
                    name,
                    about=about,
                    marker=f"{HOME}{run.key}",
                    fields=lambda: ai_fields(desk.board(run)[0]),
                )
        await desk.ports.sleep(TURN_S)
