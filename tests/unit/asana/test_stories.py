"""What each kind of story says it changed, and whose board it is about."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from facilitator.asana.stories import is_of_another_board, parse_story
from facilitator.asana.wire import BrokenRecord
from facilitator.board.snapshot import ProjectGid, SectionGid
from tests.unit.asana.fake import story

OURS = frozenset({SectionGid("71"), SectionGid("72")})
FIELD = {"gid": "61"}


@pytest.mark.parametrize(
    ("kind", "members", "old", "new"),
    [
        ("section_changed", {"old_section": {"gid": "71"}, "new_section": {"gid": "72"}}, "71", "72"),
        ("section_changed", {"old_section": None, "new_section": {"gid": "72"}}, None, "72"),
        ("assigned", {"assignee": {"gid": "501"}}, None, "501"),
        ("assigned", {"assignee": None}, None, None),
        ("unassigned", {"assignee": {"gid": "501"}}, "501", None),
        ("unassigned", {}, None, None),
        (
            "due_date_changed",
            {"old_dates": None, "new_dates": {"due_on": "2026-03-06"}},
            None,
            date(2026, 3, 6),
        ),
        (
            "due_date_changed",
            {
                "old_dates": {"due_on": "2026-03-06"},
                "new_dates": {"due_on": "2026-03-07", "due_at": "2026-03-07T10:00:00Z"},
            },
            date(2026, 3, 6),
            datetime(2026, 3, 7, 10, tzinfo=UTC),
        ),
        ("name_changed", {"old_name": "a", "new_name": "b"}, "a", "b"),
        (
            "approval_status_changed",
            {"old_approval_status": "pending", "new_approval_status": "approved"},
            "pending",
            "approved",
        ),
        ("resource_subtype_changed", {"old_resource_subtype": "a", "new_resource_subtype": "b"}, "a", "b"),
        ("added_to_project", {"project": {"gid": "77"}}, None, "77"),
        ("removed_from_project", {"project": {"gid": "77"}}, "77", None),
        ("added_to_tag", {"tag": {"gid": "1", "name": "blocked"}}, None, "blocked"),
        ("removed_from_tag", {"tag": {"gid": "1", "name": "blocked"}}, "blocked", None),
        ("removed_from_tag", {"tag": None}, None, None),
        ("dependency_added", {"dependency": {"gid": "12"}}, None, "12"),
        ("dependency_removed", {"dependency": {"gid": "12"}}, "12", None),
        ("dependency_marked_complete", {"dependency": {"gid": "12"}}, None, "12"),
        ("number_custom_field_changed", {"old_number_value": None, "new_number_value": 0.5}, None, 0.5),
        ("text_custom_field_changed", {"old_text_value": "a", "new_text_value": ""}, "a", None),
        (
            "enum_custom_field_changed",
            {"old_enum_value": {"gid": "1"}, "new_enum_value": {"gid": "2"}},
            "1",
            "2",
        ),
        (
            "multi_enum_custom_field_changed",
            {"old_multi_enum_values": [], "new_multi_enum_values": [{"gid": "2"}]},
            None,
            ("2",),
        ),
        (
            "people_custom_field_changed",
            {"old_people_value": [{"gid": "5"}], "new_people_value": None},
            ("5",),
            None,
        ),
        (
            "date_custom_field_changed",
            {"old_date_value": {"due_on": "2026-03-06"}, "new_date_value": {"date": "2026-03-07"}},
            date(2026, 3, 6),
            date(2026, 3, 7),
        ),
        ("hologram_custom_field_changed", {"new_hologram": 1}, None, None),
        ("marked_complete", {}, None, None),
        ("something_new", {"new_thing": {"gid": "1"}}, None, None),
        (None, {}, None, None),
    ],
)
def test_each_kind_of_story_says_what_changed(
    kind: str | None, members: dict[str, Any], old: object, new: object
) -> None:
    """Old and new come from members, never from the text; kinds we do not know are kept without values."""
    made = parse_story({**story("31", "x", **members), "resource_subtype": kind})
    assert (made.old, made.new, made.subtype) == (old, new, kind or "")


def test_a_field_change_names_its_field() -> None:
    """Fields are told apart by gid; a field that is gone leaves None."""
    assert parse_story(story("31", "number_custom_field_changed", custom_field=FIELD)).field_gid == "61"
    assert parse_story(story("31", "number_custom_field_changed", custom_field=None)).field_gid is None
    assert parse_story(story("31", "comment_added", custom_field=FIELD)).field_gid is None


def test_only_comments_have_a_text() -> None:
    """A system story's text changes with the reader's language: nobody downstream may even see it."""
    assert parse_story(story("31", "comment_added", text="Bonjour")).text == "Bonjour"
    assert parse_story(story("31", "assigned", text="a assigné")).text == ""


def test_the_author_may_be_gone() -> None:
    """Stories outlive the people who made them."""
    assert parse_story(story("31", created_by=None)).created_by is None
    assert parse_story(story("31", created_by={"gid": "501", "name": None})).created_by == "501"


@pytest.mark.parametrize(
    "broken", [{"gid": None}, {"created_at": None}, {"resource_subtype": 5}, {"created_by": "Bob"}]
)
def test_a_story_of_a_wrong_form_is_broken(broken: dict[str, Any]) -> None:
    """No gid or no instant: it cannot be placed in a history."""
    with pytest.raises(BrokenRecord):
        parse_story(story("31") | broken)


@pytest.mark.parametrize(
    ("members", "foreign"),
    [
        ({"old_section": {"gid": "71"}, "new_section": {"gid": "72"}}, False),
        ({"old_section": {"gid": "deleted"}, "new_section": {"gid": "72"}}, False),
        ({"old_section": {"gid": "71"}, "new_section": None}, False),
        ({"old_section": {"gid": "81"}, "new_section": {"gid": "82"}}, True),
        ({"old_section": None, "new_section": None}, True),
        ({"old_section": {"gid": "x"}, "new_section": {"gid": "y"}, "project": {"gid": "77"}}, False),
        ({"old_section": {"gid": "71"}, "new_section": {"gid": "72"}, "project": {"gid": "88"}}, True),
    ],
)
def test_moves_on_other_boards_are_told_apart(members: dict[str, Any], foreign: bool) -> None:
    """A task on two boards has the moves of both in one history; only ours make its timeline."""
    assert is_of_another_board(story("31", "section_changed", **members), {ProjectGid("77")}, OURS) is foreign


def test_other_stories_belong_to_every_board() -> None:
    """A completion is a completion, wherever it was clicked."""
    elsewhere = story("31", "added_to_project", project={"gid": "88"})
    assert not is_of_another_board(elsewhere, {ProjectGid("77")}, OURS)
