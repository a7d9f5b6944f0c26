"""Verbs that do the work: `run`, `runs resume`, `serve`, and `next`, which shows what `serve` will do."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from facilitator.calendar.windows import Timetable
from facilitator.cli.answer import Answer
from facilitator.cli.approvals import ended
from facilitator.cli.context import Context, instant
from facilitator.cli.progress import serving, watching
from facilitator.errors import ConfigurationError, FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.autonomy import Autonomy, Standing
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
    import structlog

    # Standard output is for the answer alone, which a program may read.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))

    async def stoppable(app: Application) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
        await work(app, stop)

    with context.application() as app:
        asyncio.run(stoppable(app))
        waiting = len(app.store.unfinished())
    return Answer(
        {"unfinished": waiting}, f"Stopped. {waiting} runs are unfinished and go on at the next start."
    )


def dashboard(app: Application) -> Beside:
    """The dashboard as `serve` takes it in: nothing where it is switched off."""
    from facilitator.service.serving import alone
    from facilitator.web.app import build_web
    from facilitator.web.server import served

    def beside(sprints: SprintBook) -> AbstractAsyncContextManager[object]:
        return served(build_web(app, timetable=sprints.timetable), app.settings.web)

    return beside if app.settings.web.enabled else alone


def coming(context: Context, days: int, team: str) -> Answer:
    """The fires of the next days, team by team, in local time."""
    with context.application() as app:
        if team and team not in {slug for slug, _ in app.assignments}:
            app.assignment(team, next(iter(app.library.ceremonies)))
        now = app.clock()
        wanted = [
            assignment for assignment in app.assignments.values() if not team or assignment.team == team
        ]
        sprints = _sprints(app, wanted, now)
        rows = [
            row
            for assignment in wanted
            for row in _fires(
                assignment,
                sprints.timetable(assignment),
                (now, now + timedelta(days=days)),
                Autonomy(app.database).standing(assignment),
            )
        ]
    rows.sort(key=lambda row: row["at"])
    lines = [
        f"{row['local']}  {row['team']:<16} {row['ceremony']:<14} {row['mode']:<8} {row['remark']} {row['trust']}".rstrip()
        for row in rows
    ]
    return Answer(rows, "\n".join(lines) or "Nothing is due in that time.")


def _sprints(app: Application, wanted: list[Assignment], now: datetime) -> SprintBook:
    """Sprint ends as Asana has them now; where it cannot be asked, as the run log last saw them."""
    from facilitator.service.sprintbook import SprintBook, follows_sprints

    sprints = SprintBook(app.store)

    async def refresh() -> None:
        async with app.reading(app) as tracker:
            await sprints.refresh(tracker, wanted, now=now)

    if any(map(follows_sprints, wanted)):
        try:
            asyncio.run(refresh())
        except FacilitatorError as error:
            print(f"sprints as last seen: {error.message}", file=sys.stderr)
    return sprints


def _fires(
    assignment: Assignment, timetable: Timetable, span: tuple[datetime, datetime], standing: Standing
) -> list[dict[str, str]]:
    zone = assignment.rules.zone
    trust = f"({standing.why})" if assignment.auto_after and assignment.mode is Mode.APPROVE else ""
    return [
        {
            "at": fire.at.isoformat(),
            "local": f"{fire.at.astimezone(zone):%a %d %b %Y %H:%M %Z}",
            "team": assignment.team,
            "ceremony": assignment.ceremony.name,
            "mode": standing.mode,
            "trust": trust,
            "remark": f"moved from {fire.moved_from:%a %d %b}: a free day"
            if fire.moved_from
            else fire.sprint,
        }
        for fire in timetable.fires(*span)
    ]


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise ConfigurationError(
            f"there is no mode {text!r}.", suggestion=f"Modes: {', '.join(Mode)}."
        ) from None
