"""Where ceremonies stand, as the run log tells: how far each has come, what of it is at work, what waits.

One question for as many ceremonies as are looked at together, each answered from an index: a thousand are due at the same
full hour. Shadow runs are a track of their own: they write nothing, so they neither hold up nor shorten a window that is
written. It only reads; `coverage` records.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Connection,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from facilitator.calendar.windows import Progress
from facilitator.runs import tables
from facilitator.runs.run import ENDS, Mode, RunId, RunState

NEWEST = 12
"""Rows that tell a ceremony's progress. What is at work is always among them: nothing is fired past it."""

PAUSED = "pause"
"""The trigger of a window that was due while its ceremony was paused: recorded, never run."""

Wanted = tuple[str, str, Mode]
"""Team, ceremony, and the mode whose track is asked for."""

_RUNS = tables.runs.c
_ASKED = ("team", "ceremony", "shadow")
_TRACK = (
    _RUNS.team == bindparam("team"),
    _RUNS.ceremony == bindparam("ceremony"),
    (_RUNS.mode == Mode.SHADOW) == bindparam("shadow", type_=Boolean),
)
OLDER = (
    select(_RUNS.window_end)
    .where(*_TRACK, _RUNS.state == RunState.WRITTEN)
    .order_by(_RUNS.window_end.desc())
    .limit(1),
    select(_RUNS.window_start).where(*_TRACK).order_by(_RUNS.window_end).limit(1),
)
"""The end of a track's last document, and where its first window began."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one ceremony of one team stands. `at_work` may still be written; `waiting` is a draft nobody decided on."""

    progress: Progress
    at_work: RunId | None = None
    waiting: RunId | None = None
    last_written: RunId | None = None


_Asked = tuple[str, str, bool]
"""Team, ceremony, whether the shadow track is meant."""


class _Kept(NamedTuple):
    """What is asked of one run; its instants are as stored."""

    id: RunId
    state: str
    mode: str
    trigger: str
    window_start: str
    window_end: str
    period: str | None


def standings(connection: Connection, wanted: Sequence[Wanted], now: datetime) -> list[Standing]:
    """Where each stands, in their order; `now` is where one begins that nobody enrolled."""
    asked = [(team, ceremony, mode is Mode.SHADOW) for team, ceremony, mode in wanted]
    newest = _newest(connection, asked)
    begun = iter(_begun(connection, [one for one, rows in zip(asked, newest, strict=True) if not rows]))
    return [
        _standing(connection, one, rows) if rows else Standing(Progress(next(begun) or now))
        for one, rows in zip(asked, newest, strict=True)
    ]


def _standing(connection: Connection, asked: _Asked, rows: Sequence[_Kept]) -> Standing:
    told = next((row for row in rows if _covers(row, shadow=asked[2])), None)
    waiting = [row.id for row in rows if row.state == RunState.JUDGED and row.mode == Mode.APPROVE]
    at_work = (row.id for row in rows if row.state not in ENDS and row.id not in waiting)
    if told:
        open_since: datetime | None = datetime.fromisoformat(told.window_end)
    elif len(rows) < NEWEST:
        open_since = datetime.fromisoformat(rows[-1].window_start)
    else:
        open_since = _older(connection, asked)
    held = {row.period: datetime.fromisoformat(row.window_end) for row in reversed(rows) if row.period}
    return Standing(
        Progress(datetime.fromisoformat(rows[0].window_end), open_since, held),
        at_work=next(at_work, None),
        waiting=next(iter(waiting), None),
        last_written=told.id if told else None,
    )


def _covers(row: _Kept, *, shadow: bool) -> bool:
    if shadow and row.state == RunState.SKIPPED:
        return row.trigger != PAUSED
    return row.state == RunState.WRITTEN


def _older(connection: Connection, asked: _Asked) -> datetime | None:
    """The end of the last document behind the newest rows, or where the first window began: after weeks of failures."""
    found = (connection.execute(query, dict(zip(_ASKED, asked, strict=True))).scalar() for query in OLDER)
    return next((instant for instant in found if instant is not None), None)


def _begun(connection: Connection, fresh: Sequence[_Asked]) -> list[datetime | None]:
    """A track without rows counts as dealt with up to the other track's newest window, else from its enrolment."""
    if not fresh:
        return []
    others = _newest(connection, [(team, ceremony, not shadow) for team, ceremony, shadow in fresh])
    begun = [datetime.fromisoformat(rows[0].window_end) if rows else None for rows in others]
    shared = connection.dialect.name == "postgresql"
    for row in connection.execute(_enrolled_query(shared), {"wanted": json.dumps(fresh)}):
        begun[row.n] = begun[row.n] or row.since
    return begun


def _newest(connection: Connection, asked: Sequence[_Asked]) -> list[list[_Kept]]:
    """The newest rows of each track, newest first."""
    found: list[list[_Kept]] = [[] for _ in asked]
    shared = connection.dialect.name == "postgresql"
    for n, rows in connection.execute(newest_query(shared), {"wanted": json.dumps(asked)}):
        found[n] = [_Kept(*row) for row in json.loads(rows or "[]")]
    return found


@cache
def newest_query(shared: bool) -> Select[*tuple[Any, ...]]:
    """Of every track in the parameter `wanted` its place there and its newest rows, as one JSON list: newest first."""
    wanted = _wanted(shared)
    newest = (
        select(*(_RUNS[name] for name in _Kept._fields))
        .where(
            _RUNS.team == wanted.c.team,
            _RUNS.ceremony == wanted.c.ceremony,
            (_RUNS.mode == Mode.SHADOW) == wanted.c.shadow,
        )
        .order_by(_RUNS.window_end.desc())
        .limit(NEWEST)
        .correlate(wanted)
        .subquery("newest")
    )
    row, rows = (func.json_build_array, func.json_agg) if shared else (func.json_array, func.json_group_array)
    return select(wanted.c.n, cast(select(rows(row(*newest.c))).scalar_subquery(), Text))


@cache
def _enrolled_query(shared: bool) -> Select[*tuple[Any, ...]]:
    wanted, enrolled = _wanted(shared), tables.enrolments
    ours = (enrolled.c.team == wanted.c.team) & (enrolled.c.ceremony == wanted.c.ceremony)
    return select(wanted.c.n, enrolled.c.since).join_from(wanted, enrolled, ours)


def _wanted(shared: bool) -> FromClause:
    """The parameter `wanted`, a JSON list of `_Asked`, as rows: `n` counts from 0."""
    given = bindparam("wanted", type_=Text)
    if shared:
        elements = func.jsonb_array_elements(cast(given, JSONB))
        each = elements.table_valued(column("value", JSONB), with_ordinality="place", name="each")
        each = each.render_derived()
        part = [each.c.value[n].astext for n in range(3)]
        place = cast(each.c.place, Integer) - 1
    else:
        each = func.json_each(given).table_valued("key", "value", name="each")
        part = [func.json_extract(each.c.value, f"$[{n}]") for n in range(3)]
        place = each.c.key
    team, ceremony, shadow = part
    return select(
        place.label("n"),
        team.label("team"),
        ceremony.label("ceremony"),
        cast(shadow, Boolean).label("shadow"),
    ).subquery("wanted")
