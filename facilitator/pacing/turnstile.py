"""One queue in front of one quota: who goes next when not all can.

First what answers a tool (a session waits, and waiting costs), then runs near their deadline, then the rest; among those
the teams take turns, so that one team's large board holds up nobody else's stand-up. Within a team, first come first served.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from facilitator.pacing.bucket import Bucket

AT_ONCE, LATE, USUAL = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Claim:
    """For whom a call is made, and how it ranks: the lower goes first."""

    team: str = ""
    rank: int = USUAL


_CLAIM: ContextVar[Claim] = ContextVar("claim", default=Claim())  # noqa: B039 - it is frozen


@contextmanager
def claiming(team: str, *, late: bool) -> Iterator[None]:
    """Inside, calls of this task are the team's; `late` where the run is near its deadline."""
    token = _CLAIM.set(Claim(team, LATE if late else USUAL))
    try:
        yield
    finally:
        _CLAIM.reset(token)


@contextmanager
def at_once_please() -> Iterator[None]:
    """Inside, calls of this task go before all others: somebody waits for the answer."""
    token = _CLAIM.set(replace(_CLAIM.get(), rank=AT_ONCE))
    try:
        yield
    finally:
        _CLAIM.reset(token)


@dataclass(slots=True)
class _Line:
    """Those of one rank and lane, by team; the team served last stands last."""

    teams: OrderedDict[str, deque[asyncio.Future[None]]] = field(default_factory=OrderedDict)

    def add(self, team: str, waiter: asyncio.Future[None]) -> None:
        self.teams.setdefault(team, deque()).append(waiter)

    def next(self) -> asyncio.Future[None] | None:
        while self.teams:
            team, waiters = self.teams.popitem(last=False)
            waiter = waiters.popleft()
            if waiters:
                self.teams[team] = waiters
            if not waiter.done():
                return waiter
        return None

    def __bool__(self) -> bool:
        return any(not waiter.done() for waiters in self.teams.values() for waiter in waiters)


class Turnstile:
    """Lets calls through as its bucket allows; `lanes` bounds how many of a kind are in flight at once."""

    def __init__(
        self,
        bucket: Bucket,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        lanes: Mapping[str, int] | None = None,
    ) -> None:
        self._bucket = bucket
        self._sleep = sleep
        self._room = dict(lanes or {})
        self._lines: dict[tuple[int, str], _Line] = {}
        self._freed = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn(self, lane: str = "") -> AsyncIterator[None]:
        """Wait until a call may leave, and hold its place in the lane while it is in flight."""
        await self._wait(lane)
        try:
            yield
        finally:
            self._free(lane)

    def pause(self, seconds: float) -> None:
        """Hold every call back for so long: the quota is not this call's alone."""
        self._bucket.pause(seconds)

    async def _wait(self, lane: str) -> None:
        if not any(self._lines.values()) and self._has_room(lane) and self._bucket.take() <= 0:
            self._enter(lane)
            return
        claim, waiter = _CLAIM.get(), asyncio.get_running_loop().create_future()
        self._lines.setdefault((claim.rank, lane), _Line()).add(claim.team, waiter)
        self._freed.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.ensure_future(self._let_through())
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._free(lane)
            raise

    async def _let_through(self) -> None:
        try:
            while any(self._lines.values()):
                line = self._first()
                if line is None:
                    self._freed.clear()
                    await self._freed.wait()
                elif (wait := self._bucket.take()) > 0:
                    await self._sleep(wait)
                else:
                    self._admit()
        except Exception as error:  # noqa: BLE001 - it is theirs: a shared bucket that cannot be asked lets nobody through
            self._refuse(error)

    def _first(self) -> tuple[int, str] | None:
        able = [key for key, line in self._lines.items() if line and self._has_room(key[1])]
        return min(able, default=None)

    def _admit(self) -> None:
        key = self._first()
        waiter = self._lines[key].next() if key is not None else None
        if key is not None and waiter is not None:
            self._enter(key[1])
            waiter.set_result(None)

    def _refuse(self, error: Exception) -> None:
        for line in self._lines.values():
            while (waiter := line.next()) is not None:
                waiter.set_exception(error)

    def _has_room(self, lane: str) -> bool:
        return self._room.get(lane, 1) > 0

    def _enter(self, lane: str) -> None:
        if lane in self._room:
            self._room[lane] -= 1

    def _free(self, lane: str) -> None:
        if lane in self._room:
            self._room[lane] += 1
            self._freed.set()
