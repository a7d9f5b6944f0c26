"""Tasks, facts, owners and dates a draft points at."""

import dataclasses

import pytest

from facilitator.board.facts import Facts, SectionSpec
from facilitator.drafts import citing
from facilitator.drafts.draft import Draft
from tests.facts import (
    ALEX,
    BLOCKED,
    CSV,
    EXPORT,
    HELP,
    IMPORT,
    JUNO,
    LOGIN,
    MARA,
    MOVED,
    OLD,
    PAYMENT,
    RETRY,
    SEARCH,
    THEME,
    draft,
    harbour,
    item,
    listing,
    with_fact,
    with_task,
)

MOVED_GROUPS = ("moved.done", "moved.in_review", "moved.started")


def asked(**fields: object) -> Draft:
    """A draft whose one ask has these fields."""
    return draft(help=[item("decide on it", CSV, **fields)])


def test_the_normal_draft_points_at_the_right_things() -> None:
    """No check of this room finds a fault in it."""
    facts = harbour()
    for check in (
        citing.known_tasks,
        citing.cites_a_task,
        citing.cited_once,
        citing.covers,
        citing.cites_from,
        citing.known_facts,
        citing.owner_known,
        citing.due_supported,
    ):
        assert check(draft(), facts) == []


def test_an_unknown_task_is_named() -> None:
    """A gid the facts do not hold is not cited, whatever exists in Asana."""
    (fault,) = citing.known_tasks(draft(help=[item("decide", "999", CSV)]), harbour())
    assert (fault.where, fault.claim) == ("help[0].tasks", "999")


def test_an_item_without_a_task_is_named() -> None:
    """A claim that cites nothing cannot be looked up."""
    (fault,) = citing.cites_a_task(draft(help=[item("decide")]), harbour())
    assert fault.where == "help[0].tasks"


def test_a_task_told_twice_names_both_places() -> None:
    """Twice in one item, in two items and in two sections are all one too many."""
    faults = citing.cited_once(
        draft(help=[item("a", CSV, CSV), item("b", CSV), item("c", PAYMENT)]), harbour()
    )
    assert [fault.where for fault in faults] == ["help[0].tasks", "help[1].tasks", "help[2].tasks"]
    assert "'Payment retry' (1200) is already cited in blocked[0]" in faults[2].message


def test_a_missing_blocker_is_named_with_its_task() -> None:
    """The writer learns which task it forgot and which are right."""
    (fault,) = citing.covers(draft(blocked=BLOCKED[:1]), harbour())
    assert fault.message == "'Import job' (1201) is missing; `blocked` holds it"
    assert (fault.where, fault.fact, fault.right) == ("blocked", "blocked", f"{PAYMENT}, {IMPORT}")


def test_an_added_blocker_is_named() -> None:
    """A task the fact does not list is not blocked, even where it is known."""
    (fault,) = citing.covers(draft(blocked=[*BLOCKED, item("old", OLD)]), harbour())
    assert fault.message == "'Colour of the logo' (1209) does not belong here; `blocked` does not list it"


def test_covering_an_empty_list_means_no_items() -> None:
    """With nothing blocked, naming a blocker is a fault that says so."""
    facts = with_fact(harbour(), listing("blocked"))
    faults = citing.covers(draft(blocked=BLOCKED[:1]), facts, section="blocked")
    assert [fault.right for fault in faults] == ["no task"]


def test_covering_keeps_the_order_of_the_fact() -> None:
    """Oldest first."""
    (fault,) = citing.covers(draft(blocked=BLOCKED[::-1]), harbour())
    assert fault.message == "wrong order; keep the order of `blocked`"


def test_only_the_first_tasks_up_to_the_cap_are_asked_for() -> None:
    """A fifth blocker is left to the heading's count."""
    facts = with_fact(harbour(), listing("blocked", PAYMENT, IMPORT, CSV, LOGIN, OLD))
    four = [item("waits", gid) for gid in (PAYMENT, IMPORT, CSV, LOGIN)]
    assert citing.covers(draft(blocked=four), facts, section="blocked") == []


def test_a_quiet_day_covers_nothing() -> None:
    """The one-line form has no lists to complete."""
    assert citing.covers(draft(blocked=()), harbour(quiet=True)) == []


def test_a_board_without_the_covered_fact_asks_nothing() -> None:
    """What was not computed cannot be missing."""
    facts = harbour()
    facts = dataclasses.replace(
        facts, facts={key: one for key, one in facts.facts.items() if key != "blocked"}
    )
    assert citing.covers(draft(blocked=()), facts, section="blocked") == []


def test_a_hostile_task_name_is_quoted_on_one_short_line() -> None:
    """Faults go to the agent: a name in them can neither hide nor flood."""
    facts = with_task(harbour(), IMPORT, name="drop\n\u202etables " + "x" * 3000)
    (fault,) = citing.covers(draft(blocked=BLOCKED[:1]), facts)
    assert len(fault.message) < 120
    assert fault.message.startswith("'drop tables xxx")


def test_a_section_cites_from_its_lists_only() -> None:
    """What did not move is not told as moved."""
    (fault,) = citing.cites_from(draft(moved=[*MOVED, item("new colour", OLD)]), harbour())
    assert (fault.where, fault.claim) == ("moved[2].tasks", OLD)
    assert "moved.done, moved.in_review, moved.started" in fault.message


def test_an_unknown_fact_is_named_with_the_nearest() -> None:
    """Leaning on a fact that does not exist is a fault."""
    (fault,) = citing.known_facts(asked(facts=["agein", "today"]), harbour())
    assert (fault.where, fault.fact) == ("help[0].facts", "ageing")


@pytest.mark.parametrize("owner", [JUNO, "product owner", "Scrum Master", None])
def test_an_owner_is_a_person_of_the_task_or_a_role(owner: str | None) -> None:
    """Both forms, and none, are fine."""
    assert citing.owner_known(asked(owner=owner), harbour()) == []


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        (MARA, "right is 1103 (Juno S.) or a role"),
        ("999999", "right is 1103 (Juno S.) or a role"),
        ("team 7", "holds digits"),
        ("mara k.", f"write the gid {MARA}"),
    ],
)
def test_any_other_owner_is_refused(owner: str, told: str) -> None:
    """Nobody is given work on a task that is not theirs, and names are put in by code."""
    (fault,) = citing.owner_known(asked(owner=owner), harbour())
    assert fault.where == "help[0].owner"
    assert told in fault.message


def test_a_task_without_owner_leaves_a_role() -> None:
    """The right value is told even where nobody owns the task."""
    (fault,) = citing.owner_known(draft(help=[item("decide", OLD, owner=MARA)]), harbour())
    assert fault.message.endswith("right is a role")


@pytest.mark.parametrize("due", ["2026-06-12", "2026-06-10", None])
def test_a_date_comes_from_the_task_or_the_facts(due: str | None) -> None:
    """The cited task's due date, or a fact of unit date."""
    assert citing.due_supported(asked(due_on=due), harbour()) == []


def test_any_other_date_is_refused() -> None:
    """The dates that would be right are told."""
    (fault,) = citing.due_supported(asked(due_on="2026-06-19"), harbour())
    assert fault.message.startswith("Fri 19 Jun is no due date")
    assert fault.message.endswith("right is 2026-06-10 or 2026-06-12 or no date")


def proposing(section: str) -> tuple[Draft, Facts]:
    """A draft whose only section proposes one action for the day after."""
    facts = harbour()
    spec = SectionSpec(id=section, title="Next", max_items=3)
    facts = dataclasses.replace(facts, document=dataclasses.replace(facts.document, sections=(spec,)))
    return draft(**{section: [item("do it", CSV, due_on="2026-06-11")]}), facts


def test_a_proposed_action_may_have_any_later_day() -> None:
    """A proposal's date is new by nature."""
    assert citing.due_supported(*proposing("actions")) == []
    assert citing.due_supported(*proposing("next")) == []
    assert len(citing.due_supported(*proposing("risks"))) == 1


def test_a_proposed_action_is_not_due_today_or_before() -> None:
    """Today in the team's zone, not in UTC: at 23:30 UTC Berlin is a day on."""
    late = dataclasses.replace(harbour(), as_of=harbour().as_of.replace(hour=23, minute=30))
    proposal = draft(actions=[item("do it", CSV, due_on="2026-06-11")])
    assert len(citing.due_supported(proposal, late)) == 1


def test_finished_work_comes_before_started_work() -> None:
    """Right to left over the board."""
    moved = [item("layout", CSV), item("sign in", LOGIN)]
    (fault,) = citing.in_turn(draft(moved=moved), harbour(), section="moved", groups=MOVED_GROUPS)
    assert (fault.where, fault.message) == (
        "moved[1]",
        "moved.done stands after moved.started; finished work comes first",
    )


def test_an_item_stays_within_one_list() -> None:
    """Done and in review are two items; a task of no list does not matter."""
    moved = [item("both", EXPORT, THEME), item("more", RETRY, SEARCH)]
    (fault,) = citing.in_turn(draft(moved=moved), harbour(), section="moved", groups=(*MOVED_GROUPS, "none"))
    assert fault.message == "mixes moved.done and moved.in_review; one item for each"


def test_names_of_the_cast_are_not_mixed_up() -> None:
    """An owner of one cited task may help on the others of the same item."""
    assert citing.owner_known(draft(help=[item("decide", CSV, SEARCH, owner=ALEX)]), harbour()) == []
    assert HELP[0]["owner"] == "product owner"
