"""From a due window to one approved comment, over real HTTP, asking the world what happened."""

from datetime import timedelta

import pytest

from facilitator.cli.telling import story
from facilitator.errors import CheckFailed
from facilitator.runs.run import Mode, RunState
from facilitator.sandbox import Sandbox

from .conftest import House

pytestmark = pytest.mark.anyio


def comments(world: Sandbox, task: str | None) -> list[str]:
    """The texts of our comments on a task, as the world holds them."""
    assert task is not None
    return [comment["text"] for comment in world.asana.comments(task) if "ref standup/" in comment["text"]]


async def test_a_draft_waits_for_its_approver(house: House, world: Sandbox) -> None:
    """Satisfied puts a draft before a person; it does not write."""
    run = await house.fire()
    assert (run.state, run.result, run.reason[:9]) == (RunState.JUDGED, "satisfied", "satisfied")
    assert not [request for request in world.asana.requests if request.method == "POST"]


async def test_an_approved_draft_becomes_one_comment(house: House, world: Sandbox) -> None:
    """What was approved is what is written, once, with its marker and the approver's name."""
    run = await house.settle(house.approve(await house.fire()))
    assert run.state is RunState.WRITTEN, run.reason
    [text] = comments(world, run.task_gid)
    assert "Alice" in text
    assert text.rstrip().splitlines()[-1] == f"ref {run.key}"


async def test_the_grader_sends_the_first_draft_back(house: House) -> None:
    """The verdicts are recorded in order: a revision is seen, then it is satisfied."""
    run = await house.fire(mode=Mode.SHADOW)
    assert [verdict.result for verdict in house.app.store.verdicts(run.id)] == ["needs_revision", "satisfied"]


async def test_shadow_mode_writes_nothing(house: House, world: Sandbox) -> None:
    """A shadow run ends skipped, with its draft kept."""
    run = await house.fire(mode=Mode.SHADOW)
    assert run.state is RunState.SKIPPED
    assert run.draft_digest
    assert not [request for request in world.asana.requests if request.method != "GET"]


async def test_auto_mode_writes_what_passed_every_check(house: House, world: Sandbox) -> None:
    """The team gave its yes in the configuration."""
    run = await house.fire(mode=Mode.AUTO)
    assert run.state is RunState.WRITTEN, run.reason
    assert len(comments(world, run.task_gid)) == 1


async def test_a_rejected_draft_never_reaches_asana(house: House, world: Sandbox) -> None:
    """The no is final and says who and why."""
    run = house.reject(await house.fire(), because="Wrong sprint")
    run = await house.settle(run)
    assert (run.state, run.reason) == (RunState.REJECTED, "rejected by Alice: Wrong sprint")
    assert not [request for request in world.asana.requests if request.method != "GET"]


async def test_bob_may_not_approve(house: House) -> None:
    """Only the team's approvers count, and the error names them."""
    run = await house.fire()
    with pytest.raises(CheckFailed, match="Bob may not decide") as caught:
        house.approve(run, who="Bob")
    assert "Alice" in caught.value.suggestion
    assert house.app.store.get(run.id).state is RunState.JUDGED


async def test_silence_past_the_deadline_means_no(house: House) -> None:
    """An expired draft cannot be approved and is never written."""
    run = await house.fire()
    late = house.app.clock() + timedelta(days=3)
    assignment = house.app.assignment("harbour", "standup")
    with pytest.raises(CheckFailed, match="silence means no"):
        house.app.approvals.approve(run, assignment, who="Alice", now=late, channel="cli")


async def test_settling_a_written_run_again_changes_nothing(house: House, world: Sandbox) -> None:
    """Every step is safe to repeat; an ended run stays as it is."""
    run = await house.fire(mode=Mode.AUTO)
    sessions = len([request for request in world.agents_requests if request.path == "/v1/sessions"])
    again = await house.fire(mode=Mode.AUTO)
    assert again == run
    assert len([request for request in world.agents_requests if request.path == "/v1/sessions"]) == sessions
    assert len(comments(world, run.task_gid)) == 1


async def test_everything_about_a_run_is_in_the_run_log(house: House) -> None:
    """Snapshot, facts, events, hashes and cost are kept."""
    run = await house.fire(mode=Mode.SHADOW)
    store = house.app.store
    snapshot, facts, usage = store.snapshot(run.id), store.facts(run.id), store.usage(run.id)
    assert snapshot is not None
    assert facts is not None
    assert usage is not None
    assert len(snapshot.tasks) > 100
    assert facts.as_of == run.window.end
    assert {event["type"] for _, event in store.events(run.id)} >= {"user.define_outcome", "agent.tool_use"}
    assert (run.brief_id, len(run.brief_hash)) == ("standup", 64)
    assert run.brief_version == "1.0.0"
    assert all((run.prompt_hash, run.rubric_hash, run.rubric_version, run.agent_id, run.console_url))
    latency = house.app.money.latency(run.id)
    assert latency is not None
    assert 0 <= (latency.first_event or -1) <= (latency.first_message or -1)
    parts = house.app.money.parts(run.id)
    assert [(part.who, part.iteration) for part in parts[:4]] == [
        ("writer", 0), ("grader", 0), ("writer", 1), ("grader", 1),
    ]  # fmt: skip
    told = story(house.app, run)
    for words in (run.console_url, "% cached)", "first event after", "first word after", "grader 2: "):
        assert words in told
