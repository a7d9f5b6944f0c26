"""What a person has to be told, each once, and how far it has come through each channel.

Whoever needs someone told posts a `Notice`; the serving process delivers it. Posting is idempotent by key, so the same
event found twice is told once. This module keeps rows; who is told, and how, is decided by `service/notifier`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from facilitator.runs import tables
from facilitator.runs.database import Database
from facilitator.runs.run import RunId, RunState


@dataclass(frozen=True, slots=True)
class Notice:
    """One event worth a person's attention. `key` names the event and is unique for ever; `team` "" is everybody's.

    `subject` is one line; `text` says what happened and what to do next. Both may quote the board and are escaped by
    each channel, not here.
    """

    key: str
    kind: str
    team: str
    run: RunId | None
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One notice on its way through one channel to one address ("" where the channel has only one).

    `attempts` counts the tries so far; `next_at` None with `sent_at` None means given up, `trouble` says why.
    """

    notice: Notice
    channel: str
    address: str
    attempts: int = 0
    next_at: datetime | None = None
    attempted_at: datetime | None = None
    sent_at: datetime | None = None
    reference: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A notice with the instant it was posted and where it stands."""

    notice: Notice
    at: datetime
    dispatches: tuple[Dispatch, ...] = field(default=())


class Notices:
    """The notices of one run log. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def post(self, notice: Notice, *, now: datetime) -> bool:
        """Keep the notice for delivery; gives whether this call was the first with its key."""
        row = {
            "key": notice.key, "kind": notice.kind, "team": notice.team, "run_id": notice.run,
            "subject": notice.subject, "text": notice.text, "at": now,
        }  # fmt: skip
        try:
            with self._database.begin() as connection:
                connection.execute(insert(tables.notices).values(**row))
        except IntegrityError:
            return False
        return True

    def untold(self, kind: str, state: RunState, *, since: datetime) -> tuple[RunId, ...]:
        """Runs in the state since the instant that have no notice of the kind for their present outcome yet."""
        runs, told = tables.runs, tables.notices
        known = select(told.c.key).where(told.c.key == _event_key(kind))
        query = (
            select(runs.c.id)
            .where(runs.c.state == state, runs.c.updated_at >= since, ~known.exists())
            .order_by(runs.c.updated_at)
        )
        return tuple(RunId(row.id) for row in self._all(query))

    def unplanned(self) -> tuple[Notice, ...]:
        """Notices nobody has decided the channels of yet, oldest first."""
        query = select(tables.notices).where(tables.notices.c.planned_at.is_(None))
        return tuple(_notice(row) for row in self._all(query.order_by(tables.notices.c.at)))

    def plan(
        self, notice: Notice, ways: Sequence[tuple[str, str]], *, first_at: datetime, now: datetime
    ) -> None:
        """Fix the (channel, address) pairs of a notice, to be tried from `first_at` on; a second time changes nothing."""
        told = tables.notices
        with self._database.begin() as connection:
            ours = connection.execute(
                update(told)
                .where(told.c.key == notice.key, told.c.planned_at.is_(None))
                .values(planned_at=now)
            )
            if ours.rowcount != 1:
                return
            for channel, address in dict.fromkeys(ways):
                connection.execute(
                    insert(tables.dispatches).values(
                        notice=notice.key,
                        channel=channel,
                        address=address,
                        attempts=0,
                        next_at=first_at,
                        reference="",
                        trouble="",
                    )
                )

    def due(self, now: datetime, *, limit: int = 100) -> tuple[Dispatch, ...]:
        """What is to be tried by now, longest due first."""
        ways = tables.dispatches
        query = _dispatches().where(ways.c.next_at <= now).order_by(ways.c.next_at).limit(limit)
        return tuple(_dispatch(row) for row in self._all(query))

    def attempting(self, dispatch: Dispatch, *, now: datetime, until: datetime) -> bool:
        """Record a try before it is made, not to be made by another before `until`; False where another was first."""
        ways = tables.dispatches
        with self._database.begin() as connection:
            changed = connection.execute(
                update(ways)
                .where(_same(dispatch), ways.c.attempts == dispatch.attempts, ways.c.sent_at.is_(None))
                .values(attempts=dispatch.attempts + 1, attempted_at=now, next_at=until)
            )
        return changed.rowcount == 1

    def sent(self, dispatch: Dispatch, *, now: datetime, reference: str) -> None:
        """Record that it arrived; `reference` is what the channel calls it."""
        self._change(dispatch, sent_at=now, next_at=None, reference=reference[:200], trouble="")

    def failed(self, dispatch: Dispatch, *, why: str, next_at: datetime | None) -> None:
        """Record that it did not arrive; it is tried again at `next_at`, or given up where that is None."""
        self._change(dispatch, next_at=next_at, trouble=why)

    def recent(self, *, limit: int = 50) -> tuple[Posted, ...]:
        """Notices with their ways, newest first."""
        query = select(tables.notices).order_by(tables.notices.c.at.desc(), tables.notices.c.key).limit(limit)
        rows = self._all(query)
        ways: dict[str, list[Dispatch]] = {row.key: [] for row in rows}
        found = _dispatches().where(tables.dispatches.c.notice.in_(list(ways)))
        for row in self._all(found.order_by(tables.dispatches.c.channel, tables.dispatches.c.address)):
            ways[row.notice].append(_dispatch(row))
        return tuple(Posted(_notice(row), row.at, tuple(ways[row.key])) for row in rows)

    def _change(self, dispatch: Dispatch, **values: Any) -> None:
        with self._database.begin() as connection:
            connection.execute(update(tables.dispatches).where(_same(dispatch)).values(**values))

    def _all(self, query: Any) -> Sequence[Row[Any]]:
        with self._database.connect().execution_options(reading=True) as connection:
            return connection.execute(query).all()


class Marks:
    """Named instants of a deployment: when it first served, when it last ticked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def first(self, name: str, *, now: datetime) -> datetime:
        """The instant this was first asked, by whichever process."""
        try:
            with self._database.begin() as connection:
                connection.execute(insert(tables.marks).values(name=name, at=now))
        except IntegrityError:
            return self.at(name) or now
        return now

    def firsts(self, names: Collection[str], *, now: datetime) -> Mapping[str, datetime]:
        """`first` of each of these, in one transaction however many there are."""
        table = tables.marks
        try:
            with self._database.begin() as connection:
                known: dict[str, datetime] = {row.name: row.at for row in connection.execute(select(table))}
                new = {name: now for name in names if name not in known}
                if new:
                    connection.execute(insert(table), [{"name": name, "at": now} for name in new])
        except IntegrityError:  # another process noted one of them in the same moment: now it stands
            return self.firsts(names, now=now)
        return known | new

    def touch(self, name: str, *, now: datetime) -> None:
        """Set the mark to now."""
        if self.first(name, now=now) != now:
            with self._database.begin() as connection:
                connection.execute(update(tables.marks).where(tables.marks.c.name == name).values(at=now))

    def at(self, name: str) -> datetime | None:
        """The mark, or None where it was never set."""
        query = select(tables.marks.c.at).where(tables.marks.c.name == name)
        with self._database.connect().execution_options(reading=True) as connection:
            found: datetime | None = connection.execute(query).scalar()
        return found


def event_key(kind: str, run: RunId, outcome: str | None) -> str:
    """The key of an event of a run: a revised draft is another outcome, so it is told anew; an edit is not."""
    return f"{kind}/{run}/{outcome or ''}"


def _event_key(kind: str) -> Any:
    """`event_key`, as SQL says it over the runs table."""
    runs = tables.runs
    return f"{kind}/" + runs.c.id + "/" + func.coalesce(runs.c.outcome_id, "")


def _dispatches() -> Any:
    return select(tables.notices, tables.dispatches).join(
        tables.dispatches, tables.dispatches.c.notice == tables.notices.c.key
    )


def _same(dispatch: Dispatch) -> Any:
    ways = tables.dispatches
    return and_(
        ways.c.notice == dispatch.notice.key,
        ways.c.channel == dispatch.channel,
        ways.c.address == dispatch.address,
    )


def _notice(row: Row[Any]) -> Notice:
    return Notice(row.key, row.kind, row.team, row.run_id, row.subject, row.text)


def _dispatch(row: Row[Any]) -> Dispatch:
    return Dispatch(
        _notice(row), row.channel, row.address, row.attempts, row.next_at,
        row.attempted_at, row.sent_at, row.reference, row.trouble,
    )  # fmt: skip
