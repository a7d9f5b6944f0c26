"""axe-core finds nothing wrong on any page, in either light."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from facilitator.runs.run import RunState
from tests.browser.conftest import Opens
from tests.integration.web.house import NOW, House

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def pages(served_house: object) -> list[str]:
    """Every kind of page, with something on each."""
    house: House = served_house.house  # type: ignore[attr-defined]
    day = timedelta(days=1)
    for number, state in enumerate((RunState.WRITTEN, RunState.REJECTED, RunState.FAILED, RunState.EXPIRED)):
        house.run(state, end=NOW - (number + 2) * day)
    before, work = (
        house.run(RunState.WRITTEN, end=NOW - 6 * day),
        house.run(RunState.SUBMITTED, end=NOW - day / 2),
    )
    weekly = house.run(ceremony="weekly_status")
    draft = house.proposing(house.run())
    return [
        "/", "/approvals", f"/approvals/{draft.id}", f"/approvals/{weekly.id}", f"/runs/{before.id}", f"/runs/{work.id}",
        f"/runs/{draft.id}/explain?what=headline&what=blocked[0]", "/teams/harbour", "/runs", "/runs?state=skipped",
        "/quality", "/costs", "/portfolio", "/nothing-here", "/signin?token=old",
    ]  # fmt: skip


@pytest.mark.parametrize("light", ["light", "dark"])
def test_no_page_has_a_violation(pages: list[str], window: Opens, axe: str, light: str) -> None:
    """WCAG 2.2 AA and axe's best practices, with every panel of a decision open."""
    page = window(color_scheme=light, bypass_csp=True, expected="status of 404")
    found = {}
    for path in pages:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        if violations := _violations(page, axe):
            found[path] = violations
    assert found == {}


def test_an_admin_pauses_by_keyboard_on_a_phone(pages: list[str], window: Opens, axe: str) -> None:
    """The form and what it leads to have no violation and nothing wider than the screen; the team goes on again."""
    page = window("Carol", bypass_csp=True, viewport={"width": 375, "height": 740})
    page.goto("/teams/harbour")
    page.locator("summary", has_text="Pause").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Why; skipped windows show it").focus()
    assert _violations(page, axe) == []
    page.keyboard.type("offsite")
    page.keyboard.press("Enter")
    resume = page.get_by_role("button", name="Resume")
    resume.wait_for()
    assert _violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    resume.press("Enter")
    page.get_by_text("Nothing is paused.").wait_for()


def _violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    told: list[str] = page.evaluate(
        """async (rules) => {
          const found = await axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
          return found.violations.map((each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map((node) => node.target + " " + node.failureSummary.split("\\n").slice(1, 2)).join(" | ")}`);
        }""",
        RULES,
    )
    return told
