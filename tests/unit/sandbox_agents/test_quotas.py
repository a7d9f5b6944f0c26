"""The rate limits of the simulated Managed Agents."""

from __future__ import annotations

import httpx
import pytest

from facilitator.sandbox import Sandbox
from facilitator.sandbox.agents.quotas import QuotaGate, Quotas, kind_of
from facilitator.sandbox.wire import ControlError
from tests.unit.sandbox_agents.world import HEADERS
from tests.unit.sandbox_asana.worlds import small_pack

SMALL = Quotas(creates=60, reads=120, others=60, at_once_s=0)


class _Timer:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _enter(gate: QuotaGate, method: str = "POST", path: str = "/v1/sessions") -> tuple[str, int] | None:
    return gate.enter(method, path, {})


def test_a_call_past_the_quota_is_refused_until_there_is_room() -> None:
    """The refusal says how long to wait, and waiting that long helps."""
    timer = _Timer()
    gate = QuotaGate(Quotas(creates=20, at_once_s=0), monotonic=timer)
    assert _enter(gate) is None
    refusal = _enter(gate)
    assert refusal is not None
    assert refusal[1] == 3
    timer.now += 3
    assert _enter(gate) is None


def test_a_refused_call_costs_nothing() -> None:
    """Who asks too early does not wait longer for it."""
    timer = _Timer()
    gate = QuotaGate(SMALL, monotonic=timer)
    _enter(gate)
    timer.now += 0.5
    _enter(gate)
    timer.now += 0.5
    assert _enter(gate) is None


def test_a_rested_organisation_may_send_a_second_of_its_quota_at_once() -> None:
    """300 a minute are five a second: five and one more pass, the seventh does not."""
    gate = QuotaGate(Quotas(), monotonic=_Timer())
    assert [_enter(gate) is None for _ in range(7)] == [True] * 6 + [False]


def test_the_published_quota_is_what_a_minute_holds() -> None:
    """A client that never stops is let through 300 times a minute, beside what was saved up."""
    timer = _Timer()
    gate = QuotaGate(Quotas(), monotonic=timer)
    passed = 0
    for _ in range(6000):
        passed += _enter(gate) is None
        timer.now += 0.01
    assert passed in (305, 306)


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/v1/sessions", "creates"),
        ("POST", "/v1/agents", "creates"),
        ("GET", "/v1/sessions", "reads"),
        ("GET", "/v1/sessions/sesn_01/events/stream", "reads"),
        ("POST", "/v1/sessions/sesn_01/events", "others"),
        ("POST", "/v1/sessions/sesn_01/archive", "others"),
        ("POST", "/v1/files", "others"),
        ("DELETE", "/v1/sessions/sesn_01", "others"),
    ],
)
def test_what_counts_as_what(method: str, path: str, kind: str) -> None:
    """Making one of the four kinds is a create, looking is a read, all else is the third quota."""
    assert kind_of(method, path) == kind


def test_one_quota_does_not_eat_another() -> None:
    """Creates that are used up leave reads alone."""
    gate = QuotaGate(SMALL, monotonic=_Timer())
    _enter(gate)
    assert _enter(gate) is not None
    assert _enter(gate, "GET") is None


def test_without_quotas_everything_passes() -> None:
    """They are off unless somebody asks for them."""
    gate = QuotaGate(None, monotonic=_Timer())
    assert not any(_enter(gate) for _ in range(1000))


@pytest.mark.parametrize("raw", [{"creates": 0}, {"creates": True}, {"reads": "many"}, {"writes": 5}])
def test_a_quota_that_makes_no_sense_is_refused(raw: dict[str, object]) -> None:
    """The answer says which there are."""
    with pytest.raises(ControlError, match="at_once_s, creates, others, reads"):
        Quotas.read(raw)


def test_a_refusal_looks_as_published_and_can_be_switched_on_and_off() -> None:
    """429 with the error body, its kind and `retry-after`; a control call enforces the quotas and lifts them."""
    with Sandbox(small_pack(), speed=0.001) as world, httpx.Client(base_url=world.agents_url) as client:
        client.get("/v1/sessions", headers=HEADERS).raise_for_status()
        client.post("/_sandbox/quotas", json={"reads": 60, "at_once_s": 0.001}).raise_for_status()
        client.get("/v1/sessions", headers=HEADERS).raise_for_status()
        refused = client.get("/v1/sessions", headers=HEADERS)
        client.post("/_sandbox/quotas", json={"enforced": False}).raise_for_status()
        passed = client.get("/v1/sessions", headers=HEADERS)
        wrong = client.post("/_sandbox/quotas", json={"enforced": True})
        tally = client.get("/_sandbox/tally").json()

    body = refused.json()
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert (body["type"], body["error"]["type"]) == ("error", "rate_limit_error")
    assert body["request_id"]
    assert (passed.status_code, wrong.status_code) == (200, 400)
    assert [(one["method"], one["path"], one["status"], one["count"]) for one in tally] == [
        ("GET", "/v1/sessions", 200, 3),
        ("GET", "/v1/sessions", 429, 1),
    ]
