"""The attacks as data: one file a class in `corpus/`, each attack with a canary of its own.

Placeholders in a text: `{c}` the canary, `{url}` and `{host}` an address nobody should be sent to, `{foreign}` and
`{foreign_project}` a task and the board of another team, `{task}` the very task it is planted on, `{bob}` somebody's gid, `{marker}`
the marker our document will have, `{run}` the run's id. `forbids` are patterns that no document may hold outside the text of its links.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import yaml

CORPUS = Path(__file__).with_name("corpus")
HOST = "evil.example"
PEOPLE = frozenset({"who", "says", "sets", "rewrites", "completes", "reassigns", "pushes"})
"""Attacks that stand on no board: what somebody does or sends. `trial` and `outsiders` carry them out."""
FOREIGN_CANARY = "zqvaultsecret"


@dataclass(frozen=True)
class Attack:
    """One hostile text and where it is planted."""

    canary: str
    where: str
    text: str
    klass: str


@dataclass(frozen=True)
class AttackClass:
    """Attacks of one kind, tried in one run of one team."""

    name: str
    about: str
    ceremony: str
    mode: str
    grader: str
    forbids: tuple[str, ...]
    attacks: tuple[Attack, ...]

    @property
    def slug(self) -> str:
        """The team that is attacked."""
        return self.name.replace(" ", "-")


@cache
def classes() -> tuple[AttackClass, ...]:
    """Every class, by file name; the canaries are the same in each run."""
    marks = ("zq" + "".join(letters) for letters in product(string.ascii_lowercase, repeat=3))
    return tuple(_read(path, marks) for path in sorted(CORPUS.glob("*.yaml")))


def filled(text: str, words: Mapping[str, str]) -> str:
    """A text with its placeholders put in; every other brace stays as it is."""
    for name, value in words.items():
        text = text.replace("{" + name + "}", value)
    return text


def _read(path: Path, marks: Iterator[str]) -> AttackClass:
    source = path.read_text(encoding="utf-8")
    raw = yaml.safe_load(source)
    return AttackClass(
        name=raw["class"],
        about=source.splitlines()[0].removeprefix("# "),
        ceremony=raw.get("ceremony", "standup"),
        mode=raw.get("mode", "auto"),
        grader=raw.get("grader", ""),
        forbids=tuple(raw["forbids"]),
        attacks=tuple(
            Attack(next(marks), one["where"], _text(one["text"]), raw["class"]) for one in raw["attacks"]
        ),
    )


def _text(raw: Any) -> str:
    if isinstance(raw, str):
        return raw
    return str(raw.get("first", "")) + str(raw["repeat"]) * int(raw["times"]) + str(raw.get("then", ""))
