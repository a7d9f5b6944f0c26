"""A reply in Asana appears in the quality report, and a weekly's forecast is held against the board that came."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from facilitator.asana import AsanaTracker
from facilitator.runs.quality import Report, reports
from facilitator.runs.run import Mode, Run, RunState
from facilitator.sandbox.asana.effects import add_story
from facilitator.service.learning import Learner
from facilitator.service.serving import learner

from .conftest import House

pytestmark = pytest.mark.anyio


async def look_back(house: House) -> Learner:
    """One turn of the chore, over a tracker of its own."""
    asana = house.app.settings.asana
    async with AsanaTracker(base_url=asana.base_url, token=asana.token.reveal) as tracker:
        found = learner(house.app, tracker)
        await found.turn()
    return found


def somebody_says(house: House, run: Run, text: str) -> None:
    world: Any = house.world.asana.world
    who = next(gid for gid in world.tables["user"] if gid != house.world.asana.bot_gid)
    story = add_story(
        world,
        who,
        world.tables["task"][run.task_gid],
        type="comment",
        resource_subtype="comment_added",
        text=text,
    )
    story["created_at"] = world.now()


def report(house: House) -> Report:
    app = house.app
    [found] = reports(
        app.quality.graded(), app.money.spendings(), app.followups.scored(), app.followups.opinions()
    )
    return found


async def test_a_reply_and_a_like_are_in_the_quality_report(hasty_house: House) -> None:
    """`wrong:` under the comment, and a heart on it; asked again they are there once."""
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.WRITTEN, run.reason
    somebody_says(hasty_house, run, "wrong: the payment task is done")
    hasty_house.world.asana.world.tables["story"][run.story_gid or ""]["likes"] = [{"user": {"gid": "1"}}]
    await look_back(hasty_house)
    found = report(hasty_house)
    assert ([one.text for one in found.wrong], found.likes) == (["the payment task is done"], 1)
    assert (found.verdicts, found.gradings) == ({"satisfied": 1}, 2.0)
    before = len(hasty_house.world.asana.requests)
    await look_back(hasty_house)
    assert len(hasty_house.world.asana.requests) == before


async def test_what_a_document_foretold_is_scored_when_its_day_has_passed(hasty_house: House) -> None:
    """The stand-up said Off track; a board read after the sprint's end says whether the work was done."""
    run = await hasty_house.fire(mode=Mode.AUTO)
    found = await look_back(hasty_house)
    store, followups = hasty_house.app.store, hasty_house.app.followups
    assert [one.prediction.said for one in followups.pending()] == ["off track"]
    snapshot = store.snapshot(run.id)
    assert snapshot is not None
    later = hasty_house.due("retro")
    with store.step(later, now=hasty_house.app.clock() + timedelta(days=30)) as step:
        step.keep_snapshot(replace(snapshot, as_of=snapshot.as_of + timedelta(days=30)))
    found.score()
    assert followups.pending() == ()
    assert (report_of(hasty_house, "standup").hit_rate, report_of(hasty_house, "standup").predictions) == (
        1.0,
        1,
    )


def report_of(house: House, ceremony: str) -> Report:
    app = house.app
    found = reports(
        app.quality.graded(), app.money.spendings(), app.followups.scored(), app.followups.opinions()
    )
    return next(one for one in found if one.ceremony == ceremony)
