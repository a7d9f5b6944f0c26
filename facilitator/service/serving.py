"""The serving process put together: the scheduler, its executor and its chores over one application.

What each chore does stands in a room of its own; this module only says which there are. It decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import timedelta

from facilitator.asana import AsanaTracker
from facilitator.board.rules import BoardRules
from facilitator.runs.pipeline import Pipeline
from facilitator.runs.steps.desk import Observe, unobserved
from facilitator.service.application import Application
from facilitator.service.bell import Bell
from facilitator.service.deciding import LOOK_FOR_ANSWERS, hearer
from facilitator.service.ears import how_often, listener
from facilitator.service.executing import by_one, executing
from facilitator.service.executor import Executor
from facilitator.service.figuring import Figuring
from facilitator.service.firing import Firing
from facilitator.service.learning import LOOK_BACK, Learner
from facilitator.service.listening import Listener
from facilitator.service.notifying import notifier, telling
from facilitator.service.nudged import nudger
from facilitator.service.progress import together
from facilitator.service.purging import LOOK_FOR_OLD, Purger
from facilitator.service.reloading import LOOK_FOR_CHANGES, LiveAssignments, Reloading
from facilitator.service.scheduler import Chore, Scheduler
from facilitator.service.sprintbook import SprintBook
from facilitator.service.sweeping import sweeper
from facilitator.service.watching import Watch

LOOK_FOR_ORPHANS = timedelta(seconds=20)
"""How soon a run that nobody works on is taken up; with a dead worker's silence it is well within a minute."""

LOOK_FOR_NEWS = timedelta(seconds=10)
"""How soon a failed, expired or waiting run is told of; one query of the run log."""

LOOK_FOR_RISKS = timedelta(minutes=5)
"""How soon after a team's hour, or after a late reading of its board, its people are nudged."""

TICK_EVERY = timedelta(seconds=15)
"""How often a sign of life is left; `readyz` and the next start go by it."""

LOOK_FOR_SILENCE = timedelta(minutes=5)
"""How soon a document that is overdue, or a suspicious quiet, is noticed."""

LOOK_FOR_READINGS = timedelta(seconds=15)
"""How soon the pages' figures of a board are made after it was read; one look into an index for each ceremony."""

Beside = Callable[[SprintBook], AbstractAsyncContextManager[object]]
"""What is served beside the ceremonies, handed in from above: the dashboard. It may ask when sprints end."""


def alone(_sprints: SprintBook) -> AbstractAsyncContextManager[None]:
    """Nothing is served beside the ceremonies."""
    return nullcontext()


async def serve(
    app: Application, stop: asyncio.Event, *, observe: Observe = unobserved, beside: Beside = alone
) -> None:
    """Fire and advance until `stop` is set; every run is left where it stands, to be taken up at the next start.

    `observe` is told of what happens, and so is everyone who subscribed to `app.hub`.
    """
    app.assignments = live = LiveAssignments(app.assignments)
    async with app.working(app, together(app.hub.publish, observe)) as pipeline, app.reading(app) as tracker:
        sprints = SprintBook(app.store)

        async def refresh() -> None:
            await sprints.refresh(tracker, live.values(), now=app.clock())

        async def take_up(changed: Collection[tuple[str, str]]) -> None:
            await scheduler.take_up(changed)

        async with executing(app, pipeline) as executor:
            watch = watching(app, sprints)
            hearing = listener(app, tracker, executor.now)
            reloading = Reloading(app, live, take_up)
            scheduler = Scheduler(
                app.store,
                live,
                executor,
                Firing(app.coverage, app.pauses, sprints.timetable),
                clock=app.clock,
                sleep=app.sleep,
                sprints=sprints,
                refresh=refresh,
                chores=[
                    *(
                        by_one(app.locks, chore)
                        for chore in chores(app, pipeline, tracker, executor, hearing, watch)
                    ),
                    Chore("configuration", LOOK_FOR_CHANGES, reloading.look),
                ],
            )
            sweep = sweeper(app.store, app.locks, executor)
            async with (
                alive(watch),
                beside(sprints),
                answering(app.board_bell, hearing.turn),
                answering(app.run_bell, sweep),
            ):
                await scheduler.serve(stop)


def watching(app: Application, sprints: SprintBook) -> Watch:
    """The dead man's switch of the application, over every ceremony it holds at the moment it looks."""
    return Watch(
        app.store,
        app.notices,
        app.marks,
        lambda: [(each, sprints.timetable(each)) for each in app.assignments.values()],
        lambda team: telling(app.settings, team).notify.quiet_streak,
        app.clock,
    )


@asynccontextmanager
async def alive(watch: Watch) -> AsyncIterator[None]:
    """Signs of life from the first moment on, and a word when the silence that follows is meant."""
    watch.begin()
    await watch.tick()
    try:
        yield
    finally:
        watch.stopped()


@asynccontextmanager
async def answering(bell: Bell, look: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Look whenever the bell is rung, for the length of the block."""
    task = asyncio.ensure_future(bell.answer(look))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def learner(app: Application, tracker: AsanaTracker) -> Learner:
    """Who looks back at what was written, for the teams that are configured at the moment."""

    def rules(team: str) -> BoardRules | None:
        return next((each.rules for each in app.assignments.values() if each.team == team), None)

    def board(team: str) -> AsanaTracker | None:
        return tracker.within(app.reach(team)) if rules(team) else None

    return Learner(app.store, app.followups, rules, board, app.clock)


def chores(
    app: Application,
    pipeline: Pipeline,
    tracker: AsanaTracker,
    executor: Executor,
    hearing: Listener,
    watch: Watch,
) -> Sequence[Chore]:
    """What the process does besides firing and advancing."""
    listening = how_often(len(app.settings.teams), app.settings.asana.requests_per_minute)
    purger = Purger(app.keeping, pipeline.agents, lambda: app.settings.retention, app.clock)
    return (
        Chore("sweep", LOOK_FOR_ORPHANS, sweeper(app.store, app.locks, executor)),
        Chore("notify", LOOK_FOR_NEWS, notifier(app, tracker).turn),
        Chore("listen", listening, hearing.turn),
        Chore("nudge", LOOK_FOR_RISKS, nudger(app, tracker).turn),
        Chore("tick", TICK_EVERY, watch.tick),
        Chore("watch", LOOK_FOR_SILENCE, watch.turn),
        Chore("purge", LOOK_FOR_OLD, purger.turn),
        Chore("approvals", LOOK_FOR_ANSWERS, hearer(app, executor.now)),
        Chore("learn", LOOK_BACK, learner(app, tracker).turn),
        Chore("figures", LOOK_FOR_READINGS, Figuring(app.store, lambda: app.assignments).turn),
    )
