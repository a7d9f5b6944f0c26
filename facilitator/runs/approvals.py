"""Who may say yes or no to a draft, and what their word does.

A decision names exactly one draft by its digest, and a yes fixes the exact bytes to be written. The grader's verdict is
not the approval, and nothing that fails a check can be approved, by anyone, in any mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from facilitator.errors import CheckFailed, FacilitatorError
from facilitator.runs.assignment import Approver, Assignment
from facilitator.runs.library import STATUSES, Library
from facilitator.runs.run import Decision, Mode, Override, Parcel, Run, RunState
from facilitator.runs.store import DraftRecord, RunStore, Step


class Approvals:
    """Decisions on drafts that wait, for one run log."""

    def __init__(self, store: RunStore, library: Library) -> None:
        self._store = store
        self._library = library

    def waiting(self) -> tuple[Run, ...]:
        """Runs whose draft waits for a person, oldest first."""
        return tuple(run for run in self._store.unfinished() if run.waits_for_a_person)

    def approve(
        self,
        run: Run,
        assignment: Assignment,
        *,
        who: str,
        now: datetime,
        channel: str,
        override: Override | None = None,
    ) -> Run:
        """Say yes to the run's present draft; the comment's exact bytes are kept with the decision.

        `override` sets another status than the rule's, with a reason that the comment shows. Saying yes twice changes nothing. Raises `CheckFailed` for anyone not on the list, too late, or a draft with
        faults, each named with its right value.
        """
        if run.state in (RunState.APPROVED, RunState.WRITTEN):
            return run
        person, record = self._may_decide(run, assignment, who, now)
        snapshot, facts = self._store.snapshot(run.id), self._store.facts(run.id)
        if snapshot is None or facts is None:
            raise FacilitatorError(f"run {run.id} has no facts.", suggestion="Run the window again.")
        faults = self._library.check(assignment.ceremony, record.draft, facts)
        if faults:
            raise CheckFailed(
                "this draft cannot be approved:\n" + "\n".join(f"  {fault.line()}" for fault in faults),
                suggestion=f"Reject it: `approvals reject {run.id} --because ...`.",
            )
        _check_override(assignment, override)
        board = (snapshot, facts)
        parcels = self._library.parcels(
            run, assignment, record.draft, board, approved_by=person.name, override=override
        )
        decision = Decision(
            approved=True,
            by=person.name,
            because=_because(override),
            draft_digest=record.digest,
            at=now,
            channel=channel,
        )
        with self._store.step(run, now=now, by=person.name) as step:
            _approve(step, decision, parcels)
        return step.run

    def reject(
        self, run: Run, assignment: Assignment, *, who: str, because: str, now: datetime, channel: str
    ) -> Run:
        """Say no to the run's present draft: final, nothing is written, and the run says who and why."""
        person, record = self._may_decide(run, assignment, who, now)
        decision = Decision(
            approved=False,
            by=person.name,
            because=because,
            draft_digest=record.digest,
            at=now,
            channel=channel,
        )
        with self._store.step(run, now=now, by=person.name) as step:
            step.keep_decision(decision)
            step.move(RunState.REJECTED, f"rejected by {person.name}: {because}")
        return step.run

    def _may_decide(
        self, run: Run, assignment: Assignment, who: str, now: datetime
    ) -> tuple[Approver, DraftRecord]:
        person = assignment.approver(who)
        if person is None:
            names = ", ".join(approver.name for approver in assignment.approvers) or "nobody yet"
            raise CheckFailed(
                f"{who or 'you'} may not decide on drafts of {assignment.team_name}.",
                suggestion=f"Approvers of this team: {names}. Say who you are with --by, or change `approvers`.",
            )
        if not run.waits_for_a_person:
            what = f"{run.state} in mode {run.mode}" if run.state is RunState.JUDGED else str(run.state)
            raise CheckFailed(
                f"run {run.id} does not wait for a decision: it is {what}. {run.reason}".strip(),
                suggestion="`approvals list` shows what waits.",
            )
        if run.expires_at is not None and now >= run.expires_at:
            raise CheckFailed(
                f"run {run.id} expired at {run.expires_at:%Y-%m-%d %H:%M} UTC; silence means no.",
                suggestion="The next window covers this one.",
            )
        record = self._store.draft(run.id, run.draft_digest or "")
        if record is None:
            raise FacilitatorError(f"run {run.id} has no draft.", suggestion="Run the window again.")
        return person, record


def _check_override(assignment: Assignment, override: Override | None) -> None:
    if override is None:
        return
    ceremony = assignment.ceremony
    if not ceremony.status or override.status not in STATUSES:
        known = ", ".join(STATUSES) if ceremony.status else "none: it has no status"
        raise CheckFailed(
            f"{ceremony.name} cannot be given the status {override.status!r}.",
            suggestion=f"It may be {known}.",
        )
    if not override.because.strip():
        raise CheckFailed("a status against the rule needs a reason.", suggestion="Give it with --because.")


def _because(override: Override | None) -> str:
    return "" if override is None else f"status {override.status}: {override.because}"


def approved_by_code(step: Step, parcels: Sequence[Parcel], *, now: datetime) -> None:
    """The yes of mode auto, which the team's configuration gave beforehand."""
    digest = step.run.draft_digest or ""
    because = "mode auto: satisfied, and every check passed"
    _approve(step, Decision(True, Mode.AUTO.value, because, digest, now, Mode.AUTO.value), parcels)


def _approve(step: Step, decision: Decision, parcels: Sequence[Parcel]) -> None:
    step.keep_decision(decision)
    step.keep_parcels(parcels)
    step.set(task_gid=parcels[0].target)
    step.move(RunState.APPROVED, f"approved by {decision.by}")
