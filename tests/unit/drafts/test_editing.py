"""A draft's words as lines a person edits, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.drafts.draft import Draft, DraftSection, DraftUnreadable, Item
from facilitator.drafts.editing import with_texts, with_words, words_of

DRAFT = Draft(
    ceremony="standup",
    headline="Day {sprint.day}: {blocked} blocked",
    sections=(
        DraftSection(
            id="blocked",
            items=(
                Item(text="waits for keys", tasks=("11",), facts=("blocked",), next_step="ask the vendor"),
                Item(text="waits for Bob's\nreview", tasks=("12",), next_step="ask", owner="product owner"),
            ),
        ),
        DraftSection(id="help"),
    ),
)
FORM = """\
headline: Day {sprint.day}: {blocked} blocked
blocked[0].text: waits for keys
blocked[0].next_step: ask the vendor
blocked[1].text: waits for Bob's review
blocked[1].next_step: ask
blocked[1].owner: product owner"""


def test_every_piece_of_text_has_a_line_of_its_own() -> None:
    """Ids say where a piece stands; figures stay placeholders."""
    assert words_of(DRAFT) == FORM


@pytest.mark.parametrize(
    "text",
    [
        FORM,
        f"# a remark\n\n{FORM}\n\n",
        FORM.replace(" ", "\u00a0"),
        FORM.replace(" ", "  "),
        "\r\n".join(reversed(FORM.splitlines())),
    ],
)
def test_lines_that_say_the_same_give_the_same_draft(text: str) -> None:
    """Order, remarks, kinds of blanks and line ends do not count, so a detour through Asana changes nothing."""
    assert with_words(DRAFT, text) == DRAFT


def test_changed_words_stand_where_the_old_ones_did() -> None:
    """What is cited stays; only the words differ."""
    edited = with_words(DRAFT, FORM.replace("waits for keys", "waits for the sandbox keys"))
    assert edited.sections[0].items[0] == DRAFT.sections[0].items[0].model_copy(
        update={"text": "waits for the sandbox keys"}
    )
    assert edited.sections[0].items[1] == DRAFT.sections[0].items[1]


def test_a_line_left_out_takes_its_field_away() -> None:
    """An owner may be dropped, and given to an item that had none."""
    text = FORM.replace("\nblocked[1].owner: product owner", "") + "\nblocked[0].due_on: 2026-06-12"
    first, second = with_words(DRAFT, text).sections[0].items
    assert (second.owner, str(first.due_on)) == (None, "2026-06-12")


def test_an_item_goes_with_all_its_lines() -> None:
    """Those that stay keep their order."""
    kept = [line for line in FORM.splitlines() if not line.startswith("blocked[0]")]
    [item] = with_words(DRAFT, "\n".join(kept)).sections[0].items
    assert item == DRAFT.sections[0].items[1]


def test_a_form_changes_the_texts_it_names_and_no_others() -> None:
    """Fields of the form that are no place of the draft, and places the form does not show, count for nothing."""
    edited = with_texts(
        DRAFT, {"blocked[0].text": "waits  for\nthe keys", "digest": "x", "moved[0].text": "x"}
    )
    assert edited == with_words(DRAFT, FORM.replace("waits for keys", "waits for the keys"))
    assert with_texts(DRAFT, {"blocked[1].text": "waits for Bob's review"}) == DRAFT


def test_an_emptied_field_is_taken_away() -> None:
    """A next step may go; a headline or an item's text may not."""
    [first, _] = with_texts(DRAFT, {"blocked[0].next_step": " "}).sections[0].items
    assert first.next_step is None
    for place in ("headline", "blocked[1].text"):
        with pytest.raises(DraftUnreadable, match="is missing"):
            with_texts(DRAFT, {place: ""})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (FORM.replace("headline", "title"), "line 1"),
        (FORM.replace("headline: Day {sprint.day}: {blocked} blocked", "headline:"), "headline: is missing"),
        (FORM + "\nblocked[2].text: one more", r"blocked\[2\].text: there is no such place"),
        (FORM + "\nblocked[0].tasks: 13", r"blocked\[0\].tasks: there is no such place"),
        (FORM + "\nblocked[0].text: again", "given twice"),
        (FORM.replace("blocked[0].text: waits for keys\n", ""), r"blocked\[0\].text: is missing"),
        (FORM + "\nblocked[0].due_on: soon", "due_on"),
        (FORM.replace("waits for keys", "w" * 700), "text"),
        ("", "headline"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(text: str, named: str) -> None:
    """The person is told which line and why, and nothing is changed."""
    with pytest.raises(DraftUnreadable, match=named):
        with_words(DRAFT, text)


def test_every_fault_is_named_at_once() -> None:
    """Two wrong lines are two lines of the answer."""
    with pytest.raises(DraftUnreadable) as caught:
        with_words(DRAFT, FORM + "\nnonsense\nmoved[0].text: x")
    assert len(str(caught.value).splitlines()) == 2


TEXTS = st.text(min_size=1, max_size=80).filter(lambda text: bool(text.split()))


@given(st.lists(st.tuples(TEXTS, st.none() | TEXTS), max_size=4), TEXTS)
def test_any_draft_survives_the_detour(told: list[tuple[str, str | None]], headline: str) -> None:
    """Whatever the words hold, colons and braces and line ends included, unedited lines give the same draft."""
    items = tuple(Item(text=text, next_step=step) for text, step in told)
    draft = Draft(ceremony="x", headline=headline, sections=(DraftSection(id="one", items=items),))
    assert with_words(draft, words_of(draft)) == draft
