"""The tone linter: what it refuses, what it must let through, and how it says so."""

from __future__ import annotations

import pytest

from facilitator.drafts import tone
from facilitator.drafts.draft import Draft
from tests.facts import draft, item
from tests.unit.drafts_tone.sentences import ACCEPTED, REFUSED

PEOPLE = ("Mara K.", "Alex P.", "Juno S.", "Linh N.")


def saying(*texts: str, **more: str) -> Draft:
    """A draft whose first item, or items, say this."""
    return draft(
        headline="Sprint 24.", blocked=[item(text, **more) for text in texts], ageing=(), moved=(), help=()
    )


def kinds(sentence: str, people: tuple[str, ...] = PEOPLE) -> list[str]:
    return [fault.message.split(":")[0] for fault in tone.check(saying(sentence), people)]


@pytest.mark.parametrize(("kind", "sentence"), REFUSED)
def test_refused(kind: str, sentence: str) -> None:
    """Each class of unkind or empty words is refused by its name."""
    assert kind in kinds(sentence)


@pytest.mark.parametrize("sentence", ACCEPTED)
def test_look_alikes_pass(sentence: str) -> None:
    """Plain words about work pass, however much they look like the others."""
    assert kinds(sentence) == []


def test_the_corpus_is_large_enough() -> None:
    """At least sixty labelled sentences, both ways."""
    assert len(REFUSED) >= 45
    assert len(ACCEPTED) >= 35


@pytest.mark.parametrize(
    "sentence", ["Mara closed 5 tasks", "late because Mara did not answer", "five tasks by Mara"]
)
def test_names_are_noticed_without_a_list_of_people(sentence: str) -> None:
    """The linter runs on a draft alone; a capitalised word that works or is counted is taken for a person."""
    assert kinds(sentence, ()) != []


@pytest.mark.parametrize("sentence", ["finished by Friday", "due by June", "decided because Monday is free"])
def test_days_are_no_people(sentence: str) -> None:
    """A weekday or month in a person's place is a day."""
    assert kinds(sentence, ()) == []


def test_a_fault_quotes_the_sentence_and_says_what_to_do() -> None:
    """Its writer can mend it from the fault alone."""
    (fault,) = tone.check(saying("waits for keys. The team failed to ask in time"))
    assert (fault.check, fault.where) == ("tone", "blocked[0].text")
    assert fault.sentence == "The team failed to ask in time"
    assert fault.claim == "The team failed"
    assert "leave out who" in fault.message


@pytest.mark.parametrize("part", ["next_step", "signal"])
def test_every_free_text_is_read(part: str) -> None:
    """Cheering in a next step or signal is cheering."""
    (fault,) = tone.check(saying("waits for keys", **{part: "keep it up, great job"}))
    assert fault.where == f"blocked[0].{part}"


def test_three_emojis_pass_and_four_do_not() -> None:
    """They are counted over the whole document."""
    assert tone.check(saying("done ✅", "late ⚠️", "waits ⏳")) == []
    (fault,) = tone.check(saying("done ✅", "late ⚠️", "waits ⏳", "open 🔥"))
    assert fault.where == "blocked[3].text"
    assert "4 in the document" in fault.message


def test_placeholders_are_figures_to_the_linter() -> None:
    """A person's total is one whether typed or put in by code."""
    assert kinds("Mara closed {moved.done} tasks") == ["per-person total"]


def test_a_placeholder_is_never_shouting() -> None:
    """Ids in braces are code's, not the writer's voice."""
    assert kinds("{sprint.DONE_POINTS} points done") == []


def test_the_good_draft_has_no_fault() -> None:
    """The example every other check accepts is kind too."""
    assert tone.check(draft(), PEOPLE) == []
