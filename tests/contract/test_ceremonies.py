"""Every ceremony in jobs/ keeps the promises that the engine relies on; a new file is found unasked."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import runner
from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.window import Window
from facilitator.ceremony import TeamContext
from facilitator.drafts.rubric import read_lock, version_faults
from facilitator.runs.library import Library
from facilitator.sandbox.generated import generate_world
from facilitator.service.discovery import find_ceremonies
from tests.packs import load_pack

LIBRARY = Library(find_ceremonies(runner.ROOT))
LARGEST = 17_000
"""About 4,000 tokens of facts, with a little room for a line that cannot be cut."""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The built-in world as one snapshot."""
    import json

    path: Path = tmp_path_factory.mktemp("world") / "world.json"
    path.write_text(json.dumps(generate_world(7)), encoding="utf-8")
    return load_pack(path)


def gathered(name: str, board: Snapshot) -> Facts:
    """One ceremony's facts of the week before the board was read."""
    window = Window(board.as_of - timedelta(days=1), board.as_of)
    context = TeamContext("Harbour", BoardRules(ZoneInfo("Europe/Berlin")))
    return LIBRARY.ceremony(name).gather(board, window, context)


@pytest.mark.parametrize("name", sorted(LIBRARY.ceremonies))
def test_module_rubric_and_templates_fit(name: str) -> None:
    """Criteria marked code have a check of that id and the other way round; every file of the name is there."""
    assert LIBRARY.prove(LIBRARY.ceremony(name)).startswith(f"{name}@")


def test_every_rubric_is_given_out_under_its_version() -> None:
    """A changed rubric without a new version fails here."""
    rubrics = [LIBRARY.rubric(ceremony) for ceremony in LIBRARY.ceremonies.values()]
    assert version_faults(rubrics, read_lock(runner.ROOT / "rubrics" / "VERSIONS.lock")) == []


@pytest.mark.parametrize("name", sorted(LIBRARY.ceremonies))
def test_facts_are_bounded_and_read_back_equal(name: str, board: Snapshot) -> None:
    """The agent's file stays small, and the run log gives back what was computed."""
    facts = gathered(name, board)
    assert len(facts.to_json()) < LARGEST
    assert Facts.from_json(facts.to_json()).to_json() == facts.to_json()


@pytest.mark.parametrize("name", sorted(LIBRARY.ceremonies))
def test_facts_do_not_depend_on_the_order_of_tasks(name: str, board: Snapshot) -> None:
    """Asana's order is nobody's meaning: shuffled tasks give the same bytes."""
    tasks = list(board.tasks)
    random.Random(3).shuffle(tasks)
    assert gathered(name, replace(board, tasks=tuple(tasks))).to_json() == gathered(name, board).to_json()


@pytest.mark.parametrize("name", sorted(LIBRARY.ceremonies))
def test_an_almost_empty_board_still_gives_facts(name: str, board: Snapshot) -> None:
    """A team's first day, without sprints, tasks of a past or people, breaks no ceremony."""
    bare = replace(
        board, tasks=board.tasks[:1], custom_fields=(), users=(), as_of=datetime(2026, 6, 10, 7, tzinfo=UTC)
    )
    assert gathered(name, bare).ceremony == name
