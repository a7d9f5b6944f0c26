"""Directions and comparisons: up, more than last week, ahead of plan, over the limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.facts import fact, harbour, with_fact
from tests.unit.drafts_gate.asking import head, kinds, told, weekly

TRUE = (
    "9 tasks finished, up from 7",
    "9 tasks finished, up 2 from last week",
    "Throughput rose from 7 to 9 tasks",
    "More tasks finished than last week",
    "Median cycle time fell to 4 days",
    "Median cycle time is 4 days, down from 5 the week before",
    "Scope grew by 6 points",
    "The sprint is behind plan",
    "Three points behind plan",
    "5 tasks are in progress, over the limit of 4",
    "The work behind it waits, and people can sign up again",
    "The page is set up, follow up with the vendor",
    "The scope changed, down 3 points",
)
FALSE = (
    "9 tasks finished, down from 7",
    "Throughput fell from 7 to 9 tasks",
    "Fewer tasks finished than last week",
    "Throughput is the same as last week",
    "Median cycle time rose to 4 days",
    "Throughput doubled",
    "Scope fell by 6 points",
    "The sprint is ahead of plan",
    "The sprint is on plan",
    "Three points ahead of plan",
    "5 tasks are in progress, within the limit",
    "5 tasks are in progress, at the limit",
)


@pytest.mark.parametrize("sentence", TRUE)
def test_a_direction_the_figures_show_passes(sentence: str) -> None:
    """And phrasal verbs and places are no directions."""
    assert head(sentence) == []


@pytest.mark.parametrize("sentence", FALSE)
def test_a_direction_against_the_figures_is_a_fault(sentence: str) -> None:
    """The sign of a trend is a claim as much as a number is."""
    assert "gate.trend" in kinds(head(sentence))


def test_a_trend_without_an_earlier_figure_is_a_fault() -> None:
    """Nobody could check it."""
    assert kinds(head("More tasks are blocked than last week")) == ["gate.trend"]
    assert kinds(head("9 points done, more than last sprint", harbour())) == ["gate.trend"]


def test_a_doubling_is_held_to_the_factor() -> None:
    """Twice is twice, give or take a tenth."""
    now, before = weekly().facts["throughput"], weekly().facts["throughput.last_week"]
    twice = with_fact(weekly(), replace(now, value=21), replace(before, value=10))
    assert head("Throughput doubled", twice) == []
    assert kinds(head("Throughput doubled", with_fact(weekly(), replace(before, value=4)))) == ["gate.trend"]


def test_figures_in_different_units_are_not_compared() -> None:
    """Points do not come down from percent."""
    facts = with_fact(weekly(), replace(fact("say_do.last_week", 80, "percent"), label="say/do, last week"))
    assert "gate.unit" in kinds(head("9 points done, up from {say_do.last_week} the week before", facts))


def test_without_a_plan_or_limit_nothing_is_held() -> None:
    """'Behind plan' needs an expected figure to be wrong."""
    facts = harbour()
    bare = replace(facts, facts={key: one for key, one in facts.facts.items() if "expected" not in key})
    assert head("The sprint is ahead of plan", bare) == []
    assert head("Work is within the limit", bare) == []


def test_next_steps_hold_no_trends() -> None:
    """They say what shall be."""
    assert told("grows", "1202", next_step="bring it back to fewer than last week, ahead of plan") == []
