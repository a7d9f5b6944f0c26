"""Reading a session's events: what is new, what waits, what was decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from facilitator.agents.log import Event, SessionLog, Stop, identity

NOON = "2026-06-12T12:00:00Z"


def event(kind: str, event_id: str = "", **fields: Any) -> dict[str, Any]:
    """A stored event."""
    return {"type": kind, "id": event_id or f"sevt_{kind}", "processed_at": NOON, **fields}


def log(*events: Event) -> SessionLog:
    """The log of these events."""
    read = SessionLog()
    read.take(events)
    return read


def idle(reason: str, **fields: Any) -> dict[str, Any]:
    """The session stopped."""
    return event("session.status_idle", f"sevt_idle_{reason}", stop_reason={"type": reason}, **fields)


def graded(result: str, iteration: int = 0, outcome: str = "outc_1", **fields: Any) -> dict[str, Any]:
    """A grading ended."""
    return event(
        "span.outcome_evaluation_end",
        f"sevt_{outcome}_{iteration}",
        result=result,
        iteration=iteration,
        outcome_id=outcome,
        explanation="because",
        **fields,
    )


def asked(outcome: str = "outc_1", at: str = NOON) -> dict[str, Any]:
    """An outcome was asked for."""
    return event("user.define_outcome", f"sevt_{outcome}", outcome_id=outcome) | {"processed_at": at}


def call(event_id: str = "sevt_call", name: str = "board_get_task", **arguments: Any) -> dict[str, Any]:
    """A custom tool was called."""
    return event("agent.custom_tool_use", event_id, name=name, input=arguments)


def answered(event_id: str = "sevt_call") -> dict[str, Any]:
    """We answered it."""
    return event("user.custom_tool_result", f"re_{event_id}", custom_tool_use_id=event_id)


RUNNING = event("session.status_running")


def test_an_event_seen_twice_is_new_once() -> None:
    """The list and the stream tell the same event; it is stored once."""
    read = SessionLog()
    fresh, again = read.take([RUNNING]), read.take([RUNNING])

    assert fresh == (RUNNING,)
    assert again == ()
    assert len(read) == 1


def test_a_queued_event_is_new_again_when_it_is_stamped() -> None:
    """The second sighting carries the time: it is stored as an update, and is still one event."""
    queued = {**event("user.interrupt", "sevt_1"), "processed_at": None}
    stamped = event("user.interrupt", "sevt_1")
    read = log(queued, RUNNING)

    assert read.take([stamped, queued]) == (stamped,)
    assert len(read) == 2


def test_events_without_an_id_are_told_apart_by_content() -> None:
    """An empty id does not make two events one, nor one event two."""
    first = {"type": "user.interrupt", "id": "", "processed_at": NOON}
    other = {"type": "user.interrupt", "id": "", "processed_at": NOON, "session_thread_id": "sthr_1"}

    fresh = SessionLog().take([first, other, dict(first)])

    assert fresh == (first, other)
    assert identity(first) != identity(other)


def test_previews_are_not_events() -> None:
    """Frames that only announce an event are never stored."""
    fresh = SessionLog().take([{"type": "event_start", "event": {}}, {"type": "event_delta", "delta": {}}])

    assert fresh == ()


def test_unknown_events_are_kept_and_harm_nothing() -> None:
    """A type of a later release is stored raw and decides nothing."""
    strange = event("session.dreaming", mood="odd")

    read = log(asked(), strange)

    assert len(read) == 2
    assert read.stop() is None
    assert read.pending() == ()


def test_a_call_waits_until_it_is_answered() -> None:
    """Custom tool uses minus results, in the order asked; the id is the event's."""
    read = log(call("a"), call("b", name="draft_check", draft="{}"), answered("a"))

    assert [(each.id, each.name, each.arguments) for each in read.pending()] == [
        ("b", "draft_check", {"draft": "{}"})
    ]


def test_a_call_during_grading_waits_too() -> None:
    """Whoever asks is answered, or the session would wait for ever."""
    start = event("span.outcome_evaluation_start", iteration=0)

    assert [each.id for each in log(start, call("g")).pending()] == ["g"]


def test_only_calls_that_ask_wait_for_confirmation() -> None:
    """A built-in call is ours to decide only where the service asks; once decided or run it no longer waits."""
    asks = event("agent.tool_use", "a", name="bash", input={}, evaluated_permission="ask")
    allowed = event("agent.tool_use", "b", name="read", input={}, evaluated_permission="allow")
    remote = event("agent.mcp_tool_use", "c", name="x", input=None, evaluated_permission="ask")
    denied = event("user.tool_confirmation", "d", tool_use_id="a", result="deny")
    ran = event("agent.mcp_tool_result", "e", mcp_tool_use_id="c")

    assert [(each.id, each.confirmation) for each in log(asks, allowed, remote).pending()] == [
        ("a", True),
        ("c", True),
    ]
    assert log(asks, allowed, remote, denied, ran).pending() == ()


def test_waiting_for_us_is_not_a_stop() -> None:
    """An idle that requires action is a question, not an end."""
    assert log(asked(), call(), idle("requires_action")).stop() is None


def test_every_other_idle_is_a_stop_until_work_goes_on() -> None:
    """Known or not, a stop reason stops; a running event afterwards takes it back."""
    assert log(idle("end_turn")).stop() == Stop("end_turn")
    assert log(idle("of_a_later_release")).stop() == Stop("of_a_later_release")
    assert log(idle("end_turn"), {**RUNNING, "id": "later"}).stop() is None
    assert log({**idle("end_turn"), "stop_reason": None}).stop() == Stop("unknown")


def test_a_refusal_brings_its_details() -> None:
    """What the model said about refusing is kept."""
    stop = log(idle("refusal", stop_details={"category": "policy"})).stop()

    assert stop is not None
    assert stop.details == {"category": "policy"}


def test_terminated_and_deleted_outrank_all_that_follows() -> None:
    """Nothing can follow a final event, whatever order the list has."""
    ended = event("session.status_terminated")
    gone = event("session.deleted")

    stop = log(ended, RUNNING, idle("end_turn")).stop()
    assert stop == Stop("terminated")
    assert stop.final
    assert log(gone).stop() == Stop("deleted")


def test_verdicts_are_those_of_the_latest_outcome() -> None:
    """A second outcome in the same session starts afresh: neither result nor stop of the first counts."""
    first = (asked(), graded("needs_revision"), graded("satisfied", 1), idle("end_turn"))
    read = log(*first)
    again = log(*first, asked("outc_2"))

    assert [verdict.result for verdict in read.verdicts()] == ["needs_revision", "satisfied"]
    assert read.result() == "satisfied"
    assert again.verdicts() == ()
    assert again.result() is None
    assert again.stop() is None


def test_a_revision_is_no_result() -> None:
    """Only the four terminal results end an outcome."""
    assert log(asked(), graded("needs_revision")).result() is None
    assert log(graded("interrupted")).result() == "interrupted"


def test_usage_is_the_latest_and_gradings_are_summed() -> None:
    """Session totals replace each other; each grading brings its own tokens."""
    read = log(
        event("session.usage", "u1", usage={"input_tokens": 1}),
        event("session.usage", "u2", usage={"input_tokens": 5}),
        graded("needs_revision", usage={"input_tokens": 10, "output_tokens": 2}),
        graded("satisfied", 1, usage={"cache_read_input_tokens": 3, "output_tokens": None}),
    )

    assert read.usage() == {"input_tokens": 5}
    assert read.grader_tokens() == 15


def test_the_last_error_is_kept() -> None:
    """Errors end nothing, but the last one explains an end."""
    assert log().last_error() == {}
    assert log(event("session.error", error={"type": "billing_error"})).last_error() == {
        "type": "billing_error"
    }


def test_elapsed_time_is_the_services_own() -> None:
    """From the outcome to the newest stamp; unreadable stamps count for nothing."""
    later = event("agent.thinking", "t") | {"processed_at": "2026-06-12T12:03:00Z"}
    broken = event("agent.thinking", "b") | {"processed_at": "yesterday"}
    naive = event("agent.thinking", "n") | {"processed_at": "2026-06-12T18:00:00"}

    assert log(asked(), later, broken, naive).elapsed() == timedelta(minutes=3)
    assert log(later).elapsed() == timedelta()
    assert log(asked(at="2026-06-12T13:00:00Z"), RUNNING).elapsed() == timedelta()


HISTORY = (
    asked(),
    RUNNING,
    call("a"),
    call("b"),
    idle("requires_action"),
    answered("b"),
    answered("a"),
    {**RUNNING, "id": "again"},
    graded("needs_revision"),
    graded("satisfied", 1),
    idle("end_turn"),
)


@given(st.lists(st.integers(0, len(HISTORY)), max_size=6))
def test_reading_in_pieces_is_reading_at_once(cuts: list[int]) -> None:
    """However often the history is listed half-way, the log is the one read whole."""
    grown = SessionLog()
    for cut in [*cuts, len(HISTORY)]:
        grown.take(HISTORY[:cut])

    assert grown.result() == "satisfied"
    assert grown.pending() == ()
    assert len(grown) == len(HISTORY)
    assert grown.take(HISTORY) == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(
                    [
                        "session.status_idle",
                        "agent.custom_tool_use",
                        "user.custom_tool_result",
                        "session.usage",
                        "session.error",
                        "span.outcome_evaluation_end",
                        "x",
                    ]
                ),
                "id": st.text(max_size=3),
            },
            optional={
                "input": json_values,
                "name": json_values,
                "processed_at": json_values,
                "stop_reason": json_values,
                "custom_tool_use_id": json_values,
                "usage": json_values,
                "error": json_values,
                "iteration": json_values,
                "result": json_values,
            },
        ),
        max_size=8,
    )
)
def test_odd_events_never_break_the_reading(events: list[dict[str, Any]]) -> None:
    """Whatever fields an event holds, every question has an answer."""
    read = SessionLog()
    fresh = read.take(events)

    assert len(read) <= len(events)
    assert len(fresh) >= len(read)
    assert read.result() is None
    for question in (read.stop, read.pending, read.usage, read.elapsed, read.grader_tokens, read.last_error):
        question()
    assert len(read.verdicts()) <= len(events)
