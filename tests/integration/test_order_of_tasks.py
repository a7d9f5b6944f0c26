"""No figure of any ceremony depends on the order in which Asana lists tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.window import Window
from facilitator.ceremony import Ceremony, TeamContext
from facilitator.sandbox.generated import generate_world
from jobs import retro, standup, weekly_status
from tests.packs import snapshot_of


@pytest.fixture(scope="module")
def harbour() -> Snapshot:
    """The built-in world's board."""
    return snapshot_of(generate_world(7))


@pytest.mark.parametrize(
    "ceremony", [standup.CEREMONY, weekly_status.CEREMONY, retro.CEREMONY], ids=lambda one: str(one.name)
)
def test_tasks_in_another_order_give_the_same_facts(ceremony: Ceremony, harbour: Snapshot) -> None:
    """Byte for byte: values, lists, and the order of lists."""
    window = Window(harbour.as_of - timedelta(days=7), harbour.as_of)
    context = TeamContext("Harbour", BoardRules(ZoneInfo("Europe/Berlin"), sentiment=True))
    wanted = ceremony.gather(harbour, window, context).to_json()
    for seed in (1, 2):
        tasks = list(harbour.tasks)
        Random(seed).shuffle(tasks)
        assert ceremony.gather(replace(harbour, tasks=tuple(tasks)), window, context).to_json() == wanted
