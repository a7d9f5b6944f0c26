"""The wire to Managed Agents: one SDK client, and one place that decides what a failed call means.

Every call of this room passes through `Wire.read` (safe to repeat) or `Wire.write` (sent once; only a plain 429 is
repeated). The SDK's own retries are off: it would repeat creates without an idempotency key and obey any Retry-After.
The SDK is imported when first used, because that takes over a second. It does not know what a session is.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from facilitator.egress import only_to
from facilitator.errors import AgentsError, ConfigurationError
from facilitator.pacing import Turnstile

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

T = TypeVar("T")
CREATES, READS, SENDS = "creates", "reads", "sends"
"""The quotas of an organisation; which one counts sent events is not published, so they have one of their own."""

Paces = Mapping[str, Turnstile]
HOSTED = "https://api.anthropic.com"
BETA = "managed-agents-2026-04-01"
"""Sent by the SDK on sessions, agents and environments; the file calls need it by hand."""

_REMEDIES = {
    400: "read the service's words above; if nothing was changed by hand, report it",
    401: "check ANTHROPIC_API_KEY (or the file that ANTHROPIC_API_KEY_FILE names)",
    402: "settle billing for this workspace, then resume the run",
    403: "give the key's workspace access to Managed Agents",
    404: "check that the key belongs to the right workspace, then run `runner.py agents apply`",
    413: "make the brief or the facts smaller",
}


@dataclass(frozen=True, slots=True)
class Intervals:
    """How long this room waits for what; seconds unless named otherwise. The defaults suit the hosted service."""

    first_wait: float = 0.5
    longest_wait: float = 10.0
    attempts: int = 5
    retry_after_cap: float = 60.0
    request_timeout: float = 60.0
    silence: float = 90.0
    """A stream quiet for so long is opened again."""
    grace: float = 20.0
    """How long an interrupted session is given to say so."""
    settle: float = 0.2
    settle_polls: int = 10
    """The stored status follows the idle event a little later."""
    looks: tuple[float, ...] = (0.0, 1.0, 3.0)
    """Waits before each look for a session that a failed create may have made."""
    look_back: timedelta = timedelta(minutes=5)
    file_wait: float = 15.0
    file_poll: float = 1.0
    least_remaining: float = 60.0
    """What is left of a deadline, at least, when a session is taken up again after a crash."""

    def wait(self, attempt: int, dice: float) -> float:
        """Seconds before attempt n+1 (n from 0): doubling, capped, with jitter from `dice` in [0, 1)."""
        return float(min(self.first_wait * 2**attempt, self.longest_wait) * (0.5 + dice / 2))


class Trouble(enum.Enum):
    """What a failed call means for whoever made it."""

    REFUSED = "nothing happened, and the same call cannot succeed"
    LIMITED = "nothing happened; try later"
    DOUBT = "it may have happened"


class UnreadableAnswer(ValueError):  # noqa: N818 - what a person reads is the sentence
    """An answer came with a good status and is not the JSON object it should be."""


class WireError(AgentsError):
    """A call that failed; `status` is the HTTP status, None without an answer."""

    def __init__(self, doing: str, failure: Failure) -> None:
        super().__init__(
            f"{doing} failed: {failure.words}",
            suggestion=_REMEDIES.get(failure.status or 0, "see the request in the service's log")
            if failure.trouble is Trouble.REFUSED
            else "it is safe to try again later: resume the run",
            retryable=failure.trouble is not Trouble.REFUSED,
            in_doubt=failure.trouble is Trouble.DOUBT,
        )
        self.status = failure.status

    @property
    def gone(self) -> bool:
        """Whether the service does not know the thing asked for."""
        return self.status == 404


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed call, read: what it means, and the service's own words for it."""

    trouble: Trouble
    words: str
    status: int | None = None
    retry_after: float | None = None


@dataclass(slots=True)
class Wire:
    """A client with the patience to use it: waits and dice are handed in."""

    client: AsyncAnthropic
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    intervals: Intervals
    on_limited: Callable[[], None] = lambda: None
    """Told of each 429."""

    paces: Paces | None = None
    """By quota; None asks for no patience before a call."""

    async def read(self, doing: str, call: Callable[[], Awaitable[T]], quota: str = READS) -> T:
        """Make a call that may be repeated freely; raises `WireError` when it is refused or patience ends."""
        return await self._persist(doing, call, (Trouble.LIMITED, Trouble.DOUBT), quota)

    async def write(self, doing: str, call: Callable[[], Awaitable[T]], quota: str = SENDS) -> T:
        """Make a call that must not happen twice; on doubt raises `WireError` with `in_doubt`: look, then decide."""
        return await self._persist(doing, call, (Trouble.LIMITED,), quota)

    async def turn(self, quota: str) -> None:
        """Wait until one more call of this quota may leave."""
        if self.paces is not None:
            async with self.paces[quota].turn():
                return

    async def _persist(
        self, doing: str, call: Callable[[], Awaitable[T]], forgiven: tuple[Trouble, ...], quota: str
    ) -> T:
        attempt = 0
        while True:
            await self.turn(quota)
            try:
                return await call()
            except Exception as error:
                failure = classify(error)
                if failure is None:
                    raise
                if failure.status == 429:
                    self.on_limited()
                attempt += 1
                if failure.trouble not in forgiven or attempt >= self.intervals.attempts:
                    raise WireError(doing, failure) from error
                pause = self.pause(attempt - 1, failure.retry_after)
                if self.paces is not None and failure.trouble is Trouble.LIMITED:
                    # The quota is the organisation's: everybody waits, or each call would be refused in turn.
                    self.paces[quota].pause(pause)
                else:
                    await self.sleep(pause)

    def pause(self, attempt: int, retry_after: float | None = None) -> float:
        """Seconds to wait: what the service asks for, within reason, else a growing back-off."""
        if retry_after is not None:
            return min(max(retry_after, 0.0), self.intervals.retry_after_cap)
        return self.intervals.wait(attempt, self.random())


def make_client(
    api_key: Callable[[], str], base_url: str | None = None, *, timeout: float = 60.0
) -> AsyncAnthropic:
    """An SDK client of one event loop, with its own retries off; close it when done.

    `api_key` is called for each request, so that a rotated key needs no restart.
    """
    if not (first := api_key()):
        raise ConfigurationError(
            "no key for Managed Agents was given",
            suggestion="set ANTHROPIC_API_KEY, or ANTHROPIC_API_KEY_FILE",
        )
    import httpx2
    from anthropic import AsyncAnthropic, DefaultAioHttpClient

    # The SDK follows redirects by default, and would carry key and facts to wherever an answer points.
    waits = httpx2.Timeout(timeout, connect=5.0)

    async def bear_key(request: Any) -> None:
        request.headers["authorization"] = f"Bearer {api_key()}"

    hooks = {"request": [only_to(base_url or HOSTED), bear_key]}
    # A followed session holds a connection: with the SDK's bound of 1,000 the streams would leave no room for answers.
    # 0 means no bound to aiohttp, whose pool is a dictionary: httpx's own looks at every stream for each call.
    pool = httpx2.Limits(max_connections=0, max_keepalive_connections=100)
    outlet = DefaultAioHttpClient(follow_redirects=False, event_hooks=hooks, timeout=waits, limits=pool)
    return AsyncAnthropic(
        api_key=first, base_url=base_url or HOSTED, max_retries=0, timeout=waits, http_client=outlet
    )


def plain(answer: Any) -> dict[str, Any]:
    """What an answer says, as the JSON object it came as, unknown fields included.

    Raw responses are the cheap way: to build the SDK's models and take them apart again costs more than the call.
    """
    if hasattr(answer, "http_response"):
        answer = answer.http_response.json()
    elif hasattr(answer, "to_dict"):
        answer = answer.to_dict(mode="json", warnings=False)
    if not isinstance(answer, dict):
        raise UnreadableAnswer(f"the answer is not a JSON object but {type(answer).__name__}")
    return answer


def identified(answer: Any) -> dict[str, Any]:
    """As `plain`, for an object that must have an id."""
    raw = plain(answer)
    if not isinstance(raw.get("id"), str) or not raw["id"]:
        raise UnreadableAnswer("the answer holds no id")
    return raw


def classify(error: Exception) -> Failure | None:
    """What a failed call means; None for an error that has nothing to do with the wire."""
    import aiohttp
    import anthropic
    import httpx2

    if isinstance(error, anthropic.APIStatusError):
        return _by_status(error.status_code, _words(error), error.response.headers)
    lost = (anthropic.APIError, httpx2.HTTPError, aiohttp.ClientError)
    if isinstance(error, (*lost, json.JSONDecodeError, UnreadableAnswer)):
        return Failure(Trouble.DOUBT, str(error) or type(error).__name__)
    return None


def _by_status(status: int, words: str, headers: Mapping[str, str]) -> Failure:
    if status == 429:
        return Failure(Trouble.LIMITED, words, status, retry_after(headers))
    # 409 is a refusal in most places, but after a lost answer it may be our own earlier success: look first.
    if status in (408, 409) or status >= 500 or status < 400:
        return Failure(Trouble.DOUBT, words, status, retry_after(headers))
    return Failure(Trouble.REFUSED, words, status)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the service asks us to wait, in any of the forms it uses; None where it asks nothing readable."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * scale
        except (KeyError, ValueError):
            continue
        return seconds if math.isfinite(seconds) else None
    try:
        asked, now = (parsedate_to_datetime(headers[name]) for name in ("retry-after", "date"))
    except (KeyError, ValueError):
        return None
    return (asked - now).total_seconds()


def _words(error: Any) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error") if isinstance(body.get("error"), dict) else {}
    said = (inner or {}).get("message") or (error.message if body else "an answer that is not JSON")
    request = f" (request {error.request_id})" if getattr(error, "request_id", None) else ""
    return f"HTTP {error.status_code}: {_without_key(str(said), error)[:500]}{request}"


def _without_key(words: str, error: Any) -> str:
    """An answer may repeat what it was sent; our words are kept and shown, so the key must not be in them."""
    for name in ("authorization", "x-api-key"):
        key = error.request.headers.get(name, "").removeprefix("Bearer ")
        words = words.replace(key, "[key]") if key else words
    return words
