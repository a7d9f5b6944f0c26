"""Purging sessions at Managed Agents: never while one runs."""

from datetime import timedelta

import pytest

from facilitator.runs.run import Mode, Run
from facilitator.service.purging import Purged, Purger
from facilitator.settings import Retention

from .conftest import House

pytestmark = pytest.mark.anyio


async def purge(house: House, days: int, *, dry_run: bool = False) -> Purged:
    """The chore's look so many days later, under the usual policy."""
    async with house.pipeline() as pipeline:
        later = house.app.clock() + timedelta(days=days)
        return await Purger(house.app.keeping, pipeline.agents, Retention, lambda: later).purge(
            dry_run=dry_run
        )


def session(house: House, run: Run) -> object | None:
    found: object | None = house.world.agents_app.state.sessions.get(run.session_id)  # type: ignore[attr-defined]
    return found


async def test_a_session_is_archived_after_a_week_and_deleted_after_the_retention_time(
    hasty_house: House,
) -> None:
    """A dry run only counts; both ends are reached once; the run's figures and chain outlive them."""
    run = await hasty_house.fire(mode=Mode.SHADOW)
    assert await purge(hasty_house, 6) == Purged()
    assert await purge(hasty_house, 91, dry_run=True) == Purged(1, 1, 1, archived=1, deleted=1)
    assert await purge(hasty_house, 8) == Purged(archived=1)
    assert getattr(session(hasty_house, run), "archived_at", None)
    assert await purge(hasty_house, 91) == Purged(1, 1, 1, deleted=1)
    assert session(hasty_house, run) is None
    assert await purge(hasty_house, 92) == Purged()
    assert hasty_house.app.store.usage(run.id) is not None
    assert hasty_house.app.audit.verify().broken == ()


async def test_a_running_session_is_never_deleted(hasty_house: House) -> None:
    """It is left for another day, and nothing is sent that the service would have to refuse."""
    run = await hasty_house.fire(mode=Mode.SHADOW)
    running = session(hasty_house, run)
    assert running is not None
    running.status = "running"  # type: ignore[attr-defined]
    done = await purge(hasty_house, 91)
    assert (done.archived, done.deleted, done.left) == (0, 0, 2)
    assert session(hasty_house, run) is running
    deletes = [one for one in hasty_house.world.agents_requests if one.method == "DELETE"]
    assert all(one.status == 400 for one in deletes)
