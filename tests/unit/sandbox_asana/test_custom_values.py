"""Custom field values on the way in and out."""

from typing import Any

import pytest

from tests.unit.sandbox_asana.worlds import (
    ANN,
    BEN,
    FIRST,
    LABELS,
    NOTE,
    POINTS,
    RELEASE,
    REVIEWERS,
    SPRINT,
    Api,
)

WRITTEN = [
    (POINTS, 5, "number_value", 5, "5"),
    (POINTS, 0, "number_value", 0, "0"),
    (POINTS, 0.25, "number_value", 0.25, "0.25"),
    (NOTE, "hello", "text_value", "hello", "hello"),
    (RELEASE, {"date": "2026-03-06"}, "date_value", {"date": "2026-03-06", "date_time": None}, "2026-03-06"),
    (
        RELEASE,
        {"date_time": "2026-03-06T10:00:00Z"},
        "date_value",
        {"date": "2026-03-06", "date_time": "2026-03-06T10:00:00.000Z"},
        "2026-03-06T10:00:00.000Z",
    ),
]


def _shown(task: dict[str, Any], field: str) -> dict[str, Any]:
    return next(entry for entry in task["custom_fields"] if entry["gid"] == field)


@pytest.mark.parametrize(("field", "value", "member", "read", "display"), WRITTEN)
def test_a_value_is_read_back(api: Api, field: str, value: Any, member: str, read: Any, display: str) -> None:
    """In its own member and as text."""
    shown = _shown(api.write("PUT", f"/tasks/{FIRST}", custom_fields={field: value}), field)
    assert (shown[member], shown["display_value"]) == (read, display)


def test_options_and_people_are_read_back_by_name(api: Api) -> None:
    """What was written as gids comes back as objects."""
    values = {SPRINT: "322", LABELS: ["341"], REVIEWERS: [ANN, BEN]}
    task = api.write("PUT", f"/tasks/{FIRST}", custom_fields=values)
    assert _shown(task, SPRINT)["enum_value"]["name"] == "Sprint 2"
    assert [option["name"] for option in _shown(task, LABELS)["multi_enum_values"]] == ["ui"]
    assert _shown(task, REVIEWERS)["display_value"] == "Ann, Ben"


def test_a_change_tells_old_and_new(api: Api) -> None:
    """The story names the field and both values."""
    api.write("PUT", f"/tasks/{FIRST}", custom_fields={POINTS: 8, SPRINT: "321"})
    number, enum = api.read(
        f"/tasks/{FIRST}/stories",
        opt_fields="resource_subtype,text,custom_field.name,old_number_value,new_number_value,old_enum_value.name,"
        "new_enum_value.name",
    )[-2:]
    assert (number["resource_subtype"], number["old_number_value"], number["new_number_value"]) == (
        "number_custom_field_changed",
        3,
        8,
    )
    assert (enum["custom_field"]["name"], enum["old_enum_value"], enum["new_enum_value"]["name"]) == (
        "Sprint",
        None,
        "Sprint 1",
    )
    assert enum["text"] == 'Facilitator bot changed Sprint to "Sprint 1"'


def test_null_clears_a_value(api: Api) -> None:
    """An unset number is null, not 0."""
    shown = _shown(api.write("PUT", f"/tasks/{FIRST}", custom_fields={POINTS: None}), POINTS)
    assert (shown["number_value"], shown["display_value"]) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (POINTS, "3"),
        (POINTS, True),
        (NOTE, 3),
        (NOTE, "x" * 1025),
        (SPRINT, "999"),
        (SPRINT, 321),
        (LABELS, "341"),
        (LABELS, ["342"]),
        (RELEASE, "2026-03-06"),
        (RELEASE, {"date": "soon"}),
        (RELEASE, {"date": "2026-03-06", "date_time": "2026-03-06T10:00:00Z"}),
        (REVIEWERS, ANN),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(api: Api, field: str, value: Any) -> None:
    """A number is a number, an option one that is enabled, a list a list."""
    status, message = api.refused("PUT", f"/tasks/{FIRST}", custom_fields={POINTS: 9, field: value})
    assert (status, message[:13]) == (400, "custom_fields")
    assert _shown(api.read(f"/tasks/{FIRST}"), POINTS)["number_value"] == 3


def test_values_come_as_an_object(api: Api) -> None:
    """A list of values is refused."""
    assert api.refused("PUT", f"/tasks/{FIRST}", custom_fields=[1])[0] == 400


def test_a_kind_beyond_the_model_says_so(api: Api) -> None:
    """A reference field is a 501, not a guess."""
    api.world.find("custom_field", NOTE)["resource_subtype"] = "reference"
    assert api.refused("PUT", f"/tasks/{FIRST}", custom_fields={NOTE: "x"})[0] == 501
