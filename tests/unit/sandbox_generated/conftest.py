"""The built-in world, played once for all tests that only read it."""

from __future__ import annotations

import pytest

from facilitator.sandbox.generated import generate_world
from tests.unit.sandbox_generated.replay import Pack, Replay


@pytest.fixture(scope="session")
def world() -> Pack:
    """The world as everybody gets it: seed 7, Wednesday 10 June 2026."""
    return generate_world()


@pytest.fixture(scope="session")
def replay(world: Pack) -> Replay:
    """The same world, read through its stories."""
    return Replay(world)
