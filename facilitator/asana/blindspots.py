"""What a read could not see, counted, and put into words for the document's footer.

Owns the wording of blind spots: each with its number, so that no reader has to guess how much is missing, and each short
enough for one line of a comment. It does not judge whether a document is still worth writing.
"""

from __future__ import annotations

from collections import Counter

SENTENCES = {
    "tasks": ("1 task record could not be understood", "{n} task records could not be understood"),
    "sections": ("1 section record could not be understood", "{n} section records could not be understood"),
    "fields": ("1 custom field could not be understood", "{n} custom fields could not be understood"),
    "people": ("1 member record could not be understood", "{n} member records could not be understood"),
    "stories": ("1 history entry could not be understood", "{n} history entries could not be understood"),
    "values": (
        "1 custom field value was unreadable and counts as empty",
        "{n} custom field values were unreadable and count as empty",
    ),
    "histories": (
        "1 task's history was not read: deleted or hidden meanwhile",
        "{n} tasks' histories were not read: deleted or hidden meanwhile",
    ),
    "capped": (
        "1 task's history was left out: the cap of a read was reached",
        "{n} tasks' histories were left out: the cap of a read was reached",
    ),
    "subtasks": ("1 task has subtasks, which were not read", "{n} tasks have subtasks, which were not read"),
}
UNPAID_FIELDS = "custom fields (points, sprints) were not read: not in the plan (402)"
UNPAID_TASKS = "custom fields and dependencies were not read: not in the plan (402)"


class BlindSpots:
    """Counts what was not seen during one read."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._said: list[str] = []

    def count(self, kind: str, times: int = 1) -> None:
        """Count one more of a kind named in SENTENCES."""
        if kind not in SENTENCES:
            raise KeyError(kind)
        self._counts[kind] += times

    def say(self, sentence: str) -> None:
        """Add a sentence of its own, once."""
        if sentence not in self._said:
            self._said.append(sentence)

    def sentences(self) -> tuple[str, ...]:
        """Every blind spot, in a fixed order."""
        counted = [
            one if self._counts[kind] == 1 else many.format(n=f"{self._counts[kind]:,}")
            for kind, (one, many) in SENTENCES.items()
            if self._counts[kind]
        ]
        return (*self._said, *counted)
