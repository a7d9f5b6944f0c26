"""What free text may not hold."""

from dataclasses import replace

import pytest

from facilitator.drafts.draft import Draft
from facilitator.drafts.wording import (
    figures_by_placeholder,
    headline_figure,
    headline_uses,
    passages,
    people_only_as_owners,
    safe_text,
)
from tests.facts import CSV, HEADLINE, draft, harbour, item, with_fact, with_task
from tests.facts import fact as one_fact


def said(text: str) -> Draft:
    """A draft whose one ask says this."""
    return draft(help=[item(text, CSV)])


def test_the_normal_draft_is_plain() -> None:
    """No check of this room finds a fault in it."""
    for check in (safe_text, figures_by_placeholder, headline_uses, headline_figure, people_only_as_owners):
        assert check(draft(), harbour()) == []


def test_all_free_text_is_read_in_order() -> None:
    """Headline, text, next step, signal and role are text; a gid is not."""
    both = [
        item("a", next_step="b", signal="c", owner="role"),
        item("d", owner="1103"),
    ]
    read = [one.where for one in passages(draft(blocked=(), ageing=(), moved=(), help=both))]
    assert read == [
        "headline", "help[0].text", "help[0].next_step", "help[0].signal", "help[0].owner", "help[1].text",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("see https://evil.example/x now", "https://evil.example/x"),
        ("see www.evil.example now", "www.evil.example"),
        ("ask mailto:a now", "mailto:a"),
        ("javascript://x", "javascript://x"),
        ("a <b>bold</b> move", "<b>"),
        ("a <!-- hidden --> move", "<!-- hidden --"),
        ("a &amp; b", "&amp;"),
        ("a &#8238; b", "&#8238;"),
        ("so **bold** it is", "**"),
        ("[click](there)", "]("),
        ("ask @mara today", "@mara"),
        ("ask mara@harbour.example today", "@harbour.example"),
        ("first\nsecond", "\n"),
    ],
)
def test_addresses_markup_and_mentions_are_refused(text: str, claim: str) -> None:
    """Each fault quotes what was found."""
    assert claim in [fault.claim for fault in safe_text(said(text), harbour())]


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x07", "\ufeff", "\U000e0041"])
def test_characters_a_reader_cannot_see_are_refused(hidden: str) -> None:
    """The fault names the character by its number, for it cannot be shown."""
    (fault,) = safe_text(said(f"decide{hidden} now"), harbour())
    assert f"U+{ord(hidden):04X}" in fault.message


@pytest.mark.parametrize(
    "text", ["a < b", "R&D decides", "node.js or vue.js?", "either/or: which", "5 * 3", "a_b_c"]
)
def test_honest_signs_are_fine(text: str) -> None:
    """Ampersands, comparisons and dotted names are words of the trade."""
    assert safe_text(said(text), harbour()) == []


def test_an_unknown_placeholder_is_a_fault_of_its_passage() -> None:
    """The place is the field that holds it."""
    (fault,) = safe_text(draft(help=[item("decide", CSV, next_step="on {nothing}")]), harbour())
    assert (fault.check, fault.where) == ("placeholder", "help[0].next_step")


@pytest.mark.parametrize(
    ("text", "number"),
    [("11 of them", "11"), ("about 40 % left", "40 %"), ("before 15:00", "15:00"), ("3.5 days", "3.5")],
)
def test_a_typed_number_is_refused(text: str, number: str) -> None:
    """Counts, shares, times and durations are put in by code."""
    (fault,) = figures_by_placeholder(said(text), harbour())
    assert (fault.claim, fault.fact) == (number, "")


def test_a_typed_number_that_is_a_fact_names_the_fact() -> None:
    """The remedy is the placeholder to write."""
    (fault,) = figures_by_placeholder(said("12 points were expected"), harbour())
    assert (fault.fact, fault.right) == ("sprint.expected_points", "12")
    assert "write {sprint.expected_points}" in fault.message


@pytest.mark.parametrize(
    "text", ["OAuth2 first", "the v2 api", "error E404x", "PR-17 is open", "utf-8", "{sprint.day} of it"]
)
def test_digits_inside_words_are_not_figures(text: str) -> None:
    """Names of the trade keep their digits."""
    assert figures_by_placeholder(said(text), harbour()) == []


def test_a_cited_tasks_own_number_may_be_repeated() -> None:
    """A number in the task's name or notes names a thing; in another task's it does not."""
    facts = with_task(harbour(), CSV, name="Error 502 on import", notes={"comment": "since build 77"})
    assert figures_by_placeholder(said("the 502 came with 77"), facts) == []
    assert len(figures_by_placeholder(said("the 502 came with 77"), harbour())) == 2


def test_the_headline_uses_what_the_document_asks_for() -> None:
    """The missing placeholder is named with its value."""
    (fault,) = headline_uses(draft(headline="Day {sprint.day}"), harbour())
    assert (fault.fact, fault.right) == ("sprint.verdict", "At risk")


def test_a_wanted_fact_that_does_not_exist_is_still_named() -> None:
    """A mistake in the ceremony shows as a fault, not as a crash."""
    facts = harbour()
    bare = {key: fact for key, fact in facts.facts.items() if key != "sprint.day"}
    (fault,) = headline_uses(draft(headline="{sprint.verdict}"), replace(facts, facts=bare))
    assert (fault.fact, fault.right) == ("sprint.day", "")


def test_a_headline_has_one_figure_besides_the_day() -> None:
    """Text facts, unknown ids and the day itself do not count; a quiet day needs none."""
    poor = draft(headline="Day {sprint.day}: {sprint.verdict} {sprint.nothing}")
    besides = ("sprint.day",)
    assert len(headline_figure(poor, harbour(), besides=besides)) == 1
    assert headline_figure(draft(headline=HEADLINE), harbour(), besides=besides) == []
    assert headline_figure(poor, harbour(quiet=True), besides=besides) == []


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Alex P. has to split it", "Alex P."),
        ("ask alex p. again", "alex p."),
        ("only Juno knows it", "Juno"),
    ],
)
def test_a_person_named_in_free_text_is_refused(text: str, claim: str) -> None:
    """The fault says which gid to put in `owner`."""
    (fault,) = people_only_as_owners(said(text), harbour())
    assert fault.claim == claim
    assert "`owner`" in fault.message


@pytest.mark.parametrize(
    "text", ["Mark the release", "we will decide", "the juno build", "a marathon of tests"]
)
def test_words_that_are_first_names_too_are_fine(text: str) -> None:
    """A first name counts only in capitals and inside a sentence."""
    facts = harbour()
    people = {**facts.people, "1104": "Mark T.", "1105": "Will", "1106": "", "1107": " ", "1108": "Al"}
    assert people_only_as_owners(said(text), replace(facts, people=people)) == []


def test_a_fact_without_value_supports_no_number() -> None:
    """`not known` is not a figure."""
    facts = with_fact(harbour(), one_fact("gone", None, "points"))
    (fault,) = figures_by_placeholder(said("99 of them"), facts)
    assert fault.fact == ""


@pytest.mark.parametrize(
    "text",
    [
        "see evil.example",
        "see evil.example/login",
        "see www.evil.example",
        "see //evil.example/x",
        "see https:/ /evil.example",
        "javascript:alert(1)",
        "data:text/html;base64,PHM=",
        "write to mailto:a@b.example",
        "\u0410pproved in full",
        "\uff19\uff14\uff13\uff11 done",
        "9431\uac1c done",
        "すべて完了しました",
        "\U0001d400ll good",
        "\uff1cscript\uff1e",
    ],
)
def test_disguised_text_and_addresses_are_refused(text: str) -> None:
    """An address without its scheme, and letters the checks cannot read, have no place in free text."""
    assert "safe" in {fault.check for fault in safe_text(said(text), harbour())}


@pytest.mark.parametrize(
    "text",
    [
        "waits for facts.json and node.js",
        "e.g. the parser, i.e. its tests",
        "and/or the reviewer",
        "the data: none yet",
        "naïve café, Müller’s “quote” … ½ m²",
        "a 10 µs budget",
    ],
)
def test_plain_text_is_not_taken_for_an_address(text: str) -> None:
    """File names, abbreviations, accents and units are what people write."""
    assert not [fault for fault in safe_text(said(text), harbour()) if fault.check == "safe"]
