"""The code half of the weekly rubric: what each check sees, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facilitator.board.facts import Facts
from facilitator.drafts import gate, tone
from facilitator.drafts.checks import Check, check_draft
from facilitator.drafts.draft import Draft, parse_draft
from facilitator.drafts.reporting import (
    nothing_idle,
    one_sentence,
    rests_on_something,
    section_cites,
    status_by_rule,
    tells_change,
    whole_range,
)
from facilitator.drafts.rubric import checks_for, load_rubric
from facilitator.drafts.versions import read_lock, version_faults
from jobs.weekly_status import WEEKLY_CHECKS
from tests.boards import gid
from tests.facts import with_fact, with_task

from .world import draft, item, normal

ROOT = Path(__file__).parents[4]
FOLDER = ROOT / "rubrics" / "examples" / "weekly_status"
EXAMPLE = Facts.from_json((FOLDER / "facts.json").read_text(encoding="utf-8"))
DRAFTS = sorted(path for path in FOLDER.glob("*.json") if path.name != "facts.json")
FACTS = normal()


def messages(check: Check, given: Draft, facts: Facts = FACTS) -> list[str]:
    return [fault.message for fault in check(given, facts)]


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.stem)
def test_checks_separate_good_from_bad(path: Path) -> None:
    """A good document has no fault; a bad one fails the criterion in its name and no other."""
    kind, criterion = path.stem.split("-")[:2]
    faults = check_draft(parse_draft(path.read_bytes()), EXAMPLE, WEEKLY_CHECKS.values())
    assert {fault.check for fault in faults} == (set() if kind == "good" else {criterion})


@pytest.mark.parametrize(
    "path", [path for path in DRAFTS if path.stem.startswith("good")], ids=lambda path: path.stem
)
def test_good_documents_pass_gate_and_linter(path: Path) -> None:
    """A document is not good because one half of the code says so."""
    given = parse_draft(path.read_bytes())
    found = [*gate.check(given, EXAMPLE), *tone.check(given, EXAMPLE.people.values())]
    assert [fault.line() for fault in found] == []


def test_every_criterion_decided_in_code_has_a_bad_example() -> None:
    """A check that never failed a document has shown nothing."""
    assert {path.stem.split("-")[1] for path in DRAFTS if path.stem.startswith("bad")} == set(WEEKLY_CHECKS)
    assert len([path for path in DRAFTS if path.stem.startswith("good")]) >= 2


def test_rubric_and_checks_fit_and_the_version_is_locked() -> None:
    """Every criterion marked code has a check of its id, and the file is the one given out."""
    rubric = load_rubric(ROOT / "rubrics" / "weekly_status.md")
    assert [criterion.id for criterion in rubric.criteria] == [f"W{n}" for n in range(1, 11)]
    assert len(checks_for(rubric, WEEKLY_CHECKS)) == 10
    assert not version_faults([rubric], read_lock(ROOT / "rubrics" / "VERSIONS.lock"))


def test_the_examples_have_the_form_that_is_gathered() -> None:
    """Otherwise they would prove something about a document nobody writes."""
    assert EXAMPLE.document == FACTS.document


@pytest.mark.parametrize(
    ("headline", "ends"),
    [
        ("{status.colour}: {sprint.name} is half done.", 0),
        ("{status.colour}: 1.5 points a day, is that enough?", 0),
        ("{status.colour}. Half is done", 1),
        ("Half is done? {status.colour}!", 1),
        ("{status.colour} … and more", 1),
    ],
)
def test_a_headline_is_one_sentence(headline: str, ends: int) -> None:
    """A mark inside ends it; a mark at the end, or in a number, does not."""
    assert len(messages(one_sentence, draft(headline))) == ends


def test_a_figures_own_full_stop_ends_no_sentence() -> None:
    """A sprint may be called `No. 7`."""
    facts = with_fact(FACTS, replace(FACTS.facts["sprint.name"], value="No. 7"))
    assert messages(one_sentence, draft("{sprint.name} is {status.colour}"), facts) == []


def test_the_change_is_last_weeks_status_or_figure() -> None:
    """The nearest fact and its value are named; a quiet week needs none."""
    [fault] = tells_change()(draft("{status.colour}: {throughput} done"), FACTS)
    assert (fault.fact, fault.right) == ("points.last_week", "24")
    assert messages(tells_change(), draft("{status.colour}, {status.last} last week")) == []
    assert messages(tells_change(), draft("{status.colour}, {wip.last_week} then")) == []
    quiet = replace(FACTS, document=replace(FACTS.document, quiet=True))
    assert messages(tells_change(), draft("{status.colour}"), quiet) == []


def test_without_any_figure_of_last_week_the_status_is_asked_for() -> None:
    """Nothing to suggest is still a fault."""
    bare = replace(FACTS, facts={})
    [fault] = tells_change()(draft("{throughput}"), bare)
    assert (fault.fact, fault.right) == ("status.last", "")


@pytest.mark.parametrize(
    ("headline", "told"),
    [
        ("{status.colour}: all quiet", []),
        ("all quiet", ["tells the status 0 times; use {status.colour} once"]),
        ("{status.colour}, amber", ["types the status 'amber'; only {status.colour} may tell it"]),
        ("{status.colour}, at-risk", ["types the status 'at-risk'; only {status.colour} may tell it"]),
        ("{status.colour}, greenhouse and redis are up", []),
    ],
)
def test_only_the_rule_tells_the_status(headline: str, told: list[str]) -> None:
    """W2: a typed colour is a chosen one; a word that only holds one is a word."""
    assert messages(status_by_rule(), draft(headline)) == told


@pytest.mark.parametrize(
    ("kind", "text", "claim"),
    [
        ("at_risk", "the launch is on track", "on track"),
        ("at_risk", "the launch is off-track", "off-track"),
        ("at_risk", "the launch date is at risk", ""),
        ("at_risk", "a smaller scope brings it back on track", ""),
        ("on_track", "the launch is on track", ""),
        ("off_track", "it is not on track", ""),
        ("on_track", "the launch is off track", "off track"),
    ],
)
def test_no_item_speaks_against_the_status(kind: str, text: str, claim: str) -> None:
    """Saying how to get back on track is not saying that it is."""
    facts = with_fact(FACTS, replace(FACTS.facts["status.type"], value=kind))
    given = draft("{status.colour}", risks=[item("late", next_step=text)])
    assert [fault.claim for fault in status_by_rule()(given, facts)] == ([claim] if claim else [])


def test_facts_without_a_status_contradict_nothing() -> None:
    """Another ceremony may have none."""
    given = draft("{status.colour}", risks=[item("on track")])
    assert messages(status_by_rule(), given, replace(FACTS, facts={})) == []


def test_a_range_is_told_whole() -> None:
    """W7, in any passage; the missing end is named with its value."""
    ends = whole_range("forecast.p50", "forecast.p85")
    given = draft("{forecast.p50} to {forecast.p85}", risks=[item("until {forecast.p85}", next_step="none")])
    [fault] = ends(given, FACTS)
    assert (fault.where, fault.fact, fault.right) == ("risks[0].text", "forecast.p50", "Mon 22 Jun")


@pytest.mark.parametrize(
    ("days", "sections", "faults"), [(7, "next", 1), (6, "next", 0), (30, "promises", 0)]
)
def test_what_lay_still_is_told_as_a_promise_only(days: int, sections: str, faults: int) -> None:
    """W6, and the exception W8 makes."""
    facts = with_task(FACTS, gid("Search index"), figures={"idle_days": days})
    given = draft("{status.colour}", **{sections: [item("finish it", "Search index", "unknown")]})
    assert len(messages(nothing_idle(days=7, besides=("promises",)), given, facts)) == faults


def test_a_risk_rests_on_a_task_or_a_fact() -> None:
    """W4: neither is an opinion."""
    given: Sequence[dict[str, Any]] = [
        item("a"),
        item("b", "Payment retry"),
        item("c", facts=["forecast.p85"]),
    ]
    assert [fault.where for fault in rests_on_something("risks")(draft(risks=given), FACTS)] == ["risks[0]"]


def test_another_sections_citations_are_not_this_criterions() -> None:
    """Each criterion tells the faults of its own section."""
    given = draft(risks=[item("a", "Audit log")], next=[item("b", "Audit log")])
    assert [fault.where for fault in section_cites("next")(given, FACTS)] == ["next[0].tasks"]
