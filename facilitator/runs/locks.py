"""Who may work on a run, or do a chore, right now: one worker at a time, and never longer than that worker lives.

On one machine a lock is a locked file beside the run log; in a cluster it is an advisory lock of the PostgreSQL that holds
the run log. Both are let go of by someone else (the operating system, the server) the moment their holder dies, however
it dies, so a crash never leaves a run behind a lock.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from facilitator.errors import StoreError
from facilitator.runs.database import Database


class Locks(Protocol):
    """Locks by name. Not re-entrant: a name held anywhere, also here, is refused."""

    def hold(self, name: str) -> AbstractContextManager[bool]:
        """Yield whether the lock is ours for the length of the block; never waits."""
        ...


class FileLocks:
    """Locks named by run id, in a folder that is made when first used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """See `Locks.hold`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(
            self._folder / f"{name.replace(chr(32), chr(45))}.lock",
            os.O_CREAT | os.O_RDWR | os.O_CLOEXEC,
            0o600,
        )
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)


class AdvisoryLocks:
    """Session-level advisory locks on one connection, kept open while this process lives.

    One connection holds any number of them. Where it is lost, so are its locks: another worker may then take the run up, and
    compare-and-swap on the run's version refuses whatever this one records late.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._held: set[str] = set()
        self._turn = threading.Lock()

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """See `Locks.hold`; raises `StoreError` where the database cannot be asked."""
        ours = self._take(name)
        try:
            yield ours
        finally:
            if ours:
                self._let_go(name)

    def close(self) -> None:
        """Let go of every lock; the next `hold` connects anew."""
        with self._turn:
            self._drop()

    def _take(self, name: str) -> bool:
        with self._turn:
            # The server would grant the same session its own lock again, and count.
            if name in self._held:
                return False
            if self._ask("SELECT pg_try_advisory_lock(:key)", name):
                self._held.add(name)
                return True
            return False

    def _let_go(self, name: str) -> None:
        with self._turn:
            if name in self._held:
                self._held.discard(name)
                self._ask("SELECT pg_advisory_unlock(:key)", name)

    def _ask(self, question: str, name: str) -> bool:
        try:
            if self._connection is None:
                self._connection = self._database.connect().execution_options(isolation_level="AUTOCOMMIT")
            return bool(self._connection.execute(text(question), {"key": lock_key(name)}).scalar())
        except DBAPIError as error:
            self._drop()
            raise StoreError(
                f"the lock {name} could not be asked for: {error.orig}",
                suggestion="Check that the PostgreSQL of the run log answers; the run is taken up again.",
                retryable=True,
            ) from error

    def _drop(self) -> None:
        self._held.clear()
        if self._connection is not None:
            # Not back into the pool: there it would live on, locks and all.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def lock_key(name: str) -> int:
    """The name as the 64-bit number that advisory locks are known by (PostgreSQL: explicit locking)."""
    return int.from_bytes(hashlib.sha256(f"facilitator {name}".encode()).digest()[:8], "big", signed=True)
