"""Signing in and out: a one-time link, or a reverse proxy's word, becomes a session; nothing else does.

Looking at a link does not use it up (mail scanners look, too): the button on its page does.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from facilitator.settings import WebSettings
from facilitator.web import door
from facilitator.web.access import NotAllowed, person_of, roles_of
from facilitator.web.site import Site

TRIES, WITHIN = 10, timedelta(minutes=1)
"""Attempts to sign in that one address may make; a token of 256 bits needs no more protection, a log does."""


def routes() -> list[Route]:
    """Everything about being signed in."""
    return [
        Route("/signin", offer, methods=["GET"]),
        Route("/signin", sign_in, methods=["POST"]),
        Route("/signout", sign_out, methods=["POST"]),
    ]


def offer(request: Request) -> Response:
    """The page with the button: for a link's person, for the one a proxy names, or how to get a link."""
    token = request.query_params.get("token", "")
    site: Site = request.app.state.site
    named = door.believed(request, site.app.settings.web)
    if named is not None:
        person = person_of(site.app.settings.teams, named)
        who = person.name if person else ""
    else:
        who = site.signins.offered(token, now=site.now()) or "" if token else ""
    stale = bool(token) and named is None and not who
    return _page(request, who=who, token=token, stale=stale, stranger=named if named and not who else "")


async def sign_in(request: Request) -> Response:
    """Use the link up, or believe the proxy; then go where the visitor wanted to go."""
    from starlette.concurrency import run_in_threadpool

    site: Site = request.app.state.site
    peer = request.client.host if request.client else ""
    if not request.app.state.tries.allow(peer):
        hurried = _page(request, status=429, hurried=True)
        hurried.headers["Retry-After"] = str(int(WITHIN.total_seconds()))
        return hurried
    if not door.same_origin(request):
        raise NotAllowed("signing in starts on this dashboard's own page.", suggestion="Open the link again.")
    form = await request.form()
    session = await run_in_threadpool(_session, request, str(form.get("token", "")))
    if session is None:
        return _page(request, stale=True, status=403)
    answer = RedirectResponse(own_path(str(form.get("next", "/"))), status_code=303)
    door.set_session(answer, session, site.app.settings.web)
    return answer


def _session(request: Request, token: str) -> str | None:
    site: Site = request.app.state.site
    web: WebSettings = site.app.settings.web
    named = door.believed(request, web)
    if named is None:
        return site.signins.redeem(token, now=site.now(), lasts=web.session)
    person = person_of(site.app.settings.teams, named)
    if person is None or not roles_of(site.app.settings.teams, person.name):
        return None
    return site.signins.open_session(person.name, now=site.now(), lasts=web.session)


async def sign_out(request: Request) -> Response:
    """End the session, here and in the database."""
    from starlette.concurrency import run_in_threadpool

    visitor = await run_in_threadpool(door.visitor, request)
    form = await request.form()
    door.check_form(request, visitor, str(form.get(door.FORM_TOKEN, "")))
    site: Site = request.app.state.site
    await run_in_threadpool(site.signins.sign_out, visitor.token)
    answer = RedirectResponse("/signin", status_code=303)
    answer.delete_cookie(door.COOKIE, path="/")
    return answer


def own_path(wanted: str) -> str:
    """A path of ours, and nothing that leads elsewhere."""
    parts = urlsplit(wanted)
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if plain and wanted.isprintable() else "/"


def _page(
    request: Request,
    *,
    who: str = "",
    token: str = "",
    stale: bool = False,
    hurried: bool = False,
    stranger: str = "",
    status: int = 200,
) -> HTMLResponse:
    wanted = own_path(request.query_params.get("next", "/"))
    context = {
        "who": who,
        "token": token,
        "stale": stale,
        "hurried": hurried,
        "stranger": stranger,
        "next": wanted,
    }
    answer: HTMLResponse = request.app.state.pages.page(request, "signin.html.j2", context, status=status)
    return answer
