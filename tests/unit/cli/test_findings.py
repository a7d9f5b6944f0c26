"""What `check` says of changes to tasks: the field they need, and somebody to approve them."""

from pathlib import Path

import pytest

from facilitator.asana.project import Project
from facilitator.board.snapshot import CustomField, FieldGid, ProjectGid
from facilitator.cli.findings import change_findings
from facilitator.settings import read_settings

BOARD = Project(
    ProjectGid("12"),
    "Harbour",
    custom_fields=(
        CustomField(FieldGid("1"), "Impediment", "enum"),
        CustomField(FieldGid("2"), "Story Points", "number"),
    ),
)
TEXT = """
[agents]
tools = ["draft_check"{tool}]
[[teams]]
slug = "harbour"
project = "1200000000000001"
zone = "UTC"
{more}
"""


def told(more: str = "", tool: str = "") -> list[tuple[str, str]]:
    settings = read_settings(TEXT.format(more=more, tool=tool), Path("facilitator.toml"), {})
    return [(one.verdict, one.message) for one in change_findings(settings, settings.teams[0], BOARD)]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("impediment", []),
        ("Blocker", [("fault", "there is no field 'Blocker' to mark blocked tasks in.")]),
        ("Story Points", [("fault", "the field 'Story Points' is of the kind number.")]),
    ],
)
def test_the_field_for_blocked_tasks_must_be_there(name: str, found: list[tuple[str, str]]) -> None:
    """On the project, and of a kind that can say it."""
    assert told(f'board.blockers_field = "{name}"') == found


def test_changes_that_nobody_could_approve_are_told() -> None:
    """They would be proposed for nothing."""
    asking = ', "update_task_status"'
    assert told() == []
    assert told(tool=asking) == [("warning", "changes are proposed, and nobody may approve one.")]
    assert told('approvers = ["Alice"]', asking) == []
