"""The weekly status as Asana shows it, and the brief it is written from.

Reviewed renderings stand in snapshots/. After a wanted change, run with UPDATE_SNAPSHOTS=1 and read the difference.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facilitator.board.facts import Facts
from facilitator.drafts.draft import Draft, parse_draft
from facilitator.drafts.rendering import render_brief, render_comment
from facilitator.drafts.richtext import to_text
from tests.boards import gid
from tests.facts import with_fact, with_task

from .test_weekly_gather import HOSTILE
from .world import (
    draft,
    finished,
    history,
    item,
    last_week,
    lines,
    normal,
    sprints,
    troubled,
    under_way,
    weekly,
)

ROOT = Path(__file__).parents[4]
TEMPLATES = ROOT / "templates"
SNAPSHOTS = Path(__file__).parent / "snapshots"
GOOD = parse_draft((ROOT / "rubrics" / "examples" / "weekly_status" / "good-normal.json").read_bytes())
MARKER = "ref weekly_status/2026-06-12T13:00:00Z/harbour"


def html(given: Draft = GOOD, facts: Facts | None = None, **more: Any) -> str:
    more = {"status": "published", "approved_by": "Alice"} | more
    return render_comment(given, facts or normal(), templates=TEMPLATES, marker=MARKER, **more)


def text(given: Draft = GOOD, facts: Facts | None = None, **more: Any) -> str:
    return to_text(html(given, facts, **more))


def assert_snapshot(name: str, rendered: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(rendered + "\n", encoding="utf-8")
    assert rendered + "\n" == path.read_text(encoding="utf-8")


def test_a_published_status_reads_as_reviewed() -> None:
    """The whole comment, as Asana gets it and as a reader sees it."""
    assert_snapshot("weekly-published.html", html())
    assert_snapshot("weekly-published.txt", text())


def test_a_proposal_with_an_override_shows_the_reason() -> None:
    """The approver's word stands in the document (W2)."""
    note = "Colour set to Off Track by Alice: the vendor has gone silent"
    shown = text(status="draft", approved_by=None, note=note)
    assert shown.startswith("[AI Proposal]\n🟡 Week to Fri 12 Jun")
    assert f"Note: {note}.\n" in shown
    assert "AI draft, not approved yet" in shown


def test_a_red_week_reads_as_reviewed() -> None:
    """Last day of the sprint, and nobody touched a thing: a red sign, the red rules, no name."""
    facts = weekly(*lines(), as_of="2026-06-19T13:00Z", past=last_week())
    given = draft("{status.colour}: {sprint.done_points} of {sprint.planned_points} points done, {points.last_week} last week.",
                  accomplished=[], risks=[], next=[item("close the sprint", owner="team", due_on="2026-06-22")])  # fmt: skip
    shown = text(given, facts)
    assert_snapshot("weekly-red.txt", shown)
    assert shown.startswith("🔴 ")


def test_the_first_week_reads_as_reviewed() -> None:
    """No last status, no promises; everything else is there."""
    facts = weekly(*sprints(), *history(), *finished())
    given = draft("{status.colour}: {throughput} tasks done, {throughput.last_week} last week.",
                  accomplished=[item("people can take their data out", "Export to a file"), item("support sees who changed what", "Audit log")],
                  risks=[], next=[item("plan the next step", owner="team", due_on="2026-06-15")])  # fmt: skip
    assert_snapshot("weekly-first.txt", text(given, facts))


def test_a_quiet_week_is_its_sign_and_one_line() -> None:
    """Sign, headline, footer, marker."""
    facts = replace(normal(), document=replace(normal().document, quiet=True))
    shown = text(draft("{status.colour}, {status.last} last week."), facts)
    assert [line.split(" ")[0] for line in shown.split("\n")] == ["🟡", "At", "As", "ref"]


def test_the_sign_is_the_only_emoji() -> None:
    """One sign, by the status type."""
    for kind, sign in (("on_track", "🟢"), ("at_risk", "🟡"), ("off_track", "🔴")):
        facts = with_fact(normal(), replace(normal().facts["status.type"], value=kind))
        assert [letter for letter in text(facts=facts) if ord(letter) > 0x2FFF] == [sign]


@pytest.mark.parametrize(
    "told",
    [
        "Done: 4 tasks (last week 12), 11 points (last week 24)",
        "In progress: 4 (last week 4)",
        "Blocked: 1 (last week 0), overdue: 2 (last week 1)",
        "Scope: 0 added, 1 removed since the sprint began with 11 tasks",
        "Forecast: 6 open tasks done between Mon 22 Jun and Fri 26 Jun (p50, p85); sprint ends Fri 19 Jun",
        "Import job: from Thu 11 Jun to Thu 18 Jun; see its comment of that day",
        "Dark theme: from Fri 12 Jun to Wed 17 Jun; reason not recorded",
        "1 overdue task had no activity in 7 days; not listed.",
        "Payment retry (blocked 3 working days, overdue 2 days, owner Mara K.): ",
        "Renew the certificate (no owner): ",
        "Last week's promises (1 of 5 done)",
        "Not done and in trouble: Payment retry",
        "Dropped: New logo",
        "No longer on the board: 1",
        "Why: the careful forecast (p85), Fri 26 Jun, passes the deadline, Fri 19 Jun.",
    ],
)
def test_code_tells_what_code_knows(told: str) -> None:
    """None of this is in the draft; all of it is in the comment."""
    assert told in text()


def test_no_more_than_five_figures_are_shown() -> None:
    """W7: three to five lines, each with what it is compared with."""
    numbers = text().split("\nNumbers\n")[1].split("\n\n")[0].split("\n")
    assert 3 <= len(numbers) <= 5


def test_a_normal_week_is_read_in_a_minute_or_little_more() -> None:
    """What the writer and code say of the week itself; moved dates and last week's promises come on top."""
    body = text().split("\nDates moved")[0]
    assert len([word for word in body.split() if any(letter.isalnum() for letter in word)]) <= 280


def test_a_proposal_is_marked_as_one() -> None:
    """A next step without a task is nobody's yet."""
    given = draft("{status.colour}", accomplished=[], risks=[], promises=[], next=[
        item("agree who tests", owner="team", due_on="2026-06-17"),
        item("finish the review", "Search index", owner=gid("Juno S."), due_on="2026-06-16"),
    ])  # fmt: skip
    shown = text(given)
    assert "- Proposed: agree who tests (team, by Wed 17 Jun).\n" in shown
    assert "- Search index: finish the review (Juno S., by Tue 16 Jun).\n" in shown


def test_a_week_with_little_to_show_says_so() -> None:
    """W3: fewer only if fewer exist, said so."""
    one = draft(
        "{status.colour}", accomplished=[item("data can be taken out", "Export to a file")], risks=[], next=[]
    )
    assert "Accomplished (4 tasks done this week), nothing more to show\n" in text(one)
    assert "Accomplished (4 tasks done this week): nothing to show\n" in text(
        draft(accomplished=[], risks=[], next=[])
    )


def test_no_risk_is_told_by_the_colour() -> None:
    """On a green week there is none; on another the rule has no single task."""
    none = draft(accomplished=[], risks=[], next=[])
    assert "Risks and blockers: no single task stands out\n" in text(none)
    green = with_fact(normal(), replace(normal().facts["status.type"], value="on_track"))
    assert "Risks and blockers: none\n" in text(none, green)


def test_a_risk_of_the_plan_says_why_it_is_one() -> None:
    """Neither blocked nor overdue: the reason is told instead of days."""
    facts = with_task(
        normal(), gid("Payment retry"), figures={}, notes={"risk": "not started while the plan is late"}
    )
    assert "Payment retry (not started while the plan is late, owner Mara K.): " in text(facts=facts)


def test_an_old_promise_shows_how_long_it_lay_still() -> None:
    """Named although nobody touched it, and that is said."""
    facts = with_task(normal(), gid("Import job"), figures={"idle_days": 9}, owner=None)
    assert "Not done: Import job (untouched for 9 days, no owner): " in text(facts=facts)


def test_what_is_cut_is_counted() -> None:
    """Promises and moved dates beyond the lists."""
    base = normal().facts
    facts = with_fact(
        normal(),
        replace(base["promises.done"], value=3, omitted=2),
        replace(base["promises.open"], value=4, omitted=3),
        replace(base["date_moves"], value=7),
    )
    shown = text(facts=facts)
    assert "- Done: Export to a file and 2 more\n" in shown
    assert "- Not done: 3 more\n" in shown
    assert "Dates moved (2 of 7)\n" in shown


def test_hostile_names_are_shown_and_do_nothing() -> None:
    """Markup, turned text and orders in a title stay its letters; no address becomes a link."""
    wild = replace(troubled()[0], name=HOSTILE)
    facts = weekly(*sprints(), *history(), *finished(), wild, *under_way(), past=last_week(), team=HOSTILE)
    given = draft(
        "{status.colour}",
        accomplished=[],
        risks=[item("may be late", HOSTILE, next_step="ask", owner="team")],
        next=[],
    )
    shown = html(given, facts)
    assert "&lt;b&gt;Login&lt;/b&gt; &amp; " in shown
    assert 'href="https://evil' not in shown
    assert "\u202e" not in shown


def test_a_task_on_a_foreign_host_is_named_and_not_linked() -> None:
    """Also where code lists it."""
    facts = with_task(normal(), gid("New logo"), url="https://evil.example/logo")
    assert "Dropped: New logo" in text(facts=facts)
    assert "evil.example" not in html(facts=facts)


def test_the_brief_reads_as_reviewed() -> None:
    """What the agent is told, whole."""
    brief = render_brief(
        normal(), templates=TEMPLATES, title="Weekly status", agreements=["Reviews before new work"]
    )
    assert_snapshot("weekly-brief.md", brief)
    assert "`promises`" not in render_brief(weekly(*lines()), templates=TEMPLATES)
