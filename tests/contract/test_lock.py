"""The lock: every dependency once, exactly, with its hashes, within the range pyproject.toml gives, and from nowhere in particular."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = {
    canonicalize_name(found["name"]): found["version"]
    for found in re.finditer(r"^(?P<name>[\w.-]+)==(?P<version>\S+)", LOCK, re.MULTILINE)
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WANTED = [
    *PROJECT["dependencies"],
    *(
        each
        for extra in ("cluster", "metrics", "webhooks")
        for each in PROJECT["optional-dependencies"][extra]
    ),
]


@pytest.mark.parametrize("line", WANTED)
def test_each_dependency_is_locked_within_its_range(line: str) -> None:
    """`make lock` was run after the last change of pyproject.toml."""
    wanted = Requirement(line)
    assert LOCKED[canonicalize_name(wanted.name)] in wanted.specifier


def test_every_line_has_its_hashes() -> None:
    """At least one SHA-256 for each package, and nothing without."""
    for block in re.split(r"\n(?=[A-Za-z])", LOCK.strip()):
        assert re.match(r"[\w.-]+==\S+", block), block[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block[:60]


def test_the_lock_names_no_place() -> None:
    """No index, no host, no folder: whoever installs decides where from, the hashes decide what."""
    assert not re.search(r"://|--(?:index|extra-index|find-links|trusted)|@ file", LOCK)
