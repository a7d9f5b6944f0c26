"""What the run log holds of one person, given out or taken away on their wish.

An erasure replaces names, texts and the gid in every table, run by run, and records in the audit chain that it did, never
of whom: the chain itself knows people by number only and stays valid, and every count stays. A run that has not ended is left for
later: what waits for a decision must not change under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, Table, delete, func, select, update

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.runs import tables
from facilitator.runs.archive import pack, unpack
from facilitator.runs.audit import COVERED
from facilitator.runs.database import Database
from facilitator.runs.event_log import TOOL_CALLS
from facilitator.runs.person import Person
from facilitator.runs.rowdigest import place, stored_rows
from facilitator.runs.run import ENDS
from facilitator.runs.trail import Trail, covered_now

BY = "erasure"
SEALED = (tables.audit, tables.audit_head, tables.snapshots, tables.facts, tables.events, tables.people)
"""Never scanned for words: the chain holds none, and the others are taken apart by what they are."""

IDENTITIES = frozenset({"id", "run_id", "key", "digest", "hash", "session_id", "outcome_id", "marker"})
"""Columns whose values are names of rows, not of people."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One value that names the person: in which table and column, of which run, and the whole value."""

    table: str
    column: str
    run: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: values changed, runs gone through, and runs left because they have not ended."""

    values: int
    runs: int
    left: tuple[str, ...]


class People:
    """One run log's memory of people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, gid: str, names: Iterable[str] = ()) -> Person:
        """The person with every name that any board or document gave them; `names` are those the configuration knows."""
        person, known = Person(gid, frozenset()), set(filter(None, names))
        with self._database.connect().execution_options(reading=True) as connection:
            for _run, board in _boards(connection):
                known |= person.names_in(board)
            for _run, facts in _facts(connection):
                known |= {name for owner, name in facts.people.items() if owner == gid}
        return replace(person, names=frozenset(known))

    def export(self, person: Person) -> dict[str, Any]:
        """Everything held of the person: what they wrote, what was theirs, and every value that names them."""
        with self._database.connect().execution_options(reading=True) as connection:
            boards = [
                {
                    "run": run,
                    "tasks": [
                        task.gid
                        for each in board.whole()
                        for task in each.tasks
                        if task.assignee == person.gid
                    ],
                    "comments": [
                        {"task": task.gid, "at": story.created_at.isoformat(), "text": story.text}
                        for task, story in person.comments_on(board)
                    ],
                }
                for run, board in _boards(connection)
            ]
            facts = [run for run, found in _facts(connection) if person.in_text(found.to_json())]
            events = _events_that_name(connection, person)
            mentions = [mention for mention, _key in _mentions(connection, person)]
        return {
            "gid": person.gid,
            "names": sorted(person.names),
            "boards": [one for one in boards if one["tasks"] or one["comments"]],
            "facts_of_runs": facts,
            "events": events,
            "mentions": [
                {"table": one.table, "column": one.column, "run": one.run, "text": one.text}
                for one in mentions
            ],
        }

    def erase(self, person: Person, *, now: datetime) -> Erased:
        """Take the person out of everything that has ended, for good; a second time nothing is left to take."""
        with self._database.begin() as connection:
            before = select(func.count()).where(tables.audit.c.kind == "erased")
            whom = replace(person, stand_in=f"erased-{connection.execute(before).scalar_one() + 1}")
            waiting = set(
                connection.execute(select(tables.runs.c.id).where(tables.runs.c.state.not_in(ENDS))).scalars()
            )
            rows: dict[str, str | None] = {}
            touched: set[str] = set()
            values = 0
            for count, run, changed in _erasures(connection, whom, waiting):
                values += count
                touched |= {run} if run else set()
                rows |= changed
            _forget(connection, whom)
            left = tuple(sorted(_still_named(connection, person, waiting)))
            trail = Trail(connection, now, BY)
            trail.add("erased", target=whom.stand_in, rows=rows, values=values, runs=len(touched))
            trail.seal()
        return Erased(values, len(touched), left)


def _boards(connection: Connection) -> Iterator[tuple[str, Snapshot]]:
    for run, body in connection.execute(select(tables.snapshots.c.run_id, tables.snapshots.c.body)):
        yield run, unpack(body)


def _facts(connection: Connection) -> Iterator[tuple[str, Facts]]:
    for run, body in connection.execute(select(tables.facts.c.run_id, tables.facts.c.body)):
        yield run, Facts.from_json(body)


def _events_that_name(connection: Connection, person: Person) -> int:
    bodies = connection.execute(select(tables.events.c.body)).scalars()
    return sum(person.in_text(body) for body in bodies)


def _mentions(connection: Connection, person: Person) -> Iterator[tuple[Mention, dict[str, Any]]]:
    """Every value of a text column that names the person, with the key of its row."""
    for table in tables.metadata.sorted_tables:
        if table in SEALED:
            continue
        wordy = [
            one.name for one in table.columns if isinstance(one.type, String) and one.name not in IDENTITIES
        ]
        for row in stored_rows(connection, table):
            run = row.get("run_id", row["id"] if table is tables.runs else None)
            for column in wordy:
                if isinstance(row[column], str) and person.in_text(row[column]):
                    key = {part.name: row[part.name] for part in table.primary_key}
                    yield Mention(table.name, column, run, row[column]), key


Erasure = tuple[int, str | None, dict[str, str | None]]
"""Values changed, the run they belong to, and the digests of the rows as they are now."""


def _erasures(connection: Connection, person: Person, waiting: set[str]) -> Iterator[Erasure]:
    said: dict[str, list[str]] = {}
    for run, board in list(_boards(connection)):
        said[run] = [story.text for _task, story in person.comments_on(board)]
        changed = person.off_board(board)
        if run not in waiting and changed != board:
            yield _write(connection, tables.snapshots, {"run_id": run}, body=pack(changed))
    for run, facts in list(_facts(connection)):
        bare = person.out_of_facts(facts, said.get(run, []))
        if run not in waiting and bare != facts:
            yield _write(connection, tables.facts, {"run_id": run}, body=bare.to_json())
    yield from _events_gone(connection, person, waiting)
    for mention, key in list(_mentions(connection, person)):
        if mention.run not in waiting:
            table = tables.metadata.tables[mention.table]
            yield _write(connection, table, key, **{mention.column: person.out_of(mention.text)})


def _write(connection: Connection, table: Table, key: dict[str, Any], **values: Any) -> Erasure:
    here = [table.c[name] == value for name, value in key.items()]
    connection.execute(update(table).where(*here).values(**values))
    new = [table.c[name] == values.get(name, value) for name, value in key.items()]
    rows = covered_now(connection, table, *new) if table in COVERED else {}
    run = key.get("run_id", key.get("id") if table is tables.runs else None)
    return 1, run, rows


def _events_gone(connection: Connection, person: Person, waiting: set[str]) -> Iterator[Erasure]:
    """An event's body is a copy of other texts: those that name the person go whole."""
    table = tables.events
    for row in list(stored_rows(connection, table)):
        if row["run_id"] in waiting or not person.in_text(str(row["body"])):
            continue
        connection.execute(
            delete(table).where(table.c.run_id == row["run_id"], table.c.event_id == row["event_id"])
        )
        yield 1, row["run_id"], {place(table, row): None} if row["type"] in TOOL_CALLS else {}


def _forget(connection: Connection, person: Person) -> None:
    """The number by which the chain knows them stays, and leads nowhere."""
    people = tables.people
    for number, name in connection.execute(select(people.c.id, people.c.name)).all():
        if name in person.names:
            connection.execute(
                update(people)
                .where(people.c.id == number)
                .values(name=f"{person.stand_in} ({number})", gid="")
            )


def _still_named(connection: Connection, person: Person, waiting: set[str]) -> set[str]:
    boards = {run for run, board in _boards(connection) if run in waiting and person.names_in(board)}
    return boards | {
        mention.run
        for mention, _key in _mentions(connection, person)
        if mention.run in waiting and mention.run
    }
