"""Figures by name."""

import pytest

from facilitator.drafts.placeholders import UnknownFact, fill, fill_known, names, placeholder_faults
from tests.facts import fact, harbour, with_fact


def test_a_placeholder_becomes_the_fact_as_documents_print_it() -> None:
    """Percentages get their sign, dates their weekday, whole numbers no point."""
    facts = with_fact(
        harbour(),
        fact("share", 40.0, "percent"),
        fact("end", "2026-06-12", "date"),
        fact("gone", None, "text"),
    )
    assert fill("{share} by {end}, {gone}, {sprint.day}", facts) == "40 % by Fri 12 Jun, not known, 6"


def test_a_value_that_looks_like_a_placeholder_is_not_read_again() -> None:
    """A sprint named after a fact stays a name: outside text never expands."""
    facts = with_fact(harbour(), fact("sprint.name", "{sprint.day}", "text"))
    assert fill("{sprint.name}", facts) == "{sprint.day}"


def test_names_are_listed_in_reading_order() -> None:
    """Repeats are kept: each use is a use."""
    assert names("{a} {b.c} {a} {0} { d }") == ("a", "b.c", "a")


def test_an_unknown_id_is_a_fault_that_names_the_nearest() -> None:
    """A typo is told with the id that was meant and its value."""
    (fault,) = placeholder_faults("{sprint.dayy} of ten", harbour(), "headline")
    assert (fault.claim, fault.fact, fault.right) == ("{sprint.dayy}", "sprint.day", "6")


def test_an_unknown_id_like_no_other_has_no_nearest() -> None:
    """No wild guesses."""
    (fault,) = placeholder_faults("{zzzzzzzz}", harbour(), "headline")
    assert fault.fact == fault.right == ""
    assert fault.message == "there is no fact {zzzzzzzz}"


@pytest.mark.parametrize("text", ["{", "a } b", "{sprint day}", "{{sprint.day}}", "{1200.age}"])
def test_braces_that_are_no_placeholder_are_faults(text: str) -> None:
    """Nothing in braces reaches a reader; a task's own figures have no placeholders."""
    assert [fault.check for fault in placeholder_faults(text, harbour(), "headline")] == ["placeholder"]


def test_filling_an_unchecked_draft_stops() -> None:
    """The template is never shown an unknown id; the error says which would fit."""
    with pytest.raises(UnknownFact, match=r"\{sprint.dai\}") as stopped:
        fill("{sprint.dai}", harbour())
    assert "sprint.day" in stopped.value.suggestion


def test_an_unknown_id_without_a_neighbour_points_to_the_check() -> None:
    """The remedy is always something that can be done."""
    with pytest.raises(UnknownFact) as stopped:
        fill("{zzzzzzzz}", harbour())
    assert "draft_check" in stopped.value.suggestion


def test_counting_words_leaves_unknown_ids_as_written() -> None:
    """An unchecked draft can still be measured."""
    assert fill_known("{sprint.name} {nope}", harbour()) == "Sprint 24 {nope}"
