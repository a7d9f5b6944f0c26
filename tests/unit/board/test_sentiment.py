"""The tone of a sprint's comments: counted over all of them, refused where that would speak of one or two people."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from facilitator.board.board import Board
from facilitator.board.refusal import Refused
from facilitator.board.sentiment import LEAST_AUTHORS, LEAST_TEXTS, Tone, lean, tone_of
from facilitator.board.sprint_figures import sprint_figures
from tests.boards import at, board, sprint, task

GLAD = "This works well now, thanks"
SAD = "The build is broken again and it is slow"
PLAIN = "The file is in the folder of the team"
GERMAN = "Das geht so leider gar nicht, bitte noch einmal ansehen"


def told(*comments: tuple[str | None, str], when: str = "2026-03-04T09:00Z", **more: Any) -> Board:
    """A board whose one sprint task has these comments, (author, text)."""
    life = [at(when, by=by, comment=text) for by, text in comments]
    return board(
        sprint("S1", "2026-03-02", "2026-03-13"),
        task("a", sprint="S1", then=life),
        task("elsewhere", then=[at(when, by="Zoe", comment=SAD)]),
        **more,
    )


def tone(seen: Board) -> Tone | Refused:
    return tone_of(seen, sprint_figures(seen, seen.sprints[0]))


FIVE = (("Ann", GLAD), ("Ann", SAD), ("Ben", PLAIN), ("Cem", SAD), ("Cem", PLAIN))


def test_comments_of_the_sprint_are_counted_by_how_they_lean() -> None:
    """Those of other tasks, of the bot, and from before the sprint are not."""
    assert tone(told(*FIVE, ("bot", GLAD))) == Tone(texts=5, authors=3, positive=1, negative=2, unread=0)
    early = tone(told(*FIVE, when="2026-02-20T09:00Z"))
    assert isinstance(early, Refused)


def test_a_text_in_another_language_is_counted_as_unread() -> None:
    """It is not taken for a neutral one."""
    found = tone(told(*FIVE, ("Dee", GERMAN)))
    assert isinstance(found, Tone)
    assert (found.texts, found.authors, found.unread, found.neither) == (5, 3, 1, 2)


@pytest.mark.parametrize(
    "comments", [FIVE[:4], [("Ann", SAD)] * 9, [("Ann", SAD), ("Ben", SAD)] * 4, [], [("Dee", GERMAN)] * 9]
)
def test_too_few_texts_or_authors_give_no_figure(comments: Any) -> None:
    """Four texts, one author, two authors, none, none in English: each is refused, and says what is needed."""
    found = tone(told(*comments))
    assert isinstance(found, Refused)
    assert found.reason.startswith("not enough: ")
    assert f"at least {LEAST_TEXTS} by {LEAST_AUTHORS}" in found.reason


def test_the_result_holds_numbers_only() -> None:
    """Neither a text nor a name nor a task can leave with it."""
    found = tone(told(*FIVE))
    assert isinstance(found, Tone)
    assert {type(getattr(found, one.name)) for one in fields(found)} == {int}


@pytest.mark.parametrize(
    ("text", "leaning"),
    [
        (GLAD, 1),
        (SAD, -1),
        (PLAIN, 0),
        ("It is not good", -1),
        ("It doesn’t fail any more, and that is a success", 1),
        ("Great, the build is broken again", 0),  # sarcasm is not heard
        ("See https://example.org/broken/error for this", 0),
        (GERMAN, None),
        ("👍", None),
        ("", None),
    ],
)
def test_a_text_leans_as_its_listed_words_do(text: str, leaning: int | None) -> None:
    """Negations turn a word round; links are not words; what is not English has no leaning at all."""
    found = lean(text)
    assert (None if found is None else (found > 0) - (found < 0)) == leaning
