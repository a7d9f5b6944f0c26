"""Follow one session to its end without losing an event: stream first, list all, tail, and again after any break.

The loop holds no state that the session's log does not: killed at any point and started again, it sees the same calls
pending and the same end. It answers tool calls, keeps the deadline, and hands raw events out to be stored. What the
events mean is decided in `log` and `endings`, which are pure.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from facilitator.agents.client import READS, Trouble, WireError, classify, plain
from facilitator.agents.cost import Prices
from facilitator.agents.deliver import DRAFT, Written
from facilitator.agents.endings import Story, ending_of, terminal_evaluation
from facilitator.agents.ledger import Ledger
from facilitator.agents.log import Event, PendingCall, SessionLog, Stop
from facilitator.agents.sessions import BUSY, Sessions
from facilitator.pacing import at_once_please
from facilitator.runs.ports import AnswerTool, Ending, RecordEvents, ToolAnswer

DENIED = "Nobody is here to allow tools. Work with the enabled tools and the mounted facts file."
NO_OUTPUT = "(no output)"
"""Empty text blocks are refused by the service."""

_MOST_REFUSALS = 5


class _Break(Exception):  # noqa: N818 - a turn in the road, not an error
    """This connection is of no more use; `wait` is what the service asked for, if anything."""

    def __init__(self, wait: float | None = None) -> None:
        super().__init__()
        self.wait = wait


@dataclass(slots=True)
class Follower:
    """One attempt at following one session. Not reusable: it holds the deadline of this attempt."""

    sessions: Sessions
    session_id: str
    allowed: timedelta
    answer: AnswerTool
    record: RecordEvents
    monotonic: Callable[[], float]
    prices: Prices = field(default_factory=Prices)
    log: SessionLog = field(default_factory=SessionLog)
    ledger: Ledger = field(default_factory=Ledger)
    written: Written = field(default_factory=lambda: Written(DRAFT))
    stored: dict[str, Any] = field(default_factory=dict)
    """The session as it was when it was over, where it was asked for."""
    deadline: float | None = None
    interrupted: bool = False
    gone: bool = False
    answered: set[str] = field(default_factory=set)
    refusals: dict[str, int] = field(default_factory=dict)

    async def run(self) -> Ending:
        """To the end, or to the deadline and a little beyond; `WireError` where the end cannot be known."""
        began, idle_passes = self.monotonic(), 0
        self.deadline = began + self.allowed.total_seconds()
        while True:
            seen = len(self.log)
            wait = await self._pass(began)
            if await self._over():
                return await self._ending()
            if self._left() <= 0:
                if self.interrupted:
                    return await self._ending()
                await self._interrupt()
                continue
            idle_passes = 0 if len(self.log) > seen else idle_passes + 1
            pause = self.sessions.wire.pause(idle_passes, wait)
            await self.sessions.wire.sleep(min(pause, max(self._left(), 0.0)))

    def _left(self) -> float:
        return (self.deadline or 0.0) - self.monotonic()

    # --- one connection ---------------------------------------------------------------------------------------

    async def _pass(self, began: float) -> float | None:
        """Open, catch up, tail until the session stops or the connection breaks; the wait the service asked for."""
        try:
            async with self._stream() as stream:
                first = not len(self.log)
                await self._absorb(await self._guard(self.sessions.events(self.session_id)))
                if first:
                    self._resume_deadline(began)
                while not self.gone and self.log.stop() is None and self._left() > 0:
                    event = await self._next(stream)
                    if event is None:
                        break
                    await self._absorb([event])
        except _Break as end:
            return end.wait
        return None

    def _resume_deadline(self, began: float) -> None:
        """Time that passed before a crash counts, by the server's own stamps; a little is always left."""
        total = self.allowed.total_seconds()
        least = min(total, self.sessions.wire.intervals.least_remaining)
        self.deadline = began + max(total - self.log.elapsed().total_seconds(), least)

    @asynccontextmanager
    async def _stream(self) -> AsyncIterator[Any]:
        import httpx2
        from anthropic import AsyncStream

        wire = self.sessions.wire
        limits = httpx2.Timeout(wire.intervals.request_timeout, read=wire.intervals.silence, connect=5.0)
        await wire.turn(READS)
        try:
            events = wire.client.beta.sessions.events.with_raw_response
            answer = await events.stream(self.session_id, timeout=limits)
            stream = await answer.parse(to=AsyncStream[object])
        except Exception as error:
            raise self._broken(error, "opening the event stream") from error
        told: Any = aiter(stream)
        try:
            yield told
        finally:
            await told.aclose()
            await stream.close()

    async def _next(self, stream: AsyncIterator[Any]) -> Event | None:
        """The next event; None at a clean end of the stream or at the deadline."""
        try:
            async with asyncio.timeout(self._left()):
                return plain(await anext(stream))
        except (StopAsyncIteration, TimeoutError):
            return None
        except Exception as error:
            # Whatever a torn stream makes the parser raise, the remedy is one: open another and list.
            raise _Break from error

    async def _guard(self, call: Any) -> Any:
        try:
            return await call
        except WireError as error:
            raise self._broken(error, "") from error

    def _broken(self, error: Exception, doing: str) -> Exception:
        """What a failure means for the loop: reconnect, the session is gone, or no call can succeed."""
        if not isinstance(error, WireError):
            failure = classify(error)
            if failure is None:
                return error
            if failure.trouble is not Trouble.REFUSED:
                return _Break(failure.retry_after)
            error = WireError(f"{doing} of session {self.session_id}", failure)
        if error.gone:
            self.gone = True
            return _Break()
        return _Break() if error.retryable else error

    # --- events and calls -------------------------------------------------------------------------------------

    async def _absorb(self, events: Sequence[Event]) -> None:
        """Store what is new before acting on it, then answer whatever waits for us."""
        fresh = self.log.take(events)
        self.ledger.take(fresh)
        self.written.take(fresh)
        if fresh:
            stored = self.record(fresh)
            if inspect.isawaitable(stored):
                await stored
        for call in self.log.pending():
            if call.id not in self.answered and not self.interrupted and self.log.stop() is None:
                await self._reply(call)

    async def _reply(self, call: PendingCall) -> None:
        """Answer once; after any doubt the connection is left, so that the list is read before re-sending."""
        try:
            with at_once_please():
                await self.sessions.send(self.session_id, self._reply_to(call))
        except WireError as error:
            if error.status != 400:
                raise self._broken(error, "") from error
            # A 400 may only mean that the call was answered already or that the session stopped: the list tells.
            self.refusals[call.id] = self.refusals.get(call.id, 0) + 1
            if self.refusals[call.id] >= _MOST_REFUSALS:
                raise
            raise _Break from error
        self.answered.add(call.id)

    def _reply_to(self, call: PendingCall) -> dict[str, Any]:
        if call.confirmation:
            denial = {"tool_use_id": call.id, "result": "deny", "deny_message": DENIED}
            return {"type": "user.tool_confirmation", **denial}
        answer = self._ask(call)
        return {
            "type": "user.custom_tool_result",
            "custom_tool_use_id": call.id,
            "content": [{"type": "text", "text": answer.text if answer.text.strip() else NO_OUTPUT}],
            "is_error": answer.is_error,
        }

    def _ask(self, call: PendingCall) -> ToolAnswer:
        tools = self.sessions.pinned.tools
        if tools and call.name not in tools:
            return ToolAnswer(
                f"There is no tool of this name. Known tools: {', '.join(tools)}.", is_error=True
            )
        try:
            return self.answer(call.name, call.arguments)
        except Exception:  # noqa: BLE001 - its text may hold secrets, and the event log keeps all it is sent
            return ToolAnswer(
                "This tool failed. Go on with facts.json, which holds every figure.", is_error=True
            )

    # --- the end ----------------------------------------------------------------------------------------------

    async def _over(self) -> bool:
        """Whether nothing more is to come. A plain `end_turn` may be a stray one: the stored session confirms it."""
        stop, result = self.log.stop(), self.log.result()
        if self.gone or (stop is not None and stop.type != "end_turn"):
            return True
        if stop is None and result is None:
            return False
        return await self._confirmed(stop)

    async def _confirmed(self, stop: Stop | None) -> bool:
        intervals, session = self.sessions.wire.intervals, dict[str, Any]()
        for _ in range(intervals.settle_polls):
            session = await self._session()
            decided = self.log.result() or terminal_evaluation(session, self.log)
            if self.gone:
                return True
            if decided and session and session.get("status") not in BUSY:
                self.stored = session
                if stop is None or self.log.result() is None:
                    await self._last_look()
                return True
            await self.sessions.wire.sleep(intervals.settle)
        if stop is None or self.log.result() is not None:
            return stop is not None
        if not session or session.get("status") in BUSY:
            return False
        # Idle without a verdict: the end, unless something came since the history was last read.
        return not await self._last_look()

    async def _last_look(self) -> bool:
        """Read the history once more: what came while no stream was open is in it by now. True where there was any."""
        seen = len(self.log)
        with suppress(_Break):
            await self._absorb(await self._guard(self.sessions.events(self.session_id)))
        return len(self.log) > seen

    async def _session(self) -> dict[str, Any]:
        """The session as stored, or nothing where it cannot be read now."""
        try:
            return await self.sessions.retrieve(self.session_id)
        except WireError as error:
            self.gone = self.gone or error.gone
            if not (error.gone or error.retryable):
                raise
            return {}

    async def _interrupt(self) -> None:
        """At the deadline: interrupt, and give the session a short while to end. Safe to repeat."""
        self.interrupted = True
        self.deadline = self.monotonic() + self.sessions.wire.intervals.grace
        try:
            await self.sessions.interrupt(self.session_id)
        except WireError as error:
            self.gone = self.gone or error.gone

    async def _ending(self) -> Ending:
        session = {} if self.gone else self.stored or await self._session()
        if not session and not self.gone and self.log.result() is None and self.log.stop() is None:
            session = await self.sessions.retrieve(self.session_id)
        story = Story(
            log=self.log,
            session=session,
            prices=self.prices,
            ledger=self.ledger,
            deadline_minutes=self.allowed.total_seconds() / 60,
            timed_out=self.interrupted,
            gone=self.gone,
        )
        return replace(ending_of(story), written=self.written.file())
