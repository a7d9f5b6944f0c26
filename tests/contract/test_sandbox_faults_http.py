"""Every kind of fault on both ports, as a client meets it: by endpoint, by count, by chance with a seed, from a file.

Both simulated services run; nothing here is handed in but a small workspace.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from facilitator.sandbox import Sandbox
from facilitator.sandbox.faults import PARAMETERS
from tests.unit.sandbox_asana.worlds import FIRST, small_pack

BETA = {"anthropic-beta": "managed-agents-2026-04-01"}
STORIES = f"/tasks/{FIRST}/stories"


@dataclass
class Port:
    """One service: how to make one more of something, how many there are, and how to say what goes wrong."""

    name: str
    client: httpx.Client
    create: tuple[str, Any]
    listing: str
    key: str

    def harm(self, kind: str, *, seed: int | None = None, **wanted: Any) -> None:
        """One fault more, on the way creates take unless said otherwise."""
        fault = {"kind": kind, "method": "POST", "path": self.create[0], **wanted}
        body = {"faults": [fault]} | ({} if seed is None else {"seed": seed})
        self.client.post(self.control, json=body).raise_for_status()

    @property
    def control(self) -> str:
        """Where this port takes its faults."""
        return f"{str(self.client.base_url).rstrip('/').removesuffix('/api/1.0')}/_sandbox/faults"

    def make(self) -> httpx.Response:
        """Make one more."""
        return self.client.post(self.create[0], json=self.create[1])

    def count(self) -> int:
        """How many there are, by the service's own list."""
        return len(self.listed())

    def listed(self) -> list[str]:
        """The ids of the things there are."""
        return [str(item[self.key]) for item in self.client.get(self.listing).json()["data"]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(small_pack(), requests_per_minute=None) as running:
        yield running


@pytest.fixture(scope="module")
def ports(sandbox: Sandbox) -> Iterator[dict[str, Port]]:
    headers = {"Authorization": "Bearer key-of-a-bot", **BETA}
    agent = {"name": "writer", "model": "claude-sonnet-5-5"}
    with (
        httpx.Client(base_url=sandbox.asana_url, headers=headers) as asana,
        httpx.Client(base_url=sandbox.agents_url, headers=headers) as agents,
    ):
        yield {
            "asana": Port("asana", asana, (STORIES, {"data": {"text": "hello"}}), STORIES, "gid"),
            "agents": Port("agents", agents, ("/v1/agents", agent), "/v1/agents?limit=100", "id"),
        }


@pytest.fixture(params=["asana", "agents"])
def port(request: pytest.FixtureRequest, ports: dict[str, Port]) -> Iterator[Port]:
    found = ports[request.param]
    yield found
    found.client.delete(found.control)


def refused(status: int) -> Callable[[Port], bool]:
    return lambda port: port.make().status_code == status


def broken(error: type[Exception]) -> Callable[[Port], bool]:
    def happens(port: Port) -> bool:
        with pytest.raises(error):
            port.make()
        return True

    return happens


def unreadable(port: Port) -> bool:
    with pytest.raises(ValueError, match=r"."):
        port.make().json()
    return True


def fine(port: Port) -> bool:
    return port.make().is_success


IMPATIENT = {"seconds": 0.05}
SINGLE: list[tuple[str, dict[str, Any], Callable[[Port], bool], int]] = [
    ("status", {"status": 429, "retry_after": 3}, refused(429), 0),
    ("status", {"status": 503}, refused(503), 0),
    ("status", {"status": 529, "retry_after": 1}, refused(529), 0),
    ("commit_then_status", {"status": 500}, refused(500), 1),
    ("commit_then_hang", {"seconds": 0.05}, fine, 1),
    ("drop", {}, broken(httpx.RemoteProtocolError), 0),
    ("commit_then_drop", {}, broken(httpx.RemoteProtocolError), 1),
    ("reset", {}, broken(httpx.ReadError), 0),
    ("commit_then_reset", {}, broken(httpx.ReadError), 1),
    ("malformed_json", {}, unreadable, 1),
    ("html_error", {}, refused(502), 0),
    ("truncated_body", {}, broken(httpx.RemoteProtocolError), 1),
    ("slow", IMPATIENT, fine, 1),
    ("trickle", IMPATIENT, fine, 1),
    ("header", {"headers": {"x-told": "you"}}, fine, 1),
]


@pytest.mark.parametrize(("kind", "wanted", "met", "made"), SINGLE)
def test_a_call_goes_wrong_as_asked(
    port: Port, kind: str, wanted: dict[str, Any], met: Callable[[Port], bool], made: int
) -> None:
    """What the client meets, and whether the thing was made all the same; the call after it goes well."""
    before = port.count()
    port.harm(kind, **wanted)
    assert met(port)
    assert port.count() == before + made
    assert fine(port)


def test_a_refusal_says_how_long_to_wait_only_where_asked(port: Port) -> None:
    """429, 503 and 529 come with and without Retry-After."""
    for status in (429, 503, 529):
        port.harm("status", status=status, retry_after=7)
        port.harm("status", status=status)
        assert [port.make().headers.get("retry-after") for _ in range(2)] == ["7", None]


def test_a_trickle_outlasts_no_deadline_of_a_single_read(port: Port) -> None:
    """Bytes keep coming, each in time: only a clock over the whole call can end it."""
    port.harm("trickle", seconds=0.4, pieces=8)
    began = time.monotonic()
    assert port.client.post(port.create[0], json=port.create[1], timeout=0.2).is_success
    assert time.monotonic() - began > 0.3


def test_a_late_list_misses_what_is_brand_new(port: Port) -> None:
    """The newest thing is not listed for a while, everything older is; the next list has it."""
    port.make()
    before = set(port.listed())
    port.harm("late_list", method="GET", path=port.listing.partition("?")[0], seconds=0.2, count=None)
    made = port.make().json()
    gid = str((made.get("data") or made)[port.key])
    assert gid not in port.listed()
    until_listed = time.monotonic() + 20
    while gid not in port.listed():
        assert time.monotonic() < until_listed, "it is never listed"
    assert set(port.listed()) == before | {gid}


def test_a_list_may_tell_everything_twice(port: Port) -> None:
    """As happens to what moves between two pages."""
    once = port.listed()
    port.harm("repeated_items", method="GET", path=port.listing.partition("?")[0])
    assert sorted(port.listed()) == sorted(once * 2)


def test_a_status_may_be_that_of_a_moment_ago(port: Port) -> None:
    """The stored status lags behind; where there is none, nothing is changed."""
    made = port.make().json()
    port.harm("stale_status", method="GET", path="*", says="running")
    seen = port.client.get(f"{port.create[0]}/{made['id']}" if port.name == "agents" else "/users/me").json()
    assert seen.get("status") in (None, "running")


def test_a_count_and_a_start_choose_the_calls(port: Port) -> None:
    """The third and fourth of these calls, and no other way's."""
    port.harm("status", status=503, after=2, count=2)
    assert [port.make().is_success for _ in range(6)] == [True, True, False, False, True, True]


def test_chance_is_repeated_by_its_seed(port: Port) -> None:
    """The same seed harms the same calls."""

    def harmed(seed: int) -> list[bool]:
        port.client.delete(port.control)
        port.harm("status", seed=seed, status=503, probability=0.5, count=None)
        return [port.make().is_success for _ in range(12)]

    assert harmed(5) == harmed(5) != harmed(6)


STREAM = "/v1/sessions/*/events/stream"


def told(ports: dict[str, Port], kind: str, **wanted: Any) -> list[str]:
    """The data lines of a stream that carries three events and an end, harmed after its first."""
    port, client = ports["agents"], ports["agents"].client
    agent = port.make().json()["id"]
    place = {"name": f"for {kind}", "config": {"type": "cloud"}}
    asked = {"agent": agent, "environment_id": client.post("/v1/environments", json=place).json()["id"]}
    session = client.post("/v1/sessions", json=asked).json()["id"]
    port.harm(kind, method="GET", path=STREAM, frames=1, **wanted)
    lines = []
    with client.stream("GET", f"/v1/sessions/{session}/events/stream") as stream:
        for number in range(3):
            client.post(f"/v1/sessions/{session}", json={"title": f"n{number}"}).raise_for_status()
        client.delete(f"/v1/sessions/{session}")
        for line in stream.iter_lines():
            lines += [line] if line.startswith("data:") else []
    return lines


def test_a_stream_can_be_reset(ports: dict[str, Port]) -> None:
    """RST in the middle: the client reads an error, not an end."""
    with pytest.raises(httpx.ReadError):
        told(ports, "stream_reset")


def test_a_stream_can_hold_what_is_no_json(ports: dict[str, Port]) -> None:
    """A frame whose data breaks off; the frames around it are whole."""
    lines = told(ports, "stream_malformed")
    with pytest.raises(ValueError, match=r"."):
        json.loads(lines[1].removeprefix("data: "))
    assert json.loads(lines[2].removeprefix("data: "))["title"] == "n1"


def test_a_stream_can_come_in_crumbs(ports: dict[str, Port]) -> None:
    """Each frame in a few pieces, and all of them whole in the end."""
    lines = told(ports, "stream_trickle", seconds=0.05)
    assert [json.loads(line[5:]).get("title") for line in lines] == ["n0", "n1", "n2", None]


def test_every_kind_of_fault_is_tested_on_the_wire() -> None:
    """A kind added to the plan needs its test here or beside the streams of `test_sandbox_asana_http`."""
    elsewhere = {"stream_close", "stream_cut", "stream_silence", "stream_duplicate", "stream_unknown_event"}
    here = {
        "late_list",
        "repeated_items",
        "stale_status",
        "stream_reset",
        "stream_malformed",
        "stream_trickle",
    }
    assert {kind for kind, *_ in SINGLE} | here | elsewhere == set(PARAMETERS)
