"""What a roll-up may say: each team's own figures, what lies between teams, and no more than fits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from facilitator.board.building import MAX_CHARS
from facilitator.board.facts import Fact, Facts
from facilitator.board.health import Colour
from facilitator.board.rollup_facts import RANKS, keys_of
from facilitator.board.snapshot import TeamBoard
from facilitator.ceremony import Past, TeamContext
from facilitator.drafts.draft import parse_draft
from facilitator.drafts.figures_only import figures_only, relaxed
from facilitator.drafts.gate import check
from facilitator.runs.library import Library
from facilitator.sandbox.agents.composing import compose
from facilitator.sandbox.agents.facts import FactsFile
from facilitator.service.discovery import find_ceremonies
from jobs import weekly_status
from jobs.portfolio_rollup import CEREMONY, colour_of
from tests.boards import at, task

from .test_rollup_examples import RUBRICS
from .world import RULES, S24, SPRINTS, WINDOW, Line, boards, checkout, facts, gids

LIBRARY = Library(find_ceremonies(RUBRICS.parent))
FACTS = facts()


def values(found: Facts, what: str) -> dict[str, object]:
    """One figure of every team that has it."""
    return {
        key.removesuffix(f".{what}"): fact.value
        for key, fact in found.facts.items()
        if found.team_of(key) and found.bare(key) == what
    }


def test_each_team_stands_against_its_own_plan() -> None:
    """One is off it, one at risk, one within; the last time is told where it was another."""
    assert values(FACTS, "status") == {
        "checkout": "Off Track", "platform": "On Track", "payments": "At Risk",
    }  # fmt: skip
    assert values(FACTS, "status_last") == {"checkout": "At Risk", "payments": "On Track"}
    assert values(FACTS, "not_read") == {"search": "it may not be read"}


@pytest.mark.parametrize("team", ["checkout", "platform", "payments"])
def test_a_teams_figures_are_those_of_its_own_weekly(team: str) -> None:
    """Computed by the same functions from the same board, so that two documents cannot differ."""
    [board] = [each.snapshot for each in boards() if each.team == team and each.snapshot]
    own = weekly_status.gather(board, WINDOW, TeamContext(team, RULES)).facts
    same = {
        "status": "status.colour", "done_points": "sprint.done_points", "blocked": "blocked", "overdue": "overdue",
        "done_week": "throughput", "forecast.p50": "forecast.p50", "forecast.p85": "forecast.p85",
        "sprint_day": "sprint.day", "sprint_end": "sprint.end", "scope_growth": "sprint.scope_growth",
    }  # fmt: skip

    def told(fact: Fact | None) -> tuple[object, object] | None:
        return (fact.value, fact.of) if fact else None

    for mine, theirs in same.items():
        assert told(FACTS.facts.get(f"{team}.{mine}")) == told(own.get(theirs)), mine


def test_a_wait_between_teams_is_told_with_both_ends() -> None:
    """By gid across the boards, in the waiting team's working days; within its own board it is no wait at all."""
    [waiting] = FACTS.facts["dependencies"].tasks
    assert FACTS.tasks[waiting].name == "Pay by invoice"
    assert FACTS.tasks[waiting].team == "checkout"
    assert FACTS.tasks[waiting].figures == {"blocked_days": 6}
    assert FACTS.facts["checkout.blocked"].value == 0


def test_a_wait_ends_when_the_other_team_is_done() -> None:
    """And a task that stands on the waiting team's own board too is no other team's."""
    waiting = [*checkout()[-3:], SPRINTS]
    done: list[Line] = [SPRINTS, task("Ledger service", section="Done", done="2026-06-12T09:00Z", **S24)]
    assert facts(*boards(checkout=waiting), past=Past()).facts["dependencies"].value == 1
    assert facts(*boards(checkout=waiting, platform=done), past=Past()).facts["dependencies"].value == 0
    both = [*waiting, task("Ledger service", section="In progress", **S24)]
    assert facts(*boards(checkout=both), past=Past()).facts["dependencies"].value == 0


def test_a_milestone_is_in_danger_by_its_date() -> None:
    """Past it, or waiting close to it; one far ahead is not."""
    assert FACTS.facts["milestones"].tasks == gids("Licence audit passed")
    assert FACTS.facts["milestones"].of == 1
    milestone: dict[str, list[Line]] = {"checkout": [SPRINTS], "platform": [SPRINTS]}
    far: list[Line] = [SPRINTS, task("Licence audit passed", due="2026-09-30", **S24)]
    assert facts(*boards(**milestone, payments=far), past=Past()).facts["milestones"].value == 0
    stuck = [at("2026-06-11T08:00Z", blocked="Blocked")]
    near: list[Line] = [SPRINTS, task("Licence audit passed", due="2026-06-20", **S24, then=stuck)]
    found = facts(*boards(**milestone, payments=near), past=Past())
    [gid] = found.facts["milestones"].tasks
    assert found.tasks[gid].notes["danger"] == "it waits with its date near"


def test_a_task_on_two_boards_counts_once() -> None:
    """Totals are of tasks, not of boards."""
    twice = TeamBoard("mirror", "Mirror", boards()[1].snapshot)
    found = facts(*boards(), twice)
    assert found.facts["throughput"].value == FACTS.facts["throughput"].value
    assert found.coverage.tasks_read == FACTS.coverage.tasks_read


@pytest.mark.parametrize(
    ("off", "risk", "fine", "unread", "overdue", "colour"),
    [
        (0, 0, 3, 0, 0, Colour.GREEN),
        (0, 1, 5, 0, 0, Colour.AMBER),
        (1, 0, 3, 0, 0, Colour.AMBER),
        (1, 0, 2, 0, 0, Colour.RED),
        (0, 0, 2, 1, 0, Colour.AMBER),
        (0, 0, 2, 0, 1, Colour.AMBER),
        (9, 0, 16, 0, 0, Colour.RED),
    ],
)
def test_the_whole_has_one_colour_by_a_stated_rule(
    off: int, risk: int, fine: int, unread: int, overdue: int, colour: Colour
) -> None:
    """Off Track from one team in three; At Risk with anything off its plan, unread or overdue."""
    count = {Colour.RED: off, Colour.AMBER: risk, Colour.GREEN: fine}
    assert colour_of(count, unread=unread, overdue=overdue) is colour


def test_health_knows_what_became_of_a_teams_own_actions() -> None:
    """From the newest facts of its own ceremonies that count them: as on the dashboard."""
    counted = Fact("actions.open", "open actions", 1, "count", "still open", of=4)
    retro = replace(FACTS, facts={"actions.open": counted})
    found = facts(told={"platform": [FACTS, retro]})
    assert "Retro actions done 75" in str(found.facts["platform.health_parts"].value)
    assert "Retro actions" not in str(FACTS.facts["platform.health_parts"].value)


@pytest.mark.parametrize("teams", [1, 8, 25])
def test_facts_stay_small_with_many_teams(teams: int) -> None:
    """At most about 4,000 tokens; what gives way goes by whole columns, the least telling first, and is counted."""
    names = [f"a-team-of-many-words-{n}" for n in range(teams)]
    read = tuple(
        TeamBoard(slug, f"A Team of Many Words {n}", boards()[n % 3].snapshot) for n, slug in enumerate(names)
    )
    found = facts(*read, past=Past())
    assert len(found.to_json()) <= MAX_CHARS
    assert set(values(found, "status")) == set(values(found, "health")) == set(names)
    kept = [what for what in RANKS if values(found, what)]
    gone = [
        what for what in ("health_parts", "sprint_day", "done_week", "overdue") if not values(found, what)
    ]
    assert bool(found.coverage.omitted) == bool(gone)
    assert not kept or max(RANKS[what] for what in gone or ["why"]) >= min(RANKS[what] for what in kept)
    assert Facts.from_json(found.to_json()) == found


def test_a_slug_that_is_a_word_of_the_document_gets_another_key() -> None:
    """Its facts must not be taken for those of all teams; and no id may begin with a digit."""
    assert keys_of(["checkout", "status", "4wheels", "team-status"]) == {
        "checkout": "checkout",
        "status": "team-team-status",
        "4wheels": "team-4wheels",
        "team-status": "team-status",
    }


def test_a_quiet_week_is_one_line() -> None:
    """Where nobody touched anything on any board."""
    still = [task("Ledger service", created="2026-01-01T09:00Z")]
    found = facts(*boards(checkout=still, platform=still, payments=still), past=Past())
    assert found.document.quiet


def test_a_first_page_has_nothing_to_compare_with() -> None:
    """No earlier roll-up, no earlier status; last week's finished tasks are known from the boards."""
    first = facts(past=Past())
    assert "status.last" not in first.facts
    assert first.facts["throughput.last_week"].value == 0


def test_the_scripted_writer_writes_it_without_a_fault() -> None:
    """The sandbox's author knows no ceremony; it writes what the document asks for."""
    read = FactsFile.read(FACTS.to_json())
    assert read is not None
    draft = parse_draft(json.dumps(compose(read)))
    assert [fault.line() for fault in LIBRARY.check(CEREMONY, draft, FACTS)] == []


def test_the_figures_alone_pass_too() -> None:
    """On a day without a model the same page stands, filled in by code."""
    bare = relaxed(FACTS)
    draft = figures_only(bare, lambda one: LIBRARY.check(CEREMONY, one, bare))
    assert draft is not None
    assert [item.facts for item in draft.sections[0].items] == [("checkout.status",), ("payments.status",)]
    assert check(draft, bare) == []
