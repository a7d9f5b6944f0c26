"""Approval tasks over the wire: what is sent, what is understood, and what must never be passed over."""

from datetime import UTC, datetime
from typing import Any

import pytest

from facilitator.board.snapshot import TaskGid, UserGid
from facilitator.errors import TrackerError
from facilitator.runs.approval_board import AnswerKind, ApprovalRequest
from tests.unit.asana.fake import FakeAsana, ok, refused

pytestmark = pytest.mark.anyio
HOME, QUESTION, MARKER = TaskGid("11"), TaskGid("21"), "ref standup/x/harbour/abc"
DUE = datetime(2026, 6, 11, 9, 0, tzinfo=UTC)
WANTED = ApprovalRequest("[AI Proposal] Stand-up", f"words\n{MARKER}", (UserGid("901"), UserGid("903")), DUE)


def subtask(
    gid: str, at: str = "2026-06-10T09:00:00.000Z", notes: str = f"words\n{MARKER}"
) -> dict[str, Any]:
    return {"gid": gid, "created_at": at, "notes": notes}


def story(gid: str, kind: str, by: str | None, **more: Any) -> dict[str, Any]:
    return {
        "gid": gid, "type": "system", "resource_subtype": kind, "created_at": f"2026-06-10T09:0{gid}:00.000Z",
        "created_by": {"gid": by, "name": "Alice"} if by else None, **more,
    }  # fmt: skip


async def test_a_question_carries_its_people_and_its_end() -> None:
    """Of the subtype approval, for the first approver, followed by the others, due at the instant it expires."""
    asana = FakeAsana().on("POST /tasks/11/subtasks", ok(subtask("21"), status=201))
    assert await asana.tracker().create_approval(HOME, WANTED) == QUESTION
    assert asana.sent()["data"] == {
        "name": "[AI Proposal] Stand-up",
        "notes": f"words\n{MARKER}",
        "resource_subtype": "approval",
        "assignee": "901",
        "followers": ["903"],
        "due_at": "2026-06-11T09:00:00.000Z",
    }


async def test_a_creation_of_unknown_fate_is_in_doubt() -> None:
    """Sent once; who asked looks before asking again."""
    asana = FakeAsana().on("POST /tasks/11/subtasks", refused(500))
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().create_approval(HOME, WANTED)
    assert caught.value.in_doubt


async def test_the_oldest_question_with_the_whole_marker_is_found() -> None:
    """Another draft's marker, or a quotation of ours, is none."""
    found = [
        subtask("30", notes=f"quoting {MARKER}"),
        subtask("29", notes=f"{MARKER}d"),
        subtask("23", at="2026-06-10T09:00:05.000Z"),
        subtask("22"),
    ]
    asana = FakeAsana().on("GET /tasks/11/subtasks", ok(found))
    assert await asana.tracker().find_approval(HOME, MARKER) == "22"


async def test_a_question_of_ours_that_cannot_be_read_is_an_error() -> None:
    """Passing over it would mean asking twice."""
    asana = FakeAsana().on("GET /tasks/11/subtasks", ok([subtask("22", at="soon")]))
    with pytest.raises(TrackerError, match="one of ours"):
        await asana.tracker().find_approval(HOME, MARKER)


async def test_the_status_is_read_and_never_completed() -> None:
    """A refusal completes an approval too."""
    record = {"gid": "21", "approval_status": "rejected", "completed": True, "notes": "n", "modified_at": "m"}
    asana = FakeAsana().on("GET /tasks/21", ok({**record, "completed_by": {"gid": "901"}}))
    seen = await asana.tracker().read_approval(QUESTION)
    assert seen is not None
    assert (seen.status, seen.completed_by, seen.notes, seen.modified) == ("rejected", "901", "n", "m")
    assert "completed," not in str(asana.requests[-1].url)


async def test_a_question_that_is_gone_is_nothing() -> None:
    """404 means deleted or not shared; neither can be answered."""
    assert await FakeAsana().on("GET /tasks/21", refused(404)).tracker().read_approval(QUESTION) is None


async def test_answers_are_told_apart_and_ours_are_marked() -> None:
    """Comments, statuses and changed notes, by whom and when; other stories are no answers; a lost author is nobody."""
    stories = [
        story("3", "approval_status_changed", "901", new_approval_status="approved"),
        story("1", "comment_added", "901", type="comment", text="approve"),
        story("2", "notes_changed", None),
        story("4", "assigned", "901"),
        story("5", "comment_added", "999", type="comment", text="reply"),
    ]
    asana = FakeAsana().on("GET /users/me", ok({"gid": "999", "name": "Bot"}))
    asana.on("GET /tasks/21/stories", ok(stories))
    found = await asana.tracker().list_answers(QUESTION)
    assert [(one.kind, one.by, one.text, one.ours) for one in found] == [
        (AnswerKind.SAID, "901", "approve", False),
        (AnswerKind.NOTES_CHANGED, None, "", False),
        (AnswerKind.ANSWERED, "901", "approved", False),
        (AnswerKind.SAID, "999", "reply", True),
    ]


async def test_setting_is_tried_again_for_it_gives_the_same() -> None:
    """A PUT of one value twice is one change."""
    asana = FakeAsana().on("PUT /tasks/21", refused(503), ok({"gid": "21"}))
    await asana.tracker().set_approval(QUESTION, status="pending")
    assert [request.method for request in asana.requests] == ["PUT", "PUT"]


async def test_the_approval_field_says_what_was_chosen_and_by_whom() -> None:
    """Its name in any letter case; the latest change to the present option counts."""
    field = {"gid": "620", "name": " report", "enum_value": {"gid": "621", "name": "Approved"}}
    changes = [
        story(
            gid, "enum_custom_field_changed", by, custom_field={"gid": "620"}, new_enum_value={"gid": option}
        )
        for gid, by, option in (("1", "901", "621"), ("2", "902", "622"), ("3", "903", "621"))
    ]
    asana = FakeAsana().on("GET /users/me", ok({"gid": "999", "name": "Bot"}))
    asana.on("GET /tasks/11", ok({"gid": "11", "custom_fields": [field]}))
    asana.on("GET /tasks/11/stories", ok(changes))
    found = await asana.tracker().read_field(HOME, "Report")
    assert found is not None
    assert (found.key, found.field, found.option, found.by) == ("3", "620", "Approved", "903")


@pytest.mark.parametrize("fields", [[], [{"gid": "620", "name": "Report", "enum_value": None}]])
async def test_an_empty_or_missing_field_says_nothing(fields: list[dict[str, Any]]) -> None:
    """One call, and no history is read."""
    asana = FakeAsana().on("GET /users/me", ok({"gid": "999", "name": "Bot"}))
    asana.on("GET /tasks/11", ok({"gid": "11", "custom_fields": fields}))
    assert await asana.tracker().read_field(HOME, "Report") is None
