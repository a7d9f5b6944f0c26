"""Whole lists from pages."""

import httpx
import pytest

from facilitator.errors import TrackerError
from tests.unit.asana.fake import FakeAsana, ok, refused

pytestmark = pytest.mark.anyio
CALL = "GET /workspaces"


def named(*gids: str) -> list[dict[str, str]]:
    return [{"gid": gid, "name": f"W{gid}"} for gid in gids]


async def gids(asana: FakeAsana) -> list[str]:
    return [workspace.gid for workspace in await asana.tracker().workspaces()]


async def test_pages_are_read_to_the_end_by_offset() -> None:
    """Every request asks for 100; the next page's address, which names another host, is never followed."""
    asana = FakeAsana().on(CALL, ok(named("1", "2"), offset="a"), ok(named("3"), offset="b"), ok(named("4")))
    assert await gids(asana) == ["1", "2", "3", "4"]
    assert [request.url.params.get("offset") for request in asana.requests] == [None, "a", "b"]
    assert {request.url.params["limit"] for request in asana.requests} == {"100"}
    assert {request.url.host for request in asana.requests} == {"asana.example"}


async def test_short_and_empty_pages_are_not_the_end() -> None:
    """Only a missing next page ends a list: objects hidden from us leave holes."""
    asana = FakeAsana().on(
        CALL, ok([], offset="a"), ok(named("1"), offset="b"), ok([], offset="c"), ok(named("2"))
    )
    assert await gids(asana) == ["1", "2"]


async def test_an_object_met_twice_counts_once() -> None:
    """Paging is no snapshot: what moved between pages comes twice; the newer sight of it counts."""
    asana = FakeAsana().on(
        CALL, ok([{"gid": "1", "name": "old"}], offset="a"), ok([{"gid": "1", "name": "new"}, *named("2")])
    )
    found = await asana.tracker().workspaces()
    assert [(one.gid, one.name) for one in found] == [("1", "new"), ("2", "W2")]


async def test_an_expired_offset_starts_the_list_over() -> None:
    """Offsets expire because data moves: what was read so far is thrown away and read again."""
    asana = FakeAsana().on(
        CALL,
        ok(named("1", "2"), offset="a"),
        refused(400, "offset: expired"),
        ok(named("2"), offset="b"),
        ok(named("3")),
    )
    assert await gids(asana) == ["2", "3"]


async def test_a_list_is_started_over_only_once() -> None:
    """A list too long to be read also ends in 400: going round for ever would help nobody."""
    asana = FakeAsana().on(
        CALL, ok(named("1"), offset="a"), refused(400), ok(named("1"), offset="a"), refused(400, "truncated")
    )
    with pytest.raises(TrackerError, match="400 \\(truncated\\)"):
        await gids(asana)
    assert len(asana.requests) == 4


async def test_a_400_to_the_first_page_is_final() -> None:
    """Without an offset a 400 is about the request itself."""
    asana = FakeAsana().on(CALL, refused(400, "bad"))
    with pytest.raises(TrackerError, match="bad"):
        await gids(asana)
    assert len(asana.requests) == 1


async def test_other_refusals_of_a_later_page_are_passed_on() -> None:
    """A project unshared while it was read is a refusal, not an expired offset."""
    asana = FakeAsana().on(CALL, ok(named("1"), offset="a"), refused(403))
    with pytest.raises(TrackerError, match="403"):
        await gids(asana)


async def test_pages_that_lead_in_a_circle_end_in_an_error() -> None:
    """The same offset twice would never end."""
    asana = FakeAsana().on(CALL, ok(named("1"), offset="a"))
    with pytest.raises(TrackerError, match="circle"):
        await gids(asana)


@pytest.mark.parametrize("following", [{}, {"offset": 5}, {"offset": ""}, "x", True])
async def test_a_next_page_without_an_offset_is_an_error(following: object) -> None:
    """Half a list passed off as a whole one would be a wrong document."""
    asana = FakeAsana().on(CALL, httpx.Response(200, json={"data": named("1"), "next_page": following}))
    with pytest.raises(TrackerError, match="next page has no offset"):
        await gids(asana)


async def test_an_object_where_a_list_belongs_is_an_error() -> None:
    """A list call that answers an object answered something else."""
    with pytest.raises(TrackerError, match="a list was expected"):
        await gids(FakeAsana().on(CALL, ok({"gid": "1"})))


async def test_a_list_where_an_object_belongs_is_an_error() -> None:
    """And the other way round."""
    with pytest.raises(TrackerError, match="one object was expected"):
        await FakeAsana().on("GET /users/me", ok([])).tracker().me()


async def test_records_without_a_gid_do_not_hide_each_other() -> None:
    """Two broken records are two broken records; here they are left out."""
    asana = FakeAsana().on(CALL, ok([{"name": "x"}, 5, None, *named("1")]))
    assert await gids(asana) == ["1"]
