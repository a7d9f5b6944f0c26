"""submitted -> judged: the session is followed to its end; its verdicts and its draft are recorded, the draft is checked."""

from __future__ import annotations

from facilitator.calendar.windows import usual_grace
from facilitator.drafts.draft import Draft, DraftUnreadable, parse_draft
from facilitator.drafts.faults import Fault
from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.closer_look import CloserLook
from facilitator.runs.ports import Deliverable, Ending
from facilitator.runs.run import Run, RunState
from facilitator.runs.step import Step
from facilitator.runs.steps.budget import watch
from facilitator.runs.steps.desk import Desk
from facilitator.runs.steps.figures import take_figures
from facilitator.runs.steps.proposing import propose_by_facts, proposer
from facilitator.runs.tools import lazy_tools

GRADED = ("satisfied", "max_iterations_reached")
"""Results after which there is a draft worth a person's look."""

WHAT_NEXT = "The next window covers this one; `run` with this ceremony and team fires one now."


async def judge(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Follow the session to its end, answering its tools from the snapshot; keep verdicts, cost and the checked draft."""
    if run.session_id is None:
        raise FacilitatorError("the run has no session to follow.", suggestion="Run the window again.")
    observe = desk.ports.observe

    def check(raw: str) -> list[Fault]:
        return desk.faults(run, assignment, parse_draft(raw))

    def look() -> CloserLook:
        return desk.look(run, assignment)

    propose = proposer(desk, run, assignment, lambda: look().board)
    answer = lazy_tools(look, check, allowed=desk.ports.pinned.tools, propose=propose)
    agents = desk.ports.agents
    with desk.notebook.page(run.id, lambda event: observe(run, "event", event)) as page:
        ending = await agents.follow(run.session_id, assignment.deadline, answer=answer, record=page.record)
    desk.forget(run)
    return await _conclude(desk, run, assignment, ending)


async def _conclude(desk: Desk, run: Run, assignment: Assignment, ending: Ending) -> Run:
    found = None
    if ending.result in GRADED:
        found = await desk.ports.agents.deliverable(run.session_id or "", written=ending.written)
    with desk.step(run) as step:
        step.set(result=ending.result)
        step.keep_verdicts(run.outcome_id or "", ending.verdicts)
        step.keep_usage(ending.usage, ending.lines, ending.latency)
        if ending.result in GRADED:
            _judged(desk, step, assignment, found, ending)
        else:
            _ungraded(desk, step, assignment, ending)
    watch(desk, assignment)
    return desk.moved(step)


def _ungraded(desk: Desk, step: Step, assignment: Assignment, ending: Ending) -> None:
    """No draft: one new session where that is known to help, else the figures alone where they may stand in, else the end."""
    why = ending.reason or f"The session ended with {ending.stop}, ungraded."
    if ending.retry_new_session and step.run.attempt == 1 and _in_grace(desk, step.run, assignment):
        step.new_session()
        step.move(RunState.GATHERED, f"{why} A new session is tried, once.")
    elif ending.retry_new_session or ending.timed_out:
        take_figures(desk, step, assignment, f"{why} {WHAT_NEXT}")
    else:
        step.move(RunState.FAILED, f"{why} {WHAT_NEXT}")


def _in_grace(desk: Desk, run: Run, assignment: Assignment) -> bool:
    """Whether the window is still worth a second session; what a person fired by hand counts from then."""
    due = run.created_at if run.trigger == "hand" else run.window.end
    grace = assignment.grace or usual_grace(assignment.timetable.cadence)
    return desk.ports.clock() - due <= grace


def _judged(
    desk: Desk, step: Step, assignment: Assignment, found: Deliverable | None, ending: Ending
) -> None:
    try:
        draft = _draft(found)
    except DraftUnreadable as error:
        step.move(RunState.FAILED, f"{ending.result}, but the draft cannot be used: {error}. {WHAT_NEXT}")
        return
    faults = desk.faults(step.run, assignment, draft)
    propose_by_facts(desk, step, assignment)
    step.keep_draft(draft, faults, origin="agent")
    step.set(
        draft_source=found.source if found else "",
        expires_at=desk.ports.clock() + assignment.expires_after,
    )
    checks = f"{len(faults)} faults found by the checks" if faults else "every check passed"
    step.move(RunState.JUDGED, f"{ending.result} after {len(ending.verdicts)} gradings; {checks}")


def _draft(found: Deliverable | None) -> Draft:
    if found is None:
        raise DraftUnreadable("the session left no draft.json")
    return parse_draft(found.text)
