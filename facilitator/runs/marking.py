"""How everything we write says that a machine wrote it: words for people, a field for queries.

A proposal begins with `[AI Proposal]`, and every document and action is signed (`drafts.view.signature`); the task that takes
the comments says it in its notes, attachments in their names, and where the project has a field `via_ai_agent` it is set.
"""

from __future__ import annotations

from facilitator.board.snapshot import CustomField, Snapshot
from facilitator.runs.ports import Fields

FIELD = "via_ai_agent"
HOME_NOTE = "Made by facilitator, an AI agent."
"""Stands in the notes of a task that was made to take a ceremony's comments."""

HOME = "ref task/"
"""How the last line of those notes begins; the run that made the task follows."""


def is_home(notes: object) -> bool:
    """Whether these are the notes of a task that was made to take a ceremony's comments: its subtasks are questions of ours."""
    return isinstance(notes, str) and any(line.startswith(HOME) for line in notes.splitlines())


ATTACHED = "ai-draft"
"""How the name of every attachment begins."""


def ai_fields(snapshot: Snapshot | None) -> Fields:
    """What to set on a task made in the snapshot's project: its field `via_ai_agent`, as far as it can say yes."""
    fields = snapshot.custom_fields if snapshot else ()
    found = next((field for field in fields if field.name.strip().casefold() == FIELD), None)
    value = None if found is None else _yes(found)
    return ((found.gid, value),) if found and value is not None else ()


def _yes(field: CustomField) -> str | float | None:
    """Yes in the field's own kind: Asana's fields know no booleans, so teams use an option, a text or a number."""
    if field.kind == "enum":
        usable = [option for option in field.options if option.enabled]
        said = [one.gid for one in usable if one.name.strip().casefold() in ("true", "yes", "1", "ai")]
        return said[0] if said else None
    if field.kind == "number":
        return 1.0
    return "true" if field.kind == "text" else None
