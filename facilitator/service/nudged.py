"""The nudger put together for one deployment: the teams that want it, over an open tracker. It decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from facilitator.asana import AsanaTracker
from facilitator.runs.delivery import Delivery
from facilitator.runs.nudges import NudgeLog
from facilitator.service.application import Application
from facilitator.service.nudging import Nudged, Nudger


def nudger(app: Application, tracker: AsanaTracker) -> Nudger:
    """The nudger of the application."""
    return Nudger(
        teams=lambda: nudged(app),
        snapshot=app.store.latest_snapshot,
        log=NudgeLog(app.database),
        tasks=tracker,
        delivery=Delivery(tracker, asyncio.sleep),
        allow=app.reach().people.add,
        clock=app.clock,
    )


def nudged(app: Application) -> Iterator[Nudged]:
    """The teams whose people are nudged, as configured now."""
    for team in app.settings.teams:
        rules = next((each.rules for each in app.assignments.values() if each.team == team.slug), None)
        if team.nudges.enabled and rules is not None:
            yield Nudged(team.slug, team.project, rules, team.nudges, team.notify.quiet_hours)
