"""Characters that hide: what a reader cannot see, what turns a text round, what a terminal would act on.

Used wherever text of others leaves us: to the agent, into a comment, onto a screen. It judges characters, never what they say, and it
keeps what languages need: joiners between letters that are not ASCII, and every accent.
"""

from __future__ import annotations

import re

HIDING = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"  # not legal XML 1.0, or C1 controls
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"  # zero width, blank letters
    "\ufe00-\ufe0d\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # selectors that select nothing, tag letters
    "\u061c\u200e\u200f\u202a-\u202e"  # turn the direction of the text around them
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f"  # only shape the signs beside them
)
"""Ranges for a character class. U+FE0E and U+FE0F stay: they choose between a sign and its emoji."""

UNSAFE = re.compile(
    f"[{HIDING}]"
    # Joiners carry meaning inside Persian, Indic scripts and emoji; beside ASCII they only hide something.
    "|(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])"
)
"""Characters no document of ours shows: illegal in XML 1.0, invisible, or changing the reading direction."""

BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def clean(text: str) -> str:
    """Text without characters that are illegal, unseen or turn the reading direction; line ends become newlines."""
    # Twice: what is left of a hidden character may come to stand beside ASCII.
    return UNSAFE.sub("", UNSAFE.sub("", BREAKS.sub("\n", text)))


def one_line(text: str, limit: int = 0) -> str:
    """Clean text on one line with single blanks, cut at `limit` characters with an ellipsis (0 = not cut)."""
    line = " ".join(clean(text).split())
    return line if not limit or len(line) <= limit else line[: limit - 1].rstrip() + "…"


def on_screen(text: str) -> str:
    """Text for a terminal or a pipe: what would hide or move a cursor is written as its escape, as JSON also reads it."""
    return UNSAFE.sub(
        lambda found: _escaped(found[0]), text.replace("\r", "\\r").replace("\u2028", "\\u2028")
    )


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
