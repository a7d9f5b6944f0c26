"""One person's wish: everything held of them is given out, and taken away without breaking a count or the chain."""

from dataclasses import replace
from datetime import timedelta

import pytest

from facilitator.board.snapshot import (
    ProjectGid,
    Snapshot,
    Story,
    StoryGid,
    Task,
    TaskGid,
    TeamBoard,
    User,
    UserGid,
)
from facilitator.runs.audit import Audit
from facilitator.runs.notices import Notice, Notices
from facilitator.runs.people import People
from facilitator.runs.person import ERASED, Person
from facilitator.runs.run import Run, RunState
from facilitator.runs.store import RunStore
from tests.facts import MARA, PAYMENT, harbour, with_task

from .conftest import NOW
from .test_audit import TOOL_CALL, fill

NAME = "Mara K."
ALEX = UserGid("502")
SAID = "The vendor promised the sandbox keys for Thursday, says Mara K. herself."


def comment(gid: str, by: str, text: str) -> Story:
    return Story(StoryGid(gid), NOW, "comment_added", UserGid(by), text)


BOARD = Snapshot(
    ProjectGid("900"), "Harbour", NOW,
    tasks=(
        Task(TaskGid("5"), "Fix it for Mara K.", NOW, NOW, assignee=UserGid(MARA), created_by=ALEX,
             stories=(comment("31", MARA, SAID), comment("32", ALEX, "Ask Mara K. about Marathons"))),
        Task(TaskGid("6"), "Other", NOW, NOW, assignee=ALEX),
    ),
    users=(User(UserGid(MARA), NAME), User(ALEX, "Alex P.")), members=(UserGid(MARA), ALEX),
)  # fmt: skip


@pytest.fixture
def ended(store: RunStore, run: Run) -> Run:
    """A written run in which Mara is assigned, wrote a comment, is quoted, and decided."""
    quoting = with_task(
        harbour(), PAYMENT, notes={"why": "The vendor promised the sandbox keys for Thursday"}
    )
    run = fill(store, run, BOARD, quoting, by=NAME)
    store.keep_events(run.id, [{**TOOL_CALL, "id": "sevt_9", "input": {"said": SAID}}], now=NOW)
    with store.step(run, now=NOW) as step:
        step.move(RunState.WRITTEN, f"asked for by {NAME}")
    Notices(store.database).post(Notice("k", "failed", "harbour", run.id, "x", f"tell {NAME}"), now=NOW)
    return step.run


@pytest.fixture
def people(store: RunStore) -> People:
    return People(store.database)


def everything(store: RunStore) -> str:
    """Every value of every table, snapshots unpacked."""
    found = []
    with store.database.connect() as connection:
        names = (
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        )
        for name in names:
            found += [str(tuple(row)) for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')]  # noqa: S608
    return "\n".join([*found, *(str(store.snapshot(run.id)) for run in store.recent())])


def test_a_person_is_known_by_every_name_they_were_given(people: People, ended: Run) -> None:
    """By boards, documents and the configuration; nobody else's name among them."""
    assert people.find(MARA, ["Mara Kowalski", ""]).names == {NAME, "Mara Kowalski"}
    assert people.find("999").names == frozenset()


def test_an_export_holds_what_is_theirs(people: People, ended: Run) -> None:
    """Their tasks, their words, their decisions, and the texts that name them."""
    told = people.export(people.find(MARA))
    assert told["boards"] == [
        {"run": ended.id, "tasks": ["5"], "comments": [{"task": "5", "at": NOW.isoformat(), "text": SAID}]}
    ]
    assert told["facts_of_runs"] == [ended.id]
    places = {(one["table"], one["column"]) for one in told["mentions"]}
    assert places >= {
        ("decisions", "by"),
        ("history", "why"),
        ("history", "by"),
        ("notices", "text"),
        ("runs", "reason"),
    }


def test_after_an_erasure_nothing_names_them(store: RunStore, people: People, ended: Run) -> None:
    """Not a name, not a gid, not a word they wrote, in any table; others are left alone."""
    assert NAME in everything(store)
    done = people.erase(people.find(MARA), now=NOW + timedelta(days=1))
    left = everything(store)
    assert done.left == ()
    for word in (NAME, "Kowalski", "vendor promised", f"'{MARA}'", f'"{MARA}"'):
        assert word not in left, word
    assert "Alex P." in left
    assert "Marathons" in left


def test_counts_outlive_an_erasure(store: RunStore, people: People, ended: Run) -> None:
    """As many tasks with an owner, as many comments, as many people, as many decisions; every figure as it was."""
    facts = store.facts(ended.id)
    people.erase(people.find(MARA), now=NOW)
    board, bare = store.snapshot(ended.id), store.facts(ended.id)
    assert board is not None
    assert bare is not None
    assert facts is not None
    assert [task.assignee for task in board.tasks] == ["erased-1", ALEX]
    assert [story.text for story in board.tasks[0].stories] == [ERASED, f"Ask {ERASED} about Marathons"]
    assert len(board.users) == 2
    assert bare.facts == facts.facts
    assert len(bare.people) == len(facts.people)
    assert [made.by for made in store.decisions(ended.id)] == [ERASED]


def test_an_erasure_leaves_the_chain_valid_and_names_nobody_in_it(
    store: RunStore, people: People, ended: Run
) -> None:
    """It is recorded with its size and a stand-in; the number in earlier rows leads nowhere."""
    audit = Audit(store.database)
    before = audit.verify()
    people.erase(people.find(MARA), now=NOW)
    assert audit.verify(expected=(before.seq, before.hash)).broken == ()
    [erased] = [one for one in audit.entries() if one.kind == "erased"]
    assert erased.target == "erased-1"
    assert NAME not in audit.names().values()


def test_a_second_erasure_finds_nothing(people: People, ended: Run) -> None:
    """And the next person gets a stand-in of their own."""
    people.erase(people.find(MARA), now=NOW)
    again = people.erase(people.find(MARA, [NAME]), now=NOW)
    assert (again.values, again.runs) == (0, 0)
    people.erase(people.find(ALEX), now=NOW)
    assert people.find("erased-3").names == frozenset()


def test_what_waits_for_a_decision_is_left(store: RunStore, people: People, run: Run) -> None:
    """A draft must not change under its approver: the run is named, and erased when it has ended."""
    waiting = fill(store, run, BOARD, harbour(), by=NAME)
    before = store.snapshot(waiting.id)
    done = people.erase(people.find(MARA), now=NOW)
    assert done.left == (waiting.id,)
    assert store.snapshot(waiting.id) == before


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Ann met Anna, Annika and ann", "[erased] met Anna, Annika and ann"),
        ('{"902": "Ann", "points": 902}', '{"S": "[erased]", "points": 902}'),
        ("902", "S"),
        ("902 tasks, 1902", "902 tasks, 1902"),
        ("O&#x27;Ann &amp; Ann", "O&#x27;[erased] &amp; [erased]"),
    ],
)
def test_only_whole_names_and_quoted_gids_go(text: str, bare: str) -> None:
    """A short gid may be anybody's figure, and a short name part of another's."""
    assert Person("902", frozenset({"Ann"}), "S").out_of(text) == bare


def test_a_long_gid_goes_wherever_it_stands() -> None:
    """In links too; a longer number that holds it is another's."""
    person = Person("1205200000000005", frozenset(), "S")
    assert person.out_of("/profile/1205200000000005, 11205200000000005") == "/profile/S, 11205200000000005"


def test_names_are_taken_as_they_are_written() -> None:
    """With characters that patterns, HTML and JSON treat in their own way."""
    person = Person("1", frozenset({'R. "Bob" (Ops) <x> é'}), "S")
    for written in (
        'R. "Bob" (Ops) <x> é!',
        "R. &quot;Bob&quot; (Ops) &lt;x&gt; é",
        'R. \\"Bob\\" (Ops) <x> é',
    ):
        assert ERASED in person.out_of(written)
    assert replace(person, names=frozenset()).out_of("Bob") == "Bob"


def test_a_person_is_taken_off_every_board_that_was_read(store: RunStore, people: People, run: Run) -> None:
    """A roll-up keeps the boards of other teams beside its own; who wrote there is found, given out and taken away."""
    own = replace(BOARD, tasks=(), users=(), members=())
    whole = replace(own, boards=(TeamBoard("quay", "Quay", BOARD), TeamBoard("pier", "Pier", None, "why")))
    run = fill(store, run, whole, harbour(), by="Bob")
    with store.step(run, now=NOW) as step:
        step.move(RunState.FAILED, "over")
    mara = people.find(MARA)
    assert NAME in mara.names
    [told] = people.export(mara)["boards"]
    assert told["tasks"] == ["5"]
    assert [one["text"] for one in told["comments"]] == [SAID]
    people.erase(mara, now=NOW)
    kept = store.snapshot(run.id)
    assert kept is not None
    assert SAID not in str(kept)
    assert NAME not in str(kept)
    assert [board.team for board in kept.boards] == ["quay", "pier"]
    assert Audit(store.database).verify().broken == ()
