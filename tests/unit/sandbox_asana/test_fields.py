"""Output options: which members an answer has."""

import pytest

from facilitator.sandbox.asana.errors import ApiError
from facilitator.sandbox.asana.fields import parse_opt_fields
from tests.unit.sandbox_asana.worlds import BLOCKED, FIRST, SECOND, TEAM, Api


def test_a_list_without_opt_fields_is_compact(api: Api) -> None:
    """A task in a list is gid, type, name and subtype."""
    assert set(api.read(f"/projects/{TEAM}/tasks")[0]) == {"gid", "resource_type", "name", "resource_subtype"}


def test_a_single_read_is_full_without_the_opt_in_members(api: Api) -> None:
    """A task alone has its dates and memberships, but not what must be asked for."""
    task = api.read(f"/tasks/{FIRST}")
    assert {"due_on", "memberships", "custom_fields", "notes"} <= set(task)
    assert not {"created_by", "dependencies", "dependents", "html_notes", "num_subtasks"} & set(task)


def test_opt_fields_answer_exactly_what_was_named_and_the_gid(api: Api) -> None:
    """Not even the type comes along unasked."""
    assert api.read(f"/tasks/{FIRST}", opt_fields="name") == {"gid": FIRST, "name": "Write the login page"}


def test_a_nested_object_named_bare_has_gid_and_type_only(api: Api) -> None:
    """Its name must be asked for."""
    shown = api.read(f"/tasks/{FIRST}", opt_fields="assignee")
    assert shown["assignee"] == {"gid": "501", "resource_type": "user"}


def test_a_nested_member_comes_with_its_gid(api: Api) -> None:
    """assignee.name answers gid and name."""
    assert api.read(f"/tasks/{FIRST}", opt_fields="assignee.name")["assignee"] == {
        "gid": "501",
        "name": "Ann",
    }


@pytest.mark.parametrize("wanted", ["this.name", "(name)", "name,this.(name)"])
def test_this_and_groups_are_other_ways_to_say_it(api: Api, wanted: str) -> None:
    """A leading `this.` and brackets change nothing."""
    assert set(api.read(f"/tasks/{FIRST}", opt_fields=wanted)) == {"gid", "name"}


def test_groups_multiply() -> None:
    """A group before and a group after the dot make every pair."""
    assert parse_opt_fields("(a|b.c).(d|e)") == {"a": {"d": {}, "e": {}}, "b": {"c": {"d": {}, "e": {}}}}


@pytest.mark.parametrize(
    "wanted", ["", "a,,b", "a..b", "(a|b", "a)", "a.(b", "*", "a b", "(a)b", "(|a)", "this."]
)
def test_what_cannot_be_read_is_a_400(wanted: str) -> None:
    """Empty terms, open brackets and wildcards are refused."""
    with pytest.raises(ApiError, match="opt_fields") as raised:
        parse_opt_fields(wanted)
    assert raised.value.status == 400


def test_an_unknown_name_is_silently_absent_but_remembered(api: Api) -> None:
    """A typo looks like an absent member, and the state dump tells it."""
    assert api.read(f"/tasks/{FIRST}", opt_fields="nmae") == {"gid": FIRST}
    assert api.world.dump()["unknown_opt_fields"] == ["task.nmae"]


def test_memberships_name_project_and_section(api: Api) -> None:
    """A task on two boards has a membership for each, in no promised order."""
    shown = api.read(f"/tasks/{FIRST}", opt_fields="memberships.(project|section).name")["memberships"]
    assert [(m["project"]["name"], m["section"]["name"]) for m in shown] == [
        ("Sprints", "Now"),
        ("Team", "Doing"),
    ]


def test_bare_memberships_hold_gids(api: Api) -> None:
    """Named bare, a membership still has both its ends."""
    shown = api.read(f"/tasks/{SECOND}", opt_fields="memberships")["memberships"]
    assert shown == [
        {
            "project": {"gid": "77", "resource_type": "project"},
            "section": {"gid": "71", "resource_type": "section"},
        }
    ]


def test_dependents_are_computed(api: Api) -> None:
    """What one task waits for knows that it is waited for."""
    assert api.read(f"/tasks/{FIRST}", opt_fields="dependents")["dependents"][0]["gid"] == BLOCKED
    shown = api.read(f"/tasks/{BLOCKED}", opt_fields="dependencies.completed")["dependencies"]
    assert shown == [{"gid": FIRST, "completed": False}]


def test_every_field_of_the_project_is_on_the_task(api: Api) -> None:
    """A field without a value is there with null."""
    shown = {field["name"]: field for field in api.read(f"/tasks/{SECOND}")["custom_fields"]}
    assert set(shown) == {"Points", "Sprint", "Locked", "Labels", "Release", "Reviewers", "Note"}
    assert (shown["Points"]["number_value"], shown["Points"]["display_value"]) == (None, None)
    assert shown["Labels"]["multi_enum_values"] == []
    assert "enum_value" not in shown["Points"]


def test_bare_custom_fields_are_usable(api: Api) -> None:
    """Named bare, a value has its name, kind and display value."""
    shown = api.read(f"/tasks/{FIRST}", opt_fields="custom_fields")["custom_fields"][0]
    assert (shown["name"], shown["resource_subtype"], shown["display_value"]) == ("Points", "number", "3")


def test_a_field_taken_off_the_project_stays_as_disabled(api: Api) -> None:
    """A value whose field is gone from every project is marked."""
    api.world.find("project", TEAM)["custom_field_settings"] = []
    assert [(f["name"], f["enabled"]) for f in api.read(f"/tasks/{FIRST}")["custom_fields"]] == [
        ("Points", False)
    ]


def test_the_permalink_names_the_first_project(api: Api) -> None:
    """A link holds project and task; 0 stands for no project."""
    assert api.read(f"/tasks/{SECOND}")["permalink_url"] == "https://app.asana.com/0/77/12"
    assert api.read("/tasks/15")["permalink_url"] == "https://app.asana.com/0/0/15"


def test_an_author_who_left_keeps_a_gid(api: Api) -> None:
    """Somebody missing from the users is shown all the same."""
    shown = api.read(f"/tasks/{BLOCKED}", opt_fields="created_by.name")["created_by"]
    assert shown == {"gid": "599", "name": "Former member"}


def test_subtasks_are_counted(api: Api) -> None:
    """num_subtasks counts direct subtasks."""
    assert api.read(f"/tasks/{FIRST}", opt_fields="num_subtasks")["num_subtasks"] == 1


def test_notes_become_rich_text(api: Api) -> None:
    """html_notes wraps and escapes the plain notes."""
    api.write("PUT", f"/tasks/{FIRST}", notes="a < b")
    assert api.read(f"/tasks/{FIRST}", opt_fields="html_notes")["html_notes"] == "<body>a &lt; b</body>"
