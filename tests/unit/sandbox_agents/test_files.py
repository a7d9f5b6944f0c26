"""Files: uploads, mounted copies, deliverables and their lag."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from facilitator.sandbox.agents.files import Container, mount_point
from facilitator.sandbox.agents.wire import ApiError
from tests.unit.sandbox_agents.world import FACTS, HEADERS, NO_LAG, Json, MakeWorld, World

pytestmark = pytest.mark.anyio


async def upload(world: World, **form: Any) -> Json:
    answer = await world.client.post("/v1/files", headers=HEADERS, **form)
    found: Json = {"status": answer.status_code, **answer.json()}
    return found


async def test_an_upload_is_described_and_keeps_only_its_name(world: World) -> None:
    """Folders in the name are dropped; uploads cannot be downloaded."""
    file = await upload(world, files={"file": ("a/b\\facts.json", b"{}", "application/json")})
    assert (file["filename"], file["mime_type"], file["size_bytes"]) == ("facts.json", "application/json", 2)
    assert (file["downloadable"], file["scope"], file["expires_at"]) == (False, None, None)
    await world.get(f"/v1/files/{file['id']}/content", expect=400)
    assert (await world.get(f"/v1/files/{file['id']}"))["id"] == file["id"]


@pytest.mark.parametrize(
    "form",
    [
        {"data": {"file": "just text"}},
        {"data": {"purpose": "x"}, "files": {"file": ("a", b"")}},
        {"data": {"expires_in_seconds": "60"}, "files": {"file": ("a", b"")}},
        {"data": {"expires_in_seconds": "soon"}, "files": {"file": ("a", b"")}},
        {"content": b"no form"},
    ],
)
async def test_a_faulty_upload_is_refused(world: World, form: Json) -> None:
    """One file part, no unknown parts, a lifetime within bounds."""
    assert (await upload(world, **form))["status"] == 400
    assert world.state.files == {}


async def test_a_lifetime_is_kept(world: World) -> None:
    """expires_at is the upload plus the seconds asked for."""
    file = await upload(world, data={"expires_in_seconds": "3600"}, files={"file": ("a.txt", b"x")})
    assert file["expires_at"] == "2026-06-12T08:00:00.000000Z"


async def test_a_deleted_file_is_gone(world: World) -> None:
    """Deleting answers the id; a second time it is a 404."""
    file_id = await world.upload("{}")
    assert await world.send("DELETE", f"/v1/files/{file_id}") == {"id": file_id, "type": "file_deleted"}
    await world.send("DELETE", f"/v1/files/{file_id}", expect=404)


async def test_a_session_lists_its_deliverable_and_its_mounted_copy(world: World) -> None:
    """The copy has a new id and cannot be downloaded; the deliverable can."""
    session = await world.begin(FACTS)
    await world.finish(session)
    listed = await world.get("/v1/files", scope_id=session.id)
    by_name = {item["filename"]: item for item in listed["data"]}
    assert {name: item["downloadable"] for name, item in by_name.items()} == {
        "draft.json": True,
        "facts.json": False,
    }
    assert by_name["draft.json"]["scope"] == {"type": "session", "id": session.id}
    raw = await world.client.get(f"/v1/files/{by_name['draft.json']['id']}/content", headers=HEADERS)
    assert json.loads(raw.content)["format"] == "draft/1"
    assert listed["has_more"] is False


async def test_uploads_and_deliverables_are_listed_apart(world: World) -> None:
    """Without a scope only uploads are shown; `ids` finds any file."""
    session = await world.begin(FACTS)
    await world.finish(session)
    uploads = (await world.get("/v1/files"))["data"]
    assert [item["scope"] for item in uploads] == [None]
    scoped = (await world.get("/v1/files", scope_id=session.id))["data"]
    found = await world.send("GET", f"/v1/files?ids[]={scoped[0]['id']}&ids[]=file_none")
    assert [item["id"] for item in found["data"]] == [scoped[0]["id"]]


async def test_deliverables_are_listed_after_a_lag(make_world: MakeWorld) -> None:
    """The first look after the idle finds nothing yet."""
    world = make_world(settings=replace(NO_LAG, file_lag_s=3600))
    session = await world.begin(FACTS)
    await world.finish(session)
    names = [item["filename"] for item in (await world.get("/v1/files", scope_id=session.id))["data"]]
    assert names == ["facts.json"]


async def test_a_later_turn_keeps_the_id_and_changes_the_bytes(world: World) -> None:
    """A deliverable that is written again is the same file with new content."""
    session = await world.begin(FACTS)
    await world.finish(session)
    (before,) = [file for file in world.state.files.values() if file.downloadable]
    session.container.write("/mnt/session/outputs/draft.json", "new")
    await world.tell(session, {"type": "user.message", "content": [{"type": "text", "text": "again"}]})
    await world.finish(session)
    (after,) = [file for file in world.state.files.values() if file.downloadable]
    assert (after.id, after.content) == (before.id, b"new")


def test_outputs_are_listed_flat() -> None:
    """A file in a folder is listed by its last name, as seen hosted, so names can collide."""
    container = Container()
    container.write("/mnt/session/outputs/a/child.txt", "1")
    container.write("/mnt/session/outputs/b/child.txt", "2")
    container.write("/mnt/session/notes.txt", "not an output")
    assert container.outputs() == {"child.txt": b"2"}


def test_mounted_files_are_read_only() -> None:
    """The truth cannot be rewritten from inside."""
    container = Container()
    container.mount("/mnt/session/uploads/facts.json", b"{}")
    assert "read-only" in str(container.write("/mnt/session/uploads/facts.json", "x"))
    assert container.read("/mnt/session/uploads/facts.json") == "{}"
    assert container.read("/mnt/nothing") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (None, "/mnt/session/uploads/file_1"),
        ("facts.json", "/mnt/session/uploads/facts.json"),
        ("/facts.json", "/mnt/session/uploads/facts.json"),
        ("/mnt/session/uploads/facts.json", "/mnt/session/uploads/mnt/session/uploads/facts.json"),
    ],
)
def test_paths_are_rooted_under_uploads(path: str | None, expected: str) -> None:
    """A leading slash is stripped, so a full path ends up twice as deep: name the file only."""
    assert mount_point("file_1", path) == expected


def test_no_path_leaves_uploads() -> None:
    """`..` is a 400, not a surprise."""
    with pytest.raises(ApiError, match="uploads"):
        mount_point("file_1", "../../etc/passwd")
