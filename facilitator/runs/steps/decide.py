"""judged -> approved, or an end: what mode and time decide. What a person decides is recorded by `approvals`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from facilitator.errors import TrackerError
from facilitator.runs.approvals import Approvals, approved_by_mode
from facilitator.runs.assignment import Assignment
from facilitator.runs.changes import needing_two
from facilitator.runs.notices import Notice, Notices
from facilitator.runs.run import FIGURES, Mode, Parcel, Run, RunState
from facilitator.runs.steps.asking import Asking
from facilitator.runs.steps.desk import Desk
from facilitator.runs.store import DraftRecord

SATISFIED = "satisfied"

REMIND_IN_THE_LAST = 0.25
"""The part of the time to decide that is left when people are reminded: six hours of a day, half an hour of two."""


async def decide(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """End or approve what mode and time decide by themselves; give the same run back where it waits for a person."""
    match run.mode:
        case Mode.SHADOW:
            why = "shadow mode: the draft is kept in the run log, nothing is written"
            return desk.end(run, RunState.SKIPPED, why)
        case Mode.DRAFT:
            return _propose(desk, run, assignment)
        case Mode.AUTO:
            return _decide_by_code(desk, run, assignment)
        case Mode.APPROVE:
            return await _wait(desk, run, assignment)


async def _wait(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Hear what was answered in Asana first: a yes of the last minute counts, and after that silence means no."""
    asking = Asking(desk, assignment) if assignment.asks_in_asana else None
    if asking is not None:
        run = await asking.wait(run)
    if not run.waits_for_a_person or run.expires_at is None:
        return run
    now = desk.ports.clock()
    if now >= run.expires_at:
        return desk.end(run, RunState.EXPIRED, "nobody decided in time, which means no")
    if reminder_due(run, assignment, now):
        await _remind(desk, run, assignment, asking)
    return run


def reminder_due(run: Run, assignment: Assignment, now: datetime) -> bool:
    """Whether so little time to decide is left that people are reminded."""
    return (
        run.expires_at is not None and now >= run.expires_at - assignment.expires_after * REMIND_IN_THE_LAST
    )


async def _remind(desk: Desk, run: Run, assignment: Assignment, asking: Asking | None) -> None:
    """Once for each draft: on its approval task, else through the notifier."""
    with suppress(TrackerError):
        if asking is not None and await asking.remind(run, desk.ports.clock()):
            return
    until = f"{run.expires_at:%Y-%m-%d %H:%M} UTC"
    notice = Notice(
        key=f"reminder/{run.id}/{run.draft_digest}",
        kind="reminder",
        team=run.team,
        run=run.id,
        subject=f"{assignment.ceremony.title} of {assignment.team_name} still waits for a decision",
        text=f"It expires at {until}, and silence means no: `approvals list` shows it.",
    )
    Notices(desk.store.database).post(notice, now=desk.ports.clock())


def _propose(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Mode draft: one comment marked as a proposal, whatever the grader said, but only what every check passes."""
    record = _draft(desk, run)
    if record is None or record.faults:
        return desk.fail(run, f"not proposed: {_told(record)}")
    proposal = desk.ports.library.proposal(run, assignment, record.draft, desk.facts(run))
    return _approve(desk, run, Mode.DRAFT, (proposal,), "a proposal, published as one")


def _decide_by_code(desk: Desk, run: Run, assignment: Assignment) -> Run:
    """Mode auto: what satisfied and passed is written; anything less goes to a person, where there is one to ask."""
    record = _draft(desk, run)
    parcels: tuple[Parcel, ...] = ()
    if record is not None and not record.faults:
        parcels = desk.ports.library.parcels(run, assignment, record.draft, desk.board(run), approved_by="")
    proposed = len(Approvals(desk.store, desk.ports.library).proposed(run, assignment))
    doubts = "; ".join(_doubts(run, assignment, record, parcels, proposed))
    if not doubts:
        return _approve(desk, run, Mode.AUTO, parcels, "satisfied, and every check passed")
    if not assignment.approvers:
        return desk.fail(run, f"not written without a person's look, and nobody may approve: {doubts}")
    with desk.step(run) as step:
        step.set(mode=Mode.APPROVE)
        step.note(f"not written without a person's look: {doubts}")
    return step.run


def _doubts(
    run: Run,
    assignment: Assignment,
    record: DraftRecord | None,
    parcels: tuple[Parcel, ...],
    proposed: int,
) -> Iterator[str]:
    """Why code alone may not say yes."""
    if proposed:
        yield f"changes to tasks are proposed ({proposed}): a person decides on those"
    if run.draft_source == FIGURES:
        yield "it holds figures only, written by code"
    elif run.result != SATISFIED:
        yield f"the outcome is {run.result}"
    if record is None or record.faults:
        yield _told(record)
    if needing := needing_two(parcels, assignment.two_person):
        yield f"{', '.join(sorted(needing))}: two people must agree"


def _told(record: DraftRecord | None) -> str:
    return "; ".join(fault.line() for fault in record.faults) if record else "there is no draft"


def _draft(desk: Desk, run: Run) -> DraftRecord | None:
    return desk.store.draft(run.id, run.draft_digest or "")


def _approve(desk: Desk, run: Run, mode: Mode, parcels: tuple[Parcel, ...], why: str) -> Run:
    with desk.step(run, by=mode.value) as step:
        approved_by_mode(step, mode, parcels, now=desk.ports.clock(), why=why)
    return desk.moved(step)
