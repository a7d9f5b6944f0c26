"""The one door to Asana: every request of ours leaves here, and every answer is judged here.

Owns the token's travel (to the configured base URL only, read anew for each request), time-outs, waiting and retries.
Reads are tried again; writes only after a 429, which says that nothing was done. It does not know what a task is.
"""

from __future__ import annotations

import copy
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
import httpx
from httpx_aiohttp import HttpxAiohttpClient

from facilitator.asana.fence import Fence
from facilitator.asana.limiter import Limiter
from facilitator.asana.limits import Limits
from facilitator.asana.reach import Reach
from facilitator.asana.refusals import About, no_patience, plain, refusal, unreachable, unreadable
from facilitator.asana.scopes import hint
from facilitator.egress import only_to
from facilitator.errors import ConfigurationError, TrackerError

LOG = logging.getLogger("facilitator.asana")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
UNCONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
)
WAIT_WHERE_UNSAID = 10.0
"""Seconds to wait after a 429 without a usable `Retry-After`."""

Params = Mapping[str, str | int]
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """One file with its form fields; `name` is ASCII, as Asana wants file names."""

    fields: Mapping[str, str]
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Write:
    """One call that changes something, as it ended: done, refused, or in doubt. `digest` is of the bytes sent, `made` a gid."""

    method: str
    path: str
    digest: str
    outcome: str
    made: str = ""


def unwatched(_write: Write) -> None:
    """Nobody keeps a record of writes."""


class Transport:
    """Sends requests to one base URL. Use it inside `async with`, or call `aclose` at the end."""

    def __init__(
        self,
        *,
        base_url: str,
        token: Callable[[], str],
        limits: Limits,
        limiter: Limiter,
        sleep: Callable[[float], Awaitable[None]],
        random: Random,
        transport: httpx.AsyncBaseTransport | None = None,
        on_limited: Callable[[], None] = lambda: None,
        on_write: Callable[[Write], None] = unwatched,
        fence: Fence | None = None,
    ) -> None:
        """Raises ConfigurationError for a base URL a token must not be sent to. `on_limited` is told of each 429, `on_write` of
        each call that changes something, once it has ended.
        """
        self._on_limited = on_limited
        self._on_write = on_write
        self._base = checked_base_url(base_url)
        self._root = str(self._base).rstrip("/")
        self._token = token
        self._limits = limits
        self._limiter = limiter
        self._sleep = sleep
        self._random = random
        self._reach: Reach | None = None
        self._fence = fence
        self._announced: set[str] = set()
        # httpx over aiohttp: the same client at a quarter of the CPU of httpx's own connections.
        self._client = HttpxAiohttpClient(
            transport=transport,
            timeout=httpx.Timeout(limits.read_timeout, connect=limits.connect_timeout, pool=None),
            follow_redirects=False,
            event_hooks={"request": [only_to(str(self._base))]},
            # A proxy of the environment is for the outside world; a loopback service is reached directly.
            trust_env=self._base.host not in LOOPBACK,
        )

    def within(self, reach: Reach) -> Self:
        """The same connection, held to a team's projects: a call that touches anything else is refused unsent."""
        held = copy.copy(self)
        held._reach = reach  # noqa: SLF001 - a copy of its own kind
        return held

    def bearing(self, token: Callable[[], str]) -> Self:
        """The same connection with the token asked for in another way: who used it for what is recorded there."""
        held = copy.copy(self)
        held._token = token  # noqa: SLF001 - a copy of its own kind
        return held

    async def aclose(self) -> None:
        """Close the connections. A second call, of a copy too, does nothing."""
        await self._client.aclose()

    async def get(self, path: str, params: Params, about: About) -> Body:
        """Read; answers the whole body, whose `data` is there. Tried again on rate limits, 5xx and cut lines."""
        return await self._call("GET", path, params, None, about)

    async def post(self, path: str, params: Params, data: Body, about: About) -> Body:
        """Write once; answers the whole body. Only a 429, which says nothing was done, is followed by another try."""
        return await self._call("POST", path, params, {"data": data}, about)

    async def put(self, path: str, params: Params, data: Body, about: About) -> Body:
        """Write what gives the same when written again: tried again like a read, unless `about` is a `write`."""
        return await self._call("PUT", path, params, {"data": data}, about)

    async def upload(self, path: str, params: Params, upload: Upload, about: About) -> Body:
        """Send one file, as `post` sends a body."""
        return await self._call("POST", path, params, upload, about)

    async def delete(self, path: str, about: About) -> None:
        """Delete; tried again like a read, for the second time changes nothing."""
        await self._call("DELETE", path, {}, None, about)

    async def _call(
        self, method: str, path: str, params: Params, body: Body | Upload | None, about: About
    ) -> Body:
        seeing = About(about.verb, about.what)

        async def look(where: str, fields: str) -> Body:
            seen = await self._persist("GET", where, {"opt_fields": fields}, None, seeing)
            return seen["data"] if isinstance(seen["data"], dict) else {}

        if self._reach is not None:
            await self._reach.check(method, path, params, _sent(body), about, look)
        if self._fence is not None:
            await self._fence.check(method, path, _sent(body), about, look)
        answer = await self._persist(method, path, params, body, about)
        if self._reach is not None:
            self._reach.learn(method, path, answer["data"])
        return answer

    async def _persist(
        self, method: str, path: str, params: Params, body: Body | Upload | None, about: About
    ) -> Body:
        if method == "GET":
            return await self._patiently(method, path, params, body, about)
        try:
            answer = await self._patiently(method, path, params, body, about)
        except TrackerError as error:
            self._on_write(Write(method, path, _digest(body), "in doubt" if error.in_doubt else "refused"))
            raise
        made = answer["data"].get("gid") if isinstance(answer["data"], dict) else None
        self._on_write(Write(method, path, _digest(body), "done", str(made or "")))
        return answer

    async def _patiently(
        self, method: str, path: str, params: Params, body: Body | Upload | None, about: About
    ) -> Body:
        waited, attempt = 0.0, 0
        while True:
            attempt += 1
            answer = await self._once(method, path, params, body, about)
            if not isinstance(answer, _Failure):
                return answer
            wait = self._wait_after(answer, attempt, about)
            if wait is None:
                raise answer.error
            waited += wait
            if waited > self._limits.total_wait:
                raise self._out_of_patience(answer, about)
            await self._hold(answer, wait)

    async def _once(
        self, method: str, path: str, params: Params, body: Body | Upload | None, about: About
    ) -> Body | _Failure:
        token = self._read_token()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        url = f"{self._root}{path}?{_query(tuple(params.items()))}" if params else f"{self._root}{path}"
        async with self._limiter.turn(write=about.write):
            try:
                response = await self._client.request(method, url, headers=headers, **_carried(body))
            except (httpx.TransportError, httpx.DecodingError, aiohttp.ClientError) as error:
                sent = was_sent(error)
                cause = plain(f"{type(error).__name__} {error}".replace(token, "[token]"))
                return _Failure(unreachable(about, cause, sent=sent))
        self._note_changes(response.headers)
        if response.status_code == 412 and (fresh := _new_place(response.content)):
            return fresh
        if response.is_success:
            return _success(about, response.status_code, response.content)
        # Whoever stands between may echo the request in its error page.
        content = response.content.replace(token.encode(), b"[token]")
        if response.status_code == 429:
            self._on_limited()
        refused = refusal(about, response.status_code, content, scopes=hint(method, path))
        return _Failure(refused, _retry_after(response))

    def _wait_after(self, failure: _Failure, attempt: int, about: About) -> float | None:
        """Seconds until another try may help, or None where there must be none."""
        if attempt == self._limits.attempts or about.once:
            return None
        if failure.error.status == 429:
            return failure.retry_after + self._random.uniform(0.1, 1.0)
        if about.write or not failure.error.retryable:
            return None
        backoff = min(self._limits.longest_backoff, self._limits.first_backoff * 2.0 ** (attempt - 1))
        return backoff * self._random.uniform(0.5, 1.0)

    async def _hold(self, failure: _Failure, wait: float) -> None:
        # The limit is the token's, not the call's: all calls stop, or each would be refused and counted in turn.
        if failure.error.status == 429:
            self._limiter.pause(wait)
        else:
            await self._sleep(wait)

    def _out_of_patience(self, failure: _Failure, about: About) -> TrackerError:
        if failure.error.status == 429:
            return no_patience(about, failure.retry_after, self._limits.total_wait)
        return failure.error

    def _read_token(self) -> str:
        token = self._token().strip()
        # Checked before the HTTP library sees it: its own complaint about a bad header would quote the token.
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ConfigurationError(
                "the Asana token is empty or holds characters no token has.",
                suggestion="Put the bot user's token in ASANA_ACCESS_TOKEN or ASANA_ACCESS_TOKEN_FILE.",
            )
        return token

    def _note_changes(self, headers: httpx.Headers) -> None:
        """Log each announced change of the API once, loudly where it concerns us."""
        for change in headers.get_list("asana-change", split_commas=True):
            parts = dict(part.partition("=")[::2] for part in change.split(";"))
            name = plain(parts.get("name", "")) or "unnamed"
            if name not in self._announced:
                self._announced.add(name)
                level = logging.WARNING if parts.get("affected") == "true" else logging.INFO
                LOG.log(level, "Asana announced the change %s: %s", name, plain(parts.get("info", "")))


@dataclass(frozen=True, slots=True)
class _Failure:
    """One try that did not work, and how long Asana asked us to wait."""

    error: TrackerError
    retry_after: float = WAIT_WHERE_UNSAID


def checked_base_url(base_url: str) -> httpx.URL:
    """The base URL, parsed. Raises ConfigurationError where a token sent to it could be read on the way."""
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL:
        url = httpx.URL("")
    safe = url.scheme == "https" or (url.scheme == "http" and url.host in LOOPBACK)
    if not safe or not url.host or url.userinfo or url.query or url.fragment:
        raise ConfigurationError(
            "the Asana base URL must be https (or http on this machine), without a user, query or fragment.",
            suggestion="Set ASANA_BASE_URL to https://app.asana.com/api/1.0, or leave it out.",
        )
    return url


def was_sent(error: Exception) -> bool:
    """Whether a request that got no answer may have arrived.

    httpx-aiohttp calls every lost connection a failed attempt to connect, also where the answer was cut off: where aiohttp
    is the cause, its own word counts.
    """
    cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError) else error
    return not isinstance(cause, UNCONNECTED if isinstance(cause, aiohttp.ClientError) else UNSENT)


@lru_cache(maxsize=64)
def _query(params: tuple[tuple[str, str | int], ...]) -> str:
    """The parameters as they stand in an address: the long lists of fields are the same in thousands of calls."""
    return urlencode(params, safe=",.")


def _carried(body: Body | Upload | None) -> dict[str, Any]:
    """How httpx is told of a body: JSON, or a form with one file."""
    if isinstance(body, Upload):
        return {"data": dict(body.fields), "files": {"file": (body.name, body.content)}}
    return {"json": body}


def _sent(body: Body | Upload | None) -> Mapping[str, Any]:
    """What a body says of where it goes."""
    if isinstance(body, Upload):
        return body.fields
    data = (body or {}).get("data", {})
    return data if isinstance(data, dict) else {}


def _digest(body: Body | Upload | None) -> str:
    """SHA-256 of what was sent: a file's content, or JSON with sorted keys; empty where nothing was."""
    if body is None:
        return ""
    sent = body.content if isinstance(body, Upload) else json.dumps(body, sort_keys=True).encode()
    return hashlib.sha256(sent).hexdigest()


def _success(about: About, status: int, content: bytes) -> Body | _Failure:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return _Failure(unreadable(about, status, "the body is not JSON"))
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict | list):
        return _Failure(unreadable(about, status, "the body has no data"))
    return body


def _new_place(content: bytes) -> Body | None:
    """Events' own way to say "begin here": 412 with a sync token, which is no error (asana.md, trap 7)."""
    try:
        sync = json.loads(content)["sync"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return {"data": [], "sync": sync, "has_more": False, "expired": True} if isinstance(sync, str) else None


def _retry_after(response: httpx.Response) -> float:
    said = response.headers.get("retry-after", "").strip()
    return float(said) if said.isascii() and said.isdigit() else WAIT_WHERE_UNSAID
