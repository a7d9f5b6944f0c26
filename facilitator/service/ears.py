"""The listener put together for one deployment: the teams that listen, and their projects' streams. It decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from facilitator.asana import AsanaTracker
from facilitator.runs.approval_tasks import ApprovalTasks
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
        asked_on=ApprovalTasks(app.database).asked_on,
        delivery=Delivery(tracker, asyncio.sleep),
        clock=app.clock,
    )


SOONEST = timedelta(seconds=30)
"""How soon a command on a board is heard without a webhook, where there are few teams."""

SHARE = 0.1
"""Of the requests a minute that listening may take: ceremonies need the rest."""


def how_often(teams: int, per_minute: float) -> timedelta:
    """How far apart the looks are: one call for each team that listens, within its share of the token's quota."""
    return max(SOONEST, timedelta(minutes=teams / (SHARE * per_minute)))


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
