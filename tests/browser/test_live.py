"""Pages that move by themselves, and go on where they were after the connection was lost."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from playwright.sync_api import expect

from facilitator.runs.run import Run, RunState
from tests.browser.conftest import Opens, Served
from tests.integration.web.house import NOW, House

DAYS = count(40)


def at_work(house: House) -> Run:
    return house.run(RunState.SUBMITTED, end=NOW - timedelta(days=next(DAYS)))


def says(house: House, run: Run, *names: str) -> None:
    """The session uses these tools, one after the other."""
    house.app.store.keep_events(
        run.id,
        [{"id": f"{run.id}-{name}", "type": "agent.tool_use", "name": name} for name in names],
        now=house.now,
    )


def test_a_session_is_followed_as_it_works(house: House, window: Opens) -> None:
    """What the session does appears on the run's open page, and its verdict turns the page into a draft to decide on."""
    run = at_work(house)
    says(house, run, "read")
    page = window()
    page.goto(f"/runs/{run.id}")
    log = page.locator(f'[data-log="{run.id}"]')
    expect(log).to_contain_text("tool read")
    says(house, run, "board_get_health")
    expect(log).to_contain_text("tool board_get_health")
    with house.app.store.step(run, now=house.now) as step:
        step.move(RunState.FAILED, "the session ended without a draft")
    expect(page.get_by_text("It could not go on.")).to_be_visible()


def test_nothing_is_lost_while_the_connection_is(house: House, served_house: Served, window: Opens) -> None:
    """The server goes away and comes back: the page hears what happened meanwhile, each thing once."""
    run = at_work(house)
    page = window(expected="ERR_")
    page.goto(f"/runs/{run.id}")
    says(house, run, "first")
    log = page.locator(f'[data-log="{run.id}"]')
    expect(log).to_contain_text("tool first")
    served_house.close()
    says(house, run, "second")
    served_house.open()
    says(house, run, "third")
    expect(log).to_contain_text("tool third")
    assert log.locator("li").all_inner_texts() == ["tool first", "tool second", "tool third"]


def test_today_changes_without_a_reload(house: House, window: Opens) -> None:
    """A run that is fired elsewhere appears on the open page."""
    page = window()
    page.goto("/")
    page.evaluate("window.stillTheSamePage = true")
    run = house.run(RunState.SUBMITTED, end=NOW + timedelta(minutes=1), ceremony="retro")
    expect(page.locator(f'[data-progress="{run.id}"]')).to_be_visible()
    assert page.evaluate("window.stillTheSamePage") is True
