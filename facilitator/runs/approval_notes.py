"""What an approval task shows: the draft as its readers would see it, how to answer, and its words to edit.

Pure text. The whole of it is compared with what stands in Asana before a yes counts, for a yes is about exactly the text that
was shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from facilitator.drafts.draft import Draft
from facilitator.drafts.editing import words_of

BEGIN, END = "--- words of this draft ---", "--- end of words ---"

HOW = """\
HOW TO ANSWER
Set this task to Approved or Rejected, or write a comment that is one of
approve
reject: your reason
revise: what to change
To say it in your own words, edit the lines between the marks below and leave the rest of this text alone. A changed draft is \
checked again and needs a decision of its own. Figures in braces are put in by code."""


CHANGES = """\
PROPOSED CHANGES TO TASKS, made with your yes unless somebody touches the task before (`approve without changes` leaves them out)"""


def notes_of(
    draft: Draft,
    document: str,
    *,
    until: str,
    doubts: Sequence[str],
    marker: str,
    changes: Sequence[str] = (),
    link: str = "",
) -> str:
    """The task's notes; the same draft and proposed changes give the same text, always. The last line is the marker.

    `link` leads to the draft in the dashboard, where there is one for everybody.
    """
    proposed = "\n".join([CHANGES, *(f"- {line}" for line in changes)]) if changes else ""
    told = "\n".join(["WHAT SPEAKS AGAINST IT", *doubts]) if doubts else ""
    asked = f"[AI Proposal] Please decide{f' before {until}' if until else ''}; silence means no."
    words = f"{BEGIN}\n{words_of(draft)}\n{END}"
    seen = f"Beside its facts, checks and verdicts: {link}" if link else ""
    parts = (asked, seen, document.strip(), proposed, told, HOW, words, f"draft {draft.digest()}\n{marker}")
    return "\n\n".join(part for part in parts if part)


def words_in(notes: str) -> str | None:
    """The lines between the marks, or None where a mark is gone or doubled."""
    lines = [" ".join(line.split()) for line in notes.splitlines()]
    if lines.count(BEGIN) != 1 or lines.count(END) != 1 or lines.index(END) < lines.index(BEGIN):
        return None
    return "\n".join(lines[lines.index(BEGIN) + 1 : lines.index(END)])


def alike(one: str, other: str) -> bool:
    """Whether two texts say the same: Asana and its clients change kinds and numbers of blanks on the way."""
    return one.split() == other.split()
