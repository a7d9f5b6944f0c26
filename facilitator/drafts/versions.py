"""Versions of what an agent is told: rubrics and briefs carry one, and VERSIONS.lock holds what each was given out with.

A brief's first line is a template comment that names it, `{#- retro@1.0.0: ... -#}`, and is not rendered. Its digest covers
the frame that every brief includes. A changed file under an old version is a fault a test reports; nothing here renders.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

UNVERSIONED = "0.0.0"
"""The version of a brief that names none: a team's own may."""

_FIRST_LINE = re.compile(r"\{#-?\s*(?P<id>[a-z][a-z0-9_]*)@(?P<version>\d+\.\d+\.\d+)\b")


class Versioned(Protocol):
    """A file with an id, a semantic version, and the SHA-256 of its contents."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def version(self) -> str:
        """Three numbers."""
        ...

    @property
    def digest(self) -> str:
        """The SHA-256 of its contents."""
        ...


@dataclass(frozen=True, slots=True)
class Brief:
    """One brief as given out."""

    id: str
    version: str
    digest: str


def load_brief(path: Path, *frames: Path) -> Brief:
    """A brief's name, version and digest; `frames` are files it includes. Raises OSError where one is missing."""
    content = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    framed = "".join(frame.read_text(encoding="utf-8").replace("\r\n", "\n") for frame in frames)
    name = path.name.split(".")[0]
    match = _FIRST_LINE.match(content)
    version = match["version"] if match and match["id"] == name else UNVERSIONED
    return Brief(name, version, hashlib.sha256((content + framed).encode()).hexdigest())


def key_of(one: Versioned) -> str:
    """Id and version, as the version lock names them."""
    return f"{one.id}@{one.version}"


def read_lock(path: Path) -> dict[str, str]:
    """VERSIONS.lock: `id@version` and the digest that version was given out with."""
    lines = (line.split("#")[0].split() for line in path.read_text(encoding="utf-8").splitlines())
    return {parts[0]: parts[1] for parts in lines if len(parts) == 2}


def version_faults(every: Iterable[Versioned], lock: Mapping[str, str]) -> list[str]:
    """Files that changed without a new version, and new versions the lock does not hold yet, with the line to add."""
    return [fault for one in every for fault in _version_faults(one, lock)]


def _version_faults(one: Versioned, lock: Mapping[str, str]) -> Iterator[str]:
    key = key_of(one)
    locked = lock.get(key)
    if locked is None:
        yield f"{key} is not in VERSIONS.lock; add the line '{key} {one.digest}'"
    elif locked != one.digest:
        yield f"{one.id} changed and is still {one.version}; raise its version, then add it to VERSIONS.lock"
    given = [known.split("@", 1)[1] for known in lock if known.startswith(f"{one.id}@")]
    newest = max(given, key=_number, default=one.version)
    if _number(newest) > _number(one.version):
        yield f"{key} is older than {one.id}@{newest}, which was given out already"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
