"""The audit chain: whatever is altered behind the program's back is found, and nothing personal stands in it."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Integer

from facilitator.board.facts import Facts
from facilitator.board.snapshot import ProjectGid, Snapshot, Task, TaskGid
from facilitator.board.wishes import Edit, Sight, Wish
from facilitator.drafts.draft import Draft, DraftSection, Item
from facilitator.drafts.faults import Fault
from facilitator.runs.audit import COVERED, Audit
from facilitator.runs.ports import Pinned, Usage, Verdict
from facilitator.runs.rowdigest import row_digest
from facilitator.runs.run import Decision, DecisionKind, Mode, Parcel, ParcelKind, Run, RunState
from facilitator.runs.store import RunStore
from facilitator.runs.tables import metadata, outbox
from tests.facts import harbour

from .conftest import NOW, WINDOW

DRAFT = Draft(
    ceremony="standup",
    headline="All calm.",
    sections=(DraftSection(id="moved", items=(Item(text="Two done by Mara"),)),),
)
PARCEL = Parcel(
    1, ParcelKind.COMMENT, "77", "", "Stand-up", "<body>Two done by Mara</body>", "d" * 64, "ref x"
)
TOOL_CALL = {
    "id": "sevt_1",
    "type": "agent.custom_tool_use",
    "name": "board_get_task",
    "input": {"task_gid": "5"},
}
COLUMNS = [(table.name, column.name) for table in COVERED for column in table.columns]


SIGHT = Sight("900", NOW, None, completed=False, fields={})
WISH = Wish(TaskGid("5"), "todo", "done", SIGHT, Edit(completed=True))
BOARD = Snapshot(ProjectGid("900"), "Harbour", NOW, (Task(TaskGid("5"), "Fix it", NOW, NOW),))


def fill(
    store: RunStore, run: Run, board: Snapshot = BOARD, told: Facts | None = None, by: str = "Alice Example"
) -> Run:
    """A whole life of a run: something in every covered table."""
    store.pin(Pinned("agent_1", 3, "env_1", "a" * 64, "e" * 64, ("draft_check",)), now=NOW)
    with store.step(run, now=NOW) as step:
        step.keep_snapshot(board)
        step.keep_facts(told or harbour())
        step.set(prompt_hash="p" * 64, rubric_version="3", agent_version=3, submit_attempted_at=NOW)
        step.move(RunState.GATHERED, "read")
    with store.step(step.run, now=NOW) as step:
        step.move(RunState.SUBMITTED, "sent")
    store.keep_events(run.id, [TOOL_CALL, {"id": "sevt_2", "type": "agent.message"}], now=NOW)
    with store.step(step.run, now=NOW) as step:
        step.keep_verdicts("outc_1", [Verdict(0, "satisfied", "Mara's line is there")])
        step.keep_usage(Usage(100, 20, 5, 0, 9, 12, 3))
        step.keep_proposal(WISH, origin="facts")
        step.keep_draft(DRAFT, [Fault("D2", "moved", "one is missing")], origin="agent")
        step.move(RunState.JUDGED, "satisfied")
    with store.step(step.run, now=NOW, by=by) as step:
        step.keep_decision(Decision(DecisionKind.APPROVED, by, "fine", DRAFT.digest(), NOW, "cli"))
        step.keep_parcels([PARCEL])
        step.move(RunState.APPROVED, f"approved by {by}")
    with store.step(step.run, now=NOW) as step:
        step.mark_parcel(1, attempted_at=NOW)
    with store.step(step.run, now=NOW) as step:
        step.mark_parcel(1, target="78", gid="1001", bot="500")
        step.set(story_gid="1001", reason="written")
    with store.step(step.run, now=NOW) as step:
        step.mark_parcel(1, written_at=NOW)
        step.end_proposal(1, "written")
        step.note("wrote it")
    return step.run


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed run log with one run's whole life, to be copied by each test."""
    from .conftest import WINDOW

    path = tmp_path_factory.mktemp("kept") / "runs.sqlite3"
    store = RunStore.open(f"sqlite:///{path}")
    fill(store, store.fire("harbour", "standup", WINDOW, mode=Mode.APPROVE, trigger="schedule", now=NOW)[0])
    with store._engine.begin() as connection:
        connection.exec_driver_sql("SELECT 1")
    store.close()
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def changed(table: str, column: str) -> str:
    """The column's value with one byte more, or a thousand more where it counts."""
    if isinstance(metadata.tables[table].columns[column].type, Integer):
        return f'"{column}" + 1000'
    return f"CAST(COALESCE(\"{column}\", '') || 'x' AS TEXT)"


class Log:
    """A copy of the run log that a test may spoil, and its verification."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = RunStore.open(f"sqlite:///{path}")

    @property
    def audit(self) -> Audit:
        return Audit(self.store._engine)

    def spoil(self, statement: str, *values: Any) -> int:
        """Change the file past the program; gives how many rows it hit."""
        with closing(sqlite3.connect(self.path)) as plain, plain:
            return plain.execute(statement, values).rowcount

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(one.detail) | {"by": one.by, "target": one.target}
                for one in self.audit.entries() if one.kind == kind]  # fmt: skip


@pytest.fixture
def log(kept: Path, tmp_path: Path) -> Iterator[Log]:
    path = tmp_path / "runs.sqlite3"
    path.write_bytes(kept.read_bytes())
    log = Log(path)
    yield log
    log.store.close()


def test_an_untouched_log_is_whole(log: Log) -> None:
    """Every row of every covered table is told of, and the head can be kept and held against it."""
    found = log.audit.verify()
    assert found.broken == ()
    assert found.rows > len(COVERED)
    assert log.audit.verify(expected=(found.seq, found.hash)) == found


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda part: part)
def test_any_altered_value_of_a_covered_row_is_named(log: Log, table: str, column: str) -> None:
    """One byte more in any column, key columns included: the row is named, and nothing else stops the search."""
    assert log.spoil(f'UPDATE "{table}" SET "{column}" = {changed(table, column)}')  # noqa: S608
    broken = log.audit.verify().broken
    assert any(one.place.startswith(f"{table}/") for one in broken), broken


@pytest.mark.parametrize("column", [column.name for column in metadata.tables["audit"].columns])
def test_any_altered_value_of_the_chain_is_named(log: Log, column: str) -> None:
    """The row itself is named, whichever of its members was touched."""
    assert log.spoil(f'UPDATE audit SET "{column}" = {changed("audit", column)} WHERE seq = 4')  # noqa: S608
    [broken] = log.audit.verify().broken
    assert broken.place == "audit/4"


def test_every_single_byte_of_a_row_counts(log: Log) -> None:
    """Each byte of an approved body turned over by itself is found, also where no text is left of it."""
    body = PARCEL.body.encode()
    for place in range(len(body)):
        spoiled = body[:place] + bytes([body[place] ^ 0x80]) + body[place + 1 :]
        log.spoil("UPDATE outbox SET body = CAST(? AS TEXT)", spoiled)
        assert [one.place.split("/")[0] for one in log.audit.verify().broken] == ["outbox"], place
    log.spoil("UPDATE outbox SET body = ?", PARCEL.body)
    assert log.audit.verify().broken == ()


@pytest.mark.parametrize("table", ["decisions", "verdicts", "outbox", "drafts", "snapshots"])
def test_a_removed_row_is_named(log: Log, table: str) -> None:
    """Deleting leaves the digest behind in the chain."""
    log.spoil(f"DELETE FROM {table}")  # noqa: S608
    [broken] = log.audit.verify().broken
    assert broken.place.startswith(f"{table}/")
    assert "is gone" in broken.message


def test_an_invented_decision_is_named(log: Log) -> None:
    """A yes that no step recorded stands in no row of the chain."""
    log.spoil(
        "INSERT INTO decisions SELECT run_id, 2, kind, 'Mallory', because, draft_digest, at, channel FROM decisions"
    )
    [broken] = log.audit.verify().broken
    assert broken.place.startswith("decisions/")
    assert "past the chain" in broken.message


def test_a_chain_cut_short_is_told(log: Log) -> None:
    """Dropping the last rows contradicts the head; moving the head too contradicts the head that was kept."""
    whole = log.audit.verify()
    log.spoil("DELETE FROM audit WHERE seq = ?", whole.seq)
    assert log.audit.verify().broken[0].place == "audit_head/1"
    log.spoil(
        "UPDATE audit_head SET seq = ?, hash = (SELECT hash FROM audit WHERE seq = ?)",
        whole.seq - 1,
        whole.seq - 1,
    )
    assert log.audit.verify().broken
    assert log.audit.verify(expected=(whole.seq, whole.hash)).broken[0].place == "audit_head/1"


def test_a_row_from_the_middle_is_missed(log: Log) -> None:
    """Numbers run without a gap."""
    log.spoil("DELETE FROM audit WHERE seq = 5")
    assert log.audit.verify().broken[0].message == "row 5 of the chain is gone"


def test_no_name_and_no_text_stands_in_the_chain(log: Log) -> None:
    """People by number, texts by digest: an erasure and a purge must never need to touch a sealed row."""
    chain = " ".join(f"{one.by} {one.target} {one.detail}" for one in log.audit.entries())
    for text in ("Alice", "Mara", "Fix it", "fine", "missing", "satisfied with"):
        assert text not in chain
    assert "person 1" in chain
    assert log.audit.names() == {"person 1": "Alice Example"}


def test_a_step_that_fails_leaves_no_trace(log: Log) -> None:
    """Chain and run log change together or not at all."""
    [run] = log.store.recent()
    before = log.audit.verify()
    with pytest.raises(RuntimeError), log.store.step(run, now=NOW) as step:
        step.note("about to break")
        raise RuntimeError
    assert log.audit.verify() == before


def test_the_chain_says_what_a_reviewer_asks(log: Log) -> None:
    """Prompt, rubric and agent version, tool calls, verdicts, decisions, and each write with before, after and who."""
    recorded = {key: value for entry in log.entries("recorded") for key, value in entry.items()}
    assert (recorded["prompt_hash"], recorded["rubric_version"], recorded["agent_version"]) == (
        "p" * 64,
        "3",
        3,
    )
    [call] = log.entries("tool called")
    assert call["target"] == "board_get_task"
    assert len(call["arguments"]) == 64
    assert [one["result"] for one in log.entries("judged")] == ["satisfied"]
    [decided] = log.entries("decided")
    assert (decided["decision"], decided["by"], decided["target"]) == ("approved", "person 1", DRAFT.digest())
    [sent] = log.entries("sent")
    assert (sent["target"], sent["before"], sent["after"], sent["bot"]) == ("78", None, "1001", "500")


def test_one_event_is_one_row(log: Log) -> None:
    """A step adds a row for each thing it records and one for itself, no more."""
    [run] = log.store.recent()
    before = log.audit.verify().seq
    with log.store.step(run, now=NOW) as step:
        step.note("one")
    assert log.audit.verify().seq == before + 2


def test_exports_begin_where_asked(log: Log) -> None:
    """`since` is an instant of the chain's own clock."""
    [run] = log.store.recent()
    later = NOW + timedelta(days=1)
    with log.store.step(run, now=later) as step:
        step.note("later")
    assert [one.kind for one in log.audit.entries(since=later)] == ["noted", "recorded"]


def test_runs_from_before_the_chain_are_counted_not_blamed(log: Log) -> None:
    """An upgrade finds runs that nobody sealed."""
    log.spoil("DELETE FROM audit")
    log.spoil("UPDATE audit_head SET seq = 0, hash = ?", "0" * 64)
    found = log.audit.verify()
    assert (found.older, found.broken) == (1, ())
    log.audit.record("began", by="pipeline", now=NOW + timedelta(days=1))
    assert (log.audit.verify().older, log.audit.verify().broken) == (1, ())


def test_a_column_that_is_empty_changes_no_digest() -> None:
    """A nullable column of a later release leaves the digests of earlier rows as they were."""
    row = {"run_id": "r", "seq": 1, "kind": "comment"}
    assert row_digest(outbox, row) == row_digest(outbox, {**row, "gid": None})
    assert row_digest(outbox, row) != row_digest(outbox, {**row, "gid": ""})


def test_threads_that_race_make_one_chain(log: Log) -> None:
    """On SQLite the write lock queues them: no number is taken twice, none is left out."""
    before = log.audit.verify().seq

    def work(worker: int) -> None:
        own = RunStore.open(f"sqlite:///{log.path}")
        run, _ = own.fire(f"team-{worker}", "standup", WINDOW, mode=Mode.AUTO, trigger="x", now=NOW)
        with own.step(run, now=NOW) as step:
            step.note("x")
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    found = log.audit.verify()
    assert (found.broken, found.seq) == ((), before + 4 * 3)
