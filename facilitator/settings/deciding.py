"""What a ceremony's keys about decisions mean together with its team's approvers.

Part of `consistency`: works on the raw document, so that these faults are found even where single values are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from facilitator.settings.faults import Found, KeyPath


def decision_faults(path: KeyPath, team: Mapping[str, Any], wish: Mapping[str, Any]) -> Iterator[Found]:
    """Wishes about decisions that could never come true."""
    people = team.get("approvers", [])
    people = people if isinstance(people, list) else []
    if wish.get("approval_task") is True and not any(map(_has_gid, people)):
        yield Found(
            (*path, "approval_task"),
            "nobody can be asked in Asana: no approver has a gid.",
            'Write approvers = [{ name = "Alice", gid = "1200000000000001" }].',
        )
    if wish.get("approval_field") and wish.get("approval_task") is False:
        yield Found(
            (*path, "approval_field"),
            "the field is read only where an approval task asks about the draft.",
            "Leave approval_task = false out.",
        )
    if wish.get("two_person") and len(people) < 2:
        yield Found(
            (*path, "two_person"),
            f"two people must agree, but the team has {len(people)}.",
            "Name a second approver.",
        )
    if "auto_after" in wish and wish.get("mode", "approve") != "approve":
        yield Found(
            (*path, "auto_after"),
            f'only mode "approve" can earn mode "auto", not {wish.get("mode")!r}.',
            'Set mode = "approve", or leave auto_after out.',
        )
    if "auto_edit_threshold" in wish and "auto_after" not in wish:
        yield Found(
            (*path, "auto_edit_threshold"),
            "nothing is earned without auto_after.",
            "Add auto_after = 10, or leave it out.",
        )


def date_faults(path: KeyPath, team: Mapping[str, Any]) -> Iterator[Found]:
    """Proposed due dates that nobody could let through: they always need two."""
    people, board = team.get("approvers", []), team.get("board")
    if (
        isinstance(board, dict)
        and board.get("cascade_dates") is True
        and isinstance(people, list)
        and len(people) < 2
    ):
        told = f"two people must agree to another due date, but the team has {len(people)}."
        yield Found((*path, "board", "cascade_dates"), told, "Name a second approver.")


def _has_gid(person: object) -> bool:
    if isinstance(person, str):
        return person.isascii() and person.isdigit()
    return isinstance(person, dict) and bool(person.get("gid"))
