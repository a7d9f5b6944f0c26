"""The listener put together for one deployment: the teams that listen, and their projects' streams. It decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from facilitator.asana import AsanaTracker
from facilitator.runs.delivery import Delivery
from facilitator.runs.run import RunId
from facilitator.service.application import Application
from facilitator.service.listening import Ear, Listener


def listener(app: Application, tracker: AsanaTracker, start: Callable[[RunId], None]) -> Listener:
    """The listener of the application, over an open tracker; `start` hands a run to whoever advances runs."""

    async def me() -> str:
        return (await tracker.me()).gid

    return Listener(
        lambda: ears(app),
        stream=tracker.listen,
        me=me,
        store=app.store,
        commands=app.commands,
        start=start,
        delivery=Delivery(tracker, asyncio.sleep),
        clock=app.clock,
    )


def ears(app: Application) -> tuple[Ear, ...]:
    """The teams that listen, each with the ceremonies it holds."""
    return tuple(
        Ear(
            team.slug,
            team.name,
            team.project,
            team.triggers,
            {name: each for (slug, name), each in app.assignments.items() if slug == team.slug},
        )
        for team in app.settings.teams
        if team.triggers.enabled
    )
