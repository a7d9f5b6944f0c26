"""Paging: `limit`, opaque offsets bound to their query, and the `next_page` object.

Owns what an offset means. An offset of another query, an invented or an expired one is refused in the real service's words.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from facilitator.sandbox.asana.errors import bad

Item = TypeVar("Item")
INVALID = "offset: Your pagination token is invalid."
TOO_LARGE = "The result is too large. You should use pagination (may require specifying a workspace)!"


@dataclass
class Pages:
    """The offsets handed out so far."""

    _offsets: dict[str, tuple[str, int]] = field(default_factory=dict)
    _generation: int = 0

    def expire(self) -> None:
        """Make every offset handed out so far invalid, as time does in the real service."""
        self._offsets.clear()
        self._generation += 1

    def cut(
        self,
        items: Sequence[Item],
        path: str,
        query: Mapping[str, str],
        base_url: str,
        unpaged_max: int,
    ) -> tuple[Sequence[Item], dict[str, Any]]:
        """Answer the wanted page and what stands beside `data`: nothing without `limit`, else `next_page`."""
        limit = read_limit(query.get("limit"))
        if limit is None:
            if query.get("offset"):
                raise bad(INVALID)
            if len(items) > unpaged_max:
                raise bad(TOO_LARGE)
            return items, {}
        bound = _bound(path, query)
        start = self._start(query.get("offset"), bound)
        end = start + limit
        if end >= len(items):
            return items[start:], {"next_page": None}
        token = self._issue(bound, end)
        relative = f"{path}?{urlencode({**query, 'offset': token})}"
        return items[start:end], {
            "next_page": {"offset": token, "path": relative, "uri": base_url + relative}
        }

    def _start(self, offset: str | None, bound: str) -> int:
        if offset is None:
            return 0
        known = self._offsets.get(offset)
        if known is None or known[0] != bound:
            raise bad(INVALID)
        return known[1]

    def _issue(self, bound: str, position: int) -> str:
        token = hashlib.sha256(f"{self._generation}:{bound}:{position}".encode()).hexdigest()[:40]
        self._offsets[token] = (bound, position)
        return token


def read_limit(text: str | None) -> int | None:
    """Read `limit`; anything but 1 to 100 is a 400."""
    if text is None:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise bad(f"limit: Value must be an integer between 1 and 100: {text}")
    return int(text)


def _bound(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(sorted((name, value) for name, value in query.items() if name != 'offset'))}"
