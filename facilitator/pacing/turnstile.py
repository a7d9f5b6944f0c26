"""One queue in front of one quota: who goes next when not all can.

First what answers a tool (a session waits, and waiting costs), then runs near their deadline, then those that have begun, then
the rest: what is begun is finished before more is. Among those the teams take turns, so that one team's large board holds up nobody
else's stand-up. Within a team, first come first served.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from facilitator.pacing.bucket import Bucket

AT_ONCE, LATE, LATE_START, BEGUN, START = range(5)


@dataclass(frozen=True, slots=True)
class Claim:
    """For whom a call is made, and how it ranks: the lower goes first."""

    team: str = ""
    rank: int = START


_CLAIM: ContextVar[Claim] = ContextVar("claim", default=Claim())  # noqa: B039 - it is frozen


@contextmanager
def claiming(team: str, *, late: bool, begun: bool = False) -> Iterator[None]:
    """Inside, calls of this task are the team's; `late` where the run is near its deadline, `begun` where work was done for it."""
    rank = {(True, True): LATE, (True, False): LATE_START, (False, True): BEGUN, (False, False): START}
    token = _CLAIM.set(Claim(team, rank[late, begun]))
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
    """Those of one rank and lane, by team, each with its number of calls; the team served last stands last."""

    teams: OrderedDict[str, deque[tuple[asyncio.Future[None], int]]] = field(default_factory=OrderedDict)

    def add(self, team: str, waiter: asyncio.Future[None], calls: int) -> None:
        self.teams.setdefault(team, deque()).append((waiter, calls))

    def calls(self) -> int:
        """How many calls whoever is next wants to make; 0 where nobody waits."""
        while self.teams:
            team, waiters = next(iter(self.teams.items()))
            while waiters and waiters[0][0].done():
                waiters.popleft()
            if waiters:
                return waiters[0][1]
            del self.teams[team]
        return 0

    def next(self) -> asyncio.Future[None] | None:
        if not self.calls():
            return None
        team, waiters = self.teams.popitem(last=False)
        waiter, _calls = waiters.popleft()
        if waiters:
            self.teams[team] = waiters
        return waiter


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
    async def turn(self, lane: str = "", *, calls: int = 1) -> AsyncIterator[None]:
        """Wait until a call may leave, or so many together, and hold their places in the lane while they are in flight.

        `calls` must not be more than the lane has places.
        """
        await self._wait(lane, calls)
        try:
            yield
        finally:
            self._free(lane, calls)

    def pause(self, seconds: float) -> None:
        """Hold every call back for so long: the quota is not this call's alone."""
        self._bucket.pause(seconds)

    async def _wait(self, lane: str, calls: int) -> None:
        if not self._waited_for() and self._has_room(lane, calls) and self._bucket.take(calls) <= 0:
            self._enter(lane, calls)
            return
        claim, waiter = _CLAIM.get(), asyncio.get_running_loop().create_future()
        self._lines.setdefault((claim.rank, lane), _Line()).add(claim.team, waiter, calls)
        self._freed.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.ensure_future(self._let_through())
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._free(lane, calls)
            raise

    def _waited_for(self) -> bool:
        return any(line.calls() for line in self._lines.values())

    async def _let_through(self) -> None:
        try:
            while self._waited_for():
                first = self._first()
                if first is None:
                    self._freed.clear()
                    await self._freed.wait()
                elif (wait := self._bucket.take(self._lines[first].calls())) > 0:
                    await self._sleep(wait)
                else:
                    self._admit(first)
        except Exception as error:  # noqa: BLE001 - it is theirs: a shared bucket that cannot be asked lets nobody through
            self._refuse(error)

    def _first(self) -> tuple[int, str] | None:
        """Whose turn it is, or None while every lane that is waited for is full."""
        full: set[str] = set()
        for key in sorted(self._lines):
            calls = self._lines[key].calls()
            if calls and key[1] not in full:
                if self._has_room(key[1], calls):
                    return key
                # Nobody of a lower rank slips through: many calls together would never find room.
                full.add(key[1])
        return None

    def _admit(self, key: tuple[int, str]) -> None:
        line = self._lines[key]
        calls, waiter = line.calls(), line.next()
        if waiter is not None:
            self._enter(key[1], calls)
            waiter.set_result(None)

    def _refuse(self, error: Exception) -> None:
        for line in self._lines.values():
            while (waiter := line.next()) is not None:
                waiter.set_exception(error)

    def _has_room(self, lane: str, calls: int) -> bool:
        return lane not in self._room or self._room[lane] >= calls

    def _enter(self, lane: str, calls: int) -> None:
        if lane in self._room:
            self._room[lane] -= calls

    def _free(self, lane: str, calls: int) -> None:
        if lane in self._room:
            self._room[lane] += calls
            self._freed.set()
