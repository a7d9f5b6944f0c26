"""One list of faults for a draft."""

from collections.abc import Sequence

from facilitator.board.facts import Facts
from facilitator.drafts.checks import (
    STANDUP_CHECKS,
    check_draft,
    check_shape,
    criterion,
    ordered,
    without_facts,
)
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from tests.facts import BLOCKED, CSV, draft, harbour, item


def late_and_early(_draft: Draft, _facts: Facts) -> Sequence[Fault]:
    """A check that tells its faults in no order."""
    places = ["draft", "help[0].owner", "help[0].text", "moved", "moved[1].tasks", "headline", "help[0].odd"]
    return [Fault("any", where, "wrong") for where in places]


def moody(_draft: Draft) -> Sequence[Fault]:
    """A tone check that is never pleased."""
    return [Fault("tone", "headline", "too loud")]


def test_a_right_draft_has_no_faults() -> None:
    """With every check there is, the normal draft passes."""
    assert check_shape(draft(), harbour()) == []
    assert check_draft(draft(), harbour(), STANDUP_CHECKS.values()) == []


def test_faults_come_in_reading_order() -> None:
    """Headline, then sections with their items and fields, then what concerns the whole."""
    found = check_draft(draft(), harbour(), [late_and_early])
    assert [fault.where for fault in found] == [
        "headline", "moved", "moved[1].tasks", "help[0].text", "help[0].owner", "help[0].odd", "draft",
    ]  # fmt: skip


def test_the_same_draft_has_the_same_faults() -> None:
    """Asked again, nothing moves: the agent mends a list that stands still."""
    broken = draft(
        headline="11 of nine", blocked=BLOCKED[::-1], help=[item("@all look", "999", due_on="2026-07-01")]
    )
    first = check_draft(broken, harbour(), STANDUP_CHECKS.values())
    assert first == check_draft(broken, harbour(), list(STANDUP_CHECKS.values())[::-1])
    assert len({(fault.where, fault.message) for fault in first}) == len(first)


def test_a_criterion_and_the_generic_check_tell_one_fault() -> None:
    """The criterion's id stays: it is what the grader speaks of."""
    missing = draft(blocked=BLOCKED[:1])
    assert [fault.check for fault in check_draft(missing, harbour(), STANDUP_CHECKS.values())] == ["D2"]
    assert [fault.check for fault in check_draft(missing, harbour())] == ["covers"]


def test_gate_and_tone_are_part_of_the_list() -> None:
    """Both are handed in, and both count."""
    found = check_draft(draft(), harbour(), gate=late_and_early, tone=moody)
    assert {"any", "tone"} == {fault.check for fault in found}


def test_a_tone_check_may_decide_a_criterion() -> None:
    """It keeps its faults and takes the criterion's id."""
    decide = criterion("D8", without_facts(moody))
    assert [fault.check for fault in decide(draft(), harbour())] == ["D8"]


def test_a_draft_with_odd_section_names_is_ordered_too() -> None:
    """A section may be called anything; sorting does not trip over it."""
    odd = Draft.model_validate(
        {
            "ceremony": "standup",
            "headline": "x",
            "sections": [{"id": "[", "items": []}, {"id": "help", "items": []}],
        }
    )
    faults = [Fault("a", "[", "x"), Fault("a", "help", "x"), Fault("a", "", "x")]
    assert [fault.where for fault in ordered(faults, odd)] == ["help", "[", ""]


def test_a_hopeless_draft_is_told_everything_at_once() -> None:
    """All faults in one answer: each round of mending costs the full price."""
    hopeless = Draft.model_validate(
        {
            "ceremony": "retro",
            "headline": "{x",
            "sections": [{"id": "help", "items": [item("a\nb", CSV, facts=["y"])]}],
        }
    )
    checks = {fault.check for fault in check_shape(hopeless, harbour())}
    assert checks == {"ceremony", "sections", "needs", "headline", "safe", "placeholder", "facts"}
