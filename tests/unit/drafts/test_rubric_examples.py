"""Documents that must pass or fail: rubrics/examples/ against the checks in code.

A file's name says what it is: `good-...` passes every check, `bad-D2-...` fails exactly that criterion.
"""

from pathlib import Path

import pytest

from facilitator.board.facts import Facts
from facilitator.drafts.checks import STANDUP_CHECKS, check_draft
from facilitator.drafts.draft import parse_draft
from tests.facts import harbour

FOLDER = Path(__file__).parents[3] / "rubrics" / "examples" / "standup"
FACTS = Facts.from_json((FOLDER / "facts.json").read_text(encoding="utf-8"))
DRAFTS = sorted(path for path in FOLDER.glob("*.json") if path.name != "facts.json")


@pytest.mark.parametrize("path", DRAFTS, ids=lambda path: path.stem)
def test_checks_separate_good_from_bad(path: Path) -> None:
    """A good document has no fault; a bad one fails the criterion in its name and no other."""
    kind, criterion = path.stem.split("-")[:2]
    faults = check_draft(parse_draft(path.read_bytes()), FACTS, STANDUP_CHECKS.values())
    assert {fault.check for fault in faults} == (set() if kind == "good" else {criterion})


def test_every_criterion_decided_in_code_has_a_bad_example() -> None:
    """A check that never failed a document has shown nothing."""
    assert {path.stem.split("-")[1] for path in DRAFTS if path.stem.startswith("bad")} == set(STANDUP_CHECKS)


def test_the_examples_speak_of_the_facts_tests_use() -> None:
    """One made-up team for tests and examples."""
    assert harbour().to_json() == FACTS.to_json()
