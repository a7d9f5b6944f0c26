"""Boards of real teams and of the built-in world, written up by the local sandbox's scripted writer.

Its drafts need no mending: what `gather` asks for can be written from what it gives.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.window import Window
from facilitator.ceremony import Past, PastDocument, TeamContext
from facilitator.drafts import gate, tone
from facilitator.drafts.checks import check_draft
from facilitator.drafts.draft import Draft, parse_draft
from facilitator.drafts.rendering import render_comment
from facilitator.sandbox.agents.composing import compose
from facilitator.sandbox.agents.facts import FactsFile
from facilitator.sandbox.generated import generate_world
from jobs.weekly_status import WEEKLY_CHECKS, gather
from tests.boards import rules
from tests.packs import load_pack, packs

from .world import history, lines, normal, sprints, weekly

TEMPLATES = Path(__file__).parents[4] / "templates"
WEEK = timedelta(days=7)
ABSENT = pytest.param(
    Path("none"), marks=pytest.mark.skip("no packs in ../shared/data; set PACKS_DIR to try real boards")
)


def written(facts: Facts) -> Draft:
    read = FactsFile.read(facts.to_json())
    assert read is not None
    return parse_draft(json.dumps(compose(read)))


def two_weeks(board: Snapshot) -> tuple[Facts, Facts]:
    """Last week's facts, written up, and this week's, which answer for them."""
    context = TeamContext("Harbour", rules("Europe/Berlin"))
    end, before = board.as_of, board.as_of - WEEK
    first = gather(replace(board, as_of=before), Window(before - WEEK, before), context)
    past = Past(documents=(PastDocument("run-1", before, first, written(first)),))
    return first, gather(board, Window(before, end), replace(context, past=past))


def assert_writable(facts: Facts) -> None:
    """The scripted draft passes every check, the fact gate and the tone linter, and renders."""
    given = written(facts)
    faults = check_draft(given, facts, WEEKLY_CHECKS.values(), gate=gate.check, tone=tone.check)
    assert [fault.line() for fault in faults] == []
    assert render_comment(given, facts, templates=TEMPLATES, marker="ref weekly_status/x/harbour")


def test_the_built_in_world_can_be_written_up(tmp_path: Path) -> None:
    """Two weeks in a row, the second one answering for the first."""
    path = tmp_path / "world.json"
    path.write_text(json.dumps(generate_world(7)))
    first, second = two_weeks(load_pack(path))
    assert_writable(first)
    assert_writable(second)
    assert second.facts["promises"].value
    assert len(second.to_json()) <= 16_500


@pytest.mark.parametrize("pack", packs() or [ABSENT], ids=lambda path: path.stem)
def test_real_boards_can_be_written_up(pack: Path) -> None:
    """Five teams' trackers, two weeks each, within the size of facts."""
    for facts in two_weeks(load_pack(pack)):
        assert_writable(facts)
        assert len(facts.to_json()) <= 16_500


@pytest.mark.parametrize(
    "facts",
    [normal(), weekly(*lines()), weekly(*sprints()), weekly(*sprints(), *history())],
    ids=["normal", "first week", "empty board", "little to tell"],
)
def test_odd_weeks_can_be_written_up(facts: Facts) -> None:
    """Whatever there is to tell, the form asks for no more than that."""
    assert_writable(facts)
