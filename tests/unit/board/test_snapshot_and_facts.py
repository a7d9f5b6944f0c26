"""The two ends of the board: what was read, and the facts' own file."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from facilitator.board.board import Board
from facilitator.board.facts import Document, Fact, Facts, SectionSpec, show
from facilitator.board.snapshot import FieldValue
from tests.boards import SPRINT, board, called, gid, rules, snapshot, sprint, task
from tests.facts import harbour


def test_a_task_is_found_by_its_gid() -> None:
    """Or is not."""
    known = snapshot(task("A"))
    assert known.task(gid("A")) == known.tasks[0]
    assert known.task("404") is None


def test_a_task_may_be_in_several_sprints_at_once() -> None:
    """A multi-select Sprint field: the task counts in each of them."""
    known = snapshot(
        sprint("S1", "2026-03-02", "2026-03-13"), sprint("S2", "2026-03-16", "2026-03-27"), task("A")
    )
    both: FieldValue = (gid("S1"), gid("S2"))
    tasks = (replace(known.tasks[0], fields={SPRINT: both}),)
    found = Board.of(replace(known, tasks=tasks), rules())
    assert [called(found.scope(one, found.as_of)) for one in found.sprints] == [["A"], ["A"]]


def test_a_field_of_text_is_its_own_name() -> None:
    """Options have names; a text field's value is what somebody typed."""
    found = board(task("A", blocked="Blocked"))
    history = found.histories[gid("A")]
    assert found.option_name(history, "Blocked", found.as_of) == "Blocked"
    assert found.option_name(history, "Nowhere", found.as_of) == ""
    typed = replace(found, options={})
    assert typed.option_name(history, "Blocked", found.as_of) == gid("Blocked")


def test_facts_are_read_back_as_they_were_written() -> None:
    """The gate works on the file the agent saw."""
    assert Facts.from_json(harbour().to_json()) == harbour()


def test_a_section_that_may_hold_nothing_is_read_back() -> None:
    """A cap of zero (a retro while three earlier actions are open) is a figure, not an empty member to leave out."""
    document = Document((SectionSpec("actions", "Actions", 0),), max_words=10)
    facts = replace(harbour(), document=document)
    assert Facts.from_json(facts.to_json()).document == document


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": "facts/2"}', '"facts/1"'])
def test_another_file_is_not_facts(text: str) -> None:
    """The format line is asked for first."""
    with pytest.raises(ValueError, match="no such format line"):
        Facts.from_json(text)


@pytest.mark.parametrize("gone", ["team", "window", "facts", "document", "coverage"])
def test_half_a_file_is_not_facts(gone: str) -> None:
    """A missing part is named, not guessed."""
    raw = json.loads(harbour().to_json())
    del raw[gone]
    with pytest.raises(ValueError, match=gone):
        Facts.from_json(json.dumps(raw))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "tasks", "not known"),
        (12.0, "points", "12"),
        (1 / 3, "days", "0.3"),
        (40, "percent", "40 %"),
        ("2026-06-12", "date", "Fri 12 Jun"),
        ("At risk", "text", "At risk"),
    ],
)
def test_a_value_as_documents_print_it(value: float | str | None, unit: str, text: str) -> None:
    """Whole numbers without a point, shares with a sign, dates as days."""
    assert show(Fact("x", "x", value, unit, "rule")) == text
