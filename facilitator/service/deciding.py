"""The chore that keeps waiting drafts moving: what was answered in Asana is heard, people are reminded, old questions are closed.

It only says which runs are worth a look; the look itself is the run's own next step, under its lock, by the executor.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from facilitator.runs.approval_tasks import ApprovalTasks
from facilitator.runs.run import Run, RunId
from facilitator.runs.steps.decide import reminder_due
from facilitator.service.application import Application

LOOK_FOR_ANSWERS = timedelta(seconds=60)
"""How soon an answer in Asana is heard. A look costs one call for a task that nobody touched."""

MOST_LOOKS = 30
"""Runs looked at in one turn, in rotation: with 150 calls a minute the rest is for the ceremonies."""


def hearer(app: Application, look: Callable[[RunId], object]) -> Callable[[], Awaitable[None]]:
    """One turn of the chore, to be called again and again; `look` takes a run one look further."""
    turn: deque[RunId] = deque()

    async def hear() -> None:
        now = app.clock()
        worth = {run.id for run in app.approvals.waiting() if _worth_a_look(app, run, now)}
        worth |= set(ApprovalTasks(app.database).open_runs())
        kept = [run for run in turn if run in worth]
        turn.clear()
        turn.extend([*kept, *sorted(worth - set(kept))])
        for _ in range(min(MOST_LOOKS, len(turn))):
            look(turn[0])
            turn.rotate(-1)

    return hear


def _worth_a_look(app: Application, run: Run, now: datetime) -> bool:
    assignment = app.assignments.get((run.team, run.ceremony))
    return assignment is not None and (assignment.asks_in_asana or reminder_due(run, assignment, now))
