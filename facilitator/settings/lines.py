"""Where each key of a TOML text stands.

`tomllib` gives values without lines; this small reader gives lines without values, for a text that `tomllib` has
already accepted. It therefore checks nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

from facilitator.settings.faults import KeyPath

_TOKEN = re.compile(
    r"""
      (?P<skip> [ \t\r]+ | \#[^\n]* )
    | (?P<text> \"\"\"(?:\\[\s\S]|[^\\])*?\"{3,5}(?!\")
              | '''[\s\S]*?'{3,5}(?!')
              | "(?:\\.|[^"\\\n])*"
              | '[^'\n]*' )
    | (?P<mark> [\[\]{}=,.\n] )
    | (?P<bare> [^\s\[\]{}=,.#"']+ )
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class KeyLines:
    """The line of every key path of a text, counted from 1."""

    _lines: dict[KeyPath, int] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> KeyLines:
        """Read a text that `tomllib` accepts."""
        reader = _Reader(list(_tokens(text)))
        reader.document()
        return cls(reader.lines)

    def line(self, path: KeyPath) -> int:
        """The line where the key stands or, where it is missing, its nearest table; 1 for the document itself."""
        for end in range(len(path), 0, -1):
            if (found := self._lines.get(path[:end])) is not None:
                return found
        return 1


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "skip":
            yield _Token(match.group(), line)
        line += match.group().count("\n")


class _Reader:
    """Walks the tokens once; `lines` keeps the first line of each path, `_last` the newest entry of each list."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._last: dict[KeyPath, int] = {}
        self.lines: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        while self._at < len(self._tokens):
            if self._take("\n"):
                continue
            if self._take("["):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> KeyPath:
        is_list = self._take("[")
        keys, line = self._keys()
        path = self._enter((), keys[:-1], line) + keys[-1:]
        if is_list:
            self._last[path] = self._last.get(path, -1) + 1
        self.lines.setdefault(path, line)
        if is_list:
            path = (*path, self._last[path])
            self.lines.setdefault(path, line)
        while self._take("]"):
            pass
        return path

    def _pair(self, table: KeyPath) -> None:
        keys, line = self._keys()
        path = self._enter(table, keys, line)
        self._take("=")
        self._value(path)

    def _enter(self, table: KeyPath, keys: KeyPath, line: int) -> KeyPath:
        """The path below `table`, through the newest entry of each list on the way."""
        path = table
        for key in keys:
            path = (*path, key)
            self.lines.setdefault(path, line)
            if path in self._last:
                path = (*path, self._last[path])
        return path

    def _keys(self) -> tuple[KeyPath, int]:
        token = self._next()
        keys: KeyPath = (_plain(token.text),)
        while self._take("."):
            keys = (*keys, _plain(self._next().text))
        return keys, token.line

    def _value(self, path: KeyPath) -> None:
        if self._take("["):
            self._list(path)
        elif self._take("{"):
            self._inline_table(path)
        else:
            while self._peek() not in {",", "]", "}", "\n", ""}:
                self._at += 1

    def _list(self, path: KeyPath) -> None:
        count = 0
        while not self._take("]"):
            if self._take("\n") or self._take(","):
                continue
            self.lines[*path, count] = self._tokens[self._at].line
            self._value((*path, count))
            count += 1

    def _inline_table(self, path: KeyPath) -> None:
        while not self._take("}"):
            if not (self._take("\n") or self._take(",")):
                self._pair(path)

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _take(self, mark: str) -> bool:
        if self._peek() != mark:
            return False
        self._at += 1
        return True

    def _next(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]


def _plain(key: str) -> str:
    """A key as `tomllib` sees it: quotes and escapes undone."""
    return str(tomllib.loads(f"key = {key}")["key"]) if key[0] in "\"'" else key
