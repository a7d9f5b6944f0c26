"""Status updates and attachments."""

from typing import Any

import pytest

from facilitator.sandbox.asana.dispatch import Reply, Request
from tests.unit.sandbox_asana.worlds import BEN, FIRST, TEAM, Api

GOOD = {"parent": TEAM, "status_type": "at_risk", "title": "Week 9", "text": "Late"}


def _upload(api: Api, **data: Any) -> Reply:
    return api._dispatcher.answer(Request("POST", "/attachments", {}, "any", {"data": data}))


def test_a_status_update_becomes_the_projects_current_one(api: Api) -> None:
    """The newest wins, and the list has the newest first."""
    first = api.write("POST", "/status_updates", **GOOD)
    api.clock.advance(60)
    second = api.write("POST", "/status_updates", **{**GOOD, "title": "Week 10"})
    assert api.read(f"/projects/{TEAM}")["current_status_update"]["title"] == "Week 10"
    assert [s["gid"] for s in api.read("/status_updates", parent=TEAM)] == [second["gid"], first["gid"]]
    assert api.read(f"/status_updates/{first['gid']}")["author"]["name"] == "Facilitator bot"


def test_status_updates_are_filtered_by_time(api: Api) -> None:
    """created_since leaves out the older."""
    api.write("POST", "/status_updates", **GOOD)
    assert api.read("/status_updates", parent=TEAM, created_since="2026-03-02T09:00:01Z") == []
    assert len(api.read("/status_updates", parent=TEAM, created_since="2026-03-02T09:00:00Z")) == 1
    assert api.refused("GET", "/status_updates") == (400, "parent: Missing input")


def test_a_status_update_is_an_event_of_its_project(api: Api) -> None:
    """Posting shows in the project's stream."""
    sync = api.get("/events", resource=TEAM).body["sync"]
    api.write("POST", "/status_updates", **GOOD)
    assert api.read("/events", resource=TEAM, sync=sync)[0]["resource"]["resource_type"] == "status_update"


def test_rich_text_goes_beside_the_text(api: Api) -> None:
    """html_text may hold headings; it is read only when asked for."""
    status = api.write("POST", "/status_updates", **GOOD, html_text="<body><h1>Late</h1></body>")
    assert "html_text" not in status
    shown = api.read(f"/status_updates/{status['gid']}", opt_fields="html_text")["html_text"]
    assert shown == "<body><h1>Late</h1></body>"


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"parent": None}, 400, "parent: Missing input"),
        ({"text": None}, 400, "text: Missing input"),
        ({"status_type": "green"}, 400, "status_type: Value is not one of"),
        ({"status_type": "achieved"}, 400, "status_type: Value is not one of"),
        ({"parent": "999"}, 404, "parent: Unknown object: 999"),
        ({"author": BEN}, 400, "author: Cannot write this property"),
        ({"html_text": "<body><table/></body>"}, 400, "html_text: xml_unsupported_tag"),
    ],
)
def test_a_status_update_that_is_not_right_is_refused(
    api: Api, change: dict[str, Any], status: int, said: str
) -> None:
    """Parent, type and text are required, and types of goals are no types of projects."""
    got, message = api.refused("POST", "/status_updates", **{**GOOD, **change})
    assert (got, message[: len(said)]) == (status, said)


def test_a_status_update_can_only_be_deleted_and_only_by_its_author(api: Api) -> None:
    """There is no way to edit one."""
    gid = api.write("POST", "/status_updates", **GOOD)["gid"]
    assert api.refused("PUT", f"/status_updates/{gid}", text="x")[0] == 404
    api.world.find("status_update", gid)["author"] = {"gid": BEN}
    assert api.refused("DELETE", f"/status_updates/{gid}")[0] == 403
    api.world.find("status_update", gid)["author"] = {"gid": api.world.bot_gid}
    assert api.ask("DELETE", f"/status_updates/{gid}").body == {"data": {}}
    assert api.read("/status_updates", parent=TEAM) == []


def test_a_file_is_attached_to_a_task_with_200(api: Api) -> None:
    """Unlike every other creation; the task counts as modified."""
    reply = _upload(api, parent=FIRST, file={"name": "report.pdf", "content": b"12345"})
    shown = reply.body["data"]
    assert (reply.status, shown["name"], shown["size"], shown["parent"]["gid"]) == (
        200,
        "report.pdf",
        5,
        FIRST,
    )
    assert [a["gid"] for a in api.read("/attachments", parent=FIRST)] == [shown["gid"]]
    assert api.read(f"/attachments/{shown['gid']}")["host"] == "asana"


def test_a_link_is_attached_to_a_project(api: Api) -> None:
    """An external attachment has an address and no size."""
    reply = _upload(api, parent=TEAM, resource_subtype="external", url="https://x.test/a", name="A")
    assert (reply.status, reply.body["data"]["view_url"]) == (200, "https://x.test/a")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"file": {"name": "a", "content": b""}}, 400),
        ({"parent": "999", "file": {"name": "a", "content": b""}}, 404),
        ({"parent": FIRST}, 400),
        ({"parent": FIRST, "file": "text"}, 400),
        ({"parent": FIRST, "resource_subtype": "gdrive"}, 400),
        ({"parent": FIRST, "resource_subtype": "external", "name": "A"}, 400),
    ],
)
def test_an_attachment_that_is_not_right_is_refused(api: Api, data: dict[str, Any], status: int) -> None:
    """Parent and file, or parent, url and name."""
    assert _upload(api, **data).status == status
