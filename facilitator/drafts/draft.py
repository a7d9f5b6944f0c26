"""What the agent wrote: the draft, its schema, and its digest.

Parsed from draft.json at the border; after that a `Draft` is frozen. An edited draft is a new draft with a new digest.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Gid = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,32}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=600)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=300)]

MAX_BYTES = 64 * 1024
"""No honest draft comes near this; more is refused unread."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(_Frozen):
    """One bullet: free text, the tasks it speaks of, and the facts it leans on."""

    text: Text
    tasks: tuple[Gid, ...] = Field(default=(), max_length=12)
    facts: tuple[str, ...] = Field(default=(), max_length=12)
    next_step: Short | None = None
    owner: Short | None = None
    due_on: date | None = None
    signal: Short | None = None


class DraftSection(_Frozen):
    """One section's items, in the order they will be shown."""

    id: str
    items: tuple[Item, ...] = Field(default=(), max_length=20)


class Draft(_Frozen):
    """A whole document before the template turns it into a comment."""

    format: Literal["draft/1"] = "draft/1"
    ceremony: str
    headline: Text
    sections: tuple[DraftSection, ...] = Field(max_length=20)

    def digest(self) -> str:
        """SHA-256 of the canonical JSON: the name of exactly this draft in every decision."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def canonical(self) -> str:
        """JSON with sorted keys and no blanks; equal drafts have equal text."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    def section(self, section_id: str) -> DraftSection | None:
        """The section with this id, or None."""
        return next((section for section in self.sections if section.id == section_id), None)


class DraftUnreadable(ValueError):  # noqa: N818 - what a person reads is the sentence, not the class
    """draft.json is not a draft; each line of the message names one place and what is wrong there."""


def parse_draft(raw: str | bytes) -> Draft:
    """Read draft.json; raises `DraftUnreadable` naming every faulty place, in plain words."""
    if len(raw) > MAX_BYTES:
        raise DraftUnreadable(f"draft.json has {len(raw)} bytes; at most {MAX_BYTES} are read")
    try:
        return Draft.model_validate_json(raw)
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in fault['loc']) or 'draft.json'}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise DraftUnreadable("\n".join(lines)) from error
