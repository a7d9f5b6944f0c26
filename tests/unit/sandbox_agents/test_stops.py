"""What ends or holds a turn early: interrupts, budgets, refusals, errors, termination."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from facilitator.sandbox.agents.script import Script
from facilitator.sandbox.agents.state import AgentsSandboxSettings, Session
from tests.unit.sandbox_agents.world import (
    BOARD_TOOLS,
    FACTS,
    NO_LAG,
    Json,
    MakeWorld,
    World,
    kinds,
    message,
    outcome,
    result,
    results,
)

pytestmark = pytest.mark.anyio
INTERRUPT = {"type": "user.interrupt"}


def budget(cents: int) -> Json:
    return {"type": "limit", "max_list_cost": {"amount": str(cents), "currency": "USD"}}


def stops(session: Session) -> list[str]:
    return [
        event["stop_reason"]["type"] for event in session.log.events if event["type"] == "session.status_idle"
    ]


async def until(session: Session, kind: str) -> None:
    """Let the session work until an event of this type is placed."""
    for _ in range(1000):
        if kind in kinds(session.log.events):
            return
        await asyncio.sleep(0)
    raise AssertionError(f"no {kind} came")


async def test_an_interrupt_while_writing_ends_the_outcome(make_world: MakeWorld) -> None:
    """`interrupted` with an empty start id, for no grading had begun; then idle with end_turn."""
    world = make_world(Script(never_finishes=True))
    session = await world.begin(FACTS)
    await until(session, "agent.tool_result")
    (echo,) = (await world.tell(session, INTERRUPT))["data"]
    assert echo["processed_at"] is None
    events = await world.finish(session)
    ends = [event for event in events if event["type"] == "span.outcome_evaluation_end"]
    assert [(event["result"], event["outcome_evaluation_start_id"]) for event in ends] == [
        ("interrupted", "")
    ]
    assert stops(session) == ["end_turn"]
    assert session.outcomes[0]["result"] == "interrupted"
    stamped = next(event for event in events if event["type"] == "user.interrupt")
    assert stamped["processed_at"] is not None


async def test_an_interrupt_while_grading_names_the_grading(make_world: MakeWorld) -> None:
    """A grading that had begun is named by the end event."""
    world = make_world(settings=replace(NO_LAG, grading_s=3600))
    session = await world.begin(FACTS)
    await until(session, "span.outcome_evaluation_start")
    await world.tell(session, INTERRUPT)
    events = await world.finish(session)
    start = next(event for event in events if event["type"] == "span.outcome_evaluation_start")
    end = next(event for event in events if event["type"] == "span.outcome_evaluation_end")
    assert end["outcome_evaluation_start_id"] == start["id"]


async def test_an_interrupt_in_the_middle_of_a_request_closes_it(make_world: MakeWorld) -> None:
    """The request's span ends, marked as an error."""
    world = make_world(settings=replace(NO_LAG, step_s=3600))
    session = await world.begin(FACTS)
    await until(session, "span.model_request_start")
    await world.tell(session, INTERRUPT)
    events = await world.finish(session)
    assert [event["is_error"] for event in events if event["type"] == "span.model_request_end"] == [True]


async def test_an_interrupt_while_a_tool_waits_drops_the_call(world: World) -> None:
    """The waiting call is given up: answering it afterwards is refused."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    assert session.pending is not None
    (waiting,) = session.pending.open
    await world.tell(session, INTERRUPT)
    await world.finish(session)
    assert stops(session) == ["requires_action", "end_turn"]
    await world.tell(session, result(waiting), expect=400)


async def test_an_interrupt_of_nothing_does_nothing(world: World) -> None:
    """An idle session takes it and stays as it was."""
    session = await world.idle_session()
    (echo,) = (await world.tell(session, {**INTERRUPT, "session_thread_id": session.thread_id}))["data"]
    assert kinds(session.log.events) == ["user.interrupt"]
    assert echo["type"] == "user.interrupt"
    await world.tell(session, {**INTERRUPT, "session_thread_id": "sthr_other"}, expect=400)


async def test_after_an_interrupt_a_new_outcome_may_follow(make_world: MakeWorld) -> None:
    """Interrupted is terminal for the outcome, not for the session."""
    world = make_world(Script(revisions=0))
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    await world.tell(session, INTERRUPT)
    await world.finish(session)
    await world.tell(session, outcome())
    assert results(await world.finish(session)) == ["interrupted", "satisfied"]


async def test_an_unfinished_outcome_of_an_idle_session_can_be_interrupted(make_world: MakeWorld) -> None:
    """After a refusal the outcome is still open; an interrupt closes it and idles once more."""
    world = make_world(Script(refusal=True))
    session = await world.begin(FACTS)
    await world.finish(session)
    assert session.outcomes[0]["result"] == "running"
    await world.tell(session, INTERRUPT)
    events = await world.finish(session)
    assert (results(events), stops(session)) == (["interrupted"], ["refusal", "end_turn"])


async def test_a_reached_budget_holds_the_turn(world: World) -> None:
    """Thread idle, usage, idle, all three before the next model request; the outcome is unfinished."""
    session = await world.begin(FACTS, budget=budget(1))
    assert not await world.waits(session)
    assert stops(session) == ["budget_reached"]
    assert kinds(session.log.events)[-3:] == [
        "session.thread_status_idle",
        "session.usage",
        "session.status_idle",
    ]
    assert session.log.events[-2]["budget"] == budget(1)
    assert session.outcomes[0]["result"] == "running"


async def test_at_the_cap_work_is_refused_and_an_interrupt_ignored(world: World) -> None:
    """Messages and outcomes are 400s; the interrupt is accepted and changes nothing."""
    session = await world.begin(FACTS, budget=budget(1))
    await world.waits(session)
    assert "budget" in (await world.tell(session, message(), expect=400))["error"]["message"]
    await world.tell(session, INTERRUPT)
    await world.waits(session)
    assert stops(session) == ["budget_reached"]


@pytest.mark.parametrize("change", [{"budget": budget(500)}, {"budget": None}])
async def test_a_raised_or_removed_budget_lets_the_turn_go_on(world: World, change: Json) -> None:
    """The same outcome is finished; raising to no more than was spent is refused."""
    session = await world.begin(FACTS, budget=budget(1))
    await world.waits(session)
    path = f"/v1/sessions/{session.id}"
    assert "budget_not_raised" in await world.refused(path, {"budget": budget(1)})
    await world.post(path, change)
    assert results(await world.finish(session)) == ["needs_revision", "satisfied"]
    assert stops(session) == ["budget_reached", "end_turn"]


async def test_a_budget_comes_at_creation_or_never(world: World) -> None:
    """It cannot be added later, nor again once removed."""
    bare = await world.idle_session()
    assert "budget_create_only" in await world.refused(f"/v1/sessions/{bare.id}", {"budget": budget(100)})
    capped = await world.idle_session(budget=budget(100))
    await world.post(f"/v1/sessions/{capped.id}", {"budget": None})
    await world.refused(f"/v1/sessions/{capped.id}", {"budget": budget(100)})


@pytest.mark.parametrize("cap", [{"budget": budget(400)}, {}])
async def test_the_script_can_reach_the_budget(make_world: MakeWorld, cap: Json) -> None:
    """However high the cap, or without one."""
    world = make_world(Script(budget_reached=True))
    session = await world.begin(FACTS, **cap)
    await world.waits(session)
    assert stops(session) == ["budget_reached"]


async def test_a_refusal_leaves_the_outcome_unfinished(make_world: MakeWorld) -> None:
    """The idle says refusal, with details, and no verdict is given."""
    world = make_world(Script(refusal=True))
    session = await world.begin(FACTS)
    events = await world.finish(session)
    assert (stops(session), results(events)) == (["refusal"], [])
    assert events[-1]["stop_details"]["type"] == "refusal"


async def test_a_message_after_a_refusal_tries_again(make_world: MakeWorld) -> None:
    """The unfinished outcome is taken up; the model refuses again."""
    world = make_world(Script(refusal=True))
    session = await world.begin(FACTS)
    await world.finish(session)
    await world.tell(session, message())
    await world.finish(session)
    assert stops(session) == ["refusal", "refusal"]


async def test_exhausted_retries_are_told_twice(make_world: MakeWorld) -> None:
    """An error that retries, one that is exhausted, then the idle."""
    world = make_world(Script(retries_exhausted=True))
    session = await world.begin(FACTS)
    events = await world.finish(session)
    errors = [event["error"]["retry_status"]["type"] for event in events if event["type"] == "session.error"]
    assert (errors, stops(session)) == (["retrying", "exhausted"], ["retries_exhausted"])


async def test_a_passing_error_is_survived(make_world: MakeWorld) -> None:
    """Rescheduled, running again, and the outcome ends well: an error is never by itself the end."""
    world = make_world(Script(session_error_retrying=True, revisions=0))
    session = await world.begin(FACTS)
    events = await world.finish(session)
    assert kinds(events, "session.error", "session.status") == [
        "session.status_running",
        "session.error",
        "session.status_rescheduled",
        "session.status_running",
        "session.status_idle",
    ]
    assert results(events) == ["satisfied"]


async def test_a_terminated_session_is_over(make_world: MakeWorld) -> None:
    """No idle follows, the status says so at once, and nothing more is taken."""
    world = make_world(Script(terminated=True))
    session = await world.begin(FACTS)
    events = await world.finish(session)
    assert kinds(events)[-3:] == [
        "session.error",
        "session.thread_status_terminated",
        "session.status_terminated",
    ]
    assert (await world.get(f"/v1/sessions/{session.id}"))["status"] == "terminated"
    await world.tell(session, message(), expect=400)
    await world.refused(f"/v1/sessions/{session.id}", {"title": "x"})


async def test_a_fault_of_the_sandbox_is_no_silent_hang(world: World, facts: Json) -> None:
    """A document the script cannot work on ends the session with an error that says so."""
    del facts["document"]["sections"][0]["max_items"]
    session = await world.begin(facts)
    with pytest.raises(AssertionError, match="script failed"):
        await world.finish(session)
    assert session.status == "terminated"


async def test_running_time_is_counted_as_at_speed_one(make_world: MakeWorld) -> None:
    """A session that was slowed or hurried reports the same order of seconds."""
    world = make_world(Script(revisions=0), AgentsSandboxSettings(step_s=0, grading_s=0))
    session = await world.begin(FACTS)
    await world.finish(session)
    usage = session.log.events[-2]["usage"]
    assert 0 < usage["active_seconds"] < 60


async def test_a_stopped_sandbox_leaves_no_task_behind(make_world: MakeWorld) -> None:
    """close() cancels the work and ends the streams."""
    world = make_world(Script(never_finishes=True))
    session = await world.begin(FACTS)
    await until(session, "agent.tool_result")
    queue = session.log.subscribe()
    world.state.close()
    await asyncio.sleep(0)
    assert session.task is not None
    assert session.task.cancelled()
    assert queue.get_nowait() is None


def test_a_speed_must_be_positive() -> None:
    """Speed divides: zero would wait for ever."""
    from facilitator.sandbox.agents.app import build_agents_app

    with pytest.raises(ValueError, match="speed"):
        build_agents_app(speed=0)
