"""The outcome state machine: iterations, verdicts, the order of events, and what follows each verdict."""

from __future__ import annotations

import pytest

from facilitator.sandbox.agents.script import Script
from tests.unit.sandbox_agents.world import (
    FACTS,
    Json,
    MakeWorld,
    World,
    draft_of,
    kinds,
    message,
    outcome,
    results,
)

pytestmark = pytest.mark.anyio
IDLE = ["session.thread_status_idle", "session.usage", "session.status_idle"]


async def run(make_world: MakeWorld, script: Script, iterations: int) -> tuple[World, list[Json]]:
    world = make_world(script)
    session = await world.begin(FACTS, iterations=iterations)
    return world, await world.finish(session)


def entry(world: World) -> Json:
    (session,) = world.state.sessions.values()
    return session.outcomes[0]


@pytest.mark.parametrize("iterations", [1, 2, 3, 5])
@pytest.mark.parametrize("revisions", [0, 1, 2, 4])
async def test_n_iterations_buy_n_gradings(make_world: MakeWorld, iterations: int, revisions: int) -> None:
    """K <= N: k gradings, the last satisfied; k > N: N gradings, the last `max_iterations_reached` instead of needs_revision."""
    world, events = await run(make_world, Script(revisions=revisions), iterations)
    good_at = revisions + 1
    if good_at <= iterations:
        expected = ["needs_revision"] * revisions + ["satisfied"]
    else:
        expected = ["needs_revision"] * (iterations - 1) + ["max_iterations_reached"]
    assert results(events) == expected
    assert entry(world)["result"] == expected[-1]
    assert entry(world)["iteration"] == len(expected) - 1


async def test_a_revision_happens_within_one_turn(make_world: MakeWorld) -> None:
    """needs_revision is followed by more work, not by an idle: there is one running and one idle."""
    _, events = await run(make_world, Script(revisions=1), 3)
    assert kinds(events, "session.status") == ["session.status_running", "session.status_idle"]
    assert kinds(events)[-3:] == IDLE
    assert events[-1]["stop_reason"] == {"type": "end_turn"}


async def test_the_events_of_a_grading_belong_together(make_world: MakeWorld) -> None:
    """start, ongoing, end: same outcome, iterations counted from 0, and the end names its start."""
    world, events = await run(make_world, Script(revisions=1), 3)
    spans = [event for event in events if event["type"].startswith("span.outcome")]
    assert [event["type"].rsplit("_", 1)[1] for event in spans] == ["start", "ongoing", "end"] * 2
    assert [event["iteration"] for event in spans] == [0, 0, 0, 1, 1, 1]
    assert spans[2]["outcome_evaluation_start_id"] == spans[0]["id"]
    assert {event["outcome_id"] for event in spans} == {entry(world)["outcome_id"]}


async def test_an_acknowledgment_turn_follows_the_last_iteration(make_world: MakeWorld) -> None:
    """After max_iterations_reached the writer speaks once more, ungraded, before the idle."""
    _, events = await run(make_world, Script(never_satisfied=True), 2)
    last = max(n for n, event in enumerate(events) if event["type"] == "span.outcome_evaluation_end")
    assert kinds(events[last + 1 :], "agent.message", "span.outcome") == ["agent.message"]
    assert kinds(events)[-3:] == IDLE


async def test_a_verdict_of_satisfied_is_followed_by_idle_alone(make_world: MakeWorld) -> None:
    """Nothing is said or written after the draft that was graded."""
    _, events = await run(make_world, Script(revisions=0), 3)
    assert kinds(events)[-4:] == ["span.outcome_evaluation_end", *IDLE]


async def test_a_grader_that_gives_up_ends_as_failed(make_world: MakeWorld) -> None:
    """`failed` is terminal at once, whatever iterations are left."""
    world, events = await run(make_world, Script(grader_fails=True), 3)
    assert results(events) == ["failed"]
    assert entry(world)["completed_at"] is not None


async def test_a_rubric_without_criteria_fails(world: World) -> None:
    """A rubric that fits nothing is a configuration fault, not a draft's."""
    session = await world.begin(FACTS, rubric="Be good.")
    assert results(await world.finish(session)) == ["failed"]


async def test_the_first_draft_leaves_the_last_blocked_task_out(make_world: MakeWorld) -> None:
    """The gap is one the grader can see, it names the criterion, and the revision closes it."""
    _, events = await run(make_world, Script(), 3)
    (first, _) = [event for event in events if event["type"] == "span.outcome_evaluation_end"]
    assert "- D2 Blockers complete and first: `blocked` leaves out task 12." in first["explanation"]
    writes = [event for event in events if event["type"] == "agent.tool_use" and event["name"] == "write"]
    assert len(writes) == 2


async def test_the_echo_carries_the_outcome_and_its_stamp(world: World) -> None:
    """define_outcome is stamped on receipt, with its id and the rubric's text."""
    session = await world.idle_session()
    (echo,) = (await world.tell(session, outcome(iterations=2)))["data"]
    assert echo["outcome_id"].startswith("outc_")
    assert echo["processed_at"] is not None
    assert (echo["max_iterations"], echo["rubric"]["type"]) == (2, "text")


async def test_three_iterations_are_the_default(world: World) -> None:
    """max_iterations may be left out."""
    session = await world.idle_session()
    wanted = {key: value for key, value in outcome().items() if key != "max_iterations"}
    (echo,) = (await world.tell(session, wanted))["data"]
    assert echo["max_iterations"] == 3


async def test_a_file_rubric_is_echoed_as_text(world: World) -> None:
    """The service resolves a file rubric to its content."""
    file_id = await world.upload("## D1 One\nbody", "rubric.md")
    session = await world.idle_session()
    wanted = {**outcome(), "rubric": {"type": "file", "file_id": file_id}}
    (echo,) = (await world.tell(session, wanted))["data"]
    assert echo["rubric"] == {"type": "text", "content": "## D1 One\nbody"}


@pytest.mark.parametrize(
    "fault",
    [
        {"rubric": {"type": "text"}},
        {"rubric": {"type": "file", "file_id": "f", "content": "x"}},
        {"rubric": {"type": "text", "content": "x" * 262_145}},
        {"max_iterations": 0},
        {"max_iterations": 21},
        {"description": ""},
    ],
)
async def test_a_faulty_outcome_is_refused(world: World, fault: Json) -> None:
    """Rubric and iterations are checked before anything starts."""
    session = await world.idle_session()
    await world.tell(session, {**outcome(), **fault}, expect=400)
    assert session.outcomes == []


async def test_a_second_outcome_waits_for_the_first(make_world: MakeWorld) -> None:
    """One at a time, in one batch or in two; the next is welcome after a terminal verdict."""
    world = make_world(Script(revisions=0))
    session = await world.idle_session()
    await world.tell(session, outcome(), outcome(), expect=400)
    await world.tell(session, outcome())
    await world.tell(session, outcome(), expect=400)
    await world.finish(session)
    await world.tell(session, outcome())
    assert results(await world.finish(session)) == ["satisfied", "satisfied"]
    assert [item["result"] for item in session.outcomes] == ["satisfied", "satisfied"]


async def test_the_entry_holds_the_latest_explanation(make_world: MakeWorld) -> None:
    """Only terminal results stand in the entry; needs_revision never does."""
    world, events = await run(make_world, Script(revisions=1), 3)
    assert entry(world)["explanation"] == events[-4]["explanation"]
    assert entry(world)["result"] == "satisfied"


async def test_without_facts_a_plain_file_is_written(make_world: MakeWorld) -> None:
    """A session with nothing mounted still goes through its gradings."""
    world = make_world(Script(revisions=1))
    session = await world.begin(None)
    assert results(await world.finish(session)) == ["needs_revision", "satisfied"]
    assert list(session.container.outputs()) == ["answer.md"]


async def test_a_message_without_an_outcome_is_answered(world: World) -> None:
    """A plain turn: running, then the user's event with its stamp, a reply, and the idle."""
    session = await world.idle_session()
    (echo,) = (await world.tell(session, message()))["data"]
    assert echo["processed_at"] is None
    events = await world.finish(session)
    assert kinds(events)[:3] == ["session.status_running", "session.thread_status_running", "user.message"]
    assert events[2]["processed_at"] is not None
    assert kinds(events)[-3:] == IDLE


async def test_two_messages_in_one_batch_share_one_idle(world: World) -> None:
    """A caller that counts one idle for each message would wait for ever."""
    session = await world.idle_session()
    await world.tell(session, message("one"), message("two"))
    events = await world.finish(session)
    assert kinds(events, "session.status_idle") == ["session.status_idle"]
    assert all(event["processed_at"] for event in events)


async def test_usage_is_shown_only_after_the_turn(make_world: MakeWorld) -> None:
    """Zero during the first turn; afterwards it equals the sum of the model requests and gradings."""
    world = make_world(Script(never_finishes=True))
    running = await world.begin(FACTS)
    assert (await world.get(f"/v1/sessions/{running.id}"))["usage"]["input_tokens"] == 0
    world = make_world(Script(revisions=0))
    session = await world.begin(FACTS)
    events = await world.finish(session)
    usage = (await world.get(f"/v1/sessions/{session.id}"))["usage"]
    spent = [event.get("model_usage") or event.get("usage") for event in events]
    requests = [item for item in spent if item and "cache_creation_input_tokens" in item]
    assert usage["output_tokens"] == sum(item["output_tokens"] for item in requests)
    assert usage["list_cost"]["currency"] == "USD"
    assert events[-2]["usage"] == usage


async def test_equal_seeds_tell_equal_stories(make_world: MakeWorld) -> None:
    """Same seed, clock and calls: the same ids, types and stamps, and the same draft."""
    told = []
    for _ in range(2):
        world = make_world(seed=7)
        session = await world.begin(FACTS)
        events = await world.finish(session)
        told.append(
            ([(event["id"], event["type"], event["processed_at"]) for event in events], draft_of(session))
        )
    assert told[0] == told[1]
