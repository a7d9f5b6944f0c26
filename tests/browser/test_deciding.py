"""Approving in a browser: reading, saying yes, no and not like this, alone and together, by mouse, keyboard and thumb."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from facilitator.runs.run import Run, RunState
from facilitator.runs.signins import SignIns
from tests.browser.conftest import PHONE, Opens, Served
from tests.integration.web.house import NOW, House

DAYS = count(1)
REFUSED = "status of 409"
"""What Chromium says of an answer that refuses; it is meant."""


@pytest.fixture
def waiting(house: House) -> Run:
    """A draft of its own for each test."""
    return house.run(end=NOW - timedelta(days=next(DAYS)))


def state(house: House, run: Run) -> RunState:
    return house.app.store.get(run.id).state


def test_a_link_opens_the_dashboard_once(house: House, served_house: Served, window: Opens) -> None:
    """The link's page says who it is for; its button leads to Today, and the link is used up."""
    link = f"/signin?token={SignIns(house.app.database).make_link('Alice', now=house.now, lasts=timedelta(minutes=5))}"
    page = window(None, expected="status of 403")
    page.goto(link)
    page.get_by_role("button", name="Sign in as Alice").click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    expect(page.get_by_text("Alice").first).to_be_visible()
    again = window(None)
    again.goto(link)
    expect(again.get_by_text("used already")).to_be_visible()


def test_read_and_approve(house: House, waiting: Run, window: Opens) -> None:
    """A line explains itself on click, beside the draft; one click says yes to exactly these words."""
    page = window()
    page.goto(f"/approvals/{waiting.id}")
    page.locator(".line", has_text="sandbox keys").locator("em").click()
    reasons = page.get_by_role("region", name="Why is that there?")
    expect(reasons).to_contain_text("Rule")
    expect(reasons).to_contain_text("Waits for the sandbox keys")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url(f"**/runs/{waiting.id}")
    expect(page.get_by_text("approved by Alice").first).to_be_visible()
    assert state(house, waiting) is RunState.APPROVED


def test_edit_with_a_fault_refused(house: House, waiting: Run, window: Opens) -> None:
    """A typed figure is refused beside its own line and the words stay; mended, they are a new draft to decide on."""
    page = window(expected=REFUSED)
    page.goto(f"/approvals/{waiting.id}")
    page.get_by_text("Edit the words").click()
    field = page.locator("#f-blocked-0-text")
    field.fill("waits for 17 sandbox keys")
    page.get_by_role("button", name="Check only").click()
    expect(page.locator("#checked")).to_contain_text("blocked[0]")
    page.get_by_role("button", name="Save as a new draft").click()
    expect(page.get_by_role("alert")).to_contain_text("That was not done")
    expect(page.locator("#f-blocked-0-text-faults")).to_contain_text("blocked[0]")
    expect(field).to_have_value("waits for 17 sandbox keys")
    assert house.app.store.get(waiting.id) == waiting
    field.fill("waits for the sandbox keys of the vendor")
    page.get_by_role("button", name="Save as a new draft").click()
    expect(page.get_by_text("edited by hand")).to_be_visible()
    expect(page.locator(".paper")).to_contain_text("sandbox keys of the vendor")
    assert state(house, waiting) is RunState.JUDGED


def test_ask_for_a_revision(house: House, waiting: Run, window: Opens) -> None:
    """The reason goes back to the writer, and the run is at work again."""
    page = window()
    page.goto(f"/approvals/{waiting.id}")
    page.locator("summary", has_text="Ask for a revision").click()
    page.get_by_label("What should change?").fill("Say who can unblock the first one.")
    page.get_by_role("button", name="Send it back").click()
    page.wait_for_url(f"**/runs/{waiting.id}")
    assert state(house, waiting) is RunState.GATHERED


def test_reject(house: House, waiting: Run, window: Opens) -> None:
    """A no takes a reason, and the run says who and why."""
    page = window()
    page.goto(f"/approvals/{waiting.id}")
    page.locator("summary", has_text="Reject").click()
    page.get_by_role("button", name="Reject for good").click()
    assert state(house, waiting) is RunState.JUDGED
    page.get_by_label("Why? It is kept").fill("Wrong sprint")
    page.get_by_role("button", name="Reject for good").click()
    expect(page.get_by_text("rejected by Alice: Wrong sprint").first).to_be_visible()
    assert state(house, waiting) is RunState.REJECTED


def test_expiry_while_the_page_is_open(house: House, waiting: Run, window: Opens) -> None:
    """When the time runs out the page says so by itself, and takes its buttons away."""
    with house.app.store.step(waiting, now=house.now) as step:
        step.set(expires_at=house.now + timedelta(seconds=1))
    page = window()
    page.goto(f"/approvals/{waiting.id}")
    expect(page.get_by_text("This draft has expired: silence means no.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve").first).to_be_disabled()


def test_two_approvers_at_once(house: House, waiting: Run, window: Opens) -> None:
    """Whoever is second is told what the first one did, and nothing is decided twice."""
    alice, erin = window("Alice"), window("Erin", expected=REFUSED)
    for page in (alice, erin):
        page.goto(f"/approvals/{waiting.id}")
    alice.get_by_role("button", name="Approve").click()
    alice.wait_for_url(f"**/runs/{waiting.id}")
    erin.locator("summary", has_text="Reject").click()
    erin.get_by_label("Why? It is kept").fill("Too late")
    erin.get_by_role("button", name="Reject for good").click()
    expect(erin.get_by_role("alert")).to_contain_text("does not wait for a decision")
    assert len(house.app.store.decisions(waiting.id)) == 1


def test_keyboard_alone(house: House, waiting: Run, window: Opens) -> None:
    """From Today to a decision without a mouse: j, Enter, lines, ?, e, r and Tab."""
    page = window()
    page.goto("/runs?state=judged")
    row = page.locator("[data-row]", has=page.locator(f'a[href="/runs/{waiting.id}"]'))
    for _ in range(60):
        page.keyboard.press("j")
        if row.get_attribute("data-here") is not None:
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/runs/{waiting.id}")
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/approvals/{waiting.id}")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#reasons .reason").first).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("e")
    expect(page.locator("#f-headline")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.get_by_label("Why? It is kept")).to_be_focused()
    page.keyboard.type("a reason with j, k and e in it")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/runs/{waiting.id}")
    assert house.app.store.get(waiting.id).reason.endswith("a reason with j, k and e in it")


def test_on_a_phone(house: House, waiting: Run, window: Opens) -> None:
    """Nothing is wider than the screen, what is tapped is large enough, and reasons lie over the page until put away."""
    page = window(viewport=PHONE, has_touch=True, is_mobile=True)
    for path in ("/", "/approvals", f"/approvals/{waiting.id}", f"/runs/{waiting.id}", "/teams/harbour", "/runs", "/quality", "/costs", "/portfolio"):  # fmt: skip
        page.goto(path)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, path
        expect(page.locator(".menu [aria-current], .teams [aria-current]")).to_be_in_viewport(ratio=0.9)
    page.goto(f"/approvals/{waiting.id}")
    page.locator(".line", has_text="sandbox keys").locator("em").tap()
    expect(page.locator("#reasons")).to_contain_text("Rule")
    page.get_by_role("button", name="Close").tap()
    expect(page.locator("#reasons")).to_be_hidden()
    approve = page.get_by_role("button", name="Approve").first
    box = approve.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    approve.tap()
    page.wait_for_url(f"**/runs/{waiting.id}")
    assert state(house, waiting) is RunState.APPROVED


def test_times_are_the_readers_with_the_teams_beside_them(waiting: Run, window: Opens) -> None:
    """London reads 08:20 with Berlin's 09:20 beside it, from the second page on, and nothing moves."""
    page = window()
    page.goto("/runs")
    page.goto("/runs")
    cell = page.locator(f'a[href="/runs/{waiting.id}"]')
    expect(cell).to_have_text(re.compile(r"08:20\s+09:20 Berlin"))


def test_the_theme_changes_at_once_and_stays(waiting: Run, window: Opens) -> None:
    """The switch needs no reload, and the next page comes in the chosen light."""
    page = window(color_scheme="light")
    page.goto(f"/approvals/{waiting.id}")
    before = background(page)
    page.get_by_role("button", name=re.compile("Theme is auto")).click()
    after = background(page)
    assert after != before
    page.goto("/")
    assert background(page) == after


def background(page: Page) -> str:
    found: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return found
