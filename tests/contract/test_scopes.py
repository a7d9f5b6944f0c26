"""The rights we ask for: those in SECURITY.md are those of the code, published by Asana, and none of an administrator."""

from pathlib import Path

import pytest

from facilitator.asana.scopes import FULL, NEEDS, Need

SECURITY = (Path(__file__).parents[2] / "SECURITY.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: f"{need.method} {need.path}")
def test_each_call_stands_in_the_documents_with_its_scope(need: Need) -> None:
    """Whoever sets up an app reads there what to tick."""
    row = f"| {need.method} {need.path.replace('{}', 'GID')} | `{need.scope}` | {need.purpose} |"
    assert row in SECURITY


def test_no_more_is_documented_than_is_asked_for() -> None:
    """A right nobody uses is a right somebody could abuse."""
    rows = [
        line for line in SECURITY.splitlines() if line.startswith(("| GET", "| POST", "| PUT", "| DELETE"))
    ]
    assert len(rows) == len(NEEDS)


def test_no_right_deletes_tasks_or_changes_projects() -> None:
    """What a ceremony never does, its token need not be able to."""
    asked = {need.scope for need in NEEDS} - {FULL}
    assert not asked & {
        "tasks:delete",
        "projects:write",
        "projects:delete",
        "custom_fields:write",
        "team_memberships:read",
    }
