"""The tone of a sprint's comments, counted by a word list: off unless a team asks, and never of a person.

Feeds the retro's facts. A comment is positive or negative where it holds more listed words of that kind than of the other; a
"not" up to three words before turns a word round. English only: a comment with too few common English words is not
judged. It sees neither sarcasm nor what went unsaid, so it counts comments and says nothing of how anybody felt. With
fewer than five comments or three authors there is no figure, for it would speak of one or two people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from facilitator.board.board import Board
from facilitator.board.refusal import Refused
from facilitator.board.sprint_figures import SprintFigures

LEAST_TEXTS, LEAST_AUTHORS = 5, 3
RULE = "comments on the sprint's tasks by an English word list; no sarcasm, no other language, nobody in particular"

POSITIVE = frozenset(
    "agree agreed awesome better clean cleaner clear easy easier excellent faster fine fixed glad good great happy helped "
    "helpful helps improved improvement impressive love loved neat nice perfect pleased ready reliable resolved simple "
    "simpler smooth smoother smoothly solid solved stable success successful thank thanks useful welcome well works worked yay".split()
)
NEGATIVE = frozenset(
    "annoying annoyed awful bad badly broke broken confused confusing concern concerned crash crashed crashes crashing delay "
    "delayed difficult disappointed disappointing error errors fail failed failing fails failure fragile frustrated frustrating "
    "hard hate horrible impossible late mess messy missing nightmare painful poor problem problems regression sad slow slower sorry "
    "stuck terrible tired trouble ugly unclear unfortunately unhappy unstable unusable upset worried worse worst wrong".split()
)
NEGATIONS = frozenset(
    "no not never without hardly isn't aren't wasn't don't doesn't didn't won't can't cannot couldn't".split()
)
COMMON = frozenset(
    "a an and are as at be been but by can do for from has have i if in is it its me my not now of on or our so that the then there this "
    "to up was we were what when which will with you your".split()
)
"""Words that English text is full of: at least one in eight marks a text as English."""

REACH = 3
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True)
class Tone:
    """How many of a sprint's comments lean which way; `unread` were in another language. No text, no name, no task."""

    texts: int
    authors: int
    positive: int
    negative: int
    unread: int

    @property
    def neither(self) -> int:
        """Comments that lean no way."""
        return self.texts - self.positive - self.negative


def tone_of(board: Board, figures: SprintFigures) -> Tone | Refused:
    """The tone of what people wrote on the sprint's tasks while it ran; refused where it would speak of too few."""
    every = list(_comments(board, figures))
    read = [(author, leaning) for author, text in every if (leaning := lean(text)) is not None]
    authors = {author for author, _ in read}
    if len(read) < LEAST_TEXTS or len(authors) < LEAST_AUTHORS:
        return Refused(
            f"not enough: {len(read)} comments in English by {len(authors)} people, "
            f"at least {LEAST_TEXTS} by {LEAST_AUTHORS} are needed",
        )
    leanings = [leaning for _, leaning in read]
    return Tone(
        texts=len(read),
        authors=len(authors),
        positive=sum(leaning > 0 for leaning in leanings),
        negative=sum(leaning < 0 for leaning in leanings),
        unread=len(every) - len(read),
    )


def lean(text: str) -> int | None:
    """Above zero for a positive text, below for a negative one; None where it is not English or has no words."""
    words = [word.lower().replace("\u2019", "'") for word in _WORD.findall(_LINK.sub(" ", text))]
    if not words or not _is_english(words):
        return None
    return sum(_weight(words, place) for place in range(len(words)))


def _is_english(words: list[str]) -> bool:
    known = sum(word in COMMON or word in POSITIVE or word in NEGATIVE for word in words)
    return 8 * known >= len(words)


def _weight(words: list[str], place: int) -> int:
    weight = (words[place] in POSITIVE) - (words[place] in NEGATIVE)
    turned = any(word in NEGATIONS for word in words[max(0, place - REACH) : place])
    return -weight if turned else weight


def _comments(board: Board, figures: SprintFigures) -> Iterator[tuple[str, str]]:
    """Author and text of each comment of the sprint; our own and authorless ones are left out."""
    for gid in dict.fromkeys((*figures.committed.gids, *figures.added.gids)):
        for story in board.histories[gid].task.stories:
            written = figures.sprint.start <= story.created_at <= figures.until
            ours = story.created_by in (None, board.snapshot.bot)
            if story.subtype == "comment_added" and written and not ours:
                yield str(story.created_by), story.text
