"""The sandbox profile: whatever is written, it is asked where it belongs, and only the test workspace is written in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from facilitator.asana import AsanaTracker, OutsideSandbox
from facilitator.board.snapshot import ProjectGid, SectionGid, TaskGid, UserGid
from facilitator.board.wishes import Edit
from facilitator.runs.approval_board import ApprovalRequest
from facilitator.runs.ports import NewTask
from tests.unit.asana.fake import FakeAsana, ok, refused

pytestmark = pytest.mark.anyio
TEST, LIVE = "500", "600"
PROJECT, TASK, BOB = ProjectGid("77"), TaskGid("11"), UserGid("9")


def home(workspace: str) -> FakeAsana:
    """Asana, where task and project are in this workspace."""
    asana = FakeAsana().on("GET /tasks/11", ok({"gid": "11", "workspace": {"gid": workspace}}))
    asana.on("GET /projects/77", ok({"gid": "77", "name": "Harbour", "workspace": {"gid": workspace}}))
    asana.on("GET /projects/11", refused(404)).on("GET /projects/77/sections", ok([]))
    return asana.on("GET /users/me", ok({"gid": "1", "name": "Bot"}))


WRITES: dict[str, Callable[[AsanaTracker], Awaitable[Any]]] = {
    "a comment": lambda tracker: tracker.post_comment(TASK, "<body>x</body>"),
    "a task": lambda tracker: tracker.create_task(PROJECT, NewTask("x")),
    "a private task": lambda tracker: tracker.create_private_task(PROJECT, BOB, NewTask("x")),
    "a status update": lambda tracker: tracker.post_status(PROJECT, "on_track", "x", "x"),
    "a picture": lambda tracker: tracker.attach(TASK, "x.png", b"x"),
    "an approval task": lambda tracker: tracker.create_approval(TASK, ApprovalRequest("x", "x")),
    "a status of one": lambda tracker: tracker.set_approval(TASK, status="approved"),
    "a tick": lambda tracker: tracker.amend_task(TASK, Edit(completed=True)),
    "a move": lambda tracker: tracker.amend_task(TASK, Edit(section=SectionGid("71"))),
}


@pytest.mark.parametrize("write", WRITES)
async def test_nothing_is_written_in_a_live_workspace(write: str) -> None:
    """Refused unsent, with both workspaces named and what to do."""
    asana = home(LIVE)
    with pytest.raises(OutsideSandbox, match=f"workspace {TEST} alone, and .* workspace {LIVE}") as caught:
        await WRITES[write](asana.tracker(workspace=TEST))
    assert [one for one in asana.calls() if not one.startswith("GET")] == []
    assert 'profile = "live"' in caught.value.suggestion
    assert not caught.value.retryable


async def test_the_test_workspace_is_written_in_and_asked_about_once() -> None:
    """A thing never leaves its workspace."""
    asana = home(TEST).on("PUT /tasks/11", ok({"gid": "11"}))
    tracker = asana.tracker(workspace=TEST)
    for _ in range(2):
        await tracker.set_approval(TASK, status="approved")
    assert asana.calls() == ["GET /tasks/11", "PUT /tasks/11", "PUT /tasks/11"]


async def test_reads_are_nobodys_business() -> None:
    """What may be read is the reach's question."""
    asana = home(LIVE)
    assert (await asana.tracker(workspace=TEST).project(PROJECT)).workspace == LIVE
    assert asana.calls() == ["GET /projects/77"]


async def test_without_a_workspace_nothing_is_asked() -> None:
    """Profile live costs no call."""
    asana = home(LIVE).on("PUT /tasks/11", ok({"gid": "11"}))
    await asana.tracker().set_approval(TASK, status="approved")
    assert asana.calls() == ["PUT /tasks/11"]
