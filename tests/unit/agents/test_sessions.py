"""Opening and starting through moments that are rare on the wire; the backend's small parts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from facilitator.agents.backend import ManagedAgentsBackend, utc_now
from facilitator.agents.client import WireError
from facilitator.agents.deliver import MAX_BYTES, fetch
from facilitator.errors import AgentsError
from facilitator.runs.ports import Deliverable
from tests.unit.agents.service import NOW, PINNED, FakeService, error, ok, outcome

pytestmark = pytest.mark.anyio

CREATE, LIST, SEND, EVENTS = (
    "POST sessions",
    "GET sessions",
    "POST sessions/ID/events",
    "GET sessions/ID/events",
)


def listed(session_id: str, created_at: str = "2026-06-12T11:59:00Z", key: str = "key") -> dict[str, Any]:
    """A session in the list."""
    return {"id": session_id, "status": "idle", "created_at": created_at, "metadata": {"run_key": key}}


def page(*sessions: dict[str, Any], more: str | None = None) -> httpx2.Response:
    """One page of the list."""
    return ok({"data": list(sessions), "next_page": more})


async def test_a_twin_the_list_had_hidden_is_adopted_after_the_create() -> None:
    """First create in doubt and hidden, second made: when the first shows up it is kept and the second closed."""
    service = FakeService(stored={"id": "twin", "status": "idle"})
    service.replies[CREATE] = [error(500)]
    service.replies[LIST] = [page(), page(), page(), page(listed("sesn_1"))]

    opened = await service.sessions().open(outcome(), None)

    assert opened == ("sesn_1", True)
    assert "POST sessions/twin/archive" in service.calls


async def test_a_spare_that_cannot_be_closed_does_not_stop_the_run() -> None:
    """It was never started, so it costs nothing."""
    service = FakeService(listed=[listed("sesn_1"), listed("twin", "2026-06-12T12:00:00Z")])
    service.replies["POST sessions/twin/archive"] = [error(400, "running")]

    assert await service.sessions().open(outcome(), NOW) == ("sesn_1", True)


async def test_a_create_refused_for_good_is_told() -> None:
    """A wrong agent version is no doubt."""
    service = FakeService()
    service.replies[CREATE] = [error(404, "agent.version: 999 not found")]

    with pytest.raises(WireError, match="999") as refused:
        await service.sessions().open(outcome(), None)

    assert service.calls.count(CREATE) == 1
    assert "agents apply" in refused.value.suggestion


async def test_creates_that_never_answer_end_in_doubt() -> None:
    """The next attempt, perhaps by another process, must look first."""
    service = FakeService()
    service.replies[CREATE] = [error(500)] * 9

    with pytest.raises(WireError) as doubt:
        await service.sessions().open(outcome(), None)

    assert doubt.value.in_doubt
    assert service.calls.count(CREATE) == 3


async def test_an_old_attempt_is_looked_for_without_waiting() -> None:
    """What was made an hour ago is listed by now: two looks, no patience, and one more after the create."""
    service = FakeService()

    await service.sessions().open(outcome(), NOW - timedelta(hours=1))

    assert service.calls.count(LIST) == 3
    assert service.calls.count(CREATE) == 1


async def test_the_list_is_read_page_by_page_and_without_dates_only_so_far() -> None:
    """With a date to its end; without one a few hundred of the newest."""
    service = FakeService()
    service.replies[LIST] = [page(listed("a"), more="2"), page(listed("b"))]
    assert [each["id"] for each in await service.sessions().recent(NOW)] == ["a", "b"]

    service.replies[LIST] = [page(listed("a"), more="2") for _ in range(9)]
    assert len(await service.sessions().recent()) == 5


async def test_a_refused_outcome_is_told_unless_the_session_has_it() -> None:
    """A second define is refused: if ours stands in the history that is fine, else the refusal is the answer."""
    service = FakeService()

    def other_process(fake: FakeService) -> httpx2.Response:
        fake.add({"type": "user.define_outcome", "outcome_id": "outc_9"})
        return error(400, "an outcome is active")

    service.replies[SEND] = [other_process]
    assert await service.sessions().start("sesn_1", outcome()) == "outc_9"

    refusing = FakeService()
    refusing.replies[SEND] = [error(400, "rubric: too long")]
    with pytest.raises(WireError, match="too long"):
        await refusing.sessions().start("sesn_1", outcome())


async def test_an_outcome_that_leaves_no_trace_is_doubt() -> None:
    """The service agreed three times and shows nothing: not a started run."""
    service = FakeService()
    service.replies[SEND] = [ok({"data": []})] * 9

    with pytest.raises(WireError, match="not to be found") as silent:
        await service.sessions().start("sesn_1", outcome())

    assert silent.value.in_doubt


async def test_an_outcome_answered_at_the_last_attempt_is_found() -> None:
    """After the last send there is one more look."""
    service = FakeService()

    def at_last(fake: FakeService) -> httpx2.Response:
        fake.add({"type": "user.define_outcome", "outcome_id": "outc_7"})
        return error(500)

    service.replies[SEND] = [error(500), error(500), at_last]

    assert await service.sessions().start("sesn_1", outcome()) == "outc_7"


async def test_a_session_is_archived_only_once_it_is_quiet() -> None:
    """The stored status lags; an error of the service is told."""
    service = FakeService()
    running = ok({"id": "sesn_1", "status": "running"})
    service.replies["GET sessions/ID"] = [running]
    await service.sessions().archive("sesn_1")
    assert service.calls == ["GET sessions/ID", "GET sessions/ID", "POST sessions/ID/archive"]

    busy = FakeService(stored={"id": "sesn_1", "status": "running"})
    busy.replies["POST sessions/ID/archive"] = [error(400, "is running")]
    with pytest.raises(WireError, match="is running"):
        await busy.sessions().archive("sesn_1")


async def test_an_earlier_iterations_file_is_not_taken_for_the_last() -> None:
    """The listing lags: while the file differs from the last write it is asked for again."""
    service = FakeService()
    for content in ("first", "second"):
        arguments = {"file_path": "draft.json", "content": content}
        service.add({"type": "agent.tool_use", "name": "write", "input": arguments})
    for file_id, text in (("old", "first"), ("new", "second\n")):
        file = {"id": file_id, "filename": "draft.json", "created_at": file_id, "downloadable": True}
        service.replies.setdefault("GET files", []).append(ok({"data": [file], "next_page": None}))
        service.replies[f"GET files/{file_id}/content"] = [httpx2.Response(200, text=text)]

    found = await fetch(service.sessions(), "sesn_1", "draft.json")

    assert found == Deliverable("second\n", "file")


async def test_a_file_that_keeps_differing_from_the_last_write_is_taken_in_the_end() -> None:
    """The file is what was graded; the events may not tell all that changed it."""
    service = FakeService()
    service.add(
        {"type": "agent.tool_use", "name": "write", "input": {"file_path": "draft.json", "content": "a"}}
    )
    file = {"id": "f", "filename": "draft.json", "created_at": "1", "downloadable": True}
    service.replies["GET files"] = [ok({"data": [file], "next_page": None}) for _ in range(3)]
    service.replies["GET files/f/content"] = [httpx2.Response(200, text="b") for _ in range(3)]

    found = await fetch(service.sessions(file_wait=2.0), "sesn_1", "draft.json")

    assert found == Deliverable("b", "file")


async def test_who_knows_what_was_written_is_asked_for_no_history() -> None:
    """Whoever followed the session has seen its events: the file is compared with what they told."""
    service = FakeService()
    file = {"id": "f", "filename": "draft.json", "created_at": "1", "downloadable": True}
    service.replies["GET files"] = [ok({"data": [file], "next_page": None})]
    service.replies["GET files/f/content"] = [httpx2.Response(200, text="a")]

    found = await fetch(service.sessions(), "sesn_1", "draft.json", Deliverable("a", "last_write"))

    assert found == Deliverable("a", "file")
    assert "GET sessions/ID/events" not in service.calls


async def test_a_fresh_session_is_looked_through_only_after_a_doubt() -> None:
    """There is no outcome in it before the first attempt; after a lost answer there may be."""
    service = FakeService()
    service.replies[SEND] = [error(500)]

    assert await service.sessions().start("sesn_1", outcome(), fresh=True)

    assert service.calls[0] == SEND
    assert service.calls[1] == "GET sessions/ID/events"


async def test_a_file_far_too_large_is_not_downloaded() -> None:
    """Nothing of that size is a draft."""
    service = FakeService()
    file = {"id": "f", "filename": "draft.json", "size_bytes": MAX_BYTES + 1, "downloadable": True}
    service.replies["GET files"] = [ok({"data": [file], "next_page": None})]

    with pytest.raises(AgentsError, match="at most"):
        await fetch(service.sessions(), "sesn_1", "draft.json")

    assert not any("content" in call for call in service.calls)


@pytest.mark.parametrize(
    ("base_url", "console", "url"),
    [
        (None, None, "https://platform.claude.com/workspaces/default/sessions/sesn_1"),
        ("https://api.anthropic.com", None, "https://platform.claude.com/workspaces/default/sessions/sesn_1"),
        ("http://127.0.0.1:9/", None, "http://127.0.0.1:9/v1/sessions/sesn_1"),
        (None, "https://console.test/{session_id}", "https://console.test/sesn_1"),
    ],
)
def test_a_person_is_shown_where_to_look(base_url: str | None, console: str | None, url: str) -> None:
    """The vendor's viewer for the hosted service, the session itself elsewhere, or as configured."""
    backend = ManagedAgentsBackend(PINNED, lambda: "k", base_url=base_url, console=console)

    assert backend.console_url("sesn_1") == url


async def test_closing_an_unused_backend_does_nothing() -> None:
    """No connection was opened, so none is closed."""
    backend = ManagedAgentsBackend(PINNED, lambda: "")

    await backend.aclose()
    await backend.aclose()


def test_the_wall_clock_is_utc() -> None:
    """Windows for searches are compared across zones."""
    assert utc_now().utcoffset() == timedelta(0)
