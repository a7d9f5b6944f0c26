"""The dashboard put together: routes, doors and errors over one application. No rules live here or below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from facilitator.calendar.windows import Timetable
from facilitator.errors import FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.service.application import Application
from facilitator.settings import WebSettings
from facilitator.web import acts, breaks, door, health, hooks, live, openapi, pictures, signing_in, troubles
from facilitator.web.access import NotFound
from facilitator.web.pages import page_routes
from facilitator.web.rendering import STATIC, THEME_COOKIE, THEMES, Pages
from facilitator.web.site import Site, nobody_waits

PROBES = ("/healthz", "/readyz", "/metrics", "/hooks/")
"""Paths that answer to any host name: probes come by address, and what they get is no page of a team."""


def build_web(
    app: Application,
    *,
    timetable: Callable[[Assignment], Timetable] | None = None,
    arrived: Callable[[], None] = nobody_waits,
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """The dashboard as an ASGI application.

    `timetable` completes an assignment's timetable with the sprint ends known now (as configured where none is handed
    in); `arrived` is told of every page that somebody signed in is shown; `more` are routes of others that share the port.
    """
    site = Site(app, timetable or (lambda assignment: assignment.timetable), arrived)
    web = Starlette(
        routes=[
            *page_routes(),
            *acts.routes(),
            *breaks.routes(),
            *openapi.routes(),
            *pictures.routes(),
            *live.routes(),
            *signing_in.routes(),
            Route("/theme", choose_theme, methods=["POST"]),
            Route("/static/{name}", static, methods=["GET"]),
            *hooks.routes(app),
            *health.routes(app),
            *more,
        ],
        middleware=[Middleware(door.Guard, hosts=own_hosts(app.settings.web), free=PROBES)],
        exception_handlers={
            FacilitatorError: troubles.on_trouble,
            HTTPException: troubles.on_http,
            Exception: troubles.on_surprise,
        },
    )
    web.state.site = site
    web.state.pages = Pages()
    web.state.stopping = Event()
    web.state.program = None
    web.state.tries = door.Tries(signing_in.TRIES, signing_in.WITHIN, site.now)
    return web


def own_hosts(web: WebSettings) -> frozenset[str]:
    """The names this dashboard answers to: this machine, where it listens, and where browsers are told to go."""
    known = {"127.0.0.1", "localhost", "::1", web.host, urlsplit(web.url).hostname or ""}
    return frozenset(known - {"", "0.0.0.0", "::"})  # noqa: S104 - said to leave them out


def static(request: Request) -> Response:
    """A file of ours; its address changes with its content."""
    path = STATIC / request.path_params["name"]
    if path.parent != STATIC or not path.is_file():
        raise NotFound("there is no such file.")
    return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})


async def choose_theme(request: Request) -> Response:
    """Light, dark, or as the machine says; kept in a cookie that holds nothing else."""
    form = await request.form()
    theme = str(form.get("theme", "auto"))
    answer = RedirectResponse(signing_in.own_path(str(form.get("next", "/"))), status_code=303)
    if theme in THEMES and door.same_origin(request):
        answer.set_cookie(THEME_COOKIE, theme, max_age=31536000, samesite="strict", path="/")
    return answer
