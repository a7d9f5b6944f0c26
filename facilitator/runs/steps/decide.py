"""judged -> approved, or an end: what mode and time decide. What a person decides is recorded by `approvals`."""

from __future__ import annotations

from facilitator.runs.approvals import approved_by_code
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import Mode, Run, RunState
from facilitator.runs.steps.desk import Desk

SATISFIED = "satisfied"


async def decide(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """End or approve what mode and time decide by themselves; give the same run back where it waits for a person."""
    if run.mode is Mode.SHADOW:
        return desk.end(
            run, RunState.SKIPPED, "shadow mode: the draft is kept in the run log, nothing is written"
        )
    if run.mode is Mode.AUTO:
        return _decide_by_code(desk, run, assignment)
    if run.expires_at is not None and desk.ports.clock() >= run.expires_at:
        return desk.end(run, RunState.EXPIRED, "nobody decided in time, which means no")
    return run


def _decide_by_code(desk: Desk, run: Run, assignment: Assignment) -> Run:
    record = desk.store.draft(run.id, run.draft_digest or "")
    if run.result != SATISFIED or record is None or record.faults:
        lines = "; ".join(fault.line() for fault in record.faults) if record else ""
        return desk.fail(
            run, f"not written without a person's look: the outcome is {run.result}. {lines}".strip()
        )
    parcels = desk.ports.library.parcels(run, assignment, record.draft, desk.board(run), approved_by="")
    with desk.step(run, by="auto") as step:
        approved_by_code(step, parcels, now=desk.ports.clock())
    return desk.moved(step)
