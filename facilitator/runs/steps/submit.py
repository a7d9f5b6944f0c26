"""gathered -> submitted: facts, brief and rubric become one session with one outcome."""

from __future__ import annotations

from typing import Any

from facilitator.board.facts import Facts
from facilitator.runs.assignment import Assignment
from facilitator.runs.ports import Outcome, SessionRef
from facilitator.runs.run import Run, RunState
from facilitator.runs.steps.desk import Desk
from facilitator.runs.store import sha256


async def submit(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Open the one session, or find it where an attempt was made before, and send it its outcome unless it has one."""
    facts = desk.facts(run)
    outcome = outcome_of(desk, run, assignment, facts)
    if run.session_id is None:
        run = await _open_session(desk, run, assignment, outcome)
    outcome_id = await desk.ports.agents.start(run.session_id or "", outcome)
    with desk.step(run) as step:
        step.set(outcome_id=outcome_id)
        step.move(RunState.SUBMITTED, f"outcome {outcome_id} sent to session {run.session_id}")
    return desk.moved(step)


async def _open_session(desk: Desk, run: Run, assignment: Assignment, outcome: Outcome) -> Run:
    attempted = run.submit_attempted_at
    rubric = desk.ports.library.rubric(assignment.ceremony)
    with desk.step(run) as step:
        # Recorded before the call: whoever finds this row knows that a session may exist and looks first.
        step.set(
            submit_attempted_at=attempted or desk.ports.clock(),
            prompt_hash=sha256(outcome.description),
            rubric_id=rubric.id,
            rubric_version=rubric.version,
            rubric_hash=rubric.digest,
            agent_hash=desk.ports.pinned.agent_hash,
            environment_hash=desk.ports.pinned.environment_hash,
        )
    session = await desk.ports.agents.open_session(outcome, attempted_at=attempted)
    with desk.step(step.run) as opened:
        opened.set(**_session_columns(session))
        opened.note(f"{'adopted' if session.adopted else 'created'} session {session.id}")
    return opened.run


def outcome_of(desk: Desk, run: Run, assignment: Assignment, facts: Facts) -> Outcome:
    """What is asked of the agent for this run: the same each time it is asked."""
    rubric = desk.ports.library.rubric(assignment.ceremony)
    return Outcome(
        run_key=run.key,
        title=f"{run.ceremony} · {assignment.team_name} · {run.window.key}",
        description=desk.ports.library.brief(assignment.ceremony, facts),
        rubric=rubric.text,
        facts_json=facts.to_json(),
        max_iterations=assignment.max_iterations or rubric.max_iterations,
        budget_cents=assignment.budget_cents,
        deadline=assignment.deadline,
    )


def _session_columns(session: SessionRef) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "agent_id": session.agent_id,
        "agent_version": session.agent_version,
        "console_url": session.console_url,
    }
