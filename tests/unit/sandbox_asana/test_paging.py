"""Paging: limit, offsets, next_page."""

from typing import Any

import pytest

from tests.unit.sandbox_asana.worlds import FIRST, SECOND, TEAM, Api

TASKS = f"/projects/{TEAM}/tasks"
INVALID = "offset: Your pagination token is invalid."


def _pages(api: Api, **query: Any) -> list[list[str]]:
    pages: list[list[str]] = []
    offset: dict[str, str] = {}
    while True:
        body = api.get(TASKS, **query, **offset).body
        pages.append([task["gid"] for task in body["data"]])
        if body["next_page"] is None:
            return pages
        offset = {"offset": body["next_page"]["offset"]}


def test_pages_follow_each_other_to_the_end(api: Api) -> None:
    """Every task comes once, the last page has no next."""
    pages = _pages(api, limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({gid for page in pages for gid in page}) == 5


def test_without_limit_there_is_no_next_page(api: Api) -> None:
    """The key exists only where limit was sent."""
    assert set(api.get(TASKS).body) == {"data"}


def test_a_full_last_page_has_no_next(api: Api) -> None:
    """When the limit is met exactly there is nothing more."""
    assert api.get(TASKS, limit=5).body["next_page"] is None


def test_the_next_address_is_of_this_server(api: Api) -> None:
    """The uri starts with the simulator's own base URL, the path does not."""
    following = api.get(TASKS, limit=2, completed_since="now").body["next_page"]
    assert following["uri"] == api.world.base_url + following["path"]
    assert following["path"].startswith(f"{TASKS}?limit=2&completed_since=now&offset=")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", ""])
def test_a_limit_outside_1_to_100_is_a_400(api: Api, limit: str) -> None:
    """No other number of results can be asked for."""
    reply = api.get(TASKS, limit=limit)
    assert (reply.status, reply.body["errors"][0]["message"][:6]) == (400, "limit:")


def test_an_offset_belongs_to_its_query(api: Api) -> None:
    """With another filter, another limit or another path it is invalid."""
    offset = api.get(TASKS, limit=2).body["next_page"]["offset"]
    asked: list[tuple[str, dict[str, Any]]] = [
        (TASKS, {"limit": 3}),
        (TASKS, {"limit": 2, "completed_since": "now"}),
        ("/users", {"limit": 2}),
    ]
    for path, query in asked:
        reply = api.get(path, offset=offset, **query)
        assert (reply.status, reply.body["errors"][0]["message"]) == (400, INVALID)


def test_an_offset_needs_a_limit(api: Api) -> None:
    """Alone it is invalid."""
    offset = api.get(TASKS, limit=2).body["next_page"]["offset"]
    assert api.get(TASKS, offset=offset).status == 400


def test_offsets_expire(api: Api) -> None:
    """An expired offset is refused, a new one is another."""
    old = api.get(TASKS, limit=2).body["next_page"]["offset"]
    api.world.pages.expire()
    assert api.get(TASKS, limit=2, offset=old).body["errors"][0]["message"] == INVALID
    assert api.get(TASKS, limit=2).body["next_page"]["offset"] != old


def test_a_page_is_no_snapshot(api: Api) -> None:
    """A task that moves up between two pages comes twice."""
    first = api.get(TASKS, limit=2).body
    api.write("POST", "/sections/71/addTask", task=FIRST)
    second = api.get(TASKS, limit=2, offset=first["next_page"]["offset"]).body
    assert SECOND in [task["gid"] for task in first["data"]]
    assert {t["gid"] for t in first["data"]} & {t["gid"] for t in second["data"]}


def test_a_large_result_needs_paging(api: Api) -> None:
    """Past the threshold a list without limit is refused."""
    api.world.switches.unpaged_max = 4
    reply = api.get(TASKS)
    assert reply.status == 400
    assert reply.body["errors"][0]["message"].startswith("The result is too large.")
    assert api.get(TASKS, limit=100).status == 200
