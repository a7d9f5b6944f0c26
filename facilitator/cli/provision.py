"""Verbs `agents plan | apply`: the templates in templates/agents on Managed Agents, versioned and pinned."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.errors import AgentsError
from facilitator.service.application import Application


def plan(context: Context) -> Answer:
    """What apply would do, and why."""
    with context.application() as app:
        changes, _pinned = asyncio.run(app.provisioning(app, change=False))
    lines = [f"{change.kind} {change.name}: {change.action} ({change.because})" for change in changes]
    return Answer([asdict(change) for change in changes], "\n".join(lines))


def apply(context: Context) -> Answer:
    """Bring agent and environment up to the templates and record what sessions will be pinned to."""
    with context.application() as app:
        return applied(app)


def applied(app: Application) -> Answer:
    """The same for an application that is open already."""
    _changes, pinned = asyncio.run(app.provisioning(app, change=True))
    if pinned is None:
        raise AgentsError("nothing was applied.", suggestion="Run `agents plan` to see why.")
    app.store.pin(pinned, now=app.clock())
    text = (
        f"agent {pinned.agent_id} version {pinned.agent_version}, environment {pinned.environment_id}: pinned"
    )
    return Answer(asdict(pinned), text)
