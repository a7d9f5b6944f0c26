"""One task as it stands, and one change of it: in two calls at most, each sent once and never later than now."""

from __future__ import annotations

import pytest

from facilitator.board.snapshot import FieldGid, ProjectGid, SectionGid, TaskGid
from facilitator.board.wishes import Edit
from facilitator.errors import TrackerError
from tests.unit.asana.fake import FakeAsana, ok, refused, task

pytestmark = pytest.mark.anyio
TASK, OURS = TaskGid("11"), ProjectGid("77")
FLAG = FieldGid("81")


def there(**more: object) -> FakeAsana:
    asana = FakeAsana().on("GET /projects/77/sections", ok([{"gid": "71", "name": "To do"}]))
    memberships = [
        {"project": {"gid": "88"}, "section": {"gid": "99"}},
        {"project": {"gid": "77"}, "section": {"gid": "71"}},
    ]
    field = {"gid": "81", "resource_subtype": "enum", "enum_value": {"gid": "811"}}
    return asana.on("GET /tasks/11", ok(task("11", memberships=memberships, custom_fields=[field], **more)))


async def test_a_task_is_read_as_our_board_sees_it() -> None:
    """Its section in the project that is asked for, its fields, and no history."""
    asana = there(modified_at="2026-06-10T07:00:00.000Z")
    found = await asana.tracker().read_task(OURS, TASK)
    assert found is not None
    assert (found.section, found.fields, found.stories_read) == ("71", {"81": "811"}, False)
    assert asana.calls() == ["GET /projects/77/sections", "GET /tasks/11"]


async def test_a_task_that_is_gone_is_none() -> None:
    """Deleted or hidden; any other refusal is raised."""
    asana = FakeAsana().on("GET /projects/77/sections", ok([])).on("GET /tasks/11", refused(404))
    assert await asana.tracker().read_task(OURS, TASK) is None
    with pytest.raises(TrackerError, match="403"):
        await (
            FakeAsana()
            .on("GET /projects/77/sections", ok([]))
            .on("GET /tasks/11", refused(403))
            .tracker()
            .read_task(OURS, TASK)
        )


async def test_tick_and_fields_go_together_and_the_section_after_them() -> None:
    """Only what is named is sent."""
    asana = FakeAsana().on("PUT /tasks/11", ok({"gid": "11"})).on("POST /sections/71/addTask", ok({}))
    await asana.tracker().amend_task(TASK, Edit(SectionGid("71"), completed=False, fields={FLAG: None}))
    assert asana.calls() == ["PUT /tasks/11", "POST /sections/71/addTask"]
    await asana.tracker().amend_task(TASK, Edit(completed=True))
    assert asana.calls()[2:] == ["PUT /tasks/11"]
    assert asana.sent() == {"data": {"completed": True}}


@pytest.mark.parametrize(("status", "in_doubt"), [(500, True), (429, False), (403, False)])
async def test_a_change_is_never_sent_later_than_now(status: int, in_doubt: bool) -> None:
    """After a wait what was read before is stale: whoever asked looks again and decides anew."""
    asana = FakeAsana().on("PUT /tasks/11", refused(status))
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().amend_task(TASK, Edit(completed=True))
    assert len(asana.calls("PUT")) == 1
    assert caught.value.in_doubt is in_doubt
    assert caught.value.retryable is (status != 403)
