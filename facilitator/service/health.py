"""Is this deployment alive, and is it ready to hold ceremonies? The truth, for an orchestrator and for `health`.

Each check looks; none repairs. Alive means: restarting would not help. Ready means: a window due now would be fired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from facilitator.errors import FacilitatorError
from facilitator.runs.database import answers
from facilitator.service.application import Application
from facilitator.service.watching import TICK

FRESH = timedelta(seconds=90)
"""A tick comes every quarter of a minute."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


def database_check(app: Application) -> Check:
    """Whether the run log answers a question; opening it is part of that."""
    try:
        return Check("database", answers(app.database), "the run log answers")
    except FacilitatorError as error:
        return Check("database", False, error.message)


def readiness(app: Application, *, now: datetime) -> list[Check]:
    """Everything a due window needs, first to last; later checks are left out where the run log is not open."""
    checks = [
        Check("configuration", bool(app.assignments), f"{len(app.assignments)} ceremonies"),
        database_check(app),
    ]
    return [*checks, _pinned(app), _ticking(app, now)] if checks[-1].ok else checks


def _pinned(app: Application) -> Check:
    pinned = app.store.pinned()
    if pinned is None:
        return Check("agent", False, "no agent has been applied yet: `agents apply`")
    return Check("agent", True, f"{pinned.agent_id} version {pinned.agent_version}")


def _ticking(app: Application, now: datetime) -> Check:
    last = app.marks.at(TICK)
    if last is None:
        return Check("scheduler", False, "it has never ticked: is `serve` running?")
    age = now - last
    return Check("scheduler", age < FRESH, f"last tick {age.total_seconds():.0f} s ago")
