"""The request log: what is kept of a call, and what is not shown of it."""

from datetime import UTC, datetime

import pytest

from facilitator.sandbox.requests import (
    KEPT,
    LoggedRequest,
    RequestLog,
    mask,
    masked_headers,
    read_body,
    read_query,
)


def _entry(path: str = "/x") -> LoggedRequest:
    return LoggedRequest("GET", path, {}, {}, None, datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize("name", [b"Authorization", b"X-Api-Key", b"cookie"])
def test_credentials_are_masked(name: bytes) -> None:
    """Only the last four characters of a secret are kept."""
    headers = masked_headers([(name, b"Bearer 1/1234567890secret9876")])
    assert list(headers.values()) == ["Bearer ***9876"]


def test_a_short_secret_is_hidden_whole() -> None:
    """Four characters of eight would be half of it."""
    assert mask("Bearer 12345678") == "Bearer ***"


def test_other_headers_stay() -> None:
    """What is no secret is kept as it came, under a lower-case name."""
    assert masked_headers([(b"Accept", b"*/*")]) == {"accept": "*/*"}


def test_a_parameter_sent_twice_becomes_a_list() -> None:
    """Repetition is kept, so that a test can see it."""
    assert read_query(b"a=1&b=&a=2&a=3") == {"a": ["1", "2", "3"], "b": ""}


@pytest.mark.parametrize(
    ("body", "kind", "kept"),
    [
        (b"", "application/json", None),
        (b'{"data": 1}', "application/json", {"data": 1}),
        (b"\xff{", "application/json", "\ufffd{"),
        (b"abc", "multipart/form-data; boundary=x", "[3 bytes of multipart data]"),
    ],
)
def test_bodies_are_kept_readable(body: bytes, kind: str, kept: object) -> None:
    """JSON is parsed, files are counted, anything else is text."""
    assert read_body(body, kind) == kept


def test_the_log_forgets_the_oldest() -> None:
    """The log is bounded."""
    log = RequestLog()
    for number in range(KEPT + 1):
        log.add(_entry(f"/{number}"))
    assert (len(log.entries()), log.entries()[0].path) == (KEPT, "/1")


def test_an_answer_is_kept_only_where_it_is_json() -> None:
    """A stream or a page has no answer to show."""
    entry = _entry()
    entry.raw_answer += b'{"data": {}}'
    assert entry.as_json(answers=True)["answer"] is None
    entry.content_type = "application/json; charset=UTF-8"
    assert entry.as_json(answers=True)["answer"] == {"data": {}}
    assert "answer" not in entry.as_json()


def test_answers_are_counted_also_when_their_calls_are_forgotten() -> None:
    """By method, path and status, with every gid and id in a path alike."""
    log = RequestLog()
    for path in (
        "/tasks/1201/stories",
        "/tasks/77001/stories",
        "/v1/sessions/sesn_01aBcDeFgHiJkLmNoPqRsTuV/archive",
    ):
        entry = _entry(path)
        entry.status = 200
        log.answered(entry)
    log.clear()
    assert log.counts() == [
        {"method": "GET", "path": "/tasks/{}/stories", "status": 200, "credential": "", "count": 2},
        {"method": "GET", "path": "/v1/sessions/{}/archive", "status": 200, "credential": "", "count": 1},
    ]
