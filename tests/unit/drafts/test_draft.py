"""draft.json at the border, and faults as lines."""

import json

import pytest

from facilitator.drafts.draft import MAX_BYTES, Draft, DraftUnreadable, parse_draft
from facilitator.drafts.faults import Fault
from tests.facts import draft, raw


def test_a_draft_survives_its_own_canonical_form() -> None:
    """Reading what was recorded gives the same draft and the same digest."""
    again = parse_draft(draft().canonical())
    assert again == draft()
    assert again.digest() == draft().digest()


def test_the_digest_ignores_how_the_file_was_laid_out() -> None:
    """Key order and blanks are not the draft; a changed word is."""
    turned = json.dumps(dict(reversed(raw().items())), indent=4)
    assert parse_draft(turned).digest() == draft().digest()
    assert draft(headline="Another").digest() != draft().digest()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "draft.json: "),
        ("[]", "draft.json: "),
        ("{", "draft.json: "),
        (
            '{"ceremony": "standup", "headline": "x", "sections": [{"id": "a", "items": [{}]}]}',
            "sections.0.items.0.text: ",
        ),
        ('{"ceremony": "standup", "headline": "x", "sections": [], "mood": 1}', "mood: "),
        ('{"format": "draft/2", "ceremony": "standup", "headline": "x", "sections": []}', "format: "),
    ],
)
def test_an_unreadable_draft_names_its_places(content: str, told: str) -> None:
    """Each line says where and what, in words for its writer."""
    with pytest.raises(DraftUnreadable) as refused:
        parse_draft(content)
    assert any(line.startswith(told) for line in str(refused.value).split("\n"))


def test_an_endless_draft_is_refused_unread() -> None:
    """No honest draft comes near the bound."""
    with pytest.raises(DraftUnreadable, match="at most 65536"):
        parse_draft(b" " * (MAX_BYTES + 1))


def test_a_section_is_found_by_id() -> None:
    """None where the draft has none of that name."""
    found = draft().section("help")
    assert found is not None
    assert found.id == "help"
    assert Draft(ceremony="x", headline="x", sections=()).section("help") is None


def test_a_fault_is_one_line_with_the_right_value() -> None:
    """Empty members are left out of the JSON form; the line ends with the remedy where there is one."""
    fault = Fault("gate.number", "headline", "9 is wrong.", fact="sprint.day", right="6")
    assert fault.line() == "[gate.number] headline: 9 is wrong. Right: sprint.day = 6."
    assert Fault("caps", "draft", "too long").line() == "[caps] draft: too long"
    assert fault.as_dict() == {
        "check": "gate.number", "where": "headline", "message": "9 is wrong.", "fact": "sprint.day", "right": "6",
    }  # fmt: skip
