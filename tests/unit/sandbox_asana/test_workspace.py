"""Workspace files: which are served, and what is said of the others."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facilitator.sandbox import WorkspaceError, check_pack, load_pack
from facilitator.sandbox.workspace import pack_faults
from tests.unit.sandbox_asana.worlds import small_pack

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
Change = Callable[[dict[str, Any]], Any]

BROKEN: list[tuple[Change, str]] = [
    (lambda p: p.update(format="csv"), "format is 'csv'"),
    (lambda p: p.update(extra=1), "unknown top-level key 'extra'"),
    (lambda p: p.update(as_of="2026-03-02"), "as_of is '2026-03-02'"),
    (lambda p: p.update(as_of=5), "as_of is 5"),
    (lambda p: p.update(workspace={"gid": "x"}), "workspace is not an object with a gid of digits"),
    (lambda p: p.pop("tasks"), "tasks is missing, not a list"),
    (lambda p: p.update(users={}), "users is an object, not a list"),
    (lambda p: p["users"].append(3), "users[2] is a number, not an object"),
    (lambda p: p["users"].append({"gid": 7}), "users[2].gid is 7, not a string of digits"),
    (lambda p: p.update(stories=[]), "stories is a list, not an object of lists"),
    (lambda p: p["users"].append(p["users"][0]), "users has the gid 501 twice"),
    (lambda p: p["sections"][0].update(project={"gid": "9"}), "section 71.project points at '9'"),
    (lambda p: p["projects"][0]["members"].append({"gid": "9"}), "project 77.members points at '9'"),
    (
        lambda p: p["projects"][0]["custom_field_settings"][0].pop("custom_field"),
        "project 77.custom_field_settings points at None",
    ),
    (lambda p: p["tasks"][0].update(name=None), "task 11.name is missing, not text"),
    (lambda p: p["tasks"][0].update(completed_at="soon"), "task 11.completed_at is 'soon', not an instant"),
    (lambda p: p["tasks"][0].pop("created_at"), "task 11.created_at is missing"),
    (lambda p: p["tasks"][0].update(assignee={"gid": "9"}), "task 11.assignee points at '9'"),
    (lambda p: p["tasks"][0].update(created_by="Ann"), "task 11.created_by is not an object"),
    (lambda p: p["tasks"][0].update(parent={"gid": "9"}), "task 11.parent points at '9'"),
    (lambda p: p["tasks"][0].update(dependencies=[{"gid": "9"}]), "task 11.dependencies points at '9'"),
    (
        lambda p: p["tasks"][0].update(memberships=[{"project": {"gid": "9"}}]),
        "task 11.memberships.project points at '9'",
    ),
    (
        lambda p: p["tasks"][0]["memberships"][0].update(section={"gid": "9"}),
        "task 11.memberships.section points at '9'",
    ),
    (
        lambda p: p["tasks"][0].update(custom_fields=[{"gid": "32", "enum_value": {"gid": "9"}}]),
        "task 11.custom_fields.enum_value points at '9'",
    ),
    (lambda p: p["stories"].update({"99": []}), "stories has a list for 99"),
    (lambda p: p["stories"].update({"12": {}}), "stories[12] is an object, not a list"),
    (lambda p: p["stories"].update({"12": [{}]}), "stories[12][0] is not an object with a gid of digits"),
    (lambda p: p["stories"]["11"][0].update(created_at=None), "stories[11][0].created_at is None"),
    (lambda p: p["stories"]["11"][0].pop("resource_subtype"), "stories[11][0].resource_subtype is missing"),
]


@pytest.mark.parametrize(("change", "fault"), BROKEN, ids=[fault for _, fault in BROKEN])
def test_each_fault_is_named_with_its_place(change: Change, fault: str) -> None:
    """A pack that does not hold together is refused with the place of the fault."""
    pack = small_pack()
    change(pack)
    assert any(found.startswith(fault) for found in pack_faults(pack)), pack_faults(pack)


def test_all_faults_are_told_at_once() -> None:
    """Two faults are one error with two lines."""
    pack = small_pack()
    pack["tasks"][0]["name"] = 1
    pack["tasks"][1]["name"] = True
    with pytest.raises(WorkspaceError, match=r"task 11\.name(.|\n)*task 12\.name") as raised:
        check_pack(pack)
    assert len(raised.value.faults) == 2


def test_a_long_list_of_faults_is_shortened() -> None:
    """Of many faults a dozen is shown and the rest is counted."""
    pack = small_pack()
    pack["stories"] = {str(number): [] for number in range(9100, 9120)}
    with pytest.raises(WorkspaceError, match="and 8 more"):
        check_pack(pack)


def test_a_pack_that_is_no_object_is_refused() -> None:
    """A list is no workspace."""
    assert pack_faults([]) == ["the top level is a list, not an object"]


def test_an_author_who_left_is_no_fault() -> None:
    """Somebody who created a task may be missing from the users."""
    assert pack_faults(small_pack()) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error of a missing file holds its path."""
    with pytest.raises(WorkspaceError, match=r"absent\.json cannot be used(.|\n)*cannot be read"):
        load_pack(tmp_path / "absent.json")


def test_a_file_that_is_not_json_is_named(tmp_path: Path) -> None:
    """The error of a broken file says that it is not JSON."""
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="it is not JSON"):
        load_pack(tmp_path / "broken.json")


def test_a_good_file_is_loaded_whole(tmp_path: Path) -> None:
    """What was written is what is loaded."""
    (tmp_path / "good.json").write_text(json.dumps(small_pack()), encoding="utf-8")
    assert load_pack(tmp_path / "good.json") == small_pack()


@pytest.mark.parametrize(
    "name", ["small-alloy", "medium-windows", "history-duracloud", "report-xd", "large-sdk"]
)
def test_real_workspaces_are_accepted(name: str) -> None:
    """The packs made from real trackers hold together."""
    if not (DATA / f"{name}.json").is_file():
        pytest.skip(f"../shared/data/{name}.json is not here")
    assert load_pack(DATA / f"{name}.json")["name"] == name
