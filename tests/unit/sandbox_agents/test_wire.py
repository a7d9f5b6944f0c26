"""Keys, headers, envelopes, strictness and pages: what every route owes its client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.sandbox.agents.state import AgentsSandboxSettings
from facilitator.sandbox.agents.wire import ApiError, Ids, Order, bound, page_of, stamp
from tests.unit.sandbox_agents.world import HEADERS, MakeWorld, World

pytestmark = pytest.mark.anyio


async def test_a_call_without_a_key_is_401(world: World) -> None:
    """No key, no answer: 401 in the service's envelope."""
    answer = await world.client.get("/v1/agents", headers={"anthropic-beta": HEADERS["anthropic-beta"]})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"


@pytest.mark.parametrize(
    "key", [{"x-api-key": "k"}, {"authorization": "Bearer k"}, {"authorization": "bearer k"}]
)
async def test_both_ways_of_sending_a_key_work(world: World, key: dict[str, str]) -> None:
    """The SDK sends a bearer token, older clients x-api-key."""
    answer = await world.client.get(
        "/v1/agents", headers={**key, "anthropic-beta": HEADERS["anthropic-beta"]}
    )
    assert answer.status_code == 200


async def test_only_known_keys_pass_where_keys_are_named(make_world: MakeWorld) -> None:
    """A sandbox with named keys refuses any other."""
    world = make_world(settings=AgentsSandboxSettings(api_keys=frozenset({"right"})))
    assert "invalid x-api-key" in (await world.send("GET", "/v1/agents", expect=401))["error"]["message"]
    await world.send("GET", "/v1/agents", headers={"authorization": "Bearer right"})


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/agents", 404), ("/v1/sessions", 404), ("/v1/environments", 400)]
)
async def test_without_the_beta_header_the_resource_seems_missing(
    world: World, path: str, status: int
) -> None:
    """Agents and sessions answer 404, environments name the header; seen on the hosted service."""
    answer = await world.client.get(path, headers={"x-api-key": "k"})
    assert answer.status_code == status
    assert ("anthropic-beta" in answer.text) == (status == 400)


async def test_listing_a_sessions_files_needs_the_beta_header(world: World) -> None:
    """`scope_id` belongs to the beta; the plain Files API does not."""
    bare = {"x-api-key": "k"}
    assert (await world.client.get("/v1/files", headers=bare)).status_code == 200
    assert (await world.client.get("/v1/files?scope_id=sesn_1", headers=bare)).status_code == 400


@pytest.mark.parametrize(
    ("path", "status"), [("/v1/agents", 200), ("/v1/files", 400), ("/v1/environments", 400)]
)
async def test_an_unknown_beta_is_refused_where_the_service_refuses_it(
    world: World, path: str, status: int
) -> None:
    """Agents ignore a further beta they do not know; environments and files refuse it."""
    await world.send(
        "GET", path, headers={"anthropic-beta": f"{HEADERS['anthropic-beta']},made-up-2020"}, expect=status
    )


async def test_every_reply_has_a_request_id(world: World) -> None:
    """Answers and refusals alike, and a refusal repeats it in its body."""
    good = await world.client.get("/v1/agents", headers=HEADERS)
    bad = await world.client.get("/v1/agents/none", headers=HEADERS)
    assert good.headers["request-id"].startswith("req_")
    assert bad.json()["request_id"] == bad.headers["request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/agent", 404), ("PUT", "/v1/agents", 405)]
)
async def test_unknown_routes_answer_in_the_envelope(
    world: World, method: str, path: str, status: int
) -> None:
    """A path or method the service does not have is an error, not an empty answer."""
    answer = await world.send(method, path, expect=status)
    assert answer["type"] == "error"


async def test_an_unknown_field_is_named(world: World) -> None:
    """A client's typing error surfaces as a 400 that names it."""
    words = await world.refused("/v1/agents", {"name": "n", "model": "m", "sytem": "x"})
    assert "sytem" in words


@pytest.mark.parametrize(
    "query", ["limt=1", "limit=0", "limit=101", "include_archived=perhaps", "created_at[gte]=soon"]
)
async def test_an_unknown_parameter_or_value_is_refused(world: World, query: str) -> None:
    """Queries are as strict as bodies."""
    await world.send("GET", f"/v1/agents?{query}", expect=400)


async def test_a_body_that_is_no_json_is_refused(world: World) -> None:
    """Broken JSON is a 400 in the envelope."""
    answer = await world.client.post("/v1/agents", content=b"{", headers=HEADERS)
    assert answer.status_code == 400


async def test_a_body_over_32_megabytes_is_413(world: World) -> None:
    """The size limit has its own status."""
    answer = await world.client.post("/v1/agents", content=b" " * (32 * 1024 * 1024 + 1), headers=HEADERS)
    assert answer.status_code == 413


async def test_attempts_are_counted_and_retries_apart(world: World) -> None:
    """A test can see that a client repeated a create blindly."""
    await world.send("GET", "/v1/agents", headers={"x-stainless-retry-count": "1"})
    await world.get("/v1/agents")
    assert world.state.counts["GET /v1/agents"] == 2
    assert world.state.retries["GET /v1/agents"] == 1


@given(
    st.lists(st.integers(0, 500), unique=True, max_size=40),
    st.integers(1, 7),
    st.sampled_from(["asc", "desc"]),
)
def test_pages_cover_everything_once(numbers: list[int], limit: int, order: Order) -> None:
    """Following the cursors visits every item once, in order, and ends."""
    seen: list[int] = []
    page: str | None = None
    while True:
        cut, page, _ = page_of(numbers, lambda n: f"{n:06d}", limit=limit, page=page, order=order)
        seen += cut
        if page is None:
            break
    assert seen == sorted(numbers, reverse=order == "desc")


def test_the_previous_page_leads_back() -> None:
    """`prev_page` of the second page is the first page."""
    items = [f"{n}" for n in range(6)]
    first, after, none = page_of(items, str, limit=2, page=None, order="asc")
    _, _, before = page_of(items, str, limit=2, page=after, order="asc")
    again, _, _ = page_of(items, str, limit=2, page=before, order="asc")
    assert (first, none) == (again, None)


def test_a_cursor_is_bound_to_its_order() -> None:
    """A cursor used with the other order is refused, as the service does."""
    _, after, _ = page_of(["a", "b"], str, limit=1, page=None, order="asc")
    with pytest.raises(ApiError, match="page token order does not match request"):
        page_of(["a", "b"], str, limit=1, page=after, order="desc")


@pytest.mark.parametrize("page", ["page_???", "page_e30", "nonsense", "page_WzFd"])
def test_a_made_up_cursor_is_refused(page: str) -> None:
    """A cursor is opaque: what was not handed out is not accepted."""
    with pytest.raises(ApiError, match="invalid page cursor"):
        page_of(["a"], str, limit=1, page=page, order="asc")


def test_ids_repeat_by_seed_only() -> None:
    """Equal seeds give equal ids in turn; another seed gives others."""
    one, two, other = Ids("s"), Ids("s"), Ids("t")
    first = one.new("sesn")
    assert first == two.new("sesn") != other.new("sesn")
    assert first.startswith("sesn_01")
    assert one.new("sesn") != first


def test_instants_are_written_in_utc_with_z() -> None:
    """Any zone comes out as RFC 3339 in UTC; a bound without a zone is taken as UTC."""
    berlin = datetime(2026, 6, 12, 9, 0, tzinfo=timezone(timedelta(hours=2)))
    assert stamp(berlin) == "2026-06-12T07:00:00.000000Z"
    assert bound(berlin.astimezone(UTC).replace(tzinfo=None)) == stamp(berlin)
    assert bound(None) is None
