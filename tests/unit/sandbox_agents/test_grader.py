"""The scripted grader: what it sees, what it misses on purpose, and how it says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from facilitator.sandbox.agents.composing import compose
from facilitator.sandbox.agents.facts import FactsFile
from facilitator.sandbox.agents.grader import Verdict, grade, read_criteria
from tests.unit.sandbox_agents.world import RUBRIC, Json

Bend = Callable[[Json], Any]


def judged(facts: Json, bend: Bend | None = None, rubric: str = RUBRIC) -> Verdict:
    """Grade a good draft after bending it."""
    draft = compose(FactsFile(facts))
    if bend is not None:
        bend(draft)
    files = {
        "/mnt/session/uploads/facts.json": json.dumps(facts).encode(),
        "/mnt/session/outputs/draft.json": json.dumps(draft).encode(),
    }
    return grade(rubric, files)


def section(draft: Json, number: int) -> list[Json]:
    items: list[Json] = draft["sections"][number]["items"]
    return items


def test_a_good_draft_is_satisfactory(facts: Json) -> None:
    """No gap, no bullet."""
    assert judged(facts) == Verdict(
        "satisfied", "3 of 3 criteria met (scripted grader, not a language model)."
    )


@pytest.mark.parametrize(
    ("bend", "complaint"),
    [
        (lambda d: d["sections"].pop(), "the sections must be"),
        (lambda d: d["sections"].reverse(), "the sections must be"),
        (lambda d: d.update(sections="none"), "not a draft/1 document"),
        (lambda d: d.update(headline=""), "the headline is empty"),
        (lambda d: d.update(headline="All is well."), "does not use sprint.verdict"),
        (lambda d: d.update(headline="{sprint.verdict} {no.fact}"), "names no.fact"),
        (lambda d: d.update(headline="{sprint.verdict} " + "word " * 30), "the headline has 32 words"),
        (lambda d: section(d, 0).pop(), "leaves out task 12"),
        (lambda d: section(d, 0).reverse(), "does not keep the order"),
        (lambda d: section(d, 0)[0]["tasks"].append("13"), "cites task 13, which is not in blocked"),
        (lambda d: section(d, 0)[0].pop("next_step"), "item 1 has no next_step"),
        (lambda d: section(d, 0)[0].update(text=" "), "item 1 has no text"),
        (lambda d: section(d, 0)[0].update(text="{no.fact}"), "names no.fact"),
        (lambda d: section(d, 0)[0].update(facts=["no.fact"]), "leans on no.fact"),
        (lambda d: section(d, 0)[0].update(text="word " * 40), "at most 30 allowed"),
        (lambda d: section(d, 2)[0]["tasks"].append("11"), "in none of moved.done, moved.in_review"),
        (lambda d: section(d, 2)[0]["tasks"].append("404"), "facts.json does not know"),
        (lambda d: section(d, 1).extend(section(d, 1) * 3), "has 4 items, 0 to 3 allowed"),
    ],
)
def test_each_gap_is_seen(facts: Json, bend: Bend, complaint: str) -> None:
    """Shape, citations, needed fields and caps."""
    verdict = judged(facts, bend)
    assert verdict.result == "needs_revision"
    assert complaint in verdict.explanation


def test_the_whole_draft_has_a_cap(facts: Json) -> None:
    """All words together are counted too."""
    facts["document"]["max_words"] = 20

    def wordy(draft: Json) -> None:
        section(draft, 0)[0]["text"] = "word " * 25

    assert "at most 20 allowed" in judged(facts, wordy).explanation


def test_a_quiet_day_has_a_headline_and_nothing_else(facts: Json) -> None:
    """Empty sections pass, an item does not."""
    facts["document"]["quiet"] = True
    assert judged(facts).result == "satisfied"
    noisy = judged(facts, lambda d: section(d, 1).append({"text": "x", "tasks": []}))
    assert "`ageing` must be empty on a quiet day" in noisy.explanation


def test_a_wrong_figure_is_not_seen(facts: Json) -> None:
    """Truth is the client's gate; this grader looks at shape and citations only."""
    assert judged(facts, lambda d: section(d, 0)[0].update(text="97 of 98 done")).result == "satisfied"


def test_a_gap_is_told_under_the_criterion_that_names_its_section(facts: Json) -> None:
    """`asks` is D9's; what no criterion names goes to the first one."""
    asks = judged(facts, lambda d: section(d, 3).append({"text": "x", "tasks": ["11"], "owner": "91"}))
    assert asks.explanation.splitlines() == [
        "2 of 3 criteria met (scripted grader, not a language model).",
        "- D9 Asks are real: `asks` item 1 has no due_on.",
    ]
    ageing = judged(facts, lambda d: section(d, 1).clear())
    assert "- D1 The headline is right: `ageing` leaves out task 13." in ageing.explanation


def test_several_gaps_of_one_criterion_share_a_bullet(facts: Json) -> None:
    """One bullet for each failed criterion."""
    verdict = judged(facts, lambda d: section(d, 0).clear())
    assert verdict.explanation.count("\n- ") == 1
    assert "leaves out task 11; `blocked` leaves out task 12" in verdict.explanation


def test_criteria_are_the_second_level_headings() -> None:
    """Marks are dropped, the body belongs to its heading, the front matter to none."""
    found = read_criteria(RUBRIC)
    assert [item.title for item in found] == [
        "D1 The headline is right",
        "D2 Blockers complete and first",
        "D9 Asks are real",
    ]
    assert "`blocked`" in found[1].body


@pytest.mark.parametrize("rubric", ["", "# Only a title", "### Too deep"])
def test_a_rubric_without_criteria_fits_nothing(facts: Json, rubric: str) -> None:
    """`failed`, not a revision: no draft could mend it."""
    assert judged(facts, rubric=rubric).result == "failed"


@pytest.mark.parametrize(
    ("draft", "complaint"), [(None, "does not exist"), (b"{", "not valid JSON"), (b"[]", "not a draft/1")]
)
def test_a_draft_that_cannot_be_read_needs_revision(facts: Json, draft: bytes | None, complaint: str) -> None:
    """Missing, broken, or something else: said plainly."""
    files = {"/mnt/session/uploads/facts.json": json.dumps(facts).encode()}
    if draft is not None:
        files["/mnt/session/outputs/draft.json"] = draft
    verdict = grade(RUBRIC, files)
    assert verdict.result == "needs_revision"
    assert complaint in verdict.explanation


@pytest.mark.parametrize(("files", "expected"), [({}, "needs_revision"), ({"a.md": b"x"}, "satisfied")])
def test_without_facts_any_deliverable_will_do(files: dict[str, bytes], expected: str) -> None:
    """There is nothing to hold it against."""
    assert (
        grade(RUBRIC, {f"/mnt/session/outputs/{name}": raw for name, raw in files.items()}).result == expected
    )


def test_a_stray_item_does_not_stop_the_grader(facts: Json) -> None:
    """Items that are no objects are passed over, and the rest is still judged."""
    verdict = judged(facts, lambda d: d["sections"][0]["items"].append("not an item"))
    assert verdict.result == "satisfied"
