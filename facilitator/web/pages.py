"""The table of pages: one view, shown as HTML at its address and as JSON under /api, by the same rules of who may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from facilitator.web import door
from facilitator.web.envelope import answered
from facilitator.web.site import team_names
from facilitator.web.views import costs, document, listing, portfolio, quality, story, team, today
from facilitator.web.views.asking import Asked, View


@dataclass(frozen=True, slots=True)
class Page:
    """`gives` is the view's dataclass; `query` names the words an address may carry, with what each means."""

    path: str
    template: str
    view: View
    gives: type
    about: str
    query: tuple[tuple[str, str], ...] = ()


TEAM = ("team", "Only this team, by its slug.")

PAGES: tuple[Page, ...] = (
    Page("/", "today.html.j2", today.today, today.Today, "Each team's ceremonies of today."),
    Page(
        "/approvals", "approvals.html.j2", listing.approvals, listing.Approvals, "Drafts that wait for a decision.",
        (("after", "Those after so many."),),
    ),
    Page(
        "/runs", "runs.html.j2", listing.runs, listing.Runs, "The run log, newest window first.",
        (TEAM, ("ceremony", "Only this ceremony."), ("state", "Only this state."), ("before", "Older than this instant.")),
    ),
    Page("/teams/{team}", "team.html.j2", team.team, team.TeamPage, "One team: its board, what comes, what is in effect."),
    Page(
        "/quality", "quality.html.j2", quality.quality, quality.Quality,
        "Verdicts, decisions, edits and calibration of twelve weeks.", (TEAM,),
    ),
    Page("/costs", "costs.html.j2", costs.costs, costs.Costs, "List prices and tokens of twelve weeks.", (TEAM,)),
    Page("/portfolio", "portfolio.html.j2", portfolio.portfolio, portfolio.Portfolio, "Health of all teams."),
    Page("/runs/{run}", "run.html.j2", story.story, story.Story, "One run's whole story."),
    Page("/approvals/{run}", "decide.html.j2", story.story, story.Story, "A draft with all that speaks for or against it."),
    Page(
        "/runs/{run}/explain", "explain.html.j2", document.explained, document.Explained,
        "Why a line is there: rules, tasks and stories.", (("what", "A fact, a bullet or a task; may be repeated."),),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Me:
    """What the frame around every page shows: the visitor, their role in each team, the teams' names, and how many drafts wait."""

    name: str
    roles: Mapping[str, str]
    teams: Mapping[str, str]
    waiting: int


def asked_of(request: Request) -> Asked:
    """The request in a view's words; raises `SignInNeeded` where nobody is signed in."""
    many = {key: tuple(request.query_params.getlist(key)) for key in request.query_params}
    return Asked(
        site=request.app.state.site,
        visitor=door.visitor(request),
        path=dict(request.path_params),
        query=dict(request.query_params),
        many=many,
    )


def api_path(page: Page) -> str:
    """Where the page's view is told as JSON."""
    return "/api/today" if page.path == "/" else f"/api{page.path}"


def page_routes(pages: Sequence[Page] = PAGES) -> list[Route]:
    """Both routes of every page."""
    routes = []
    for page in pages:
        routes.append(Route(page.path, _shown(page), methods=["GET"]))
        routes.append(Route(api_path(page), _told(page), methods=["GET"]))
    return [*routes, Route("/api/me", me, methods=["GET"])]


def me(request: Request) -> Response:
    """Who is asking."""
    asked = asked_of(request)
    roles = {team: role.name.lower() for team, role in asked.visitor.roles.items()}
    waiting = asked.site.overview.waiting(asked.visitor.teams)
    return answered(Me(asked.visitor.name, roles, dict(team_names(asked.site, asked.visitor)), waiting))


def _shown(page: Page) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        asked = asked_of(request)
        view = page.view(asked)
        return show(request, asked, page.template, view)

    return endpoint


def show(request: Request, asked: Asked, template: str, view: Any, **more: Any) -> Response:
    """A view in its template, with the frame around it."""
    site = asked.site
    site.arrived()
    context = {
        "view": view,
        "teams": team_names(site, asked.visitor),
        "waiting": site.overview.waiting(asked.visitor.teams),
        "now": site.now(),
        **more,
    }
    html: Response = request.app.state.pages.page(request, template, context, visitor=asked.visitor)
    return html


def _told(page: Page) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return answered(page.view(asked_of(request)))

    return endpoint
