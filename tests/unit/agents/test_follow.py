"""Following a session through moments that are rare on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any

import httpx2
import pytest

from facilitator.agents.client import WireError
from facilitator.agents.follow import DENIED, NO_OUTPUT
from facilitator.runs.ports import ToolAnswer
from tests.unit.agents.service import ENDED, FakeService, error, ok, outcome

pytestmark = pytest.mark.anyio

ASKED = {"type": "user.define_outcome", "outcome_id": "outc_1"}
RUNNING = {"type": "session.status_running"}
CALL = {"type": "agent.custom_tool_use", "name": "board_get_task", "input": {"task_gid": "1"}}
SATISFIED = {
    "type": "span.outcome_evaluation_end",
    "outcome_id": "outc_1",
    "result": "satisfied",
    "iteration": 0,
}
STREAM, EVENTS, SEND, SESSION = (
    "GET sessions/ID/events/stream",
    "GET sessions/ID/events",
    "POST sessions/ID/events",
    "GET sessions/ID",
)


def calling(call: Mapping[str, Any] = CALL) -> FakeService:
    """A session that waits for us, and is satisfied once it is answered."""
    service = FakeService(after_send=[SATISFIED, ENDED])
    service.add(ASKED, RUNNING, call)
    return service


def at_work() -> FakeService:
    """A session that goes on and on."""
    service = FakeService(stored={"id": "sesn_1", "status": "running"})
    service.add(ASKED, RUNNING)
    return service


async def test_a_tool_that_fails_is_answered_without_its_reason() -> None:
    """What an exception says may be secret; the session's log keeps what it is sent."""

    def broken(_name: str, _arguments: Mapping[str, Any]) -> ToolAnswer:
        raise RuntimeError("token=sk-secret")

    service = calling()
    ending = await service.follow(broken)

    assert ending.result == "satisfied"
    assert service.sent[0]["is_error"] is True
    assert "secret" not in str(service.sent[0])


async def test_a_tool_with_nothing_to_say_sends_a_placeholder() -> None:
    """Empty text is refused by the service."""
    service = calling()
    await service.follow(lambda _name, _arguments: ToolAnswer(" \n"))

    assert service.sent[0]["content"] == [{"type": "text", "text": NO_OUTPUT}]


async def test_a_tool_we_never_declared_is_not_run() -> None:
    """The answer names the known tools."""
    service = calling({**CALL, "name": "asana_delete_project"})
    ran: list[str] = []

    def remember(name: str, _arguments: Mapping[str, Any]) -> ToolAnswer:
        ran.append(name)
        return ToolAnswer("x")

    await service.follow(remember)

    assert ran == []
    assert service.sent[0]["is_error"] is True
    assert "draft_check" in str(service.sent[0]["content"])


async def test_a_tool_that_asks_for_permission_is_denied() -> None:
    """Nobody is there to allow it, and the session must not wait for ever."""
    service = calling({"type": "agent.tool_use", "name": "bash", "input": {}, "evaluated_permission": "ask"})
    await service.follow()

    assert service.sent == [
        {"type": "user.tool_confirmation", "tool_use_id": "sevt_3", "result": "deny", "deny_message": DENIED}
    ]


async def test_an_answer_refused_for_good_ends_the_attempt() -> None:
    """A session that refuses every answer is not asked for ever."""
    service = calling()
    service.replies[SEND] = [error(400, "unknown tool use")] * 9

    with pytest.raises(WireError, match="unknown tool use"):
        await service.follow()

    assert service.calls.count(SEND) == 5


async def test_an_answer_refused_because_it_was_given_is_no_fault() -> None:
    """The list shows the answer of another process, and the run goes on."""
    service = calling()

    def somebody_else(fake: FakeService) -> httpx2.Response:
        fake.add({"type": "user.custom_tool_result", "custom_tool_use_id": "sevt_3"}, SATISFIED, ENDED)
        return error(400, "already answered")

    service.replies[SEND] = [somebody_else]
    ending = await service.follow()

    assert ending.result == "satisfied"
    assert service.sent == []


async def test_a_key_that_lost_its_rights_stops_the_run_at_once() -> None:
    """No call can succeed: not the stream, the list or an answer."""
    for route in (STREAM, EVENTS, SEND):
        service = calling()
        service.replies[route] = [error(403)]
        with pytest.raises(WireError) as refused:
            await service.follow()
        assert not refused.value.retryable


async def test_a_stream_refused_for_now_is_asked_for_again() -> None:
    """Limits and errors on opening cost time only."""
    service = calling()
    service.replies[STREAM] = [error(429), error(503), httpx2.ConnectError("down")]

    assert (await service.follow()).result == "satisfied"


async def test_a_stream_of_nonsense_is_left_for_the_list() -> None:
    """Bad JSON, numbers and error frames end the connection, not the run."""
    for frame in (
        "event: agent.message\ndata: {broken\n\n",
        "event: agent.message\ndata: 7\n\n",
        'event: error\ndata: {"type": "error", "error": {"type": "x", "message": "m"}}\n\n',
    ):
        service = at_work()

        def then_end(fake: FakeService, frame: str = frame) -> httpx2.Response:
            fake.add(SATISFIED, ENDED)
            fake.stored["status"] = "idle"
            return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=frame)

        service.replies[EVENTS] = [ok({"data": service.history, "next_page": None})]
        service.replies[STREAM] = [then_end]
        assert (await service.follow()).result == "satisfied"


async def test_a_stray_idle_is_not_taken_for_the_end() -> None:
    """A doubled answer makes an extra `end_turn` while the work goes on: the stored session says so."""
    service = at_work()
    service.add(ENDED)

    def later(fake: FakeService) -> httpx2.Response:
        fake.add(RUNNING, SATISFIED, ENDED)
        fake.stored["status"] = "idle"
        return ok({"id": "sesn_1", "status": "running"})

    service.replies[SESSION] = [*[ok({"id": "sesn_1", "status": "running"})] * 4, later]

    assert (await service.follow()).result == "satisfied"


async def test_an_idle_without_any_verdict_ends_the_run() -> None:
    """The writer stopped and nothing was graded: after looking a few times, that is the end."""
    service = FakeService()
    service.add(ASKED, RUNNING, ENDED)

    ending = await service.follow()

    assert ending.result is None
    assert ending.stop == "end_turn"
    assert "before any draft was graded" in ending.reason


async def test_a_status_that_lags_for_long_does_not_outweigh_verdict_and_idle() -> None:
    """Both events were seen; a stored status that still says running is late."""
    service = at_work()
    service.add(SATISFIED, ENDED)

    assert (await service.follow()).result == "satisfied"


async def test_an_ending_is_told_even_where_the_session_cannot_be_read() -> None:
    """The log alone suffices, usage is then that of its last event."""
    service = FakeService()
    service.add(ASKED, {"type": "session.usage", "usage": {"input_tokens": 9}}, SATISFIED, ENDED)
    service.replies[SESSION] = [error(500)] * 99

    ending = await service.follow()

    assert ending.result == "satisfied"
    assert ending.usage.input_tokens == 9


async def test_a_session_that_vanishes_while_the_end_is_confirmed_is_gone() -> None:
    """Deleted between the idle event and our look."""
    service = FakeService()
    service.add(ASKED, SATISFIED, ENDED)
    service.replies[SESSION] = [error(404)]

    assert (await service.follow()).stop == "deleted"


async def test_a_right_lost_while_the_end_is_confirmed_is_an_error() -> None:
    """A refusal is never read as an ending."""
    service = FakeService()
    service.add(ASKED, SATISFIED, ENDED)
    service.replies[SESSION] = [error(401)]

    with pytest.raises(WireError):
        await service.follow()


async def test_past_the_deadline_the_session_is_interrupted_and_given_a_moment() -> None:
    """The interrupt goes out once it can; an end in the grace time is told as such."""
    service = at_work()
    service.after_send = [{**SATISFIED, "result": "interrupted"}, ENDED]
    service.replies[SEND] = [error(500), error(503)]
    clock = count()

    ending = await service.follow(
        monotonic=lambda: float(next(clock)), asked=outcome(deadline=timedelta(seconds=9))
    )

    assert service.sent == [{"type": "user.interrupt"}]
    assert (ending.result, ending.stop, ending.timed_out) == ("interrupted", "end_turn", True)


async def test_a_session_that_ignores_the_interrupt_is_left_after_the_grace_time() -> None:
    """The run ends; what is known is told."""
    service = at_work()
    clock = count()

    ending = await service.follow(
        monotonic=lambda: float(next(clock)), asked=outcome(deadline=timedelta(seconds=9)), grace=3.0
    )

    assert (ending.result, ending.stop, ending.timed_out) == ("interrupted", "unfinished", True)


async def test_an_interrupt_of_a_vanished_session_ends_the_run() -> None:
    """Gone is gone."""
    service = at_work()
    service.replies[SEND] = [error(404)]
    clock = count()

    ending = await service.follow(
        monotonic=lambda: float(next(clock)), asked=outcome(deadline=timedelta(seconds=9))
    )

    assert ending.stop == "deleted"


async def test_no_call_is_answered_after_the_interrupt() -> None:
    """What the session asks in its last moments would only set it to work again."""
    service = at_work()
    service.after_send = [CALL, {**SATISFIED, "result": "interrupted"}, ENDED]
    clock = count()

    await service.follow(monotonic=lambda: float(next(clock)), asked=outcome(deadline=timedelta(seconds=9)))

    assert [event["type"] for event in service.sent] == ["user.interrupt"]


async def test_time_before_a_crash_counts_towards_the_deadline() -> None:
    """Ten minutes of events stand in the log of a resumed session: only what is left is given."""
    service = at_work()
    service.history[-1]["processed_at"] = "2026-06-12T12:10:00Z"
    service.replies[SEND] = [error(404)]
    clock = count(step=60)

    ending = await service.follow(
        monotonic=lambda: float(next(clock)),
        asked=outcome(deadline=timedelta(minutes=15)),
        least_remaining=60.0,
    )

    assert ending.stop == "deleted"
    assert service.calls.count(EVENTS) <= 3


async def test_a_long_history_is_read_page_by_page() -> None:
    """Nothing is lost at the seams."""
    service = FakeService(page=2)
    service.add(ASKED, RUNNING, CALL, {"type": "user.custom_tool_result", "custom_tool_use_id": "sevt_3"})
    service.add(SATISFIED, ENDED)

    assert (await service.follow()).result == "satisfied"
    assert service.sent == []
