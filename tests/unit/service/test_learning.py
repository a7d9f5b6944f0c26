"""What people said of a document, read off the comments around it."""

from datetime import UTC, datetime, timedelta

import pytest

from facilitator.board.snapshot import StoryGid
from facilitator.runs.followups import Document
from facilitator.runs.ports import Echo
from facilitator.service.learning import LONGEST, opinions

BOT, ANN = "500", "501"
START = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
OURS = Document("run_a", "harbour", "77", "10")


def echo(gid: str, minute: int, text: str = "x", by: str = ANN, likes: int = 0, dislikes: int = 0) -> Echo:
    return Echo(StoryGid(gid), by, START + timedelta(minutes=minute), text, likes, dislikes)


DOCUMENT, NEXT = echo("10", 0, by=BOT), echo("20", 60, by=BOT)


def told(*echoes: Echo) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in opinions(OURS, echoes, {"10", "20"}, BOT)]


@pytest.mark.parametrize("text", ["wrong: the date", "  Wrong:  the date ", "WRONG:\nthe date"])
def test_a_reply_that_begins_with_wrong_counts(text: str) -> None:
    """In any letter case, with any blanks; who said it and in which story is kept."""
    [one] = opinions(OURS, [DOCUMENT, echo("11", 5, text)], {"10"}, BOT)
    assert (one.kind, one.text, one.who, one.story, one.run) == ("wrong", "the date", ANN, "11", "run_a")


@pytest.mark.parametrize(
    "reply",
    [
        echo("11", 5, "that is wrong: no"),
        echo("11", 5, "wrong"),
        echo("11", -5, "wrong: x"),
        echo("11", 5, "wrong: x", BOT),
    ],
)
def test_other_words_do_not(reply: Echo) -> None:
    """Not in the middle, not before the document, and never our own."""
    assert told(DOCUMENT, reply) == []


def test_a_reply_is_about_the_document_above_it() -> None:
    """All stand-ups are comments on one task: after the next one, it is that one that is meant."""
    assert told(DOCUMENT, NEXT, echo("11", 59, "wrong: a"), echo("12", 61, "wrong: b")) == [("wrong", "a")]


def test_reactions_are_counted() -> None:
    """As often as there are; none is nothing."""
    liked = echo("10", 0, by=BOT, likes=2, dislikes=1)
    assert [(one.kind, one.times) for one in opinions(OURS, [liked], {"10"}, BOT)] == [
        ("like", 2),
        ("dislike", 1),
    ]
    assert told(DOCUMENT) == []


def test_a_document_that_is_gone_has_no_echo() -> None:
    """Its comment was deleted: what follows is about something else."""
    assert told(echo("11", 5, "wrong: x")) == []


def test_a_long_complaint_is_cut() -> None:
    """What people type may be a novel; the story keeps the rest."""
    [(_, text)] = told(DOCUMENT, echo("11", 5, "wrong: " + "y" * 5000))
    assert len(text) == LONGEST
