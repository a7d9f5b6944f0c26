"""The retro on the built-in world: facts that a scripted writer turns into a draft every check accepts."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from facilitator.board.building import MAX_CHARS
from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.window import Window
from facilitator.ceremony import TeamContext
from facilitator.drafts import gate, tone
from facilitator.drafts.checks import check_draft
from facilitator.drafts.draft import Draft
from facilitator.drafts.rendering import render_comment
from facilitator.drafts.richtext import to_text
from facilitator.sandbox.agents.composing import compose
from facilitator.sandbox.agents.facts import FactsFile
from facilitator.sandbox.generated import generate_world
from jobs.retro import CEREMONY, RETRO_CHECKS
from tests.boards import rules
from tests.packs import load_pack

from .harbour import board_of

TEMPLATES = Path(__file__).parents[4] / "templates"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The built-in world as a Snapshot."""
    path = tmp_path_factory.mktemp("world") / "world.json"
    path.write_text(json.dumps(generate_world(7)))
    return load_pack(path)


def retro_of(snapshot: Snapshot, read: BoardRules | None = None) -> Facts:
    """Its retro's facts, in Berlin."""
    window = Window(snapshot.as_of - timedelta(days=14), snapshot.as_of)
    return CEREMONY.gather(snapshot, window, TeamContext("Harbour", read or rules("Europe/Berlin")))


def written(facts: Facts) -> Draft:
    """What the scripted writer makes of the facts."""
    found = FactsFile.read(facts.to_json())
    assert found is not None
    raw: Any = compose(found)
    return Draft.model_validate(raw)


def test_the_built_in_worlds_retro_tells_its_story(world: Snapshot) -> None:
    """The vendor's wait, its recorded cause, the reopened task, the work that came late, and the open action."""
    facts = retro_of(world)
    shown = {
        key: [facts.tasks[gid].name for gid in fact.tasks if gid in facts.tasks]
        for key, fact in facts.facts.items()
    }
    assert facts.facts["sprint.name"].value == "Sprint 23"
    assert "Live position of the ship on the delay page" in shown["blocked_long"]
    assert "Live position of the ship on the delay page" in shown["deviations.recorded"]
    assert shown["reopened"] == ["Send the boarding reminder two hours before departure"]
    assert shown["actions.past"] == ["Ask for keys, devices and accounts in refinement, before planning"]
    assert facts.facts["saydo.sprints"].value == 6
    assert len(facts.to_json()) <= MAX_CHARS


def test_a_scripted_draft_passes_every_check_the_gate_and_the_linter(world: Snapshot) -> None:
    """The form asked for can be met, by a writer that has nothing but the facts."""
    facts = retro_of(world)
    draft = written(facts)
    assert check_draft(draft, facts, RETRO_CHECKS.values(), gate.check, tone.check) == []
    assert all(section.items for section in draft.sections)


def test_the_document_reads_in_about_450_words(world: Snapshot) -> None:
    """Writer's words and code's together, without links' names, definitions and footer."""
    facts = retro_of(world)
    draft = written(facts)
    html = render_comment(draft, facts, templates=TEMPLATES, marker="ref retro/x/harbour", status="published")
    body = to_text(html).split("\nCycle time: begun")[0]
    for task in facts.tasks.values():
        body = body.replace(task.name, "")
    assert sum(any(letter.isalnum() for letter in word) for word in body.split()) <= 450


def test_a_scripted_draft_passes_where_nothing_has_ended() -> None:
    """One line, no sections."""
    facts = retro_of(board_of(as_of="2026-05-05T09:00Z"))
    draft = written(facts)
    assert check_draft(draft, facts, RETRO_CHECKS.values()) == []
    assert not any(section.items for section in draft.sections)


@pytest.mark.parametrize("weeks", [3, 5, 7, 9])
def test_retros_of_earlier_sprints_pass_too(world: Snapshot, weeks: int) -> None:
    """With fewer sprints behind them, with and without a band of say/do."""
    cut = world.as_of - timedelta(weeks=weeks)
    facts = retro_of(_seen_at(world, cut))
    assert check_draft(written(facts), facts, RETRO_CHECKS.values(), gate.check, tone.check) == []


def _seen_at(world: Snapshot, cut: Any) -> Snapshot:
    """The world as of an earlier instant: later tasks are not there yet; replay leaves out later stories."""
    from dataclasses import replace

    return replace(world, as_of=cut, tasks=tuple(task for task in world.tasks if task.created_at <= cut))


def test_the_charts_are_pictures_of_the_same_sprint(world: Snapshot) -> None:
    """Burndown, velocity and cycle times, each as PNG and SVG; none where no sprint has ended."""
    context = TeamContext("Harbour", rules("Europe/Berlin"))
    window = Window(world.as_of - timedelta(days=14), world.as_of)
    charts = CEREMONY.charts(world, window, context)
    assert [chart.name for chart in charts] == ["burndown", "velocity", "cycle-times"]
    assert charts[0].title == "Harbour: burndown of Sprint 23"
    assert all(chart.png.startswith(b"\x89PNG") and b"<svg" in chart.svg for chart in charts)
    early = board_of(as_of="2026-05-05T09:00Z")
    assert CEREMONY.charts(early, Window(early.as_of - timedelta(days=14), early.as_of), context) == ()


def test_the_ceremony_is_held_at_a_sprints_end_and_proposes_tasks() -> None:
    """What the engine needs to know of it."""
    assert (CEREMONY.name, CEREMONY.title, CEREMONY.actions) == ("retro", "Sprint retro", "actions")
    assert CEREMONY.history == timedelta(days=200)
