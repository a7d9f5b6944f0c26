"""Verbs that read the run log: `runs show | tail`; `runs list` is `listing`'s."""

from __future__ import annotations

import json
import time

from facilitator.cli.answer import Answer, say
from facilitator.cli.context import Context
from facilitator.cli.telling import run_data, whole_story
from facilitator.service.progress import event_line

POLL_S = 0.5
"""How often `tail` looks for new events in the run log: reading it never blocks the process that writes."""


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
