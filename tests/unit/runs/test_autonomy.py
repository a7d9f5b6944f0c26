"""Earned autonomy: up after enough approvals in a row, back with the first rejection or fault, each move recorded once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import ProjectGid
from facilitator.calendar.cadence import Weekdays
from facilitator.calendar.window import Window
from facilitator.calendar.windows import Timetable
from facilitator.calendar.workdays import MONDAY_TO_FRIDAY, WorkingDays
from facilitator.ceremony import Ceremony
from facilitator.drafts.draft import Draft, DraftSection, Item
from facilitator.drafts.faults import Fault
from facilitator.runs.assignment import Assignment
from facilitator.runs.audit import Audit
from facilitator.runs.autonomy import Autonomy, Finding, Review, edited_share, weigh
from facilitator.runs.run import Decision, DecisionKind, Mode, Run, RunState
from facilitator.runs.store import RunStore
from facilitator.service.firing import fire_now

from .conftest import NOW

ZONE = ZoneInfo("Europe/Berlin")


def yes(run: str = "r", edited: float = 0.0) -> Review:
    return Review(run, Finding.APPROVED, edited)


NO, FAULT, SILENT = (Review("r", finding) for finding in (Finding.REJECTED, Finding.FAULTY, Finding.SILENT))


@pytest.mark.parametrize(
    ("current", "reviews", "mode", "streak"),
    [
        (Mode.APPROVE, [], Mode.APPROVE, 0),
        (Mode.APPROVE, [yes(), yes()], Mode.APPROVE, 2),
        (Mode.APPROVE, [yes(), yes(), yes()], Mode.AUTO, 3),
        (Mode.APPROVE, [yes(), SILENT, yes(), SILENT, yes()], Mode.AUTO, 3),
        (Mode.APPROVE, [yes(), yes(), NO, yes()], Mode.APPROVE, 1),
        (Mode.APPROVE, [yes(), FAULT, yes(), yes()], Mode.APPROVE, 2),
        (Mode.APPROVE, [yes(), yes(edited=0.2), yes()], Mode.AUTO, 3),
        (Mode.APPROVE, [yes(), yes(edited=0.3), yes()], Mode.APPROVE, 1),
        (Mode.AUTO, [], Mode.AUTO, 0),
        (Mode.AUTO, [SILENT, SILENT], Mode.AUTO, 0),
        (Mode.AUTO, [SILENT, FAULT, yes()], Mode.APPROVE, 0),
        (Mode.AUTO, [yes(), NO], Mode.APPROVE, 0),
        (Mode.AUTO, [Review("r", Finding.REVISED)], Mode.APPROVE, 0),
    ],
)
def test_three_in_a_row_earn_it_and_one_loses_it(
    current: Mode, reviews: Sequence[Review], mode: Mode, streak: int
) -> None:
    """Silence neither helps nor harms; an edit beyond a fifth of the words is no approval of what was written."""
    standing = weigh(current, reviews, after=3, edits=0.2)
    assert (standing.mode, standing.streak) == (mode, streak)


DRAFT = Draft(
    ceremony="standup",
    headline="All calm, nothing blocked",
    sections=(DraftSection(id="moved", items=(Item(text="went through without a hitch"),)),),
)
OTHER = DRAFT.model_copy(update={"headline": "Nobody knows what will become of this"})


def test_how_much_was_edited_is_told_by_words() -> None:
    """None, all, or the part in between."""
    assert edited_share(DRAFT, DRAFT) == 0
    assert 0.3 < edited_share(DRAFT, OTHER) < 1


def never(*_: object) -> Facts:
    raise NotImplementedError


CEREMONY = Ceremony("standup", "Stand-up", Weekdays(time(9, 15)), never)
ASSIGNMENT = Assignment(
    team="harbour",
    team_name="Harbour",
    project=ProjectGid("700"),
    ceremony=CEREMONY,
    rules=BoardRules(ZONE),
    timetable=Timetable(Weekdays(time(9, 15)), ZONE, WorkingDays(ZONE, MONDAY_TO_FRIDAY)),
    auto_after=2,
)


class Diary:
    """Runs of past days, written down as the pipeline would."""

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self.day = 0

    def run(
        self,
        *,
        decided: DecisionKind | None = DecisionKind.APPROVED,
        approved: Draft = DRAFT,
        faulty: bool = False,
    ) -> Run:
        """One day's run in the mode that was earned by then, with its draft and what was decided about it."""
        self.day += 1
        now = NOW + timedelta(days=self.day)
        fired, _ = fire_now(self.store, ASSIGNMENT, Window(now - timedelta(days=1), now), mode=None, now=now)
        faults = [Fault("D5", "headline", "a wrong figure")] if faulty else []
        with self.store.step(fired, now=now) as step:
            for state in (RunState.GATHERED, RunState.SUBMITTED, RunState.JUDGED):
                step.move(state, "by hand")
            step.keep_draft(DRAFT, faults, origin="agent")
            step.set(result="satisfied")
            if fired.mode is Mode.AUTO and not faulty:
                step.keep_decision(Decision(DecisionKind.APPROVED, "auto", "", DRAFT.digest(), now, "auto"))
                step.move(RunState.APPROVED, "mode auto")
            elif decided is not None:
                if approved != DRAFT:
                    step.keep_draft(approved, [], origin="edit")
                step.keep_decision(Decision(decided, "Alice", "", approved.digest(), now, "cli"))
                ends = {DecisionKind.APPROVED: RunState.APPROVED, DecisionKind.REJECTED: RunState.REJECTED}
                step.move(ends[decided], "by Alice")
        return step.run


@pytest.fixture
def diary(store: RunStore) -> Diary:
    return Diary(store)


def test_a_ceremony_earns_auto_and_loses_it_again(diary: Diary) -> None:
    """Two approvals earn it for the third run; a fault sends that run to a person and the next one back to approval."""
    modes = [diary.run().mode for _ in range(4)]
    assert modes == [Mode.APPROVE, Mode.APPROVE, Mode.AUTO, Mode.AUTO]
    assert diary.run(faulty=True, decided=None).mode is Mode.AUTO
    assert diary.run().mode is Mode.APPROVE
    standing = Autonomy(diary.store.database).standing(ASSIGNMENT)
    assert (standing.mode, standing.streak) == (Mode.APPROVE, 1)


def test_each_change_of_mode_is_recorded_once_and_audited(diary: Diary) -> None:
    """Asking again at the same time adds nothing; the chain tells both moves and stays whole."""
    for _ in range(3):
        diary.run()
    autonomy, now = Autonomy(diary.store.database), NOW + timedelta(days=9)
    assert autonomy.mode(ASSIGNMENT, now=now) is Mode.AUTO
    diary.run(faulty=True, decided=DecisionKind.REJECTED)
    assert autonomy.mode(ASSIGNMENT, now=now) is Mode.APPROVE
    assert autonomy.mode(ASSIGNMENT, now=now) is Mode.APPROVE
    audit = Audit(diary.store.database)
    assert [entry.kind for entry in audit.entries()].count("autonomy") == 2
    assert not audit.verify().broken


def test_a_heavily_edited_draft_is_no_approval_of_what_was_written(diary: Diary) -> None:
    """It was approved in the end, but as another's words."""
    for _ in range(3):
        assert diary.run(approved=OTHER).mode is Mode.APPROVE


def test_nothing_is_earned_where_nobody_asked_for_it(diary: Diary) -> None:
    """A fresh configuration never writes without approval, however often it was approved."""
    for _ in range(4):
        diary.run()
    autonomy = Autonomy(diary.store.database)
    fresh = replace(ASSIGNMENT, auto_after=None)
    assert autonomy.mode(fresh, now=NOW + timedelta(days=9)) is Mode.APPROVE
    assert autonomy.mode(replace(ASSIGNMENT, mode=Mode.SHADOW), now=NOW) is Mode.SHADOW


def test_documents_that_a_person_decided_on_are_counted(diary: Diary) -> None:
    """What code wrote by itself was not reviewed."""
    for _ in range(4):
        diary.run()
    assert Autonomy(diary.store.database).reviewed("harbour", "standup") == 2
