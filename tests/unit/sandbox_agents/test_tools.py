"""Tool rounds: parallel calls, partial and repeated answers, permissions and confirmations."""

from __future__ import annotations

import pytest

from facilitator.sandbox.agents.bench import Bench
from facilitator.sandbox.agents.script import Script
from facilitator.sandbox.agents.state import Session
from tests.unit.sandbox_agents.world import (
    BOARD_TOOLS,
    FACTS,
    TOOLSET,
    Json,
    MakeWorld,
    World,
    kinds,
    message,
    outcome,
    result,
    results,
    tool,
)

pytestmark = pytest.mark.anyio
ASK = {"type": "always_ask"}


def uses(session: Session) -> list[Json]:
    return [event for event in session.log.events if event["type"] == "agent.custom_tool_use"]


async def test_a_call_idles_the_session_and_an_answer_resumes_it(world: World) -> None:
    """Use, end of the request, the three idle events with the id; after the answer, running again."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    assert await world.waits(session)
    (use,) = uses(session)
    tail = session.log.events[-5:]
    assert kinds(tail) == [
        "agent.custom_tool_use",
        "span.model_request_end",
        "session.thread_status_idle",
        "session.usage",
        "session.status_idle",
    ]
    assert (
        tail[-1]["stop_reason"]
        == tail[2]["stop_reason"]
        == {"type": "requires_action", "event_ids": [use["id"]]}
    )
    before = len(session.log.events)
    await world.answer(session)
    await world.waits(session)
    assert kinds(session.log.events[before : before + 4]) == [
        "user.custom_tool_result",
        "session.status_running",
        "session.thread_status_running",
        "span.model_request_start",
    ]


async def test_the_writer_asks_what_is_declared_and_in_order(world: World) -> None:
    """Health first, then the blocked tasks side by side, then the check of each draft."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.finish(session)
    asked = [(use["name"], use["input"].get("task_gid")) for use in uses(session)]
    assert asked == [
        ("board_get_health", None),
        ("board_get_task", "11"),
        ("board_get_task", "12"),
        ("draft_check", None),
        ("draft_check", None),
    ]
    assert uses(session)[3]["input"]["draft"]["format"] == "draft/1"


async def test_an_undeclared_tool_is_never_called(world: World) -> None:
    """An agent without custom tools never waits for its client."""
    session = await world.begin(FACTS)
    assert not await world.waits(session)
    assert uses(session) == []


async def test_a_draft_is_sent_as_text_where_the_tool_says_so(world: World) -> None:
    """The declared input schema decides the form of the draft and the name of the task field."""
    session = await world.begin(
        FACTS, tool("draft_check", draft="string"), tool("board_get_task", gid="string")
    )
    await world.finish(session)
    first, *_, last = uses(session)
    assert first["input"] == {"gid": "11"}
    assert isinstance(last["input"]["draft"], str)


async def test_answering_some_re_emits_the_idle_with_the_rest(make_world: MakeWorld) -> None:
    """Three calls, answered one, then two: an idle with two ids, then running."""
    world = make_world(Script(parallel_tools=3))
    session = await world.begin(FACTS, tool("board_get_task", gid="string"))
    assert await world.waits(session)
    asked = [use["id"] for use in uses(session)]
    assert len(asked) == 3
    await world.answer(session, only=1)
    assert session.log.events[-1]["stop_reason"]["event_ids"] == asked[1:]
    assert kinds(session.log.events)[-3] == "session.thread_status_idle"
    before = len(session.log.events)
    await world.answer(session)
    await world.waits(session)
    assert kinds(session.log.events[before:], "session.status")[0] == "session.status_running"


async def test_answers_in_one_batch_make_no_idle_between_them(make_world: MakeWorld) -> None:
    """A batch is taken as one."""
    world = make_world(Script(parallel_tools=2))
    session = await world.begin(FACTS, tool("board_get_task", gid="string"))
    await world.waits(session)
    before = len(session.log.events)
    await world.answer(session)
    assert kinds(session.log.events[before:]) == ["user.custom_tool_result"] * 2


async def test_a_result_comes_back_stamped_and_not_an_error(world: World) -> None:
    """custom_tool_result is stamped on receipt and `is_error` is filled in."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    (echo,) = (await world.tell(session, result(uses(session)[0]["id"])))["data"]
    assert echo["processed_at"] is not None
    assert echo["is_error"] is False


async def test_a_result_without_content_is_fine_but_empty_text_is_not(world: World) -> None:
    """A silent tool sends no content or a placeholder, never an empty block."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    wanted = uses(session)[0]["id"]
    await world.tell(session, result(wanted, ""), expect=400)
    await world.tell(
        session, {"type": "user.custom_tool_result", "custom_tool_use_id": wanted, "is_error": True}
    )


async def test_a_result_nobody_asked_for_is_refused(world: World) -> None:
    """Unknown ids and ids of other events are 400s."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    await world.tell(session, result("sevt_none"), expect=400)
    await world.tell(session, result(session.log.events[0]["id"]), expect=400)


async def test_a_batch_is_refused_as_a_whole(world: World) -> None:
    """One wrong answer and none is placed."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    before = len(session.log.events)
    await world.tell(session, result(uses(session)[0]["id"]), result("sevt_none"), expect=400)
    assert len(session.log.events) == before


async def test_a_repeated_result_is_accepted_and_costs_an_extra_turn(world: World) -> None:
    """Seen hosted: 200, a second result in the log, then running and idle(end_turn) without a model request."""
    session = await world.begin(FACTS, tool("board_get_health"))
    await world.finish(session)
    before = len(session.log.events)
    await world.tell(session, result(uses(session)[0]["id"]))
    await world.finish(session)
    assert kinds(session.log.events[before:]) == [
        "user.custom_tool_result",
        "session.status_running",
        "session.thread_status_running",
        "session.thread_status_idle",
        "session.usage",
        "session.status_idle",
    ]
    assert session.log.events[-1]["stop_reason"] == {"type": "end_turn"}


async def test_a_repeated_result_in_mid_turn_is_an_extra_turn_afterwards(world: World) -> None:
    """The turn in work is not disturbed; the outcome still ends as it would."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    first = uses(session)[0]["id"]
    await world.answer(session)
    await world.waits(session)
    await world.tell(session, result(first))
    events = await world.finish(session)
    assert results(events) == ["needs_revision", "satisfied"]
    assert [event["stop_reason"]["type"] for event in events if event["type"] == "session.status_idle"][
        -2:
    ] == [
        "end_turn",
        "end_turn",
    ]


async def test_while_a_tool_waits_nothing_else_may_be_sent(world: World) -> None:
    """A message is refused and told which events are waited for."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    refusal = await world.tell(session, message(), expect=400)
    assert "waiting on responses to events" in refusal["error"]["message"]
    assert uses(session)[0]["id"] in refusal["error"]["message"]
    await world.tell(session, outcome(), expect=400)


async def test_a_system_message_may_trail_the_last_result(world: World) -> None:
    """system.message is refused in the middle of a tool round unless the same batch ends it."""
    session = await world.begin(FACTS, *BOARD_TOOLS)
    await world.waits(session)
    note = {"type": "system.message", "content": [{"type": "text", "text": "be brief"}]}
    await world.tell(session, note, expect=400)
    await world.tell(session, result(uses(session)[0]["id"]), note)
    await world.finish(session)
    assert kinds(session.log.events, "system.") == ["system.message"]


async def test_a_tool_call_may_come_from_the_grader(make_world: MakeWorld) -> None:
    """Between start and end of a grading, on another thread: the client must answer whoever asks."""
    world = make_world(Script(grader_calls_tool=True, revisions=0))
    session = await world.begin(FACTS)
    assert await world.waits(session)
    (use,) = uses(session)
    assert use["session_thread_id"] not in {None, session.thread_id}
    assert session.outcomes[0]["result"] == "evaluating"
    assert results(await world.finish(session)) == ["satisfied"]


async def test_a_tool_that_is_not_enabled_is_denied(world: World) -> None:
    """Without `write` there is no deliverable, and the reason stands in the log."""
    agent = await world.agent(
        {"type": "agent_toolset_20260401", "configs": [{"name": "write", "enabled": False}]}
    )
    session = await world.begin(FACTS, agent=agent, iterations=1)
    events = await world.finish(session)
    denied = [event for event in events if event.get("evaluated_permission") == "deny"]
    assert [event["name"] for event in denied] == ["write"]
    assert results(events) == ["max_iterations_reached"]


async def test_without_any_toolset_nothing_can_be_read(world: World) -> None:
    """No toolset, no built-in tool at all."""
    session = await world.begin(FACTS, agent=await world.agent(), iterations=1)
    events = await world.finish(session)
    assert {event["evaluated_permission"] for event in events if event["type"] == "agent.tool_use"} == {
        "deny"
    }


async def asking(world: World) -> Session:
    wanted: Json = {"type": "agent_toolset_20260401", "default_config": {"permission_policy": ASK}}
    session = await world.begin(FACTS, agent=await world.agent(wanted))
    assert await world.waits(session)
    return session


def confirmation(session: Session, verdict: str, **more: str) -> Json:
    assert session.pending is not None
    return {
        "type": "user.tool_confirmation",
        "tool_use_id": session.pending.open[0],
        "result": verdict,
        **more,
    }


async def test_always_ask_waits_for_a_confirmation(world: World) -> None:
    """An unattended job with `always_ask` waits for ever; once allowed, the tool runs."""
    session = await asking(world)
    use = session.log.events[-5]
    assert (use["type"], use["evaluated_permission"]) == ("agent.tool_use", "ask")
    await world.tell(session, confirmation(session, "allow"))
    await world.waits(session)
    results_ = [event for event in session.log.events if event["type"] == "agent.tool_result"]
    assert [event["is_error"] for event in results_] == [False]


async def test_a_denied_tool_is_an_error_to_the_writer(world: World) -> None:
    """The denial and its words become the tool's result."""
    session = await asking(world)
    await world.tell(session, confirmation(session, "deny", deny_message="not today"))
    await world.waits(session)
    (answer,) = [event for event in session.log.events if event["type"] == "agent.tool_result"]
    assert answer["is_error"] is True
    assert "Rejection message: not today" in answer["content"][0]["text"]


async def test_only_what_asked_can_be_confirmed(world: World) -> None:
    """A confirmation for a custom tool, or for an allowed call, is a 400."""
    session = await world.begin(FACTS, TOOLSET | {"type": "agent_toolset_20260401"}, tool("board_get_health"))
    await world.waits(session)
    await world.tell(session, confirmation(session, "allow"), expect=400)
    allowed = next(event for event in session.log.events if event["type"] == "agent.tool_use")
    refused = {"type": "user.tool_confirmation", "tool_use_id": allowed["id"], "result": "allow"}
    await world.tell(session, refused, expect=400)


async def test_results_of_built_in_tools_are_not_ours_to_send(world: World) -> None:
    """user.tool_result belongs to self-hosted environments only."""
    session = await world.idle_session()
    await world.tell(session, {"type": "user.tool_result", "tool_use_id": "sevt_1"}, expect=400)


async def test_a_built_in_tool_that_is_not_simulated_says_so(world: World) -> None:
    """The script only reads and writes; anything else is an honest error."""
    session = await world.begin(FACTS, agent=await world.agent({"type": "agent_toolset_20260401"}))
    await world.finish(session)
    assert "does not simulate bash" in await Bench(world.state, session).use("bash", {"command": "ls"})
