"""The envelope, the token, options in the body, and batches."""

from typing import Any

import pytest

from facilitator.sandbox.asana.dispatch import Reply
from tests.unit.sandbox_asana.worlds import ANN, FIRST, SECOND, TEAM, Api


def _batch(api: Api, *actions: Any) -> Reply:
    return api.ask("POST", "/batch", {"data": {"actions": list(actions)}})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Could not parse request data, invalid JSON"),
        (b"{", "Could not parse request data, invalid JSON"),
        (b"[]", "Could not parse request data, not a JSON object"),
        ({}, "data: Missing input"),
        ({"data": []}, "data: Missing input"),
        (
            {"data": {}, "text": "x"},
            "Unrecognized request field text . The only allowed keys at the top level are: data, options.",
        ),
        (
            {"data": {"text": "x"}, "options": {"expand": "all"}},
            "options: takes fields, limit, offset, pretty",
        ),
    ],
)
def test_a_body_outside_the_envelope_is_refused(api: Api, body: Any, said: str) -> None:
    """data, perhaps options, and nothing else."""
    reply = api.ask("POST", f"/tasks/{FIRST}/stories", body)
    assert (reply.status, reply.body["errors"][0]["message"]) == (400, said)


def test_options_may_come_in_the_body(api: Api) -> None:
    """They do what opt_fields and opt_pretty do."""
    body = {"data": {"text": "x"}, "options": {"fields": ["text", "type"], "pretty": True}}
    reply = api.ask("POST", f"/tasks/{FIRST}/stories", body)
    assert set(reply.body["data"]) == {"gid", "text", "type"}
    assert reply.pretty


def test_reads_and_deletes_ignore_their_bodies(api: Api) -> None:
    """Official clients send an empty object with a DELETE."""
    assert api.ask("GET", f"/tasks/{FIRST}", b"{").status == 200
    assert api.ask("DELETE", f"/tasks/{SECOND}", {}).status == 200


@pytest.mark.parametrize("token", ["", "unknown"])
def test_a_token_of_nobody_is_a_401(token: str) -> None:
    """With tokens given, only they are known."""
    api = Api(tokens={"known": ANN})
    api.token = token
    assert api.refused("GET", "/users/me") == (401, "Not Authorized")


def test_without_tokens_any_token_is_the_bots_but_none_is_a_401(api: Api) -> None:
    """A call must at least say that it is somebody."""
    assert api.get("/users/me").status == 200
    api.token = ""
    assert api.get("/users/me").status == 401


def test_the_token_comes_before_the_route() -> None:
    """Who may not enter is not told what is inside."""
    api = Api(tokens={"known": ANN})
    api.token = "other"
    assert api.get("/nonsense").status == 401


def test_errors_point_to_the_documentation(api: Api) -> None:
    """Every error has a message and help, and only a 500 a phrase."""
    assert set(api.get("/tasks/999").body["errors"][0]) == {"message", "help"}


def test_a_batch_answers_in_order_with_a_status_each(api: Api) -> None:
    """The outer status is 200 even when an action failed."""
    reply = _batch(
        api,
        {"method": "get", "relative_path": f"/tasks/{FIRST}", "options": {"fields": ["name"]}},
        {"method": "get", "relative_path": "/tasks/999"},
        {"method": "post", "relative_path": f"/tasks/{FIRST}/stories", "data": {"text": "x"}},
    )
    found, missing, made = reply.body["data"]
    assert reply.status == 200
    assert found["body"] == {"data": {"gid": FIRST, "name": "Write the login page"}}
    assert (missing["status_code"], "errors" in missing["body"]) == (404, True)
    assert (made["status_code"], made["headers"]["location"][:9]) == (201, "/stories/")


def test_a_batch_reads_with_parameters_in_data(api: Api) -> None:
    """Filters stand in data, paging in options."""
    action = {
        "method": "get",
        "relative_path": f"/projects/{TEAM}/tasks",
        "data": {"completed_since": "now"},
        "options": {"limit": 2},
    }
    body = _batch(api, action).body["data"][0]["body"]
    assert (len(body["data"]), body["next_page"] is None) == (2, False)


READ = {"method": "get", "relative_path": "/users/me"}


@pytest.mark.parametrize(
    "actions",
    [
        [],
        [READ] * 11,
        ["get"],
        [{**READ, "query": {}}],
        [{**READ, "method": "GET"}],
        [{**READ, "relative_path": "users/me"}],
        [{**READ, "relative_path": "/users/me?opt_fields=name"}],
        [{"method": "post", "relative_path": "/batch"}],
        [{"method": "post", "relative_path": "/attachments"}],
    ],
)
def test_a_batch_that_is_not_right_is_refused_whole(api: Api, actions: list[Any]) -> None:
    """One to ten actions, methods in lower case, no query in the path, no nesting."""
    assert _batch(api, *actions).status == 400


@pytest.mark.parametrize("data", [{}, {"actions": {}}, {"actions": [READ], "more": 1}])
def test_a_batch_needs_its_actions(api: Api, data: dict[str, Any]) -> None:
    """And nothing beside them."""
    assert api.ask("POST", "/batch", {"data": data}).body["errors"][0]["message"] == "actions: Missing input"


def test_a_batch_tolerates_what_clients_send(api: Api) -> None:
    """Limit comes along, an unknown parameter does not."""
    body = {"data": {"actions": [READ]}}
    assert api.ask("POST", "/batch", body, limit=100).status == 200
    assert api.ask("POST", "/batch", body, page=1).status == 400


def test_a_batch_that_breaks_the_limit_is_refused_whole() -> None:
    """No action of it is run, and the answer says how long to wait."""
    api = Api(per_minute=2)
    write = {"method": "post", "relative_path": f"/tasks/{FIRST}/stories", "data": {"text": "x"}}
    reply = _batch(api, write, write, write)
    assert (reply.status, int(reply.headers["Retry-After"]) > 0) == (429, True)
    assert api.subtypes(FIRST) == ["section_changed", "comment_added"]


def test_a_parameter_given_twice_is_refused(api: Api) -> None:
    """Nobody can say which one counts."""
    from facilitator.sandbox.asana.dispatch import Request

    reply = api._dispatcher.answer(Request("GET", "/projects", {"archived": ["true", "false"]}, "any"))
    assert reply.body["errors"][0]["message"] == "archived: Query parameter was given more than once"
