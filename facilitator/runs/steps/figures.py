"""gathered or submitted -> judged without a session: the document of figures alone, where the team allows it.

The way out when the model stays unavailable. What comes of it is a draft like any other: checked, never written without
a person's yes, and labelled for what it is.
"""

from __future__ import annotations

from facilitator.drafts.figures_only import figures_only, relaxed
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import FIGURES, Run, RunState
from facilitator.runs.step import Step
from facilitator.runs.steps.desk import Desk


def figures_instead(desk: Desk, run: Run, assignment: Assignment, why: str) -> Run:
    """Put the figures alone before a person, or fail the run: without leave, or where its checks take no such form."""
    with desk.step(run) as step:
        take_figures(desk, step, assignment, why)
    return desk.moved(step)


def take_figures(desk: Desk, step: Step, assignment: Assignment, why: str) -> None:
    """The same within a step that records more."""
    if not assignment.figures_only:
        step.move(RunState.FAILED, why)
        return
    facts = relaxed(desk.facts(step.run))
    draft = figures_only(facts, lambda one: desk.ports.library.check(assignment.ceremony, one, facts))
    if draft is None:
        step.move(RunState.FAILED, f"{why} A document of figures alone does not pass this ceremony's checks.")
        return
    step.keep_draft(draft, (), origin=FIGURES)
    step.set(result=None, draft_source=FIGURES, expires_at=desk.ports.clock() + assignment.expires_after)
    step.move(RunState.JUDGED, f"figures only, written by code: {why}")
