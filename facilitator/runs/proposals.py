"""Changes to tasks that were proposed and not made: queued by a session's tool or by the facts, decided on with the draft.

Queuing changes nothing in Asana. Those of a run's present session belong to its draft, the newest of each task. They are made
while the session writes and never while a draft waits, and a decision names those it means: what an approver said yes to
cannot grow. What is written, and whether it still may be, is `amending`'s question.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from facilitator.board.refusal import Refused
from facilitator.board.snapshot import TaskGid
from facilitator.board.wishes import Edit, Sight, Wish
from facilitator.runs import tables
from facilitator.runs.changes import Change
from facilitator.runs.database import Database
from facilitator.runs.run import FIGURES, Run, RunState
from facilitator.runs.trail import Trail, covered

MOST = 10
"""Changes that one session may propose: of more than a person reads with care some would be approved unread."""

AGENT, FACTS = "agent", "facts"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed change; `seq` counts within its run, `outcome` is empty until it was written or refused."""

    seq: int
    wish: Wish
    note: str
    origin: str
    round: int = 0
    """Which of the session's drafts it was proposed with."""
    outcome: str = ""

    @property
    def change(self) -> Change:
        """Which class of change it is."""
        return Change.TASK_DATES if self.wish.edit.due_on else Change.TASK_CHANGES


class Proposals:
    """The proposed changes of one run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def queue(self, run: Run, wish: Wish, note: str, *, now: datetime) -> Proposal | Refused:
        """Add a change that the run's session proposes; the same again, after a crash too, is the one that stands there.

        Refused where the session may propose no more, and a second, other change of one task for one draft; a later draft's
        takes the earlier one's place.
        """
        with self._database.begin() as connection:
            if not _still_writing(connection, run):
                return Refused("changes are proposed while a draft is written, and not later")
            known = _of_session(connection, run)
            same = next((one for one in known if one.wish.task == wish.task and one.round == run.round), None)
            if same is not None:
                told = f"task {wish.task} has a proposal already, to {same.wish.wanted}: one change a task"
                return same if same.wish.wanted == wish.wanted else Refused(told)
            if sum(one.origin == AGENT for one in known) >= MOST:
                return Refused(f"{MOST} changes are proposed already, which is the most")
            trail = Trail(connection, now, "pipeline", run.id)
            proposal = add(connection, trail, run, wish, note=note, origin=AGENT, now=now)
            trail.seal()
        return proposal

    def of(self, run: Run) -> tuple[Proposal, ...]:
        """What stands proposed beside the run's present draft, in order; nothing beside figures that code wrote."""
        if run.draft_source == FIGURES:
            return ()
        with self._database.connect().execution_options(reading=True) as connection:
            newest = {one.wish.task: one for one in _of_session(connection, run)}
            return tuple(sorted(newest.values(), key=lambda one: one.seq))


def add(
    connection: Connection, trail: Trail, run: Run, wish: Wish, *, note: str, origin: str, now: datetime
) -> Proposal:
    """Add one proposal inside an open transaction, and its event to the audit chain."""
    table = tables.proposals
    count = select(func.coalesce(func.max(table.c.seq), 0)).where(table.c.run_id == run.id)
    proposal = Proposal(int(connection.execute(count).scalar_one()) + 1, wish, note, origin, run.round)
    row = {
        "run_id": run.id, "seq": proposal.seq, "session_id": run.session_id or "", "round": run.round, "origin": origin, "at": now,
        "task": wish.task, "before": wish.before, "wanted": wish.wanted, "note": note,
        "sight": sight_json(wish.sight), "edit": edit_json(wish.edit), "outcome": "",
    }  # fmt: skip
    connection.execute(insert(table), row)
    trail.add("proposed", target=wish.task, rows=covered(table, row), origin=origin)
    return proposal


def _still_writing(connection: Connection, run: Run) -> bool:
    """Whether the run's session writes this draft; the run's row is held, so that nobody moves it meanwhile."""
    runs = tables.runs.c
    query = select(runs.state, runs.session_id, runs.revision).where(runs.id == run.id).with_for_update()
    return tuple(connection.execute(query).one()) == (RunState.SUBMITTED, run.session_id, run.revision)


def _of_session(connection: Connection, run: Run) -> tuple[Proposal, ...]:
    table = tables.proposals
    ours = (table.c.run_id == run.id, table.c.session_id == (run.session_id or ""))
    return tuple(map(_proposal, connection.execute(select(table).where(*ours).order_by(table.c.seq))))


def _proposal(row: Row[Any]) -> Proposal:
    wish = Wish(TaskGid(row.task), row.before, row.wanted, read_sight(row.sight), read_edit(row.edit))
    return Proposal(row.seq, wish, row.note, row.origin, row.round, row.outcome)


def edit_json(edit: Edit) -> str:
    """An edit as the run log keeps it."""
    fields = dict(edit.fields or {})
    told = {"section": edit.section, "completed": edit.completed, "fields": fields}
    return json.dumps({**told, "due_on": edit.due_on.isoformat() if edit.due_on else None})


def read_edit(text: str) -> Edit:
    """Read back what `edit_json` wrote."""
    raw = json.loads(text)
    return Edit(raw["section"], raw["completed"], raw["fields"] or None, _day(raw.get("due_on")))


def sight_json(sight: Sight) -> str:
    """What was seen, as the run log keeps it; only options and texts are ever touched by an edit."""
    fields = {gid: None if value is None else str(value) for gid, value in sight.fields.items()}
    told = {"project": sight.project, "modified_at": sight.modified_at.isoformat(), "section": sight.section}
    due_on = sight.due_on.isoformat() if sight.due_on else None
    return json.dumps({**told, "completed": sight.completed, "fields": fields, "due_on": due_on})


def read_sight(text: str) -> Sight:
    """Read back what `sight_json` wrote."""
    raw = json.loads(text)
    at = datetime.fromisoformat(raw["modified_at"])
    day = _day(raw.get("due_on"))
    return Sight(raw["project"], at, raw["section"], raw["completed"], raw["fields"], day)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
