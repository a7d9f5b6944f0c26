"""The scripted writer against the checks a real draft must pass: the demo's comment is held to the same rules as any other.

The two share no code: the sandbox reads facts.json as published, the checks read it as the engine does.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facilitator.board.facts import Facts
from facilitator.drafts.checks import STANDUP_CHECKS, check_draft, check_shape
from facilitator.drafts.draft import parse_draft
from facilitator.sandbox.agents.composing import compose, spoiled
from facilitator.sandbox.agents.facts import FactsFile
from facilitator.sandbox.agents.grader import grade

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "rubrics" / "examples").glob("*/facts.json"))


def written(path: Path, **document: object) -> tuple[FactsFile, Facts, str]:
    """The scripted draft for these facts, with the document's form changed where a test asks for it."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["document"] |= document
    found = FactsFile(raw)
    return found, Facts.from_json(json.dumps(raw)), json.dumps(compose(found))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_a_scripted_draft_keeps_its_shape(path: Path) -> None:
    """Schema, sections, caps, citations, owners and dates: no fault in any ceremony with examples."""
    _, facts, text = written(path)
    assert [fault.line() for fault in check_shape(parse_draft(text), facts)] == []


@pytest.mark.parametrize("quiet", [False, True])
def test_a_scripted_standup_passes_every_coded_criterion(quiet: bool) -> None:
    """The criteria D1..D10 as far as code decides them, on a normal and on a quiet day."""
    _, facts, text = written(ROOT / "rubrics/examples/standup/facts.json", quiet=quiet)
    faults = check_draft(parse_draft(text), facts, further=STANDUP_CHECKS.values())
    assert [fault.line() for fault in faults] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_grader_reads_the_house_s_rubrics(path: Path) -> None:
    """Its verdicts name criteria that stand in the rubric: a good draft passes, a spoiled one does not."""
    rubric = (ROOT / "rubrics" / f"{path.parent.name}.md").read_text(encoding="utf-8")
    found, _, text = written(path)
    files = {
        "/mnt/session/uploads/facts.json": path.read_bytes(),
        "/mnt/session/outputs/draft.json": text.encode(),
    }
    assert grade(rubric, files).result == "satisfied"
    files["/mnt/session/outputs/draft.json"] = json.dumps(spoiled(json.loads(text), found)).encode()
    verdict = grade(rubric, files)
    assert verdict.result == "needs_revision"
    bullets = [line[2:].split(":")[0] for line in verdict.explanation.splitlines()[1:]]
    assert bullets
    assert all(f"## {bullet}" in rubric for bullet in bullets)
