"""Webhooks we asked for: their addresses and secrets, and which deliveries were seen.

A secret stands here in the clear, beside what it protects: the most its holder can do is ring a bell, upon which we look at
Asana ourselves. It must outlive the process, for Asana says it once. This module keeps rows; `web/hooks` judges requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from facilitator.board.snapshot import ProjectGid
from facilitator.runs import tables
from facilitator.runs.database import Database

HANDSHAKE = timedelta(minutes=10)
"""How long after we asked for a webhook its handshake is waited for; Asana makes it while the request is open."""

KEPT = timedelta(hours=50)
"""How long a delivery is remembered: past the age from which it is refused for being old."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook; `path` is the unguessable end of its address. Without a secret its handshake has not come."""

    path: str
    project: ProjectGid
    made_at: datetime
    secret: str | None = field(default=None, repr=False)
    gid: str | None = None


class Hooks:
    """The webhooks of one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def expect(self, path: str, project: ProjectGid, *, now: datetime) -> None:
        """Note that a webhook is about to be asked for at this path."""
        with self._database.begin() as connection:
            connection.execute(insert(tables.hooks).values(path=path, project=project, made_at=now))

    def shake(self, path: str, secret: str, *, now: datetime) -> bool:
        """Keep the secret of a handshake that is waited for; False for any other, also a second one."""
        hooks = tables.hooks
        with self._database.begin() as connection:
            changed = connection.execute(
                update(hooks)
                .where(hooks.c.path == path, hooks.c.secret.is_(None), hooks.c.made_at > now - HANDSHAKE)
                .values(secret=secret)
            )
        return changed.rowcount == 1

    def made(self, path: str, gid: str) -> None:
        """Note the gid Asana gave the webhook."""
        with self._database.begin() as connection:
            connection.execute(update(tables.hooks).where(tables.hooks.c.path == path).values(gid=gid))

    def drop(self, path: str) -> None:
        """Forget a webhook; what is still delivered for it is refused."""
        with self._database.begin() as connection:
            connection.execute(delete(tables.hooks).where(tables.hooks.c.path == path))

    def get(self, path: str) -> Hook | None:
        """The webhook at the path, or None."""
        found = self._hooks(tables.hooks.c.path == path)
        return found[0] if found else None

    def of(self, project: ProjectGid) -> list[Hook]:
        """The project's webhooks."""
        return self._hooks(tables.hooks.c.project == project)

    def first_time(self, digest: str, *, now: datetime) -> bool:
        """Note a delivery; False where it was seen before. Old ones are forgotten on the way."""
        seen = tables.deliveries
        try:
            with self._database.begin() as connection:
                connection.execute(delete(seen).where(seen.c.at < now - KEPT))
                connection.execute(insert(seen).values(digest=digest, at=now))
        except IntegrityError:
            return False
        return True

    def _hooks(self, condition: Any) -> list[Hook]:
        with self._database.connect().execution_options(reading=True) as connection:
            rows: Sequence[Row[Any]] = connection.execute(select(tables.hooks).where(condition)).all()
        return [Hook(row.path, row.project, row.made_at, row.secret, row.gid) for row in rows]
