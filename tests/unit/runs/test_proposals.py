"""Proposing queues a row and nothing else: once, in bounds, while a draft is written, sealed in the chain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from facilitator.board.refusal import Refused
from facilitator.board.snapshot import FieldGid, SectionGid, TaskGid
from facilitator.board.wishes import Edit, Sight, Wish
from facilitator.runs.audit import Audit
from facilitator.runs.keeping import Keeping
from facilitator.runs.proposals import MOST, Proposal, Proposals
from facilitator.runs.run import FIGURES, Override, Run, RunState
from facilitator.runs.store import RunStore

from .conftest import NOW

EDIT = Edit(SectionGid("802"), completed=False, fields={FieldGid("81"): None})
SIGHT = Sight("900", NOW - timedelta(hours=1), None, completed=True, fields={FieldGid("81"): "yes"})


def wish(task: str = "5", wanted: str = "done") -> Wish:
    return Wish(TaskGid(task), "todo", wanted, SIGHT, EDIT)


@pytest.fixture
def writing(store: RunStore, run: Run) -> Run:
    """A run whose session writes its first draft."""
    with store.step(run, now=NOW) as step:
        step.move(RunState.GATHERED, "read")
        step.set(session_id="sesn_1")
        step.move(RunState.SUBMITTED, "sent")
    return step.run


@pytest.fixture
def proposals(store: RunStore) -> Proposals:
    return Proposals(store.database)


def queued(proposals: Proposals, run: Run, wanted: Wish, note: str = "") -> Proposal:
    made = proposals.queue(run, wanted, note, now=NOW)
    assert isinstance(made, Proposal), made
    return made


def refused(proposals: Proposals, run: Run, wanted: Wish) -> str:
    made = proposals.queue(run, wanted, "", now=NOW)
    assert isinstance(made, Refused)
    return made.reason


def test_what_is_queued_is_read_back_whole(store: RunStore, writing: Run, proposals: Proposals) -> None:
    """Sight, edit, note and number; the run itself does not move, and the chain covers the row."""
    made = queued(proposals, writing, wish(), "Bob asked")
    assert made == Proposal(1, wish(), "Bob asked", "agent")
    assert proposals.of(writing) == (made,)
    assert store.get(writing.id) == writing
    assert "proposed" in [entry.kind for entry in Audit(store.database).entries(run=writing.id)]
    assert Audit(store.database).verify().broken == ()


def test_a_call_answered_again_makes_no_second_row(writing: Run, proposals: Proposals) -> None:
    """After a crash the same call comes again and gets the same answer; another change of the task is refused."""
    assert queued(proposals, writing, wish()) == queued(proposals, writing, wish(), "again")
    assert "has a proposal already, to done" in refused(proposals, writing, wish(wanted="blocked"))
    assert len(proposals.of(writing)) == 1


def test_a_session_proposes_so_many_and_no_more(writing: Run, proposals: Proposals) -> None:
    """What nobody would read with care is not put before anybody."""
    for number in range(MOST):
        queued(proposals, writing, wish(str(number)))
    assert "which is the most" in refused(proposals, writing, wish("999"))
    assert len(proposals.of(writing)) == MOST


def test_nothing_is_added_while_a_draft_waits(store: RunStore, writing: Run, proposals: Proposals) -> None:
    """What an approver looks at cannot grow, whatever a late worker still hears."""
    with store.step(writing, now=NOW) as step:
        step.move(RunState.JUDGED, "satisfied")
    assert "while a draft is written" in refused(proposals, writing, wish())
    assert "while a draft is written" in refused(proposals, step.run, wish())


def test_a_later_draft_may_propose_otherwise(store: RunStore, writing: Run, proposals: Proposals) -> None:
    """Asked for changes, the session proposes another state: the newest of each task stands, under a number of its own."""
    queued(proposals, writing, wish())
    queued(proposals, writing, wish("6"))
    with store.step(writing, now=NOW) as step:
        step.move(RunState.JUDGED, "satisfied")
        step.set(revision=1)
        step.move(RunState.GATHERED, "changes asked for")
        step.move(RunState.SUBMITTED, "sent again")
    queued(proposals, step.run, wish(wanted="blocked"))
    standing = [(one.seq, one.wish.task, one.wish.wanted) for one in proposals.of(step.run)]
    assert standing == [(2, "6", "done"), (3, "5", "blocked")]
    assert "while a draft is written" in refused(proposals, writing, wish("7"))


def test_proposals_of_a_session_that_broke_are_gone(writing: Run, proposals: Proposals) -> None:
    """They belong to the draft of their own session, and to no figures that code wrote instead."""
    queued(proposals, writing, wish())
    assert proposals.of(replace(writing, session_id="sesn_2")) == ()
    assert proposals.of(replace(writing, draft_source=FIGURES)) == ()


def test_a_note_goes_with_the_texts_and_the_chain_stays_valid(
    store: RunStore, writing: Run, proposals: Proposals
) -> None:
    """What somebody wrote is purged in its time; what was proposed stays."""
    made = queued(proposals, writing, wish(), "Bob asked")
    with store.step(writing, now=NOW) as step:
        step.end_proposal(made.seq, "written")
        step.move(RunState.FAILED, "over")
    Keeping(store.database).purge("texts", writing.id, now=NOW)
    [kept] = proposals.of(step.run)
    assert kept == replace(made, note="", outcome="written")
    assert Audit(store.database).verify().broken == ()


@pytest.mark.parametrize("before", ["", "changes 1, 3. ", "without the proposed changes. "])
def test_a_decision_keeps_both_the_changes_it_means_and_another_status(before: str) -> None:
    """In words that are read back, whichever of them there is."""
    override = Override("at_risk", "the vendor. changes nothing. status: same")
    assert Override.kept(before + override.words()) == override
