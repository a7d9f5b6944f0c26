"""Comments: made, corrected, withdrawn."""

from typing import Any

import pytest

from tests.unit.sandbox_asana.worlds import ANN, BEN, FIRST, SECOND, Api


def test_a_comment_is_by_the_bot_now(api: Api) -> None:
    """Author and instant come from the server."""
    api.clock.advance(1.5)
    story = api.write("POST", f"/tasks/{FIRST}/stories", text="hello")
    assert (story["created_by"]["name"], story["created_at"]) == (
        "Facilitator bot",
        "2026-03-02T09:00:01.500Z",
    )
    assert (story["type"], story["resource_subtype"], story["is_editable"]) == (
        "comment",
        "comment_added",
        True,
    )


def test_a_comment_answers_201_and_where_it_is(api: Api) -> None:
    """Location names the story."""
    reply = api.ask("POST", f"/tasks/{FIRST}/stories", {"data": {"text": "hello"}})
    assert (reply.status, reply.headers["Location"]) == (201, f"/stories/{reply.body['data']['gid']}")


def test_a_comment_touches_the_task_and_makes_a_follower(api: Api) -> None:
    """Once, however many comments there are."""
    for _ in range(2):
        api.write("POST", f"/tasks/{SECOND}/stories", text="hello")
    task = api.read(f"/tasks/{SECOND}")
    assert task["modified_at"] == "2026-03-02T09:00:00.000Z"
    assert [follower["gid"] for follower in task["followers"]] == [api.world.bot_gid]


def test_rich_text_is_kept_and_its_text_derived(api: Api) -> None:
    """What is read names who is mentioned; html_text must be asked for."""
    sent = f'<body><strong>Hi</strong> <a data-asana-gid="{ANN}"/>\nref standup/2026-03-02/team-a</body>'
    story = api.write("POST", f"/tasks/{FIRST}/stories", html_text=sent)
    assert "html_text" not in story
    assert story["text"].endswith("\nref standup/2026-03-02/team-a")
    html = api.read(f"/stories/{story['gid']}", opt_fields="html_text")["html_text"]
    assert html != sent
    assert "@Ann</a>" in html


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "You should specify one of text, html_text"),
        ({"text": "a", "html_text": "<body>a</body>"}, "You may only provide one of text or html_text!"),
        ({"text": None}, "text: Value is not a string"),
        ({"html_text": "<body><p>a</p></body>"}, "html_text: xml_unsupported_tag"),
        ({"html_text": "plain"}, "html_text: html_lacks_body"),
        ({"text": "a", "created_at": "2020-01-01T00:00:00Z"}, "created_at: Cannot write this property"),
        ({"text": "a", "author": ANN}, "author: Unrecognized field"),
        ({"text": "a", "is_pinned": "no"}, "is_pinned: Value is not a boolean"),
    ],
)
def test_a_comment_that_is_not_right_is_refused_whole(api: Api, data: dict[str, Any], said: str) -> None:
    """Nothing is stored, and the message names the field."""
    status, message = api.refused("POST", f"/tasks/{FIRST}/stories", **data)
    assert (status, message[: len(said)]) == (400, said)
    assert len(api.subtypes(FIRST)) == 2


@pytest.mark.parametrize(
    ("gid", "address", "label"),
    [
        (ANN, "profile/501", "@Ann"),
        (SECOND, "0/12", "Translate &lt;it&gt; &amp; more"),
        ("77", "77", "Team"),
        ("61", "61", "urgent"),
    ],
)
def test_links_are_filled_in_from_the_world(api: Api, gid: str, address: str, label: str) -> None:
    """People, tasks, projects and tags can be linked by gid alone."""
    sent = f'<body><a data-asana-gid="{gid}"/></body>'
    story = api.write("POST", f"/tasks/{FIRST}/stories", html_text=sent)
    assert story["text"] == f"https://app.asana.com/0/{address}"
    html = api.read(f"/stories/{story['gid']}", opt_fields="html_text")["html_text"]
    assert html.endswith(f'data-asana-gid="{gid}">{label}</a></body>')


def test_a_link_to_nothing_known_is_refused(api: Api) -> None:
    """A gid of another world, without an address."""
    status, message = api.refused(
        "POST", f"/tasks/{FIRST}/stories", html_text='<body><a data-asana-gid="4"/></body>'
    )
    assert (status, message[:23]) == (400, "html_text: invalid_link")


def test_stickers_are_not_modelled(api: Api) -> None:
    """And say so."""
    assert api.refused("POST", f"/tasks/{FIRST}/stories", text="a", sticker_name="heart")[0] == 501


def test_a_comment_on_nothing_is_a_404(api: Api) -> None:
    """The task must be there."""
    assert api.refused("POST", "/tasks/999/stories", text="a") == (404, "task: Unknown object: 999")


def test_ones_own_comment_can_be_corrected(api: Api) -> None:
    """It is then marked as edited, and the old rich text is gone."""
    gid = api.write("POST", f"/tasks/{FIRST}/stories", html_text="<body><em>old</em></body>")["gid"]
    story = api.write("PUT", f"/stories/{gid}", text="new & better", is_pinned=True)
    assert (story["text"], story["is_edited"], story["is_pinned"]) == ("new & better", True, True)
    html = api.read(f"/stories/{gid}", opt_fields="html_text")["html_text"]
    assert html == "<body>new &amp; better</body>"


def test_ones_own_comment_can_be_withdrawn(api: Api) -> None:
    """It is gone from the task and cannot be read."""
    gid = api.write("POST", f"/tasks/{FIRST}/stories", text="oops")["gid"]
    assert api.ask("DELETE", f"/stories/{gid}", {}).body == {"data": {}}
    assert api.refused("GET", f"/stories/{gid}")[0] == 404
    assert len(api.subtypes(FIRST)) == 2


def test_anothers_comment_is_a_403(api: Api) -> None:
    """Neither changed nor deleted; a system story is nobody's to delete."""
    assert api.refused("PUT", "/stories/9002", text="mine")[0] == 403
    assert api.refused("DELETE", "/stories/9002")[0] == 403
    assert api.refused("DELETE", "/stories/9001")[0] == 403
    assert api.refused("PUT", "/stories/9001", text="mine")[0] == 400


def test_tokens_decide_who_speaks() -> None:
    """With named tokens each acts as its user, and may change its user's comments."""
    api = Api(tokens={"ben-token": BEN})
    assert api.read("/users/me")["name"] == "Ben"
    assert api.write("PUT", "/stories/9002", text="better")["is_edited"] is True
