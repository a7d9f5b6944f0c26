"""The verbs `rebuild` and `sessions list`: what stands outside, told, and put back into the run log."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context, instant
from facilitator.runs.ports import KeptSession
from facilitator.runs.steps.desk import unobserved
from facilitator.service.application import Application


def rebuild(context: Context, since: str, *, apply: bool) -> Answer:
    """Show which runs the log lacks, or with `apply` put them back; `serve` then takes up those that are under way."""
    from facilitator.service.rebuilding import missing, recorded

    with context.application() as app:
        asked = instant(since, app.clock()) if since else None
        found = asyncio.run(missing(app, since=asked))
        made = recorded(app, found) if apply else 0
    rows = [
        {
            "run_id": one.run.id, "key": one.run.key, "state": one.run.state, "why": one.why,
            "window": [one.run.window.start.isoformat(), one.run.window.end.isoformat()],
            "story_gid": one.run.story_gid,
        }
        for one in found
    ]  # fmt: skip
    lines = [f"{row['run_id']}  {row['state']:<10} {row['key']}  {row['why']}" for row in rows]
    if apply:
        lines.append(f"{made} runs were put back. `serve` goes on with those that are under way.")
    elif rows:
        lines.append("Nothing was recorded. `rebuild --apply` puts these runs back.")
    return Answer(
        {"applied": apply, "recorded": made, "runs": rows},
        "\n".join(lines) or "The run log lacks nothing that Asana or Managed Agents know of.",
    )


def sessions(context: Context, since: str, limit: int) -> Answer:
    """This deployment's sessions, newest first, each with the run it belongs to."""
    with context.application() as app:
        asked = instant(since, app.clock()) if since else None
        found = asyncio.run(_sessions(app, asked))[:limit]
        rows = [_row(app, one) for one in found]
    lines = [
        f"{row['session_id']}  {row['created_at'][:16]}  {row['status']:<12} {row['result'] or '-':<24} "
        f"{row['run_id'] or 'no run':<20} {row['title']}"
        for row in rows
    ]
    return Answer(rows, "\n".join(lines) or "There are no sessions of this deployment.")


async def _sessions(app: Application, since: datetime | None) -> tuple[KeptSession, ...]:
    async with app.working(app, unobserved) as pipeline:
        return tuple(await pipeline.agents.our_sessions(since))


def _row(app: Application, session: KeptSession) -> dict[str, Any]:
    run = app.store.find(session.run_key.partition("#")[0])
    return {
        "session_id": session.id, "title": session.title, "status": session.status, "result": session.result,
        "run_key": session.run_key, "run_id": run.id if run else None, "state": run.state if run else None,
        "created_at": session.created_at.isoformat(),
    }  # fmt: skip
