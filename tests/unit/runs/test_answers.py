"""What people answered on an approval task, understood without any network."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilitator.board.snapshot import TaskGid, UserGid
from facilitator.drafts.draft import Draft, DraftSection, Item
from facilitator.runs.answers import Command, Intent, Question, Wish, command, notes_key, read_answers
from facilitator.runs.approval_board import Answer, AnswerKind, ApprovalTask
from facilitator.runs.approval_notes import BEGIN, END, alike, notes_of, words_in
from facilitator.runs.assignment import Approver

from .conftest import NOW

ALICE, BOB = UserGid("901"), UserGid("902")
DRAFT = Draft(
    ceremony="standup",
    headline="All calm",
    sections=(DraftSection(id="moved", items=(Item(text="went through"),)),),
)
NOTES = notes_of(
    DRAFT, "All calm.\nref standup/x", until="Thu 09:00", doubts=("D2: one is missing",), marker="ref k/d"
)
QUESTION = Question(NOTES, (Approver("Alice", ALICE), Approver("No gid")))
PENDING = ApprovalTask(TaskGid("1"), "pending", NOTES, modified="m1")


def said(text: str, by: UserGid = ALICE, **more: bool) -> Answer:
    return Answer("s1", AnswerKind.SAID, NOW, by, "Somebody", text, **more)


def answered(status: str, by: UserGid | None = ALICE, **more: bool) -> Answer:
    return Answer("s2", AnswerKind.ANSWERED, NOW + timedelta(minutes=1), by, "Somebody", status, **more)


def changed(by: UserGid | None) -> Answer:
    return Answer("s3", AnswerKind.NOTES_CHANGED, NOW, by, "Somebody")


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("approve", Command(Wish.APPROVE)),
        ("  Approve.\n", Command(Wish.APPROVE)),
        ("APPROVE!", Command(Wish.APPROVE)),
        ("reject: wrong sprint", Command(Wish.REJECT, "wrong sprint")),
        ("Revise:\nshorter,\nplease", Command(Wish.REVISE, "shorter,\nplease")),
        ("revise : shorter", Command(Wish.REVISE, "shorter")),
        ("approve\u00a0", Command(Wish.APPROVE)),
        ("approved", None),
        ("approver", None),
        ("approve's", None),
        ("I approve", None),
        ("Do not approve", None),
        ("", None),
    ],
)
def test_the_first_word_decides_and_nothing_else(comment: str, found: Command | None) -> None:
    """A fixed table, in any letter case; what merely contains a command is none."""
    assert command(comment) == found


@pytest.mark.parametrize(
    "comment",
    [
        "approve?",
        "approve, but later",
        "approve it",
        "reject",
        "reject wrong sprint",
        "revise:",
        "revise: \n",
    ],
)
def test_what_only_begins_like_a_command_is_faulted(comment: str) -> None:
    """A yes with a doubt behind it is no yes, and a no without a reason teaches nobody."""
    found = command(comment)
    assert found is not None
    assert found.fault


def test_an_untouched_task_says_nothing() -> None:
    """Nor do remarks that are no commands, or the bot's own words."""
    remarks = (said("looks good"), said("approve", ours=True), answered("pending"))
    assert read_answers(PENDING, remarks, QUESTION) == ()


@pytest.mark.parametrize(
    ("status", "remarks", "wish", "text"),
    [
        ("approved", (answered("approved"),), Wish.APPROVE, ""),
        ("rejected", (answered("rejected"),), Wish.REJECT, "rejected on the approval task, without a reason"),
        ("rejected", (said("wrong week"), answered("rejected")), Wish.REJECT, "wrong week"),
        ("changes_requested", (said("shorter"), answered("changes_requested")), Wish.REVISE, "shorter"),
    ],
)
def test_the_status_is_read_and_its_author_named(
    status: str, remarks: tuple[Answer, ...], wish: Wish, text: str
) -> None:
    """The reason is the person's own latest plain comment."""
    [intent] = read_answers(replace(PENDING, status=status), remarks, QUESTION)
    assert (intent.wish, intent.who, intent.text, intent.key) == (wish, ALICE, text, "s2")


def test_completed_by_tells_who_where_the_story_does_not() -> None:
    """A story without an author is as good as none; a completion by nobody counts for nothing."""
    done = replace(PENDING, status="approved", completed_by=ALICE)
    assert [one.wish for one in read_answers(done, (), QUESTION)] == [Wish.APPROVE]
    unknown = replace(PENDING, status="approved")
    assert [one.wish for one in read_answers(unknown, (answered("approved", None),), QUESTION)] == [
        Wish.IGNORE
    ]


def test_a_status_that_we_set_ourselves_is_no_answer() -> None:
    """Closing a task must not look like a decision."""
    task = replace(PENDING, status="rejected", completed_by=UserGid("bot"))
    assert read_answers(task, (answered("rejected", UserGid("bot"), ours=True),), QUESTION) == ()


@pytest.mark.parametrize("text", ["approve", "reject: no", "revise: no"])
def test_only_a_gid_on_the_list_counts(text: str) -> None:
    """Bob is ignored and named; so is somebody without a gid, whatever the list holds."""
    for by in (BOB, UserGid("")):
        [intent] = read_answers(PENDING, (said(text, by),), QUESTION)
        assert (intent.wish, intent.who) == (Wish.IGNORE, "")
        assert "no approver" in intent.text


def test_what_was_heard_counts_no_second_time() -> None:
    """Comments, statuses and wordings are each known by a key."""
    task = replace(PENDING, status="approved", notes=NOTES.replace("went", "go"))
    heard = ("s1", "s2", notes_key(task.notes))
    remarks = (said("approve"), answered("approved"), changed(ALICE))
    assert read_answers(task, remarks, replace(QUESTION, heard=heard)) == ()


def test_an_edit_comes_first_and_makes_a_yes_of_the_same_look_void() -> None:
    """Who approves must have read what is approved."""
    task = replace(PENDING, status="approved", notes=NOTES.replace("went through", "was finished"))
    edit, yes = read_answers(task, (changed(ALICE), answered("approved")), QUESTION)
    assert (edit.wish, edit.who) == (Wish.EDIT, ALICE)
    assert "moved[0].text: was finished" in edit.text
    assert (yes.wish, yes.key) == (Wish.REPLY, "s2")


@pytest.mark.parametrize(
    ("notes", "by", "wish"),
    [
        (NOTES.replace("went through", "failed"), BOB, Wish.IGNORE),
        (NOTES.replace("went through", "failed"), None, Wish.IGNORE),
        (NOTES.replace(BEGIN, ""), ALICE, Wish.REPLY),
        (NOTES.replace(END, f"{END}\n{END}"), ALICE, Wish.REPLY),
        (NOTES.replace("HOW TO ANSWER", "DO NOT ANSWER"), ALICE, Wish.REPLY),
        ("", ALICE, Wish.REPLY),
    ],
)
def test_what_cannot_be_an_edit_is_put_back(notes: str, by: UserGid | None, wish: Wish) -> None:
    """Anyone else's words, a lost mark, or a change outside the marks."""
    [intent] = read_answers(replace(PENDING, notes=notes), (changed(by),), QUESTION)
    assert intent.wish is wish


def test_answers_come_in_the_order_they_were_said() -> None:
    """The first decision is the one that counts."""
    late = replace(said("reject: no"), gid="s9", at=NOW + timedelta(hours=1))
    task = replace(PENDING, status="approved")
    wishes = [one.wish for one in read_answers(task, (late, answered("approved")), QUESTION)]
    assert wishes == [Wish.APPROVE, Wish.REJECT]


def test_the_notes_hold_everything_a_decision_needs() -> None:
    """The document, what speaks against it, the digest, and the marker as the last line; blanks do not matter."""
    assert NOTES.startswith("[AI Proposal]")
    assert NOTES.splitlines()[-1] == "ref k/d"
    for told in ("All calm.", "D2: one is missing", DRAFT.digest(), "Thu 09:00"):
        assert told in NOTES
    assert words_in(NOTES.replace(" ", "\u00a0")) == words_in(NOTES)
    assert alike(NOTES, NOTES.replace("\n\n", "\n") + "\n")
    assert not alike(NOTES, NOTES.replace("calm", "calmer"))


def test_an_intent_names_who_and_when() -> None:
    """A decision is recorded with the instant it was said."""
    [intent] = read_answers(PENDING, (said("approve"),), QUESTION)
    assert intent == Intent(Wish.APPROVE, "s1", ALICE, "", NOW)


@given(st.text(), st.sampled_from([ALICE, BOB, UserGid("")]), st.text(max_size=200))
def test_no_text_of_anybody_else_decides(text: str, by: UserGid, notes: str) -> None:
    """Whatever stands in a comment or in the notes, only Alice's word leads to anything."""
    task = replace(PENDING, notes=notes)
    for intent in read_answers(task, (said(text, by), changed(by)), QUESTION):
        assert intent.wish in (Wish.REPLY, Wish.IGNORE) or by == ALICE
        assert intent.wish is not Wish.APPROVE or alike(notes, NOTES)
