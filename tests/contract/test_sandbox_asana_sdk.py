"""The official Python client against the sandbox: what it sends is accepted, what it reads it understands."""

from collections.abc import Iterator
from typing import Any

import asana
import pytest
from asana.rest import ApiException

from facilitator.sandbox import Sandbox
from facilitator.sandbox.exchange import Receive, Scope, Send
from tests.unit.sandbox_asana.worlds import ANN, FIRST, SECOND, TEAM, TODO, WORKSPACE, small_pack


async def _nothing(_scope: Scope, receive: Receive, send: Send) -> None:
    """Stand in for the other port."""
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox for all of these."""
    with Sandbox(small_pack(), agents_app=_nothing, requests_per_minute=None) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[asana.ApiClient]:
    """The official client, pointed at the sandbox."""
    configuration = asana.Configuration()
    configuration.host = sandbox.asana_url
    configuration.access_token = "1/1:0123456789abcdef"
    configuration.retry_strategy = configuration.retry_strategy.new(total=0)
    made = asana.ApiClient(configuration)
    yield made
    made.pool.close()
    made.rest_client.pool_manager.clear()


def test_users_are_read(client: asana.ApiClient) -> None:
    """me, one, all."""
    users = asana.UsersApi(client)
    assert users.get_user("me", {})["name"] == "Facilitator bot"
    assert users.get_user(ANN, {"opt_fields": "name,email"})["email"] == "ann@example.test"
    assert len(list(users.get_users({"workspace": WORKSPACE}))) == 3
    assert len(list(users.get_users_for_workspace(WORKSPACE, {}))) == 3


def test_projects_and_sections_are_read(client: asana.ApiClient) -> None:
    """Lists page by themselves, truth values are written the client's way."""
    projects = asana.ProjectsApi(client)
    assert [p["name"] for p in projects.get_projects({"workspace": WORKSPACE, "archived": False})] == ["Team"]
    assert projects.get_project(TEAM, {"opt_fields": "members.name"})["members"][0]["name"] == "Ann"
    assert projects.get_task_counts_for_project(TEAM, {"opt_fields": "num_tasks"})["num_tasks"] == 5
    assert next(s["name"] for s in asana.SectionsApi(client).get_sections_for_project(TEAM, {})) == "To do"
    settings = asana.CustomFieldSettingsApi(client).get_custom_field_settings_for_project(TEAM, {})
    assert next(iter(settings))["custom_field"]["name"] == "Points"


@pytest.mark.parametrize("page", [1, 2, 100])
def test_tasks_are_paged_through(client: asana.ApiClient, page: int) -> None:
    """With any page size every task comes once."""
    client.configuration.page_limit = page
    found = [task["gid"] for task in asana.TasksApi(client).get_tasks({"project": TEAM, "limit": page})]
    assert len(found) == len(set(found)) == 5


def test_tasks_are_read_by_project_section_and_alone(client: asana.ApiClient) -> None:
    """With opt_fields as the client writes them."""
    tasks = asana.TasksApi(client)
    fields = "name,memberships.section.name,custom_fields.(name|number_value)"
    shown = list(tasks.get_tasks_for_project(TEAM, {"opt_fields": fields, "completed_since": "now"}))
    assert {"gid", "name", "memberships", "custom_fields"} == set(shown[0])
    assert len(list(tasks.get_tasks_for_section(TODO, {}))) == 3
    assert tasks.get_task(FIRST, {})["assignee"]["name"] == "Ann"
    assert len(list(tasks.get_subtasks_for_task(FIRST, {}))) == 1


def test_a_comment_is_made_read_changed_and_deleted(client: asana.ApiClient) -> None:
    """The client deletes with an empty JSON object as body."""
    stories = asana.StoriesApi(client)
    body: dict[str, Any] = {"data": {"html_text": "<body><strong>Hi</strong>\nref a/b</body>"}}
    gid = stories.create_story_for_task(body, SECOND, {})["gid"]
    listed = list(stories.get_stories_for_task(SECOND, {"opt_fields": "text,created_by.name,type"}))
    assert listed[-1]["text"] == "Hi\nref a/b"
    assert stories.update_story({"data": {"text": "new"}}, gid, {})["is_edited"] is True
    assert stories.delete_story(gid) == {}
    with pytest.raises(ApiException) as raised:
        stories.get_story(gid, {})
    assert raised.value.status == 404


def test_a_task_is_made_changed_moved_and_deleted(client: asana.ApiClient) -> None:
    """The writes a runner needs."""
    tasks = asana.TasksApi(client)
    body = {"data": {"name": "Approve", "projects": [TEAM], "resource_subtype": "approval"}}
    gid = tasks.create_task(body, {})["gid"]
    assert tasks.update_task({"data": {"approval_status": "approved"}}, gid, {})["completed"] is True
    assert asana.SectionsApi(client).add_task_for_section(TODO, {"body": {"data": {"task": gid}}}) == {}
    assert tasks.delete_task(gid) == {}


def test_a_status_update_is_posted_and_listed(client: asana.ApiClient) -> None:
    """The weekly report's way."""
    statuses = asana.StatusUpdatesApi(client)
    body = {"data": {"parent": TEAM, "status_type": "on_track", "title": "Week 9", "text": "Fine"}}
    gid = statuses.create_status_for_object(body, {})["gid"]
    assert [s["gid"] for s in statuses.get_statuses_for_object(TEAM, {})] == [gid]


def test_events_begin_with_a_412_that_the_client_handles(sandbox: Sandbox, client: asana.ApiClient) -> None:
    """It takes the token from the error and asks again."""
    assert list(asana.EventsApi(client).get_events(TEAM, {})) == []
    assert [entry.status for entry in sandbox.asana.requests[-2:]] == [412, 200]


def test_a_batch_is_answered(client: asana.ApiClient) -> None:
    """The client sends a limit with it."""
    body = {"data": {"actions": [{"method": "get", "relative_path": f"/tasks/{FIRST}"}]}}
    answers = list(asana.BatchAPIApi(client).create_batch_request(body, {}))
    assert answers[0]["status_code"] == 200
