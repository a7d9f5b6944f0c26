"""Documents that must pass or fail: rubrics/examples/portfolio_rollup against the checks, and the rubric against both."""

from pathlib import Path

import pytest

from facilitator.board.facts import Facts, SectionSpec
from facilitator.drafts import gate, tone
from facilitator.drafts.checks import check_draft
from facilitator.drafts.draft import parse_draft
from facilitator.drafts.rubric import load_rubric, unmatched
from jobs.portfolio_rollup import CEREMONY, ROLLUP_CHECKS

from .world import facts

RUBRICS = Path(__file__).parents[4] / "rubrics"
FOLDER = RUBRICS / "examples" / "portfolio_rollup"
FACTS = Facts.from_json((FOLDER / "facts.json").read_text(encoding="utf-8"))
DRAFTS = sorted(path for path in FOLDER.glob("*.json") if path.name != "facts.json")
NOW = facts()


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.stem)
def test_checks_separate_good_from_bad(path: Path) -> None:
    """A good document has no fault; a bad one fails the criterion in its name and no other."""
    kind, criterion = path.stem.split("-")[:2]
    faults = check_draft(parse_draft(path.read_bytes()), FACTS, ROLLUP_CHECKS.values())
    assert {fault.check for fault in faults} == (set() if kind == "good" else {criterion})


@pytest.mark.parametrize(
    "path", [path for path in DRAFTS if path.stem.startswith("good")], ids=lambda path: path.stem
)
def test_good_documents_pass_the_gate_and_the_linter_too(path: Path) -> None:
    """What the rubric calls good is true and fair."""
    draft = parse_draft(path.read_bytes())
    found = [*gate.check(draft, FACTS), *tone.check(draft, FACTS.people.values())]
    assert [fault.line() for fault in found] == []


def test_every_criterion_has_a_bad_example() -> None:
    """A check that never failed a document has shown nothing; all ten are decided in code, at least in part."""
    assert {path.stem.split("-")[1] for path in DRAFTS if path.stem.startswith("bad")} == set(ROLLUP_CHECKS)


def test_the_rubric_and_the_checks_fit() -> None:
    """P1 to P10, each with a check of its id."""
    rubric = load_rubric(RUBRICS / "portfolio_rollup.md")
    assert [criterion.id for criterion in rubric.criteria] == [f"P{number}" for number in range(1, 11)]
    assert unmatched(rubric, CEREMONY.checks) == []


def test_the_examples_have_the_form_that_gather_asks_for() -> None:
    """Examples of a document nobody asks for any more would teach nothing."""
    assert FACTS == NOW


@pytest.mark.parametrize("spec", NOW.document.sections, ids=lambda spec: spec.id)
def test_the_rubric_speaks_of_each_section(spec: SectionSpec) -> None:
    """Section ids stand in backticks, as in the draft."""
    assert f"`{spec.id}`" in load_rubric(RUBRICS / "portfolio_rollup.md").text
