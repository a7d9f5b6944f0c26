"""What is shown where something cannot be shown or done: the sentence, what to do next, and never a traceback."""

from __future__ import annotations

import traceback
from urllib.parse import quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from facilitator.errors import FacilitatorError
from facilitator.web import door
from facilitator.web.access import NotFound, SignInNeeded, Visitor
from facilitator.web.envelope import refused, status_of

log = structlog.get_logger()


def on_trouble(request: Request, error: Exception) -> Response:
    """One of our own errors, as a page or as JSON."""
    if not isinstance(error, FacilitatorError):
        return on_surprise(request, error)
    if _for_programs(request):
        return refused(error)
    if isinstance(error, SignInNeeded):
        return _to_sign_in(request)
    return _page(request, error)


def on_http(request: Request, error: Exception) -> Response:
    """An address or a method that is not there."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    told = NotFound(
        f"there is no page {request.url.path[:80]}.", suggestion="The menu lists the pages there are."
    )
    answer = on_trouble(request, told)
    answer.status_code = status
    return answer


def on_surprise(request: Request, error: Exception) -> Response:
    """Anything unforeseen: the log gets all of it, the visitor a sentence."""
    # Plain text: a prettier traceback would print the values around it, and take seconds to do so.
    trace = "".join(traceback.format_exception(error))
    log.error("page_failed", path=request.url.path, error=str(error), trace=trace)
    told = FacilitatorError(
        "something unforeseen went wrong while making this page.",
        suggestion="Nothing was changed. The log of `serve` tells what it was.",
    )
    return refused(told) if _for_programs(request) else _page(request, told)


def _for_programs(request: Request) -> bool:
    return request.url.path.startswith("/api")


def _to_sign_in(request: Request) -> Response:
    """To the sign-in page and back.

    A link from another site arrives without our strict cookie even where there is a session: the page's own reload
    brings it along, so such a visitor is sent round once before being asked to sign in.
    """
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        answer: Response = request.app.state.pages.page(request, "again.html.j2", {"wanted": wanted})
        return answer
    if request.headers.get("HX-Request"):
        return Response(status_code=204, headers={"HX-Redirect": "/signin"})
    return RedirectResponse(
        f"/signin?next={quote(wanted if request.method == 'GET' else '/')}", status_code=303
    )


def _page(request: Request, error: FacilitatorError) -> Response:
    found: Visitor | None
    try:
        found = door.visitor(request)
    except FacilitatorError:
        found = None
    context = {"error": error, "status": status_of(error), "teams": {}, "waiting": 0}
    answer: Response = request.app.state.pages.page(
        request, "trouble.html.j2", context, visitor=found, status=status_of(error)
    )
    return answer
