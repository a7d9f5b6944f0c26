"""runner.py's own clients and pipeline with every wait cut to a sixtieth, for a play that is over in minutes.

Only waits are cut. What is looked for, how often, and in which order stays the program's own. Time-outs are shortened by
hand, because a hanging call is waited for in real time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facilitator.agents import Intervals, ManagedAgentsBackend
from facilitator.asana import AsanaTracker, Limits
from facilitator.runs.pipeline import Pipeline
from facilitator.runs.steps.desk import Observe, Ports
from facilitator.service.application import Application

PACE = 60.0
"""Seconds of the program in one real second."""

TIMEOUT_S = 1.5
"""How long a call may hang, in real seconds."""

LIMITS = Limits(requests_per_minute=1500, burst=1500, connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S)
INTERVALS = Intervals(
    request_timeout=TIMEOUT_S,
    silence=TIMEOUT_S,
    looks=(
        0.0,
        15.0,
        30.0,
    ),  # longer than the program's own: at this pace four seconds are less than a busy loop
    settle_polls=50,
)


async def nap(seconds: float) -> None:
    """Sleep, sixty times as fast."""
    await asyncio.sleep(seconds / PACE)


def racing() -> float:
    """A limiter's clock that runs as fast as the waits are cut."""
    return time.monotonic() * PACE


@asynccontextmanager
async def working(app: Application, observe: Observe) -> AsyncIterator[Pipeline]:
    """As runner.py's `working`, in haste."""
    asana, agents = app.settings.asana, app.settings.agents
    backend = ManagedAgentsBackend(
        app.pinned(), agents.key.reveal, agents.base_url, sleep=nap, intervals=INTERVALS
    )
    async with AsanaTracker(
        base_url=asana.base_url, token=asana.token.reveal, limits=LIMITS, sleep=nap, clock=racing
    ) as tracker:
        try:
            ports = Ports(
                store=app.store,
                tracker=lambda assignment: tracker.within(app.reach(assignment.team)),
                agents=backend,
                pinned=app.pinned(),
                library=app.library,
                locks=app.locks,
                clock=app.clock,
                sleep=nap,
                observe=observe,
            )
            yield Pipeline(ports, app.assignments)
        finally:
            await backend.aclose()
