"""Pages that move: server-sent events which say that something changed, and what sessions are doing.

Everything told is read from the run log, so it is the same whichever process does the work; this process's own hub only
makes it quicker. Each event's id names what was told before it: a browser that reconnects gets what it missed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from threading import Event

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from facilitator.errors import FacilitatorError
from facilitator.runs.run import Run
from facilitator.service.progress import Subscription, event_line
from facilitator.web import door
from facilitator.web.access import Visitor
from facilitator.web.site import Site

LOOK_S = 1.0
"""How often the run log is looked at where this process hears of nothing itself."""
PAUSE_S = 0.15
"""The shortest time between two looks."""
BEAT_S = 20.0
"""A comment after so long a silence keeps proxies from closing the stream."""


@dataclass
class Heard:
    """What a browser was told: the state of all its runs as one digest, and the place in each session's events."""

    state: str = ""
    places: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str) -> Heard:
        """Read back from an event's id; anything else is a new listener."""
        state, _, places = name.partition("|")
        found: dict[str, int] = {}
        for part in places.split(",") if places else ():
            run, _, place = part.rpartition(":")
            if run and place.lstrip("-").isdigit():
                found[run] = int(place)
        return cls(state[:64], found)

    @property
    def name(self) -> str:
        """The id of the next event."""
        return f"{self.state}|{','.join(f'{run}:{place}' for run, place in self.places.items())}"


def routes() -> list[Route]:
    """The streams."""
    return [Route("/live", listen, methods=["GET"]), Route("/runs/{run}/live", listen, methods=["GET"])]


async def listen(request: Request) -> Response:
    """All of the visitor's runs, or the one in the path, from what was heard last on."""
    visitor = await run_in_threadpool(door.visitor, request)
    site: Site = request.app.state.site
    only = request.path_params.get("run")
    if only:
        await run_in_threadpool(site.run, visitor, only)
    heard = Heard.of(request.headers.get("Last-Event-ID", ""))
    stream = _stream(request, site, only, heard)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _stream(request: Request, site: Site, only: str | None, heard: Heard) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    quiet = 0.0
    stopping: Event = request.app.state.stopping
    with site.app.hub.subscribe() as happenings:
        while not stopping.is_set() and not await request.is_disconnected():
            try:
                # The session may have ended meanwhile: a stream is worth no more than a page.
                visitor = await run_in_threadpool(door.visitor, request)
                news = await run_in_threadpool(_news, site, visitor, only, heard)
            except FacilitatorError:
                return
            for text in news:
                yield text
            quiet = 0.0 if news else quiet + LOOK_S
            if quiet >= BEAT_S:
                quiet = 0.0
                yield ": still here\n\n"
            await _pause(happenings)


async def _pause(happenings: Subscription) -> None:
    """Until this process hears of something, or the next look is due."""
    await asyncio.sleep(PAUSE_S)
    try:
        async with asyncio.timeout(LOOK_S):
            await anext(happenings)
    except TimeoutError:
        return
    except StopAsyncIteration:  # too slow for the hub: the run log alone is followed from now on
        await asyncio.sleep(LOOK_S)


def _news(site: Site, visitor: Visitor, only: str | None, heard: Heard) -> list[str]:
    """What is new since `heard`, which is brought up to date."""
    runs = [site.run(visitor, only)] if only else _all(site, visitor)
    found = []
    for run in runs:
        if run.session_id and (only or not run.ended):
            found += _progress(site, run, heard)
    state = hashlib.sha256(repr([(run.id, run.version) for run in runs]).encode()).hexdigest()[:16]
    if state != heard.state:
        first = not heard.state
        heard.state = state
        if not first:
            found.append(_event("changed", heard, {}))
        else:
            found.append(_event("hello", heard, {}))
    return found


def _all(site: Site, visitor: Visitor) -> list[Run]:
    found = {run.id: run for run in site.overview.newest(site.pairs(visitor)).values()}
    found |= {run.id: run for run in site.overview.unfinished(visitor.teams)}
    return [found[name] for name in sorted(found)]


def _progress(site: Site, run: Run, heard: Heard) -> list[str]:
    """One event for each thing the session did that says something to a person."""
    found = []
    for seq, event in site.app.store.events(run.id, after=heard.places.get(run.id, -1)):
        heard.places[run.id] = seq
        words = event_line(event)
        if words:
            found.append(_event("progress", heard, {"run": run.id, "seq": seq, "words": words}))
    return found


def _event(kind: str, heard: Heard, data: Mapping[str, object]) -> str:
    return f"id: {heard.name}\nevent: {kind}\ndata: {json.dumps(data)}\n\n"
