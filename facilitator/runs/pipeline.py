"""The pipeline: `advance` takes a run one step further and is the only place that knows the order.

    scheduled -gather-> gathered -submit-> submitted -judge-> judged -decide-> approved -write_back-> written

Each step records its result before the next begins, so starting up is "advance every unfinished run" and a crash costs
one step. Every step is safe to repeat. The pipeline asks its ports and never a clock, a file or a network by itself;
what a person decides is recorded by `approvals`, not here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot, StoryGid
from facilitator.ceremony import Past, PastDocument, TeamContext
from facilitator.drafts.draft import Draft, DraftUnreadable, parse_draft
from facilitator.errors import AgentsError, FacilitatorError, TrackerError
from facilitator.runs.approvals import approved_by_code
from facilitator.runs.assignment import Assignment
from facilitator.runs.delivery import Delivery
from facilitator.runs.library import Library, past_action
from facilitator.runs.locks import FileLocks
from facilitator.runs.ports import AgentBackend, Deliverable, Ending, Outcome, Pinned, SessionRef, Tracker
from facilitator.runs.run import Mode, Parcel, ParcelKind, Run, RunState, StaleRun
from facilitator.runs.store import RunStore, Step, sha256
from facilitator.runs.tools import build_tools

SATISFIED = "satisfied"
GRADED = (SATISFIED, "max_iterations_reached")
"""Results after which there is a draft worth a person's look."""

TRY_AGAIN = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
"""Waits after a passing fault, over all steps of one settling; then the run fails, or stays approved and owed."""

PAST_DOCUMENTS = 3

Observe = Callable[[Run, str, Mapping[str, Any]], None]
"""Told of each move (`moved`, with `why`) and of each session event (`event`) as it happens; must not raise."""


def unobserved(_run: Run, _kind: str, _detail: Mapping[str, Any]) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that the pipeline touches, handed in by runner.py."""

    store: RunStore
    tracker: Callable[[Assignment], Tracker]
    agents: AgentBackend
    pinned: Pinned
    library: Library
    locks: FileLocks
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    observe: Observe = unobserved


class Pipeline:
    """Advances runs of the given assignments; holds no state of its own between steps."""

    def __init__(self, ports: Ports, assignments: Mapping[tuple[str, str], Assignment]) -> None:
        self._ports = ports
        self._store = ports.store
        self._assignments = assignments
        self._steps: Mapping[RunState, Callable[[Run, Assignment], Awaitable[Run]]] = {
            RunState.SCHEDULED: self._gather,
            RunState.GATHERED: self._submit,
            RunState.SUBMITTED: self._judge,
            RunState.JUDGED: self._decide,
            RunState.APPROVED: self._write_back,
        }

    async def settle(self, run: Run) -> Run:
        """Advance until the run has ended or waits for a person.

        Where another worker holds the run, this waits for that worker and gives what it made of it.
        """
        while True:
            with self._ports.locks.hold(run.id) as ours:
                if ours:
                    return await self._settle_held(self._store.get(run.id))
            run = self._store.get(run.id)
            if run.ended or run.waits_for_a_person:
                return run
            await self._ports.sleep(0.2)

    async def _settle_held(self, run: Run) -> Run:
        waits = iter(TRY_AGAIN)
        while not run.ended:
            before = run
            try:
                run = await self.advance(run)
            except (TrackerError, AgentsError) as error:
                wait = next(waits, None)
                if wait is None:
                    return self._give_up(self._store.get(run.id), error)
                await self._ports.sleep(wait.total_seconds())
                run = self._store.get(run.id)
                continue
            if run.version == before.version:
                return run
        return run

    def _give_up(self, run: Run, error: FacilitatorError) -> Run:
        """Out of patience: an approved comment stays owed and is tried at the next start; anything else has failed."""
        why = f"{error.message} {error.suggestion}".strip()
        if run.state is not RunState.APPROVED:
            return self._fail(run, why)
        with self._step(run) as step:
            step.note(f"not written yet, to be tried again: {why}")
        return step.run

    async def advance(self, run: Run) -> Run:
        """Take the run one step further; the same run back means it waits. The caller holds its lock.

        A fault of the board, the agent or the draft ends the run as `failed` with its reason; nothing is lost. A
        passing fault of Asana or Managed Agents is raised instead: the run stays where it was, and trying again is safe.
        """
        if run.ended:
            return run
        try:
            assignment = self._assignment(run)
            return await self._steps[run.state](run, assignment)
        except StaleRun:
            raise
        except FacilitatorError as error:
            if error.retryable and isinstance(error, TrackerError | AgentsError):
                raise
            return self._fail(self._store.get(run.id), f"{error.message} {error.suggestion}".strip())

    def _assignment(self, run: Run) -> Assignment:
        found = self._assignments.get((run.team, run.ceremony))
        if found is None:
            raise FacilitatorError(
                f"the configuration no longer has the ceremony {run.ceremony} for the team {run.team}.",
                suggestion="Put it back, or leave the run as it is.",
            )
        return found

    # --- gather ------------------------------------------------------------------------------------------------------

    async def _gather(self, run: Run, assignment: Assignment) -> Run:
        tracker = self._ports.tracker(assignment)
        snapshot = await tracker.read_project(
            assignment.project,
            as_of=run.window.end,
            history_since=run.window.start - assignment.ceremony.history,
        )
        if not snapshot.tasks:
            raise TrackerError(
                f"the project {snapshot.project_name or assignment.project} has no tasks to report on.",
                suggestion="Check the project of this team in facilitator.toml and what the bot user may see.",
            )
        context = TeamContext(assignment.team_name, assignment.rules, self._past(run))
        facts = assignment.ceremony.gather(snapshot, run.window, context)
        with self._step(run) as step:
            step.keep_snapshot(snapshot)
            step.keep_facts(facts)
            if facts.document.quiet and assignment.silent_when_quiet:
                step.move(
                    RunState.SKIPPED, "nothing happened in the window, and this team wants silence then"
                )
            else:
                step.move(
                    RunState.GATHERED, f"read {len(snapshot.tasks)} tasks; {len(facts.facts)} facts computed"
                )
        return self._moved(step)

    def _past(self, run: Run) -> Past:
        written = self._store.recent(
            team=run.team, ceremony=run.ceremony, state=RunState.WRITTEN, limit=PAST_DOCUMENTS
        )
        documents = tuple(
            PastDocument(earlier.id, earlier.window.end, facts, record.draft)
            for earlier in written
            if earlier.draft_digest
            and (facts := self._store.facts(earlier.id))
            and (record := self._store.draft(earlier.id, earlier.draft_digest))
        )
        actions = tuple(
            past_action(earlier, parcel) for earlier, parcel in self._store.actions(run.team, run.ceremony)
        )
        return Past(documents, actions)

    # --- submit ------------------------------------------------------------------------------------------------------

    async def _submit(self, run: Run, assignment: Assignment) -> Run:
        facts = self._facts(run)
        outcome = self._outcome(run, assignment, facts)
        if run.session_id is None:
            run = await self._open_session(run, assignment, outcome)
        outcome_id = await self._ports.agents.start(run.session_id or "", outcome)
        with self._step(run) as step:
            step.set(outcome_id=outcome_id)
            step.move(RunState.SUBMITTED, f"outcome {outcome_id} sent to session {run.session_id}")
        return self._moved(step)

    async def _open_session(self, run: Run, assignment: Assignment, outcome: Outcome) -> Run:
        attempted = run.submit_attempted_at
        rubric = self._ports.library.rubric(assignment.ceremony)
        with self._step(run) as step:
            # Recorded before the call: whoever finds this row knows that a session may exist and looks first.
            step.set(
                submit_attempted_at=attempted or self._ports.clock(),
                prompt_hash=sha256(outcome.description),
                rubric_id=rubric.id,
                rubric_version=rubric.version,
                rubric_hash=rubric.digest,
                agent_hash=self._ports.pinned.agent_hash,
                environment_hash=self._ports.pinned.environment_hash,
            )
        session = await self._ports.agents.open_session(outcome, attempted_at=attempted)
        with self._step(step.run) as opened:
            opened.set(**_session_columns(session))
            opened.note(f"{'adopted' if session.adopted else 'created'} session {session.id}")
        return opened.run

    def _outcome(self, run: Run, assignment: Assignment, facts: Facts) -> Outcome:
        rubric = self._ports.library.rubric(assignment.ceremony)
        return Outcome(
            run_key=run.key,
            title=f"{run.ceremony} · {assignment.team_name} · {run.window.key}",
            description=self._ports.library.brief(assignment.ceremony, facts),
            rubric=rubric.text,
            facts_json=facts.to_json(),
            max_iterations=assignment.max_iterations or rubric.max_iterations,
            budget_cents=assignment.budget_cents,
            deadline=assignment.deadline,
        )

    # --- judge -------------------------------------------------------------------------------------------------------

    async def _judge(self, run: Run, assignment: Assignment) -> Run:
        facts, snapshot = self._facts(run), self._store.snapshot(run.id)
        if snapshot is None or run.session_id is None:
            raise FacilitatorError(
                "the run log has no snapshot for this run.", suggestion="Run the window again."
            )
        check = self._ports.library.check

        async def record(events: Sequence[Mapping[str, Any]]) -> None:
            self._store.keep_events(run.id, events)
            for event in events:
                self._ports.observe(run, "event", event)

        answer = build_tools(
            snapshot,
            facts,
            lambda raw: check(assignment.ceremony, parse_draft(raw), facts),
            rules=assignment.rules,
        )
        outcome = self._outcome(run, assignment, facts)
        ending = await self._ports.agents.follow(run.session_id or "", outcome, answer=answer, record=record)
        return await self._conclude(run, assignment, facts, ending)

    async def _conclude(self, run: Run, assignment: Assignment, facts: Facts, ending: Ending) -> Run:
        found = None
        if ending.result in GRADED:
            found = await self._ports.agents.deliverable(run.session_id or "")
        with self._step(run) as step:
            step.set(result=ending.result)
            step.keep_verdicts(run.outcome_id or "", ending.verdicts)
            step.keep_usage(ending.usage)
            if ending.result not in GRADED:
                step.move(RunState.FAILED, ending.reason or f"the session ended with {ending.stop}, ungraded")
            else:
                self._judged(step, assignment, facts, found, ending)
        return self._moved(step)

    def _judged(
        self, step: Step, assignment: Assignment, facts: Facts, found: Deliverable | None, ending: Ending
    ) -> None:
        try:
            draft = _draft(found)
        except DraftUnreadable as error:
            step.move(RunState.FAILED, f"{ending.result}, but the draft cannot be used: {error}")
            return
        faults = self._ports.library.check(assignment.ceremony, draft, facts)
        step.keep_draft(draft, faults, origin="agent")
        step.set(
            draft_source=found.source if found else "",
            expires_at=self._ports.clock() + assignment.expires_after,
        )
        checks = f"{len(faults)} faults found by the checks" if faults else "every check passed"
        step.move(RunState.JUDGED, f"{ending.result} after {len(ending.verdicts)} gradings; {checks}")

    # --- decide ------------------------------------------------------------------------------------------------------

    async def _decide(self, run: Run, assignment: Assignment) -> Run:
        if run.mode is Mode.SHADOW:
            return self._end(
                run, RunState.SKIPPED, "shadow mode: the draft is kept in the run log, nothing is written"
            )
        if run.mode is Mode.AUTO:
            return self._decide_by_code(run, assignment)
        if run.expires_at is not None and self._ports.clock() >= run.expires_at:
            return self._end(run, RunState.EXPIRED, "nobody decided in time, which means no")
        return run

    def _decide_by_code(self, run: Run, assignment: Assignment) -> Run:
        record = self._store.draft(run.id, run.draft_digest or "")
        if run.result != SATISFIED or record is None or record.faults:
            lines = "; ".join(fault.line() for fault in record.faults) if record else ""
            return self._fail(
                run, f"not written without a person's look: the outcome is {run.result}. {lines}".strip()
            )
        parcels = self._ports.library.parcels(run, assignment, record.draft, self._board(run), approved_by="")
        with self._step(run, by="auto") as step:
            approved_by_code(step, parcels, now=self._ports.clock())
        return self._moved(step)

    # --- write back --------------------------------------------------------------------------------------------------

    async def _write_back(self, run: Run, assignment: Assignment) -> Run:
        """Write every parcel that was approved, each once; the run is written when the last one is.

        What Asana refuses for good beside the comment (a plan without status updates, say) is named, not a failure: the
        document is there, and a failed run would have the next one tell the same again.
        """
        delivery = Delivery(self._ports.tracker(assignment), self._ports.sleep)
        if run.task_gid is None:
            name = assignment.task_name or assignment.ceremony.title
            task = await delivery.target(assignment.project, name)
            with self._step(run) as step:
                step.set(task_gid=task)
            run = step.run
        refused = ""
        for parcel in self._store.parcels(run.id):
            if parcel.written_at is not None:
                continue
            try:
                run = await self._deliver(run, delivery, parcel)
            except TrackerError as error:
                if error.retryable or parcel.kind is ParcelKind.COMMENT:
                    raise
                refused += f"; {parcel.kind} {parcel.title!r} not written: {error.message}"
                run = self._store.get(run.id)
        with self._step(run) as step:
            step.move(RunState.WRITTEN, f"comment {run.story_gid} on task {run.task_gid}{refused}")
        return self._moved(step)

    async def _deliver(self, run: Run, delivery: Delivery, parcel: Parcel) -> Run:
        gid = parcel.gid
        if gid is None:
            run, gid = await self._send(run, delivery, parcel)
        if parcel.kind is ParcelKind.COMMENT:
            await delivery.confirmed(parcel, StoryGid(gid))
        with self._step(run) as done:
            done.mark_parcel(parcel.seq, written_at=self._ports.clock())
            done.note(f"wrote {parcel.kind} {gid}")
        return done.run

    async def _send(self, run: Run, delivery: Delivery, parcel: Parcel) -> tuple[Run, str]:
        """Write the parcel, or find it where it was written before; its gid is recorded before anything else is done."""
        latest = run

        def attempt() -> None:
            nonlocal latest
            with self._step(latest) as trying:
                trying.mark_parcel(parcel.seq, attempted_at=self._ports.clock())
            latest = trying.run

        target = parcel.target or run.task_gid or ""
        gid = await delivery.deliver(parcel, target, attempt=attempt)
        with self._step(latest) as step:
            step.mark_parcel(parcel.seq, target=target, gid=gid)
            if parcel.kind is ParcelKind.COMMENT:
                step.set(story_gid=gid)
        return step.run, gid

    # --- recording ---------------------------------------------------------------------------------------------------

    def _facts(self, run: Run) -> Facts:
        facts = self._store.facts(run.id)
        if facts is None:
            raise FacilitatorError(
                "the run log has no facts for this run.", suggestion="Run the window again."
            )
        return facts

    def _board(self, run: Run) -> tuple[Snapshot, Facts]:
        snapshot = self._store.snapshot(run.id)
        if snapshot is None:
            raise FacilitatorError(
                "the run log has no snapshot for this run.", suggestion="Run the window again."
            )
        return snapshot, self._facts(run)

    def _step(self, run: Run, by: str = "pipeline") -> AbstractContextManager[Step]:
        return self._store.step(run, now=self._ports.clock(), by=by)

    def _moved(self, step: Step) -> Run:
        self._ports.observe(step.run, "moved", {"why": step.run.reason})
        return step.run

    def _end(self, run: Run, state: RunState, why: str) -> Run:
        with self._step(run) as step:
            step.move(state, why)
        return self._moved(step)

    def _fail(self, run: Run, why: str) -> Run:
        return self._end(run, RunState.FAILED, why)


def _session_columns(session: SessionRef) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "agent_id": session.agent_id,
        "agent_version": session.agent_version,
        "console_url": session.console_url,
    }


def _draft(found: Deliverable | None) -> Draft:
    if found is None:
        raise DraftUnreadable("the session left no draft.json")
    return parse_draft(found.text)
