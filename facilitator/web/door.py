"""The door: who is asking, from a session's cookie, a bearer token, or a reverse proxy's header, and what every answer carries.

A session is the only thing that opens pages. A link or a believed header opens a session (`signing_in`); with a header
configured, a session counts only while the proxy still names the same person. Nothing a GET asks for changes anything.
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from facilitator.settings import WebSettings
from facilitator.web.access import NotAllowed, SignInNeeded, Visitor, person_of, visitor_of
from facilitator.web.site import Site

COOKIE = "facilitator_session"
FORM_TOKEN = "csrf"  # noqa: S105 - the name of a form's field
HEADER_TOKEN = "X-CSRF-Token"  # noqa: S105 - the name of a header

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Nothing from elsewhere, nothing inline, no frame around us."""

PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""For charts, which are SVG images with styles of their own: no script can run in one, even opened alone."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Frame-Options": "DENY",
}


def visitor(request: Request) -> Visitor:
    """Who is signed in; `SignInNeeded` where nobody is, or the configuration no longer names them."""
    site: Site = request.app.state.site
    token = bearer(request) or request.cookies.get(COOKIE, "")
    who = site.signins.visitor(token, now=site.now()) if token else None
    named = believed(request, site.app.settings.web)
    if named is not None:
        person = person_of(site.app.settings.teams, named)
        who = who if person is not None and who == person.name else None
    found = visitor_of(site.app.settings.teams, who, token) if who else None
    if found is None:
        raise SignInNeeded(
            "nobody is signed in here.", suggestion="`facilitator signin --as NAME` prints a link."
        )
    return found


def bearer(request: Request) -> str:
    """The token of an `Authorization: Bearer` header, for programs; empty where there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.casefold() == "bearer" else ""


def believed(request: Request, web: WebSettings) -> str | None:
    """Whom the reverse proxy names: empty for nobody, None where no header is configured.

    From a peer that is not on the list the header is worth nothing, and so is a request: it went past the proxy.
    """
    if not web.trusted_header:
        return None
    peer = request.client.host if request.client else ""
    return request.headers.get(web.trusted_header, "").strip() if peer in web.trusted_peers else ""


def check_form(request: Request, visitor: Visitor, given: str) -> None:
    """Raise `NotAllowed` unless the request comes from one of this session's own pages.

    A program with a bearer token needs no form's token: no browser sends that header by itself.
    """
    if bearer(request):
        return
    if not hmac.compare_digest(given.encode(), visitor.csrf.encode()) or not same_origin(request):
        raise NotAllowed(
            "this form is not one of this session's own, or too old.",
            suggestion="Load the page again, then decide.",
        )


async def form_words(request: Request) -> tuple[Visitor, dict[str, str]]:
    """Who sent a form and what it says, once `check_form` took it; a page's own script may send the token as a header."""
    who = await run_in_threadpool(visitor, request)
    words = {key: str(value) for key, value in (await request.form()).items()}
    check_form(request, who, words.get(FORM_TOKEN, "") or request.headers.get(HEADER_TOKEN, ""))
    return who, words


async def let_program_act(request: Request) -> None:
    """Take a request under /api that changes something: from a program, or from a page with its token as a header."""
    who = await run_in_threadpool(visitor, request)
    check_form(request, who, request.headers.get(HEADER_TOKEN, ""))


def same_origin(request: Request) -> bool:
    """Whether the browser says, where it says anything, that one of our own pages sent this."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc == request.headers.get("Host", "")


class Tries:
    """How often each peer tried something lately; the memory of one process, bounded."""

    def __init__(self, most: int, within: timedelta, clock: Callable[[], datetime]) -> None:
        self._most, self._within, self._clock = most, within, clock
        self._tries: dict[str, deque[datetime]] = {}

    def allow(self, peer: str) -> bool:
        """Count one try; False where there were too many."""
        now = self._clock()
        if len(self._tries) > 10_000:
            self._tries.clear()
        tries = self._tries.setdefault(peer, deque())
        while tries and now - tries[0] > self._within:
            tries.popleft()
        if len(tries) >= self._most:
            return False
        tries.append(now)
        return True


class Guard:
    """Around everything: refuses hosts that are not ours (a page elsewhere may point its own name here), and sets headers."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], free: tuple[str, ...]) -> None:
        """`hosts` may be named in requests, without port; paths under `free` answer whoever asks, as probes do."""
        self._app, self._hosts, self._free = app, hosts, free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname or ""
        if host not in self._hosts and not scope["path"].startswith(self._free):
            refusal = PlainTextResponse("This dashboard does not answer to that name.", status_code=421)
            await refusal(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, headed)


def set_session(response: Response, token: str, web: WebSettings) -> None:
    """Hand the session to the browser: no script sees it, no other site sends it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(web.session.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=web.url.startswith("https:"),
        path="/",
    )
