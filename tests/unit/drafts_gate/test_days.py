"""Dates, weekdays, clock times and relative days."""

from __future__ import annotations

import pytest

from tests.facts import CSV, PAYMENT, with_task
from tests.unit.drafts_gate.asking import OLD, head, kinds, told, weekly

RIGHT = (
    "The forecast is 24 June at 85 %",
    "Forecast p50 19 Jun, p85 June 24",
    "Forecast p50 2026-06-19, p85 24.06.",
    "Forecast p85 Wed 24 Jun",
    "Forecast p85 24.06.2026",
    "Forecast p85 June 24th, 2026",
    "Forecast p85 the 24th of June",
    "9 points done since Tuesday",
    "The board was read at 08:55",
    "It may end in May or later",
    "Forecast {forecast.p50} to {forecast.p85}",
)
WRONG = (
    "The forecast is 25 June at 85 %",
    "Forecast p50 24 June",
    "Forecast p85 19.06.",
    "Forecast p85 Thu 24 Jun",
    "Forecast p85 31 June",
    "Forecast p85 2025-06-24",
    "9 points done since Thursday",
    "Decide before 15:00",
    "Decide at 3 pm",
)


@pytest.mark.parametrize("sentence", RIGHT)
def test_a_supported_day_passes(sentence: str) -> None:
    """However people write it."""
    assert head(sentence) == []


@pytest.mark.parametrize("sentence", WRONG)
def test_an_unsupported_day_is_a_fault(sentence: str) -> None:
    """A day off by one, of another forecast, with a wrong weekday or year, or that does not exist."""
    assert kinds(head(sentence)) == ["gate.date"]


ITEMS: tuple[tuple[str, str, list[str]], ...] = (
    ("due 12 June", CSV, []),
    ("due Friday", CSV, []),
    ("first numbers on Friday", CSV, []),
    ("due Thursday", CSV, ["gate.date"]),
    ("due 19 June", CSV, ["gate.date"]),
    ("due today", CSV, ["gate.date"]),
    ("due tomorrow", PAYMENT, []),
    ("was due on 8 June", OLD, []),
    ("overdue since 9 June", OLD, ["gate.date"]),
    ("moved since yesterday", CSV, []),
)


@pytest.mark.parametrize(("text", "task", "expected"), ITEMS)
def test_a_due_date_is_the_cited_tasks(text: str, task: str, expected: list[str]) -> None:
    """Another date of the facts does not do where the words speak of the due date."""
    assert kinds(told(text, task)) == expected


def test_since_yesterday_is_wrong_after_a_weekend() -> None:
    """The window began on Friday: Monday's reader must not think it was Sunday."""
    from dataclasses import replace
    from datetime import timedelta

    facts = weekly()
    assert kinds(
        told("moved since yesterday", CSV, facts=replace(facts, start=facts.end - timedelta(days=3)))
    ) == ["gate.date"]


def test_an_items_own_date_may_be_named() -> None:
    """What `due_on` says, the text may say; `due_on` itself is checked too."""
    assert told("answer by Friday", CSV, due_on="2026-06-12") == []
    assert kinds(told("answer soon", CSV, due_on="2026-06-13")) == ["gate.date"]


def test_today_in_a_next_step_is_a_proposal() -> None:
    """Nobody checks whether the vendor is asked today."""
    assert told("waits", CSV, next_step="ask the vendor today, at the latest tomorrow") == []


def test_a_time_in_the_tasks_notes_may_be_repeated() -> None:
    """It is recorded, so it is not invented."""
    facts = with_task(weekly(), CSV, notes={"blocked_because": "the bank calls back at 15:00 on 2026-06-15"})
    assert told("the bank calls back at 15:00", CSV, facts=facts) == []
    assert told("the bank calls back on 15 June", CSV, facts=facts) == []


def test_a_date_without_its_year_is_the_nearest() -> None:
    """29 December is last year's in January."""
    from dataclasses import replace
    from datetime import UTC, datetime

    facts = with_task(weekly(), CSV, due_on="2025-12-29")
    january = replace(facts, as_of=datetime(2026, 1, 5, 9, tzinfo=UTC))
    assert told("was due Mon 29 Dec", CSV, facts=january) == []


def test_a_days_fault_names_the_right_day() -> None:
    """As documents print days."""
    (fault,) = told("due 19 June", CSV)
    assert (fault.fact, fault.right) == (f"tasks.{CSV}.due_on", "Fri 12 Jun")
