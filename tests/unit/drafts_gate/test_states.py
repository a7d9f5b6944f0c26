"""What is said of cited tasks: done, in review, blocked, overdue, no owner; and the verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.facts import CSV, EXPORT, IMPORT, LOGIN, OLD, PAYMENT, RETRY, SEARCH, THEME, with_fact, with_task
from tests.unit.drafts_gate.asking import head, kinds, labelled, retro, told, weekly

TRUE = (
    ("finished", LOGIN),
    ("now in review", THEME),
    ("Dark theme is in review and needs a reader", THEME),
    ("still blocked: no keys yet", PAYMENT),
    ("no longer blocked, so work goes on", SEARCH),
    ("not finished; still open", PAYMENT),
    ("being worked on, and blocked", PAYMENT),
    ("it has been started", CSV),
    ("not started yet, no owner", OLD),
    ("overdue and unassigned", OLD),
    ("it is without an estimate", OLD),
    ("not overdue", CSV),
    ("waits for another task to be finished", PAYMENT),
    ("cannot go on until the task it depends on is done", PAYMENT),
    ("once it is done, support can stop the manual work", PAYMENT),
    ("the tests are done, the page is not", PAYMENT),
    ("the review is finished", PAYMENT),
    ("blocked work first", SEARCH),
    ("is it done?", PAYMENT),
    ("nobody has looked at the change yet", THEME),
    ("planned 21 points, finished 9", PAYMENT),
    ("keep or drop the CSV format?", CSV),
)
FALSE = (
    ("finished", PAYMENT),
    ("done and live", THEME),
    ("now in review", LOGIN),
    ("Dark theme is done", THEME),
    ("it is blocked", SEARCH),
    ("no longer blocked", PAYMENT),
    ("not finished; still open", LOGIN),
    ("in progress", THEME),
    ("not started yet", CSV),
    ("it has been started", OLD),
    ("overdue", CSV),
    ("unassigned", CSV),
    ("without an owner", CSV),
    ("without an estimate", LOGIN),
    ("not overdue", OLD),
    ("reopened", LOGIN),
    ("was due and is in review", PAYMENT),
    ("written, tested and done", PAYMENT),
    ("it is done: keep the switch?", PAYMENT),
    ("the two tasks of the checkout are done", PAYMENT),
)


@pytest.mark.parametrize(("text", "task"), TRUE)
def test_what_is_so_may_be_said(text: str, task: str) -> None:
    """And what is no claim about the cited task - a wish, a question, another thing's state - is none."""
    assert "gate.state" not in kinds(told(text, task))


@pytest.mark.parametrize(("text", "task"), FALSE)
def test_what_is_not_so_is_a_fault(text: str, task: str) -> None:
    """A state the facts do not bear out."""
    assert "gate.state" in kinds(told(text, task))


def test_a_state_of_several_tasks_is_true_of_each() -> None:
    """One task in review spoils "both are done"; "one is done" speaks of one."""
    assert told("both are done", LOGIN, EXPORT) == []
    (fault,) = told("both are done", LOGIN, THEME)
    assert fault.fact == f"tasks.{THEME}"
    assert told("one is done, the other in review", LOGIN, THEME) == []
    assert told("Login with a code and Export to a file are done", LOGIN, EXPORT) == []


def test_a_fault_says_how_it_is() -> None:
    """State, and what else the board knows of the task."""
    (fault,) = told("finished", PAYMENT)
    assert fault.right == "in progress, blocked, owned by Mara K."
    assert "which is in progress" in fault.message
    (fault,) = told("finished", IMPORT)
    assert fault.right == "in progress, blocked, without an owner"


def test_a_headline_that_names_a_task_speaks_of_it() -> None:
    """Its state is held like an item's."""
    assert kinds(head("Payment retry is done")) == ["gate.state"]
    assert head("Payment retry is blocked") == []


def test_a_list_that_was_cut_denies_nothing() -> None:
    """A task may be among those left out for length."""
    facts = weekly()
    cut = replace(facts.facts["blocked"], omitted=3)
    assert told("blocked", SEARCH, facts=with_fact(facts, cut)) == []


def test_what_the_facts_never_speak_of_is_not_denied() -> None:
    """No fact knows stale or carried-over tasks here; with such a list they are held against it."""
    assert told("stale", SEARCH) == []
    assert told("carried over", SEARCH) == []
    known = with_fact(weekly(), labelled("stale", "stale", 0), labelled("carried", "carried over", 0))
    assert kinds(told("stale", SEARCH, facts=known)) == ["gate.state"]
    assert kinds(told("carried over", SEARCH, facts=known)) == ["gate.state"]


def test_reopened_is_borne_out_by_a_figure_or_a_note() -> None:
    """Either will do."""
    assert told("reopened", LOGIN, facts=with_task(weekly(), LOGIN, figures={"reopened": 1})) == []
    assert (
        told("reopened", LOGIN, facts=with_task(weekly(), LOGIN, notes={"history": "reopened on Monday"}))
        == []
    )


def test_a_retro_may_tell_what_was() -> None:
    """Over a fortnight "was started" may be a state the task has left; in a stand-up it is not."""
    assert told("these were started while others were open", OLD, facts=retro()) == []
    assert kinds(told("it was started", OLD)) == ["gate.state"]
    assert kinds(told("it was finished", OLD, facts=retro())) == ["gate.state"]


def test_states_in_next_steps_are_plans() -> None:
    """'Close it today' claims nothing."""
    assert told("waits", RETRY, next_step="closed by tonight, done") == []


VERDICTS: tuple[tuple[str, list[str]], ...] = (
    ("On track.", ["gate.state"]),
    ("At risk.", []),
    ("{sprint.verdict}.", []),
    ("Off-track.", ["gate.state"]),
)


@pytest.mark.parametrize(("headline", "expected"), VERDICTS)
def test_a_headlines_verdict_is_the_rules(headline: str, expected: list[str]) -> None:
    """The model may not choose it."""
    assert kinds(head(headline)) == expected


def test_without_a_verdict_none_is_held() -> None:
    """A board without a sprint has no verdict to contradict."""
    facts = weekly()
    without = replace(
        facts, facts={key: fact for key, fact in facts.facts.items() if key != "sprint.verdict"}
    )
    assert head("On track.", without) == []
