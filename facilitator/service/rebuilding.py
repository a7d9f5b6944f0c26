"""Looking outside for what a lost run log held: every ceremony's task, and every session of the last weeks.

Reads only; what is missing is decided by `runs/rebuilding`, and recorded where the person who asked says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from facilitator.runs.ports import Comment
from facilitator.runs.rebuilding import Pair, Recovery, Traces, record, recoveries
from facilitator.runs.steps.desk import unobserved
from facilitator.service.application import Application

LOOK_BACK = timedelta(days=14)
"""How old a session may be to be looked at: older drafts have expired, whatever the configuration."""


async def missing(app: Application, *, since: datetime | None = None) -> tuple[Recovery, ...]:
    """What the run log lacks; raises `TrackerError` or `AgentsError` where one of both cannot be asked."""
    now = app.clock()
    async with app.working(app, unobserved) as pipeline, app.reading(app) as tracker:
        sessions = await pipeline.agents.our_sessions(since or now - LOOK_BACK)
        comments: dict[Pair, tuple[Comment, ...]] = {}
        for pair, assignment in app.assignments.items():
            name = assignment.task_name or assignment.ceremony.title
            task = assignment.task or await tracker.find_task(assignment.project, name)
            comments[pair] = tuple(await tracker.own_comments(task)) if task else ()
    traces = Traces(comments, sessions)
    return recoveries(traces, app.assignments, known=lambda key: app.store.find(key) is not None, now=now)


def recorded(app: Application, found: tuple[Recovery, ...]) -> int:
    """Record what was found; how many rows that made."""
    return sum(record(app.database, recovery) for recovery in found)
