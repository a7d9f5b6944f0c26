"""Task names, gids, people and owners."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.facts import CSV, IMPORT, LOGIN, PAYMENT, RETRY, SEARCH, with_task
from tests.unit.drafts_gate.asking import head, kinds, told, weekly

ITEMS: tuple[tuple[str, str, list[str]], ...] = (
    ("Payment retry waits for keys", PAYMENT, []),
    ("waits for Import job to end", PAYMENT, ["gate.task"]),
    ("waits for the import job to end", PAYMENT, []),
    ("waits for 'import job' to end", PAYMENT, ["gate.task"]),
    ("waits for the retry of webhooks", PAYMENT, ["gate.task"]),
    ("the slow part of Paymant retry is known", PAYMENT, ["gate.task"]),
    ("payment retries wait for keys", PAYMENT, []),
    ("as with a code for a login", LOGIN, []),
    ("login with a token is done soon", LOGIN, ["gate.task"]),
    ("see 1201 for more", PAYMENT, ["gate.task"]),
    ("see 1200 for more", PAYMENT, []),
    ("see 120033344455 for more", PAYMENT, ["gate.task"]),
    ("Mara has asked the vendor", PAYMENT, []),
    ("the vendor was asked by Mara K. and answered", PAYMENT, []),
    ("Mara's question is open", PAYMENT, []),
    ("Alex has asked the vendor", PAYMENT, ["gate.person"]),
    ("the vendor was asked by Alex P.", PAYMENT, ["gate.person"]),
    ("Mara P. has asked the vendor", PAYMENT, ["gate.person"]),
    ("Mara Lindqvist has asked the vendor", PAYMENT, ["gate.person"]),
    ("Petra N. has asked the vendor", PAYMENT, ["gate.person"]),
    ("Zed Q. has asked the vendor", PAYMENT, ["gate.person"]),
    ("the vendor told Sofia on the phone", PAYMENT, ["gate.person"]),
    ("Mara has asked the vendor", IMPORT, ["gate.person"]),
    ("the layout of Option B. is preferred", PAYMENT, []),
    ("the Product Owner and the North Sea team agree", PAYMENT, []),
    ("it was settled in a Jan-style meeting", PAYMENT, []),
)


@pytest.mark.parametrize(("text", "task", "expected"), ITEMS)
def test_names_are_those_of_the_cited_tasks(text: str, task: str, expected: list[str]) -> None:
    """To name a task is to cite it; to name a person is to name an owner of a cited task."""
    assert kinds(told(text, task)) == expected


def test_what_a_task_waits_for_may_be_named() -> None:
    """Its notes speak of the other task, which cannot be cited twice."""
    for note in ("waits for Import job", f"depends on {IMPORT}"):
        facts = with_task(weekly(), PAYMENT, notes={"blocked_because": note})
        assert told("waits for Import job to end", PAYMENT, facts=facts) == []


def test_a_headline_may_name_a_task() -> None:
    """A headline cites by naming."""
    assert head("Payment retry is the one to watch") == []


def test_first_names_that_are_words_count_inside_a_sentence_only() -> None:
    """'Will the team...?' is a question; "ask Will" names him."""
    facts = replace(weekly(), people={**weekly().people, "1104": "Will C."})
    assert told("Will this hold?", PAYMENT, facts=facts) == []
    assert kinds(told("ask Will about it", PAYMENT, facts=facts)) == ["gate.person"]


OWNERS: tuple[tuple[str, list[str]], ...] = (
    ("1101", []),
    ("1102", ["gate.person"]),
    ("product owner", []),
    ("Alex P.", ["gate.person", "gate.person"]),
    ("Petra N.", ["gate.person"]),
)


@pytest.mark.parametrize(("owner", "expected"), OWNERS)
def test_an_owner_owns_a_cited_task_or_is_a_role(owner: str, expected: list[str]) -> None:
    """A gid, or a role's words; no person by name."""
    assert kinds(told("waits for keys", PAYMENT, owner=owner)) == expected


def test_a_persons_fault_names_the_right_owner() -> None:
    """The cited task's."""
    (fault,) = told("Alex has asked the vendor", PAYMENT)
    assert (fault.claim, fault.right) == ("Alex", "Mara K.")


def test_a_tasks_fault_names_the_task_meant() -> None:
    """A name that is nearly right is told with the right one."""
    (fault,) = told("the slow part of Serach index is known", SEARCH)
    assert (fault.claim, fault.fact, fault.right) == ("Serach index", f"tasks.{SEARCH}", "Search index")


def test_two_tasks_have_two_owners() -> None:
    """Any of them may be named."""
    assert told("Alex and Juno agree", RETRY, CSV) == []


def test_a_very_short_name_hides_nothing() -> None:
    """A task called "9" does not make nines right."""
    facts = with_task(weekly(), PAYMENT, name="99")
    assert kinds(told("99 tasks are blocked", PAYMENT, facts=facts)) == ["gate.number"]


def test_letters_that_change_length_in_lower_case_are_read() -> None:
    """A dotted capital I must not shift what is marked."""
    assert told("İstanbul waits, and Payment retry too", PAYMENT) == []
