"""The reads and their filters."""

from typing import Any

import pytest

from tests.unit.sandbox_asana.worlds import (
    ANN,
    APPROVAL,
    BEN,
    BLOCKED,
    FINISHED,
    FIRST,
    SECOND,
    SPRINTS,
    SUBTASK,
    TEAM,
    TODO,
    WORKSPACE,
    Api,
)


def _gids(shown: list[dict[str, Any]]) -> list[str]:
    return [entry["gid"] for entry in shown]


def test_me_is_the_tokens_user(api: Api) -> None:
    """The bot knows its name and its workspace."""
    me = api.read("/users/me")
    assert (me["name"], [w["gid"] for w in me["workspaces"]]) == ("Facilitator bot", [WORKSPACE])


@pytest.mark.parametrize("who", [ANN, "ann@example.test"])
def test_a_user_is_found_by_gid_and_by_address(api: Api, who: str) -> None:
    """Both name the same person."""
    assert api.read(f"/users/{who}")["name"] == "Ann"


@pytest.mark.parametrize("path", ["/users", f"/workspaces/{WORKSPACE}/users"])
def test_the_bot_is_one_of_the_users(api: Api, path: str) -> None:
    """People and the bot are listed."""
    assert [user["name"] for user in api.read(path)] == ["Ann", "Ben", "Facilitator bot"]


def test_workspaces_are_listed_and_read(api: Api) -> None:
    """There is one, and it is the one in the list."""
    assert api.read("/workspaces") == [{"gid": WORKSPACE, "resource_type": "workspace", "name": "House"}]
    assert api.read(f"/workspaces/{WORKSPACE}")["is_organization"] is True


@pytest.mark.parametrize(
    ("query", "found"),
    [({}, [TEAM, SPRINTS]), ({"archived": "False"}, [TEAM]), ({"archived": "true"}, [SPRINTS])],
)
def test_projects_are_filtered_by_archived(api: Api, query: dict[str, str], found: list[str]) -> None:
    """Truth values are read as the official client writes them."""
    assert _gids(api.read("/projects", workspace=WORKSPACE, **query)) == found
    assert _gids(api.read(f"/workspaces/{WORKSPACE}/projects", **query)) == found


def test_a_truth_value_must_be_one(api: Api) -> None:
    """archived=maybe is a 400."""
    assert api.get("/projects", archived="maybe").status == 400


def test_a_project_knows_its_people_and_fields(api: Api) -> None:
    """Members and custom field settings come with the full record."""
    project = api.read(f"/projects/{TEAM}")
    assert [member["name"] for member in project["members"]] == ["Ann", "Ben", "Facilitator bot"]
    assert project["custom_field_settings"][0]["custom_field"]["name"] == "Points"
    assert project["current_status_update"] is None


def test_sections_come_in_board_order(api: Api) -> None:
    """The order of the file is the order of the board."""
    assert [section["name"] for section in api.read(f"/projects/{TEAM}/sections")] == [
        "To do",
        "Doing",
        "Done",
    ]
    assert api.read(f"/sections/{TODO}")["project"]["gid"] == TEAM


def test_a_projects_tasks_come_by_position_without_subtasks(api: Api) -> None:
    """Section by section, top to bottom."""
    assert _gids(api.read(f"/projects/{TEAM}/tasks")) == [SECOND, BLOCKED, APPROVAL, FIRST, FINISHED]


def test_completed_since_keeps_every_open_task(api: Api) -> None:
    """It is not "completed since": open tasks stay, old finished ones go."""
    path = f"/projects/{TEAM}/tasks"
    assert FINISHED not in _gids(api.read(path, completed_since="2026-02-20T10:00:00.001Z"))
    assert FINISHED in _gids(api.read(path, completed_since="2026-02-20T11:00:00+01:00"))
    assert _gids(api.read(path, completed_since="now")) == [SECOND, BLOCKED, APPROVAL, FIRST]


@pytest.mark.parametrize("text", ["yesterday", "2026-02-20T10:00:00", "2026-02-20"])
def test_an_instant_needs_a_zone(api: Api, text: str) -> None:
    """Anything but ISO 8601 with a zone is a 400."""
    assert api.get(f"/projects/{TEAM}/tasks", completed_since=text).status == 400


def test_modified_since_is_for_tasks_only(api: Api) -> None:
    """On /tasks it filters; on a project's tasks the schema has no such parameter."""
    api.clock.advance(10)
    api.write("PUT", f"/tasks/{SECOND}", name="New")
    assert _gids(api.read("/tasks", project=TEAM, modified_since="2026-03-02T09:00:05Z")) == [SECOND]
    assert api.get(f"/projects/{TEAM}/tasks", modified_since="2026-03-02T09:00:05Z").status == 400


def test_tasks_are_read_by_section_and_by_assignee(api: Api) -> None:
    """Each scope has its own list."""
    assert _gids(api.read("/tasks", section=TODO)) == [SECOND, BLOCKED, APPROVAL]
    assert _gids(api.read(f"/sections/{TODO}/tasks")) == [SECOND, BLOCKED, APPROVAL]
    assert _gids(api.read("/tasks", assignee=BEN, workspace=WORKSPACE)) == [FINISHED]
    assert api.read("/tasks", assignee="me", workspace=WORKSPACE) == []


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"workspace": WORKSPACE},
        {"assignee": ANN},
        {"project": TEAM, "section": TODO},
        {"project": TEAM, "workspace": WORKSPACE},
    ],
)
def test_tasks_need_exactly_one_scope(api: Api, query: dict[str, str]) -> None:
    """No scope, half a scope and two scopes are a 400."""
    reply = api.get("/tasks", **query)
    assert reply.status == 400
    assert reply.body["errors"][0]["message"].startswith("Must specify exactly one of project")


def test_subtasks_are_listed_under_their_parent(api: Api) -> None:
    """And know it."""
    assert _gids(api.read(f"/tasks/{FIRST}/subtasks")) == [SUBTASK]
    assert api.read(f"/tasks/{SUBTASK}")["parent"]["gid"] == FIRST


def test_counts_must_be_asked_for(api: Api) -> None:
    """Without opt_fields the answer is an empty object."""
    path = f"/projects/{TEAM}/task_counts"
    assert api.read(path) == {}
    counts = api.read(path, opt_fields="num_tasks,num_incomplete_tasks,num_completed_tasks,num_milestones")
    assert counts == {
        "num_tasks": 5,
        "num_incomplete_tasks": 4,
        "num_completed_tasks": 1,
        "num_milestones": 0,
    }


def test_memberships_can_be_asked_two_ways(api: Api) -> None:
    """By project, and by parent; both can be narrowed to one person."""
    members = api.read(f"/projects/{TEAM}/project_memberships", opt_fields="member.name")
    assert [entry["member"]["name"] for entry in members] == ["Ann", "Ben", "Facilitator bot"]
    assert len(api.read(f"/projects/{TEAM}/project_memberships", user=ANN)) == 1
    assert len(api.read("/memberships", parent=TEAM, member=ANN)) == 1
    assert api.refused("GET", "/memberships") == (400, "parent: Missing input")


def test_fields_and_settings_are_read(api: Api) -> None:
    """Options come with their field."""
    settings = api.read(
        f"/projects/{TEAM}/custom_field_settings", opt_fields="custom_field.enum_options.name"
    )
    assert settings[1]["custom_field"]["enum_options"][0] == {"gid": "321", "name": "Sprint 1"}
    assert api.read("/custom_fields/32")["resource_subtype"] == "enum"


def test_stories_are_oldest_first_with_the_members_of_their_kind(api: Api) -> None:
    """A move has its sections, a comment has neither, a sentence is made for each."""
    moved, said = api.read(
        f"/tasks/{FIRST}/stories", opt_fields="type,text,old_section.name,new_section.name,html_text"
    )
    assert (moved["old_section"]["name"], moved["new_section"]["name"]) == ("To do", "Doing")
    assert moved["text"] == 'Ann moved this task from "To do" to "Doing"'
    assert (said["type"], said["text"]) == ("comment", "Looks <good> & done")
    assert said["html_text"] == "<body>Looks &lt;good&gt; &amp; done</body>"
    assert "old_section" not in said


def test_a_story_is_read_alone(api: Api) -> None:
    """With its task as target; it can be changed by its author only."""
    story = api.read("/stories/9002")
    assert (story["target"]["gid"], story["is_editable"]) == (FIRST, False)


def test_a_story_of_a_hidden_task_is_not_there(api: Api) -> None:
    """Who cannot see the task cannot see what is said on it."""
    api.world.hidden.add(FIRST)
    assert api.refused("GET", "/stories/9002") == (404, "story: Unknown object: 9002")


def test_a_hidden_task_is_absent_everywhere(api: Api) -> None:
    """From lists, from reads, from the dependencies of others."""
    api.world.hidden.add(FIRST)
    assert FIRST not in _gids(api.read(f"/projects/{TEAM}/tasks"))
    assert api.refused("GET", f"/tasks/{FIRST}")[0] == 404
    assert api.read(f"/tasks/{BLOCKED}", opt_fields="dependencies")["dependencies"] == []


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/tasks/999", 404, "task: Unknown object: 999"),
        ("/tasks/abc", 400, "task: Not a recognized ID: abc"),
        (
            "/tasks/external:x",
            501,
            "The sandbox does not model external: ids (they exist for OAuth apps only).",
        ),
        ("/projects/11", 404, "project: Unknown object: 11"),
        ("/users/nobody@example.test", 404, "user: Unknown object: nobody@example.test"),
        ("/nonsense", 404, "No matching route for request: GET /nonsense"),
        ("/goals", 501, "The sandbox does not model GET /goals."),
        ("/users?team=3", 404, "No matching route for request: GET /users?team=3"),
    ],
)
def test_what_is_not_there_is_refused_in_asanas_words(api: Api, path: str, status: int, message: str) -> None:
    """404 for what is gone, 400 for no gid, 501 for what is not modelled."""
    assert api.refused("GET", path) == (status, message)


@pytest.mark.parametrize("path", ["/users", "/projects"])
def test_lists_by_team_are_not_modelled(api: Api, path: str) -> None:
    """They are refused rather than answered wrongly."""
    assert api.get(path, team="3").status == 501


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/tasks/11", {"fields": "name"}),
        ("/tasks/11", {"limit": "5"}),
        ("/projects/77/tasks", {"modified_at": "now"}),
        ("/users/me", {"opt_expand": "all"}),
    ],
)
def test_an_unknown_parameter_is_a_400_that_names_it(api: Api, path: str, query: dict[str, str]) -> None:
    """Stricter than the live service is known to be: a typo must not pass."""
    reply = api.get(path, **query)
    assert reply.status == 400
    assert reply.body["errors"][0]["message"].startswith(next(iter(query)))


def test_attachments_need_a_parent_that_is_there(api: Api) -> None:
    """A task without any has an empty list."""
    assert api.read("/attachments", parent=FIRST) == []
    assert api.refused("GET", "/attachments") == (400, "parent: Missing input")
    assert api.get("/attachments", parent="999").status == 404
