"""Lines of keys: whatever TOML allows, the line found is the one a person would look at."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.settings.faults import KeyPath
from facilitator.settings.lines import KeyLines

TEXT = '''\
# a comment with [brackets] and = signs
top = 1

[asana]
base_url = "https://x # not a comment"
"quoted key" = 'C:\\path'
dotted . inner = 3.14

[[teams]]
slug = "a"
note = """
[not.a.table]
key = "not a key"
ends with a quote""""
zone = "UTC"   # trailing
days_off = [
  2026-12-24,  # one
  2026-12-31,
]
[teams.board]
states = { "Foo" = "todo", bar.baz = [1, 2], empty = {} }
sprint.source = "field"

[[teams]]
slug = "b"
raw = \'\'\'
[nor.this]
\'\'\'
[teams.ceremonies.standup]
at = 09:15:00
days = ["mon", { x = 1 }]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("asana",), 4),
        (("asana", "quoted key"), 6),
        (("asana", "dotted", "inner"), 7),
        (("teams", 0), 9),
        (("teams", 0, "zone"), 15),
        (("teams", 0, "days_off", 1), 18),
        (("teams", 0, "board", "states", "Foo"), 21),
        (("teams", 0, "board", "states", "bar", "baz", 1), 21),
        (("teams", 0, "board", "sprint", "source"), 22),
        (("teams", 1), 24),
        (("teams", 1, "slug"), 25),
        (("teams", 1, "ceremonies", "standup"), 29),
        (("teams", 1, "ceremonies", "standup", "at"), 30),
        (("teams", 1, "ceremonies", "standup", "days", 1, "x"), 31),
    ],
)
def test_each_key_has_its_line(path: KeyPath, line: int) -> None:
    """Tables, lists of tables, dotted and quoted keys, inline tables, and strings that look like any of them."""
    assert KeyLines.of(TEXT).line(path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [(("teams", 1, "zone"), 24), (("teams", 0, "board", "x", "y"), 20), (("agents", "model"), 1)],
)
def test_a_missing_key_is_shown_at_its_table(path: KeyPath, line: int) -> None:
    """The nearest table that exists; without one, the first line."""
    assert KeyLines.of(TEXT).line(path) == line


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), unique=True, max_size=12))
def test_any_key_is_found_again(keys: list[str]) -> None:
    """Quoted keys may hold dots, brackets, quotes, hash signs and any letter."""
    text = "".join(f"{json.dumps(key, ensure_ascii=False)} = [1,\n 2]\n" for key in keys)

    lines = KeyLines.of(text)

    assert [lines.line((key,)) for key in keys] == [1 + 2 * n for n in range(len(keys))]


def test_windows_line_ends_count_once() -> None:
    """A file saved on Windows has the same lines."""
    assert KeyLines.of("a = 1\r\n\r\n[b]\r\nc = 2\r\n").line(("b", "c")) == 4
