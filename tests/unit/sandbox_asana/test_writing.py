"""The writes on tasks and what they leave behind."""

from typing import Any

import pytest

from tests.unit.sandbox_asana.worlds import (
    ANN,
    APPROVAL,
    BEN,
    BLOCKED,
    DOING,
    DONE,
    FIRST,
    LOCKED,
    POINTS,
    SECOND,
    SPRINT,
    SPRINT_COLUMN,
    SPRINTS,
    SUBTASK,
    TEAM,
    TODO,
    WORKSPACE,
    Api,
)


def _last(api: Api, task: str, fields: str) -> dict[str, Any]:
    """The newest story of a task with some of its members."""
    story: dict[str, Any] = api.read(f"/tasks/{task}/stories", opt_fields=f"resource_subtype,{fields}")[-1]
    return story


def test_completing_sets_who_and_when_and_tells_it(api: Api) -> None:
    """One write, five effects."""
    api.clock.advance(60)
    task = api.write("PUT", f"/tasks/{FIRST}", completed=True)
    assert (task["completed_at"], task["modified_at"]) == ("2026-03-02T09:01:00.000Z",) * 2
    assert task["completed_by"]["gid"] == api.world.bot_gid
    assert api.subtypes(FIRST)[-1] == "marked_complete"


def test_reopening_clears_who_and_when(api: Api) -> None:
    """A reopened task was never completed by anybody."""
    api.write("PUT", f"/tasks/{FIRST}", completed=True)
    task = api.write("PUT", f"/tasks/{FIRST}", completed=False)
    assert (task["completed_at"], task["completed_by"]) == (None, None)
    assert api.subtypes(FIRST)[-1] == "marked_incomplete"


def test_writing_what_is_already_so_leaves_no_trace(api: Api) -> None:
    """No story, no new modified_at."""
    before = api.read(f"/tasks/{FIRST}")
    api.clock.advance(60)
    same = {
        "name": before["name"],
        "completed": False,
        "assignee": ANN,
        "custom_fields": {POINTS: 3},
        "due_on": None,
    }
    assert api.write("PUT", f"/tasks/{FIRST}", **same) == before
    assert len(api.subtypes(FIRST)) == 2


@pytest.mark.parametrize(
    ("status", "completed"),
    [("approved", True), ("rejected", True), ("changes_requested", True), ("pending", False)],
)
def test_an_approvals_status_and_completion_go_together(api: Api, status: str, completed: bool) -> None:
    """A refusal completes the task too: completed alone never means yes."""
    api.write("PUT", f"/tasks/{APPROVAL}", approval_status="approved")
    task = api.write("PUT", f"/tasks/{APPROVAL}", approval_status=status)
    assert (task["approval_status"], task["completed"]) == (status, completed)


def test_ticking_an_approval_approves_it(api: Api) -> None:
    """And the story names old and new."""
    task = api.write("PUT", f"/tasks/{APPROVAL}", completed=True)
    assert task["approval_status"] == "approved"
    assert api.subtypes(APPROVAL) == ["approval_status_changed", "marked_complete"]
    told = api.read(f"/tasks/{APPROVAL}/stories", opt_fields="old_approval_status,new_approval_status")[0]
    assert (told["old_approval_status"], told["new_approval_status"]) == ("pending", "approved")


def test_a_task_that_becomes_an_approval_is_pending(api: Api) -> None:
    """Only approvals have a status."""
    assert "approval_status" not in api.read(f"/tasks/{FIRST}")
    task = api.write("PUT", f"/tasks/{FIRST}", resource_subtype="approval")
    assert task["approval_status"] == "pending"
    assert api.subtypes(FIRST)[-1] == "resource_subtype_changed"
    assert api.refused("PUT", f"/tasks/{SECOND}", approval_status="approved")[0] == 400


def test_assigning_tells_it_and_makes_a_follower(api: Api) -> None:
    """Me is the token's user; null takes the task away again."""
    task = api.write("PUT", f"/tasks/{SECOND}", assignee="me")
    assert [follower["gid"] for follower in task["followers"]] == [api.world.bot_gid]
    assert _last(api, SECOND, "assignee")["assignee"]["gid"] == api.world.bot_gid
    assert api.write("PUT", f"/tasks/{SECOND}", assignee=None)["assignee"] is None
    assert api.subtypes(SECOND) == ["assigned", "unassigned"]


def test_a_due_date_change_has_both_dates(api: Api) -> None:
    """Old and new stand in the story; nothing before is null."""
    api.write("PUT", f"/tasks/{SECOND}", due_on="2026-03-09", start_on="2026-03-05")
    told = _last(api, SECOND, "old_dates,new_dates")
    assert told["old_dates"] == {"start_on": None, "due_on": "2026-03-06", "due_at": None}
    assert told["new_dates"] == {"start_on": "2026-03-05", "due_on": "2026-03-09", "due_at": None}


def test_a_timed_due_date_has_a_day_and_gives_way_to_one(api: Api) -> None:
    """due_on follows due_at, and setting due_on takes the time away."""
    task = api.write("PUT", f"/tasks/{SECOND}", due_at="2026-03-06T23:30:00+01:00")
    assert (task["due_at"], task["due_on"]) == ("2026-03-06T22:30:00.000Z", "2026-03-06")
    assert api.write("PUT", f"/tasks/{SECOND}", due_on="2026-03-08")["due_at"] is None
    cleared = api.write("PUT", f"/tasks/{SECOND}", due_on=None)
    assert (cleared["due_on"], cleared["due_at"]) == (None, None)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            {"due_on": "2026-03-06", "due_at": "2026-03-06T10:00:00Z"},
            "You may only provide one of due_on or due_at!",
        ),
        (
            {"start_on": "2026-03-01", "start_at": "2026-03-01T10:00:00Z"},
            "You may only provide one of start_on or",
        ),
        ({"start_on": "2026-03-01"}, "start_on: You must provide a due date"),
        ({"due_on": "6.3.2026"}, "due_on: Not a valid date"),
        ({"due_on": "2026-02-30"}, "due_on: Not a valid date"),
        ({"due_at": "2026-03-06T10:00:00"}, "due_at: The date-time has no time zone"),
        ({"name": 5}, "name: Value is not a string"),
        ({"completed": "yes"}, "completed: Value is not a boolean"),
        ({"assignee": 501}, "assignee: Value is not a string"),
        ({"resource_subtype": "story"}, "resource_subtype: Value is not one of"),
        ({"resource_subtype": "custom"}, "resource_subtype: custom task types are not modelled"),
        ({"html_notes": "x"}, "html_notes: html_lacks_body"),
        ({"notes": "x", "html_notes": "<body/>"}, "You may only provide one of notes or html_notes!"),
        ({"projects": [TEAM]}, "projects: Cannot write this property"),
        ({"created_at": "2026-03-06T10:00:00Z"}, "created_at: Cannot write this property"),
        ({"titel": "x"}, "titel: Unrecognized field"),
    ],
)
def test_a_wrong_value_is_a_400_and_changes_nothing(api: Api, data: dict[str, Any], said: str) -> None:
    """The field is named, and a good field beside it is not taken either."""
    status, message = api.refused("PUT", f"/tasks/{SECOND}", **{"liked": True, **data})
    assert (status, message[: len(said)]) == (400, said)
    assert api.read(f"/tasks/{SECOND}")["liked"] is False


@pytest.mark.parametrize(
    ("field", "status"), [("external", 403), ("assignee_section", 501), ("custom_type", 501)]
)
def test_fields_beyond_the_model_say_so(api: Api, field: str, status: int) -> None:
    """An OAuth app's field is a 403, an unmodelled one a 501."""
    assert api.refused("PUT", f"/tasks/{SECOND}", **{field: {}})[0] == status


def test_a_like_is_the_tokens_own(api: Api) -> None:
    """Liking twice is one like, and it can be taken back."""
    for _ in range(2):
        task = api.write("PUT", f"/tasks/{FIRST}", liked=True)
    assert (task["num_likes"], task["likes"][0]["user"]["gid"]) == (1, api.world.bot_gid)
    assert api.write("PUT", f"/tasks/{FIRST}", liked=False)["likes"] == []


def test_a_created_task_answers_201_with_its_place(api: Api) -> None:
    """Location names it, the board has it, its story says so."""
    reply = api.ask("POST", "/tasks", {"data": {"name": "New", "projects": [TEAM], "assignee": BEN}})
    task = reply.body["data"]
    assert (reply.status, reply.headers["Location"]) == (201, f"/tasks/{task['gid']}")
    assert len(task["gid"]) == 16
    assert task["memberships"][0]["section"]["gid"] == TODO
    assert api.subtypes(task["gid"]) == ["added_to_project", "assigned"]
    assert api.read(f"/sections/{TODO}/tasks")[-1]["gid"] == task["gid"]


def test_a_task_is_created_with_everything_it_may_have(api: Api) -> None:
    """Fields, tags, followers, values and a section of choice."""
    task = api.write(
        "POST",
        "/tasks",
        name="Report",
        workspace=WORKSPACE,
        projects=[TEAM],
        memberships=[{"project": TEAM, "section": DONE}, {"project": SPRINTS}],
        tags=["61"],
        followers=[ANN],
        custom_fields={POINTS: 2.5},
        completed=True,
        html_notes="<body><h1>Hi</h1></body>",
    )
    assert [m["section"]["gid"] for m in task["memberships"]] == [DONE, SPRINT_COLUMN]
    assert (task["tags"][0]["name"], task["followers"][0]["gid"], task["notes"]) == ("urgent", ANN, "Hi")
    assert task["custom_fields"][0]["display_value"] == "2.5"
    assert task["completed_at"] is not None
    assert api.subtypes(task["gid"]) == ["added_to_project", "added_to_project", "marked_complete"]


def test_a_subtask_joins_no_project(api: Api) -> None:
    """It has a parent and no memberships, whichever way it was made."""
    under = api.write("POST", f"/tasks/{FIRST}/subtasks", name="Under")
    beside = api.write("POST", "/tasks", name="Beside", parent=FIRST)
    assert [(t["parent"]["gid"], t["memberships"]) for t in (under, beside)] == [(FIRST, []), (FIRST, [])]
    assert len(api.read(f"/tasks/{FIRST}/subtasks")) == 3


@pytest.mark.parametrize(
    ("path", "data", "status", "said"),
    [
        ("/tasks", {"name": "x"}, 400, "You should specify one of workspace, parent, projects"),
        ("/tasks", {"projects": ["999"]}, 404, "projects: Unknown object: 999"),
        ("/tasks", {"projects": [77]}, 400, "projects: Not a valid GID type: number"),
        ("/tasks", {"projects": TEAM}, 400, "projects: Value is not a list"),
        ("/tasks", {"workspace": "2"}, 404, "workspace: Unknown object: 2"),
        ("/tasks", {"workspace": WORKSPACE, "followers": ["999"]}, 404, "followers: Unknown object: 999"),
        (
            "/tasks",
            {"memberships": [{"section": TODO}]},
            400,
            "memberships: Each entry takes project and section",
        ),
        (
            "/tasks",
            {"memberships": [{"project": SPRINTS, "section": TODO}]},
            400,
            "memberships: Section 71 is not in",
        ),
        (f"/tasks/{FIRST}/subtasks", {"parent": SECOND}, 400, "parent: Cannot write this property"),
        ("/tasks/999/subtasks", {}, 404, "task: Unknown object: 999"),
    ],
)
def test_a_task_that_cannot_be_made_is_refused(
    api: Api, path: str, data: dict[str, Any], status: int, said: str
) -> None:
    """Nothing is made, and the message says why."""
    before = len(api.world.all("task"))
    got, message = api.refused("POST", path, **data)
    assert (got, message[: len(said)]) == (status, said)
    assert len(api.world.all("task")) == before


def test_too_many_projects_are_refused(api: Api) -> None:
    """A task can be in twenty."""
    for number in range(21):
        api.world.add("project", {**api.world.find("project", SPRINTS), "gid": str(800 + number)})
    status, message = api.refused("POST", "/tasks", projects=[str(800 + number) for number in range(21)])
    assert (status, "at most 20" in message) == (400, True)


def test_a_deleted_task_is_gone(api: Api) -> None:
    """The answer is empty, every later read a 404."""
    assert api.ask("DELETE", f"/tasks/{SECOND}", {}).body == {"data": {}}
    assert api.refused("GET", f"/tasks/{SECOND}")[0] == 404
    assert SECOND not in [task["gid"] for task in api.read(f"/projects/{TEAM}/tasks")]


def test_a_move_goes_to_the_top_and_tells_it(api: Api) -> None:
    """The story names the old and the new section, other boards are untouched."""
    assert api.write("POST", f"/sections/{TODO}/addTask", task=FIRST) == {}
    assert [t["gid"] for t in api.read(f"/sections/{TODO}/tasks")] == [FIRST, SECOND, BLOCKED, APPROVAL]
    told = _last(api, FIRST, "old_section,new_section")
    assert (told["old_section"]["gid"], told["new_section"]["gid"]) == (DOING, TODO)
    places = api.read(f"/tasks/{FIRST}", opt_fields="memberships.section.gid")["memberships"]
    assert sorted(m["section"]["gid"] for m in places) == [TODO, SPRINT_COLUMN]


@pytest.mark.parametrize("touches", [True, False])
def test_whether_a_move_counts_as_modification_is_a_switch(api: Api, touches: bool) -> None:
    """Undocumented, so both ways can be tested."""
    api.world.switches.section_move_touches_task = touches
    before = api.read(f"/tasks/{FIRST}")["modified_at"]
    api.clock.advance(60)
    api.write("POST", f"/sections/{TODO}/addTask", task=FIRST)
    assert (api.read(f"/tasks/{FIRST}")["modified_at"] != before) is touches


@pytest.mark.parametrize(
    ("beside", "order"),
    [
        ({"insert_before": BLOCKED}, [SECOND, FIRST, BLOCKED, APPROVAL]),
        ({"insert_after": BLOCKED}, [SECOND, BLOCKED, FIRST, APPROVAL]),
    ],
)
def test_a_move_beside_another_task(api: Api, beside: dict[str, str], order: list[str]) -> None:
    """Before and after are kept."""
    api.write("POST", f"/sections/{TODO}/addTask", task=FIRST, **beside)
    assert [t["gid"] for t in api.read(f"/sections/{TODO}/tasks")] == order


@pytest.mark.parametrize(
    "beside",
    [{"insert_before": FIRST}, {"insert_before": BLOCKED, "insert_after": SECOND}, {"position": "1"}],
)
def test_an_impossible_place_is_refused_and_nothing_moves(api: Api, beside: dict[str, str]) -> None:
    """The task stays where it was."""
    assert api.refused("POST", f"/sections/{TODO}/addTask", task=FIRST, **beside)[0] == 400
    assert [t["gid"] for t in api.read(f"/sections/{DOING}/tasks")] == [FIRST]


def test_a_task_joins_and_leaves_a_project(api: Api) -> None:
    """Each is told as a story; leaving twice is a 400."""
    api.write("POST", f"/tasks/{SECOND}/addProject", project=SPRINTS, section=SPRINT_COLUMN)
    assert SECOND in [t["gid"] for t in api.read(f"/projects/{SPRINTS}/tasks")]
    api.write("POST", f"/tasks/{SECOND}/removeProject", project=SPRINTS)
    assert api.subtypes(SECOND) == ["added_to_project", "removed_from_project"]
    assert api.refused("POST", f"/tasks/{SECOND}/removeProject", project=SPRINTS)[0] == 400
    assert api.refused("POST", f"/tasks/{SECOND}/addProject") == (400, "project: Missing input")


def test_a_board_without_columns_gets_one(api: Api) -> None:
    """A task is always in a section of its project."""
    api.world.add("project", {**api.world.find("project", SPRINTS), "gid": "79"})
    api.write("POST", f"/tasks/{SUBTASK}/addProject", project="79")
    assert [s["name"] for s in api.read("/projects/79/sections")] == ["Untitled section"]


def test_a_locked_field_is_a_403(api: Api) -> None:
    """Locked values may be read only."""
    assert api.refused("PUT", f"/tasks/{FIRST}", custom_fields={LOCKED: "x"})[0] == 403


def test_a_field_of_another_project_is_refused(api: Api) -> None:
    """A value needs its field on the task's project."""
    status, message = api.refused("PUT", f"/tasks/{SUBTASK}", custom_fields={SPRINT: "321"})
    assert (status, message) == (400, "custom_fields: Custom field with ID 32 is not on given object")
