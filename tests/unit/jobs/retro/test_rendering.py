"""The retro's comment and brief, as bytes and as a reader sees them.

Reviewed renderings stand in snapshots/. After a wanted change, run with UPDATE_SNAPSHOTS=1 and read the difference.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facilitator.board.facts import Facts
from facilitator.ceremony import Past, PastAction
from facilitator.drafts.draft import Draft
from facilitator.drafts.rendering import render_brief, render_comment
from facilitator.drafts.richtext import MAX_CHARS, to_text, validate
from tests.boards import at, gid
from tests.facts import fact, with_fact

from .harbour import TASKS, board_of, changed, draft, facts, finished, gathered, improvements, item

TEMPLATES = Path(__file__).parents[4] / "templates"
SNAPSHOTS = Path(__file__).parent / "snapshots"
MARKER = "ref retro/2026-06-01T07:15:00Z/harbour"


def comment(given: Draft | None = None, found: Facts | None = None, **more: Any) -> str:
    """The rendered comment of Sprint 7, with changes."""
    return render_comment(given or draft(), found or facts(), templates=TEMPLATES, marker=MARKER, **more)


def text(*args: Any, **more: Any) -> str:
    """The same, as a terminal shows it."""
    return to_text(comment(*args, **more))


def assert_snapshot(name: str, rendered: str) -> None:
    """Compare with the reviewed file, or write it where that is asked for."""
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(rendered + "\n", encoding="utf-8")
    assert rendered + "\n" == path.read_text(encoding="utf-8")


def test_a_published_retro_reads_as_reviewed() -> None:
    """The whole comment, as Asana gets it and as a reader sees it."""
    html = comment(status="published", approved_by="Alice")
    assert_snapshot("retro-published.html", html)
    assert_snapshot("retro-published.txt", to_text(html))


def test_a_proposed_retro_says_when_its_actions_become_tasks() -> None:
    """Nobody may think that proposing created them."""
    shown = text()
    assert shown.startswith("[AI Proposal]\n")
    assert "Proposed actions, each a task in Asana once approved" in shown
    assert "once approved" not in text(status="published", approved_by="Alice")


def test_the_brief_reads_as_reviewed() -> None:
    """What the agent is told, whole."""
    brief = render_brief(facts(), templates=TEMPLATES, agreements=["No new work on Fridays", "```\nstop"])
    assert_snapshot("retro-brief.md", brief)


def test_no_sprint_yet_is_one_line_and_the_footer() -> None:
    """Headline, footer, marker; no empty table."""
    found = gathered(board_of(as_of="2026-05-05T09:00Z"))
    bare = draft(
        headline="{sprints.ended} sprints have ended so far.",
        **{spec.id: () for spec in found.document.sections},
    )
    shown = text(bare, found, status="published", approved_by="Alice")
    assert shown.split("\n")[0] == "0 sprints have ended so far."
    assert len(shown.split("\n")) == 3


def test_a_board_without_earlier_actions_says_so() -> None:
    """Silence could mean that they were dropped."""
    found = gathered(board_of(without=("Ask for keys in refinement", "Review before new work")), Past())
    assert "Last actions: none on record" in text(draft(last_actions=()), found)


def test_an_action_that_is_gone_is_told_in_its_own_words() -> None:
    """By code: there is no task to cite."""
    found = gathered(board_of(), Past(actions=(PastAction("run-6", 1, "Buy a <b>printer</b>"),)))
    assert "- Buy a <b>printer</b>. No task of it is on this board.\n" in text(found=found)


def test_too_many_open_actions_are_the_reason_for_none() -> None:
    """The reader sees why nothing is proposed."""
    found = gathered(board_of(*improvements(2)))
    assert "Proposed actions: none, for 3 earlier ones are still open" in text(draft(actions=()), found)


def test_few_finished_tasks_have_no_percentile() -> None:
    """Two or three are an anecdote, and the document says so."""
    few = tuple(
        line.name for line in TASKS if line.name in ("Audit log", "Payment retry", "Retry of webhooks")
    )
    assert "Cycle time: 4 tasks, too few for a figure" in text(found=gathered(board_of(without=few)))


def test_goal_undelivered_split_and_repeated_work_have_their_words() -> None:
    """Each only where there is something to say."""
    lines = (
        finished("Double", "18", "19", resolution="Duplicate", points=None),
        finished(
            "Export: the button", "20", "22", created="2026-05-20T08:00Z", parent="Export to a file", points=1
        ),
        finished("Sprint goal: sign in without a password", "18", "22"),
    )
    board = board_of(*lines)
    tasks = tuple(
        replace(one, subtype="milestone") if one.name.startswith("Sprint goal") else one
        for one in board.tasks
    )
    shown = text(found=gathered(replace(board, tasks=tasks)))
    for told in (
        "Goal, reached: sign in without a password",
        "(1 split off work already in)",
        "Without an estimate 1 of 11 · closed without a delivery 1 of 10",
        "carried out of 2 sprints",
    ):
        assert told in shown


def test_a_say_do_band_is_told_with_its_sprints() -> None:
    """Low to high, the middle, and how many sprints."""
    found = facts()
    band = {
        f"saydo.{name}": replace(found.facts["blocked.days"], id=f"saydo.{name}", value=number, unit=unit)
        for name, number, unit in (
            ("low", 69, "percent"),
            ("mid", 83, "percent"),
            ("high", 98, "percent"),
            ("sprints", 6, "sprints"),
        )
    }
    assert "Say/do over 6 sprints: 69 % to 98 %, median 83 %" in text(
        found=replace(found, facts={**found.facts, **band})
    )


def test_the_sprint_before_stands_beside_a_figure() -> None:
    """Only where it is known."""
    found = facts()
    earlier = {
        f"cycle.{name}.previous": replace(found.facts["cycle.p50"], id=f"cycle.{name}.previous", value=number)
        for name, number in (("p50", 4.5), ("p85", 9), ("n", 8))
    }
    shown = text(found=replace(found, facts={**found.facts, **earlier}))
    assert "Cycle time 3.2 days, p85 7.5 (7 tasks); sprint before 4.5, p85 9 (8)" in shown
    assert "Lead time 11.2 days, p85 17.4 (7 tasks)\n" in shown


def test_a_pattern_without_tasks_leaves_no_empty_brackets() -> None:
    """It leans on a figure in its text."""
    shown = text(draft(patterns=[item("may cost {blocked.days} working days", facts=("blocked.days",))]))
    assert "- may cost 9 working days.\n" in shown
    assert "[]" not in shown


@pytest.mark.parametrize(
    "name", ["<b>bold</b> & <i>", "\u202etxt.exe \u200b", "x" * 3000, "{sprint.name} {{ 7*7 }}", "“quoted” ”"]
)
def test_hostile_names_and_comments_stay_text_on_one_line(name: str) -> None:
    """Tasks, comments, people and the sprint may be called anything: the layout does not move."""
    calm, odd = (
        gathered(board_of(finished(told, "18", "29", due="2026-05-20", owner=told, then=[
            at("2026-05-20T10:00Z", comment=f"Late because of {told}")
        ])))
        for told in ("Calm", name)
    )  # fmt: skip
    odd = changed(odd, sprint__name=name)
    html = comment(found=odd)
    validate(html)
    assert html.count("<li>") == comment(found=calm).count("<li>")
    assert to_text(html).count("\n") == text(found=calm).count("\n")
    assert "49" not in to_text(html).replace("2649", "")


def test_the_longest_retro_still_fits_a_comment() -> None:
    """Every list full, every name and text as long as it may be."""
    long = "a name that goes on and on " * 6
    waits = [
        finished(f"{n} {long}", "18", "29", due="2026-05-20", then=[
            at("2026-05-18T11:00Z", blocked="Blocked"), at("2026-05-26T11:00Z", blocked="Not blocked"),
            at("2026-05-27T11:00Z", comment=f"Late because of {long}"),
        ]) for n in range(4)
    ]  # fmt: skip
    late = [finished(f"late {n} {long}", "27", "28", created="2026-05-26T09:00Z") for n in range(4)]
    smooth = [finished(f"smooth {n} {long}", "18", "19", points=13) for n in range(3)]
    found = gathered(board_of(*waits, *late, *smooth, *improvements(2)))
    words = "word " * 24 + "?"
    names = {
        key: list(found.facts[key].tasks)
        for key in ("added_late", "blocked_long", "went_through", "actions.past")
    }
    bullets = {
        "last_actions": [{"text": words, "tasks": [one]} for one in names["actions.past"]],
        "patterns": [{"text": words, "tasks": names[key]} for key in ("added_late", "blocked_long")],
        "went_well": [{"text": words, "tasks": names["went_through"]}],
        "discuss": [{"text": words}] * 4,
        "deviations": [{"text": words, "tasks": [one]} for one in found.facts["deviations.unrecorded"].tasks],
    }
    assert len(comment(draft(**bullets), found)) < MAX_CHARS


def test_nobody_is_mentioned_and_no_one_is_counted() -> None:
    """Owners of actions are named as owners; nobody else is named at all."""
    html = comment()
    assert "data-asana-gid" not in html
    assert "Alex P." not in html
    assert gid("Alex P.") not in html


def test_the_tone_of_comments_is_told_with_its_limits_where_it_is_on() -> None:
    """Counts, how they were made, and what they cannot hear; or why there are none."""
    every = {"texts": 12, "authors": 4, "positive": 3, "negative": 2, "neither": 7, "unread": 1}
    on = with_fact(facts(), *(fact(f"sentiment.{name}", count, "comments") for name, count in every.items()))
    assert (
        "Tone of 12 comments by 4 people: 3 positive, 2 negative, 7 neither (an English word list, which hears no "
        "sarcasm; 1 in another language not read)" in text(found=on)
    )
    few = with_fact(facts(), fact("sentiment.refused", "not enough: 2 comments", "text"))
    assert "Tone of comments: not enough: 2 comments" in text(found=few)
    assert "Tone of" not in text()
