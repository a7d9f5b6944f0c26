"""Asks the gate about one sentence: a headline, or one item of the Harbour stand-up, weekly or retro."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from facilitator.board.facts import Fact, Facts
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.drafts.gate import check
from tests.facts import fact, harbour, item, listing, with_fact

SEARCH, THEME, OLD = "1202", "1206", "1209"


def labelled(fact_id: str, label: str, value: float | str | None, unit: str = "tasks", **more: Any) -> Fact:
    """A fact with a label of its own."""
    return replace(fact(fact_id, value, unit, **more), label=label)


WEEKLY = (
    labelled("throughput", "tasks finished", 9),
    labelled("throughput.last_week", "tasks finished, last week", 7),
    labelled("cycle.p50", "median cycle time", 4, "days"),
    labelled("cycle.p50.last_week", "median cycle time, last week", 5, "days"),
    labelled("cycle.p85", "cycle time, p85", 8.4, "days"),
    labelled("hygiene", "hygiene of open tasks", 72.4, "percent"),
    labelled("scope.added", "points added to the scope", 6, "points"),
    labelled("scope.added.last_week", "points added to the scope, last week", 3, "points"),
    labelled("scope.change", "change of the scope", -3, "points"),
    labelled("forecast.p50", "forecast, as likely as not", "2026-06-19", "date"),
    labelled("forecast.p85", "forecast, 85 % sure", "2026-06-24", "date"),
    labelled("board.read", "board read", "2026-06-10T06:55:00+00:00", "instant"),
    labelled("wip", "in progress", 5, of=14),
    labelled("wip.limit", "limit", 4),
    labelled("actions.open", "open actions", 2, "count", of=3),
    labelled("sprint.name.previous", "previous sprint", "Sprint 23", "text"),
    listing("overdue", OLD),
    listing("unassigned", "1201", OLD),
)


def weekly() -> Facts:
    """Harbour with a week's figures, last week's beside them, and one task overdue."""
    facts = with_fact(harbour(), *WEEKLY)
    tasks = {**facts.tasks, OLD: replace(facts.tasks[OLD], due_on="2026-06-08")}
    return replace(facts, tasks=tasks)


def retro() -> Facts:
    """A fortnight's facts: what was is told in the past tense."""
    facts = weekly()
    return replace(facts, start=facts.end - timedelta(days=14))


def draft_of(headline: str = "Hello.", *items: dict[str, Any], section: str = "moved") -> Draft:
    """A draft of one headline and some items of one section."""
    return Draft.model_validate(
        {"ceremony": "standup", "headline": headline, "sections": [{"id": section, "items": list(items)}]}
    )


def head(text: str, facts: Facts | None = None) -> list[Fault]:
    """The faults of a headline."""
    return check(draft_of(text), facts or weekly())


def told(
    text: str, *tasks: str, facts: Facts | None = None, section: str = "moved", **more: Any
) -> list[Fault]:
    """The faults of one item."""
    return check(draft_of("Hello.", item(text, *tasks, **more), section=section), facts or weekly())


def kinds(faults: list[Fault]) -> list[str]:
    """Their check ids."""
    return [fault.check for fault in faults]
