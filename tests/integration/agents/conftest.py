"""A running service and attempts at runs on it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from facilitator.sandbox.agents.state import AgentsSandboxSettings
from tests.integration.agents.service import NO_LAG, Attempt, Begin, Running, Service, provision


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """The sandbox with the agent and environment of our templates."""
    with Running(NO_LAG) as running:
        await provision(running)
        yield running


@pytest.fixture
async def laggy() -> AsyncIterator[Service]:
    """The same with the delays the hosted service has, twenty times faster."""
    with Running(AgentsSandboxSettings(heartbeat_s=0.2), speed=20.0) as running:
        await provision(running)
        yield running


@pytest.fixture
async def begin(service: Service) -> AsyncIterator[Begin]:
    """Makes attempts, and closes their connections."""
    made: list[Attempt] = []

    def make(**changes: Any) -> Attempt:
        made.append(Attempt(service, service.backend(**changes)))
        return made[-1]

    yield make
    for attempt in made:
        await attempt.backend.aclose()
