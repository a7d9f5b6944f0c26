"""Numbers, units and denominators: each rests on a fact that the words speak of, or it is a fault."""

from __future__ import annotations

import pytest

from tests.facts import LOGIN, PAYMENT, SEARCH, harbour, with_fact, with_task
from tests.unit.drafts_gate.asking import head, kinds, labelled, told, weekly

RIGHT = (
    "9 of 21 points done",
    "Nine of the twenty-one planned points are done",
    "9/21 points done",
    "Of 21 points 9 are done",
    "12 points were expected by today",
    "{sprint.done_points} of {sprint.planned_points} points done",
    "43 % of the points are done",
    "43 percent of the points are done",
    "About half of the points are done",
    "Two tasks are blocked and day 6 of 10 has begun",
    "On the sixth day of the sprint 2 tasks wait",
    "On the 6th working day 2 tasks wait",
    "12 points are still to go",
    "Twelve points remain of 21",
    "The sprint is 3 points behind plan",
    "Cycle time at p85 is 8.4 days",
    "Cycle time at p85 is 8 days",
    "Median cycle time was 4 days, 5 the week before",
    "72 % hygiene",
    "The hygiene is about 70 %",
    "9 tasks finished, last week 7",
    "Throughput went from 7 to 9 tasks",
    "Two more tasks finished than last week",
    "More than 20 points are planned",
    "34 tasks and 41 comments were read",
    "3 tasks without an estimate",
    "Sprint 24 has 2 blocked tasks",
    "9 points done in Sprint 24",
    "Work in progress is 5 against a limit of 4",
    "2 of 3 open actions wait",
    "One of them waits, no one is free, and this is the last one",
    "The OAuth2 page and the p85 line stay",
    "With 85 % certainty it ends on 24 June",
    "A forecast between 19 June and 24 June",
    "Scope changed by -3 points",
)
WRONG = (
    ("8 of 21 points done", "gate.number"),
    ("Eight of the 21 planned points are done", "gate.number"),
    ("12 of 21 points done", "gate.number"),
    ("9 of 20 points done", "gate.denominator"),
    ("9 of {sprint.expected_points} points done", "gate.denominator"),
    ("{sprint.expected_points} of 21 points done", "gate.number"),
    ("9 of 21 tasks done", "gate.denominator"),
    ("{moved.done} points done", "gate.unit"),
    ("{sprint.done_points} tasks done", "gate.unit"),
    ("{cycle.p50} weeks is the median cycle time", "gate.unit"),
    ("{hygiene} tasks are blocked", "gate.unit"),
    ("{hygiene} are blocked", "gate.unit"),
    ("44 % of the points are done", "gate.number"),
    ("A third of the points is done", None),
    ("Two thirds of the points are done", "gate.number"),
    ("Half the tasks are blocked", "gate.number"),
    ("three tasks are blocked", "gate.number"),
    ("On the seventh day of the sprint", "gate.number"),
    ("Day 7 of 10", "gate.number"),
    ("The sprint is 4 points behind plan", "gate.number"),
    ("11 points are still to go", "gate.number"),
    ("Median cycle time was 5 days", "gate.duration"),
    ("Median cycle time was 4 working days", "gate.unit"),
    ("9 tasks finished, last week 9", "gate.number"),
    ("Three more tasks finished than last week", "gate.number"),
    ("A dozen tasks are blocked", "gate.number"),
    ("Two hundred points are planned", "gate.number"),
    ("Fewer than 20 points are planned", "gate.number"),
    ("More than 21 points are planned", "gate.number"),
    ("It depends on three vendors", "gate.number"),
    ("Reviewed twice by the board", "gate.number"),
    ("Release 2.3.1 is out", "gate.number"),
    ("4 tasks are in progress", "gate.number"),
    ("1,200 points are planned", "gate.number"),
    ("Sprint 25 has begun", "gate.number"),
    ("Sprint 23 ended with 9 of 21 points done", "gate.number"),
    ("Three to two tasks are blocked", "gate.number"),
    ("{nothing.here} tasks wait", None),
)


@pytest.mark.parametrize("sentence", RIGHT)
def test_a_supported_figure_passes(sentence: str) -> None:
    """Digits, words, shares, rests, gaps and changes are all right where the facts bear them out."""
    assert head(sentence) == []


@pytest.mark.parametrize(("sentence", "kind"), [case for case in WRONG if case[1]])
def test_an_unsupported_figure_is_a_fault(sentence: str, kind: str) -> None:
    """A wrong value, unit or denominator is told by its kind."""
    assert kind in kinds(head(sentence))


def test_an_unknown_placeholder_is_left_to_the_other_checks() -> None:
    """The gate judges what a reader would see; a name that stands for nothing shows nothing."""
    assert head("{nothing.here} tasks wait") == []


def test_a_fault_names_sentence_claim_fact_and_right_value() -> None:
    """Its writer can mend it without looking anything up."""
    (fault,) = head("At risk. 8 of 21 points are done.")
    assert (fault.where, fault.sentence) == ("headline", "8 of 21 points are done")
    assert (fault.claim, fault.fact, fault.right) == ("8 of 21 points", "sprint.done_points", "9 points")
    assert "write {sprint.done_points}" in fault.message


ITEMS: tuple[tuple[str, str, list[str]], ...] = (
    ("blocked for 4 working days", PAYMENT, []),
    ("blocked for five working days", PAYMENT, ["gate.duration"]),
    ("blocked for 4 days", PAYMENT, ["gate.unit"]),
    ("blocked for 7 days", PAYMENT, ["gate.unit"]),
    ("blocked for four weeks", PAYMENT, ["gate.duration"]),
    ("11 days in progress, past the team's p85 of 8", SEARCH, []),
    ("11 days in progress, longer than the usual 8 days", SEARCH, []),
    ("8 days in progress", SEARCH, ["gate.duration"]),
    ("a 3-point story that people asked for", LOGIN, []),
    ("a 5-point story that people asked for", LOGIN, ["gate.number"]),
)


@pytest.mark.parametrize(("text", "task", "expected"), ITEMS)
def test_a_tasks_own_figures_are_its_items_figures(text: str, task: str, expected: list[str]) -> None:
    """A task's wait is in working days, its age in calendar days; another task's or the team's figure does not do."""
    assert kinds(told(text, task)) == expected


def test_a_count_of_the_cited_tasks_is_right() -> None:
    """'All three' counts the item's tasks; "all four" does not."""
    assert told("all three are in use", "1203", "1204", "1205") == []
    assert kinds(told("all four are in use", "1203", "1204", "1205")) == ["gate.number"]
    assert told("two of the 2 blocked tasks wait for one reviewer", "1200", "1201") == []


def test_points_of_the_cited_tasks_add_up() -> None:
    """Nine points between three tasks of three."""
    assert told("9 points of checkout work", "1203", "1204", "1205") == []


def test_numbers_of_a_tasks_own_name_and_notes_are_its_own() -> None:
    """What is written on the board may be repeated, with the noun it counts."""
    facts = with_task(weekly(), PAYMENT, notes={"blocked_because": "waits for 3 keys"})
    assert told("still waits for 3 keys", PAYMENT, facts=facts) == []
    assert kinds(told("still waits for 5 keys", PAYMENT, facts=facts)) == ["gate.number"]
    named = with_task(weekly(), PAYMENT, name="Retry 5 times")
    assert told("Retry 5 times is the next thing", PAYMENT, facts=named) == []


def test_a_wish_of_a_signal_is_no_claim() -> None:
    """A signal says what should come true; without a bound its figure is held like any other."""
    assert told("limit started work", section="actions", signal="at most 3 tasks blocked at once") == []
    assert kinds(told("limit started work", section="actions", signal="3 tasks blocked")) == ["gate.number"]


def test_splitting_into_parts_is_a_proposal() -> None:
    """'Split it into two' says nothing that is; "two vendors wait" does."""
    assert told("grows", SEARCH, next_step="split it into two") == []
    assert kinds(told("grows", SEARCH, next_step="ask the two vendors")) == ["gate.number"]


def test_a_task_named_by_a_figure_lends_no_other_figure() -> None:
    """A name is taken out as a whole: its words support nothing beyond themselves."""
    facts = with_task(weekly(), PAYMENT, name="12 points done")
    assert kinds(head("12 of 21 points are done", facts)) == ["gate.number"]


def test_a_negative_figure_keeps_its_sign() -> None:
    """Plus three is not minus three."""
    assert "gate.number" in kinds(head("Scope changed by minus 4 points"))


def test_facts_that_are_not_known_support_nothing() -> None:
    """A fact without a value is no figure."""
    facts = with_fact(harbour(), labelled("velocity", "velocity", None, "points"))
    assert kinds(head("Velocity is 7 points", facts)) == ["gate.number"]
