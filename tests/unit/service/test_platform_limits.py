"""Thirteen limits of the platform's own cron: ARCHITECTURE names for each the test that shows ours without it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| (\d+)\. .* \| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))


def test_all_thirteen_limits_are_answered() -> None:
    """In their order, none left out."""
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 14))


@pytest.mark.parametrize(("number", "path", "name"), ROWS)
def test_the_test_that_answers_a_limit_is_there(number: str, path: str, name: str) -> None:
    """A table that names a test nobody runs would pretend."""
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), (
        number
    )
