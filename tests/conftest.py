"""The guards every test stands behind: asyncio as the only event loop, and a clean environment."""

import os

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop the service itself uses."""
    return "asyncio"


@pytest.fixture(autouse=True)
def clean_environment() -> None:
    """Drop the developer's own keys and settings: no test may depend on them or leak them."""
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "ASANA_", "FACILITATOR_")):
            del os.environ[name]
