"""Two at one run: whoever records first counts; the other's late result is refused, told, and taken no further."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import structlog

from facilitator.runs.pipeline import Pipeline
from facilitator.runs.run import Run, RunState

from .conftest import House

pytestmark = pytest.mark.anyio


def meanwhile(house: House, pipeline: Pipeline, happens: Callable[[], object], *, after: int) -> None:
    """Let something happen between this pipeline's reading of the run and its record: the clock is asked in between."""
    left, ports = [after], pipeline._ports

    def clock() -> datetime:
        left[0] -= 1
        if left[0] == 0:
            happens()
        return house.app.clock() + timedelta(days=2)

    pipeline._desk.ports = replace(ports, clock=clock)


async def test_a_yes_beats_an_expiry_of_the_same_instant(house: House) -> None:
    """Alice's yes is recorded while another worker is about to expire the draft: her word stands and is written."""
    run = await house.fire()

    async def settled(happens: Callable[[], object]) -> Run:
        async with house.pipeline() as pipeline:
            meanwhile(house, pipeline, happens, after=2)
            return await pipeline.settle(run)

    with structlog.testing.capture_logs() as logs:
        assert (await settled(lambda: house.approve(run))).state is RunState.WRITTEN
    [refused] = [line for line in logs if line["event"] == "late_result_refused"]
    assert (refused["run"], refused["state"]) == (run.id, "judged")
    assert [move.after for move in house.app.store.history(run.id)].count(RunState.EXPIRED) == 0
    assert len(house.comments()) == 1
