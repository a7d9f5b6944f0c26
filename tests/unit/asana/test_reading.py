"""One project into a Snapshot: what is asked, what is kept, what is said to be missing."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from facilitator.asana import Limits, StoryCache
from facilitator.asana.fields import (
    CUSTOM_FIELD_FIELDS,
    PAID_TASK_FIELDS,
    PROJECT_FIELDS,
    STORY_FIELDS,
    TASK_FIELDS,
)
from facilitator.board.snapshot import ProjectGid, Snapshot
from facilitator.errors import TrackerError
from tests.unit.asana.fake import FakeAsana, ok, project, refused, story, task

pytestmark = pytest.mark.anyio
AS_OF = datetime(2026, 3, 10, 9, tzinfo=UTC)
SINCE = datetime(2026, 3, 9, tzinfo=UTC)
OLD, NEW = "2026-03-01T00:00:00.000Z", "2026-03-09T12:00:00.000Z"
IN_DOING = [{"project": {"gid": "77"}, "section": {"gid": "72"}}]


async def read(asana: FakeAsana, limits: Limits | None = None, **more: Any) -> Snapshot:
    since, earlier = more.pop("since", None), more.pop("earlier", None)
    return await asana.tracker(limits, **more).read_project(
        ProjectGid("77"), as_of=AS_OF, history_since=since, earlier=earlier
    )


def histories(asana: FakeAsana) -> list[str]:
    return [call for call in asana.calls() if call.endswith("/stories")]


async def test_a_project_becomes_a_snapshot() -> None:
    """Name, instant, sections in board order, members, our own gid, tasks: all from four calls and one history."""
    seen = await read(project(task("11"), members=[{"gid": "501", "name": "Alice"}]))
    assert (seen.project, seen.project_name, seen.as_of, seen.bot) == ("77", "Harbour", AS_OF, "500")
    assert [section.name for section in seen.sections] == ["To do", "Doing", "Done"]
    assert seen.members == ("501",)
    assert [(one.gid, one.section, one.stories_read) for one in seen.tasks] == [("11", "71", True)]
    assert seen.blind_spots == ()


async def test_every_field_is_asked_for() -> None:
    """A field left out of `opt_fields` is silently absent: the lists are sent whole, joined by commas."""
    asana = project(task("11"))
    await read(asana)
    sent = {
        request.url.path.rpartition("/")[2]: request.url.params.get("opt_fields", "")
        for request in asana.requests
    }
    assert sent["77"] == ",".join(PROJECT_FIELDS + CUSTOM_FIELD_FIELDS)
    assert sent["tasks"] == ",".join(TASK_FIELDS + PAID_TASK_FIELDS)
    assert sent["stories"] == ",".join(STORY_FIELDS)


async def test_an_empty_project_is_no_error_here() -> None:
    """Nothing to report is for the pipeline to judge."""
    assert (await read(project())).tasks == ()


async def test_a_project_without_sections_is_read() -> None:
    """No board, no first section: nothing is taken to be in progress."""
    asana = project(task("11", modified_at=OLD, memberships=[]))
    asana.on("GET /projects/77/sections", ok([]))
    assert (await read(asana, since=SINCE)).tasks[0].section is None
    assert histories(asana) == []


async def test_an_unknown_project_is_named() -> None:
    """A wrong gid in the configuration must be easy to find."""
    asana = project().on("GET /projects/77", refused(404, "project: Unknown object: 77"))
    with pytest.raises(TrackerError, match="read project 77: 404"):
        await read(asana)


@pytest.mark.parametrize("gid", ["", "../users", "77?x=1", "77/tasks", "７７", "a b", "%2e"])
async def test_a_gid_cannot_lead_elsewhere(gid: str) -> None:
    """Gids come from people's files: what is no gid never becomes part of an address."""
    asana = project()
    with pytest.raises(TrackerError, match="is not a gid"):
        await asana.tracker().read_project(ProjectGid(gid), as_of=AS_OF)
    assert asana.calls("GET /projects") == []


async def test_unchanged_tasks_cost_no_call() -> None:
    """History is one call a task: what was not modified since the bound is left unread, and says so."""
    asana = project(task("11", modified_at=OLD), task("12", modified_at=NEW))
    seen = await read(asana, since=SINCE)
    assert histories(asana) == ["GET /tasks/12/stories"]
    assert [one.stories_read for one in seen.tasks] == [False, True]


async def test_a_task_modified_at_the_bound_is_read() -> None:
    """The bound itself belongs to the window: `>=`."""
    asana = project(task("11", modified_at="2026-03-09T00:00:00.000Z"))
    await read(asana, since=SINCE)
    assert len(histories(asana)) == 1


async def test_work_in_progress_is_always_read() -> None:
    """A section move may leave `modified_at` alone, so open tasks beyond the first section are read all the same."""
    asana = project(
        task("11", modified_at=OLD, memberships=IN_DOING),
        task("12", modified_at=OLD, memberships=IN_DOING, completed=True),
        task("13", modified_at=OLD),
        task("14", modified_at=OLD, memberships=[]),
    )
    await read(asana, since=SINCE)
    assert histories(asana) == ["GET /tasks/11/stories"]


async def test_comments_after_the_instant_are_left_out_and_changes_are_kept() -> None:
    """A late comment is no news of this document; a late change is needed to undo what the task shows now."""
    late = "2026-03-10T09:00:01.000Z"
    asana = project(task("11"))
    stories = [
        story("31", "comment_added", text="in time", created_at="2026-03-10T09:00:00.000Z"),
        story("32", "comment_added", text="late", created_at=late),
        story("33", "marked_complete", created_at=late),
    ]
    asana.on("GET /tasks/11/stories", ok(stories))
    assert [one.gid for one in (await read(asana)).tasks[0].stories] == ["31", "33"]


async def test_stories_are_sorted_oldest_first() -> None:
    """Asana promises no order; of one instant the smaller gid is the older."""
    asana = project(task("11"))
    raws = [
        story("100"),
        story("99"),
        story("5", created_at="2026-03-04T00:00:00Z"),
        story("7", created_at=OLD),
    ]
    asana.on("GET /tasks/11/stories", ok(raws))
    assert [one.gid for one in (await read(asana)).tasks[0].stories] == ["7", "99", "100", "5"]


async def test_the_moves_of_another_board_are_left_out() -> None:
    """A task on two boards brings the moves of both; those of the other board are neither ours nor broken."""
    asana = project(task("11"))
    moves = [
        story("31", "section_changed", old_section={"gid": "71"}, new_section={"gid": "72"}),
        story("32", "section_changed", old_section={"gid": "81"}, new_section={"gid": "82"}),
    ]
    asana.on("GET /tasks/11/stories", ok(moves))
    seen = await read(asana)
    assert [one.gid for one in seen.tasks[0].stories] == ["31"]
    assert seen.blind_spots == ()


async def test_a_cap_cuts_the_longest_untouched_and_says_so() -> None:
    """A huge board must not take an hour: the newest histories are read, the rest are counted."""
    asana = project(
        *(task(str(gid), modified_at=f"2026-03-{gid - 10:02}T00:00:00Z") for gid in range(11, 16))
    )
    seen = await read(asana, Limits(story_reads=2))
    assert sorted(histories(asana)) == ["GET /tasks/14/stories", "GET /tasks/15/stories"]
    assert seen.blind_spots == ("3 tasks' histories were left out: the cap of a read was reached",)


@pytest.mark.parametrize("status", [403, 404])
async def test_a_task_gone_since_it_was_listed_is_a_blind_spot(status: int) -> None:
    """People delete and hide tasks while we read; the document still comes."""
    asana = project(task("11"), task("12")).on("GET /tasks/11/stories", refused(status))
    seen = await read(asana)
    assert [one.stories_read for one in seen.tasks] == [False, True]
    assert seen.blind_spots == ("1 task's history was not read: deleted or hidden meanwhile",)


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_trouble_in_one_history_ends_the_read(status: int) -> None:
    """A history missing for any other reason would make figures wrong: the run fails and says which task."""
    asana = project(*(task(str(gid)) for gid in range(11, 31))).on("GET /tasks/17/stories", refused(status))
    with pytest.raises(TrackerError, match=f"the history of task 17: {status}"):
        await read(asana)


async def test_broken_records_are_counted_and_left_out() -> None:
    """One bad record never costs the document; how many there were is said."""
    asana = project(
        task("11"), task("12", created_at=None), task("13", due_on="someday"), {"name": "no gid"},
        members=[{"name": "nobody"}], custom_field_settings=[{"custom_field": None}],
        sections=[{"gid": "71", "name": "To do"}, {"name": "?"}],
    )  # fmt: skip
    asana.on(
        "GET /tasks/11/stories",
        ok([story("31", created_at="yesterday"), story("32"), story("33", created_at="")]),
    )
    seen = await read(asana)
    assert [one.gid for one in seen.tasks] == ["11"]
    assert [one.gid for one in seen.tasks[0].stories] == ["32"]
    assert set(seen.blind_spots) == {
        "1 custom field could not be understood",
        "1 member record could not be understood",
        "1 section record could not be understood",
        "3 task records could not be understood",
        "2 history entries could not be understood",
    }


async def test_a_broken_field_value_costs_the_value_only() -> None:
    """A task is worth more than one odd value of it."""
    values = [{"gid": "61", "resource_subtype": "number", "number_value": "three"}]
    seen = await read(project(task("11", custom_fields=values)))
    assert seen.tasks[0].fields == {}
    assert seen.blind_spots == ("1 custom field value was unreadable and counts as empty",)


async def test_a_project_record_that_makes_no_sense_is_an_error() -> None:
    """Without the project there is no document: this is not a blind spot."""
    with pytest.raises(TrackerError, match="read project 77 could not be understood"):
        await read(project(members="everybody"))


async def test_an_unreadable_own_user_is_an_error() -> None:
    """We must know who we are: our own comments are not news."""
    with pytest.raises(TrackerError, match="no gid"):
        await read(project().on("GET /users/me", ok({"name": "Bot"})))


async def test_a_plan_without_custom_fields_is_read_without_them() -> None:
    """402 on a feature turns that feature off for this read, and the document says so."""
    asana = project(task("11"))
    asana.on("GET /projects/77", refused(402), ok({"gid": "77", "name": "Harbour"}))
    asana.on("GET /projects/77/tasks", refused(402), ok([task("11")]))
    seen = await read(asana)
    assert len(seen.tasks) == 1
    assert seen.blind_spots == (
        "custom fields (points, sprints) were not read: not in the plan (402)",
        "custom fields and dependencies were not read: not in the plan (402)",
    )


@pytest.mark.parametrize("path", ["/projects/77", "/projects/77/tasks"])
async def test_other_refusals_are_not_taken_for_a_small_plan(path: str) -> None:
    """Only 402 is about the plan; a 403 is a configuration fault to be shown."""
    with pytest.raises(TrackerError, match="403"):
        await read(project().on(f"GET {path}", refused(403)))


async def test_subtasks_are_counted_but_not_read_by_default() -> None:
    """Each parent would cost a call: how many there are is said instead."""
    seen = await read(
        project(task("11", num_subtasks=2), task("12", num_subtasks=0), task("13", num_subtasks=None))
    )
    assert seen.blind_spots == ("1 task has subtasks, which were not read",)


async def test_questions_below_our_own_task_are_no_work_unread() -> None:
    """A ceremony's task carries approval tasks of ours; the documents do not count them as missing."""
    home = task(
        "11", num_subtasks=2, notes="Made by facilitator.\nref task/standup/2026-03-09T08:00:00Z/harbour"
    )
    assert (await read(project(home))).blind_spots == ()


async def test_a_task_made_after_the_instant_is_no_part_of_the_board() -> None:
    """Read late, as after a crash, the board is that of the instant: the same facts, and the same document."""
    late = task("12", created_at="2026-03-10T09:00:01.000Z")
    seen = await read(project(task("11"), late, task("13", created_at="no instant")))
    assert [one.gid for one in seen.tasks] == ["11"]
    assert seen.blind_spots == ("1 task record could not be understood",)


async def test_subtasks_are_read_where_wanted() -> None:
    """All levels, each task once, also where a subtask is on the board itself."""
    asana = project(task("11", num_subtasks=2), task("12"))
    child = task("21", memberships=[], parent={"gid": "11"}, num_subtasks=1)
    asana.on("GET /tasks/11/subtasks", ok([child, task("12")]))
    asana.on("GET /tasks/21/subtasks", ok([task("22", memberships=[], parent={"gid": "21"})]))
    for gid in ("21", "22"):
        asana.on(f"GET /tasks/{gid}/stories", ok([]))
    seen = await read(asana, Limits(subtasks=True, requests_per_minute=1500))
    assert [(one.gid, one.parent, one.section) for one in seen.tasks] == [
        ("11", None, "71"), ("12", None, "71"), ("21", "11", None), ("22", "21", None),
    ]  # fmt: skip
    assert seen.blind_spots == ()


async def test_separators_are_no_tasks() -> None:
    """Lines drawn between tasks are no work."""
    seen = await read(
        project(task("11"), task("12", is_rendered_as_separator=True), task("13", resource_subtype="section"))
    )
    assert [one.gid for one in seen.tasks] == ["11"]


async def test_people_are_named_wherever_they_are_met() -> None:
    """Those who left are named in histories only; a deleted person has a gid and no name."""
    asana = project(
        task("11", assignee={"gid": "502", "name": "Bob"}, created_by={"gid": "503"}),
        task("12", assignee={"gid": "501", "name": None}),
        members=[{"gid": "501", "name": "Alice"}],
    )
    asana.on(
        "GET /tasks/11/stories",
        ok([
            story("31", "comment_added", created_by={"gid": "503", "name": "Charlie"}, text="x"),
            story("32", "unassigned", created_by=None, assignee={"gid": "504", "name": None}),
        ]),
    )  # fmt: skip
    names = {user.gid: user.name for user in (await read(asana)).users}
    assert names == {"501": "Alice", "500": "Bot", "502": "Bob", "503": "Charlie", "504": ""}


async def test_cached_histories_are_not_read_again() -> None:
    """The next read of an unchanged task is free, and no poorer: its stories and people are still there."""
    cache = StoryCache()
    asana = project(task("11"), task("12"))
    asana.on("GET /tasks/11/stories", ok([story("31", created_by={"gid": "503", "name": "Charlie"})]))
    first = await read(asana, cache=cache)
    asana.on("GET /projects/77/tasks", ok([task("11"), task("12", modified_at=NEW)]))
    second = await read(asana, cache=cache)
    assert histories(asana)[2:] == ["GET /tasks/12/stories"]
    assert second.tasks[0] == first.tasks[0]
    assert second.users == first.users


async def test_a_moved_task_is_read_again_whatever_modified_at_says() -> None:
    """The section is part of what a cached history is kept under."""
    cache = StoryCache()
    asana = project(task("11"))
    await read(asana, cache=cache)
    asana.on("GET /projects/77/tasks", ok([task("11", memberships=IN_DOING)]))
    await read(asana, cache=cache)
    assert len(histories(asana)) == 2


async def test_an_earlier_snapshot_saves_the_histories_of_what_stayed_as_it_was() -> None:
    """Another process, the next day: one task changed, one was moved, one is untouched; only two histories are asked for."""
    moved = task("13", memberships=IN_DOING)
    first = await read(project(task("11"), task("12"), task("13")))
    asana = project(task("11"), task("12", modified_at=NEW), moved)

    again = await read(asana, earlier=first)

    assert histories(asana) == ["GET /tasks/12/stories", "GET /tasks/13/stories"]
    assert again.task("11") == first.task("11")


async def test_an_earlier_snapshot_of_other_boards_or_from_the_midst_of_a_change_saves_nothing() -> None:
    """What it says of a task may then not be all that this read needs."""
    first = await read(project(task("11")))
    others = (
        replace(first, project=ProjectGid("78")),
        replace(first, as_of=datetime.fromisoformat(OLD)),
    )
    for earlier in others:
        asana = project(task("11"))
        await read(asana, earlier=earlier)
        assert len(histories(asana)) == 1


async def test_a_full_cache_forgets_the_oldest() -> None:
    """The cache is bounded: what was stored first is read again."""
    cache = StoryCache(most=1)
    asana = project(task("11", modified_at=NEW), task("12"))
    await read(asana, cache=cache)
    await read(asana, cache=cache)
    assert histories(asana).count("GET /tasks/11/stories") == 2


async def test_two_projects_do_not_share_a_history() -> None:
    """On another board other sections are ours."""
    cache = StoryCache()
    asana = project(task("11"))
    await read(asana, cache=cache)
    for call in ("", "/sections", "/tasks"):
        asana.on(f"GET /projects/78{call}", *asana.answers[f"GET /projects/77{call}"])
    await asana.tracker(cache=cache).read_project(ProjectGid("78"), as_of=AS_OF)
    assert len(histories(asana)) == 2


async def test_progress_is_told() -> None:
    """Long reads show how far they are."""
    told: list[tuple[str, int]] = []
    await read(project(task("11"), task("12")), on_progress=lambda what, count: told.append((what, count)))
    assert told == [("tasks", 2), ("histories", 1), ("histories", 2)]


async def test_five_thousand_tasks_are_fifty_pages() -> None:
    """A huge project is read whole: fifty pages, and no history where nothing changed."""
    asana = project()
    pages = [[task(str(1000 + 100 * page + n), modified_at=OLD) for n in range(100)] for page in range(50)]
    asana.on(
        "GET /projects/77/tasks",
        *(ok(page, offset=f"p{n}" if n < 49 else None) for n, page in enumerate(pages)),
    )
    seen = await read(asana, since=SINCE)
    assert (len(seen.tasks), len(asana.requests)) == (5000, 53)


async def test_who_we_are_is_asked_once() -> None:
    """The gid of the bot does not change between reads."""
    asana = project()
    tracker = asana.tracker()
    for _ in range(2):
        await tracker.read_project(ProjectGid("77"), as_of=AS_OF)
    assert asana.calls("GET /users/me") == ["GET /users/me"]


async def test_a_project_is_described_without_its_tasks() -> None:
    """Set-up needs the name, the people, the fields and the dates; tasks are not read for that."""
    options = [{"gid": "63", "name": "Sprint 1"}, {"gid": "64", "name": "Sprint 0", "enabled": False}]
    field = {
        "gid": "62",
        "name": "Sprint",
        "resource_subtype": "enum",
        "description": "dates",
        "enum_options": options,
    }
    asana = project(
        custom_field_settings=[{"gid": "1", "custom_field": field}], start_on="2026-03-01", due_on=None, archived=True,
        permalink_url="https://app.asana.com/0/77", workspace={"gid": "9"}, members=[{"gid": "501"}],
    )  # fmt: skip
    found = await asana.tracker().project(ProjectGid("77"))
    assert (found.name, found.archived, found.start_on, found.due_on) == (
        "Harbour",
        True,
        date(2026, 3, 1),
        None,
    )
    assert (found.workspace, found.url, [member.gid for member in found.members]) == (
        "9",
        "https://app.asana.com/0/77",
        ["501"],
    )
    sprint = found.custom_fields[0]
    assert (sprint.gid, sprint.name, sprint.kind, sprint.description) == ("62", "Sprint", "enum", "dates")
    assert [(option.name, option.enabled) for option in sprint.options] == [
        ("Sprint 1", True),
        ("Sprint 0", False),
    ]
    assert asana.calls() == ["GET /projects/77"]


async def test_projects_are_listed_by_workspace() -> None:
    """Archived ones are left to rest."""
    asana = FakeAsana().on("GET /projects", ok([{"gid": "77", "name": "Harbour"}]))
    assert [(one.gid, one.name) for one in await asana.tracker().projects("9")] == [("77", "Harbour")]
    assert asana.requests[0].url.params["archived"] == "false"
    assert asana.requests[0].url.params["workspace"] == "9"


async def test_who_we_are_is_asked_once_by_however_many() -> None:
    """A thousand runs that begin together spend one call of the quota on it."""
    asana = project(task())
    async with asana.tracker() as tracker:
        found = await asyncio.gather(*(tracker.me() for _ in range(20)))
    assert {user.gid for user in found} == {"500"}
    assert asana.calls("GET /users/me") == ["GET /users/me"]


class Distant(FakeAsana):
    """An Asana whose answers take a moment, as over a network."""

    async def handle(self, request: httpx.Request) -> httpx.Response:  # type: ignore[override]
        """See `FakeAsana.handle`."""
        for _ in range(5):
            await asyncio.sleep(0)
        return super().handle(request)


def paged(count: int, pages: int, **more: Any) -> FakeAsana:
    """A project whose tasks come on so many pages."""
    tasks = [task(str(gid), **more) for gid in range(11, 11 + count)]
    asana, each = project(*tasks), count // pages
    parts = [tasks[start : start + each] for start in range(0, count, each)]
    offsets = [f"o{number}" for number in range(1, len(parts))]
    answers = [ok(part, offset=offset) for part, offset in zip(parts, [*offsets, None], strict=True)]
    return asana.on("GET /projects/77/tasks", *answers)


async def test_histories_are_read_while_the_next_page_of_tasks_still_comes() -> None:
    """Pages come one after another; what a page shows to be needed is asked for without waiting for the last."""
    asana = Distant(paged(6, pages=3).answers)
    await read(asana)
    made = asana.calls()
    last_page = max(place for place, call in enumerate(made) if call == "GET /projects/77/tasks")
    assert any(call.endswith("/stories") for call in made[:last_page])
    assert len(histories(asana)) == 6


async def test_near_the_cap_no_history_is_begun_before_all_tasks_are_known() -> None:
    """Which are the newest is known at the end; the cap must not be spent on others."""
    asana = Distant(paged(6, pages=3).answers)
    await read(asana, Limits(requests_per_minute=1500, burst=1500, story_reads=1000))
    made = asana.calls()
    last_page = max(place for place, call in enumerate(made) if call == "GET /projects/77/tasks")
    assert not any(call.endswith("/stories") for call in made[:last_page])


async def test_a_task_that_changed_while_the_pages_came_is_read_again() -> None:
    """Its first sight was followed by its history at once; what happened since is only in a second reading."""
    old, new = (task("11", modified_at=f"2026-03-0{day}T00:00:00Z") for day in (3, 4))
    asana = project(old)
    asana.on("GET /projects/77/tasks", ok([old], offset="o1"), ok([task("12")], offset="o2"), ok([new]))
    asana.on("GET /tasks/12/stories", ok([]))
    asana.on("GET /tasks/11/stories", ok([]), ok([story("31", "name_changed", old_name="a", new_name="b")]))
    seen = await read(asana)
    assert [one.gid for one in seen.tasks[0].stories] == ["31"]
