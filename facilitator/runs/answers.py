"""What people answered on an approval task: from what was read in Asana to what is meant by it.

Pure. Words are parsed by a fixed table, never by a model; whose word counts is asked of the team's list of approvers by gid;
and a yes counts only where the text that was shown is the text of the draft. What comes of an intent is `asking`'s business.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from facilitator.runs.approval_board import Answer, AnswerKind, ApprovalTask, FieldAnswer
from facilitator.runs.approval_notes import alike, words_in
from facilitator.runs.assignment import Approver


class Wish(StrEnum):
    """What is meant by one answer."""

    APPROVE = "approve"
    REJECT = "reject"
    REVISE = "revise"
    EDIT = "edit"
    """`text` holds the words between the marks."""
    REPLY = "reply"
    """It counts for nothing, and whoever said it is told why in `text`."""
    IGNORE = "ignore"
    """It counts for nothing; `text` goes into the run's history."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One answer, understood. `key` is what it is known by, so that it counts once; `who` is an approver's gid."""

    wish: Wish
    key: str
    who: str = ""
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the notes as they were put up, who may answer, and which answers were dealt with before."""

    notes: str
    approvers: tuple[Approver, ...]
    heard: Collection[str] = ()

    def may(self, gid: str | None) -> bool:
        """Whether this user's word counts."""
        return bool(gid) and any(person.gid == gid for person in self.approvers)


@dataclass(frozen=True, slots=True)
class Command:
    """A comment that decides. `fault` says what is wrong with one that only begins like a command."""

    wish: Wish
    reason: str = ""
    fault: str = ""


WITHOUT_CHANGES = "without changes"
"""After `approve`: the document alone, none of the changes to tasks that are proposed with it."""

_WORD = re.compile(r"(?P<word>approve|reject|revise)(?P<rest>(?:[^\w'].*)?)", re.IGNORECASE | re.DOTALL)


def notes_key(notes: str) -> str:
    """What a wording of the notes is known by, whatever its blanks."""
    return "notes:" + hashlib.sha256(" ".join(notes.split()).encode()).hexdigest()[:16]


def command(comment: str) -> Command | None:
    """The command a comment is, or None where its first word is none.

    `approve` stands alone or before `without changes`; `reject` and `revise` need a colon and a reason, which may be many lines.
    """
    match = _WORD.fullmatch(comment.strip().replace("\u00a0", " "))
    if match is None:
        return None
    wish, rest = Wish(match["word"].casefold()), match["rest"].strip()
    if wish is Wish.APPROVE:
        said = " ".join(rest.rstrip(".!").casefold().split())
        fault = (
            "" if said in ("", WITHOUT_CHANGES) else "`approve` must stand alone, or say `without changes`"
        )
        return Command(wish, said if not fault else "", fault)
    reason = rest.removeprefix(":").strip() if rest.startswith(":") else ""
    return Command(wish, reason, "" if reason else f"write `{wish}: ` and your reason")


def read_answers(task: ApprovalTask, remarks: Sequence[Answer], question: Question) -> tuple[Intent, ...]:
    """What was meant by everything that was not heard before, in the order it was said; an edit comes first.

    Where the text shown is not that of the draft, nobody's yes counts: who approves would not know what.
    """
    altered = not alike(task.notes, question.notes)
    edits = list(_edit(task, remarks, question)) if altered else []
    others = sorted(
        [*_said(remarks, question), *_status(task, remarks, question)],
        key=lambda intent: (intent.at is None, intent.at.timestamp() if intent.at else 0.0),
    )
    return (*edits, *(_doubted(intent) if altered else intent for intent in others))


def _doubted(intent: Intent) -> Intent:
    if intent.wish is not Wish.APPROVE:
        return intent
    why = "this yes does not count: the text above was changed since it was put up. Look at it again, then decide."
    return Intent(Wish.REPLY, intent.key, text=why)


def _edit(task: ApprovalTask, remarks: Sequence[Answer], question: Question) -> Iterator[Intent]:
    key = notes_key(task.notes)
    if key in question.heard:
        return
    changed = [one for one in remarks if one.kind is AnswerKind.NOTES_CHANGED and not one.ours]
    by = changed[-1] if changed else None
    words, shown = words_in(task.notes), words_in(question.notes) or ""
    if by is None or not question.may(by.by):
        yield Intent(
            Wish.IGNORE, key, text=f"the text was changed by {_named(by)}, who may not; it was put back"
        )
    elif words is None:
        why = "the lines between the marks are gone, so nothing was changed. Keep both marks where they are."
        yield Intent(Wish.REPLY, key, text=why)
    elif alike(words, shown):
        why = "only the lines between the marks can be edited; the rest was put back."
        yield Intent(Wish.REPLY, key, text=why)
    else:
        yield Intent(Wish.EDIT, key, by.by or "", words, by.at)


def _said(remarks: Sequence[Answer], question: Question) -> Iterator[Intent]:
    for one in remarks:
        if one.kind is not AnswerKind.SAID or one.ours or one.gid in question.heard:
            continue
        found = command(one.text)
        if found is None:
            continue
        if not question.may(one.by):
            yield Intent(Wish.IGNORE, one.gid, text=f"`{found.wish}` by {_named(one)}, who is no approver")
        elif found.fault:
            yield Intent(Wish.REPLY, one.gid, text=f"not understood: {found.fault}.")
        else:
            yield Intent(found.wish, one.gid, one.by or "", found.reason, one.at)


_BY_STATUS = {"approved": Wish.APPROVE, "rejected": Wish.REJECT, "changes_requested": Wish.REVISE}


def _status(task: ApprovalTask, remarks: Sequence[Answer], question: Question) -> Iterator[Intent]:
    """What the status says. `completed` is not asked: it is true for a refusal too."""
    wish = _BY_STATUS.get(task.status)
    if wish is None:
        return
    set_by = [one for one in remarks if one.kind is AnswerKind.ANSWERED and one.text == task.status]
    story = set_by[-1] if set_by else None
    key = story.gid if story else f"status:{task.status}:{task.modified}"
    if key in question.heard or (story is not None and story.ours):
        return
    who = (story.by if story else None) or task.completed_by
    at = story.at if story else task.completed_at
    if not question.may(who):
        yield Intent(
            Wish.IGNORE, key, text=f"set to {task.status} by {_named(story, who)}, who is no approver"
        )
        return
    reason = _reason(remarks, who or "")
    if wish is Wish.REVISE and not reason:
        yield Intent(
            Wish.REPLY, key, text="what should change? Write a comment: `revise: ` and what to change."
        )
    elif wish is Wish.APPROVE:
        yield Intent(wish, key, who or "", at=at)
    else:
        yield Intent(wish, key, who or "", reason or "rejected on the approval task, without a reason", at)


_BY_OPTION = {
    "approve": Wish.APPROVE,
    "approved": Wish.APPROVE,
    "reject": Wish.REJECT,
    "rejected": Wish.REJECT,
}


def read_choice(choice: FieldAnswer, question: Question, *, asked_at: datetime) -> Intent | None:
    """What an option chosen in the team's approval field means; None for other options, and for one chosen before
    this draft was asked about.
    """
    wish = _BY_OPTION.get(choice.option.strip().casefold())
    if wish is None or choice.ours or choice.key in question.heard or choice.at < asked_at:
        return None
    if not question.may(choice.by):
        who = f"{choice.name} ({choice.by})" if choice.name and choice.by else choice.by or "somebody unknown"
        return Intent(Wish.IGNORE, choice.key, text=f"{choice.option} chosen by {who}, who is no approver")
    reason = "" if wish is Wish.APPROVE else "rejected in the approval field, without a reason"
    return Intent(wish, choice.key, choice.by or "", reason, choice.at)


def _reason(remarks: Sequence[Answer], who: str) -> str:
    """The person's latest comment that is no command: why they set the status they set."""
    said = [
        one.text.strip()
        for one in remarks
        if one.kind is AnswerKind.SAID and one.by == who and not one.ours and command(one.text) is None
    ]
    return next((text for text in reversed(said) if text), "")


def _named(remark: Answer | None, gid: str | None = None) -> str:
    """Who it was, for the history: a name where there is one, and the gid."""
    who = (remark.by if remark else None) or gid
    name = " ".join(remark.name.split())[:60] if remark else ""
    return f"{name} ({who})" if name and who else who or "somebody unknown"
