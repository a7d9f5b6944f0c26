"""What a failed call means, and how long is waited."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, cast

import anthropic
import httpx2
import pytest

from facilitator.agents.client import (
    Intervals,
    Trouble,
    UnreadableAnswer,
    Wire,
    WireError,
    classify,
    identified,
    plain,
    retry_after,
)

pytestmark = pytest.mark.anyio

REQUEST = httpx2.Request("POST", "http://localhost/v1/sessions")


def refused(status: int, body: Any = None, **headers: str) -> anthropic.APIStatusError:
    """The SDK's error for an answer with this status."""
    response = httpx2.Response(status, request=REQUEST, headers=headers)
    return anthropic.APIStatusError("words of the SDK", response=response, body=body)


class Failing:
    """A call that fails with these errors in turn, then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        """Fail, or give a word."""
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def wire(waits: list[float], **intervals: Any) -> Wire:
    """A wire that notes its waits instead of waiting."""

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return Wire(cast("anthropic.AsyncAnthropic", None), sleep, lambda: 1.0, Intervals(**intervals))


async def test_each_429_is_told_and_nothing_else() -> None:
    """For a figure of how often the limits were met."""
    limits: list[int] = []
    patient = wire([])
    patient.on_limited = lambda: limits.append(429)
    await patient.read("reading", Failing(refused(429), refused(500), refused(429)))
    assert limits == [429, 429]


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (400, Trouble.REFUSED),
        (401, Trouble.REFUSED),
        (404, Trouble.REFUSED),
        (413, Trouble.REFUSED),
        (422, Trouble.REFUSED),
        (429, Trouble.LIMITED),
        (408, Trouble.DOUBT),
        (409, Trouble.DOUBT),
        (500, Trouble.DOUBT),
        (503, Trouble.DOUBT),
        (529, Trouble.DOUBT),
        (200, Trouble.DOUBT),
    ],
)
def test_a_status_says_whether_anything_may_have_happened(status: int, trouble: Trouble) -> None:
    """Refused for good, not now, or unknown; an error event in a stream comes with status 200."""
    failure = classify(refused(status))

    assert failure is not None
    assert failure.trouble is trouble


@pytest.mark.parametrize(
    "error",
    [
        anthropic.APIConnectionError(request=REQUEST),
        anthropic.APITimeoutError(request=REQUEST),
        httpx2.ReadTimeout("quiet"),
        httpx2.RemoteProtocolError("cut"),
        httpx2.ReadError("reset"),
        json.JSONDecodeError("odd", "{", 1),
        UnreadableAnswer("html"),
    ],
)
def test_a_call_without_a_good_answer_is_in_doubt(error: Exception) -> None:
    """Errors of the transport are no SDK errors, and leave the same doubt."""
    failure = classify(error)

    assert failure is not None
    assert failure.trouble is Trouble.DOUBT
    assert failure.words


def test_errors_of_our_own_are_not_the_wires() -> None:
    """A programming error is neither hidden nor tried again."""
    assert classify(KeyError("x")) is None


def test_the_services_words_and_request_id_are_told() -> None:
    """A person can quote the request to the vendor; a page of HTML is not repeated to them."""
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": "title: too long"}}
    told = classify(refused(400, body, **{"request-id": "req_7"}))
    html = classify(refused(502, "<html>"))

    assert told is not None
    assert told.words == "HTTP 400: title: too long (request req_7)"
    assert html is not None
    assert "html" not in html.words


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Fri, 12 Jun 2026 12:00:30 GMT", "date": "Fri, 12 Jun 2026 12:00:00 GMT"}, 30.0),
        ({"retry-after": "Fri, 12 Jun 2026 12:00:30 GMT"}, None),
        ({"retry-after": "soon", "date": "Fri, 12 Jun 2026 12:00:00 GMT"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    """Milliseconds, seconds, a date by the service's own clock; anything else asks for nothing."""
    assert retry_after(headers) == seconds


def test_waits_double_up_to_a_cap() -> None:
    """0.5 s, 1, 2 ... 10 s, with jitter of a half below."""
    intervals = Intervals()

    assert [intervals.wait(n, 1.0) for n in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert intervals.wait(0, 0.0) == 0.25


async def test_reading_is_tried_again_through_doubt_and_limits() -> None:
    """A read harms nothing: it is repeated, waiting as asked within reason."""
    waits: list[float] = []
    call = Failing(
        refused(500),
        refused(429, None, **{"retry-after": "3600"}),
        refused(429, None, **{"retry-after": "-4"}),
    )

    assert await wire(waits).read("reading", call) == "done"
    assert waits == [0.5, 60.0, 0.0]


async def test_patience_with_reading_ends() -> None:
    """After so many attempts the error says that trying later is safe."""
    waits: list[float] = []
    call = Failing(*[refused(503)] * 9)

    with pytest.raises(WireError) as tired:
        await wire(waits, attempts=3).read("reading a thing", call)

    assert call.calls == 3
    assert tired.value.retryable
    assert tired.value.message.startswith("reading a thing failed: HTTP 503")


async def test_writing_is_repeated_only_after_a_plain_limit() -> None:
    """A 429 made nothing; any doubt is handed up after one attempt."""
    waits: list[float] = []
    limited, doubtful = Failing(refused(429)), Failing(refused(500))

    assert await wire(waits).write("creating", limited) == "done"
    with pytest.raises(WireError) as doubt:
        await wire(waits).write("creating", doubtful)

    assert doubt.value.in_doubt
    assert doubtful.calls == 1


async def test_a_limit_that_does_not_lift_is_not_doubt() -> None:
    """Nothing was made, so nothing need be looked for."""
    with pytest.raises(WireError) as limited:
        await wire([], attempts=2).write("creating", Failing(*[refused(429)] * 5))

    assert limited.value.retryable
    assert not limited.value.in_doubt


async def test_an_error_of_our_own_passes_through() -> None:
    """It is raised as it is, at once."""
    call = Failing(KeyError("x"))

    with pytest.raises(KeyError):
        await wire([]).read("reading", call)

    assert call.calls == 1


def test_an_answer_must_be_an_object_with_an_id() -> None:
    """A page of HTML with a good status is no session."""
    assert plain({"a": 1}) == {"a": 1}
    with pytest.raises(UnreadableAnswer, match="str"):
        plain("<html>")
    for odd in ({}, {"id": None}, {"id": 7}):
        with pytest.raises(UnreadableAnswer, match="no id"):
            identified(odd)


def test_importing_the_room_does_not_load_the_sdk() -> None:
    """It takes over a second, which `--help` must not cost."""
    code = "import sys, facilitator.agents, facilitator.runs.tools; sys.exit('anthropic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
