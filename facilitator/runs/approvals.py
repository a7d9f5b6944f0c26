"""Who may decide on a draft, and what their word does: yes, no, not like this, or another wording.

A decision names exactly one draft by its digest, and a yes fixes the exact bytes to be written. The grader's verdict is
not the approval, and nothing that fails a check can be approved, by anyone, in any mode. Every channel (command line,
Asana, web) calls these four; none has rules of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.drafts.draft import Draft
from facilitator.drafts.figures_only import relaxed
from facilitator.errors import CheckFailed, FacilitatorError
from facilitator.runs.assignment import Approver, Assignment
from facilitator.runs.changes import needing_two
from facilitator.runs.library import STATUSES, Library
from facilitator.runs.proposals import Proposal, Proposals
from facilitator.runs.run import FIGURES, Decision, DecisionKind, Mode, Override, Parcel, Run, RunState
from facilitator.runs.step import Step
from facilitator.runs.store import DraftRecord, RunStore

MOST_REVISIONS = 5
"""Each is a whole graded outcome: who still is not content decides yes or no, or writes the words themselves."""


class Approvals:
    """Decisions on drafts that wait, for one run log.

    `digest` (whole, or its beginning) names the draft that the person saw, where the channel knows it; another one waiting
    by then is refused.
    """

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
        chosen: Collection[int] | None = None,
        digest: str = "",
    ) -> Run:
        """Say yes to the run's present draft; the comment's exact bytes are kept with the decision.

        `override` sets another status than the rule's, with a reason that the comment shows. `chosen` are the numbers of the
        proposed changes that are meant too, None all that stand. Where there is a change that needs two people, the first
        yes is kept and the run goes on waiting; both must mean the same draft, override and changes. Saying yes twice
        changes nothing. Raises `CheckFailed` for anyone not on the list, too late, a change that does not stand there, or a
        draft with faults, each named with its right value.
        """
        if run.state in (RunState.APPROVED, RunState.WRITTEN):
            return run
        person, record = self._may_decide(run, assignment, who, now, digest)
        snapshot, facts = self._board(run)
        self._refuse_faults(
            assignment, record.draft, facts, f"Reject it: `approvals reject {run.id} --because ...`."
        )
        _check_override(assignment, override)
        meant, words = self._meant(run, assignment, chosen)
        because = ". ".join(filter(None, [words, override.words() if override else ""]))
        decision = _decision(DecisionKind.APPROVED, person, record, now, channel, because)
        others = self._others(run, decision)
        names = " and ".join([*others, person.name])
        parcels = self._library.parcels(
            run, assignment, record.draft, (snapshot, facts), approved_by=names, override=override,
            proposals=meant,
        )  # fmt: skip
        sensitive = needing_two(parcels, assignment.two_person)
        if sensitive and not others:
            return self._first_yes(run, decision, ", ".join(sorted(sensitive)))
        with self._store.step(run, now=now, by=person.name) as step:
            _approve(step, decision, parcels, names)
        return step.run

    def proposed(self, run: Run, assignment: Assignment) -> tuple[Proposal, ...]:
        """The changes to tasks that a yes to the run's present draft would mean too, in order."""
        found = Proposals(self._store.database).of(run)
        return tuple(one for one in found if one.change not in assignment.never)

    def reject(
        self,
        run: Run,
        assignment: Assignment,
        *,
        who: str,
        because: str,
        now: datetime,
        channel: str,
        digest: str = "",
    ) -> Run:
        """Say no to the run's present draft: final, nothing is written, and the run says who and why."""
        person, record = self._may_decide(run, assignment, who, now, digest)
        with self._store.step(run, now=now, by=person.name) as step:
            step.keep_decision(_decision(DecisionKind.REJECTED, person, record, now, channel, because))
            step.move(RunState.REJECTED, f"rejected by {person.name}: {because}")
        return step.run

    def revise(
        self,
        run: Run,
        assignment: Assignment,
        *,
        who: str,
        because: str,
        now: datetime,
        channel: str,
        digest: str = "",
    ) -> Run:
        """Send the draft back with a reason: the same session gets it as its next outcome, and a second draft is graded.

        The next draft waits anew. Raises `CheckFailed` as `approve` does, without a reason, and after `MOST_REVISIONS`.
        """
        person, record = self._may_decide(run, assignment, who, now, digest)
        if not because.strip():
            raise CheckFailed("changes are asked for without saying which.", suggestion="Give the reason.")
        if run.revision >= MOST_REVISIONS:
            raise CheckFailed(
                f"run {run.id} was revised {run.revision} times already.",
                suggestion=f"Approve or reject it, or write the words: `approvals edit {run.id}`.",
            )
        with self._store.step(run, now=now, by=person.name) as step:
            step.keep_decision(_decision(DecisionKind.REVISE, person, record, now, channel, because))
            step.set(revision=run.revision + 1, outcome_id=None, result=None, expires_at=None)
            if run.draft_source == FIGURES:
                step.new_session()
            step.move(RunState.GATHERED, f"changes asked for by {person.name}: {because}")
        return step.run

    def edit(
        self,
        run: Run,
        assignment: Assignment,
        *,
        who: str,
        draft: Draft,
        now: datetime,
        channel: str,
        digest: str = "",
    ) -> Run:
        """Put a person's wording in the place of the present draft. It is a new draft and needs a decision of its own.

        Raises `CheckFailed` for anyone not on the list, too late, or a wording with faults, each named with the sentence,
        the fact and its right value. The same draft again changes nothing.
        """
        person, record = self._may_decide(run, assignment, who, now, digest)
        if draft.digest() == record.digest:
            return run
        _, facts = self._board(run)
        self._refuse_faults(
            assignment, draft, facts, "Mend these lines and hand it in again; nothing was changed."
        )
        with self._store.step(run, now=now, by=person.name) as step:
            step.keep_draft(draft, (), origin="edit")
            short = step.run.draft_digest or ""
            step.note(
                f"edited ({channel}): draft {record.digest[:12]} became {short[:12]}, which needs a decision of its own"
            )
        return step.run

    def _meant(
        self, run: Run, assignment: Assignment, chosen: Collection[int] | None
    ) -> tuple[tuple[Proposal, ...], str]:
        """The proposed changes that are meant, and how the decision names them."""
        standing = {one.seq: one for one in self.proposed(run, assignment)}
        wanted = sorted(standing if chosen is None else set(chosen))
        if strange := [str(number) for number in wanted if number not in standing]:
            raise CheckFailed(
                f"run {run.id} has no proposed change {', '.join(strange)}.",
                suggestion=f"Those that stand: {', '.join(map(str, standing)) or 'none'}.",
            )
        words = f"changes {', '.join(map(str, wanted))}" if wanted else "without the proposed changes"
        return tuple(standing[number] for number in wanted), words if standing else ""

    def _first_yes(self, run: Run, decision: Decision, sensitive: str) -> Run:
        if decision.by in {made.by for made in self._agreeing(run, decision)}:
            return run
        with self._store.step(run, now=decision.at, by=decision.by) as step:
            step.keep_decision(decision)
            step.note(
                f"approved by {decision.by}; {sensitive}: a second approver must agree to the same draft"
            )
        return step.run

    def _others(self, run: Run, decision: Decision) -> list[str]:
        """Who else said the same yes before, each once, in order."""
        return list(
            dict.fromkeys(made.by for made in self._agreeing(run, decision) if made.by != decision.by)
        )

    def _agreeing(self, run: Run, decision: Decision) -> list[Decision]:
        said = (decision.kind, decision.draft_digest, decision.because)
        return [
            made
            for made in self._store.decisions(run.id)
            if (made.kind, made.draft_digest, made.because) == said
        ]

    def _board(self, run: Run) -> tuple[Snapshot, Facts]:
        snapshot, facts = self._store.snapshot(run.id), self._store.facts(run.id)
        if snapshot is None or facts is None:
            raise FacilitatorError(f"run {run.id} has no facts.", suggestion="Run the window again.")
        return snapshot, relaxed(facts) if run.draft_source == FIGURES else facts

    def _refuse_faults(self, assignment: Assignment, draft: Draft, facts: Facts, suggestion: str) -> None:
        faults = self._library.check(assignment.ceremony, draft, facts)
        if faults:
            raise CheckFailed(
                "this draft cannot be approved:\n" + "\n".join(f"  {fault.line()}" for fault in faults),
                suggestion=suggestion,
            )

    def _may_decide(
        self, run: Run, assignment: Assignment, who: str, now: datetime, digest: str
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
        if not record.digest.startswith(digest):
            raise CheckFailed(
                f"run {run.id} has another draft by now: {record.digest[:12]}, not {digest[:12]}.",
                suggestion="Look at the present one before you decide.",
            )
        self._refuse_outsider(run, assignment, person, now)
        return person, record

    def _refuse_outsider(self, run: Run, assignment: Assignment, person: Approver, now: datetime) -> None:
        """An approver known by gid must be a member of the project as it was read: who cannot see a board cannot vouch for it."""
        snapshot = self._store.snapshot(run.id) if person.gid else None
        if snapshot is None or not snapshot.members or person.gid in snapshot.members:
            return
        with self._store.step(run, now=now, by=person.name) as step:
            step.note(f"a decision of {person.name} was ignored: no member of project {assignment.project}")
        raise CheckFailed(
            f"{person.name} is no member of the project {snapshot.project_name or assignment.project} and may not decide on it.",
            suggestion="Add them to the project in Asana and run the window again, or let another approver decide.",
        )


def _decision(
    kind: DecisionKind, person: Approver, record: DraftRecord, now: datetime, channel: str, because: str
) -> Decision:
    return Decision(kind, person.name, because, record.digest, now, channel)


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


def approved_by_mode(step: Step, mode: Mode, parcels: Sequence[Parcel], *, now: datetime, why: str) -> None:
    """The yes that the team's configuration gave beforehand, in mode auto or draft."""
    decision = Decision(
        DecisionKind.APPROVED, mode.value, f"mode {mode}: {why}", step.run.draft_digest or "", now, mode.value
    )
    _approve(step, decision, parcels, mode.value)


def _approve(step: Step, decision: Decision, parcels: Sequence[Parcel], names: str) -> None:
    step.keep_decision(decision)
    step.keep_parcels(parcels)
    if parcels[0].target:
        step.set(task_gid=parcels[0].target)
    step.move(RunState.APPROVED, f"approved by {names}")
