"""A fresh simulated Asana for each test."""

import pytest

from tests.unit.sandbox_asana.worlds import Api


@pytest.fixture
def api() -> Api:
    """The small workspace, asked as the bot."""
    return Api()
