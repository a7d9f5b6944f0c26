"""gathered -> submitted: facts, brief and rubric become one session with one outcome; a reviewer's wish becomes its next."""

from __future__ import annotations

from typing import Any

from facilitator.board.facts import Facts
from facilitator.errors import AgentsError
from facilitator.runs.assignment import Assignment
from facilitator.runs.ports import Outcome, SessionRef
from facilitator.runs.run import DecisionKind, Run, RunState
from facilitator.runs.steps.budget import affordable
from facilitator.runs.steps.desk import Desk
from facilitator.runs.store import sha256


async def submit(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Open the one session, or find it where an attempt was made before, and send it its outcome unless it has it.

    A reviewer's wish goes into the session that wrote the draft; where that one can take no more (gone, archived, its
    budget spent), a new one gets the brief and the wish together.
    """
    facts = desk.facts(run)
    outcome = outcome_of(desk, run, assignment, facts)
    fresh = False
    if run.session_id is None:
        run, fresh = await _open_session(desk, run, assignment, outcome)
    try:
        outcome_id = await desk.ports.agents.start(run.session_id or "", outcome, fresh=fresh)
    except AgentsError as error:
        if error.retryable or run.round == 0:
            raise
        return _start_over(desk, run, error)
    with desk.step(run) as step:
        step.set(outcome_id=outcome_id)
        step.move(RunState.SUBMITTED, f"outcome {outcome_id} sent to session {run.session_id}")
    return desk.moved(step)


def _start_over(desk: Desk, run: Run, error: AgentsError) -> Run:
    with desk.step(run) as step:
        step.note(f"session {run.session_id} takes no further outcome, a new one is opened: {error.message}")
        step.new_session()
    return step.run


async def _open_session(desk: Desk, run: Run, assignment: Assignment, outcome: Outcome) -> tuple[Run, bool]:
    """The run with its session, and whether that was made just now."""
    attempted = run.submit_attempted_at
    outcome = affordable(desk, run, assignment, outcome)
    rubric = desk.ports.library.rubric(assignment.ceremony)
    brief = desk.ports.library.brief_version(assignment.ceremony)
    with desk.step(run) as step:
        # Recorded before the call: whoever finds this row knows that a session may exist and looks first.
        step.set(
            submit_attempted_at=attempted or desk.ports.clock(),
            prompt_hash=sha256(outcome.description),
            brief_id=brief.id,
            brief_version=brief.version,
            brief_hash=brief.digest,
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
    return opened.run, not session.adopted


def outcome_of(desk: Desk, run: Run, assignment: Assignment, facts: Facts) -> Outcome:
    """What is asked of the agent for this run and revision: the same each time it is asked."""
    rubric = desk.ports.library.rubric(assignment.ceremony)
    return Outcome(
        run_key=run.session_key,
        title=f"{run.ceremony} · {assignment.team_name} · {run.window.key}",
        description=_description(desk, run, assignment, facts),
        rubric=rubric.text,
        facts_json=facts.to_json(),
        max_iterations=assignment.max_iterations or rubric.max_iterations,
        budget_cents=assignment.budget_cents,
        deadline=assignment.deadline,
        round=run.round,
        about={
            "team": run.team,
            "ceremony": run.ceremony,
            "window_start": run.window.start.isoformat(),
            "window_end": run.window.end.isoformat(),
            "mode": run.mode,
        },
    )


def _description(desk: Desk, run: Run, assignment: Assignment, facts: Facts) -> str:
    library = desk.ports.library
    made = desk.store.decisions(run.id) if run.revision else ()
    wishes = [one.because for one in made if one.kind is DecisionKind.REVISE]
    wish = [library.revision(assignment.ceremony, wishes[-1])] if wishes else []
    brief = (
        [library.brief(assignment.ceremony, facts, tools=desk.ports.pinned.tools)] if run.round == 0 else []
    )
    return "\n".join([*brief, *wish])


def _session_columns(session: SessionRef) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "agent_id": session.agent_id,
        "agent_version": session.agent_version,
        "console_url": session.console_url,
    }
