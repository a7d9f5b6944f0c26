"""Retention: words and events go when their time is over, figures and the chain stay."""

from dataclasses import replace
from datetime import timedelta

import pytest

from facilitator.runs.audit import Audit
from facilitator.runs.keeping import KINDS, Keeping
from facilitator.runs.redaction import figures_only
from facilitator.runs.run import Run, RunState
from facilitator.runs.store import RunStore
from tests.facts import MARA, harbour

from .conftest import NOW
from .test_audit import fill

LATER = NOW + timedelta(days=91)


@pytest.fixture
def ended(store: RunStore, run: Run) -> Run:
    """A run with something of everything, written."""
    run = fill(store, run)
    with store.step(run, now=NOW) as step:
        step.set(session_id="sesn_1")
        step.move(RunState.WRITTEN, "done")
    return step.run


@pytest.fixture
def keeping(store: RunStore) -> Keeping:
    return Keeping(store.database)


def purge_all(keeping: Keeping, run: Run) -> None:
    for kind in KINDS:
        keeping.purge(kind, run.id, now=LATER)


def stored(store: RunStore) -> bytes:
    """Every word of every row but the people's own decisions, which are no text of the board."""
    names = ("snapshots", "facts", "drafts", "verdicts", "outbox", "events", "audit")
    with store.database.connect() as connection:
        return b"".join(
            str(tuple(row)).encode()
            for name in names
            for row in connection.exec_driver_sql(f"SELECT * FROM {name}")  # noqa: S608
        )


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_old_and_ended_is_due(store: RunStore, keeping: Keeping, ended: Run, kind: str) -> None:
    """To the moment; and what waits for a person is never taken from under their eyes."""
    assert keeping.due(kind, NOW) == ()
    assert keeping.due(kind, NOW + timedelta(seconds=1)) == (ended.id,)
    waiting, _ = store.fire("harbour", "retro", ended.window, mode=ended.mode, trigger="x", now=NOW)
    fill_only = replace(waiting)
    assert fill_only.id not in keeping.due(kind, LATER)


def test_after_a_purge_no_word_of_the_board_is_left(store: RunStore, keeping: Keeping, ended: Run) -> None:
    """Names, titles, comments, the document's own words: the figures are still there."""
    assert b"Mara" in stored(store)
    purge_all(keeping, ended)
    left = stored(store)
    for word in (
        b"Mara",
        b"Alex P.",
        b"Payment",
        b"All calm",
        b"one is missing",
        b"Fix it",
        b"Harbour delivery",
    ):
        assert word not in left
    facts = store.facts(ended.id)
    assert facts is not None
    assert facts.facts["sprint.done_points"].value == harbour().facts["sprint.done_points"].value
    assert facts.facts["sprint.verdict"].value == "At risk"
    assert (store.snapshot(ended.id), store.draft(ended.id, ended.draft_digest or "")) == (None, None)
    assert store.usage(ended.id) is not None
    assert [one.result for one in store.verdicts(ended.id)] == ["satisfied"]


def test_a_purge_leaves_the_chain_valid(store: RunStore, keeping: Keeping, ended: Run) -> None:
    """Every digest that changed is told of; an alteration afterwards is found as ever."""
    audit = Audit(store.database)
    before = audit.verify()
    purge_all(keeping, ended)
    after = audit.verify(expected=(before.seq, before.hash))
    assert after.broken == ()
    assert [one.target for one in audit.entries() if one.kind == "purged"] == list(KINDS)
    with store.database.begin() as connection:
        connection.exec_driver_sql("UPDATE drafts SET body = 'x'")
    assert audit.verify().broken[0].place.startswith("drafts/")


def test_what_came_back_after_a_purge_is_named(store: RunStore, keeping: Keeping, ended: Run) -> None:
    """Restoring a row from a backup past the program contradicts the chain."""
    with store.database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept AS SELECT * FROM snapshots")
    purge_all(keeping, ended)
    with store.database.begin() as connection:
        connection.exec_driver_sql("INSERT INTO snapshots SELECT * FROM kept")
    [broken] = Audit(store.database).verify().broken
    assert "purged it" in broken.message


def test_a_second_purge_finds_nothing(keeping: Keeping, ended: Run) -> None:
    """Done is done, also in a dry look."""
    purge_all(keeping, ended)
    assert [keeping.due(kind, LATER) for kind in KINDS] == [(), (), ()]


def test_sessions_are_archived_first_and_deleted_later(store: RunStore, keeping: Keeping, ended: Run) -> None:
    """Each once, and a deleted one needs no archiving."""
    [old] = keeping.sessions(LATER, done="archived_at")
    assert (old.run, old.session) == (ended.id, "sesn_1")
    keeping.closed(old, done="archived_at", now=LATER)
    assert keeping.sessions(LATER, done="archived_at") == ()
    assert keeping.sessions(LATER, done="deleted_at") == (old,)
    keeping.closed(old, done="deleted_at", now=LATER)
    assert keeping.sessions(LATER, done="deleted_at") == keeping.sessions(LATER, done="archived_at") == ()
    kinds = [one.kind for one in Audit(store.database).entries() if one.target == "sesn_1"]
    assert kinds[-2:] == ["session archived", "session deleted"]


def test_figures_without_words_are_facts_still() -> None:
    """Read back, they are the same; taken a second time nothing changes; gids and dates stay."""
    bare = figures_only(harbour())
    assert figures_only(bare) == bare
    assert type(bare).from_json(bare.to_json()).facts == bare.facts
    assert set(bare.tasks) == set(harbour().tasks)
    assert MARA not in str(bare.tasks) + str(bare.people)
