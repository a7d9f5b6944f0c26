"""Comments and ceremony tasks: written once, found again, read back."""

from typing import Any

import pytest

from facilitator.asana.writing import holds_line
from facilitator.board.snapshot import ProjectGid, StoryGid, TaskGid
from facilitator.errors import TrackerError
from facilitator.runs.ports import NewTask
from tests.unit.asana.fake import FakeAsana, ok, refused, story

pytestmark = pytest.mark.anyio
TASK, HARBOUR = TaskGid("11"), ProjectGid("77")
MARKER = "ref standup/2026-03-02/harbour"
BOT = {"gid": "500"}


def comment(gid: str = "31", **more: Any) -> dict[str, Any]:
    return story(
        gid,
        "comment_added",
        **{"created_by": BOT, "text": f"Hello\n{MARKER}", "target": {"gid": "11"}} | more,
    )


def with_stories(*stories: Any) -> FakeAsana:
    asana = FakeAsana().on("GET /users/me", ok({"gid": "500", "name": "Bot"}))
    return asana.on("GET /tasks/11/stories", ok(list(stories)))


async def found(*stories: Any) -> list[str]:
    return [one.gid for one in await with_stories(*stories).tracker().find_comments(TASK, MARKER)]


async def test_a_comment_is_sent_as_it_was_approved() -> None:
    """The bytes handed in are the bytes in the request, as rich text and nothing else."""
    html = "<body><strong>Done</strong> 5 &lt; 8 ✓\n<em>" + MARKER + "</em></body>"
    answer = ok(comment("31", html_text="<body>other</body>"), status=201)
    asana = FakeAsana().on("POST /tasks/11/stories", answer)
    made = await asana.tracker().post_comment(TASK, html)
    assert asana.sent() == {"data": {"html_text": html}}
    assert (made.gid, made.task, made.html) == ("31", "11", "<body>other</body>")
    assert made.text.endswith(MARKER)


async def test_our_comments_are_found_by_their_marker_oldest_first() -> None:
    """Two are found where two were written: the caller keeps the older one."""
    later = comment("30", created_at="2026-03-04T00:00:00Z")
    assert await found(later, comment("31"), comment("9")) == ["9", "31", "30"]


@pytest.mark.parametrize(
    "other",
    [
        {"created_by": {"gid": "501"}},
        {"created_by": None},
        {"created_by": "500"},
        {"text": f"Did you see {MARKER}?"},
        {"text": f"> {MARKER}"},
        {"text": MARKER + "-2"},
        {"text": ""},
        {"text": None},
        {"resource_subtype": "mentioned", "type": "system"},
    ],
)
async def test_what_is_not_our_marked_comment_is_not_found(other: dict[str, Any]) -> None:
    """Only our own, and only the whole line: people quote markers, and one marker may begin another."""
    assert await found(comment("31", **other)) == []


@pytest.mark.parametrize("text", [f"a\n  {MARKER}  ", f"{MARKER}\r\nb", MARKER.replace(" ", "\u00a0")])
async def test_blanks_do_not_hide_a_marker(text: str) -> None:
    """Asana and its clients change blanks: a comment not found would be written twice."""
    assert await found(comment("31", text=text)) == ["31"]


async def test_an_unreadable_comment_of_ours_is_an_error() -> None:
    """Passing over it could mean writing a second one."""
    with pytest.raises(TrackerError, match="a comment of ours has no created_at"):
        await found(comment("31", created_at=None))


async def test_an_unreadable_story_of_others_does_not_matter() -> None:
    """Somebody else's broken story is not ours to mind."""
    assert await found({"created_by": {"gid": "501"}}, {}, comment("31")) == ["31"]


async def test_all_pages_are_looked_through() -> None:
    """Busy tasks have hundreds of stories, and ours may be the last."""
    asana = with_stories().on("GET /tasks/11/stories", ok([story("1")], offset="a"), ok([comment("31")]))
    assert len(await asana.tracker().find_comments(TASK, MARKER)) == 1


@pytest.mark.parametrize("marker", ["", " ", "\n"])
async def test_an_empty_marker_is_a_mistake(marker: str) -> None:
    """It would be found in every comment with a blank line."""
    with pytest.raises(ValueError, match="empty marker"):
        await with_stories().tracker().find_comments(TASK, marker)


def test_a_marker_is_a_whole_line() -> None:
    """The rule itself, without Asana."""
    assert holds_line(f"x\n{MARKER}", MARKER)
    assert not holds_line(f"x {MARKER}", MARKER)


async def test_a_comment_is_read_back() -> None:
    """The receipt is what Asana holds, not what we sent."""
    asana = FakeAsana().on("GET /stories/31", ok(comment("31", html_text="<body>x</body>")))
    seen = await asana.tracker().read_comment(StoryGid("31"))
    assert seen is not None
    assert (seen.gid, seen.task, seen.html) == ("31", "11", "<body>x</body>")


async def test_a_comment_that_is_gone_is_none() -> None:
    """Deleted or hidden: both are 404, and neither is a failure of reading."""
    assert (
        await FakeAsana().on("GET /stories/31", refused(404)).tracker().read_comment(StoryGid("31")) is None
    )


async def test_a_system_story_is_no_comment() -> None:
    """A gid that belongs to something else is not our comment."""
    assert (
        await FakeAsana().on("GET /stories/31", ok(story("31"))).tracker().read_comment(StoryGid("31"))
        is None
    )


async def test_a_comment_that_may_not_be_read_is_an_error() -> None:
    """403 is not "gone": somebody must look."""
    with pytest.raises(TrackerError, match="read comment 31: 403"):
        await FakeAsana().on("GET /stories/31", refused(403)).tracker().read_comment(StoryGid("31"))


async def test_a_comment_without_a_task_is_an_error() -> None:
    """A receipt names its task."""
    with pytest.raises(TrackerError, match="no target"):
        await (
            FakeAsana()
            .on("GET /stories/31", ok(comment("31", target=None)))
            .tracker()
            .read_comment(StoryGid("31"))
        )


def open_task(gid: str, name: str = "Stand-up", **more: Any) -> dict[str, Any]:
    return {"gid": gid, "name": name, "completed": False, "created_at": "2026-03-02T09:00:00Z", **more}


async def find(*tasks: Any) -> str | None:
    asana = FakeAsana().on("GET /projects/77/tasks", ok(list(tasks)))
    gid = await asana.tracker().find_task(HARBOUR, "Stand-up")
    assert asana.requests[0].url.params["completed_since"] == "now"
    return gid


async def test_the_oldest_open_task_of_the_name_is_found() -> None:
    """Names repeat: everyone must choose the same one. Of one instant the smaller gid is the older."""
    newer = open_task("3", created_at="2026-03-03T09:00:00Z")
    assert await find(newer, open_task("100"), open_task("99"), open_task("1", "Other")) == "99"


@pytest.mark.parametrize(
    "other",
    [open_task("1", "stand-up"), open_task("1", "Stand-up 2"), open_task("1", completed=True), {"gid": "1", "name": None},
     open_task("1", created_at=None)],
)  # fmt: skip
async def test_another_task_is_not_found(other: dict[str, Any]) -> None:
    """Exactly this name, not completed; a record that cannot be dated does not count."""
    assert await find(other) is None


async def test_blanks_do_not_hide_a_task() -> None:
    """A second ceremony task for a no-break space would be absurd."""
    asana = FakeAsana().on("GET /projects/77/tasks", ok([open_task("1", " Daily\u00a0notes ")]))
    assert await asana.tracker().find_task(HARBOUR, "Daily notes") == "1"


@pytest.mark.parametrize(("notes", "sent"), [("", {}), ("why", {"notes": "why"})])
async def test_a_task_is_made_in_its_project(notes: str, sent: dict[str, str]) -> None:
    """Name, project and, where there are any, notes: nothing else is set."""
    asana = FakeAsana().on("POST /tasks", ok({"gid": "12"}, status=201))
    assert await asana.tracker().create_task(HARBOUR, NewTask("Stand-up", notes)) == "12"
    assert asana.sent() == {"data": {"name": "Stand-up", "projects": ["77"], **sent}}


@pytest.mark.parametrize("data", [{}, [], {"gid": 12}])
async def test_a_task_made_without_a_gid_is_in_doubt(data: object) -> None:
    """It may well exist: look by name before making another."""
    asana = FakeAsana().on("POST /tasks", ok(data, status=201))
    with pytest.raises(TrackerError) as caught:
        await asana.tracker().create_task(HARBOUR, NewTask("Stand-up"))
    assert caught.value.in_doubt


async def test_a_lost_answer_to_a_new_task_is_in_doubt() -> None:
    """The same rule as for comments."""
    with pytest.raises(TrackerError) as caught:
        await FakeAsana().on("POST /tasks", refused(504)).tracker().create_task(HARBOUR, NewTask("Stand-up"))
    assert caught.value.in_doubt


async def test_comments_are_read_with_what_people_made_of_them() -> None:
    """Oldest first, system stories left out; likes and thumbs down counted, an author who is gone has no gid."""
    thumbs = [
        {"emoji_base": "\N{THUMBS DOWN SIGN}", "count": 2},
        {"emoji_base": "\N{PARTY POPPER}", "count": 9},
    ]
    asana = FakeAsana().on("GET /tasks/11/stories", ok([
        story("32", "comment_added", text="wrong: x", created_at="2026-03-04T09:00:00.000Z"),
        story("31", "comment_added", text="ours", created_by={"gid": "500"}, num_likes=3, reaction_summary=thumbs),
        story("33"),
        {"gid": "34", "type": "comment"},
    ]))  # fmt: skip
    first, second = await asana.tracker().read_echoes(TaskGid("11"))
    assert (first.gid, first.by, first.text, first.likes, first.dislikes) == ("31", "500", "ours", 3, 2)
    assert (second.gid, second.by, second.likes, second.dislikes) == ("32", "", 0, 0)
