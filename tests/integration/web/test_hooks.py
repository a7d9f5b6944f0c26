"""Webhooks: only what was signed for us, once and lately, rings a bell; nothing that is pushed can start a run by itself."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from facilitator.board.snapshot import ProjectGid
from facilitator.runs.run import RunState
from facilitator.settings.secret import Secret
from tests.integration.web.conftest import browser
from tests.integration.web.house import NOW, House

PATH, SECRET = "unguessable", "asanas-secret"
KEY = "whsec_" + base64.b64encode(b"k" * 24).decode()


@pytest.fixture
def outside(house: House) -> TestClient:
    """Somebody on the internet."""
    return browser(house)


@pytest.fixture
def hooked(house: House, outside: TestClient) -> TestClient:
    """The same, after Asana's handshake for a webhook of ours."""
    house.app.hooks.expect(PATH, ProjectGid("1200000000000001"), now=house.app.clock())
    answer = outside.post(f"/hooks/asana/{PATH}", headers={"X-Hook-Secret": SECRET})
    assert (answer.status_code, answer.headers["X-Hook-Secret"]) == (200, SECRET)
    return outside


def told(story: str = "31", at: str = "2026-06-10T07:19:00.000Z") -> bytes:
    """A delivery of Asana's: one comment."""
    event = {"action": "added", "created_at": at, "resource": {"gid": story, "resource_type": "story"}}
    return json.dumps({"events": [event]}).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hook-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def push(client: TestClient, body: bytes, headers: Mapping[str, str] | None = None, path: str = PATH) -> int:
    headers = signed(body) if headers is None else headers
    return client.post(f"/hooks/asana/{path}", content=body, headers=dict(headers)).status_code


def test_a_signed_delivery_rings_once(house: House, hooked: TestClient) -> None:
    """It starts nothing by itself: the runs there are stay as they were."""
    before = house.app.store.recent()
    assert push(hooked, told()) == 200
    assert house.app.board_bell.rings == 1
    assert house.app.store.recent() == before


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Hook-Signature": ""}, {"X-Hook-Signature": "é"}, signed(told(), "guessed"), signed(told("32"))],
)
def test_a_forged_or_altered_delivery_is_refused(
    house: House, hooked: TestClient, headers: dict[str, str]
) -> None:
    """No signature, another secret, another body."""
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = hooked.post(f"/hooks/asana/{PATH}", content=told(), headers=raw)
    assert answer.status_code == 401
    assert house.app.board_bell.rings == 0


def test_a_replayed_delivery_is_refused(house: House, hooked: TestClient) -> None:
    """Ten thousand events in a hundred deliveries, each sent twice: each rings once."""
    batch = {"events": json.loads(told())["events"] * 100}
    for number in range(100):
        body = json.dumps({**batch, "n": number}).encode()
        assert [push(hooked, body), push(hooked, body)] == [200, 401]
    assert house.app.board_bell.rings == 100


def test_a_recording_of_the_day_before_yesterday_is_refused(house: House, hooked: TestClient) -> None:
    """Older than Asana tries for: also one that was never seen here."""
    assert push(hooked, told(at="2026-06-08T07:00:00.000Z")) == 401
    assert house.app.board_bell.rings == 0


def test_a_heartbeat_is_always_answered(house: House, hooked: TestClient) -> None:
    """The same empty bytes every eight hours; without an answer Asana takes the webhook away."""
    body = b'{"events":[]}'
    assert [push(hooked, body) for _ in range(3)] == [200, 200, 200]
    assert house.app.board_bell.rings == 0


def test_a_handshake_nobody_asked_for_is_refused(house: House, outside: TestClient) -> None:
    """Otherwise anyone could give us a secret of their own."""
    for headers in ({"X-Hook-Secret": "mine"}, {"X-Hook-Secret": ""}):
        assert outside.post("/hooks/asana/guess", headers=headers).status_code == 401
    assert house.app.hooks.get("guess") is None


def test_a_second_handshake_changes_nothing(house: House, hooked: TestClient) -> None:
    """The secret is given once."""
    assert hooked.post(f"/hooks/asana/{PATH}", headers={"X-Hook-Secret": "mine"}).status_code == 401
    assert push(hooked, told(), signed(told(), "mine")) == 401
    assert push(hooked, told()) == 200


def test_a_handshake_that_comes_late_is_refused(house: House, outside: TestClient) -> None:
    """Asana makes it while our request is open."""
    house.app.hooks.expect(PATH, ProjectGid("77"), now=house.app.clock() - timedelta(minutes=11))
    assert outside.post(f"/hooks/asana/{PATH}", headers={"X-Hook-Secret": SECRET}).status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"events": 3}', b"\xff", b"[" * 5000])
def test_a_signed_delivery_without_sense_is_a_heartbeat(
    house: House, hooked: TestClient, body: bytes
) -> None:
    """Signed, so it is Asana's; nothing in it, so nothing is done."""
    assert push(hooked, body) == 200
    assert house.app.board_bell.rings == 0


@pytest.mark.parametrize("path", [f"/hooks/asana/{PATH}", "/hooks/anthropic"])
def test_a_body_larger_than_any_delivery_is_not_read(hooked: TestClient, path: str) -> None:
    """Refused before it is held in memory."""
    assert hooked.post(path, content=b" " * 1_000_001).status_code == 413


# --- Managed Agents -----------------------------------------------------------------------------------------------------


def hint(session: str, event: str = "whe_1") -> bytes:
    data = {"type": "session.status_idled", "id": session, "organization_id": "o", "workspace_id": "w"}
    return json.dumps({"type": "event", "id": event, "created_at": NOW.isoformat(), "data": data}).encode()


def standard(body: bytes, *, event: str = "whe_1", key: str = KEY, age_s: int = 0) -> dict[str, str]:
    """The headers of the Standard Webhooks scheme, by the machine's clock: the library reads no other."""
    when = datetime.now(UTC) - timedelta(seconds=age_s)
    signature = Webhook(key).sign(event, when, body.decode())
    return {
        "webhook-id": event,
        "webhook-timestamp": str(int(when.timestamp())),
        "webhook-signature": signature,
    }


@pytest.fixture
def followed(house: House) -> str:
    """The session of a run that is at work."""
    app = house.app
    agents = replace(app.settings.agents, webhook_key=Secret("ANTHROPIC_WEBHOOK_SIGNING_KEY", KEY))
    app.settings = replace(app.settings, agents=agents)
    return house.run(RunState.SUBMITTED).session_id or ""


def deliver(client: TestClient, body: bytes, headers: dict[str, str]) -> int:
    return client.post("/hooks/anthropic", content=body, headers=headers).status_code


def test_news_of_a_session_of_ours_rings_once(house: House, outside: TestClient, followed: str) -> None:
    """Verified by the SDK; the same event again is refused; sessions of others are no news."""
    body = hint(followed)
    assert deliver(outside, body, standard(body)) == 200
    assert deliver(outside, body, standard(body)) == 401
    other = hint("sesn_theirs", "whe_2")
    assert deliver(outside, other, standard(other, event="whe_2")) == 200
    assert house.app.run_bell.rings == 1


def test_forged_altered_and_old_hints_are_refused(house: House, outside: TestClient, followed: str) -> None:
    """By signature, by bytes, by age."""
    body = hint(followed)
    wrong: list[tuple[bytes, dict[str, Any]]] = [
        (body, {}),
        (body, standard(body, key="whsec_" + base64.b64encode(b"x" * 24).decode())),
        (hint("sesn_other"), standard(body)),
        (body, standard(body, age_s=600)),
    ]
    assert [deliver(outside, sent, headers) for sent, headers in wrong] == [401] * 4
    assert house.app.run_bell.rings == 0


def test_without_a_key_there_is_no_such_receiver(house: House, outside: TestClient) -> None:
    """Nothing can be verified, so nothing is taken."""
    body = hint("sesn_x")
    assert deliver(outside, body, standard(body)) == 404
