"""What every module in jobs/ must keep, and that another one needs nothing but files of its own."""

import copy
import json
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import runner
from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot, TeamBoard
from facilitator.calendar.window import Window
from facilitator.calendar.windows import first_look_back
from facilitator.ceremony import Ceremony, Member, TeamContext
from facilitator.drafts.rubric import load_rubric, unmatched
from facilitator.drafts.versions import read_lock, version_faults
from facilitator.errors import ConfigurationError
from facilitator.runs.library import Library
from facilitator.runs.run import Mode, RunState
from facilitator.runs.steps.desk import unobserved
from facilitator.sandbox import Sandbox
from facilitator.sandbox.generated import generate_world
from facilitator.service.application import Application
from facilitator.service.discovery import find_ceremonies
from facilitator.service.firing import fire_now, window_at
from facilitator.settings import first_configuration
from tests.packs import load_pack

ROOT = Path(__file__).resolve().parents[2]
SHELVES = find_ceremonies(ROOT)
CEREMONIES = list(SHELVES.ceremonies.values())
MOST_CHARS = 16_000
"""About 4,000 tokens, however big the board is."""

PROGRAMME = """
[[teams]]
slug = "quay"
project = "1205900000000001"
zone = "Europe/Berlin"

[[teams]]
slug = "programme"
project = "1205900000000002"
zone = "Europe/Berlin"
approvers = ["Alice"]
rollup = ["harbour", "quay"]
""" + "".join(f"[teams.ceremonies.{name}]\n" for name in SHELVES.over_teams)

each = pytest.mark.parametrize("ceremony", CEREMONIES, ids=lambda ceremony: ceremony.name)


@pytest.fixture(scope="module")
def built_in_world() -> dict[str, Any]:
    return generate_world(7)


@pytest.fixture(scope="module")
def snapshot(built_in_world: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The built-in world as one Snapshot, read without any of our clients."""
    path = tmp_path_factory.mktemp("world") / "pack.json"
    path.write_text(json.dumps(built_in_world))
    return load_pack(path)


@pytest.fixture(scope="module")
def harbour(
    built_in_world: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    """A team that holds every ceremony it can, and a team of teams that holds the others over it and a second one."""
    path = tmp_path_factory.mktemp("harbour") / "facilitator.toml"
    path.write_text(configuration(built_in_world, *runner.ceremonies()) + PROGRAMME)
    app = runner.compose(path, {})
    yield app
    app.close()


def configuration(world: dict[str, Any], *ceremonies: str) -> str:
    text = first_configuration(
        team="Harbour",
        slug="harbour",
        project=world["projects"][0]["gid"],
        zone="Europe/Berlin",
        approvers=["Alice"],
        ceremonies=ceremonies,
    )
    return text.replace("requests_per_minute = 120 ", "requests_per_minute = 1500")


def gathered(app: Application, ceremony: Ceremony, snapshot: Snapshot) -> Facts:
    assignment = app.assignment("programme" if ceremony.over_teams else "harbour", ceremony.name)
    window = Window(snapshot.as_of - first_look_back(ceremony.cadence), snapshot.as_of)
    members = tuple(Member(one.team, one.name, one.rules) for one in assignment.members)
    if members:
        first, second = (TeamBoard(one.team, one.name, snapshot) for one in members)
        boards = (first, replace(second, snapshot=None, unread="it may not be read"))
        snapshot = replace(snapshot, tasks=(), boards=boards)
    return ceremony.gather(snapshot, window, TeamContext("Harbour", assignment.rules, members=members))


@each
def test_module_rubric_and_templates_fit(ceremony: Ceremony) -> None:
    """Every code criterion has its check, and every file of the ceremony's name is there."""
    assert Library(SHELVES).prove(ceremony).startswith(f"{ceremony.name}@")
    rubric = load_rubric(ROOT / "rubrics" / f"{ceremony.name}.md")
    assert not unmatched(rubric, ceremony.checks)


@each
def test_the_rubric_is_in_the_lock(ceremony: Ceremony) -> None:
    """A rubric that changed has a new version, and its digest is locked."""
    rubric = load_rubric(ROOT / "rubrics" / f"{ceremony.name}.md")
    assert not version_faults([rubric], read_lock(ROOT / "rubrics" / "VERSIONS.lock"))


def test_every_rubric_belongs_to_a_ceremony() -> None:
    """Nothing lies about in rubrics/ that no job uses."""
    assert {path.stem for path in (ROOT / "rubrics").glob("*.md")} == set(SHELVES.ceremonies)


@each
def test_facts_are_bounded_and_complete(harbour: Application, ceremony: Ceremony, snapshot: Snapshot) -> None:
    """At most about 4,000 tokens, and every id the document leans on is there."""
    facts = gathered(harbour, ceremony, snapshot)
    assert len(facts.to_json()) < MOST_CHARS
    assert facts.ceremony == ceremony.name
    lists = {
        name for section in facts.document.sections for name in (*section.cites_from, section.covers) if name
    }
    assert {*lists, *facts.document.headline_uses} <= set(facts.facts)
    assert {gid for name in lists for gid in facts.facts[name].tasks} <= set(facts.tasks)


@each
def test_facts_are_the_same_every_time(harbour: Application, ceremony: Ceremony, snapshot: Snapshot) -> None:
    """The same snapshot, window and context give the same bytes."""
    assert gathered(harbour, ceremony, snapshot).to_json() == gathered(harbour, ceremony, snapshot).to_json()


@each
def test_facts_do_not_depend_on_the_order_of_tasks(
    harbour: Application, ceremony: Ceremony, snapshot: Snapshot
) -> None:
    """Asana promises no order of its lists."""
    tasks = list(snapshot.tasks)
    random.Random(3).shuffle(tasks)
    turned = replace(snapshot, tasks=tuple(tasks), users=tuple(reversed(snapshot.users)))
    assert gathered(harbour, ceremony, turned).as_dict() == gathered(harbour, ceremony, snapshot).as_dict()


@each
def test_facts_survive_their_own_json(harbour: Application, ceremony: Ceremony, snapshot: Snapshot) -> None:
    """What is kept in the run log is what was computed."""
    facts = gathered(harbour, ceremony, snapshot)
    assert Facts.from_json(facts.to_json()).to_json() == facts.to_json()


@each
def test_an_empty_board_has_facts_too(harbour: Application, ceremony: Ceremony, snapshot: Snapshot) -> None:
    """No task, no section, no field: fewer facts, no error."""
    bare = replace(snapshot, tasks=(), sections=(), custom_fields=())
    assert gathered(harbour, ceremony, bare).coverage.tasks_read == 0


@each
def test_a_first_day_has_facts(harbour: Application, ceremony: Ceremony, snapshot: Snapshot) -> None:
    """One task, no sprint, nobody known: no ceremony breaks."""
    bare = replace(snapshot, tasks=snapshot.tasks[:1], custom_fields=(), users=())
    assert gathered(harbour, ceremony, bare).ceremony == ceremony.name


@each
def test_the_brief_can_be_written(harbour: Application, ceremony: Ceremony, snapshot: Snapshot) -> None:
    """It names each section and fact it asks for, and stays short."""
    facts = gathered(harbour, ceremony, snapshot)
    brief = harbour.library.brief(ceremony, facts)
    assert all(f"`{section.id}`" in brief for section in facts.document.sections)
    assert len(brief) < 8_000


JOB = '''
"""Huddle: what is in progress, for a team that only wants to know that."""

from datetime import time

from facilitator.board.board import Board
from facilitator.board.building import FactsBuilder
from facilitator.board.facts import Document, SectionSpec
from facilitator.calendar.cadence import Weekdays
from facilitator.ceremony import Ceremony

SECTION = SectionSpec(id="open", title="In progress", max_items=3, covers="open", needs=("tasks",))


def gather(snapshot, window, context):
    """Only what is in progress."""
    board = Board.of(snapshot, context.rules)
    facts = FactsBuilder(board, ceremony="huddle", team=context.team, start=window.start, end=window.end)
    busy = sorted(found.task.gid for found in board.open_tasks() if board.state(found, board.as_of) == "in_progress")
    facts.listed("open", "in progress", busy, "in a section that says so, by gid")
    return facts.build(Document(sections=(SECTION,), max_words=120, headline_uses=("open",)))


CEREMONY = Ceremony(name="huddle", title="Huddle", cadence=Weekdays(at=time(10)), gather=gather)
'''

RUBRIC = """---
id: huddle
version: 1.0.0
max_iterations: 2
artifact: /mnt/session/outputs/draft.json
---
# Rubric: huddle

You verify one file, `/mnt/session/outputs/draft.json`, against `/mnt/session/uploads/facts.json`.

## H1 The section `open` is complete   [hard] [grader]
The gids cited in `open` are the first three of the fact `open`, in its order.
Fail when: a gid is missing, added or out of order.
Why: a task left out is a task forgotten.
"""

BRIEF = """# Say what one team has in progress

{% include "_draft.md.j2" %}
"""

COMMENT = """{% extends "_layout.html.j2" %}
{% block sections %}
{% for section in doc.sections %}
<strong>{{ section.title }}</strong>
<ul>
{% for item in section.items %}
<li>{{ item.text }}</li>
{% endfor %}
</ul>
{% endfor %}
{% endblock %}
"""

FILES = {
    "jobs/huddle.py": JOB,
    "rubrics/huddle.md": RUBRIC,
    "templates/briefs/huddle.md.j2": BRIEF,
    "templates/comments/huddle.html.j2": COMMENT,
}


def huddle(folder: Path, world: dict[str, Any], environ: dict[str, str]) -> Application:
    """A deployment whose own folder holds one ceremony."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    path = folder / "facilitator.toml"
    path.write_text(configuration(world, "huddle"))
    return runner.compose(path, environ)


@pytest.fixture
def world(built_in_world: dict[str, Any]) -> Iterator[Sandbox]:
    with Sandbox(copy.deepcopy(built_in_world), speed=500, seed=7) as sandbox:
        yield sandbox


@pytest.fixture
async def app(world: Sandbox, built_in_world: dict[str, Any], tmp_path: Path) -> AsyncIterator[Application]:
    """The huddle's deployment against the sandbox, not yet provisioned."""
    environ = {
        "ASANA_BASE_URL": world.asana_url,
        "ANTHROPIC_BASE_URL": world.agents_url,
        "ASANA_ACCESS_TOKEN": "canary-asana-token",
        "ANTHROPIC_API_KEY": "canary-anthropic-key",
    }
    app = huddle(tmp_path, built_in_world, environ)
    _changes, pinned = await app.provisioning(app, change=True)
    assert pinned is not None
    app.store.pin(pinned, now=app.clock())
    yield app
    app.close()


@pytest.mark.anyio
async def test_a_made_up_ceremony_runs_to_the_end(
    app: Application, world: Sandbox, built_in_world: dict[str, Any]
) -> None:
    """Four files in an otherwise empty folder, no engine edit: gathered, graded, checked and written."""
    assignment = app.assignment("harbour", "huddle")
    window = window_at(app.store, assignment, datetime.fromisoformat(built_in_world["as_of"]).astimezone(UTC))
    run, _new = fire_now(app.store, assignment, window, mode=Mode.AUTO, now=app.clock())
    async with app.working(app, unobserved) as pipeline:
        run = await pipeline.settle(run)
    assert run.state is RunState.WRITTEN, run.reason
    assert run.task_gid is not None
    assert world.asana.task(run.task_gid)["name"] == "Huddle"
    [comment] = world.asana.comments(run.task_gid)
    assert comment["text"].rstrip().endswith(f"ref {run.key}")
    assert "In progress" in comment["text"]


def test_our_own_ceremonies_stay_beside_a_deployments(built_in_world: dict[str, Any], tmp_path: Path) -> None:
    """A folder with a job of its own still has every job here."""
    app = huddle(tmp_path, built_in_world, {})
    assert set(app.library.ceremonies) == {*SHELVES.ceremonies, "huddle"}


@pytest.mark.parametrize("missing", [name for name in FILES if not name.startswith("jobs/")])
def test_a_missing_file_is_named(built_in_world: dict[str, Any], tmp_path: Path, missing: str) -> None:
    """`check` tells which of a ceremony's files is not there."""
    app = huddle(tmp_path, built_in_world, {})
    (tmp_path / missing).unlink()
    with pytest.raises(Exception, match=Path(missing).name.replace(".", r"\.")):
        app.library.prove(app.library.ceremony("huddle"))


def test_a_job_that_is_gone_is_a_wrong_configuration(built_in_world: dict[str, Any], tmp_path: Path) -> None:
    """A configuration that names a ceremony nobody has is refused with those there are."""
    path = tmp_path / "facilitator.toml"
    path.write_text(configuration(built_in_world, "huddle"))
    with pytest.raises(ConfigurationError, match="huddle"):
        runner.compose(path, {})


def test_a_rolled_up_team_is_reached_without_a_ceremony_of_its_own(harbour: Application) -> None:
    """Its board may be read for the page; the programme's own calls reach its own project alone."""
    assert harbour.reach("quay").projects == {"1205900000000001"}
    assert harbour.reach("programme").projects == {"1205900000000002"}
