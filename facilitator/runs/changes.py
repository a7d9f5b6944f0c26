"""What an approval would change in Asana, by class: some classes need two people's word.

Pure. The classes are told from the parcels that the draft would become, so that nothing is written that was not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum

from facilitator.runs.run import Parcel, ParcelKind


class Change(StrEnum):
    """One class of change. Configuration names them in `two_person` and `never`."""

    COMMENT = "comment"
    """The document itself."""
    ACTIONS = "actions"
    """Tasks made of approved actions."""
    ACTION_OWNERS = "action_owners"
    """Such a task that is given to somebody."""
    ACTION_DATES = "action_dates"
    """Such a task with a due date."""
    STATUS_UPDATE = "status_update"
    """The project's status, which every follower is told."""
    CHARTS = "charts"
    """Pictures attached to the document's task."""
    TASK_CHANGES = "task_changes"
    """Proposed changes to tasks that stand on the board."""
    TASK_DATES = "task_dates"
    """Proposed due dates of such tasks: always two people's word."""


ALWAYS_TWO = frozenset({Change.TASK_DATES})
"""Classes that need two people's word whatever the team says: others plan by these dates."""

_BY_KIND = {
    ParcelKind.COMMENT: Change.COMMENT,
    ParcelKind.TASK: Change.ACTIONS,
    ParcelKind.STATUS: Change.STATUS_UPDATE,
    ParcelKind.ATTACHMENT: Change.CHARTS,
    ParcelKind.CHANGE: Change.TASK_CHANGES,
}


def changes(parcels: Iterable[Parcel]) -> frozenset[Change]:
    """Every class of change among the parcels."""
    return frozenset(change for parcel in parcels for change in _of(parcel))


def allowed(parcels: Iterable[Parcel], never: frozenset[Change]) -> tuple[Parcel, ...]:
    """The parcels without those of a kind that the team wants never to be written."""
    return tuple(parcel for parcel in parcels if _kind_of(parcel) not in never)


def needing_two(parcels: Iterable[Parcel], two_person: frozenset[Change]) -> frozenset[Change]:
    """The classes of change among the parcels that one yes is not enough for."""
    return changes(parcels) & (two_person | ALWAYS_TWO)


def _kind_of(parcel: Parcel) -> Change:
    if parcel.kind is ParcelKind.CHANGE and json.loads(json.loads(parcel.body)["edit"]).get("due_on"):
        return Change.TASK_DATES
    return _BY_KIND[parcel.kind]


def _of(parcel: Parcel) -> Iterator[Change]:
    yield _kind_of(parcel)
    if parcel.kind is ParcelKind.TASK:
        task = json.loads(parcel.body)
        if task["assignee"]:
            yield Change.ACTION_OWNERS
        if task["due_on"]:
            yield Change.ACTION_DATES
