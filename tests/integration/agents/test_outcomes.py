"""Whole outcomes over HTTP: every way the scripted session can go, and what we make of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.agents.service import Begin, Service, outcome

pytestmark = pytest.mark.anyio

FAILED = "needs_revision"
SCENARIOS: dict[str, tuple[dict[str, Any], str | None, str, bool]] = {
    "good at once": ({"revisions": 0}, "satisfied", "end_turn", False),
    "two revisions": ({"revisions": 2}, "satisfied", "end_turn", False),
    "never good": ({"never_satisfied": True}, "max_iterations_reached", "end_turn", False),
    "rubric does not fit": ({"grader_fails": True}, "failed", "end_turn", False),
    "unknown tool": ({"unknown_tool": True}, "satisfied", "end_turn", False),
    "parallel tools": ({"parallel_tools": 3}, "satisfied", "end_turn", False),
    "grader calls a tool": ({"grader_calls_tool": True}, "satisfied", "end_turn", False),
    "passing error": ({"session_error_retrying": True}, "satisfied", "end_turn", False),
    "injected text obeyed": ({"obeys_injection": True}, "satisfied", "end_turn", False),
    "unknown tasks cited": ({"unknown_tasks": True}, "max_iterations_reached", "end_turn", False),
    "invalid json": ({"invalid_json": True}, "max_iterations_reached", "end_turn", False),
    "no file": ({"no_file": True}, "max_iterations_reached", "end_turn", False),
    "wrong figure waved through": ({"wrong_figure": True}, "satisfied", "end_turn", False),
    "refusal": ({"refusal": True}, None, "refusal", False),
    "errors used up": ({"retries_exhausted": True}, None, "retries_exhausted", True),
    "terminated": ({"terminated": True}, None, "terminated", True),
    "budget": ({"budget_reached": True}, None, "budget_reached", False),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_every_way_a_session_goes_has_its_ending(begin: Begin, service: Service, scenario: str) -> None:
    """Result, stop and the advice to retry follow from what the session did; only `satisfied` needs no reason."""
    switches, result, stop, retry = SCENARIOS[scenario]
    service.script(**switches)

    _, ending = await begin().run(outcome(budget_cents=500))

    assert (ending.result, ending.stop, ending.retry_new_session) == (result, stop, retry), ending
    assert bool(ending.reason) == (result != "satisfied")


async def test_the_draft_is_revised_once_and_fetched_as_a_file(begin: Begin) -> None:
    """The first draft is sent back, the second is accepted and downloaded; use and price are told."""
    attempt = begin()

    session, ending = await attempt.run(outcome())
    deliverable = await attempt.backend.deliverable(session.id)

    assert [verdict.result for verdict in ending.verdicts] == [FAILED, "satisfied"]
    assert [verdict.iteration for verdict in ending.verdicts] == [0, 1]
    assert deliverable is not None
    assert deliverable.source == "file"
    assert json.loads(deliverable.text)["format"] == "draft/1"
    assert ending.usage.input_tokens > 0
    assert ending.usage.grader_tokens > 0


async def test_the_session_is_what_was_asked_for(begin: Begin, service: Service) -> None:
    """Pinned version, run key, short title, mounted facts and budget are on the session."""
    attempt = begin()

    session = await attempt.backend.open_session(
        outcome(title="t" * 300, budget_cents=250), attempted_at=None
    )
    stored = service.app.state.sandbox.sessions[session.id]

    assert stored.agent["version"] == service.pinned.agent_version
    assert stored.metadata["run_key"] == "harbour/standup/2026-06-12"
    assert len(stored.metadata) <= 8
    assert len(stored.title) == 100
    assert stored.resources[0]["mount_path"].endswith("facts.json")
    assert stored.budget["max_list_cost"] == {"amount": "250", "currency": "USD"}
    assert session.console_url.endswith(session.id)


async def test_an_unknown_tool_is_answered_with_an_error(begin: Begin, service: Service) -> None:
    """A call we never declared does not reach our tools and does not hang the session."""
    service.script(unknown_tool=True)
    attempt = begin()

    await attempt.run(outcome())

    results = [event for event in attempt.events if event["type"] == "user.custom_tool_result"]
    assert "calendar_lookup" not in attempt.asked
    assert [event["is_error"] for event in results].count(True) == 1


async def test_a_session_that_never_finishes_is_interrupted_at_the_deadline(
    begin: Begin, service: Service
) -> None:
    """Past its deadline the session is stopped, and the run says so."""
    service.script(never_finishes=True)
    attempt = begin()

    session, ending = await attempt.run(outcome(deadline=timedelta(milliseconds=400)))

    assert ending.timed_out
    assert ending.result == "interrupted"
    assert "interrupted" in ending.reason
    assert (await attempt.backend._open().retrieve(session.id))["status"] == "idle"


async def test_a_finished_session_is_read_from_its_history_alone(begin: Begin) -> None:
    """A process that attaches late sees no stream event at all, and reaches the same ending."""
    first, late = begin(), begin()
    session, ending = await first.run(outcome())

    again = await late.follow(session, outcome())

    assert again == ending
    assert len(late.events) == len({event["id"] for event in late.events})
    assert late.asked == []


@pytest.mark.parametrize(
    ("switches", "source"),
    [
        ({"no_file": True, "inline_json": True, "lenient_grader": True}, "last_message"),
        ({"file_lag_s": 3600.0}, "last_write"),
    ],
)
async def test_a_draft_that_is_not_among_the_files_is_rebuilt(
    begin: Begin, service: Service, switches: dict[str, Any], source: str
) -> None:
    """Where the listing shows no file, the writer's own calls or words give the draft, and it says which."""
    service.script(**switches)
    attempt = begin()
    session, _ = await attempt.run(outcome())

    deliverable = await attempt.backend.deliverable(session.id)

    assert deliverable is not None
    assert deliverable.source == source
    assert json.loads(deliverable.text)["format"] == "draft/1"


async def test_a_session_without_any_draft_gives_none(begin: Begin, service: Service) -> None:
    """No file, no write, no JSON: nothing is made up."""
    service.script(no_file=True)
    attempt = begin()
    session, _ = await attempt.run(outcome())

    assert await attempt.backend.deliverable(session.id) is None


async def test_invalid_json_is_handed_on_as_it_is(begin: Begin, service: Service) -> None:
    """Whether the file is a draft is decided elsewhere; it arrives unchanged."""
    service.script(invalid_json=True, lenient_grader=True)
    attempt = begin()
    session, _ = await attempt.run(outcome())

    deliverable = await attempt.backend.deliverable(session.id)

    assert deliverable is not None
    with pytest.raises(ValueError):  # noqa: PT011 - any JSON fault will do
        json.loads(deliverable.text)


async def test_the_hosted_delays_change_nothing(laggy: Service) -> None:
    """Late statuses, late listings and late files lead to the same ending and the same file."""
    from tests.integration.agents.service import Attempt

    attempt = Attempt(laggy, laggy.backend(intervals={"file_wait": 2.0, "file_poll": 0.02}))
    session, ending = await attempt.run(outcome())
    deliverable = await attempt.backend.deliverable(session.id)
    await attempt.backend.archive(session.id)
    await attempt.backend.archive(session.id)
    await attempt.backend.aclose()

    assert ending.result == "satisfied"
    assert deliverable is not None
    assert deliverable.source == "file"
    assert laggy.living() == []


async def test_sessions_are_listed_with_their_run_keys(begin: Begin) -> None:
    """With the run log lost, the metadata tells which session belongs to which run."""
    attempt = begin()
    first = await attempt.backend.open_session(outcome(run_key="one"), attempted_at=None)
    second = await attempt.backend.open_session(outcome(run_key="two"), attempted_at=None)

    listed = await attempt.backend.sessions_list()

    assert [(each["id"], each["metadata"]["run_key"]) for each in listed] == [
        (second.id, "two"),
        (first.id, "one"),
    ]
