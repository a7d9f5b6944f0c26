"""Reading a project from the simulated Asana over real HTTP."""

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from facilitator.asana import StoryCache
from facilitator.asana.fields import PAID_TASK_FIELDS, STORY_FIELDS, TASK_FIELDS, asked
from facilitator.board.snapshot import ProjectGid, Story, TaskGid
from facilitator.errors import TrackerError
from facilitator.runs.ports import MoreProjects, NewTask
from facilitator.sandbox import Sandbox
from tests.contract import asana_openapi as openapi
from tests.integration.asana.conftest import FAST, TOKEN, Harbour, with_more_tasks
from tests.packs import load_pack, packs_dir

pytestmark = pytest.mark.anyio


async def test_the_built_in_world_is_read_whole(harbour: Harbour) -> None:
    """Every task of the board and every story of it, each once, and nothing that could not be understood."""
    seen = await harbour.read(whole=True)
    ours = [task for task in harbour.pack["tasks"] if _section_on_board(harbour, task)]
    assert {task.gid: task.section for task in seen.tasks} == {
        task["gid"]: _section_on_board(harbour, task) for task in ours
    }
    assert {task.gid: task.name for task in seen.tasks} == {task["gid"]: task["name"] for task in ours}
    assert all(task.stories_read for task in seen.tasks)
    assert not any("understood" in spot or "unreadable" in spot for spot in seen.blind_spots)
    assert seen.bot == harbour.sandbox.asana.bot_gid


def _section_on_board(harbour: Harbour, task: dict[str, Any]) -> str | None:
    homes = {one["project"]["gid"]: one["section"]["gid"] for one in task["memberships"]}
    return homes.get(harbour.project)


@pytest.mark.parametrize("name", ["small-alloy", "history-duracloud"])
async def test_a_real_board_arrives_as_it_is_written_down(name: str) -> None:
    """Over HTTP, a pack gives the very tasks and histories that reading its file gives."""
    path = packs_dir() / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the pack {path} is not here")
    expected = load_pack(path)
    with Sandbox(json.loads(Path(path).read_text()), requests_per_minute=None) as sandbox:
        harbour = Harbour(sandbox, json.loads(Path(path).read_text()))
        seen = await harbour.read(whole=True)
    known = {task.gid: task for task in expected.tasks}
    assert len(seen.tasks) == len(known)
    for task in seen.tasks:
        told = known[task.gid]
        assert _told(task.stories) == _told(told.stories)
        assert {gid: value for gid, value in task.fields.items() if value is not None} == told.fields
        for what in (
            "section",
            "assignee",
            "completed",
            "completed_at",
            "due_on",
            "dependencies",
            "created_at",
        ):
            assert getattr(task, what) == getattr(told, what), (task.gid, what)


def _told(stories: tuple[Story, ...]) -> dict[str, tuple[Any, ...]]:
    return {
        story.gid: (
            story.created_at,
            story.subtype,
            story.created_by,
            story.field_gid,
            story.text,
            story.old,
            story.new,
        )
        for story in stories
    }


async def test_every_field_asked_for_arrives(harbour: Harbour) -> None:
    """A typo in `opt_fields` is silent in the real service: each name must come back as a member."""
    base, headers = harbour.sandbox.asana_url, {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        fields = asked(TASK_FIELDS, PAID_TASK_FIELDS)
        url = f"{base}/projects/{harbour.project}/tasks"
        task = (await client.get(url, params={"limit": 1, "opt_fields": fields})).json()["data"][0]
        url = f"{base}/tasks/{task['gid']}/stories"
        stories = (await client.get(url, params={"limit": 100, "opt_fields": asked(STORY_FIELDS)})).json()[
            "data"
        ]
    assert {name.split(".")[0] for name in TASK_FIELDS + PAID_TASK_FIELDS} <= set(task)
    assert {"type", "resource_subtype", "created_at", "created_by", "text"} <= set(stories[0])
    value = task["custom_fields"][0]
    nested = {name.split(".")[1] for name in PAID_TASK_FIELDS if name.startswith("custom_fields.")}
    assert (
        {"resource_subtype", "enabled", "display_value", f"{value['resource_subtype']}_value"}
        <= set(value)
        <= nested | {"gid"}
    )


@pytest.mark.skipif(not openapi.available(), reason=openapi.ABSENT)
async def test_every_request_is_one_that_asana_publishes(harbour: Harbour) -> None:
    """Paths, parameters, `opt_fields` and bodies: nothing we send is our own invention."""
    await harbour.read()
    async with harbour.tracker() as tracker:
        workspace = (await tracker.workspaces())[0]
        assert harbour.project in [project.gid for project in await tracker.projects(workspace.gid)]
        comment = await tracker.post_comment(harbour.task, "<body>x\nref a</body>")
        await tracker.find_comments(harbour.task, "ref a")
        await tracker.read_comment(comment.gid)
        await tracker.create_task(harbour.project, NewTask("Stand-up", "why"))
        await tracker.find_task(harbour.project, "Stand-up")
    for call in harbour.sandbox.asana.requests:
        openapi.validate_request(call.method, call.path, call.query, call.body)


async def test_pages_join_without_gap_or_double(small_world: dict[str, Any]) -> None:
    """A board of several pages is read whole."""
    pack = with_more_tasks(copy.deepcopy(small_world), 250)
    with Sandbox(pack, requests_per_minute=None) as sandbox:
        harbour = Harbour(sandbox, pack)
        seen = await harbour.read()
        assert harbour.calls("GET", "/tasks") == 4
    gids = [task.gid for task in seen.tasks]
    assert len(gids) == len(set(gids)) >= 330


async def test_offsets_that_expire_in_the_middle_do_no_harm(small_world: dict[str, Any]) -> None:
    """The list is started over: more calls, the same tasks."""
    pack = with_more_tasks(copy.deepcopy(small_world), 150)
    with Sandbox(pack, requests_per_minute=None) as sandbox:
        harbour = Harbour(sandbox, pack)
        expiring = iter([True])

        def on_progress(what: str, _count: int) -> None:
            if what == "tasks" and next(expiring, False):
                harbour.control("expire", {"offsets": True})

        disturbed = await harbour.read(on_progress=on_progress)
        assert harbour.calls("GET", "/tasks") == 5
        assert disturbed.tasks == (await harbour.read()).tasks


async def test_five_thousand_tasks_are_read(small_world: dict[str, Any]) -> None:
    """A huge project costs its pages and the histories of what changed, not five thousand calls."""
    pack = with_more_tasks(copy.deepcopy(small_world), 5000)
    with Sandbox(pack, requests_per_minute=None) as sandbox:
        harbour = Harbour(sandbox, pack)
        seen = await harbour.read()
        assert len(seen.tasks) > 5000
        assert len(harbour.sandbox.asana.requests) < 53 + 60


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("status", {"status": 429, "retry_after": 7}),
        ("status", {"status": 500}),
        ("status", {"status": 503}),
        ("drop", {}),
        ("html_error", {"status": 502}),
        ("malformed_json", {}),
        ("truncated_body", {}),
    ],
)
@pytest.mark.parametrize("path", ["/projects/*/tasks", "/tasks/*/stories", "/users/me"])
async def test_passing_trouble_changes_nothing(
    standing: Harbour, kind: str, more: dict[str, Any], path: str
) -> None:
    """Whatever goes wrong once, the snapshot is the one of a good day."""
    standing.fault(kind, path=path, **more)
    disturbed = await standing.read()
    assert disturbed == await standing.read()
    assert not any(
        call.fault is None and (call.status or 0) >= 400 for call in standing.sandbox.asana.requests
    )


async def test_a_rate_limit_stops_the_whole_token(harbour: Harbour) -> None:
    """After a 429 with seven seconds, nothing is sent for seven seconds."""
    harbour.fault("status", status=429, retry_after=7, path="/tasks/*/stories")
    await harbour.read()
    assert 7 < harbour.time.slept < 8 + 60


async def test_trouble_without_end_is_an_error(harbour: Harbour) -> None:
    """The tries are counted; then the run fails cleanly and may come back."""
    harbour.fault("status", status=503, path="/projects/*/tasks", count=None)
    with pytest.raises(TrackerError, match="503") as caught:
        await harbour.read()
    assert caught.value.retryable
    assert harbour.calls("GET", "/tasks") == FAST.attempts


async def test_a_plan_without_custom_fields_is_read(harbour: Harbour) -> None:
    """402 on the tasks: they come without custom fields, and the document says so."""
    harbour.fault("status", status=402, path="/projects/*/tasks")
    seen = await harbour.read()
    assert not any(task.fields for task in seen.tasks)
    assert any("402" in spot for spot in seen.blind_spots)


async def test_a_person_who_left_keeps_the_name_in_history(harbour: Harbour) -> None:
    """Nothing crashes where the assignee is gone."""
    left = next(task["assignee"]["gid"] for task in harbour.pack["tasks"] if task.get("assignee"))
    harbour.control("remove_user", {"gid": left})
    seen = await harbour.read(whole=True)
    assert not any(task.assignee == left for task in seen.tasks)
    assert any(left in (story.created_by, story.new) for task in seen.tasks for story in task.stories)


async def test_a_hidden_task_is_absent(harbour: Harbour) -> None:
    """What the bot may not see is not there: counts differ between tokens."""
    before = await harbour.read()
    harbour.control("hide", {"gids": [before.tasks[0].gid]})
    assert len((await harbour.read()).tasks) == len(before.tasks) - 1


async def test_an_unknown_project_is_named(harbour: Harbour) -> None:
    """The message has the gid, the remedy the place to correct it."""
    async with harbour.tracker() as tracker:
        with pytest.raises(TrackerError, match="read project 404404: 404") as caught:
            await tracker.project(ProjectGid("404404"))
    assert "facilitator.toml" in caught.value.suggestion


@pytest.mark.parametrize("touches", [True, False])
async def test_a_move_is_seen_whether_or_not_it_touches_the_task(harbour: Harbour, touches: bool) -> None:
    """Whether a section move moves `modified_at` is unknown: the move must be in the history either way."""
    harbour.control("switches", {"section_move_touches_task": touches})
    first = await harbour.read()
    open_task = next(
        task for task in first.tasks if not task.completed and task.section != first.sections[-1].gid
    )
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as client:
        url = f"{harbour.sandbox.asana_url}/sections/{first.sections[-1].gid}/addTask"
        (await client.post(url, json={"data": {"task": open_task.gid}})).raise_for_status()
    moved = (await harbour.read()).task(open_task.gid)
    assert moved is not None
    assert moved.stories[-1].subtype == "section_changed"
    assert moved.stories[-1].new == first.sections[-1].gid


async def test_a_second_read_costs_only_what_changed(harbour: Harbour) -> None:
    """With a cache, reading an unchanged board again takes the pages and no history."""
    cache = StoryCache()
    first = await harbour.read(whole=True, cache=cache)
    before = harbour.calls("GET", "/stories")
    assert await harbour.read(whole=True, cache=cache) == first
    assert harbour.calls("GET", "/stories") == before == len(first.tasks)


@pytest.fixture
def rated(small_world: dict[str, Any]) -> Iterator[Harbour]:
    """A sandbox that allows 40 requests a minute."""
    with Sandbox(copy.deepcopy(small_world), requests_per_minute=40) as sandbox:
        yield Harbour(sandbox, small_world)


async def test_a_limit_we_did_not_know_ends_in_a_clear_error(rated: Harbour) -> None:
    """Where the pace is set too high and waiting does not help, the error says what to change."""
    with pytest.raises(TrackerError, match="429") as caught:
        await rated.read(whole=True)
    assert "lower the requests a minute" in caught.value.suggestion


async def test_a_few_tasks_are_read_by_gid(harbour: Harbour) -> None:
    """With their whole histories, as in a reading of the whole board; one that is gone is left out."""
    whole = {task.gid: task for task in (await harbour.read(whole=True)).tasks}
    wanted = [*list(whole)[:2], TaskGid("999999999999")]
    as_of = datetime.fromisoformat(harbour.pack["as_of"])
    async with harbour.tracker() as tracker:
        few = await tracker.read_tasks(harbour.project, wanted, as_of=as_of)
    assert [task.gid for task in few.tasks] == wanted[:2]
    for task in few.tasks:
        assert task.stories == whole[task.gid].stories
        assert (task.section, task.completed) == (whole[task.gid].section, whole[task.gid].completed)


async def test_several_projects_are_one_board(harbour: Harbour) -> None:
    """Each task once, with its section in each of them; a project that cannot be read fails the reading."""
    others = tuple(ProjectGid(one["gid"]) for one in harbour.pack["projects"][1:])
    as_of = datetime.fromisoformat(harbour.pack["as_of"])
    async with harbour.tracker() as tracker:
        seen = await tracker.read_project(harbour.project, as_of=as_of, more=MoreProjects(others))
        with pytest.raises(TrackerError):
            gone = MoreProjects((ProjectGid("999999999999"),))
            await tracker.read_project(harbour.project, as_of=as_of, more=gone)
    assert others
    assert [one.gid for one in seen.projects] == [harbour.project, *others]
    assert {task.gid: task.homes for task in seen.tasks} == {
        task["gid"]: {one["project"]["gid"]: one["section"]["gid"] for one in task["memberships"]}
        for task in harbour.pack["tasks"]
    }
    assert len(seen.tasks) == len({task.gid for task in seen.tasks})
    assert {section.project for section in seen.sections} == {harbour.project, *others}
