"""Deciding in Asana: the same draft approved by status, by comment or at the command line is written, once; nobody else's word counts.

The draft is put in by hand, for what is tested begins when it waits. Alice and Carol may decide, Bob may not, and each acts
with a token of their own. The program and the world share one clock.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from facilitator.errors import CheckFailed
from facilitator.runs.approval_tasks import ApprovalTasks
from facilitator.runs.assignment import Approver
from facilitator.runs.changes import Change
from facilitator.runs.notices import Notices
from facilitator.runs.ports import Tracker, Verdict
from facilitator.runs.run import DecisionKind, Run, RunState
from facilitator.runs.steps.desk import Desk

from .office import ALICE, APPROVED, APPROVERS, BOB, CAROL, LATER, REPORT, Office
from .test_parcels import Killed, Mortal

pytestmark = pytest.mark.anyio


async def test_a_waiting_draft_is_asked_about_once(office: Office) -> None:
    """One approval task for the first approver, followed by the others, due at the expiry, with the draft and its digest."""
    run = await office.look(await office.waiting())
    [made] = office.questions()
    shown = office.shown(office.task(run))
    assert (made["gid"], shown["approval_status"]) == (shown["gid"], "pending")
    assert (shown["assignee"]["gid"], shown["parent"]["gid"]) == (ALICE, run.task_gid)
    assert CAROL in {one["gid"] for one in shown["followers"]}
    assert run.expires_at is not None
    assert shown["due_at"][:19] == run.expires_at.isoformat()[:19]
    assert shown["notes"].startswith("[AI Proposal]")
    assert f"draft {run.draft_digest}" in shown["notes"]
    assert not shown["projects"]


async def test_the_question_leads_to_the_draft_in_the_dashboard(office: Office) -> None:
    """Where browsers elsewhere reach it; the link belongs to the text that is approved."""
    run = await office.look(await office.waiting(dashboard="https://facilitator.example"))
    assert f"https://facilitator.example/approvals/{run.id}\n" in office.shown(office.task(run))["notes"]
    office.sets(ALICE, run, "approved")
    assert (await office.look(run)).state is RunState.WRITTEN


async def approve_by_status(office: Office, run: Run, who: str) -> None:
    office.sets(who, run, "approved")


async def approve_by_comment(office: Office, run: Run, who: str) -> None:
    office.says(who, run, " Approve. ")


async def approve_by_field(office: Office, run: Run, who: str) -> None:
    office.chooses(who, run, APPROVED)


async def approve_at_the_command_line(office: Office, run: Run, who: str) -> None:
    if who in (ALICE, CAROL):
        office.house.approve(run, who=who)
        return
    with pytest.raises(CheckFailed, match="may not decide"):
        office.house.approve(run, who=who)


CHANNELS = [approve_by_status, approve_by_comment, approve_by_field, approve_at_the_command_line]
channels = pytest.mark.parametrize("approve", CHANNELS, ids=lambda one: one.__name__)


@channels
async def test_an_allowed_persons_yes_is_written_through_every_channel(office: Office, approve: Any) -> None:
    """One comment with the approver's name; the question is closed, by whoever answered it."""
    run = await office.waiting()
    await approve(office, run, CAROL)
    run = await office.look(run)
    assert run.state is RunState.WRITTEN, office.notes(run)
    [text] = office.written()
    assert "Carol" in text
    assert not text.startswith("[AI Proposal]")
    [decision] = office.house.app.store.decisions(run.id)
    assert (decision.kind, decision.by, decision.draft_digest) == (
        DecisionKind.APPROVED, "Carol", run.draft_digest,
    )  # fmt: skip
    assert office.shown(office.task(run))["approval_status"] == "approved"
    assert ApprovalTasks(office.house.app.store.database).open_of(run.id) == ()


@channels
async def test_anyone_elses_yes_is_ignored_and_logged(office: Office, approve: Any) -> None:
    """Bob is on the board but not on the list: nothing is written, and the question stands again."""
    run = await office.waiting()
    await approve(office, run, BOB)
    run = await office.look(run)
    assert run.waits_for_a_person
    assert office.written() == []
    assert office.shown(office.task(run))["approval_status"] == "pending"
    if approve is not approve_at_the_command_line:
        assert "ignored on approval task" in office.notes(run)
        assert "Bob (902), who is no approver" in office.notes(run)
        version = run.version
        assert (await office.look(run)).version == version


@channels
async def test_a_yes_after_the_expiry_is_not_written(office: Office, approve: Any) -> None:
    """Silence meant no; the task says so and is closed."""
    run = await office.waiting()
    office.passes(hours=25)
    if approve is approve_at_the_command_line:
        with pytest.raises(CheckFailed, match="expired"):
            office.house.approve(run, who=ALICE)
    else:
        await approve(office, run, ALICE)
    run = await office.look(run)
    assert run.state is RunState.EXPIRED, office.notes(run)
    assert office.written() == []


async def test_only_the_two_options_decide_and_only_about_this_draft(office: Office) -> None:
    """Another option says nothing; one that stood there before the draft was asked about is about another."""
    run = await office.waiting()
    office.chooses(ALICE, run, LATER)
    assert (await office.look(run)).waits_for_a_person
    office.chooses(ALICE, run, APPROVED)
    office.passes(seconds=1)
    tasks = ApprovalTasks(office.house.app.store.database)
    asked = tasks.find(run.id, run.draft_digest or "")
    assert asked is not None
    tasks.keep(replace(asked, attempted_at=office.house.app.clock()))
    assert (await office.look(run)).waits_for_a_person
    office.chooses(ALICE, run, LATER)
    office.chooses(ALICE, run, APPROVED)
    assert (await office.look(run)).state is RunState.WRITTEN
    shown = office.shown(run.task_gid or "")["custom_fields"]
    assert [one["enum_value"] for one in shown if one["gid"] == REPORT] == [None]


async def test_a_yes_of_the_last_minute_counts_though_it_is_heard_later(office: Office) -> None:
    """When somebody spoke counts, not when we looked."""
    run = await office.waiting()
    office.passes(hours=23, minutes=59)
    office.sets(ALICE, run, "approved")
    office.passes(minutes=2)
    assert (await office.look(run)).state is RunState.WRITTEN


async def test_silence_means_no_and_the_question_is_closed(office: Office) -> None:
    """The task of an expired draft is closed with the reason."""
    run = await office.waiting()
    gid = office.task(run)
    office.passes(hours=25)
    assert (await office.look(run)).state is RunState.EXPIRED
    assert office.shown(gid)["approval_status"] == "rejected"
    assert any("expired" in text for text in office.replies(gid))


async def test_people_are_reminded_once(office: Office) -> None:
    """In the last quarter of the time, on the task; not before, and not twice."""
    run = await office.waiting()
    gid = office.task(run)
    office.passes(hours=17)
    await office.look(run)
    assert office.replies(gid) == []
    office.passes(hours=2)
    await office.look(run)
    await office.look(run)
    [reminder] = office.replies(gid)
    assert "still waits" in reminder


async def test_without_a_task_people_are_reminded_by_a_notice(office: Office) -> None:
    """A team whose approvers are known by name only is told through the notifier, once."""
    run = await office.waiting(approvers=(Approver("Alice"),))
    office.passes(hours=19)
    await office.look(run)
    await office.look(run)
    posted = [one.notice for one in Notices(office.house.app.store.database).recent()]
    assert [one.run for one in posted if one.kind == "reminder"].count(run.id) == 1
    assert office.questions() == []


@pytest.mark.parametrize("says", ["reject: wrong sprint", None])
async def test_a_no_is_final_and_says_who_and_why(office: Office, says: str | None) -> None:
    """By command, or by the status with a plain comment as the reason."""
    run = await office.waiting()
    if says:
        office.says(ALICE, run, says)
    else:
        office.says(ALICE, run, "wrong sprint")
        office.sets(ALICE, run, "rejected")
    run = await office.look(run)
    assert (run.state, run.reason) == (RunState.REJECTED, "rejected by Alice: wrong sprint")
    assert office.written() == []


async def test_changes_requested_without_a_reason_is_asked_back(office: Office) -> None:
    """The writer must be told what to change."""
    run = await office.waiting()
    office.sets(ALICE, run, "changes_requested")
    run = await office.look(run)
    assert run.waits_for_a_person
    [reply] = office.replies(office.task(run))
    assert "what should change?" in reply
    assert office.shown(office.task(run))["approval_status"] == "pending"


async def test_a_malformed_command_is_answered_and_decides_nothing(office: Office) -> None:
    """`approve` with a doubt behind it is no yes."""
    run = await office.waiting()
    office.says(ALICE, run, "approve? I am not sure")
    office.says(ALICE, run, "approved by the board, I think")
    run = await office.look(await office.look(run))
    assert run.waits_for_a_person
    [reply] = office.replies(office.task(run))
    assert "must stand alone" in reply


async def test_an_edit_in_the_notes_is_a_new_draft_with_a_question_of_its_own(office: Office) -> None:
    """It passes the checks, the old question is closed, and what is written is the new wording."""
    run = await office.waiting()
    old = office.task(run)
    office.edits(ALICE, run, "as listed", "went through")
    edited = await office.look(run)
    assert edited.waits_for_a_person
    assert edited.draft_digest != run.draft_digest
    new = office.task(edited)
    assert (old != new, office.shown(old)["approval_status"]) == (True, "changes_requested")
    office.sets(CAROL, edited, "approved")
    assert (await office.look(edited)).state is RunState.WRITTEN
    assert "went through" in office.written()[0]


async def test_an_edit_with_a_wrong_figure_is_refused_with_the_right_one(office: Office) -> None:
    """The fault names the fact and its value; the wording stays, to be mended, and nobody can approve it as it is."""
    run = await office.waiting()
    office.edits(ALICE, run, "as listed", "as listed, 7 of them moved")
    office.sets(ALICE, run, "approved")
    after = await office.look(run)
    assert (after.waits_for_a_person, after.draft_digest) == (True, run.draft_digest)
    told = "\n".join(office.replies(office.task(run)))
    assert "the number 7 is written by hand" in told
    assert "does not count" in told
    notes = office.shown(office.task(run))["notes"]
    assert "7 of them" in notes
    count = len(office.replies(office.task(run)))
    await office.look(await office.look(run))
    assert len(office.replies(office.task(run))) == count
    office.edits(ALICE, run, ", 7 of them moved", "")
    office.sets(ALICE, run, "approved")
    assert (await office.look(run)).state is RunState.WRITTEN


async def test_an_edit_by_anyone_else_is_put_back(office: Office) -> None:
    """Whoever approves reads the draft, not somebody's other words: a yes given over them does not count either."""
    run = await office.waiting()
    before = office.shown(office.task(run))["notes"]
    office.edits(BOB, run, "Payment retry", "Everything")
    office.sets(ALICE, run, "approved")
    run = await office.look(run)
    assert run.waits_for_a_person
    assert office.shown(office.task(run))["notes"].split() == before.split()
    assert "changed by Bob (902)" in office.notes(run)
    office.sets(ALICE, run, "approved")
    assert (await office.look(run)).state is RunState.WRITTEN


async def test_two_people_must_agree_where_the_team_says_so(office: Office) -> None:
    """The first yes is kept, the same person's second changes nothing, another's completes it, and both are named."""
    run = await office.waiting(two_person=frozenset({Change.COMMENT}))
    office.sets(ALICE, run, "approved")
    run = await office.look(run)
    assert run.waits_for_a_person
    assert office.shown(office.task(run))["approval_status"] == "pending"
    run = office.house.approve(run, who="alice")
    assert (run.waits_for_a_person, len(office.house.app.store.decisions(run.id))) == (True, 1)
    office.says(CAROL, run, "approve")
    run = await office.look(run)
    assert run.state is RunState.WRITTEN, office.notes(run)
    assert "Alice and Carol" in office.written()[0]


async def test_two_people_must_mean_the_same_draft(office: Office) -> None:
    """An edit between the two makes the first yes one about another draft."""
    run = await office.waiting(two_person=frozenset({Change.COMMENT}))
    run = office.house.approve(run, who="Alice")
    office.edits(CAROL, run, "as listed", "went through")
    run = await office.look(run)
    run = office.house.approve(run, who="Carol")
    assert run.waits_for_a_person
    assert office.house.approve(run, who="Alice").state is RunState.APPROVED


async def test_a_decision_made_elsewhere_closes_the_question(office: Office) -> None:
    """The task says who decided, and nobody's later word on it counts."""
    run = await office.waiting()
    gid = office.task(run)
    office.house.reject(run, because="not today", who="Alice")
    run = await office.look(run)
    assert office.shown(gid)["approval_status"] == "rejected"
    office.does(ALICE, "PUT", f"/tasks/{gid}", approval_status="approved")
    assert (await office.look(run)).state is RunState.REJECTED
    assert office.written() == []


async def test_a_deleted_question_leaves_the_draft_waiting(office: Office) -> None:
    """It is not asked again; the command line still decides."""
    run = await office.waiting()
    office.does(ALICE, "DELETE", f"/tasks/{office.task(run)}")
    run = await office.look(await office.look(run))
    assert run.waits_for_a_person
    assert "is gone" in office.notes(run)
    assert (await office.look(office.house.approve(run))).state is RunState.WRITTEN


async def test_asana_away_never_gives_a_waiting_draft_up(office: Office) -> None:
    """The draft waits on, is asked about once when Asana is back, and can be approved meanwhile."""
    house = office.house
    house.wants(approvers=APPROVERS)
    async with house.pipeline() as pipeline:
        run = office.judged(await pipeline.advance(office.due()))
    house.harm("asana", "status", status=503, count=60)
    run = await office.look(run)
    assert run.waits_for_a_person
    house.world._asana_wire.faults.clear()
    run = await office.look(run)
    assert office.shown(office.task(run))["approval_status"] == "pending"


@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop", "drop"])
async def test_a_question_of_unknown_fate_is_looked_for_before_it_is_asked_again(
    office: Office, kind: str
) -> None:
    """One approval task, whatever became of the first answer."""
    house = office.house
    house.wants(approvers=APPROVERS)
    async with house.pipeline() as pipeline:
        run = office.judged(await pipeline.advance(office.due()))
    house.harm("asana", kind, path="*/subtasks", method="POST", count=1)
    run = await office.look(run)
    [question] = office.questions()
    assert office.task(run) == question["gid"]


async def test_a_question_made_and_not_recorded_is_found_again(office: Office) -> None:
    """The process died between Asana's answer and our record of it: the same task, its answers heard."""
    run = await office.waiting()
    gid, tasks = office.task(run), ApprovalTasks(office.house.app.store.database)
    asked = tasks.find(run.id, run.draft_digest or "")
    assert asked is not None
    tasks.keep(replace(asked, gid=None))
    office.does(ALICE, "PUT", f"/tasks/{gid}", approval_status="approved")
    run = await office.look(run)
    assert (run.state, office.task(run), len(office.questions())) == (RunState.WRITTEN, gid, 1)


async def test_the_graders_gaps_are_put_before_the_person(office: Office) -> None:
    """A draft that never satisfied is shown with what speaks against it."""
    house = office.house
    house.wants(approvers=APPROVERS)
    async with house.pipeline() as pipeline:
        run = office.judged(await pipeline.advance(office.due()), result="max_iterations_reached")
    with house.app.store.step(run, now=house.app.clock()) as step:
        step.keep_verdicts(
            "outc_1", [Verdict(2, "max_iterations_reached", "D2: one blocked task is missing")]
        )
    run = await office.look(step.run)
    notes = office.shown(office.task(run))["notes"]
    assert "WHAT SPEAKS AGAINST IT" in notes
    assert "D2: one blocked task is missing" in notes


def test_who_has_no_gid_is_not_asked_in_asana(office: Office) -> None:
    """A name alone can be anybody's: such a team decides at the command line or on the dashboard."""
    office.house.wants(approvers=(Approver("Alice"),))
    assignment = office.house.app.assignment("harbour", "standup")
    assert not assignment.asks_in_asana
    assert not replace(assignment, approvers=APPROVERS, approval_task=False).asks_in_asana


MOMENTS = [
    (verb, after)
    for verb in ("find_approval", "create_approval", "read_approval", "list_answers", "post_comment")
    for after in (False, True)
]


@pytest.mark.parametrize(("verb", "after"), MOMENTS)
async def test_killed_at_any_call_one_question_is_asked_and_one_document_written(
    office: Office, verb: str, after: bool
) -> None:
    """The process dies before or after a call, the next one goes on: nothing is asked, heard or written twice."""
    office.house.wants(approvers=APPROVERS, expires_after=timedelta(hours=24))
    async with office.house.pipeline() as pipeline:
        run = office.judged(await pipeline.advance(office.due()))
    await dies(office, run, verb, after)
    run = await office.look(run)
    office.says(ALICE, run, "approve")
    await dies(office, run, verb, after)
    run = await office.look(run)
    assert run.state is RunState.WRITTEN, office.notes(run)
    assert (len(office.questions()), len(office.written())) == (1, 1)
    assert len(office.house.app.store.decisions(run.id)) == 1


async def dies(office: Office, run: Run, verb: str, after: bool) -> None:
    """Look in a process that is killed at the first call of the verb, if it comes to one."""
    async with office.house.pipeline() as pipeline:
        trackers = pipeline._ports.tracker
        ports = replace(
            pipeline._ports,
            tracker=lambda assignment: cast("Tracker", Mortal(trackers(assignment), verb, 1, after)),
        )
        pipeline._ports, pipeline._desk = ports, Desk(ports)
        with suppress(Killed):
            await pipeline.settle(office.house.app.store.get(run.id))
