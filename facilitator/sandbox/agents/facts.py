"""facts.json as found in a session's files: what the scripted writer and grader both read.

A thin reader of the published shape `facts/1`. It checks nothing beyond what it needs, and knows no ceremony.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FORMAT = "facts/1"
PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9_.-]*)\}")


@dataclass(frozen=True, slots=True)
class FactsFile:
    """A parsed facts.json."""

    raw: dict[str, Any]

    @classmethod
    def read(cls, text: str) -> FactsFile | None:
        """Parse a file's text; None where it is no facts/1 with a `document`."""
        try:
            raw = json.loads(text)
        except ValueError:
            return None
        good = isinstance(raw, dict) and raw.get("format") == FORMAT and isinstance(raw.get("document"), dict)
        return cls(raw) if good else None

    @classmethod
    def find(cls, files: Mapping[str, bytes]) -> FactsFile | None:
        """The first mounted file that holds facts, by path; None where there is none."""
        for path in sorted(files):
            if path.startswith("/mnt/session/uploads/"):
                found = cls.read(files[path].decode("utf-8", errors="replace"))
                if found is not None:
                    return found
        return None

    @property
    def document(self) -> dict[str, Any]:
        """The shape the draft must have."""
        return dict(self.raw["document"])

    @property
    def max_words(self) -> int:
        """The cap of the whole document."""
        return int(self.document.get("max_words", 10_000))

    @property
    def headline_rules(self) -> dict[str, Any]:
        """The headline's cap and the facts it must use."""
        return dict(self.document.get("headline") or {})

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The sections of the document, in order."""
        return list(self.document.get("sections", []))

    @property
    def quiet(self) -> bool:
        """Whether only a headline is asked for."""
        return bool(self.document.get("quiet"))

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """The facts by id, those of single teams too: `by_team` has them as columns."""
        found = dict(self.raw.get("facts", {}))
        for what, column in (self.raw.get("by_team") or {}).items():
            for team, value in column["values"].items():
                found[f"{team}.{what}"] = {
                    "label": column.get("label", ""),
                    "unit": column.get("unit"),
                    "value": value,
                }
        return found

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        """The tasks by gid."""
        return dict(self.raw.get("tasks", {}))

    def tasks_of(self, fact: str) -> list[str]:
        """The task gids of a list fact, in its order; empty where there is no such fact."""
        return list(self.facts.get(fact, {}).get("tasks", []))

    def covered(self, spec: dict[str, Any]) -> list[str]:
        """The tasks a `covers` section must cite: the first `max_items` of its fact."""
        return self.tasks_of(spec["covers"])[: spec["max_items"]]

    @property
    def today(self) -> date:
        """The day of `as_of` in the team's zone; UTC where the zone is not known here."""
        instant = datetime.fromisoformat(self.raw["as_of"])
        try:
            return instant.astimezone(ZoneInfo(self.raw.get("zone", "UTC"))).date()
        except (ZoneInfoNotFoundError, ValueError):
            return instant.date()


def placeholders(text: str) -> list[str]:
    """The fact ids a text names in braces, in order."""
    return PLACEHOLDER.findall(text)


def shown(facts: FactsFile, text: str) -> str:
    """The text with each known fact's value in place of its braces."""
    return PLACEHOLDER.sub(lambda match: str(facts.facts.get(match[1], {}).get("value", match[0])), text)


def words(facts: FactsFile, text: str) -> int:
    """How many words a reader will see."""
    return len(shown(facts, text).split())
