"""What each part of a session cost: figures worked out by hand from a drawn log."""

from typing import Any

import pytest

from facilitator.agents.cost import Prices
from facilitator.agents.ledger import Ledger
from facilitator.runs.ports import CostLine, Latency

PRICES = Prices(input=400, output=2000, cache_read=20, cache_write=500, hour=8)
Event = dict[str, Any]


def at(second: float | None, kind: str, **more: Any) -> Event:
    """An event so many seconds after noon; None where the service gives no stamp."""
    stamp = None if second is None else f"2026-06-10T12:00:{second:09.6f}Z"
    return {"id": f"sevt_{kind}_{second}", "type": kind, "processed_at": stamp, **more}


def asked(second: float, read: int, wrote: int, cached: int = 0) -> Event:
    usage = {
        "input_tokens": read,
        "output_tokens": wrote,
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": 0,
    }
    return at(second, "span.model_request_end", model_usage=usage)


def graded(second: float, iteration: int, read: int, wrote: int, result: str) -> Event:
    usage = {
        "input_tokens": read,
        "output_tokens": wrote,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
    }
    return at(second, "span.outcome_evaluation_end", iteration=iteration, result=result, usage=usage)


def read(events: list[Event]) -> Ledger:
    """The ledger of these events."""
    ledger = Ledger()
    ledger.take(events)
    return ledger


def costs(events: list[Event]) -> tuple[CostLine, ...]:
    """What they cost, part by part."""
    return read(events).lines(PRICES)


LOG = [
    at(0, "user.define_outcome"),
    at(1, "session.status_running"),
    at(2, "agent.thinking"),
    at(3, "agent.custom_tool_use"),
    asked(4, 1000, 100),
    at(5, "session.status_idle", stop_reason={"type": "requires_action"}),
    at(8, "user.custom_tool_result"),
    at(9, "session.status_running"),
    asked(11, 2000, 300, cached=500),
    at(12, "span.outcome_evaluation_start", iteration=0),
    asked(13, 777, 7),
    graded(15, 0, 4000, 200, "needs_revision"),
    asked(17, 1500, 400),
    at(18, "span.outcome_evaluation_start", iteration=1),
    graded(20, 1, 4100, 210, "satisfied"),
    at(21, "session.status_idle", stop_reason={"type": "end_turn"}),
]  # fmt: skip


def test_writer_and_grader_have_lines_of_their_own() -> None:
    """Waiting for us is free: the writer ran from 1 to 5 and from 9 to 12, that is 7 seconds."""
    lines = costs(LOG)
    assert [(one.iteration, one.who, one.input_tokens, one.output_tokens, one.cache_read_tokens, one.seconds)
            for one in lines] == [
        (0, "writer", 3000, 400, 500, 7.0),
        (0, "grader", 4000, 200, 0, 3.0),
        (1, "writer", 1500, 400, 0, 3.0),
        (1, "grader", 4100, 210, 0, 2.0),
        (2, "writer", 0, 0, 0, 1.0),
    ]  # fmt: skip


def test_a_line_is_priced_by_the_table() -> None:
    """0.003 M x 400 + 0.0004 M x 2000 + 0.0005 M x 20 = 1.2 + 0.8 + 0.01 cents, and 7 s at 8 cents an hour."""
    first = costs(LOG)[0]
    assert first.list_cents == pytest.approx(1.2 + 0.8 + 0.01 + 7 * 8 / 3600)


def test_requests_within_a_grading_are_the_graders() -> None:
    """Its own usage sums them; counting them again for the writer would charge them twice."""
    assert sum(one.input_tokens for one in costs(LOG)) == 3000 + 4000 + 1500 + 4100


def test_a_second_round_is_told_apart() -> None:
    """A reviewer's wish goes into the same session: its iterations start anew."""
    again = [
        at(30, "user.define_outcome"),
        at(31, "session.status_running"),
        asked(33, 10, 1),
        at(34, "session.status_idle"),
    ]
    last = costs([*LOG, *again])[-1]
    assert (last.round, last.iteration, last.who, last.input_tokens, last.seconds) == (
        1,
        0,
        "writer",
        10,
        3.0,
    )


def test_a_log_out_of_order_or_without_stamps_costs_no_negative_time() -> None:
    """The service's stamps step back a little now and then, and queued events have none."""
    lines = costs(
        [
            at(5, "session.status_running"),
            asked(6, 1, 1),
            at(4, "span.outcome_evaluation_start"),
            at(None, "session.status_idle"),
        ]
    )
    assert all(one.seconds >= 0 for one in lines)


def test_a_killed_session_keeps_what_it_used() -> None:
    """No idle, no verdict: its tokens are still there."""
    assert [one.input_tokens for one in costs(LOG[:5])] == [1000]


def test_the_first_event_comes_before_the_first_word() -> None:
    """Running after one second, the first tool call after three."""
    assert read(LOG).latency() == Latency(1.0, 3.0)


@pytest.mark.parametrize(
    "log", [[], LOG[:1], LOG[1:4], [at(None, "user.define_outcome"), at(1, "agent.message")]]
)
def test_what_never_came_is_not_made_up(log: list[Event]) -> None:
    """Without an outcome, a stamp or an answer there is no latency."""
    assert read(log).latency() == Latency(None, None)


def test_an_outcome_told_again_with_its_stamp_is_no_second_round() -> None:
    """It is queued first and stamped later; round and time are those of one."""
    queued, stamped = ({"id": "sevt_1", "type": "user.define_outcome", "processed_at": when}
                       for when in (None, "2026-06-10T12:00:00Z"))  # fmt: skip
    ledger = read([queued, stamped, *LOG[1:]])

    assert ledger.lines(PRICES) == costs(LOG)
    assert ledger.latency() == Latency(1.0, 3.0)
