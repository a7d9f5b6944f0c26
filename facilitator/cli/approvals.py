"""Verbs of decision: `approvals list | approve | reject`."""

from __future__ import annotations

import asyncio

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.cli.progress import watching
from facilitator.cli.telling import document, faults, run_data, whole_story
from facilitator.errors import CheckFailed
from facilitator.runs.run import Override, Run, RunState
from facilitator.service.application import Application

CHANNEL = "cli"


def listed(context: Context) -> Answer:
    """Every draft that waits, as it would be written, with its faults."""
    with context.application() as app:
        waiting = app.approvals.waiting()
        data = [
            {**run_data(app, run), "expires_at": run.expires_at.isoformat() if run.expires_at else None}
            for run in waiting
        ]
        parts = [
            "\n".join(part for part in (_heading(app, run), document(app, run), faults(app, run)) if part)
            for run in waiting
        ]
    return Answer(data, "\n\n".join(parts) or "Nothing waits for a decision.")


def approve(context: Context, run_id: str, by: str, status: str, because: str, *, quiet: bool) -> Answer:
    """Record the yes and write the comment; a status against the rule is shown with its reason."""
    override = Override(status, because) if status else None
    with context.application() as app, watching(quiet=quiet) as observe:
        run = app.store.get(run_id)
        assignment = app.assignment(run.team, run.ceremony)
        run = app.approvals.approve(
            run, assignment, who=by, now=app.clock(), channel=CHANNEL, override=override
        )

        async def write() -> Run:
            async with app.working(app, observe) as pipeline:
                return await pipeline.settle(run)

        run = asyncio.run(write())
        return ended(app, run)


def reject(context: Context, run_id: str, by: str, because: str) -> Answer:
    """Record the no."""
    with context.application() as app:
        run = app.store.get(run_id)
        assignment = app.assignment(run.team, run.ceremony)
        run = app.approvals.reject(run, assignment, who=by, because=because, now=app.clock(), channel=CHANNEL)
        return Answer(run_data(app, run, whole=True), f"{run.id}: {run.reason}")


def ended(app: Application, run: Run) -> Answer:
    """A run's answer: a failed or unfinished one is a failed command."""
    data, text = run_data(app, run, whole=True), whole_story(app, run)
    if run.state is RunState.FAILED:
        return Answer(
            data, text, CheckFailed(f"run {run.id} failed: {run.reason}", suggestion="Its story is kept.")
        )
    if run.state is RunState.APPROVED:
        told = app.store.history(run.id)[-1].why
        suggestion = f"`runs resume {run.id}` tries again; it never posts a second comment."
        return Answer(data, text, CheckFailed(f"run {run.id} is approved but {told}", suggestion=suggestion))
    return Answer(data, text)


def _heading(app: Application, run: Run) -> str:
    until = f", until {run.expires_at:%Y-%m-%d %H:%M} UTC" if run.expires_at else ""
    names = ", ".join(person.name for person in app.assignment(run.team, run.ceremony).approvers)
    return f"{run.id}  {run.ceremony} of {run.team} waits for {names or 'an approver'}{until}"
