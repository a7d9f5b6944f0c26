"""Asking people in Asana: one approval task for each draft that waits, its answers heard, its end told.

Part of `decide`. What an answer means is `answers`' business, whether it is allowed is `approvals`'; here are the effects, each
safe to repeat: a task or comment is looked for before it is written, an answer is named as heard once it was acted on.
Asana away is never a reason to give a waiting draft up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypedDict

import structlog

from facilitator.board.snapshot import TaskGid, UserGid
from facilitator.drafts.draft import DraftUnreadable
from facilitator.drafts.editing import with_words
from facilitator.drafts.richtext import escape, to_text
from facilitator.errors import CheckFailed, FacilitatorError, TrackerError
from facilitator.runs.amending import words_of
from facilitator.runs.answers import (
    WITHOUT_CHANGES,
    Intent,
    Question,
    Wish,
    notes_key,
    read_answers,
    read_choice,
)
from facilitator.runs.approval_board import ApprovalRequest, ApprovalTask
from facilitator.runs.approval_notes import alike, notes_of
from facilitator.runs.approval_tasks import ApprovalTasks, Asked
from facilitator.runs.approvals import Approvals
from facilitator.runs.assignment import Assignment
from facilitator.runs.delivery import Delivery, Ways
from facilitator.runs.ports import Tracker
from facilitator.runs.proposals import Proposal
from facilitator.runs.run import Decision, Run, RunState
from facilitator.runs.steps.desk import Desk
from facilitator.runs.steps.place import placed
from facilitator.runs.store import DraftRecord

log = structlog.get_logger()

CHANNEL = "asana"
PENDING = "pending"
SHORT = 12
"""How much of a draft's digest stands in markers: enough to tell apart the few drafts of one run."""

GAPS_CHARS = 1500
"""What is shown of the grader's last explanation; the whole of it stands in the run log."""


class _Word(TypedDict):
    """What every decision carries."""

    who: str
    now: datetime
    channel: str
    digest: str


class Asking:
    """Questions about one team's ceremony, put up in its Asana and heard there."""

    def __init__(self, desk: Desk, assignment: Assignment) -> None:
        self._desk = desk
        self._assignment = assignment
        self._tracker: Tracker = desk.ports.tracker(assignment)
        self._delivery = Delivery(self._tracker, desk.ports.sleep)
        self._tasks = ApprovalTasks(desk.store.database)
        self._approvals = Approvals(desk.store, desk.ports.library)

    async def wait(self, run: Run) -> Run:
        """Ask about the run's present draft where nobody did yet, and act on what was answered; the run as it is then."""
        try:
            run, asked = await self._ask(run)
            if asked is None or asked.gid is None or asked.closed_at is not None:
                return run
            run = await self._hear(run, asked, TaskGid(asked.gid))
            return await self._hear_field(run, asked) if self._assignment.approval_field else run
        except TrackerError as error:
            log.warning("approval_task_unreachable", run=run.id, error=error.message)
            return self._desk.store.get(run.id)

    async def close(self, run: Run) -> None:
        """End every task that asks about another draft than the one that waits, and say on it what became of it."""
        for asked in self._tasks.open_of(run.id):
            if run.waits_for_a_person and asked.draft_digest == run.draft_digest:
                continue
            try:
                await self._end(run, asked)
            except TrackerError as error:
                log.warning("approval_task_not_closed", run=run.id, error=error.message)

    async def remind(self, run: Run, now: datetime) -> bool:
        """Remind on the approval task, once; whether there is one to remind on. Raises `TrackerError`."""
        asked = self._tasks.find(run.id, run.draft_digest or "")
        if asked is None or asked.gid is None or asked.closed_at is not None:
            return False
        if asked.reminded_at is None:
            left = f"before {_until(run, self._assignment)}"
            await self._say(asked, TaskGid(asked.gid), "reminder", f"This still waits: please decide {left}.")
            self._tasks.keep(replace(asked, reminded_at=now))
        return True

    # --- asking ------------------------------------------------------------------------------------------------------

    async def _ask(self, run: Run) -> tuple[Run, Asked | None]:
        record = self._desk.store.draft(run.id, run.draft_digest or "")
        if record is None:
            return run, None
        asked = self._tasks.find(run.id, record.digest)
        if asked is not None and asked.gid is not None:
            return run, await self._opened(asked)
        if asked is not None and asked.closed_at is not None:
            return run, asked
        run = await placed(self._desk, run, self._assignment, self._delivery)
        asked = asked or Asked(run.id, record.digest, f"ref {run.key}/{record.digest[:SHORT]}")
        try:
            return await self._made(run, asked, record)
        except TrackerError as error:
            if error.retryable or error.in_doubt:
                raise
            self._tasks.keep(replace(asked, closed_at=self._now()))
            return self._note(
                run, f"no approval task could be made: {error.message} {error.suggestion}"
            ), None

    async def _made(self, run: Run, asked: Asked, record: DraftRecord) -> tuple[Run, Asked]:
        parent = TaskGid(run.task_gid or "")
        people = tuple(UserGid(person.gid) for person in self._assignment.approvers if person.gid)
        wanted = ApprovalRequest(
            name=f"[AI Proposal] {self._assignment.ceremony.title}, {_day(run, self._assignment)}",
            notes=self._notes(run, record, asked.marker),
            people=people,
            due_at=run.expires_at,
        )
        ways = Ways(
            lambda: self._tracker.find_approval(parent, asked.marker),
            lambda: self._tracker.create_approval(parent, wanted),
        )

        def attempt() -> None:
            self._tasks.keep(replace(asked, attempted_at=self._now()))

        gid = await self._delivery.found_or_written(
            ways, doubt=asked.attempted_at is not None, attempt=attempt
        )
        if self._tasks.find(asked.run_id, asked.draft_digest) is None:
            run = await self._adopted(run, TaskGid(gid))
        asked = self._tasks.keep(replace(asked, attempted_at=asked.attempted_at or self._now(), gid=gid))
        names = ", ".join(person.name for person in self._assignment.approvers if person.gid)
        return self._note(run, f"asked {names} on approval task {gid}"), asked

    async def _adopted(self, run: Run, gid: TaskGid) -> Run:
        """A task of a run log that was lost: the time it names stays, so that the text that was answered is the same."""
        task = await self._tracker.read_approval(gid)
        if task is None or task.due_at is None:
            return run
        with self._desk.step(run) as step:
            step.set(expires_at=task.due_at)
            step.note(f"approval task {gid} was there already, with its time")
        return step.run

    async def _opened(self, asked: Asked) -> Asked:
        """A draft may come back, by an edit that is undone: its task is the question again."""
        if asked.closed_at is None or asked.gid is None:
            return asked
        await self._tracker.set_approval(TaskGid(asked.gid), status=PENDING)
        return self._tasks.keep(replace(asked, closed_at=None))

    def _notes(self, run: Run, record: DraftRecord, marker: str) -> str:
        facts = self._desk.facts(run)
        try:
            html = self._desk.ports.library.comment(run, self._assignment, record.draft, facts, proposal=True)
            document = to_text(html)
        except FacilitatorError as error:
            # A draft with faults may name figures that do not exist; its words stand below all the same.
            document = f"The document cannot be shown as it is: {error.message}"
        return notes_of(
            record.draft,
            document,
            until=_until(run, self._assignment),
            doubts=tuple(self._doubts(run, record)),
            marker=marker,
            changes=self._changes(run),
            link=f"{self._assignment.dashboard}/approvals/{run.id}" if self._assignment.dashboard else "",
        )

    def _changes(self, run: Run) -> list[str]:
        """What is proposed beside the draft; the board is read back only where something is."""
        proposed = self._proposed(run)
        snapshot = self._desk.store.snapshot(run.id) if proposed else None
        return [words_of(one, snapshot) for one in proposed]

    def _proposed(self, run: Run) -> tuple[Proposal, ...]:
        return self._approvals.proposed(run, self._assignment)

    def _doubts(self, run: Run, record: DraftRecord) -> Iterator[str]:
        """What the grader and the checks still miss."""
        verdicts = self._desk.store.verdicts(run.id)
        if run.result == "max_iterations_reached" and verdicts:
            yield f"The grader: {verdicts[-1].explanation.strip()[:GAPS_CHARS]}"
        yield from (fault.line() for fault in record.faults)

    # --- hearing -----------------------------------------------------------------------------------------------------

    async def _hear(self, run: Run, asked: Asked, gid: TaskGid) -> Run:
        task = await self._tracker.read_approval(gid)
        record = self._desk.store.draft(run.id, asked.draft_digest)
        if task is None or record is None:
            self._tasks.keep(replace(asked, closed_at=self._now()))
            return self._note(run, f"approval task {gid} is gone; `approvals list` shows what waits")
        if task.modified == asked.seen:
            return run
        notes = self._notes(run, record, asked.marker)
        question = Question(notes, self._assignment.approvers, asked.heard)
        for intent in read_answers(task, await self._tracker.list_answers(gid), question):
            run, refused = await self._act(run, asked, intent, gid)
            asked = asked.hearing(_to_mend(intent.key)) if refused and intent.wish is Wish.EDIT else asked
            asked = self._tasks.keep(asked.hearing(intent.key))
        if run.waits_for_a_person and run.draft_digest == asked.draft_digest:
            await self._put_back(task, notes, to_mend=_to_mend(notes_key(task.notes)) in asked.heard)
        self._tasks.keep(replace(asked, seen=task.modified))
        return run

    async def _hear_field(self, run: Run, asked: Asked) -> Run:
        """The same for the approval field of the document's own task; it is emptied once it was heard."""
        home = TaskGid(run.task_gid or "")
        choice = await self._tracker.read_field(home, self._assignment.approval_field)
        asked = self._tasks.find(run.id, asked.draft_digest) or asked
        if choice is None or asked.gid is None or not run.waits_for_a_person:
            return run
        question = Question("", self._assignment.approvers, asked.heard)
        intent = read_choice(choice, question, asked_at=asked.attempted_at or self._now())
        if intent is not None:
            run, _ = await self._act(run, asked, intent, TaskGid(asked.gid))
            self._tasks.keep(asked.hearing(intent.key))
            await self._tracker.clear_field(home, choice.field)
        return run

    async def _act(self, run: Run, asked: Asked, intent: Intent, gid: TaskGid) -> tuple[Run, bool]:
        """Do what is meant; the run then, and whether it was refused. A refusal is told where it was said."""
        log.info("approval_task_answered", run=run.id, wish=intent.wish, who=intent.who)
        if intent.wish is Wish.IGNORE:
            return self._note(run, f"ignored on approval task {gid}: {intent.text}"), True
        if intent.wish is Wish.REPLY:
            await self._say(asked, gid, intent.key, intent.text)
            return run, True
        try:
            decided = self._decide(run, asked, intent)
        except (CheckFailed, DraftUnreadable) as error:
            told = f"{error.message}\n{error.suggestion}" if isinstance(error, CheckFailed) else str(error)
            await self._say(asked, gid, intent.key, f"Nothing was changed: {told}")
            return self._desk.store.get(run.id), True
        if intent.wish is Wish.APPROVE and decided.waits_for_a_person:
            await self._say(asked, gid, intent.key, "Noted. A second approver must agree to this draft.")
        return decided, False

    def _decide(self, run: Run, asked: Asked, intent: Intent) -> Run:
        team, said = self._assignment, self._said_at(asked, intent)
        named = _Word(who=intent.who, now=said, channel=CHANNEL, digest=asked.draft_digest)
        match intent.wish:
            case Wish.APPROVE:
                return self._approvals.approve(run, team, chosen=self._chosen(run, intent), **named)
            case Wish.REJECT:
                return self._approvals.reject(run, team, because=intent.text, **named)
            case Wish.REVISE:
                return self._approvals.revise(run, team, because=intent.text, **named)
            case _:
                record = self._desk.store.draft(run.id, asked.draft_digest)
                assert record is not None
                return self._approvals.edit(run, team, draft=with_words(record.draft, intent.text), **named)

    def _chosen(self, run: Run, intent: Intent) -> frozenset[int] | None:
        """All that stand, unless the answer leaves them out."""
        return frozenset() if intent.text == WITHOUT_CHANGES and self._proposed(run) else None

    def _said_at(self, asked: Asked, intent: Intent) -> datetime:
        """When it was said, by Asana's clock: a yes in the last minute counts, also where it is heard a minute later."""
        now = self._now()
        asked_at = asked.attempted_at or now
        return now if intent.at is None else max(asked_at, min(intent.at, now))

    async def _put_back(self, task: ApprovalTask, notes: str, *, to_mend: bool) -> None:
        """The question stands again: nobody's word counted, or one more is needed. An approver's wording stays, to mend."""
        wrong = not alike(task.notes, notes) and not to_mend
        status = PENDING if task.status != PENDING else ""
        if status or wrong:
            await self._tracker.set_approval(task.gid, status=status, notes=notes if wrong else "")

    # --- the end -----------------------------------------------------------------------------------------------------

    async def _end(self, run: Run, asked: Asked) -> None:
        parent = run.task_gid
        gid = asked.gid
        if gid is None and parent and asked.attempted_at:
            gid = await self._tracker.find_approval(TaskGid(parent), asked.marker)
        task = await self._tracker.read_approval(TaskGid(gid)) if gid else None
        if task is not None and task.status == PENDING:
            status, why = _outcome(run, asked, self._desk.store.decisions(run.id))
            await self._say(asked, task.gid, "end", why)
            await self._tracker.set_approval(task.gid, status=status)
        self._tasks.keep(replace(asked, closed_at=self._now()))

    async def _say(self, asked: Asked, task: TaskGid, key: str, text: str) -> None:
        """One comment of ours on the approval task; the same key again finds it instead of writing a second one."""
        marker = f"{asked.marker} {key}"
        html = f"<body>{escape(text)}\n{escape(marker)}</body>"
        await self._delivery.found_or_written(
            self._delivery.remark(task, html, marker), doubt=False, attempt=lambda: None
        )

    def _note(self, run: Run, why: str) -> Run:
        with self._desk.step(run) as step:
            step.note(why)
        return step.run

    def _now(self) -> datetime:
        return self._desk.ports.clock()


def _to_mend(key: str) -> str:
    """The mark of a wording that was refused and left standing for its author to mend."""
    return f"mend:{key}"


def _outcome(run: Run, asked: Asked, decisions: Sequence[Decision]) -> tuple[str, str]:
    """The status that a task is closed with, and what is said on it."""
    made = [one for one in decisions if one.draft_digest == asked.draft_digest]
    if run.state in (RunState.APPROVED, RunState.WRITTEN) and made:
        return "approved", f"Approved by {made[-1].by} ({made[-1].channel})."
    if not run.ended and run.state is not RunState.APPROVED:
        return "changes_requested", "Another draft takes this one's place and is asked about by itself."
    return "rejected", f"Nothing is asked here any more: the run is {run.state}. {run.reason}".strip()


def _until(run: Run, assignment: Assignment) -> str:
    if run.expires_at is None:
        return ""
    return f"{run.expires_at.astimezone(assignment.rules.zone):%a %d %b %H:%M %Z}"


def _day(run: Run, assignment: Assignment) -> str:
    return f"{run.window.end.astimezone(assignment.rules.zone):%a %d %b %Y}"
