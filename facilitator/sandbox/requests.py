"""The request log: every call a simulated service was sent, for tests and for people who ask "what did it do?".

Owns a bounded list of entries with credentials masked. It is filled by the wire, before any handler sees the call, so that a
refused or dropped call is in it too. It decides nothing.
"""

import json
import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

KEPT = 5000
KEPT_ANSWER_BYTES = 2_000_000
A_NAME = re.compile(r"\d{3,}|[a-z]+_[0-9A-Za-z]{16,}")
"""A part of a path that names one thing: an Asana gid, or an id with its kind before it."""
SECRET_HEADERS = {"authorization", "x-api-key", "cookie", "proxy-authorization"}


@dataclass
class LoggedRequest:
    """One call. `status` is None until an answer began, and stays None where the connection was dropped before one."""

    method: str
    path: str
    query: dict[str, str | list[str]]
    headers: dict[str, str]
    body: Any
    at: datetime
    status: int | None = None
    fault: str | None = None
    content_type: str = ""
    raw_answer: bytearray = field(default_factory=bytearray, repr=False)

    @property
    def answer(self) -> Any:
        """The JSON that was answered; None for streams, broken answers and those over 2 MB."""
        if "json" not in self.content_type or len(self.raw_answer) > KEPT_ANSWER_BYTES:
            return None
        return read_body(bytes(self.raw_answer), self.content_type)

    def as_json(self, *, answers: bool = False) -> dict[str, Any]:
        """Render for `GET /_sandbox/requests`."""
        entry = {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": self.body,
            "status": self.status,
            "fault": self.fault,
            "at": self.at.isoformat(),
        }
        return {**entry, "answer": self.answer} if answers else entry


class RequestLog:
    """The last few thousand calls of one port, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=KEPT)
        self.total = 0
        """Every call so far, forgotten ones included."""
        self.tally: Counter[tuple[str, str, int, str]] = Counter()
        """Every answer so far by method, path (`{}` for each name in it), status, and masked credential."""

    def add(self, entry: LoggedRequest) -> None:
        """Append one call; past the limit the oldest is forgotten."""
        self._entries.append(entry)
        self.total += 1

    def answered(self, entry: LoggedRequest) -> None:
        """Count the answer that began."""
        path = "/".join("{}" if A_NAME.fullmatch(part) else part for part in entry.path.split("/"))
        who = entry.headers.get("authorization") or entry.headers.get("x-api-key", "")
        self.tally[entry.method, path, entry.status or 0, who] += 1

    def counts(self) -> list[dict[str, Any]]:
        """Render the tally for `GET /_sandbox/tally`, the most frequent first."""
        return [
            {"method": method, "path": path, "status": status, "credential": who, "count": count}
            for (method, path, status, who), count in self.tally.most_common()
        ]

    def clear(self) -> None:
        """Forget every call."""
        self._entries.clear()

    def entries(self) -> list[LoggedRequest]:
        """Answer a copy of the list, oldest first."""
        return list(self._entries)


def masked_headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Turn raw headers into text with credentials reduced to their last four characters."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = mask(value) if name in SECRET_HEADERS else value
    return headers


def mask(value: str) -> str:
    """Keep the scheme and the last four characters of a credential; a short one is hidden whole."""
    scheme, space, secret = value.rpartition(" ")
    shown = secret[-4:] if len(secret) > 8 else ""
    return f"{scheme}{space}***{shown}"


def read_query(raw: bytes) -> dict[str, str | list[str]]:
    """Parse a query string; a name sent more than once becomes a list."""
    query: dict[str, str | list[str]] = {}
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        known = query.get(name)
        if known is None:
            query[name] = value
        else:
            query[name] = [*known, value] if isinstance(known, list) else [known, value]
    return query


def read_body(body: bytes, content_type: str) -> Any:
    """Parse JSON where it is JSON, say so plainly where it is a file, and keep other text as it is."""
    if not body:
        return None
    if content_type.startswith("multipart/"):
        return f"[{len(body)} bytes of multipart data]"
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", errors="replace")
