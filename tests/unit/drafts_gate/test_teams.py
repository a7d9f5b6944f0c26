"""Whose figure it is: in a document over several teams each team's figures are said of that team alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from facilitator.board.facts import Facts
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.drafts.gate import check
from facilitator.drafts.leading import no_league, statuses_by_rule
from tests.facts import fact, harbour, with_task

CARD, CRANE = "1200", "1201"


def fleet() -> Facts:
    """Two teams, with figures of their own and of both together; the one of two words has a blocked card task."""
    figures = {
        "blocked": 5, "overdue": 3, "checkout.blocked": 1, "checkout.overdue": 3, "core.blocked": 4, "core.overdue": 0,
        "teams.on_track": 1, "teams.off_track": 1,
    }  # fmt: skip
    facts = with_task(with_task(harbour(), CARD, team="checkout"), CRANE, team="core")
    told = {key: fact(key, value) for key, value in figures.items()}
    told |= {
        f"{key}.status": fact(f"{key}.status", word, "text")
        for key, word in (("checkout", "On Track"), ("core", "Off Track"))
    }
    told["status.colour"] = fact("status.colour", "At Risk", "text")
    told["checkout.done_points"] = fact("checkout.done_points", 9, "points", of=21)
    return replace(facts, facts=told, teams={"checkout": "Checkout", "core": "Core Platform"})


FACTS = fleet()


def draft(headline: str = "Hello.", **item: Any) -> Draft:
    """A headline, or one item."""
    items = [{"text": "nothing to say", **item}] if item else []
    return Draft.model_validate(
        {"ceremony": "standup", "headline": headline, "sections": [{"id": "moved", "items": items}]}
    )


def whose(faults: list[Fault]) -> list[str]:
    """Messages about a team."""
    return [fault.message for fault in faults if fault.check == "gate.team"]


@pytest.mark.parametrize(
    "text",
    [
        "Checkout has {checkout.blocked} blocked task and Core Platform {core.blocked}.",
        "Core Platform: {core.blocked} blocked, {core.overdue} overdue.",
        "Blocked are {core.blocked} tasks of Core Platform.",
        "All in all {blocked} tasks are blocked.",
        "{checkout.done_points} of 21 points are done in Checkout.",
        "The checkout team has {checkout.blocked} blocked task.",
        "Core Platform waits, of {blocked} blocked tasks in all.",
    ],
)
def test_a_figure_beside_its_own_teams_name_is_fine(text: str) -> None:
    """In its clause, earlier in its sentence, or right after it."""
    assert whose(check(draft(text), FACTS)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Checkout has {core.blocked} blocked tasks.",
            "{core.blocked} is Core Platform's, not of Checkout; write {checkout.blocked}",
        ),
        ("Core Platform: {core.blocked} blocked, {checkout.overdue} overdue.", "write {core.overdue}"),
        ("In all {core.blocked} tasks are blocked.", "the sentence names no team"),
        (
            "Checkout has {blocked} blocked tasks.",
            "counts all teams together; of Checkout write {checkout.blocked}",
        ),
        ("Ask the Payments team what is blocked.", "no team of this document is called Payments"),
    ],
)
def test_a_figure_under_another_name_is_a_fault(text: str, said: str) -> None:
    """It says whose it is, and what to write of the team that was named."""
    [message] = whose(check(draft(text), FACTS))
    assert said in message


def test_a_typed_figure_of_another_team_rests_on_nothing() -> None:
    """The words name the team, so that team's figures alone support it."""
    assert [fault.check for fault in check(draft("Checkout has 4 blocked tasks."), FACTS)] == ["gate.number"]
    assert check(draft("Core Platform has 4 blocked tasks."), FACTS) == []
    assert check(draft("Four tasks of Core Platform are blocked."), FACTS) == []


def test_an_item_speaks_of_the_team_its_facts_and_tasks_belong_to() -> None:
    """Without a name in the text; another team's figure or task in it is a fault."""
    own = draft(text="{core.blocked} tasks are blocked", facts=["core.status"])
    assert whose(check(own, FACTS)) == []
    others = draft(text="{checkout.overdue} tasks are overdue", facts=["core.status"])
    assert "is Checkout's, not of Core Platform" in whose(check(others, FACTS))[0]


def test_an_item_of_one_team_cites_no_other_teams_task() -> None:
    """Unless it tells no figure of a team: a wait between two teams belongs to both."""
    from facilitator.drafts.gate import whose as mixed

    one = draft(text="it waits", tasks=[CARD], facts=["core.status"])
    assert ["cites a task of Checkout" in fault.message for fault in mixed(one, FACTS)] == [True]
    assert mixed(draft(text="it waits", tasks=[CARD, CRANE]), FACTS) == []


def test_a_teams_name_says_nothing_of_what_is_counted() -> None:
    """A team called after a column or a state neither lends its word to a figure nor takes one."""
    facts = replace(
        FACTS,
        teams={"done": "Done Deal", "core": "Core Platform"},
        facts={"done.blocked": fact("done.blocked", 2), "core.blocked": fact("core.blocked", 4)},
    )
    assert check(draft("Done Deal has 2 blocked tasks."), facts) == []
    assert [one.check for one in check(draft("Done Deal has 2 finished tasks."), facts)] != []


def test_a_document_of_one_team_is_read_as_before() -> None:
    """Without teams in its facts no word is a team's."""
    alone = replace(FACTS, teams={})
    assert whose(check(draft("Ask the Payments team what is blocked."), alone)) == []


@pytest.mark.parametrize(
    ("headline", "faults"),
    [
        ("{status.colour}: {teams.off_track} team off track", 0),
        ("{status.colour}: teams off track {teams.off_track}, on track {teams.on_track}", 0),
        ("{status.colour}: {teams.off_track} team off track and Core Platform is on track", 1),
        ("{status.colour}: Checkout is on track", 1),
        ("{teams.off_track} team off track", 1),
    ],
)
def test_a_status_is_typed_only_beside_its_own_count(headline: str, faults: int) -> None:
    """Every other one is put in by name, the whole's once."""
    assert len(statuses_by_rule(draft(headline), FACTS)) == faults


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("puts its date at risk", True),
        ("{checkout.status}, as it was", True),
        ("is on track again", False),
        ("this team is at risk", False),
    ],
)
def test_an_item_types_no_status(text: str, fine: bool) -> None:
    """A date may be at risk; a team is what its rules say."""
    assert (
        statuses_by_rule(draft("{status.colour}", text=text, facts=["checkout.status"]), FACTS) == []
    ) is fine


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("Core Platform waits for Checkout", True),
        ("Checkout is behind its plan", True),
        ("Checkout is more than a week behind its plan", True),
        ("Checkout is slower than Core Platform", False),
        ("Core Platform delivers more than the other teams", False),
        ("The most productive team was Checkout", False),
        ("Checkout outperforms everybody", False),
        ("Core Platform leads", False),
        ("Checkout ranks second", False),
    ],
)
def test_teams_are_not_put_into_a_league(text: str, fine: bool) -> None:
    """Each stands against its own plan."""
    assert (no_league(draft(text), FACTS) == []) is fine
