"""A team's reach: what its calls may touch, what is learnt, and that everything else is refused before it leaves."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from facilitator.asana import AsanaTracker, OutOfReach, Reach
from facilitator.asana.refusals import About
from facilitator.asana.scopes import NEEDS, need_of
from facilitator.board.snapshot import ProjectGid, SectionGid, StoryGid, TaskGid, UserGid
from facilitator.board.wishes import Edit
from facilitator.errors import TrackerError
from facilitator.runs.ports import NewTask
from tests.unit.asana.fake import FakeAsana, ok, project, refused, story, task

pytestmark = pytest.mark.anyio
OURS, THEIRS = ProjectGid("77"), ProjectGid("88")
THEIR_TASK = TaskGid("99")
ME = ok({"gid": "500", "name": "Bot"})

Call = Callable[[AsanaTracker], Awaitable[Any]]


def held(asana: FakeAsana, **more: Any) -> AsanaTracker:
    return asana.tracker().within(Reach(frozenset({OURS}), **more))


FOREIGN: dict[str, Call] = {
    "reading a project": lambda tracker: tracker.project(THEIRS),
    "looking for a task": lambda tracker: tracker.find_task(THEIRS, "Stand-up"),
    "looking for a marked task": lambda tracker: tracker.find_marked_task(THEIRS, "ref x"),
    "making a task": lambda tracker: tracker.create_task(THEIRS, NewTask("Pay me")),
    "looking for a status": lambda tracker: tracker.find_status(THEIRS, "ref x"),
    "writing a status": lambda tracker: tracker.post_status(THEIRS, "on_track", "Fine", "Fine"),
    "listing every project": lambda tracker: tracker.projects("1"),
}


@pytest.mark.parametrize("call", FOREIGN)
async def test_a_foreign_project_is_refused_unsent(call: str) -> None:
    """Nothing about it leaves; the error says what was not asked and where to allow it."""
    asana = FakeAsana().on("GET /users/me", ME).on("GET /tasks/88", refused(404))
    with pytest.raises(OutOfReach, match="Asana was not asked to") as caught:
        await FOREIGN[call](held(asana))
    assert "facilitator.toml" in caught.value.suggestion
    assert not caught.value.retryable
    assert set(asana.calls()) <= {"GET /users/me", "GET /tasks/88"}


TASK_CALLS: dict[str, Call] = {
    "commenting": lambda tracker: tracker.post_comment(THEIR_TASK, "<body>hello</body>"),
    "looking for comments": lambda tracker: tracker.find_comments(THEIR_TASK, "ref x"),
    "attaching": lambda tracker: tracker.attach(THEIR_TASK, "x.png", b"x"),
    "looking for a picture": lambda tracker: tracker.find_attachment(THEIR_TASK, "x.png"),
}


@pytest.mark.parametrize("call", TASK_CALLS)
async def test_a_task_of_another_project_is_refused(call: str) -> None:
    """It is asked where the task belongs, and no more."""
    asana = FakeAsana().on("GET /users/me", ME)
    asana.on("GET /tasks/99", ok({"gid": "99", "projects": [{"gid": THEIRS}]}))
    with pytest.raises(OutOfReach, match=r"task 99|object 99"):
        await TASK_CALLS[call](held(asana))
    assert [one for one in asana.calls() if one != "GET /users/me"] == ["GET /tasks/99"]


async def test_a_comment_on_a_foreign_task_cannot_be_read_back() -> None:
    """A story's gid says nothing; its task does."""
    asana = FakeAsana().on("GET /stories/31", ok({"gid": "31", "target": {"gid": "99"}}))
    asana.on("GET /tasks/99", ok({"gid": "99", "projects": []}))
    with pytest.raises(OutOfReach, match="story 31"):
        await held(asana).read_comment(StoryGid("31"))


async def test_only_people_the_team_names_can_be_given_a_task_of_their_own() -> None:
    """In no project: nobody but the person and the bot sees it, so it may not go to just anyone."""
    asana = FakeAsana().on(
        "GET /projects/77", ok({"gid": "77", "name": "Harbour", "workspace": {"gid": "1"}})
    )
    asana.on("POST /tasks", ok({"gid": "99", "name": "x", "created_at": "2026-06-10T07:00:00Z"}, status=201))
    asana.on("GET /tasks", ok([]))
    tracker = held(asana, people={"501"})
    assert await tracker.find_private_task(OURS, UserGid("501"), "ref x") is None
    assert await tracker.create_private_task(OURS, UserGid("501"), NewTask("Look", "ref x")) == "99"
    assert asana.sent() == {"data": {"name": "Look", "notes": "ref x", "workspace": "1", "assignee": "501"}}
    for call in (
        tracker.find_private_task(OURS, UserGid("666"), "ref x"),
        tracker.create_private_task(OURS, UserGid("666"), NewTask("Look", "ref x")),
    ):
        with pytest.raises(OutOfReach, match="user 666 is nobody"):
            await call
    assert asana.calls() == ["GET /projects/77", "GET /tasks", "POST /tasks"]


async def test_a_task_known_to_the_configuration_needs_no_look() -> None:
    """The ceremony's task may stand in a project of its own."""
    asana = FakeAsana().on("GET /users/me", ME).on("GET /tasks/99/stories", ok([]))
    assert await held(asana, tasks={"99"}).find_comments(THEIR_TASK, "ref x") == ()


async def test_a_subtask_belongs_where_its_parent_does() -> None:
    """Asana's subtasks are in no project of their own; the parent is asked, once."""
    asana = FakeAsana().on("GET /users/me", ME).on("GET /tasks/12/stories", ok([]))
    asana.on("GET /tasks/12", ok({"gid": "12", "projects": [], "parent": {"gid": "11"}}))
    asana.on("GET /tasks/11", ok({"gid": "11", "projects": [{"gid": OURS}], "parent": None}))
    tracker = held(asana)
    for _ in range(2):
        await tracker.find_comments(TaskGid("12"), "ref x")
    assert asana.calls("GET /tasks/1") == [
        "GET /tasks/12", "GET /tasks/11", "GET /tasks/12/stories", "GET /tasks/12/stories",
    ]  # fmt: skip


async def test_parents_are_not_followed_in_a_circle() -> None:
    """A task that is its own ancestor belongs to nobody, after a few looks."""
    asana = FakeAsana().on("GET /users/me", ME)
    asana.on("GET /tasks/12", ok({"gid": "12", "projects": None, "parent": {"gid": "12"}}))
    with pytest.raises(OutOfReach):
        await held(asana).find_comments(TaskGid("12"), "ref x")
    assert len(asana.calls("GET /tasks")) < 10


async def test_what_was_read_or_made_is_known() -> None:
    """Reading the team's own project costs no call more than before, and neither does writing to a task we made."""
    asana = project(task("11"))
    tracker = held(asana)
    await tracker.read_project(OURS, as_of=datetime(2026, 3, 4, tzinfo=UTC))
    assert len(asana.requests) == 5
    asana.on("POST /tasks", ok({"gid": "55", "name": "Stand-up"}, status=201))
    made = await tracker.create_task(OURS, NewTask("Stand-up"))
    answer = story("31", "comment_added", text="x", target={"gid": "55"})
    await tracker.post_comment(made, "<body>x</body>") if asana.on(
        "POST /tasks/55/stories", ok(answer, status=201)
    ) else None
    assert "GET /tasks/55" not in asana.calls()


async def test_a_task_is_moved_to_a_section_of_its_own_board_only() -> None:
    """Which sections those are is read just before the task; any other is refused unsent."""
    asana = FakeAsana().on("GET /projects/77/sections", ok([{"gid": "71", "name": "To do"}]))
    asana.on("GET /tasks/11", ok(task("11", projects=[{"gid": OURS}])))
    asana.on("POST /sections/71/addTask", ok({}))
    tracker = held(asana)
    assert await tracker.read_task(OURS, TaskGid("11")) is not None
    await tracker.amend_task(TaskGid("11"), Edit(section=SectionGid("71")))
    with pytest.raises(OutOfReach, match="section 81"):
        await tracker.amend_task(TaskGid("11"), Edit(section=SectionGid("81")))
    assert asana.calls("POST") == ["POST /sections/71/addTask"]


async def test_a_kind_of_call_nobody_listed_is_refused() -> None:
    """A batch could hold any call; it is none of ours."""
    reach = Reach(frozenset({OURS}))

    async def look(_path: str, _fields: str) -> dict[str, Any]:
        raise AssertionError("nothing is looked up")

    for method, path in (
        ("POST", "/batch"),
        ("DELETE", "/tasks/11"),
        ("GET", "/tasks/11/../88"),
        ("PUT", "/projects/77"),
    ):
        with pytest.raises(OutOfReach, match="no call of ours"):
            await reach.check(method, path, {}, {}, About("try", "it"), look)
    with pytest.raises(OutOfReach, match="project 88"):
        sent = {"projects": ["77"], "memberships": [{"project": "88"}]}
        await reach.check("POST", "/tasks", {}, sent, About("try", "it"), look)


async def test_a_refused_right_is_named() -> None:
    """A 403 to an app's token says which scope the call needs; calls without one say so."""
    asana = FakeAsana().on("GET /users/me", ME).on("POST /tasks/11/stories", refused(403))
    with pytest.raises(TrackerError, match="403") as caught:
        await asana.tracker().post_comment(TaskGid("11"), "<body>x</body>")
    assert "it lacks `stories:write`" in caught.value.suggestion
    asana.on("GET /status_updates", refused(403))
    with pytest.raises(TrackerError, match="403") as caught:
        await asana.tracker().find_status(OURS, "ref x")
    assert "`default`" in caught.value.suggestion


async def test_the_door_leads_to_one_host_only() -> None:
    """Whatever an address in an answer or a path says, a request to another host never leaves."""
    asana = FakeAsana()
    tracker = asana.tracker()
    client = tracker._transport._client
    for url in (
        "https://evil.example/api/1.0/users/me",
        "http://asana.example/",
        "https://asana.example:444/",
    ):
        with pytest.raises(Exception, match="this client talks to asana\\.example only"):
            await client.get(url)
    assert asana.requests == []
    assert isinstance(client, httpx.AsyncClient)


def test_every_kind_of_call_has_one_scope() -> None:
    """No call stands twice in the table, and each is found by its own path."""
    kinds = [(need.method, need.path) for need in NEEDS]
    assert len(kinds) == len(set(kinds))
    assert all(need_of(need.method, need.path.replace("{}", "11")) == need for need in NEEDS)


async def test_sprint_projects_found_by_name_are_within_reach() -> None:
    """With a pattern the workspace's projects may be listed; those whose names fit are the team's, others are not."""
    asana = FakeAsana().on("GET /users/me", ME)
    asana.on("GET /projects", ok([{"gid": "78", "name": "Sprint 7"}, {"gid": THEIRS, "name": "Payroll"}]))
    asana.on("GET /projects/78", ok({"gid": "78", "name": "Sprint 7"}))
    tracker = held(asana, sprints=frozenset({"^Sprint"}))
    with pytest.raises(OutOfReach):
        await tracker.project(ProjectGid("78"))
    await tracker.projects("1")
    assert (await tracker.project(ProjectGid("78"))).name == "Sprint 7"
    with pytest.raises(OutOfReach):
        await tracker.project(THEIRS)
