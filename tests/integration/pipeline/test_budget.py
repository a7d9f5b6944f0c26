"""A team's month of money: told at 80 %, refused at 100 % before a session is opened; a session's own cap ends it."""

import pytest

from facilitator.runs.ports import Usage
from facilitator.runs.run import Mode, Run, RunState

from .conftest import House

pytestmark = pytest.mark.anyio


def spend(house: House, cents: float) -> None:
    """An earlier run of the team this month that cost so much."""
    run = house.due("retro")
    with house.app.store.step(run, now=house.app.clock()) as step:
        step.set(session_id="sesn_earlier")
        step.keep_usage(Usage(list_cents=cents))
        step.move(RunState.FAILED, "long ago")


def told(house: House) -> list[str]:
    return [posted.notice.subject for posted in house.app.notices.recent()]


def created(house: House) -> list[dict[str, object]]:
    """The bodies of every call that opened a session."""
    return [
        one.body for one in house.world.agents_requests if (one.method, one.path) == ("POST", "/v1/sessions")
    ]


async def judged(house: House) -> Run:
    return await house.fire(mode=Mode.SHADOW)


async def test_a_spent_month_opens_no_session(hasty_house: House) -> None:
    """The run fails with a reason that says what to do; nothing was asked of Managed Agents."""
    hasty_house.wants(monthly_budget_cents=200)
    spend(hasty_house, 200)
    run = await judged(hasty_house)
    assert run.state is RunState.FAILED
    assert "is spent ($2.00): no session was opened" in run.reason
    assert "monthly_budget_cents" in run.reason
    assert created(hasty_house) == []


async def test_people_are_told_once_at_four_fifths(hasty_house: House) -> None:
    """170 of 200 cents: the run goes on, its cap is what is left, and one notice is posted however often it is seen."""
    hasty_house.wants(monthly_budget_cents=200, budget_cents=50)
    spend(hasty_house, 170)
    run = await judged(hasty_house)
    assert run.state is RunState.SKIPPED, run.reason
    [body] = created(hasty_house)
    assert body["budget"] == {"type": "limit", "max_list_cost": {"amount": "30", "currency": "USD"}}
    [subject] = [one for one in told(hasty_house) if "budget" in one]
    assert "has spent 85 % of its budget" in subject


async def test_a_sessions_own_cap_fails_closed_with_its_reason(hasty_house: House) -> None:
    """A cap of one cent: nothing is written, and the reason names the budget."""
    hasty_house.wants(budget_cents=1)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is not RunState.WRITTEN
    assert "budget" in " ".join(move.why for move in hasty_house.app.store.history(run.id))
    assert hasty_house.comments() == []
