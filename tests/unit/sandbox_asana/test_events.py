"""The event stream."""

import pytest

from tests.unit.sandbox_asana.worlds import FIRST, SECOND, SPRINTS, SUBTASK, TEAM, WORKSPACE, Api


def _token(api: Api, resource: str = TEAM) -> str:
    return str(api.get("/events", resource=resource).body["sync"])


def _seen(api: Api, sync: str, resource: str = TEAM) -> list[tuple[str, str, str]]:
    events = api.read("/events", resource=resource, sync=sync)
    return [
        (event["action"], event["resource"]["resource_type"], event["resource"]["gid"]) for event in events
    ]


def test_the_first_call_is_a_412_with_a_token(api: Api) -> None:
    """A missing token is answered with a fresh one beside the errors."""
    reply = api.get("/events", resource=TEAM)
    assert reply.status == 412
    assert set(reply.body) == {"errors", "sync"}


def test_a_quiet_time_has_no_events(api: Api) -> None:
    """Nothing changed, nothing comes."""
    body = api.get("/events", resource=TEAM, sync=_token(api)).body
    assert (body["data"], body["has_more"]) == ([], False)


def test_a_comment_is_an_event_with_its_task_as_parent(api: Api) -> None:
    """The story is added to the task."""
    sync = _token(api)
    story = api.write("POST", f"/tasks/{FIRST}/stories", text="hello")
    event = api.read("/events", resource=TEAM, sync=sync)[0]
    assert (event["action"], event["resource"]["gid"], event["parent"]["gid"]) == (
        "added",
        story["gid"],
        FIRST,
    )
    assert event["user"]["gid"] == api.world.bot_gid


def test_a_change_names_its_field(api: Api) -> None:
    """A changed task says what changed, and its story comes too."""
    sync = _token(api)
    api.write("PUT", f"/tasks/{FIRST}", name="New")
    changed, added = api.read("/events", resource=TEAM, sync=sync)
    assert changed["change"] == {"field": "name", "action": "changed"}
    assert (added["action"], added["resource"]["resource_subtype"]) == ("added", "name_changed")
    assert "change" not in added or added["change"] is None


def test_events_bubble_up_to_every_board(api: Api) -> None:
    """A subtask's comment shows on its own stream, its parent's, and both boards of the parent."""
    tokens = {resource: _token(api, resource) for resource in (SUBTASK, FIRST, TEAM, SPRINTS, SECOND)}
    api.write("POST", f"/tasks/{SUBTASK}/stories", text="hello")
    seen = {resource: len(_seen(api, sync, resource)) for resource, sync in tokens.items()}
    assert seen == {SUBTASK: 1, FIRST: 1, TEAM: 1, SPRINTS: 1, SECOND: 0}


def test_the_same_token_answers_the_same(api: Api) -> None:
    """Repeating a call after a lost answer loses nothing."""
    sync = _token(api)
    api.write("POST", f"/tasks/{FIRST}/stories", text="hello")
    assert _seen(api, sync) == _seen(api, sync)


def test_more_than_a_hundred_come_in_pages(api: Api) -> None:
    """has_more says that the new token has more to tell."""
    sync = _token(api)
    for number in range(150):
        api.write("POST", f"/tasks/{FIRST}/stories", text=str(number))
    first = api.get("/events", resource=TEAM, sync=sync).body
    second = api.get("/events", resource=TEAM, sync=first["sync"]).body
    assert (len(first["data"]), first["has_more"]) == (100, True)
    assert (len(second["data"]), second["has_more"]) == (50, False)


def test_a_token_dies_after_a_day(api: Api) -> None:
    """A daily reader is on the edge: 24 hours are fine, a second more is not."""
    sync = _token(api)
    api.clock.advance(24 * 3600)
    assert api.get("/events", resource=TEAM, sync=sync).status == 200
    other = _token(api, SPRINTS)
    api.clock.advance(24 * 3600 + 1)
    assert api.get("/events", resource=SPRINTS, sync=other).status == 412


def test_a_token_belongs_to_its_resource(api: Api) -> None:
    """A project's token says nothing about a task."""
    assert api.get("/events", resource=FIRST, sync=_token(api)).status == 412


def test_tokens_can_be_expired(api: Api) -> None:
    """The switch makes every token too old."""
    sync = _token(api)
    api.world.events.expire_tokens()
    assert api.get("/events", resource=TEAM, sync=sync).status == 412


def test_a_deleted_thing_keeps_its_name_in_the_stream(api: Api) -> None:
    """The event of a deletion can still be read."""
    sync = _token(api)
    api.ask("DELETE", f"/tasks/{SECOND}")
    event = api.read("/events", resource=TEAM, sync=sync)[0]
    assert (event["action"], event["resource"]["name"]) == ("deleted", "Translate <it> & more")


@pytest.mark.parametrize(("resource", "status"), [("999", 404), (WORKSPACE, 501), ("abc", 400)])
def test_other_streams_are_refused(api: Api, resource: str, status: int) -> None:
    """Only projects and tasks have streams here."""
    assert api.get("/events", resource=resource).status == status


def test_the_resource_must_be_named(api: Api) -> None:
    """There is no stream of everything."""
    assert api.refused("GET", "/events") == (400, "resource: Missing input")
