"""The approver may set another status than the rule's, with a reason every reader sees."""

from datetime import timedelta

import pytest

from facilitator.errors import CheckFailed
from facilitator.runs.run import Override, RunState

from .conftest import House

pytestmark = pytest.mark.anyio


async def test_an_overridden_status_is_shown_with_its_reason(house: House) -> None:
    """The comment carries the approver's status, the rule's, and why they differ; the recorded facts stay."""
    run = await house.fire("weekly_status")
    assignment = house.app.assignment(run.team, run.ceremony)
    override = Override("at_risk", "the release moved to July")
    run = house.app.approvals.approve(
        run, assignment, who="Alice", now=house.app.clock(), channel="cli", override=override
    )
    body = house.app.store.parcels(run.id)[0].body
    assert (
        "Alice set the status to At Risk; by the rules it is Off Track. Reason: the release moved to July"
        in body
    )
    facts = house.app.store.facts(run.id)
    assert facts is not None
    assert facts.facts["status.type"].value == "off_track"


async def test_the_next_week_tells_the_approvers_status_and_why(house: House) -> None:
    """The past document carries the decision, so "last week" is what readers were told."""
    run = await house.fire("weekly_status")
    assignment = house.app.assignment(run.team, run.ceremony)
    override = Override("at_risk", "the release moved to July")
    run = house.app.approvals.approve(
        run, assignment, who="Alice", now=house.app.clock(), channel="cli", override=override
    )
    run = await house.settle(run)
    assert run.state is RunState.WRITTEN
    house.as_of += timedelta(days=7)
    later = await house.fire("weekly_status")
    facts = house.app.store.facts(later.id)
    assert facts is not None
    assert facts.facts["status.last"].value == "At Risk"
    reason = facts.facts["status.last_reason"].value
    assert reason == "set by its approver, by the rules Off Track: the release moved to July"


@pytest.mark.parametrize(
    ("ceremony", "override", "words"),
    [
        ("weekly_status", Override("at_risk", " "), "needs a reason"),
        ("weekly_status", Override("splendid", "why not"), "cannot be given the status"),
        ("standup", Override("at_risk", "why not"), "cannot be given the status"),
    ],
)
async def test_an_override_needs_a_known_status_and_a_reason(
    house: House, ceremony: str, override: Override, words: str
) -> None:
    """Nothing is approved with an override that readers could not follow."""
    run = await house.fire(ceremony)
    assignment = house.app.assignment(run.team, run.ceremony)
    with pytest.raises(CheckFailed, match=words):
        house.app.approvals.approve(
            run, assignment, who="Alice", now=house.app.clock(), channel="cli", override=override
        )
    assert house.app.store.get(run.id).state is RunState.JUDGED
