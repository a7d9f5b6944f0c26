"""A spread of the sandbox's answers, and the calls that brought them, against the published API description."""

from collections.abc import Callable
from typing import Any

import pytest

from facilitator.sandbox import load_pack
from facilitator.sandbox.asana.routes import ROUTES
from tests.contract import asana_openapi as openapi
from tests.unit.sandbox_asana.worlds import (
    ANN,
    APPROVAL,
    BLOCKED,
    FIRST,
    POINTS,
    SPRINT,
    TEAM,
    TODO,
    WORKSPACE,
    Api,
)

pytestmark = pytest.mark.skipif(not openapi.available(), reason=openapi.ABSENT)

TASK_FIELDS = (
    "name,resource_subtype,approval_status,assignee.name,due_on,due_at,start_on,completed,completed_at,completed_by.name,"
    "created_at,created_by.name,modified_at,num_subtasks,parent.gid,memberships.project.gid,memberships.section.name,"
    "dependencies,dependents,tags.name,permalink_url,notes,html_notes,external,likes.user.name,followers.name,workspace,"
    "custom_fields.(name|resource_subtype|enabled|display_value|number_value|enum_value.name|multi_enum_values.name)"
)
STORY_FIELDS = (
    "type,resource_subtype,created_at,created_by.name,text,html_text,new_section.name,old_section.name,assignee.name,"
    "old_dates,new_dates,custom_field.name,old_enum_value.name,new_enum_value.name,old_number_value,new_number_value,"
    "dependency.gid,old_approval_status,new_approval_status,is_edited,source,target,likes.user"
)
READS: list[tuple[str, dict[str, Any]]] = [
    ("/users/me", {}),
    ("/users", {"workspace": WORKSPACE, "limit": 2}),
    ("/workspaces", {}),
    (f"/workspaces/{WORKSPACE}", {}),
    (f"/workspaces/{WORKSPACE}/users", {}),
    (f"/workspaces/{WORKSPACE}/projects", {"archived": "false"}),
    ("/projects", {"limit": 1}),
    (f"/projects/{TEAM}", {}),
    (f"/projects/{TEAM}/sections", {"limit": 100}),
    (f"/projects/{TEAM}/tasks", {"limit": 2, "opt_fields": TASK_FIELDS}),
    (f"/projects/{TEAM}/custom_field_settings", {"limit": 100}),
    (f"/projects/{TEAM}/task_counts", {"opt_fields": "num_tasks,num_milestones"}),
    (f"/projects/{TEAM}/project_memberships", {}),
    ("/memberships", {"parent": TEAM}),
    (f"/custom_fields/{SPRINT}", {}),
    (
        "/tasks",
        {
            "project": TEAM,
            "completed_since": "2026-01-01T00:00:00Z",
            "modified_since": "2026-01-01T00:00:00Z",
        },
    ),
    (f"/tasks/{FIRST}", {}),
    (f"/tasks/{APPROVAL}", {"opt_fields": TASK_FIELDS}),
    (f"/tasks/{FIRST}/subtasks", {}),
    (f"/tasks/{FIRST}/stories", {}),
    (f"/tasks/{FIRST}/stories", {"opt_fields": STORY_FIELDS, "limit": 100}),
    (f"/sections/{TODO}", {}),
    (f"/sections/{TODO}/tasks", {}),
    ("/stories/9001", {}),
    ("/stories/9002", {}),
    ("/status_updates", {"parent": TEAM}),
    ("/attachments", {"parent": FIRST}),
    ("/tasks/999", {}),
    ("/users", {"limit": 500}),
]
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", f"/tasks/{FIRST}/stories", {"text": "hello"}),
    (
        "POST",
        f"/tasks/{FIRST}/stories",
        {"html_text": f'<body><a data-asana-gid="{ANN}"/></body>', "is_pinned": True},
    ),
    (
        "POST",
        "/tasks",
        {"name": "New", "projects": [TEAM], "due_on": "2026-03-06", "custom_fields": {POINTS: 2}},
    ),
    ("PUT", f"/tasks/{BLOCKED}", {"completed": True, "name": "Shipped", "assignee": ANN}),
    ("PUT", f"/tasks/{APPROVAL}", {"approval_status": "rejected"}),
    ("POST", f"/tasks/{FIRST}/subtasks", {"name": "Under"}),
    ("POST", f"/sections/{TODO}/addTask", {"task": FIRST}),
    ("POST", f"/tasks/{FIRST}/removeProject", {"project": TEAM}),
    ("POST", f"/tasks/{FIRST}/addProject", {"project": TEAM}),
    ("POST", "/status_updates", {"parent": TEAM, "status_type": "on_track", "text": "Fine", "title": "Week"}),
    ("POST", "/batch", {"actions": [{"method": "get", "relative_path": "/users/me"}]}),
    ("DELETE", f"/tasks/{BLOCKED}", {}),
]


@pytest.fixture
def busy() -> Api:
    """The small workspace after a day of work: stories of every kind, a status, an upload."""
    api = Api()
    api.write("PUT", f"/tasks/{FIRST}", name="Other", due_on="2026-03-09", assignee=None, liked=True)
    api.write(
        "PUT", f"/tasks/{FIRST}", assignee=ANN, completed=True, custom_fields={POINTS: 2.5, SPRINT: "321"}
    )
    api.write("PUT", f"/tasks/{APPROVAL}", approval_status="approved", due_at="2026-03-09T10:00:00Z")
    api.write("POST", "/status_updates", parent=TEAM, status_type="at_risk", text="Late", title="Week 9")
    external = {"resource_subtype": "external", "url": "https://x.test/a", "name": "A"}
    api.write("POST", "/attachments", parent=FIRST, **external)
    return api


@pytest.mark.parametrize(("path", "query"), READS, ids=[path for path, _ in READS])
def test_reads_fit_the_description(busy: Api, path: str, query: dict[str, Any]) -> None:
    """Call and answer are both as published."""
    reply = busy.get(path, **query)
    if query.get("limit", 1) <= 100:
        openapi.validate_request("GET", path, query, None)
    openapi.validate_response("GET", path, reply.status, reply.body)


def test_events_fit_the_description(busy: Api) -> None:
    """The token beside the data, and each event."""
    first = busy.get("/events", resource=TEAM)
    openapi.validate_response("GET", "/events", first.status, first.body)
    busy.write("POST", f"/tasks/{FIRST}/stories", text="x")
    busy.write("PUT", f"/tasks/{FIRST}", name="Third")
    query = {"resource": TEAM, "sync": first.body["sync"]}
    openapi.validate_request("GET", "/events", query, None)
    openapi.validate_response("GET", "/events", 200, busy.get("/events", **query).body)


@pytest.mark.parametrize(("method", "path", "data"), WRITES, ids=[f"{m} {p}" for m, p, _ in WRITES])
def test_writes_fit_the_description(busy: Api, method: str, path: str, data: dict[str, Any]) -> None:
    """Call and answer are both as published, the status included."""
    body = {"data": data}
    openapi.validate_request(method, path, {}, body)
    reply = busy.ask(method, path, body)
    assert reply.status in (200, 201), reply.body
    openapi.validate_response(method, path, reply.status, reply.body)


def test_every_route_is_published() -> None:
    """The simulator invents no call."""
    for route in ROUTES:
        path = openapi.PREFIX + route.template
        openapi.validate_request(route.method, path, _required(route.template, route.method), {"data": {}})


def _required(template: str, method: str) -> dict[str, str]:
    needed = {
        "/webhooks": "workspace",
        "/events": "resource",
        "/status_updates": "parent",
        "/attachments": "parent",
    }
    return {needed[template]: "1"} if method == "GET" and template in needed else {}


NOT_RIGHT: list[tuple[Callable[[], None], str]] = [
    (lambda: openapi.validate_request("GET", "/nothing", {}, None), "no such call"),
    (lambda: openapi.validate_request("DELETE", "/users/me", {}, None), "no such call"),
    (
        lambda: openapi.validate_request("GET", "/tasks/1", {"field": "x"}, None),
        r"unknown query parameters \['field'\]",
    ),
    (
        lambda: openapi.validate_request("GET", "/events", {}, None),
        r"missing query parameters \['resource'\]",
    ),
    (lambda: openapi.validate_request("GET", "/tasks", {"limit": "101"}, None), "limit is 101"),
    (lambda: openapi.validate_request("POST", "/tasks", {}, None), "not a JSON object"),
    (lambda: openapi.validate_request("POST", "/tasks", {}, {"data": {}, "x": 1}), "stray top-level keys"),
    (lambda: openapi.validate_request("POST", "/tasks", {}, {"options": {}}), "no data object"),
    (
        lambda: openapi.validate_request("PUT", "/tasks/1", {}, {"data": {"titel": "x"}}),
        r"unknown members \['titel'\]",
    ),
    (
        lambda: openapi.validate_request(
            "PUT", "/tasks/1", {}, {"data": {"created_at": "2026-03-06T10:00:00Z"}}
        ),
        "created_at is read-only",
    ),
    (lambda: openapi.validate_request("PUT", "/tasks/1", {}, {"data": {"name": 5}}), "name does not fit"),
    (lambda: openapi.validate_response("POST", "/tasks", 200, {"data": {}}), "200 is not declared"),
    (lambda: openapi.validate_response("GET", "/tasks/1", 404, {}), "no list of errors"),
    (lambda: openapi.validate_response("GET", "/tasks/1", 404, {"errors": []}), "an empty list"),
    (lambda: openapi.validate_response("GET", "/tasks/1", 404, {"errors": [{}]}), "has no message"),
    (
        lambda: openapi.validate_response("GET", "/tasks/1", 200, {"data": {"gid": 5}}),
        "gid: 5 is not of type",
    ),
    (
        lambda: openapi.validate_response("GET", "/tasks/1", 200, {"data": {"due_on": "soon"}}),
        "is not a 'date'",
    ),
    (
        lambda: openapi.validate_response("GET", "/tasks/1", 200, {"data": {"due_at": "soon"}}),
        "is not a 'date-time'",
    ),
    (
        lambda: openapi.validate_response("GET", "/tasks/1", 200, {"data": {"x": 1}}),
        r"nobody published: \['x'\]",
    ),
    (
        lambda: openapi.validate_response("GET", "/tasks", 200, {"data": [{"resource_subtype": "odd"}]}),
        "is not one of",
    ),
]


@pytest.mark.parametrize(("check", "said"), NOT_RIGHT, ids=[said for _, said in NOT_RIGHT])
def test_the_validator_finds_what_is_wrong(check: Callable[[], None], said: str) -> None:
    """Each mistake is told in a sentence."""
    with pytest.raises(AssertionError, match=said):
        check()


@pytest.mark.parametrize("name", ["small-alloy", "history-duracloud", "report-xd"])
def test_a_real_teams_board_fits_the_description(name: str) -> None:
    """Every task of a real workspace, and the stories of the first fifty, in full and with fields asked for."""
    path = openapi.DESCRIPTION.parents[1] / "data" / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"../shared/data/{name}.json is not here")
    pack = load_pack(path)
    api = Api(pack)
    tasks = f"/projects/{pack['projects'][0]['gid']}/tasks"
    openapi.validate_response("GET", tasks, 200, api.get(tasks, opt_fields=TASK_FIELDS).body)
    for task in pack["tasks"][:50]:
        stories = f"/tasks/{task['gid']}/stories"
        openapi.validate_response("GET", stories, 200, api.get(stories, opt_fields=STORY_FIELDS).body)
        openapi.validate_response("GET", f"/tasks/{task['gid']}", 200, api.get(f"/tasks/{task['gid']}").body)
