"""Rights, found out by reading: each refusal names the scope that is missing, and nothing is written."""

import pytest

from facilitator.board.snapshot import ProjectGid
from facilitator.errors import TrackerError
from tests.unit.asana.fake import FakeAsana, ok, refused

pytestmark = pytest.mark.anyio
HARBOUR = ProjectGid("77")
READS = ("projects/77/sections", "projects/77/tasks", "tasks/11/stories", "status_updates", "attachments")


def open_asana() -> FakeAsana:
    """An Asana that lets everything be read."""
    asana = FakeAsana()
    for path in READS:
        asana.on(f"GET /{path}", ok([{"gid": "11"}]))
    return asana


async def lacking(asana: FakeAsana) -> list[str]:
    """The suggestions of what is refused."""
    return [one.suggestion for one in await asana.tracker().rights(HARBOUR, status=True, files=True)]


async def test_a_token_with_every_right_is_refused_nothing() -> None:
    """One record of each kind is read; nothing is sent but GETs."""
    asana = open_asana()
    assert await lacking(asana) == []
    assert {request.method for request in asana.requests} == {"GET"}
    assert {request.url.params["limit"] for request in asana.requests} == {"1"}


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("projects/77/sections", "`project_sections:read`"),
        ("projects/77/tasks", "`tasks:read`"),
        ("tasks/11/stories", "`stories:read`"),
        ("status_updates", "`default`"),
        ("attachments", "`attachments:read`"),
    ],
)
async def test_a_missing_scope_is_named(path: str, scope: str) -> None:
    """A 403 to one read says which scope an app's token lacks."""
    told = await lacking(open_asana().on(f"GET /{path}", refused(403)))
    assert scope in told[0]


async def test_trouble_that_passes_is_no_missing_right() -> None:
    """A server that is down has refused nobody."""
    with pytest.raises(TrackerError, match="503"):
        await lacking(open_asana().on("GET /projects/77/tasks", refused(503)))
