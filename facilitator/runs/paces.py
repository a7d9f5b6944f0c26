"""A quota that every process of a cluster shares: one row of the run log's PostgreSQL, counted by the database's clock.

Each taking is one short transaction under the row's lock, about a millisecond; a quota of 1,500 a minute asks for 25 a
second. Loss of power may lose the last of them, which costs a 429 at worst.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from facilitator.errors import StoreError
from facilitator.pacing import Level, Pace, spend
from facilitator.runs.database import Database
from facilitator.runs.tables import paces as table

_NOW = text("SELECT extract(epoch from clock_timestamp())")
_READ = select(table.c.tokens, table.c.counted_at, table.c.paused_until).where(
    table.c.name == bindparam("quota")
)
_WRITE = update(table).where(table.c.name == bindparam("quota"))


class SharedBucket:
    """`pacing.Bucket` over one row; `name` says whose quota it is, never a secret."""

    def __init__(self, database: Database, name: str, pace: Pace) -> None:
        self._database = database
        self._name = name
        self._pace = pace

    def take(self, calls: int = 1) -> float:
        """See `Bucket.take`. Raises `StoreError` where the database cannot be asked."""
        return self._change(lambda level, now: spend(level, self._pace, now, calls))

    def pause(self, seconds: float) -> None:
        """See `Bucket.pause`: every process waits."""
        self._change(lambda level, now: (level.paused(now, seconds), 0.0))

    def _change(self, change: Any) -> float:
        try:
            with self._database.begin() as connection:
                connection.execute(text("SET LOCAL synchronous_commit TO off"))
                level, now = self._held(connection)
                level, wait = change(level, now)
                told = {
                    "tokens": level.tokens,
                    "counted_at": level.counted_at,
                    "paused_until": level.paused_until,
                }
                connection.execute(_WRITE, {"quota": self._name, **told})
        except DBAPIError as error:
            raise StoreError(
                f"the quota {self._name} could not be asked for: {error.orig}",
                suggestion="Check that the PostgreSQL of the run log answers; the run is taken up again.",
                retryable=True,
            ) from error
        return float(wait)

    def _held(self, connection: Connection) -> tuple[Level, float]:
        row = connection.execute(_READ.with_for_update(), {"quota": self._name}).first()
        if row is None:
            self._begin(connection)
            row = connection.execute(_READ.with_for_update(), {"quota": self._name}).one()
        # Asked once the row is ours: an instant from before the wait would count backwards.
        return Level(*row), float(connection.execute(_NOW).scalar_one())

    def _begin(self, connection: Connection) -> None:
        """The first row of this name; losing the race to another process is normal."""
        now = float(connection.execute(_NOW).scalar_one())
        first = {"name": self._name, "tokens": self._pace.burst, "counted_at": now, "paused_until": 0.0}
        try:
            with connection.begin_nested():
                connection.execute(insert(table).values(**first))
        except IntegrityError:
            return
