"""What a person is told about how a session ended."""

from __future__ import annotations

from typing import Any

import pytest

from facilitator.agents.cost import Prices
from facilitator.agents.endings import UNFINISHED, Story, ending_of, terminal_evaluation, usage_of
from facilitator.agents.log import Event, SessionLog

PRICES = Prices(input=400, output=2000, cache_read=20, cache_write=500)


def log_of(*events: Event) -> SessionLog:
    """The log of these events."""
    log = SessionLog()
    log.take(events)
    return log


def event(kind: str, number: int = 1, **fields: Any) -> dict[str, Any]:
    """A stored event."""
    return {"type": kind, "id": f"{kind}_{number}", "processed_at": "2026-06-12T12:00:00Z", **fields}


def graded(result: str, iteration: int = 0) -> dict[str, Any]:
    """A grading ended."""
    return event("span.outcome_evaluation_end", iteration, result=result, iteration=iteration)


def stopped(reason: str, **fields: Any) -> dict[str, Any]:
    """The session went idle."""
    return event("session.status_idle", stop_reason={"type": reason}, **fields)


def failing(kind: str) -> dict[str, Any]:
    """The session met an error."""
    return event("session.error", error={"type": kind, "message": "it\x1bbroke."})


def story(*events: dict[str, Any], **more: Any) -> Story:
    """A followed session."""
    log = log_of(*events)
    return Story(**{"log": log, "session": {}, "prices": PRICES, **more})


def test_satisfied_needs_no_reason() -> None:
    """The one good ending."""
    ending = ending_of(story(graded("needs_revision"), graded("satisfied", 1), stopped("end_turn")))

    assert (ending.result, ending.stop, ending.reason) == ("satisfied", "end_turn", "")
    assert len(ending.verdicts) == 2


@pytest.mark.parametrize(
    ("events", "words", "retry"),
    [
        ([graded("max_iterations_reached", 2), stopped("end_turn")], "gaps after its grading", False),
        ([graded("failed"), stopped("end_turn")], "rubric does not fit", False),
        ([graded("interrupted"), stopped("end_turn")], "interrupted", False),
        ([stopped("budget_reached")], "budget", False),
        ([stopped("retries_exhausted")], "new session later", True),
        ([failing("model_overloaded_error"), stopped("retries_exhausted")], "model_overloaded_error: it broke.", True),
        ([failing("billing_error"), stopped("retries_exhausted")], "billing_error", False),
        ([stopped("refusal")], "refused", False),
        ([stopped("refusal", stop_details={"category": "x", "explanation": "y"})], "x: y", False),
        ([stopped("end_turn")], "before any draft was graded", False),
        ([stopped("brand_new")], "brand_new", False),
        ([event("session.status_terminated")], "terminated", True),
        ([failing("credential_host_unreachable_error"), event("session.status_terminated")], "terminated", False),
        ([event("session.deleted")], "gone", False),
        ([event("session.status_running")], "still busy", False),
    ],
)  # fmt: skip
def test_every_other_end_has_a_reason(events: list[dict[str, Any]], words: str, retry: bool) -> None:
    """A sentence for a person, and a new session only where one is known to help."""
    ending = ending_of(story(*events))

    assert words in ending.reason
    assert ending.retry_new_session is retry
    assert ending.result != "satisfied"


def test_several_gradings_are_counted() -> None:
    """The reason says how often the draft was judged."""
    ending = ending_of(
        story(graded("needs_revision"), graded("max_iterations_reached", 1), stopped("end_turn"))
    )

    assert "2 gradings" in ending.reason


def test_the_deadline_is_told_as_such() -> None:
    """Our own interrupt is not somebody's."""
    ending = ending_of(story(graded("interrupted"), stopped("end_turn"), timed_out=True, deadline_minutes=15))

    assert ending.timed_out
    assert ending.result == "interrupted"
    assert "15 minutes" in ending.reason
    assert not ending.retry_new_session


def test_a_session_that_ignores_the_interrupt_counts_as_interrupted() -> None:
    """Past the grace time there is no terminal event, and the run ends all the same."""
    ending = ending_of(story(event("session.status_running"), timed_out=True))

    assert (ending.result, ending.stop, ending.timed_out) == ("interrupted", UNFINISHED, True)


def test_a_verdict_that_beat_the_interrupt_stands() -> None:
    """Satisfied in the last second is satisfied."""
    ending = ending_of(story(graded("satisfied"), stopped("end_turn"), timed_out=True))

    assert ending.result == "satisfied"
    assert not ending.timed_out


def test_the_session_object_can_supply_the_verdict_and_the_stop() -> None:
    """Where the event was never seen, the stored outcome and status decide."""
    session = {"status": "terminated", "outcome_evaluations": [{"outcome_id": "o", "result": "failed"}]}

    ending = ending_of(story(session=session))

    assert (ending.result, ending.stop) == ("failed", "terminated")


def test_only_a_terminal_evaluation_of_our_outcome_counts() -> None:
    """One still running, or one of an earlier outcome, is no verdict."""
    log = log_of(event("user.define_outcome", outcome_id="mine"))
    running = {"outcome_evaluations": [{"outcome_id": "mine", "result": "evaluating"}]}
    other = {"outcome_evaluations": [{"outcome_id": "other", "result": "satisfied"}]}

    assert terminal_evaluation(running, log) is None
    assert terminal_evaluation(other, log) is None
    assert terminal_evaluation({}, log) is None


def test_a_vanished_session_is_deleted_whatever_its_log_says() -> None:
    """Nothing can be fetched from it."""
    assert ending_of(story(stopped("end_turn"), gone=True)).stop == "deleted"


def test_usage_comes_from_the_session_and_its_events() -> None:
    """The stored totals win; the service's list cost is in cents, as a string."""
    log = log_of(event("session.usage", usage={"input_tokens": 1, "active_seconds": 60}))
    session = {
        "usage": {
            "input_tokens": 100,
            "output_tokens": 20,
            "cache_read_input_tokens": 7,
            "cache_creation": {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 1},
            "list_cost": {"amount": "12", "currency": "USD"},
            "active_seconds": None,
        }
    }

    usage = usage_of(log, session, PRICES)

    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens) == (100, 20, 7)
    assert (usage.cache_write_tokens, usage.active_seconds, usage.list_cents) == (5, 60.0, 12.0)


@pytest.mark.parametrize("cost", [None, {"amount": "0", "currency": "USD"}, {"amount": "a lot"}])
def test_a_cost_rounded_to_nothing_is_worked_out(cost: dict[str, str] | None) -> None:
    """Our own prices say more than zero."""
    session = {"usage": {"input_tokens": 1_000, "list_cost": cost, "cache_creation_input_tokens": 10}}

    usage = usage_of(SessionLog(), session, PRICES)

    assert usage.list_cents == pytest.approx(0.4 + 0.005)
    assert usage.cache_write_tokens == 10


def test_a_hostile_error_message_is_cut_and_made_plain() -> None:
    """What the service quotes cannot bring control characters or a novel into a reason."""
    noise = event("session.error", error={"type": "unknown_error", "message": "\x00\n" + "x" * 5_000})

    reason = ending_of(story(noise, stopped("retries_exhausted"))).reason

    assert reason.isprintable()
    assert len(reason) < 500
