"""The name a person probably meant.

Used wherever the configuration names something that does not exist. It never replaces a value: it only suggests.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], count: int = 1, *, cutoff: float = 0.6) -> tuple[str, ...]:
    """Up to `count` known names that look like this one, best first, whatever their letter case; `cutoff` is how like, 0 to 1."""
    by_key = {_key(candidate): candidate for candidate in sorted(known)}
    return tuple(by_key[key] for key in get_close_matches(_key(name), by_key, n=count, cutoff=cutoff))


def did_you_mean(name: str, known: Iterable[str], count: int = 1) -> str:
    """A question naming the nearest known names, or nothing where none is near."""
    found = nearest(name, known, count)
    return f"Did you mean {' or '.join(quoted(each) for each in found)}?" if found else ""


def one_of(names: Iterable[str]) -> str:
    """A sentence that lists what may be written."""
    return f"Write one of {', '.join(quoted(name) for name in names)}."


def quoted(value: object, longest: int = 60) -> str:
    """A value as it may stand in a message: one line, escaped, cut when long."""
    text = str(value)
    return f'"{visible(text if len(text) <= longest else text[: longest - 1] + "…")}"'


def visible(text: str) -> str:
    """The text without a line break or any other character that a terminal would act on."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _key(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
