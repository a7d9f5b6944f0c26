"""The simulated service in the test's own loop: no port, no pace, no lag, unless a test asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy

import httpx
import pytest

from facilitator.sandbox.agents.app import build_agents_app
from facilitator.sandbox.agents.script import Script
from facilitator.sandbox.agents.state import AgentsSandboxSettings
from tests.unit.sandbox_agents.world import FACTS, NO_LAG, Clock, Json, MakeWorld, World


@pytest.fixture
def facts() -> Json:
    """A stand-up's facts: two blocked, one ageing, two done, one in review; a copy to bend at will."""
    return deepcopy(FACTS)


@pytest.fixture
async def make_world() -> AsyncIterator[MakeWorld]:
    """Build a service with this script and these settings."""
    built: list[World] = []

    def make(
        script: Script | None = None, settings: AgentsSandboxSettings = NO_LAG, *, seed: int = 0
    ) -> World:
        clock = Clock()
        app = build_agents_app(clock=clock, seed=seed, script=script, settings=settings)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox")
        world = World(client, app.state.sandbox, clock)
        built.append(world)
        return world

    yield make
    for world in built:
        world.state.close()
        await world.client.aclose()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """The service with its default script."""
    return make_world()
