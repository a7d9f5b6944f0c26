"""Pausing and resuming a team from its page or from a program; the rules are `service.breaks`'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from facilitator.errors import CheckFailed, ConfigurationError
from facilitator.runs.pauses import Pause
from facilitator.service import breaks
from facilitator.web import door
from facilitator.web.access import NotAllowed, Role
from facilitator.web.acts import body_of
from facilitator.web.envelope import answered, status_of
from facilitator.web.pages import asked_of, show
from facilitator.web.views.asking import Asked
from facilitator.web.views.team import team

Words = Mapping[str, str]
Act = Callable[[Asked, Words], tuple[Pause, ...]]


def routes() -> list[Route]:
    """Both acts, as a form's target and under /api."""
    found = []
    for name, act in ACTS.items():
        found.append(Route(f"/teams/{{team}}/{name}", _from_form(act), methods=["POST"]))
        found.append(Route(f"/api/teams/{{team}}/{name}", _from_program(act), methods=["POST"]))
    return found


def pause(asked: Asked, words: Words) -> tuple[Pause, ...]:
    """Fire nothing of the team, or of one ceremony, for a while."""
    found = breaks.pause(
        asked.site.app,
        _led(asked),
        words.get("ceremony", ""),
        until=words.get("until", ""),
        who=asked.visitor.name,
        because=words.get("because", ""),
    )
    return (found,)


def resume(asked: Asked, words: Words) -> tuple[Pause, ...]:
    """Let the team, or one ceremony, go on."""
    return breaks.resume(asked.site.app, _led(asked), words.get("ceremony", ""), who=asked.visitor.name)


ACTS: dict[str, Act] = {"pause": pause, "resume": resume}


def _led(asked: Asked) -> str:
    """The team in the path, for those who may fire its ceremonies."""
    team = asked.team()
    if not asked.visitor.may(Role.ADMIN, team):
        raise NotAllowed(f"only admins of {team} may pause or resume it.", suggestion="Ask one of them.")
    return team


def _from_form(act: Act) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        _visitor, words = await door.form_words(request)
        return await run_in_threadpool(_done, request, act, words)

    return endpoint


def _done(request: Request, act: Act, words: Words) -> Response:
    asked = asked_of(request)
    # Resumed already, by a form sent twice or by somebody else: the page shows that the team goes on.
    with suppress(CheckFailed):
        try:
            act(asked, words)
        except ConfigurationError as error:
            answer = show(request, asked, "team.html.j2", team(asked), error=error, words=words)
            answer.status_code = status_of(error)
            return answer
    return RedirectResponse(f"/teams/{asked.team()}#breaks", status_code=303)


def _from_program(act: Act) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        await door.let_program_act(request)
        words = await body_of(request)
        return await run_in_threadpool(
            lambda: answered([_told(one) for one in act(asked_of(request), words)])
        )

    return endpoint


def _told(one: Pause) -> dict[str, Any]:
    return {
        "team": one.team,
        "ceremony": one.ceremony or None,
        "since": one.since,
        "until": one.until,
        "by": one.by,
        "because": one.because,
    }
