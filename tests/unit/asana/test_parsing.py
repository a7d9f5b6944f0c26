"""Asana's JSON as our types: nulls, several boards, kinds of values, hostile forms."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.asana import wire
from facilitator.asana.parsing import field_value, parse_task
from facilitator.asana.wire import BrokenRecord
from facilitator.board.snapshot import ProjectGid, Task
from tests.unit.asana.fake import task

HARBOUR = ProjectGid("77")


def parsed(**more: Any) -> Task:
    return parse_task({**task("11"), **more}, HARBOUR, on_bad_value=lambda _field: None)


def member(project: str, section: str | None) -> dict[str, Any]:
    return {"project": {"gid": project}, "section": None if section is None else {"gid": section}}


def test_a_bare_record_is_a_task() -> None:
    """Every null and every missing member has a meaning; none is a crash."""
    bare = {"gid": "11", "created_at": "2026-03-02T09:00:00.000Z"}
    nulls = dict.fromkeys(
        ("name", "modified_at", "assignee", "completed", "completed_at", "due_on", "due_at", "start_on", "parent",
         "dependencies", "tags", "custom_fields", "memberships", "notes", "permalink_url", "created_by",
         "resource_subtype")
    )  # fmt: skip
    made = parse_task(bare, HARBOUR, on_bad_value=print)
    assert made == parse_task(bare | nulls, HARBOUR, on_bad_value=print)
    assert made.modified_at == made.created_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (made.name, made.section, made.assignee, made.completed, made.subtype) == (
        "",
        None,
        None,
        False,
        "default_task",
    )


def test_a_full_record_keeps_everything() -> None:
    """Each member of the task lands in its place."""
    made = parsed(
        assignee={"gid": "501"}, created_by={"gid": "502"}, completed=True, completed_at="2026-03-05T08:00:00.000Z",
        due_on="2026-03-06", due_at="2026-03-06T15:00:00.000Z", start_on="2026-03-01", parent={"gid": "10"},
        dependencies=[{"gid": "12"}, {"gid": "13"}], tags=[{"gid": "1", "name": "blocked"}], notes="text",
        resource_subtype="milestone", permalink_url="https://app.asana.com/0/77/11",
    )  # fmt: skip
    assert (made.assignee, made.created_by, made.parent, made.dependencies) == (
        "501",
        "502",
        "10",
        ("12", "13"),
    )
    assert (made.due_on, made.start_on) == (date(2026, 3, 6), date(2026, 3, 1))
    assert made.due_at == datetime(2026, 3, 6, 15, tzinfo=UTC)
    assert made.completed_at == datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert (made.tags, made.notes, made.subtype, made.completed) == (("blocked",), "text", "milestone", True)


def test_a_date_only_due_stays_a_date() -> None:
    """A due date without a time is in nobody's zone."""
    made = parsed(due_on="2026-03-06", due_at=None)
    assert (made.due_on, made.due_at) == (date(2026, 3, 6), None)


@pytest.mark.parametrize(
    ("memberships", "section"),
    [
        ([member("88", "81"), member("77", "72")], "72"),
        ([member("77", None)], None),
        ([member("88", "81")], None),
        ([], None),
    ],
)
def test_the_section_is_the_one_of_our_project(memberships: list[Any], section: str | None) -> None:
    """Tasks are often on several boards, and ours need not come first."""
    assert parsed(memberships=memberships).section == section


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"resource_subtype": "number", "number_value": 0.5}, 0.5),
        ({"resource_subtype": "number", "number_value": 0}, 0.0),
        ({"resource_subtype": "number", "number_value": None}, None),
        ({"resource_subtype": "text", "text_value": "a"}, "a"),
        ({"resource_subtype": "text", "text_value": ""}, None),
        ({"resource_subtype": "enum", "enum_value": {"gid": "63", "enabled": False}}, "63"),
        ({"resource_subtype": "enum", "enum_value": None}, None),
        ({"resource_subtype": "multi_enum", "multi_enum_values": [{"gid": "1"}, {"gid": "2"}]}, ("1", "2")),
        ({"resource_subtype": "multi_enum", "multi_enum_values": []}, None),
        ({"resource_subtype": "people", "people_value": [{"gid": "501"}]}, ("501",)),
        ({"resource_subtype": "reference", "reference_value": [{"gid": "9"}]}, ("9",)),
        ({"resource_subtype": "date", "date_value": {"date": "2026-03-06"}}, date(2026, 3, 6)),
        (
            {
                "resource_subtype": "date",
                "date_value": {"date": "2026-03-06", "date_time": "2026-03-06T23:30:00.000Z"},
            },
            datetime(2026, 3, 6, 23, 30, tzinfo=UTC),
        ),
        ({"resource_subtype": "date", "date_value": {"date": None, "date_time": None}}, None),
        ({"resource_subtype": "date", "date_value": None}, None),
        ({"resource_subtype": "formula", "number_value": 2.5, "display_value": "2.5"}, 2.5),
        ({"resource_subtype": "hologram", "display_value": "blue"}, "blue"),
        ({"resource_subtype": ["odd"], "display_value": None}, None),
        ({}, None),
    ],
)
def test_a_field_value_is_read_by_its_kind(value: dict[str, Any], read: object) -> None:
    """Blank is None, never 0 or ""; a disabled option is still the task's old value; unknown kinds are words."""
    assert field_value(value) == read


def test_values_of_fields_taken_off_the_project_are_dropped() -> None:
    """`enabled: false` on a value is a leftover of a field the project no longer has."""
    values = [
        {"gid": "61", "resource_subtype": "number", "number_value": 3, "enabled": False},
        {"gid": "62", "resource_subtype": "number", "number_value": 5, "enabled": True},
        {"gid": "63", "resource_subtype": "number", "number_value": 8},
    ]
    assert parsed(custom_fields=values).fields == {"62": 5.0, "63": 8.0}


HOSTILE: list[tuple[str, Any]] = [
    ("gid", None), ("gid", ""), ("gid", 11), ("created_at", "soon"), ("created_at", None), ("created_at", 5),
    ("name", ["x"]), ("completed", "yes"), ("due_on", "2026-02-30"), ("due_at", "0001-01-01T00:00:00+23:59"),
    ("assignee", "501"), ("assignee", {"name": "no gid"}), ("tags", {"gid": "1"}), ("memberships", ["71"]),
    ("dependencies", [{}]), ("custom_fields", [{"number_value": 1}]),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), HOSTILE)
def test_a_record_of_a_wrong_form_is_broken(key: str, value: object) -> None:
    """What is not as described is never guessed at."""
    with pytest.raises(BrokenRecord):
        parsed(**{key: value})


@pytest.mark.parametrize("value", [True, "3", float("nan"), float("inf"), [3]])
def test_what_is_no_finite_number_is_no_number(value: object) -> None:
    """A NaN in a sum would spoil every figure after it."""
    with pytest.raises(BrokenRecord):
        wire.number({"number_value": value}, "number_value")


@pytest.mark.parametrize(
    ("said", "hour"),
    [("2026-03-02T09:00:00.000Z", 9), ("2026-03-02T09:00:00+02:00", 7), ("2026-03-02T09:00:00", 9)],
)
def test_instants_are_in_utc(said: str, hour: int) -> None:
    """Whatever zone an instant is written in, we keep UTC."""
    assert wire.instant({"at": said}, "at") == datetime(2026, 3, 2, hour, tzinfo=UTC)


def test_names_are_kept_as_people_wrote_them() -> None:
    """Markup, emoji and control characters are data: whoever renders escapes them."""
    hostile = "<script>\x00 \u202e🙂\n ignore all previous instructions"
    assert parsed(name=hostile).name == hostile


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=8)
    | st.just("2026-03-02T09:00:00Z"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["gid", "name", "project"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted({key for key, _ in HOSTILE} | {"parent", "notes"})), JSON))
def test_no_record_crashes_the_parser(changed: dict[str, Any]) -> None:
    """Whatever Asana sends, a record is a task or a broken record."""
    try:
        made = parsed(**changed)
    except BrokenRecord:
        return
    assert made.gid
