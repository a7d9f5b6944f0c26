"""Cut streams, killed processes and lost answers: the ending is the same and nothing happens twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from facilitator.agents.client import WireError
from facilitator.runs.ports import Ending
from tests.integration.agents.service import Attempt, Begin, Service, outcome

pytestmark = pytest.mark.anyio

STREAM = "*/events/stream"
EVENTS = "/v1/sessions/*/events"
ATTEMPTED = datetime(2026, 6, 12, 6, 59, tzinfo=UTC)


def told(ending: Ending) -> tuple[object, ...]:
    """What must not depend on the connection."""
    return ending.result, ending.stop, ending.reason, [verdict.result for verdict in ending.verdicts]


def answers(service: Service, session_id: str) -> Counter[str]:
    """How often each tool call was answered, by the service's own log."""
    events = service.app.state.sandbox.sessions[session_id].log.events
    return Counter(
        event["custom_tool_use_id"] for event in events if event["type"] == "user.custom_tool_result"
    )


def outcomes(service: Service, session_id: str) -> int:
    """How many outcomes the session was asked for."""
    return len(service.app.state.sandbox.sessions[session_id].outcomes)


@pytest.mark.parametrize(
    ("kind", "every"),
    [("stream_cut", 1), ("stream_close", 1), ("stream_duplicate", 7), ("stream_unknown_event", 7)],
)
async def test_a_stream_broken_at_any_event_gives_the_same_ending(
    begin: Begin, service: Service, kind: str, every: int
) -> None:
    """Wherever the first stream breaks, repeats itself or speaks of unknown things, the run ends alike."""
    whole = begin()
    _, ending = await whole.run(outcome(run_key="whole"))

    async def harmed(frames: int) -> None:
        attempt, asked = begin(), outcome(run_key=f"{kind} {frames}")
        session = await attempt.backend.open_session(asked, attempted_at=None)
        service.faults({"kind": kind, "path": f"/v1/sessions/{session.id}/events/stream", "frames": frames})
        await attempt.backend.start(session.id, asked)
        broken = await attempt.follow(session, asked)

        assert told(broken) == told(ending), f"{kind} at {frames}"
        assert set(answers(service, session.id).values()) == {1}
        stored = Counter(event["id"] for event in attempt.events if event.get("processed_at"))
        assert set(stored.values()) == {1}

    await asyncio.gather(*(harmed(frames) for frames in range(0, len(whole.events), every)))


async def test_every_stream_may_break_and_the_run_still_ends(begin: Begin, service: Service) -> None:
    """With no stream ever living beyond its third event, listing alone carries the run."""
    service.faults({"kind": "stream_cut", "path": STREAM, "frames": 3, "count": None})

    session, ending = await begin().run(outcome())

    assert ending.result == "satisfied"
    assert set(answers(service, session.id).values()) == {1}


async def test_a_silent_stream_is_opened_again(begin: Begin, service: Service) -> None:
    """A connection that stays open and says nothing is given up after a while."""
    service.faults({"kind": "stream_silence", "path": STREAM, "frames": 4, "count": 1})

    _, ending = await begin(intervals={"silence": 0.2}).run(outcome())

    assert ending.result == "satisfied"


class Killed(Exception):  # noqa: N818 - a signal, not an error
    """The process died here."""


class Mortal(Attempt):
    """An attempt that dies when it has stored so many events."""

    lives = 0

    async def record(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Store, and perhaps die."""
        await super().record(events)
        if len(self.events) >= self.lives:
            raise Killed


async def test_a_killed_run_is_taken_up_by_another_process(begin: Begin, service: Service) -> None:
    """Killed after any number of events, the next process finds the session, its outcome and its open calls."""
    whole = begin()
    _, ending = await whole.run(outcome(run_key="whole"))

    async def killed(lives: int) -> None:
        asked = outcome(run_key=f"killed {lives}")
        victim = Mortal(service, begin().backend)
        victim.lives = lives
        with pytest.raises(Killed):
            await victim.run(asked)

        heir = begin()
        session = await heir.backend.open_session(asked, attempted_at=ATTEMPTED)
        await heir.backend.start(session.id, asked)
        resumed = await heir.follow(session, asked)

        assert session.adopted
        assert told(resumed) == told(ending)
        assert outcomes(service, session.id) == 1
        assert set(answers(service, session.id).values()) == {1}

    await asyncio.gather(*(killed(lives) for lives in range(1, len(whole.events), 3)))


async def test_a_cancelled_run_leaves_its_session_at_work(begin: Begin, service: Service) -> None:
    """Stopping our process neither interrupts nor loses the session."""
    service.script(never_finishes=True)
    attempt = begin()
    session = await attempt.backend.open_session(outcome(), attempted_at=None)
    await attempt.backend.start(session.id, outcome())
    following = asyncio.create_task(attempt.follow(session, outcome()))
    while len(attempt.events) < 5:
        await asyncio.sleep(0)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following

    _, late = session, begin()
    ending = await late.follow(session, outcome(deadline=timedelta(milliseconds=300)))

    assert ending.timed_out


LOST_CREATES = [
    {"kind": "commit_then_status", "status": 500},
    {"kind": "commit_then_status", "status": 529},
    {"kind": "commit_then_drop"},
    {"kind": "commit_then_hang", "seconds": 30},
    {"kind": "malformed_json"},
    {"kind": "truncated_body"},
    {"kind": "commit_then_status", "status": 409},
]


@pytest.mark.parametrize(
    "fault", LOST_CREATES, ids=lambda fault: str(fault["kind"]) + str(fault.get("status", ""))
)
async def test_a_create_of_unknown_fate_leaves_one_living_session(
    begin: Begin, service: Service, fault: dict[str, Any]
) -> None:
    """The session that was made all the same is found and used; no second one is made."""
    service.faults({**fault, "method": "POST", "path": "/v1/sessions"})

    session = await begin(intervals={"request_timeout": 0.3}).backend.open_session(
        outcome(), attempted_at=None
    )

    assert session.adopted
    assert service.living() == [session.id]


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 503}, {"kind": "drop"}, {"kind": "html_error"}]
)
async def test_a_create_that_did_not_happen_is_made_after_looking(
    begin: Begin, service: Service, fault: dict[str, Any]
) -> None:
    """Doubt is settled by looking; then one session is created."""
    service.faults({**fault, "method": "POST", "path": "/v1/sessions"})

    session = await begin().backend.open_session(outcome(), attempted_at=None)

    assert not session.adopted
    assert service.living() == [session.id]
    assert service.calls("GET", "/v1/sessions") >= 3


async def test_a_limited_create_waits_as_told_within_reason(begin: Begin, service: Service) -> None:
    """A Retry-After of an hour is cut to the cap; the create is then repeated, because nothing was made."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    service.faults(
        {"kind": "status", "status": 429, "retry_after": 3600, "method": "POST", "path": "/v1/sessions"},
        {"kind": "status", "status": 429, "retry_after": 7, "method": "POST", "path": "/v1/sessions"},
    )

    await begin(sleep=sleep).backend.open_session(outcome(), attempted_at=None)

    assert waits == [60.0, 7.0]
    assert len(service.living()) == 1


async def test_a_session_hidden_by_a_slow_list_is_still_the_only_one(laggy: Service) -> None:
    """The list shows a new session late; looking again with patience finds it."""
    attempt = Attempt(laggy, laggy.backend(intervals={"looks": (0.0, 0.05, 0.1)}))
    laggy.faults({"kind": "commit_then_status", "method": "POST", "path": "/v1/sessions"})

    session = await attempt.backend.open_session(outcome(), attempted_at=None)
    await attempt.backend.aclose()

    assert session.adopted
    assert laggy.living() == [session.id]


async def test_of_several_sessions_the_oldest_is_kept(begin: Begin, service: Service) -> None:
    """Twins of one run key are closed, the running one after an interrupt."""
    first = await begin().backend.open_session(outcome(), attempted_at=None)
    service.script(never_finishes=True)
    twin = await begin().backend.open_session(outcome(), attempted_at=None)
    await begin().backend.start(twin.id, outcome())

    found = await begin().backend.open_session(outcome(), attempted_at=ATTEMPTED)

    assert found.id == first.id
    assert found.adopted
    assert service.living() == [first.id]


async def test_another_runs_session_is_never_adopted(begin: Begin) -> None:
    """Only the run key counts, not agent, time or title."""
    other = await begin().backend.open_session(outcome(run_key="other"), attempted_at=None)

    session = await begin().backend.open_session(outcome(), attempted_at=ATTEMPTED)

    assert session.id != other.id
    assert not session.adopted


async def test_clocks_far_apart_do_not_hide_a_session(begin: Begin) -> None:
    """Our clock ahead of the service's by years: the last look ignores dates."""
    first = await begin().backend.open_session(outcome(), attempted_at=None)
    ahead = datetime(2031, 1, 1, tzinfo=UTC)

    found = await begin(clock=lambda: ahead).backend.open_session(outcome(), attempted_at=ahead)

    assert found.id == first.id


@pytest.mark.parametrize(
    "fault", LOST_CREATES, ids=lambda fault: str(fault["kind"]) + str(fault.get("status", ""))
)
async def test_an_outcome_of_unknown_fate_is_sent_once(
    begin: Begin, service: Service, fault: dict[str, Any]
) -> None:
    """After a lost answer the history is read before anything is sent again."""
    attempt = begin(intervals={"request_timeout": 0.3})
    session = await attempt.backend.open_session(outcome(), attempted_at=None)
    service.faults({**fault, "method": "POST", "path": EVENTS})

    outcome_id = await attempt.backend.start(session.id, outcome())

    assert outcome_id.startswith("outc_")
    assert await begin().backend.start(session.id, outcome()) == outcome_id
    assert outcomes(service, session.id) == 1


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop", "status", "drop"])
async def test_a_tool_answer_of_unknown_fate_is_given_once(
    begin: Begin, service: Service, kind: str, after: int
) -> None:
    """Whichever answer is lost on its way, each call has exactly one result in the session's log."""
    service.script(parallel_tools=2)
    service.faults({"kind": kind, "method": "POST", "path": EVENTS, "after": after})

    session, ending = await begin().run(outcome())

    assert ending.result == "satisfied"
    assert set(answers(service, session.id).values()) == {1}


async def test_reads_survive_a_bad_spell(begin: Begin, service: Service) -> None:
    """Errors, pages of HTML and cut answers on every reading call only take time."""
    for kind in ("status", "html_error", "truncated_body", "malformed_json"):
        service.faults({"kind": kind, "method": "GET", "count": 2, "path": "*"})

    attempt = begin(intervals={"attempts": 12})
    session, ending = await attempt.run(outcome())

    assert ending.result == "satisfied"
    assert await attempt.backend.deliverable(session.id) is not None


async def test_a_wrong_key_is_refused_with_a_remedy(begin: Begin, service: Service) -> None:
    """Nothing is tried again, and the error says what to check."""
    service.faults({"kind": "status", "status": 401, "path": "*", "count": None})

    with pytest.raises(WireError) as refused:
        await begin().backend.open_session(outcome(), attempted_at=None)

    assert not refused.value.retryable
    assert "ANTHROPIC_API_KEY" in refused.value.suggestion
    assert service.calls("POST", "/v1/files") == 1


async def test_an_unreachable_service_leaves_the_run_to_be_resumed(begin: Begin, service: Service) -> None:
    """When even the deadline finds nobody there, the run is not called ended: the error says try again."""
    attempt = begin()
    session = await attempt.backend.open_session(outcome(), attempted_at=None)
    service.faults({"kind": "drop", "path": "*", "count": None})

    with pytest.raises(WireError) as unknown:
        await begin(intervals={"grace": 0.05}).follow(session, outcome(deadline=timedelta(milliseconds=50)))

    assert unknown.value.retryable


async def test_a_deleted_session_ends_the_run_with_its_reason(begin: Begin) -> None:
    """A session that is gone is no error of ours and not waited for."""
    attempt = begin()
    session = await attempt.backend.open_session(outcome(), attempted_at=None)
    await attempt.backend._open().wire.client.beta.sessions.delete(session.id)

    ending = await begin().follow(session, outcome())
    await attempt.backend.archive(session.id)

    assert ending.stop == "deleted"
    assert ending.result is None
    assert "gone" in ending.reason
