"""Whole lists from pages: always `limit=100`, always by `offset`, never by the address an answer names.

Owns the loop over `next_page` and its traps: expired offsets, objects met twice, pages that lead nowhere. What is in a
record is not looked at, but for its gid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from facilitator.asana.refusals import About, unreadable
from facilitator.asana.transport import Params, Transport
from facilitator.errors import TrackerError

PAGE = 100
"""Asana's largest page; without a limit, large lists are refused or cut (reference of pagination, mid 2026)."""

Record = dict[str, Any]
OnPage = Callable[[list[Record], int], None]


async def read_all(
    transport: Transport, path: str, params: Params, about: About, *, on_page: OnPage | None = None
) -> list[Record]:
    """Read every page of a list, each object once (the newest sight of it), in the list's order.

    `on_page` is told of each page's objects, and how many there are so far. An offset that Asana no longer takes starts the list over,
    once. Records that are no objects come back as `{}`, for the parser to count.
    """
    try:
        return await _walk(transport, path, params, about, on_page)
    except _OffsetRefused:
        try:
            return await _walk(transport, path, params, about, on_page)
        except _OffsetRefused as again:
            raise again.error from None


class _OffsetRefused(Exception):  # noqa: N818 - a signal between two functions, never seen outside
    """Asana answered 400 to a page after the first: the offset expired, or the list is too long to be read."""

    def __init__(self, error: TrackerError) -> None:
        super().__init__(error.message)
        self.error = error


async def _walk(
    transport: Transport, path: str, params: Params, about: About, on_page: OnPage | None
) -> list[Record]:
    found: dict[str, Record] = {}
    seen: set[str] = set()
    offset: str | None = None
    while True:
        body = await _page(transport, path, params, about, offset)
        records = [record if isinstance(record, dict) else {} for record in body["data"]]
        for known in records:
            # An object without a gid cannot be told from another: it gets a key of its own.
            found[str(known.get("gid") or f"?{len(found)}")] = known
        if on_page:
            on_page(records, len(found))
        offset = _next_offset(body, about)
        if offset is None:
            return list(found.values())
        if offset in seen:
            raise unreadable(about, 200, "its pages lead in a circle")
        seen.add(offset)


async def _page(transport: Transport, path: str, params: Params, about: About, offset: str | None) -> Record:
    asked: dict[str, str | int] = {**params, "limit": PAGE}
    if offset is not None:
        asked["offset"] = offset
    try:
        body = await transport.get(path, asked, about)
    except TrackerError as error:
        if offset is not None and error.status == 400:
            raise _OffsetRefused(error) from None
        raise
    if not isinstance(body["data"], list):
        raise unreadable(about, 200, "a list was expected")
    return body


def _next_offset(body: Record, about: About) -> str | None:
    following = body.get("next_page")
    if following is None:
        return None
    offset = following.get("offset") if isinstance(following, dict) else None
    if not isinstance(offset, str) or not offset:
        raise unreadable(about, 200, "its next page has no offset")
    return offset
