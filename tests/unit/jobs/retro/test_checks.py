"""What the retro's own checks refuse and let through, beyond the examples in rubrics/."""

from dataclasses import replace

import pytest

from facilitator.drafts import retrospect
from facilitator.drafts.checks import check_draft
from jobs.retro import RETRO_CHECKS
from tests.boards import gid

from .harbour import NORMAL, board_of, changed, draft, facts, gathered, improvements, item


def failed(**sections: object) -> set[str]:
    """The criteria that the normal draft fails with these sections."""
    return {fault.check for fault in check_draft(draft(**sections), facts(), RETRO_CHECKS.values())}


def pattern(text: str, *tasks: str, of: tuple[str, ...] = ("added_late",)) -> dict[str, object]:
    """The second pattern, told so."""
    return {"patterns": (NORMAL["patterns"][0], item(text, *tasks, facts=of))}


LATE = ("Colour of the logo", "Shorter start page")


def test_the_normal_draft_has_no_fault() -> None:
    """Or every test below would prove nothing."""
    assert failed() == set()


def test_an_account_that_does_not_add_up_is_refused() -> None:
    """Whatever the draft says: facts that contradict themselves must not be published."""
    [fault] = retrospect.reconciles(draft(), changed(facts(), sprint__completed=9))
    assert fault.message.startswith("8 tasks came into the sprint and 10 are accounted for")
    assert retrospect.reconciles(draft(), facts()) == []


def test_an_account_that_is_missing_is_refused() -> None:
    """No figures is no account, except where no sprint has ended."""
    bare = replace(facts(), facts={})
    assert retrospect.reconciles(draft(), bare)
    quiet = gathered(board_of(as_of="2026-05-05T09:00Z"))
    assert retrospect.reconciles(draft(), quiet) == []


@pytest.mark.parametrize(
    "text",
    [
        "small wishes may come in late",
        "do small wishes come in late?",
        "it looks like small wishes come in late",
        "perhaps small wishes come in late",
    ],
)
def test_a_hypothesis_may_be_worded_in_several_ways(text: str) -> None:
    """A word of doubt or a question mark."""
    assert failed(**pattern(text, *LATE)) == set()


@pytest.mark.parametrize(
    "text", ["small wishes come in late", "the dismay of late wishes", "May wishes come in late"]
)
def test_a_verdict_is_no_hypothesis(text: str) -> None:
    """Told as certain; but a month at the beginning reads as doubt, and that is let through."""
    assert failed(**pattern(text, *LATE)) == (set() if text.startswith("May") else {"R3"})


def test_one_task_with_a_figure_is_evidence() -> None:
    """A pattern may lean on a figure, named in its facts or put into its text."""
    assert failed(**pattern("may cost {blocked.days} working days", of=("blocked.days",))) == set()
    assert failed(**pattern("may be one of its kind", LATE[0], of=("sprint.name",))) == {"R3"}


@pytest.mark.parametrize(
    "text", ["cause not recorded", "open; the cause is not recorded", "open, no cause recorded"]
)
def test_a_missing_cause_is_said_in_plain_words(text: str) -> None:
    """Any of the usual wordings."""
    assert failed(deviations=(item(text, "Search index"),)) == set()


def test_an_action_may_name_its_pattern_in_its_text() -> None:
    """By placeholder as well as in its facts; but it needs one."""
    action = {**NORMAL["actions"][0], "facts": ["sprint.name"]}
    assert failed(actions=(action,)) == {"R7"}
    assert failed(actions=({**action, "text": "end waits sooner than {blocked_long} times"},)) == set()


def test_without_a_pattern_an_action_may_lean_on_any_fact() -> None:
    """A calm sprint has none, and one action may still help."""
    assert retrospect.actions_linked(draft(patterns=()), facts()) == []


@pytest.mark.parametrize(
    ("day", "wrong"),
    [("2026-06-01", True), ("2026-06-02", False), ("2026-06-13", False), ("2026-06-14", True)],
)
def test_an_action_is_due_after_today_and_within_a_sprint(day: str, wrong: bool) -> None:
    """Both ends are days of the team's zone."""
    action = {**NORMAL["actions"][0], "due_on": day}
    assert ("R7" in failed(actions=(action,))) is wrong


def test_an_action_owned_by_a_person_must_cite_their_task() -> None:
    """Roles need no task; a gid is of a cited task's owner."""
    action = {**NORMAL["actions"][0], "owner": gid("Alex P.")}
    assert failed(actions=(action,)) == {"R5"}
    cited = item(
        action["text"],
        "Payment retry",
        facts=("blocked_long",),
        owner=gid("Mara K."),
        due_on="2026-06-12",
        signal="fewer waits",
    )
    assert failed(actions=(cited,)) == set()


def test_no_action_passes_while_three_are_open() -> None:
    """The cap is none at all, and the fault is told once, under the rubric's id."""
    found = gathered(board_of(*improvements(2)))
    given = draft(last_actions=tuple(item("open", name) for name in _open(found)))
    told = [fault for fault in check_draft(given, found, RETRO_CHECKS.values()) if fault.where == "actions"]
    assert [fault.check for fault in told] == ["R7"]
    assert "at most 0" in told[0].message


def _open(found: object) -> list[str]:
    from tests.boards import called

    return called(found.facts["actions.past"].tasks)  # type: ignore[attr-defined]


@pytest.mark.parametrize("where", ["went_well", "headline"])
def test_a_comparison_needs_both_sides(where: str) -> None:
    """Anywhere but in questions and actions; the figure before must exist."""
    text = "{sprint.name}: {sprint.done_points} of {sprint.planned_points} points, throughput improved"
    if where == "headline":
        assert failed(headline=text) == {"R9"}
        assert failed(headline=text.replace("throughput", "{throughput}")) == set()
    else:
        assert failed(went_well=(item("reviews have improved", "Audit log"),)) == {"R9"}
        assert failed(went_well=(item("waits have improved", "Audit log", facts=("blocked.days",)),)) == set()


def test_questions_and_actions_may_speak_of_trends() -> None:
    """Asking whether something improved claims nothing."""
    asked = (NORMAL["discuss"][0], item("Has the trend of late wishes improved?"))
    assert failed(discuss=asked) == set()


def test_a_trend_may_lean_on_five_sprints() -> None:
    """Say/do has a band from five sprints on; then, and only then, a trend may be told."""
    told = draft(**pattern("there may be a trend", *LATE, of=("added_late", "saydo.mid")))
    assert {fault.check for fault in retrospect.trends(told, facts())} == {"trend"}
    five = facts()
    five = replace(
        five, facts={**five.facts, "saydo.mid": replace(five.facts["blocked.days"], id="saydo.mid")}
    )
    assert retrospect.trends(told, five) == []


def test_a_section_that_is_missing_is_told_once_and_breaks_nothing() -> None:
    """The form's check names it; the retro's own checks have nothing to look at."""
    given = draft()
    given = given.model_copy(update={"sections": given.sections[:1]})
    faults = check_draft(given, facts(), RETRO_CHECKS.values())
    assert {fault.check for fault in faults} == {"R10"}
