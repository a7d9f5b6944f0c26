"""One step of a run, as one transaction of the run log: what may be recorded together, and nothing half.

Made by `RunStore.step`. Everything recorded here is sealed in the audit chain in the same transaction. It decides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Delete,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    select,
    update,
)

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.board.wishes import Wish
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.runs import ledger_tables, proposals, tables
from facilitator.runs.archive import pack
from facilitator.runs.bulk import insert_stored, stored
from facilitator.runs.ports import CostLine, Latency, Usage, Verdict
from facilitator.runs.rowdigest import digest, raw_columns
from facilitator.runs.run import Decision, Parcel, Run, RunState, StaleRun, check_move
from facilitator.runs.trail import Trail, covered, covered_now, seal_together

_PROVEN = (
    "state session_id outcome_id agent_id agent_version agent_hash environment_hash prompt_hash brief_id"
    " brief_version brief_hash rubric_id rubric_version rubric_hash result draft_digest draft_source task_gid story_gid"
).split()
"""Columns of a run whose changes the audit chain spells out: ids, versions and digests."""

Kept = TypeVar("Kept", Decision, Parcel)


_RECORD = update(tables.runs).where(
    tables.runs.c.id == bindparam("this_run"), tables.runs.c.version == bindparam("read_version")
)
_VERSION = select(tables.runs.c.version).where(tables.runs.c.id == bindparam("this_run")).with_for_update()
_DRAFTED = select(tables.drafts.c.digest).where(
    tables.drafts.c.run_id == bindparam("this_run"), tables.drafts.c.digest == bindparam("own")
)
_GRADED = select(tables.verdicts.c.iteration).where(
    tables.verdicts.c.run_id == bindparam("this_run"), tables.verdicts.c.outcome_id == bindparam("outcome")
)
"""Every statement of a step is built once: to build one costs as much as to run it."""


@cache
def _counting(table: Table) -> Select[int]:
    return select(func.coalesce(func.max(table.c.seq), 0)).where(table.c.run_id == bindparam("this_run"))


@cache
def _forgetting(table: Table) -> Delete:
    return delete(table).where(
        table.c.run_id == bindparam("this_run"), table.c.session_id == bindparam("session")
    )


@cache
def _marking(names: tuple[str, ...]) -> Update:
    """Change these columns of a parcel; gives its row as it stands then."""
    table = tables.outbox
    here = (table.c.run_id == bindparam("this_run"), table.c.seq == bindparam("this_seq"))
    changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    return update(table).where(*here).values(changed).returning(*raw_columns(table))


_COLUMNS = tuple(column.name for column in tables.runs.columns)
_VALUES = attrgetter(
    *({"window_start": "window.start", "window_end": "window.end"}.get(name, name) for name in _COLUMNS)
)


class Step:
    """What one transaction records about one run; made by `RunStore.step` only."""

    def __init__(self, connection: Connection, run: Run, now: datetime, by: str) -> None:
        self._connection = connection
        self._now = now
        self._by = by
        self._before = run
        self._trail = Trail(connection, now, by, run.id)
        self._last: dict[Table, int] = {}
        self.run = run

    def set(self, **changes: Any) -> None:
        """Change columns of the run; names are those of `Run`."""
        self.run = replace(self.run, **changes)

    def move(self, to: RunState, why: str) -> None:
        """Move the run on, with its reason in the history."""
        check_move(self.run.state, to)
        self._history(self.run.state, to, why)
        self.set(state=to, reason=why)

    def note(self, why: str) -> None:
        """A line in the history without a move."""
        self._history(self.run.state, self.run.state, why)

    def new_session(self) -> None:
        """Leave the present session behind: the next submit opens one more, with a key of its own."""
        run = self.run
        self.set(
            attempt=run.attempt + 1, session_revision=run.revision, submit_attempted_at=None, session_id=None,
            outcome_id=None, console_url="",
        )  # fmt: skip

    def audit(self, kind: str, *, target: str = "", **detail: Any) -> None:
        """Add an event to the audit chain with this step: ids, figures and digests, never a text that people wrote."""
        self._trail.add(kind, target=target, **detail)

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        """Keep what was read from the board."""
        rows = self._insert(tables.snapshots, taken_at=self._now, body=pack(snapshot))
        self._trail.add("read", target=snapshot.project, rows=rows, tasks=len(snapshot.tasks))

    def keep_facts(self, facts: Facts) -> None:
        """Keep the facts, byte for byte as the agent gets them."""
        body = facts.to_json()
        rows = self._insert(tables.facts, digest=digest(body), body=body)
        self._trail.add("computed", target=digest(body), rows=rows)

    def keep_draft(self, draft: Draft, faults: Sequence[Fault], *, origin: str) -> None:
        """Keep a draft and make it the run's present one; the same draft twice is one row."""
        own = draft.digest()
        if self._connection.execute(_DRAFTED, {"this_run": self.run.id, "own": own}).first() is None:
            found = json.dumps([fault.as_dict() for fault in faults], ensure_ascii=False)
            rows = self._insert(
                tables.drafts,
                digest=own,
                origin=origin,
                at=self._now,
                body=draft.canonical(),
                faults=found,
            )
            before = self.run.draft_digest
            self._trail.add(
                "drafted", target=own, rows=rows, origin=origin, faults=len(faults), before=before
            )
        self.set(draft_digest=own)

    def keep_verdicts(self, outcome_id: str, verdicts: Sequence[Verdict]) -> None:
        """Keep the grader's verdicts of one outcome, after those of earlier ones; those already kept stay as they are."""
        asked = {"this_run": self.run.id, "outcome": outcome_id}
        known = set(self._connection.execute(_GRADED, asked).scalars())
        for verdict in verdicts:
            if verdict.iteration not in known:
                told = {"seq": self._next(tables.verdicts), "outcome_id": outcome_id, **asdict(verdict)}
                rows = self._insert(tables.verdicts, **told)
                spoken = {"iteration": verdict.iteration, "result": verdict.result}
                self._trail.add("judged", target=outcome_id, rows=rows, **spoken)

    def keep_usage(
        self,
        usage: Usage,
        lines: Sequence[CostLine] = (),
        latency: Latency = Latency(),  # noqa: B008 - frozen
    ) -> None:
        """Keep what the run's present session used, part by part, and how soon it spoke; later figures replace earlier."""
        ours = {"run_id": self.run.id, "session_id": self.run.session_id or ""}
        session = ours["session_id"]
        for table in (tables.costs, ledger_tables.cost_lines, ledger_tables.latencies):
            self._connection.execute(_forgetting(table), {"this_run": self.run.id, "session": session})
        rows = self._insert(tables.costs, session_id=session, **asdict(usage))
        self._trail.add("used", target=session, rows=rows, list_cents=usage.list_cents)
        parts = [{**ours, "seq": seq, **asdict(line)} for seq, line in enumerate(lines, start=1)]
        if parts:
            insert_stored(self._connection, ledger_tables.cost_lines, parts)
        insert_stored(self._connection, ledger_tables.latencies, [{**ours, **asdict(latency)}])

    def keep_decision(self, decision: Decision) -> None:
        """Add a decision; none is ever changed."""
        rows = self._insert(tables.decisions, seq=self._next(tables.decisions), **asdict(decision))
        told = {"decision": decision.kind, "channel": decision.channel}
        self._trail.add("decided", target=decision.draft_digest, rows=rows, **told)

    def keep_parcels(self, parcels: Sequence[Parcel]) -> None:
        """Put what was approved, byte for byte, where `write_back` finds it."""
        for parcel in parcels:
            rows = self._insert(tables.outbox, **asdict(parcel))
            self._trail.add(
                "let out", target=parcel.target or "", rows=rows, parcel=parcel.kind, digest=parcel.digest
            )

    def keep_proposal(self, wish: Wish, *, origin: str) -> None:
        """Add a change that the facts propose, beside those that the session queued."""
        proposals.add(self._connection, self._trail, self.run, wish, note="", origin=origin, now=self._now)

    def end_proposal(self, seq: int, outcome: str) -> None:
        """Record what became of a proposal: written, or refused and why."""
        table = tables.proposals
        here = (table.c.run_id == self.run.id, table.c.seq == seq)
        self._connection.execute(update(table).where(*here).values(outcome=outcome))
        rows = covered_now(self._connection, table, *here)
        self._trail.add("proposal ended", target=f"{self.run.id}/{seq}", rows=rows)

    def mark_parcel(self, seq: int, *, bot: str = "", **changes: Any) -> None:
        """Record an attempt or a receipt of one parcel; `bot` is the gid that it is written as."""
        here = {"this_run": self.run.id, "this_seq": seq}
        new = {f"new_{name}": value for name, value in changes.items()}
        found = self._connection.execute(_marking(tuple(sorted(changes))), {**here, **new})
        parcel = dict(found.mappings().one())
        rows = covered(tables.outbox, parcel)
        told = {"parcel": parcel["kind"], "digest": parcel["digest"], "before": None, "after": parcel["gid"]}
        kind = "written" if parcel["written_at"] else "sent" if parcel["gid"] else "sending"
        self._trail.add(kind, target=parcel["target"] or "", rows=rows, bot=bot, **told)

    def finish(self) -> Run:
        """Write the run's own row, if nobody else did since it was read."""
        self.run = replace(self.run, version=self._before.version + 1, updated_at=self._now)
        row, before = columns_of(self.run), columns_of(self._before)
        new = {name: value for name, value in row.items() if value != before[name]}
        this = {"this_run": self.run.id, "read_version": self._before.version}
        if self._connection.execute(_RECORD, {**this, **new}).rowcount != 1:
            raise stale(self._before)
        told = _provenance(self._before, self.run)
        self._trail.add("recorded", rows=covered(tables.runs, row), **told)
        self._trail.seal()
        return self.run

    def _history(self, before: RunState, after: RunState, why: str) -> None:
        seq = self._next(tables.history)
        rows = self._insert(
            tables.history, seq=seq, at=self._now, before=before, after=after, why=why, by=self._by
        )
        if before is after:
            self._trail.add("noted", rows=rows)
        else:
            self._trail.add("moved", rows=rows, before=before, after=after)

    def _insert(self, table: Table, **values: Any) -> dict[str, str | None]:
        """Add a row of this run; gives its digest for the audit chain."""
        row = stored(table, {"run_id": self.run.id, **values})
        insert_stored(self._connection, table, [row])
        return covered(table, row)

    def _next(self, table: Table) -> int:
        if table not in self._last:
            found = self._connection.execute(_counting(table), {"this_run": self.run.id})
            self._last[table] = int(found.scalar_one())
        self._last[table] += 1
        return self._last[table]


def hold_row(connection: Connection, run: Run) -> None:
    """Let two workers that record the same run queue here, and the later one see that it is late. SQLite queues by itself."""
    if connection.execute(_VERSION, {"this_run": run.id}).scalar() != run.version:
        raise stale(run)


def stale(run: Run) -> StaleRun:
    """The refusal of what was read before another worker moved the run on."""
    return StaleRun(
        f"run {run.id} has moved on since it was read (version {run.version})",
        suggestion="Read it again; another worker got there first.",
        retryable=True,
    )


def columns_of(run: Run) -> dict[str, Any]:
    """A run as a row of `runs`."""
    return dict(zip(_COLUMNS, _VALUES(run), strict=True))


def _provenance(before: Run, after: Run) -> dict[str, Any]:
    """What a step changed of a run, for the audit chain; its reason is a text and stands there as a digest only."""
    changed = {name for name in _PROVEN if getattr(before, name) != getattr(after, name)}
    return {"version": after.version, **{name: getattr(after, name) for name in sorted(changed)}}


def record_of(kind: type[Kept], row: Row[Any]) -> Kept:
    """A row as the record it keeps."""
    raw = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return kind(**{field.name: raw[field.name] for field in fields(kind)})


def record_fire(connection: Connection, run: Run, *, why: str) -> None:
    """Record a planned run in an open transaction; the database refuses a second one of its window."""
    record_fires(connection, [(run, why)])


def record_fires(connection: Connection, planned: Sequence[tuple[Run, str]]) -> None:
    """Record planned runs, each with why it was fired, at the price of one: many are due at the same full hour."""
    if not planned:
        return
    rows = [stored(tables.runs, columns_of(run)) for run, _ in planned]
    firsts = [
        {"run_id": run.id, "seq": 1, "at": row["created_at"], "before": None, "after": run.state, "why": why, "by": "clock"}
        for (run, why), row in zip(planned, rows, strict=True)
    ]  # fmt: skip
    insert_stored(connection, tables.runs, rows)
    insert_stored(connection, tables.history, firsts)
    trails = []
    for (run, _), row, first in zip(planned, rows, firsts, strict=True):
        trail = Trail(connection, run.created_at, "clock", run.id)
        told = {**covered(tables.runs, row), **covered(tables.history, first)}
        trail.add("fired", target=run.key, rows=told, trigger=run.trigger, mode=run.mode)
        trails.append(trail)
    seal_together(trails)
