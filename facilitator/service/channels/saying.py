"""A notice's words, made fit for any channel: cleaned, bounded, and with the name it is known by again."""

from __future__ import annotations

import hashlib

from facilitator.drafts.richtext import clean, one_line
from facilitator.runs.notices import Dispatch, Notice

LONGEST_SUBJECT, LONGEST_TEXT = 180, 2500
"""Slack shows 3,000 characters of a text well; a subject line is cut near 200 by most mail clients."""


def subject_of(notice: Notice) -> str:
    """One line without unseen or illegal characters."""
    return one_line(notice.subject, LONGEST_SUBJECT) or notice.kind


def text_of(notice: Notice) -> str:
    """The text without unseen or illegal characters, cut where it is long."""
    text = clean(notice.text).strip()
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"


def name_of(dispatch: Dispatch) -> str:
    """What this notice to this address is known by outside: the same each time, and telling nothing."""
    whole = f"{dispatch.notice.key}\n{dispatch.channel}\n{dispatch.address}"
    return hashlib.sha256(whole.encode()).hexdigest()[:20]
