"""The sandbox's servers over real HTTP: control routes, the request log, and every fault as a client meets it."""

import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from facilitator.sandbox import FaultError, Sandbox, WorkspaceError
from facilitator.sandbox.exchange import Receive, Scope, Send
from facilitator.sandbox.wire import refuse_to_drop
from tests.unit.sandbox_asana.worlds import FIRST, TEAM, small_pack

TOKEN = "1/1234567890:secretsecret"
STORIES = f"/tasks/{FIRST}/stories"


async def _frames() -> AsyncIterator[bytes]:
    for number in range(3):
        yield f'event: tick\ndata: {{"n": {number}}}\n\n'.encode()


async def _endless() -> AsyncIterator[bytes]:
    yield b"data: {}\r\n\r\n"
    await _never()
    yield b""


async def _never() -> None:
    from asyncio import Event

    await Event().wait()


def _agents() -> Starlette:
    """A stand-in for the Managed Agents service: one stream of three frames, one without an end."""

    async def stream(request: Request) -> Response:
        endless = request.url.path.endswith("endless")
        return StreamingResponse(_endless() if endless else _frames(), media_type="text/event-stream")

    async def plain(_request: Request) -> Response:
        return JSONResponse({"id": "agent_1"})

    routes = [Route("/v1/stream", stream), Route("/v1/endless", stream), Route("/v1/agents", plain)]
    return Starlette(routes=[*routes, Route("/_sandbox/script", plain)])


@pytest.fixture(scope="module")
def _running() -> Iterator[Sandbox]:
    with Sandbox(small_pack(), agents_app=_agents(), requests_per_minute=None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_running: Sandbox) -> Iterator[Sandbox]:
    """A running sandbox without faults or log of the test before."""
    yield _running
    for base in (_root(_running.asana_url), _running.agents_url):
        httpx.delete(f"{base}/_sandbox/faults")
        httpx.delete(f"{base}/_sandbox/requests")


@pytest.fixture
def asana(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client of the simulated Asana."""
    with httpx.Client(base_url=sandbox.asana_url, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


@pytest.fixture
def agents(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client of the other port."""
    with httpx.Client(base_url=sandbox.agents_url) as client:
        yield client


def _root(asana_url: str) -> str:
    return asana_url.removesuffix("/api/1.0")


def _fault(client: httpx.Client, kind: str, **more: Any) -> None:
    root = _root(str(client.base_url).rstrip("/"))
    answer = httpx.post(f"{root}/_sandbox/faults", json={"faults": [{"kind": kind, **more}]})
    assert answer.status_code == 200, answer.text


def _lines(client: httpx.Client, path: str) -> list[str]:
    with client.stream("GET", path) as answer:
        return [line for line in answer.iter_lines() if line]


def _comments(sandbox: Sandbox) -> int:
    return len(sandbox.asana.comments(FIRST))


def test_both_ports_listen_on_loopback_only(sandbox: Sandbox) -> None:
    """The addresses are loopback addresses with the documented prefix."""
    assert sandbox.asana_url.startswith("http://127.0.0.1:")
    assert sandbox.asana_url.endswith("/api/1.0")
    assert sandbox.agents_url.startswith("http://127.0.0.1:")


def test_every_answer_says_that_it_is_simulated(asana: httpx.Client, agents: httpx.Client) -> None:
    """Answers, refusals and control calls alike, on both ports."""
    root = _root(str(asana.base_url).rstrip("/"))
    answers = [
        asana.get("/users/me"),
        asana.get("/nowhere"),
        httpx.get(f"{root}/_sandbox"),
        agents.get("/v1/agents"),
    ]
    assert {answer.headers["x-simulator"] for answer in answers} == {"facilitator-sandbox"}
    assert asana.get("/users/me").headers["content-type"] == "application/json; charset=UTF-8"


def test_the_sandbox_says_what_it_is(sandbox: Sandbox) -> None:
    """A sentence and the control routes, on both ports."""
    asana = httpx.get(f"{_root(sandbox.asana_url)}/_sandbox").json()
    agents = httpx.get(f"{sandbox.agents_url}/_sandbox").json()
    assert "It is not Asana" in asana["what"]
    assert "not language models" in agents["what"]
    assert {"POST faults", "POST clock"} <= set(asana["routes"])


def test_the_log_has_what_was_sent_with_the_token_masked(sandbox: Sandbox, asana: httpx.Client) -> None:
    """Method, path, query, body and status of each call; no secret in it."""
    asana.get("/users/me", params={"opt_fields": "name"})
    asana.post(STORIES, json={"data": {"text": "hello"}})
    url = f"{_root(sandbox.asana_url)}/_sandbox/requests"
    read, written = httpx.get(url).json()
    assert (read["method"], read["path"], read["query"]) == (
        "GET",
        "/api/1.0/users/me",
        {"opt_fields": "name"},
    )
    assert (written["body"], written["status"]) == ({"data": {"text": "hello"}}, 201)
    assert "secretsecret" not in json.dumps([read, written])
    assert read["headers"]["authorization"] == "Bearer ***cret"
    assert httpx.get(url, params={"answers": "1"}).json()[0]["answer"]["data"]["name"] == "Facilitator bot"
    assert httpx.delete(url).json() == []
    assert sandbox.asana.requests == []


def test_the_state_can_be_read(sandbox: Sandbox) -> None:
    """The Asana dump has every kind of record, the other port says what it holds."""
    state = httpx.get(f"{_root(sandbox.asana_url)}/_sandbox/state").json()
    assert [task["gid"] for task in state["task"]][:1] == [FIRST]
    assert "sessions" in httpx.get(f"{sandbox.agents_url}/_sandbox/state").json()


def test_a_services_own_control_route_is_left_to_it(agents: httpx.Client) -> None:
    """/_sandbox/script is answered by the Managed Agents simulation itself, and not logged."""
    assert agents.get("/_sandbox/script").json() == {"id": "agent_1"}
    assert agents.get("/_sandbox/requests").json() == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("faults", b"{", 400),
        ("faults", b"[]", 400),
        ("faults", b'{"fault": []}', 400),
        ("faults", b'{"faults": [{"kind": "explode"}]}', 400),
        ("clock", b'{"advance_seconds": "x"}', 400),
        ("nothing", b"{}", 404),
        ("requests", b"{}", 404),
    ],
)
def test_a_control_call_that_is_not_right_is_refused(
    sandbox: Sandbox, path: str, body: bytes, status: int
) -> None:
    """With a sentence that says why."""
    answer = httpx.post(f"{_root(sandbox.asana_url)}/_sandbox/{path}", content=body)
    assert (answer.status_code, "error" in answer.json()) == (status, True)


def test_world_controls_work_over_http(sandbox: Sandbox, asana: httpx.Client) -> None:
    """A task can be hidden from every client."""
    root = _root(sandbox.asana_url)
    httpx.post(f"{root}/_sandbox/hide", json={"gids": [FIRST]})
    assert asana.get(f"/tasks/{FIRST}").status_code == 404
    httpx.post(f"{root}/_sandbox/show", json={"gids": [FIRST]})
    assert asana.get(f"/tasks/{FIRST}").status_code == 200


def test_a_status_fault_comes_before_the_handler(sandbox: Sandbox, asana: httpx.Client) -> None:
    """429 with Retry-After in the service's own shape; nothing was written."""
    before = _comments(sandbox)
    _fault(asana, "status", status=429, retry_after=7, path="/tasks/*")
    answer = asana.post(STORIES, json={"data": {"text": "x"}})
    assert (answer.status_code, answer.headers["retry-after"], "errors" in answer.json()) == (429, "7", True)
    assert _comments(sandbox) == before
    assert sandbox.asana.requests[-1].fault == "status"


def test_a_status_fault_speaks_the_language_of_its_port(agents: httpx.Client) -> None:
    """On the other port the error has the other service's shape."""
    _fault(agents, "status", status=529)
    body = agents.get("/v1/agents").json()
    assert (body["type"], body["error"]["type"]) == ("error", "overloaded_error")
    _fault(agents, "status", status=502, body={"odd": True}, headers={"X-Odd": "1"})
    answer = agents.get("/v1/agents")
    assert (answer.json(), answer.headers["x-odd"]) == ({"odd": True}, "1")


def test_a_500_after_the_write_leaves_the_comment(sandbox: Sandbox, asana: httpx.Client) -> None:
    """The client is told that it failed; it did not."""
    before = _comments(sandbox)
    _fault(asana, "commit_then_status", method="POST")
    assert asana.post(STORIES, json={"data": {"text": "x"}}).status_code == 500
    assert _comments(sandbox) == before + 1


def test_a_withheld_answer_runs_into_the_clients_timeout(sandbox: Sandbox, asana: httpx.Client) -> None:
    """The write happened, the answer never comes."""
    before = _comments(sandbox)
    _fault(asana, "commit_then_hang", method="POST")
    with pytest.raises(httpx.ReadTimeout):
        asana.post(STORIES, json={"data": {"text": "x"}}, timeout=0.2)
    assert _comments(sandbox) == before + 1


def test_a_withheld_answer_may_come_late(asana: httpx.Client) -> None:
    """With seconds given it comes after them."""
    _fault(asana, "commit_then_hang", method="POST", seconds=0.01)
    assert asana.post(STORIES, json={"data": {"text": "x"}}).status_code == 201


@pytest.mark.parametrize(("kind", "written"), [("drop", 0), ("commit_then_drop", 1)])
def test_a_dropped_connection_may_hide_a_write(
    sandbox: Sandbox, asana: httpx.Client, kind: str, written: int
) -> None:
    """The client cannot tell the two apart; the log has the call without a status."""
    before = _comments(sandbox)
    _fault(asana, kind, method="POST")
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected without sending a response"):
        asana.post(STORIES, json={"data": {"text": "x"}})
    assert _comments(sandbox) == before + written
    assert (sandbox.asana.requests[-1].fault, sandbox.asana.requests[-1].status) == (kind, None)


def test_malformed_json_is_whole_http_with_broken_content(asana: httpx.Client) -> None:
    """The status is fine, the body does not parse."""
    _fault(asana, "malformed_json")
    answer = asana.get("/users/me")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting"):
        answer.json()


def test_an_html_error_is_a_proxys_page(asana: httpx.Client) -> None:
    """502 and no JSON."""
    _fault(asana, "html_error")
    answer = asana.get("/users/me")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")


def test_a_truncated_body_breaks_off(asana: httpx.Client) -> None:
    """Less comes than was promised."""
    _fault(asana, "truncated_body")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        asana.get("/users/me")


def test_a_slow_answer_is_right_all_the_same(asana: httpx.Client) -> None:
    """Only late."""
    _fault(asana, "slow", seconds=0.01)
    assert asana.get("/users/me").status_code == 200


def test_a_header_can_be_added(asana: httpx.Client) -> None:
    """A deprecation notice, say."""
    _fault(asana, "header", headers={"Asana-Change": "name=new_thing;info=https://x.test;affected=true"})
    answer = asana.get("/users/me")
    assert (answer.status_code, answer.headers["asana-change"][:14]) == (200, "name=new_thing")


def test_a_stream_passes_unharmed(agents: httpx.Client) -> None:
    """Without a fault every frame comes once."""
    assert _lines(agents, "/v1/stream") == [
        line for n in range(3) for line in ("event: tick", f'data: {{"n": {n}}}')
    ]


def test_a_stream_can_close_early(agents: httpx.Client) -> None:
    """Cleanly, after as many frames as were asked for."""
    _fault(agents, "stream_close", frames=2, path="/stream")
    assert len(_lines(agents, "/v1/stream")) == 4


def test_a_stream_can_close_before_its_first_frame(agents: httpx.Client) -> None:
    """Zero frames are a number too."""
    _fault(agents, "stream_close", frames=0)
    assert _lines(agents, "/v1/stream") == []


def test_a_stream_can_be_cut_in_the_middle(agents: httpx.Client) -> None:
    """The client sees a protocol error, not an end."""
    _fault(agents, "stream_cut", frames=1)
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        _lines(agents, "/v1/stream")


def test_a_stream_can_fall_silent(agents: httpx.Client) -> None:
    """Nothing comes and nothing ends, until the client gives up."""
    _fault(agents, "stream_silence", frames=1)
    with pytest.raises(httpx.ReadTimeout), agents.stream("GET", "/v1/stream", timeout=0.2) as answer:
        list(answer.iter_lines())


def test_a_silence_may_end(agents: httpx.Client) -> None:
    """With seconds given, all the rest comes after it."""
    _fault(agents, "stream_silence", frames=1, seconds=0.01)
    assert len(_lines(agents, "/v1/stream")) == 6


def test_a_stream_can_repeat_itself(agents: httpx.Client) -> None:
    """The n-th frame comes twice."""
    _fault(agents, "stream_duplicate", frames=2)
    assert [line for line in _lines(agents, "/v1/stream") if "1" in line] == ['data: {"n": 1}'] * 2


def test_a_stream_can_speak_of_unknown_things(agents: httpx.Client) -> None:
    """An event of a kind nobody knows comes after the n-th frame."""
    _fault(agents, "stream_unknown_event", frames=1)
    assert _lines(agents, "/v1/stream")[2] == "event: sandbox.unheard_of"
    _fault(agents, "stream_unknown_event", frames=1, payload={"type": "agent.dreamt"})
    assert _lines(agents, "/v1/stream")[2:4] == ["event: agent.dreamt", 'data: {"type": "agent.dreamt"}']


def test_a_single_answers_fault_on_a_stream_does_not_hang(agents: httpx.Client) -> None:
    """Of an endless stream nothing is waited for."""
    _fault(agents, "commit_then_status", status=503)
    assert agents.get("/v1/endless").status_code == 503


def test_stopping_cuts_open_streams() -> None:
    """A client in an endless stream does not keep the sandbox alive."""
    sandbox = Sandbox(small_pack(), agents_app=_agents()).start()
    reading, ended = threading.Event(), threading.Event()

    def follow() -> None:
        try:
            with httpx.stream("GET", f"{sandbox.agents_url}/v1/endless", timeout=30) as answer:
                for _ in answer.iter_lines():
                    reading.set()
        except httpx.HTTPError:
            ended.set()

    threading.Thread(target=follow, daemon=True).start()
    assert reading.wait(10)
    sandbox.stop()
    assert ended.wait(10)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{sandbox.agents_url}/v1/agents")


def test_stopping_twice_does_nothing() -> None:
    """Neither does stopping what never ran."""
    sandbox = Sandbox(small_pack(), agents_app=_agents())
    sandbox.stop()
    with sandbox:
        pass
    sandbox.stop()


def test_a_taken_port_is_named() -> None:
    """The error says which address cannot be had, and nothing is left running."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"):
            Sandbox(small_pack(), agents_app=_agents(), agents_port=port).start()


def test_a_wanted_port_is_used() -> None:
    """A port that is free is the one in the address."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Sandbox(small_pack(), agents_app=_agents(), asana_port=port) as sandbox:
        assert sandbox.asana_url == f"http://127.0.0.1:{port}/api/1.0"


def test_a_broken_service_is_not_waited_for() -> None:
    """An application that cannot start is an error at once."""

    async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(OSError, match="agents server did not start"):
        Sandbox(small_pack(), agents_app=broken).start()


def test_mistakes_are_found_before_anything_listens() -> None:
    """A bad pack and a bad fault are refused by the constructor."""
    with pytest.raises(WorkspaceError):
        Sandbox({}, agents_app=_agents())
    with pytest.raises(FaultError):
        Sandbox(small_pack(), agents_app=_agents(), faults=[{"kind": "explode"}])


def test_faults_can_be_there_from_the_start() -> None:
    """Each on the port it names."""
    fault = {"kind": "status", "status": 503, "on": "asana", "count": None}
    with Sandbox(small_pack(), agents_app=_agents(), faults=[fault]) as sandbox:
        assert httpx.get(f"{sandbox.asana_url}/users/me").status_code == 503
        assert httpx.get(f"{sandbox.agents_url}/v1/agents").status_code == 200


def test_the_rate_limit_is_real() -> None:
    """The third call of a minute's two is a 429 with Retry-After, and is logged."""
    with Sandbox(small_pack(), agents_app=_agents(), requests_per_minute=2) as sandbox:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answers = [httpx.get(f"{sandbox.asana_url}/users/me", headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["retry-after"]) > 0
        assert sandbox.asana.requests[-1].status == 429


def test_a_slow_call_is_in_flight() -> None:
    """The sixteenth write at once is refused while fifteen are slow."""
    with Sandbox(small_pack(), agents_app=_agents()) as sandbox:
        root = _root(sandbox.asana_url)
        slow = {"kind": "commit_then_hang", "count": 15}
        httpx.post(f"{root}/_sandbox/faults", json={"faults": [slow]})
        with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            hanging = [
                threading.Thread(target=_post_and_wait, args=(sandbox,), daemon=True) for _ in range(15)
            ]
            for thread in hanging:
                thread.start()
            while httpx.get(f"{root}/_sandbox/faults").json()["faults"][0]["used"] < 15:
                pass
            assert (
                client.post(f"{sandbox.asana_url}{STORIES}", json={"data": {"text": "x"}}).status_code == 429
            )


def _post_and_wait(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    try:
        httpx.post(f"{sandbox.asana_url}{STORIES}", headers=headers, json={"data": {"text": "x"}}, timeout=30)
    except httpx.HTTPError:
        return


def test_the_built_in_managed_agents_simulation_is_served() -> None:
    """Without an application of one's own, the second port is a Managed Agents service."""
    with Sandbox(small_pack()) as sandbox:
        answer = httpx.get(f"{sandbox.agents_url}/v1/agents", headers={"x-api-key": "sk-test"})
        assert "x-simulator" in answer.headers
        assert answer.status_code == 200 or answer.json()["type"] == "error"


def test_tokens_bind_to_users() -> None:
    """Each token acts for its user, any other is a 401."""
    with Sandbox(small_pack(), agents_app=_agents(), tokens={"ben": "502"}) as sandbox:
        url = f"{sandbox.asana_url}/users/me"
        assert httpx.get(url, headers={"Authorization": "Bearer ben"}).json()["data"]["name"] == "Ben"
        assert httpx.get(url, headers={"Authorization": "Bearer ann"}).status_code == 401
        assert httpx.get(url).status_code == 401


def test_a_file_can_be_uploaded(asana: httpx.Client) -> None:
    """Multipart, as the published call wants it."""
    answer = asana.post(
        "/attachments", data={"parent": TEAM}, files={"file": ("report.txt", b"hello", "text/plain")}
    )
    assert (answer.status_code, answer.json()["data"]["size"]) == (200, 5)


def test_hostile_text_survives_the_wire(asana: httpx.Client) -> None:
    """Emoji, right-to-left marks, markup, and half of a surrogate pair."""
    text = "🧨 \u202eabc</body> & <script> \x07"
    gid = asana.post(STORIES, json={"data": {"text": text}}).json()["data"]["gid"]
    assert asana.get(f"/stories/{gid}").json()["data"]["text"] == text
    broken = asana.post(STORIES, content=b'{"data": {"text": "\\ud83d"}}')
    assert (broken.status_code, broken.json()["data"]["text"]) == (201, "\ud83d")


@pytest.mark.parametrize("path", ["/", "/api/1.0", "/api/2.0/tasks"])
def test_a_path_outside_the_prefix_is_a_404_in_asanas_shape(sandbox: Sandbox, path: str) -> None:
    """Nothing lives there."""
    answer = httpx.get(f"{_root(sandbox.asana_url)}{path}")
    assert (answer.status_code, answer.json()["errors"][0]["message"][:17]) == (404, "No matching route")


def test_the_simulators_own_failure_says_so(sandbox: Sandbox, asana: httpx.Client) -> None:
    """A fault of ours must not pass for one of Asana's."""
    task = sandbox.asana.world.tables["task"].pop("16")
    try:
        sandbox.asana.world.tables["task"]["16"] = {"gid": "16"}
        answer = asana.get("/tasks/16")
    finally:
        sandbox.asana.world.tables["task"]["16"] = task
    assert answer.status_code == 500
    assert "The sandbox itself failed" in answer.json()["errors"][0]["message"]


def test_side_shows_tasks_as_asana_does(sandbox: Sandbox) -> None:
    """The inspection for tests uses the same shapes."""
    assert sandbox.asana.task(FIRST)["assignee"]["name"] == "Ann"
    assert sandbox.asana.bot_gid == sandbox.asana.world.bot_gid
    assert sandbox.agents_requests == []


def test_without_a_server_a_drop_is_an_error() -> None:
    """An application called in process has no connection to close."""
    with pytest.raises(ConnectionAbortedError):
        refuse_to_drop({})
