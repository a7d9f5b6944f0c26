"""Action tasks, status updates and attachments: sent once as approved, and found again by what they carry."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import httpx
import pytest

from facilitator.asana import AsanaTracker
from facilitator.board.snapshot import ProjectGid, TaskGid
from facilitator.errors import TrackerError
from facilitator.runs.ports import NewTask
from tests.unit.asana.fake import FakeAsana, ok, refused

pytestmark = pytest.mark.anyio
TASK, HARBOUR = TaskGid("11"), ProjectGid("77")
MARKER = "ref retro/2026-06-10/harbour#1"
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
SECTIONS = ({"gid": "71", "name": "To do"}, {"gid": "72", "name": "Process improvement"})
ACTION = NewTask("Limit work in progress", f"why\n{MARKER}", "501", date(2026, 6, 24), "Process improvement")

Write = Callable[[AsanaTracker], Awaitable[object]]
WRITES: dict[str, Write] = {
    "/tasks": lambda tracker: tracker.create_task(HARBOUR, NewTask("Limit")),
    "/status_updates": lambda tracker: tracker.post_status(HARBOUR, "at_risk", "Weekly", "text"),
    "/attachments": lambda tracker: tracker.attach(TASK, "burndown.png", PNG),
}
every_write = pytest.mark.parametrize("path", WRITES)


def record(gid: str, **more: Any) -> dict[str, Any]:
    """Something of ours, as a list answers it."""
    return {"gid": gid, "created_at": "2026-06-10T09:00:00.000Z", "created_by": {"gid": "500"}, **more}


def bot() -> FakeAsana:
    """An Asana that knows us as user 500."""
    return FakeAsana().on("GET /users/me", ok({"gid": "500", "name": "Bot"}))


async def made(task: NewTask, *sections: Any) -> dict[str, Any]:
    """What was sent for a task, over a project with these sections."""
    asana = FakeAsana().on("GET /projects/77/sections", ok(list(sections)))
    asana.on("POST /tasks", ok({"gid": "12"}, status=201))
    assert await asana.tracker().create_task(HARBOUR, task) == "12"
    sent: dict[str, Any] = asana.sent()["data"]
    return sent


async def test_an_action_carries_everything_that_was_approved() -> None:
    """Name, notes, owner, day and section; `projects` too, for Asana wants one place named besides a membership."""
    assert await made(ACTION, *SECTIONS) == {
        "name": "Limit work in progress",
        "projects": ["77"],
        "memberships": [{"project": "77", "section": "72"}],
        "notes": f"why\n{MARKER}",
        "assignee": "501",
        "due_on": "2026-06-24",
    }


@pytest.mark.parametrize(
    "name", ["process IMPROVEMENT", "  Process improvement ", "Process\u00a0improvement"]
)
async def test_a_section_is_found_as_people_write_it(name: str) -> None:
    """Letter case and blanks do not count; of two of the name the first on the board is taken."""
    sent = await made(ACTION, {"gid": "70", "name": name}, *SECTIONS)
    assert sent["memberships"] == [{"project": "77", "section": "70"}]


@pytest.mark.parametrize(
    "section",
    [{"gid": "72", "name": "Process improvements"}, {"gid": "72", "name": None}, {"gid": "72", "name": 5},
     {"name": "Process improvement"}, {}],
)  # fmt: skip
async def test_without_its_section_a_task_goes_to_the_project(section: dict[str, Any]) -> None:
    """A section renamed or unreadable must not cost the action: the default section takes it."""
    sent = await made(ACTION, section)
    assert (sent["projects"], "memberships" in sent) == (["77"], False)


async def test_sections_are_not_read_for_a_task_that_wants_none() -> None:
    """A ceremony's own task stands in no particular section: one call, not two."""
    asana = FakeAsana().on("POST /tasks", ok({"gid": "12"}, status=201))
    await asana.tracker().create_task(HARBOUR, NewTask("Stand-up"))
    assert asana.calls() == ["POST /tasks"]


async def marked(*tasks: Any) -> str | None:
    """The task that is found among these."""
    asana = bot().on("GET /projects/77/tasks", ok(list(tasks)))
    return await asana.tracker().find_marked_task(HARBOUR, MARKER)


async def test_a_done_action_is_found_too() -> None:
    """Somebody was quick: the filter that leaves out done tasks must not be used, or it would be made again."""
    asana = bot().on("GET /projects/77/tasks", ok([record("1", completed=True, notes=MARKER)]))
    assert await asana.tracker().find_marked_task(HARBOUR, MARKER) == "1"
    assert "completed_since" not in asana.requests[-1].url.params


async def test_of_copies_the_oldest_task_is_ours() -> None:
    """A person who duplicates a task duplicates its notes; at one instant the smaller gid is the older."""
    copy = record("2", notes=MARKER, created_at="2026-06-11T09:00:00Z")
    assert await marked(copy, record("100", notes=f"x\n{MARKER}"), record("99", notes=MARKER)) == "99"


@pytest.mark.parametrize(
    "notes", [f"see {MARKER}", MARKER + "0", MARKER.removesuffix("1"), f"> {MARKER}", "", None, 7, ["x"]]
)
async def test_a_task_without_the_whole_line_is_not_ours(notes: object) -> None:
    """#1 begins #10, people quote, and a record of a wrong form is somebody else's trouble."""
    assert await marked(record("1", notes=notes)) is None


@pytest.mark.parametrize("by", [{"gid": "501"}, None, "500", {}])
async def test_a_task_that_somebody_else_marked_is_not_ours(by: object) -> None:
    """A marker can be guessed: who makes a task with it beforehand must not keep ours from being made."""
    assert await marked(record("1", notes=MARKER, created_by=by), record("2", notes=MARKER)) == "2"


@pytest.mark.parametrize("broken", [{"created_at": None}, {"created_at": "yesterday"}, {"gid": None}])
async def test_a_task_of_ours_that_cannot_be_read_is_an_error(broken: dict[str, Any]) -> None:
    """Passing over it would mean making a second one."""
    with pytest.raises(TrackerError, match="one of ours has") as caught:
        await marked({**record("1", notes=MARKER), **broken})
    assert caught.value.retryable


async def test_all_pages_of_tasks_are_looked_through() -> None:
    """An action may stand last in a project of thousands."""
    asana = bot()
    asana.on("GET /projects/77/tasks", ok([record("1")], offset="a"), ok([record("2", notes=MARKER)]))
    assert await asana.tracker().find_marked_task(HARBOUR, MARKER) == "2"


async def status(*updates: Any) -> str | None:
    """The status update that is found among these, as user 500."""
    asana = FakeAsana().on("GET /users/me", ok({"gid": "500", "name": "Bot"}))
    asana.on("GET /status_updates", ok(list(updates)))
    found = await asana.tracker().find_status(HARBOUR, MARKER)
    assert asana.requests[-1].url.params["parent"] == "77"
    return found


def update(gid: str, **more: Any) -> dict[str, Any]:
    return record(gid, **{"author": {"gid": "500"}, "text": f"All calm\n{MARKER}"} | more)


async def test_our_oldest_marked_status_update_is_found() -> None:
    """Asana lists the newest first; ours is the first that was written."""
    assert await status(update("3", created_at="2026-06-11T09:00:00Z"), update("2"), update("10")) == "2"


@pytest.mark.parametrize(
    "other",
    [{"author": {"gid": "501"}}, {"author": None}, {"author": "500"}, {"text": f"as in {MARKER}"}, {"text": None}],
)  # fmt: skip
async def test_another_status_update_is_not_ours(other: dict[str, Any]) -> None:
    """Only our own and only the whole line: people copy our text into theirs."""
    assert await status(update("2", **other)) is None


@pytest.mark.parametrize("look", ["find_marked_task", "find_status"])
async def test_an_empty_marker_is_a_mistake(look: str) -> None:
    """It would be found wherever there is a blank line, and nothing would ever be written."""
    asana = FakeAsana().on("GET /users/me", ok({"gid": "500", "name": "Bot"}))
    with pytest.raises(ValueError, match="empty marker"):
        await getattr(asana.tracker(), look)(HARBOUR, " ")


@pytest.mark.parametrize("kind", ["on_track", "at_risk", "off_track", "on_hold", "complete"])
async def test_a_status_update_is_sent_as_approved(kind: str) -> None:
    """Its type in Asana's own word, title and text as they were."""
    asana = FakeAsana().on("POST /status_updates", ok({"gid": "41"}, status=201))
    assert await asana.tracker().post_status(HARBOUR, kind, "Weekly", f"a < b & c\n{MARKER}") == "41"
    wanted = {"parent": "77", "status_type": kind, "title": "Weekly", "text": f"a < b & c\n{MARKER}"}
    assert asana.sent() == {"data": wanted}


async def attachment(*found: Any) -> str | None:
    """The attachment called burndown.png among these."""
    asana = FakeAsana().on("GET /attachments", ok(list(found)))
    gid = await asana.tracker().find_attachment(TASK, "burndown.png")
    assert asana.requests[0].url.params["parent"] == "11"
    return gid


async def test_an_attachment_is_found_by_its_exact_name() -> None:
    """The oldest of the name; another letter case is another file."""
    later = record("4", name="burndown.png", created_at="2026-06-11T09:00:00Z")
    assert await attachment(later, record("3", name="Burndown.png"), record("9", name="burndown.png")) == "9"
    assert await attachment(record("3", name="burndown.png.png"), record("4", name=None)) is None


async def test_a_file_is_uploaded_as_a_form_with_its_task() -> None:
    """Asana takes files only so; the bytes arrive unharmed and the JSON content type is not claimed."""
    asana = FakeAsana().on("POST /attachments", ok({"gid": "51"}))
    assert await asana.tracker().attach(TASK, "burndown.png", PNG) == "51"
    request = asana.requests[0]
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    for part in (b'name="parent"\r\n\r\n11\r\n', b'name="file"; filename="burndown.png"', b"image/png", PNG):
        assert part in request.content


@every_write
@pytest.mark.parametrize(
    "lost", [refused(500), refused(504), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")]
)
async def test_a_write_whose_answer_is_lost_is_in_doubt_and_sent_once(
    path: str, lost: httpx.Response | Exception
) -> None:
    """Whether to send again is the caller's to decide, after looking."""
    asana = FakeAsana().on(f"POST {path}", lost)
    with pytest.raises(TrackerError) as caught:
        await WRITES[path](asana.tracker())
    assert (caught.value.in_doubt, caught.value.retryable) == (True, True)
    assert asana.calls() == [f"POST {path}"]


@every_write
@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), ok([]), ok({}), ok({"gid": 5})])
async def test_an_answer_that_names_nothing_is_in_doubt(path: str, answer: httpx.Response) -> None:
    """A success without a gid: it was probably made, and looking will tell."""
    with pytest.raises(TrackerError, match="could not be understood") as caught:
        await WRITES[path](FakeAsana().on(f"POST {path}", answer).tracker())
    assert caught.value.in_doubt


@every_write
@pytest.mark.parametrize("status", [400, 402, 403, 404])
async def test_a_refusal_is_final_and_certain(path: str, status: int) -> None:
    """Nothing was done, and asking again would not help."""
    asana = FakeAsana().on(f"POST {path}", refused(status))
    with pytest.raises(TrackerError) as caught:
        await WRITES[path](asana.tracker())
    assert (caught.value.in_doubt, caught.value.retryable, len(asana.requests)) == (False, False, 1)


@every_write
async def test_a_rate_limit_is_waited_out(path: str) -> None:
    """429 says that nothing was done: the same write goes out again after the wait that was asked for."""
    asana = FakeAsana().on(f"POST {path}", refused(429, Retry_After="7"), ok({"gid": "12"}, status=201))
    await WRITES[path](asana.tracker())
    assert asana.time.slept >= 7
    assert asana.calls() == [f"POST {path}"] * 2


@pytest.mark.parametrize("gid", ["77/../88", "", "77?x=1", "７７"])
async def test_nothing_is_sent_to_what_is_no_gid(gid: str) -> None:
    """Gids come from people's files; one that could lead elsewhere stops before the wire."""
    asana = FakeAsana()
    writes: tuple[Write, ...] = (
        lambda tracker: tracker.create_task(ProjectGid(gid), ACTION),
        lambda tracker: tracker.post_status(ProjectGid(gid), "at_risk", "x", "y"),
        lambda tracker: tracker.attach(TaskGid(gid), "x.png", PNG),
    )
    for write in writes:
        with pytest.raises(TrackerError, match="is not a gid"):
            await write(asana.tracker())
    assert not asana.requests
