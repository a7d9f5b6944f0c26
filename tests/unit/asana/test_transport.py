"""One door: what is tried again, what never is, and what a person is told."""

import logging

import httpx
import pytest

from facilitator.asana import Limits
from facilitator.asana.transport import checked_base_url
from facilitator.board.snapshot import ProjectGid, TaskGid
from facilitator.errors import ConfigurationError, TrackerError
from tests.unit.asana.fake import BASE, TOKEN, FakeAsana, ok, refused

pytestmark = pytest.mark.anyio
ME = ok({"gid": "500", "name": "Bot"})
TASK = TaskGid("11")
CUT = httpx.RemoteProtocolError("peer closed connection")


def me_after(*answers: httpx.Response | Exception) -> FakeAsana:
    return FakeAsana().on("GET /users/me", *answers)


@pytest.mark.parametrize(
    "trouble",
    [
        refused(500),
        refused(502),
        refused(503),
        refused(504),
        refused(598),
        refused(424),
        refused(429, retry_after="3"),
        CUT,
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.Response(200, content=b'{"data": {"gid": "5'),
        httpx.Response(200, content=b"<html>hello</html>"),
        httpx.Response(200, json={"data": None}),
        httpx.Response(200, json=[1]),
        httpx.Response(200, content=b"[" * 200_000),
        httpx.Response(502, content=b"<html><h1>Bad Gateway</h1></html>"),
    ],
)
async def test_a_read_is_tried_again_after_passing_trouble(trouble: httpx.Response | Exception) -> None:
    """Rate limits, server trouble, cut lines and torn bodies pass: the next try counts."""
    asana = me_after(trouble, ME)
    assert (await asana.tracker().me()).name == "Bot"
    assert len(asana.requests) == 2
    assert asana.time.slept > 0


@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 412, 451, 499, 501])
async def test_a_refusal_is_final(status: int) -> None:
    """What Asana refuses it refuses again; asking twice only spends the quota."""
    asana = me_after(refused(status, location="https://evil.example/"))
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().me()
    assert (len(asana.requests), caught.value.status, caught.value.retryable) == (1, status, False)
    assert not caught.value.in_doubt


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (301, "ASANA_BASE_URL"),
        (400, "facilitator.toml"),
        (401, "ASANA_ACCESS_TOKEN"),
        (402, "plan"),
        (403, "Invite the bot user to project 77"),
        (404, "Project 77 was deleted or is not shared"),
        (429, "start the teams at different minutes"),
        (451, "another network"),
        (500, "try again later"),
        (501, "leave the feature out"),
    ],
)
async def test_an_error_names_the_thing_and_the_remedy(status: int, remedy: str) -> None:
    """A person reads what was tried, on what, what Asana said, and what to do next."""
    asana = FakeAsana().on("GET /projects/77", refused(status, "sad words", retry_after="1"))
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().project(ProjectGid("77"))
    assert str(caught.value) == f"Asana would not read project 77: {status} (sad words)."
    assert remedy in caught.value.suggestion


async def test_tries_are_counted_and_then_end_in_an_error() -> None:
    """Five tries by default, with growing waits; then the run may be tried again later."""
    asana = me_after(refused(503))
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().me()
    assert caught.value.retryable
    assert len(asana.requests) == 5
    assert [round(nap) for nap in asana.time.naps] == sorted(round(nap) for nap in asana.time.naps)


async def test_backing_off_has_a_ceiling() -> None:
    """However many tries, no single wait grows beyond the longest back-off."""
    asana = me_after(refused(503))
    with pytest.raises(TrackerError):
        await asana.tracker(Limits(attempts=12, longest_backoff=4, burst=1500)).me()
    assert max(asana.time.naps) <= 4


async def test_waiting_has_a_ceiling() -> None:
    """Waits that add up beyond the total end the call, whatever tries are left."""
    asana = me_after(refused(503))
    with pytest.raises(TrackerError, match="503"):
        await asana.tracker(Limits(attempts=20, total_wait=5, burst=1500)).me()
    assert asana.time.slept <= 5


async def test_retry_after_is_obeyed_with_a_little_more() -> None:
    """Asking earlier than told would count against the quota; jitter keeps several jobs apart."""
    asana = me_after(refused(429, retry_after="17"), ME)
    await asana.tracker().me()
    assert 17 < asana.time.slept <= 18


@pytest.mark.parametrize("said", ["", "soon", "-5", "Wed, 21 Oct 2026 07:28:00 GMT", "١٢"])
async def test_an_unusable_retry_after_means_ten_seconds(said: str) -> None:
    """Nonsense in the header must not become a busy loop or a crash."""
    response = httpx.Response(429, headers={b"Retry-After": said.encode()})
    asana = me_after(response, ME)
    await asana.tracker().me()
    assert 10 < asana.time.slept <= 11


async def test_a_rate_limit_of_an_hour_is_not_waited_for() -> None:
    """A run does not sit for an hour in a step: it fails cleanly and comes back at its next try."""
    asana = me_after(refused(429, retry_after="3600"))
    with pytest.raises(TrackerError, match=r"wait 3600 s and this call may wait 300 s") as caught:
        await asana.tracker().me()
    assert caught.value.retryable
    assert asana.time.slept == 0


@pytest.mark.parametrize(
    "trouble",
    [refused(500), refused(503), refused(599), CUT, httpx.ReadTimeout("slow"), httpx.WriteError("cut")],
)
async def test_a_write_of_unknown_fate_is_in_doubt_and_not_repeated(
    trouble: httpx.Response | Exception,
) -> None:
    """There is no idempotency key: a repeated POST would be a second comment."""
    asana = FakeAsana().on("POST /tasks/11/stories", trouble)
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().post_comment(TASK, "<body>x</body>")
    assert caught.value.in_doubt
    assert "look before writing again" in caught.value.suggestion
    assert len(asana.requests) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        *map(refused, (301, 400, 401, 403, 404, 413, 501)),
        httpx.ConnectError("no"),
        httpx.ConnectTimeout("no"),
    ],
)
async def test_a_refused_or_unsent_write_is_not_in_doubt(trouble: httpx.Response | Exception) -> None:
    """What was refused, or never left, did not happen; still it is not repeated here."""
    asana = FakeAsana().on("POST /tasks/11/stories", trouble)
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().post_comment(TASK, "<body>x</body>")
    assert not caught.value.in_doubt
    assert len(asana.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<html>", b'{"data": [', b'{"data": {}}', b'{"data": []}', b'{"data": {"gid": "9"}}'],
)
async def test_a_success_that_cannot_be_read_leaves_a_write_in_doubt(body: bytes) -> None:
    """201 says it happened, but without a gid nothing can be recorded: look for it."""
    asana = FakeAsana().on("POST /tasks/11/stories", httpx.Response(201, content=body))
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().post_comment(TASK, "<body>x</body>")
    assert caught.value.in_doubt
    assert len(asana.requests) == 1


async def test_a_rate_limited_write_waits_and_is_sent_again() -> None:
    """429 says that nothing was done, so sending again is safe."""
    done = ok({"gid": "9", "created_at": "2026-03-03T09:00:00Z", "text": "x"}, status=201)
    asana = FakeAsana().on("POST /tasks/11/stories", refused(429, retry_after="5"), done)
    assert (await asana.tracker().post_comment(TASK, "<body>x</body>")).gid == "9"
    assert 5 < asana.time.slept <= 6


async def test_each_429_is_told_and_nothing_else() -> None:
    """For a figure of how often the limits were met."""
    limits: list[int] = []
    asana = me_after(refused(429, retry_after="1"), refused(503), refused(429, retry_after="1"), ME)
    await asana.tracker(on_limited=lambda: limits.append(429)).me()
    assert limits == [429, 429]


async def test_a_write_that_is_always_rate_limited_ends_without_doubt() -> None:
    """After the last try it is still certain that nothing was written."""
    asana = FakeAsana().on("POST /tasks/11/stories", refused(429, retry_after="1"))
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().post_comment(TASK, "<body>x</body>")
    assert (caught.value.in_doubt, caught.value.retryable, len(asana.requests)) == (False, True, 5)


async def test_a_rotated_token_is_used_at_once() -> None:
    """The token is read for each request: rotation needs no restart."""
    tokens = iter(["old", "new"])
    asana = me_after(refused(503), ME)
    await asana.tracker(token=lambda: next(tokens)).me()
    assert [request.headers["authorization"] for request in asana.requests] == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "tok\x00en", "clé"])
async def test_a_malformed_token_is_refused_without_being_shown(token: str) -> None:
    """A pasted mistake is named by us; the HTTP library would quote it."""
    asana = me_after(ME)
    with pytest.raises(ConfigurationError) as caught:
        await asana.tracker(token=lambda: token).me()
    assert not token.strip() or token not in f"{caught.value} {caught.value.suggestion}"
    assert asana.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        refused(401, f"bad token {TOKEN}"),
        httpx.Response(502, text=f"<html>Authorization: Bearer {TOKEN}"),
        httpx.ReadError(f"while sending {TOKEN}"),
    ],
)
async def test_the_token_is_in_no_error_and_no_repr(answer: httpx.Response | Exception) -> None:
    """Whoever stands between may echo a request; our errors must not pass that on."""
    tracker = me_after(answer).tracker(Limits(attempts=1))
    with pytest.raises(TrackerError) as caught:
        await tracker.me()
    shown = (
        f"{caught.value!r} {caught.value.suggestion} {tracker!r} {caught.value.__cause__!r} {vars(tracker)!r}"
    )
    assert "canary" not in shown


async def test_a_redirect_is_not_followed() -> None:
    """The token goes to the configured host only."""
    asana = me_after(refused(302, location="https://elsewhere.example/api/1.0/users/me"))
    with pytest.raises(TrackerError, match="302"):
        await asana.tracker().me()
    assert {request.url.host for request in asana.requests} == {"asana.example"}


async def test_the_base_url_may_end_in_a_slash() -> None:
    """Both spellings of the base URL lead to the same path."""
    asana = me_after(ME)
    await asana.tracker(base_url=BASE + "/").me()
    assert asana.calls() == ["GET /users/me"]


@pytest.mark.parametrize(
    "url", ["http://asana.example/api/1.0", "ftp://asana.example", "https://", "", "asana.example", "https://a@b/",
            "https://a/?x=1", "https://a/#x", "https://a:port/", "http://127.0.0.1.evil.example/"]
)  # fmt: skip
def test_a_token_is_not_sent_in_the_open(url: str) -> None:
    """Plain http is for this machine only; an address with a user or a query is a mistake."""
    with pytest.raises(ConfigurationError, match="base URL"):
        checked_base_url(url)


@pytest.mark.parametrize(
    "url", [BASE, "http://127.0.0.1:4011/api/1.0", "http://localhost/api", " https://a/ "]
)
def test_good_base_urls_are_taken(url: str) -> None:
    """Https anywhere, http on loopback."""
    assert checked_base_url(url).host


async def test_hostile_words_of_an_error_are_made_plain() -> None:
    """An error message is other people's text: one line, bounded, no terminal commands."""
    asana = me_after(refused(403, "a\x1b[31m\nb\u202e" + "x" * 5000))
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().me()
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"errors": 5}', b'{"errors": [5, {}]}', b'{"errors": null}']
)
async def test_an_error_page_of_any_shape_still_gives_an_error(body: bytes) -> None:
    """Proxies answer HTML, or nothing: the status alone is enough."""
    asana = me_after(httpx.Response(403, content=body))
    with pytest.raises(TrackerError, match=r"token's own user: 403\.$"):
        await asana.tracker().me()


async def test_an_announced_change_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """`Asana-Change` warns of what will break: loud where it concerns us, and once."""
    announced = "name=new_memberships;info=https://asana.example/x;affected=true,name=quiet;info=y"
    asana = me_after(refused(503, asana_change=announced), ok({"gid": "1"}))
    with caplog.at_level(logging.INFO, "facilitator.asana"):
        await asana.tracker().me()
        asana.on(
            "GET /workspaces", httpx.Response(200, json={"data": []}, headers={"Asana-Change": announced})
        )
        await asana.tracker().workspaces()
    levels = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert levels[0][0] == "WARNING"
    assert "new_memberships" in levels[0][1]
    assert levels[1][0] == "INFO"


async def test_a_change_is_logged_once_by_one_tracker(caplog: pytest.LogCaptureFixture) -> None:
    """The second answer with the same announcement is silent; a nameless one does no harm."""
    asana = me_after(refused(503, asana_change=";;"), refused(503, asana_change=";;"), ME)
    with caplog.at_level(logging.INFO, "facilitator.asana"):
        await asana.tracker().me()
    assert len(caplog.records) == 1


async def test_leaving_the_tracker_closes_its_connections() -> None:
    """After `async with` nothing is sent any more."""
    asana = me_after(ME)
    async with asana.tracker() as tracker:
        await tracker.me()
    with pytest.raises(RuntimeError, match="closed"):
        await tracker.workspaces()
