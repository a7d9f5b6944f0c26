"""Who is signed in to the dashboard: one-time links and the sessions they open, kept as digests only.

Whoever reads the database finds no token that opens anything. A link opens one session, once, for a short time; a
session ends by itself. This room knows names and digests; what a name may do is the configuration's word.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from facilitator.runs.database import Database
from facilitator.runs.tables import signin_links, signin_sessions

_BYTES = 32
"""256 bits: nobody guesses one, however often they try."""


class SignIns:
    """Links and sessions in one database. Every method is one transaction and safe beside others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make_link(self, who: str, *, now: datetime, lasts: timedelta) -> str:
        """A new one-time token for this person; only its digest is kept. Forgets what has expired."""
        token = secrets.token_urlsafe(_BYTES)
        with self._database.begin() as connection:
            _forget(connection, now)
            connection.execute(
                insert(signin_links).values(digest=_digest(token), who=who, expires_at=now + lasts)
            )
        return token

    def offered(self, token: str, *, now: datetime) -> str | None:
        """Whom an unused link would sign in, or None; the link stays unused."""
        query = select(signin_links.c.who).where(
            signin_links.c.digest == _digest(token),
            signin_links.c.used_at.is_(None),
            signin_links.c.expires_at > now,
        )
        with self._reading() as connection:
            return connection.execute(query).scalar()

    def redeem(self, token: str, *, now: datetime, lasts: timedelta) -> str | None:
        """Use a link up and open a session; the session's token, or None for a link that is used, old or unknown."""
        with self._database.begin() as connection:
            used = connection.execute(
                update(signin_links)
                .where(
                    signin_links.c.digest == _digest(token),
                    signin_links.c.used_at.is_(None),
                    signin_links.c.expires_at > now,
                )
                .values(used_at=now)
            )
            if used.rowcount != 1:
                return None
            who = connection.execute(
                select(signin_links.c.who).where(signin_links.c.digest == _digest(token))
            ).scalar_one()
            return _open(connection, who, now, lasts)

    def open_session(self, who: str, *, now: datetime, lasts: timedelta) -> str:
        """A session without a link, for a caller at the command line; gives its token."""
        with self._database.begin() as connection:
            return _open(connection, who, now, lasts)

    def visitor(self, token: str, *, now: datetime) -> str | None:
        """Whose open session this is, or None."""
        query = select(signin_sessions.c.who).where(
            signin_sessions.c.digest == _digest(token), signin_sessions.c.expires_at > now
        )
        with self._reading() as connection:
            return connection.execute(query).scalar()

    def sign_out(self, token: str) -> None:
        """End a session; one that is unknown or over stays as it is."""
        with self._database.begin() as connection:
            connection.execute(delete(signin_sessions).where(signin_sessions.c.digest == _digest(token)))

    def _reading(self) -> Connection:
        return self._database.connect().execution_options(reading=True)


def _open(connection: Connection, who: str, now: datetime, lasts: timedelta) -> str:
    token = secrets.token_urlsafe(_BYTES)
    connection.execute(
        insert(signin_sessions).values(digest=_digest(token), who=who, opened_at=now, expires_at=now + lasts)
    )
    return token


def _forget(connection: Connection, now: datetime) -> None:
    links, sessions = signin_links, signin_sessions
    connection.execute(delete(links).where(or_(links.c.expires_at <= now, links.c.used_at.is_not(None))))
    connection.execute(delete(sessions).where(sessions.c.expires_at <= now))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
