"""One comment, exactly one: writes to the simulated Asana over real HTTP, with every way an answer can be lost."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from facilitator.asana import AsanaTracker
from facilitator.errors import TrackerError
from facilitator.runs.ports import NewTask
from facilitator.sandbox import Sandbox
from tests.integration.asana.conftest import FAST, TOKEN, Harbour

pytestmark = pytest.mark.anyio
MARKER = "ref standup/2026-06-10/harbour"
HTML = f"<body><strong>Stand-up</strong> 5 &lt; 8 ✓\n<em>{MARKER}</em></body>"
LOST = [
    ("commit_then_status", {"status": 500}),
    ("commit_then_status", {"status": 504}),
    ("commit_then_drop", {}),
    ("malformed_json", {}),
    ("truncated_body", {}),
]


async def test_a_comment_is_written_found_and_read_back(harbour: Harbour, tracker: AsanaTracker) -> None:
    """What is found and what is read back is what the world holds."""
    made = await tracker.post_comment(harbour.task, HTML)
    assert await tracker.read_comment(made.gid) == made
    assert list(await tracker.find_comments(harbour.task, MARKER)) == [made]
    held = [comment for comment in harbour.sandbox.asana.comments(harbour.task) if comment["gid"] == made.gid]
    assert [comment["html_text"] for comment in held] == [made.html]
    assert made.text.endswith(f"\n{MARKER}")


@pytest.mark.parametrize(("kind", "more"), LOST)
async def test_a_lost_answer_leaves_one_comment_that_is_found(
    harbour: Harbour, tracker: AsanaTracker, kind: str, more: dict[str, Any]
) -> None:
    """The write happened and its answer was lost: it is in doubt, it was sent once, and looking finds it."""
    harbour.fault(kind, method="POST", path="/tasks/*/stories", **more)
    with pytest.raises(TrackerError) as caught:
        await tracker.post_comment(harbour.task, HTML)
    assert caught.value.in_doubt
    assert len(await tracker.find_comments(harbour.task, MARKER)) == 1
    assert harbour.calls("POST", "/stories") == 1


async def test_an_answer_that_never_comes_is_in_doubt(harbour: Harbour) -> None:
    """The read time-out ends the wait; the comment is there all the same."""
    harbour.fault("commit_then_hang", method="POST", path="/tasks/*/stories")
    async with harbour.tracker(replace(FAST, read_timeout=0.2)) as tracker:
        with pytest.raises(TrackerError, match="ReadTimeout") as caught:
            await tracker.post_comment(harbour.task, HTML)
        assert caught.value.in_doubt
    async with harbour.tracker() as patient:
        assert len(await patient.find_comments(harbour.task, MARKER)) == 1


@pytest.mark.parametrize(
    ("kind", "more"), [("status", {"status": 500}), ("drop", {}), ("html_error", {"status": 502})]
)
async def test_a_write_that_failed_before_it_happened_is_in_doubt_too(
    harbour: Harbour, tracker: AsanaTracker, kind: str, more: dict[str, Any]
) -> None:
    """From outside both look alike: the caller looks, finds nothing, and may write again."""
    harbour.fault(kind, method="POST", path="/tasks/*/stories", **more)
    with pytest.raises(TrackerError) as caught:
        await tracker.post_comment(harbour.task, HTML)
    assert caught.value.in_doubt
    assert not await tracker.find_comments(harbour.task, MARKER)
    await tracker.post_comment(harbour.task, HTML)
    assert len(await tracker.find_comments(harbour.task, MARKER)) == 1


async def test_a_rate_limited_comment_is_written_once(harbour: Harbour, tracker: AsanaTracker) -> None:
    """429 means that nothing was done: waiting and sending again makes one comment."""
    harbour.fault("status", method="POST", path="/tasks/*/stories", status=429, retry_after=3)
    await tracker.post_comment(harbour.task, HTML)
    assert len(await tracker.find_comments(harbour.task, MARKER)) == 1
    assert harbour.time.slept > 3


@pytest.mark.parametrize(
    "html", ["<body>a<br>b</body>", "<body><h1>x</h1></body>", "no body", "<body>&nbsp;</body>"]
)
async def test_refused_rich_text_is_certain(harbour: Harbour, tracker: AsanaTracker, html: str) -> None:
    """400 refuses the whole comment: nothing is there, nothing is in doubt."""
    before = len(harbour.sandbox.asana.comments(harbour.task))
    with pytest.raises(TrackerError, match=f"comment on task {harbour.task}: 400") as caught:
        await tracker.post_comment(harbour.task, html)
    assert not caught.value.in_doubt
    assert len(harbour.sandbox.asana.comments(harbour.task)) == before


async def test_another_persons_marker_is_not_ours(small_world: dict[str, Any]) -> None:
    """Somebody copies our footer: our own comment is still to be written."""
    alice, bob = (user["gid"] for user in small_world["users"][:2])
    with Sandbox(copy.deepcopy(small_world), tokens={TOKEN: alice, "bobs": bob}) as sandbox:
        harbour = Harbour(sandbox, small_world)
        async with harbour.tracker(token=lambda: "bobs") as copying, harbour.tracker() as ours:
            await copying.post_comment(harbour.task, HTML)
            assert not await ours.find_comments(harbour.task, MARKER)
            assert await copying.find_comments(harbour.task, MARKER)


async def test_the_ceremony_task_is_made_once(harbour: Harbour, tracker: AsanaTracker) -> None:
    """A lost answer to a new task is settled by its name."""
    harbour.fault("commit_then_status", method="POST", path="/tasks", status=502)
    with pytest.raises(TrackerError) as caught:
        await tracker.create_task(harbour.project, NewTask("Stand-ups"))
    assert caught.value.in_doubt
    found = await tracker.find_task(harbour.project, "Stand-ups")
    assert found is not None
    assert harbour.sandbox.asana.task(found)["name"] == "Stand-ups"


async def test_a_completed_task_of_the_name_is_not_found(harbour: Harbour, tracker: AsanaTracker) -> None:
    """The team closed the old ceremony task: a new one is wanted."""
    done = next(task for task in harbour.pack["tasks"] if task.get("completed"))
    assert await tracker.find_task(harbour.project, done["name"]) is None


async def test_a_deleted_comment_is_gone(harbour: Harbour, tracker: AsanaTracker) -> None:
    """Somebody deleted it on purpose: reading it back says so."""
    made = await tracker.post_comment(harbour.task, HTML)
    harbour.control("hide", {"gids": [made.gid]})
    assert await tracker.read_comment(made.gid) is None
