"""Sections, caps, needed fields and the quiet form."""

from dataclasses import replace
from typing import Any

from facilitator.board.facts import Facts, SectionSpec
from facilitator.drafts.draft import Draft
from facilitator.drafts.shape import needed, quiet_form, right_ceremony, sections_in_order, within_caps
from tests.facts import CSV, HELP, LOGIN, draft, harbour, item, quiet_draft, raw


def sections(*ids: str) -> Draft:
    """A draft with these empty sections."""
    return Draft.model_validate({**raw(), "sections": [{"id": name} for name in ids]})


def shaped(facts: Facts, **changes: Any) -> Facts:
    """The same facts asking for a document of another shape."""
    return replace(facts, document=replace(facts.document, **changes))


def test_a_draft_of_another_ceremony_is_refused() -> None:
    """A retro's draft is not judged by a stand-up's facts."""
    (fault,) = right_ceremony(draft().model_copy(update={"ceremony": "retro\u202e\n"}), harbour())
    assert fault.message == "is 'retro'; these facts are for 'standup'"


def test_the_right_form_has_no_faults() -> None:
    """The normal draft keeps its form."""
    for check in (right_ceremony, sections_in_order, within_caps, needed, quiet_form):
        assert check(draft(), harbour()) == []


def test_a_missing_section_is_named() -> None:
    """Nothing to say is said with an empty list, not by leaving out."""
    (fault,) = sections_in_order(sections("blocked", "ageing", "moved"), harbour())
    assert fault.where == "help"
    assert "[]" in fault.message


def test_unknown_and_repeated_sections_are_named() -> None:
    """The right ids are told, and a section is given once."""
    faults = sections_in_order(sections("blocked", "ageing", "moved", "help", "kudos", "blocked"), harbour())
    assert [(fault.where, fault.claim) for fault in faults] == [
        ("sections[4]", "kudos"),
        ("sections[5]", "blocked"),
    ]
    assert "blocked, ageing, moved, help" in faults[0].message


def test_the_order_is_the_documents() -> None:
    """Blockers come first."""
    (fault,) = sections_in_order(sections("moved", "blocked", "ageing", "help"), harbour())
    assert fault.message == "wrong order; right is blocked, ageing, moved, help"


def test_a_section_holds_at_most_its_items() -> None:
    """The cap is told with the count."""
    (fault,) = within_caps(draft(help=HELP * 4), harbour())
    assert (fault.where, fault.message) == ("help", "4 items are given, at most 3 are shown")


def test_the_headlines_words_are_counted_as_readers_see_them() -> None:
    """A placeholder counts as the words of its value, a lone dash as none."""
    facts = shaped(harbour(), headline_words=4)
    assert within_caps(draft(headline="{sprint.name}, {sprint.verdict}"), facts) == []
    (fault,) = within_caps(draft(headline="{sprint.name} – {sprint.verdict} now"), facts)
    assert (fault.where, fault.message) == ("headline", "5 words; at most 4")


def test_an_items_words_are_all_its_free_text() -> None:
    """Text, next step, signal and role count together; a person's gid does not."""
    facts = shaped(harbour(), sections=(SectionSpec(id="help", title="Help", max_items=3, max_words=6),))
    fits = item("two words", CSV, next_step="two words", signal="one", owner="1103")
    over = {**fits, "owner": "product owner"}
    assert within_caps(draft(help=[fits]), facts) == []
    assert [fault.where for fault in within_caps(draft(help=[fits, over]), facts)] == ["help[1]"]


def test_all_words_together_have_a_cap() -> None:
    """Many short items are long too."""
    (fault,) = within_caps(draft(), shaped(harbour(), max_words=20))
    assert fault.where == "draft"
    assert fault.message.endswith("words; at most 20")


def test_a_needed_field_is_named() -> None:
    """The place says which item and which field."""
    faults = needed(draft(help=[item("decide", CSV), item("decide", LOGIN, owner="lead")]), harbour())
    assert [fault.where for fault in faults] == ["help[0].owner"]


def test_only_the_named_section_is_asked_where_one_is_named() -> None:
    """A criterion about one section is not failed by another."""
    assert needed(draft(help=[item("decide", CSV)]), harbour(), section="blocked") == []


def test_a_section_may_need_some_items() -> None:
    """Fewest items are told with the count."""
    spec = SectionSpec(id="help", title="Help", max_items=4, min_items=2)
    (fault,) = needed(draft(), shaped(harbour(), sections=(spec,)))
    assert (fault.where, fault.message) == ("help", "1 given; at least 2 needed")


def test_a_quiet_day_is_its_headline() -> None:
    """Items on a quiet day are refused, section by section, and nothing is needed."""
    facts = harbour(quiet=True)
    assert quiet_form(quiet_draft(), facts) == []
    assert [fault.where for fault in quiet_form(draft(ageing=()), facts)] == ["blocked", "moved", "help"]
    assert needed(draft(help=[item("decide", CSV)]), facts) == []
