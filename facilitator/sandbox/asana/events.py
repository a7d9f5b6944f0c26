"""The event stream: what changed, by whose stream it shows in, and the sync tokens that mark a place in it.

Owns the order of events and the life of tokens. It never filters by author: a bot sees its own comments go by, as in the real
stream.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from facilitator.sandbox.asana.errors import ApiError

PAGE = 100
TOKEN_LIFE = timedelta(hours=24)
TOO_OLD = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full dataset for this "
    "query now and use the new sync token for the next sync."
)


@dataclass(frozen=True)
class Event:
    """One change. `scopes` are the gids of the resources whose streams it shows in."""

    scopes: frozenset[str]
    record: dict[str, Any]


@dataclass
class EventLog:
    """Every event since the sandbox began, oldest first, and the tokens handed out."""

    _events: list[Event] = field(default_factory=list)
    _tokens: dict[str, tuple[str, int, datetime]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._events)

    def add(self, scopes: frozenset[str], record: dict[str, Any]) -> None:
        """Append an event."""
        self._events.append(Event(scopes, record))

    def expire_tokens(self) -> None:
        """Make every token handed out so far too old."""
        self._tokens.clear()

    def read(self, resource: str, token: str | None, now: datetime) -> tuple[list[dict[str, Any]], str, bool]:
        """Answer up to 100 events after a token, the next token, and whether there are more.

        The same token answers the same events again. Raises the 412 with a fresh token where none was given, or an unknown one, one
        of another resource, or one older than 24 hours of simulated time.
        """
        known = self._tokens.get(token or "")
        if known is None or known[0] != resource or now - known[2] > TOKEN_LIFE:
            raise ApiError(412, TOO_OLD, sync=self._issue(resource, len(self._events), now))
        waiting = [
            index for index in range(known[1], len(self._events)) if resource in self._events[index].scopes
        ]
        shown, has_more = waiting[:PAGE], len(waiting) > PAGE
        position = shown[-1] + 1 if has_more else len(self._events)
        return [self._events[i].record for i in shown], self._issue(resource, position, now), has_more

    def _issue(self, resource: str, position: int, now: datetime) -> str:
        token = hashlib.sha256(f"{resource}:{position}".encode()).hexdigest()[:32] + ":0"
        self._tokens[token] = (resource, position, now)
        return token
