"""What slips because something else is late: once, along the longest path, told by code under the risks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from facilitator.board.facts import Facts
from facilitator.drafts.rendering import render_comment
from facilitator.drafts.richtext import to_text
from facilitator.drafts.tracing import blocks, traced
from tests.boards import TaskLine, at, gid, task

from .test_weekly_rendering import TEMPLATES
from .world import S24, draft, weekly

QUIET = draft(accomplished=[], risks=[], next=[])
LATE: dict[str, Any] = {"owner": "Alex P.", "due": "2026-06-09", "section": "In progress", **S24}
"""Due on Tuesday, read on Friday: three working days late."""


def waiting(name: str, *blockers: str, touched: bool = True, **more: Any) -> TaskLine:
    """A task of the sprint that waits, by default touched this week."""
    said = [at("2026-06-11T09:00Z", by="Alex P.", comment="Looked at it.")] if touched else []
    return task(name, waits_for=blockers, then=said, **S24, **more)


def slipping(facts: Facts) -> dict[str, float]:
    return {
        facts.tasks[key].name: facts.tasks[key].figures["slip_working_days"]
        for key in facts.facts["slips"].tasks
    }


def said(facts: Facts) -> list[str]:
    shown = render_comment(
        QUIET, facts, templates=TEMPLATES, marker="ref", status="published", approved_by="Alice"
    )
    return [line for line in to_text(shown).splitlines() if line.startswith("Slip")]


def diamond() -> Facts:
    """Refund waits for two that both wait for Lane metres, which is late; one of them is later still by itself."""
    return weekly(
        task("Lane metres", **LATE),
        waiting("Certificate", "Lane metres"),
        waiting("Export", "Lane metres", due="2026-06-05"),
        waiting("Refund", "Certificate", "Export"),
    )


def test_a_diamond_slips_once_along_its_longest_path() -> None:
    """Export's own five days reach Refund, not eight or three; Export does not slip through another."""
    facts = diamond()
    assert slipping(facts) == {"Refund": 5, "Certificate": 3}
    assert facts.facts["slips"].value == 2


def test_the_document_says_what_slips_how_far_and_through_what() -> None:
    """Written by code alone: the draft has no word of it."""
    (line,) = said(diamond())
    assert line == (
        "Slipping with what they wait for, 2 tasks: Refund by 5 working days (Export is 5 working days late), "
        "Certificate by 3 working days (Lane metres is 3 working days late)."
    )


def test_days_between_due_date_and_start_date_are_slack() -> None:
    """Due on Tuesday, next starts on Friday: Wednesday and Thursday are free."""
    line = waiting("Refund", "Lane metres")
    starts = replace(line, more=line.more | {"start_on": date(2026, 6, 12)})
    found = weekly(task("Lane metres", **LATE), starts)
    assert slipping(found) == {"Refund": 1}


def test_a_ring_is_told_and_not_followed() -> None:
    """Each of the two slips once, and the footer says what was not followed."""
    found = weekly(task("Lane metres", waits_for=("Refund",), **LATE), waiting("Refund", "Lane metres"))
    told = "1 ring of tasks that wait for each other: no delay is followed around it"
    assert told in found.coverage.blind_spots


def test_only_a_few_are_named_and_the_rest_counted() -> None:
    """Untouched work is counted and never named, as everywhere in this document."""
    names = [f"Step {n}" for n in range(5)]
    found = weekly(
        task("Lane metres", **LATE),
        *(waiting(name, "Lane metres") for name in names),
        waiting("Forgotten", "Lane metres", touched=False),
    )
    assert (len(slipping(found)), found.facts["slips"].value) == (3, 6)
    assert gid("Forgotten") not in found.facts["slips"].tasks
    assert said(found)[0].endswith(", and 3 more.")


def test_untouched_work_alone_is_only_counted() -> None:
    """No name, one number."""
    found = weekly(
        task("Lane metres", **LATE), waiting("Forgotten", "Lane metres", touched=False), waiting("Other work")
    )
    assert said(found) == [
        "Slipping with what they wait for, with no activity in 7 days: 1 task; not listed."
    ]


def test_nothing_is_said_where_nothing_waits() -> None:
    """Late tasks alone are no cascade, and a blocker in time delays nobody."""
    alone = weekly(task("Lane metres", **LATE), waiting("Refund"))
    in_time = weekly(task("Lane metres", **LATE | {"due": "2026-06-15"}), waiting("Refund", "Lane metres"))
    assert "slips" not in alone.facts
    assert "slips" not in in_time.facts
    assert said(alone) == said(in_time) == []


def test_the_line_explains_itself() -> None:
    """The fact, for its rule, and each task it names answer to `explain`."""
    more: dict[str, Any] = {
        "templates": TEMPLATES,
        "marker": "ref",
        "status": "published",
        "approved_by": "Alice",
    }
    plain, marked = (
        render_comment(QUIET, diamond(), **more),
        render_comment(QUIET, diamond(), lens=traced, **more),
    )
    (line,) = (
        line for block in blocks(plain, marked) for line in block.lines if line.html.startswith("Slipping")
    )
    assert set(line.what) == {"slips", *diamond().facts["slips"].tasks}
