"""Facts of several teams as columns: said once, and back again without a loss."""

from dataclasses import replace

from facilitator.board.columns import columns
from facilitator.board.facts import Facts
from tests.facts import fact, harbour

TEAMS = {"a": "Checkout", "b": "Core Platform"}


def told(**members: object) -> Facts:
    """Two teams' figures beside one of all."""
    own = {
        "blocked": fact("blocked", 5),
        "a.blocked": replace(fact("x", 2, of=9, tasks=("1200",)), id="a.blocked"),
        "b.blocked": replace(fact("x", 3, of=9), id="b.blocked"),
        "a.status": replace(fact("y", "On Track", "text"), id="a.status"),
        **members,
    }
    return replace(harbour(), facts=own, teams=TEAMS)  # type: ignore[arg-type]


def test_what_is_counted_is_said_once() -> None:
    """A denominator that all share too; a fact of all teams stays a fact."""
    raw = told().as_dict()
    assert list(raw["facts"]) == ["blocked"]
    assert raw["by_team"]["blocked"] == {
        "label": "x", "unit": "tasks", "rule": "x, counted", "of": 9, "values": {"a": 2, "b": 3},
        "tasks": {"a": ["1200"]},
    }  # fmt: skip
    assert raw["teams"] == TEAMS


def test_they_come_back_as_they_were() -> None:
    """Ids, values, denominators and tasks; a document of one team has no columns at all."""
    facts = told()
    again = Facts.from_json(facts.to_json())
    assert dict(again.facts) == dict(facts.facts)
    assert again.to_json() == facts.to_json()
    assert "by_team" not in harbour().as_dict()
    assert "teams" not in harbour().as_dict()


def test_what_fits_no_column_stays_a_fact() -> None:
    """Another label or rule than the column's would be lost in it."""
    odd = replace(fact("z", 7), id="b.blocked", label="stuck")
    facts = told(**{"b.blocked": odd})
    _columns, placed = columns(facts.facts, facts.teams)
    assert placed == {"a.blocked", "a.status"}
    assert dict(Facts.from_json(facts.to_json()).facts) == dict(facts.facts)


def test_an_id_says_whose_it_is() -> None:
    """By its first word, where that is a team's key."""
    facts = told()
    assert (facts.team_of("a.blocked"), facts.bare("a.blocked")) == ("a", "blocked")
    assert (facts.team_of("blocked"), facts.bare("sprint.done_points")) == ("", "sprint.done_points")
