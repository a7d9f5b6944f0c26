"""Verbs that read the run log: `runs list | show | tail`."""

from __future__ import annotations

import json
import time

from facilitator.cli.answer import Answer, say
from facilitator.cli.context import Context
from facilitator.cli.telling import run_data, whole_story
from facilitator.errors import ConfigurationError
from facilitator.runs.run import RunState
from facilitator.service.progress import event_line

POLL_S = 0.5
"""How often `tail` looks for new events in the run log: reading it never blocks the process that writes."""


def listed(context: Context, team: str, ceremony: str, state: str, limit: int) -> Answer:
    """Newest runs first, one line each."""
    with context.application() as app:
        runs = app.store.recent(
            team=team or None, ceremony=ceremony or None, state=_state(state) if state else None, limit=limit
        )
    data = [
        {
            "run_id": run.id, "ceremony": run.ceremony, "team": run.team, "window": run.window.key, "mode": run.mode,
            "state": run.state, "reason": run.reason, "story_gid": run.story_gid, "created_at": run.created_at.isoformat(),
        }
        for run in runs
    ]  # fmt: skip
    lines = [
        f"{run.id}  {run.window.end:%Y-%m-%d %H:%M}  {run.team:<16} {run.ceremony:<14} {run.state:<10} {run.reason[:70]}"
        for run in runs
    ]
    return Answer(data, "\n".join(lines) or "No runs yet. `run standup --team TEAM` fires one now.")


def shown(context: Context, run_id: str) -> Answer:
    """One run with its history."""
    with context.application() as app:
        run = app.store.get(run_id)
        return Answer(run_data(app, run, whole=True), whole_story(app, run))


def tailed(context: Context, run_id: str, *, follow: bool, as_json: bool) -> Answer:
    """Print a run's session events in order, then those to come until the run stops."""
    told = []
    with context.application() as app:
        place = -1
        while True:
            run = app.store.get(run_id)
            for seq, event in app.store.events(run.id, after=place):
                place = seq
                told.append(event)
                line = None if as_json else event_line(event)
                if line:
                    say(line)
            if not follow or run.ended or run.waits_for_a_person:
                break
            time.sleep(POLL_S)
        if as_json:
            return Answer(json.loads(json.dumps(told)))
        return Answer(None, f"{run.state}: {run.reason}")


def _state(text: str) -> RunState:
    try:
        return RunState(text)
    except ValueError:
        known = ", ".join(RunState)
        raise ConfigurationError(f"there is no state {text!r}.", suggestion=f"States: {known}.") from None
