"""Verbs that do the work: `run`, `runs resume`, `serve` and `worker`; what `serve` will do is `coming`'s."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from facilitator.cli.answer import Answer
from facilitator.cli.approvals import ended
from facilitator.cli.context import Context, instant
from facilitator.cli.progress import left_over, logs_aside, serving, watching
from facilitator.errors import ConfigurationError
from facilitator.runs.database import refuse_damage
from facilitator.runs.run import Mode, Run
from facilitator.service.application import Application
from facilitator.service.firing import Asked, ask

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from facilitator.service.serving import Beside
    from facilitator.service.sprintbook import SprintBook


def run(context: Context, ceremony: str, team: str, at: str, mode: str, *, quiet: bool) -> Answer:
    """Fire one window, by the rule the schedule keeps, and follow it to its end or to the person it waits for."""
    wanted = _mode(mode) if mode else None
    with context.application() as app, watching(quiet=quiet) as observe:
        assignment = app.assignment(team, ceremony)
        now = app.clock()
        end = instant(at, now.replace(second=0, microsecond=0))

        async def work() -> tuple[Asked, Run]:
            async with app.working(app, observe) as pipeline:
                asked = ask(app.coverage, assignment, end, mode=wanted, now=now)
                return asked, await pipeline.settle(asked.run)

        asked, settled = asyncio.run(work())
        answer = ended(app, settled)
        return replace(answer, text=f"{asked.words}\n\n{answer.text}")


def resume(context: Context, run_id: str, *, quiet: bool) -> Answer:
    """Advance a run from where it stands; one that has ended stays as it is."""
    with context.application() as app, watching(quiet=quiet) as observe:
        found = app.store.get(run_id)

        async def work() -> Run:
            async with app.working(app, observe) as pipeline:
                return await pipeline.settle(found)

        return ended(app, found if found.ended else asyncio.run(work()))


def serve(context: Context) -> Answer:
    """The scheduler until SIGTERM or Ctrl-C; every run is left where it stands, to be taken up at the next start."""
    from facilitator.service.serving import serve as work

    return _until_stopped(
        context, lambda app, stop: work(app, stop, observe=serving(), beside=dashboard(app))
    )


def worker(context: Context) -> Answer:
    """One more executor of a cluster until SIGTERM or Ctrl-C; what it lets go of, another one takes up."""
    from facilitator.service.worker import work

    return _until_stopped(context, lambda app, stop: work(app, stop, observe=serving()))


def _until_stopped(
    context: Context, work: Callable[[Application, asyncio.Event], Coroutine[Any, Any, None]]
) -> Answer:
    logs_aside()

    async def stoppable(app: Application) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(left_over)
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        await work(app, stop)

    with context.application() as app:
        refuse_damage(app.database)  # it stays for weeks and writes all the time
        asyncio.run(stoppable(app))
        waiting = len(app.store.unfinished())
    return Answer(
        {"unfinished": waiting}, f"Stopped. {waiting} runs are unfinished and go on at the next start."
    )


def dashboard(app: Application) -> Beside:
    """The dashboard as `serve` takes it in: nothing where it is switched off."""
    from facilitator.service.serving import alone

    if not app.settings.web.enabled:
        return alone
    from facilitator.web.app import build_web
    from facilitator.web.pictures import Warming
    from facilitator.web.server import served

    def beside(sprints: SprintBook) -> AbstractAsyncContextManager[object]:
        return served(build_web(app, timetable=sprints.timetable, arrived=Warming()), app.settings.web)

    return beside


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise ConfigurationError(
            f"there is no mode {text!r}.", suggestion=f"Modes: {', '.join(Mode)}."
        ) from None
