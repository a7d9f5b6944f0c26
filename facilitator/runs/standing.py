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
    ColumnElement,
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
    type_coerce,
)

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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one ceremony of one team stands. `at_work` may still be written; `waiting` is a draft nobody decided on."""

    progress: Progress
    at_work: RunId | None = None
    waiting: RunId | None = None
    last_written: RunId | None = None


class _Kept(NamedTuple):
    """What is asked of one run; its instants are as stored."""

    id: RunId
    state: str
    mode: str
    trigger: str
    window_start: str
    window_end: str
    period: str | None


class _Track(NamedTuple):
    """What the run log says of one track: `rows` are its newest, newest first; `open` and `begun` as `standing_query` says."""

    rows: Sequence[_Kept]
    open: str | None
    begun: str | None


def standings(connection: Connection, wanted: Sequence[Wanted], now: datetime) -> list[Standing]:
    """Where each stands, in their order; `now` is where one begins that nobody enrolled."""
    asked = [(team, ceremony, mode is Mode.SHADOW) for team, ceremony, mode in wanted]
    query = standing_query(connection.dialect.name == "postgresql")
    found = {
        n: _Track([_Kept(*row) for row in json.loads(rows or "[]")], *rest)
        for n, rows, *rest in connection.execute(query, {"wanted": json.dumps(asked)})
    }
    return [_standing(found[n], now, shadow=shadow) for n, (_, _, shadow) in enumerate(asked)]


def _standing(track: _Track, now: datetime, *, shadow: bool) -> Standing:
    rows = track.rows
    if not rows:
        return Standing(Progress(datetime.fromisoformat(track.begun) if track.begun else now))
    told = next((row for row in rows if _covers(row, shadow=shadow)), None)
    waiting = [row.id for row in rows if row.state == RunState.JUDGED and row.mode == Mode.APPROVE]
    at_work = (row.id for row in rows if row.state not in ENDS and row.id not in waiting)
    open_since = told.window_end if told else track.open
    held = {row.period: datetime.fromisoformat(row.window_end) for row in reversed(rows) if row.period}
    return Standing(
        Progress(
            datetime.fromisoformat(rows[0].window_end),
            datetime.fromisoformat(open_since) if open_since else None,
            held,
        ),
        at_work=next(at_work, None),
        waiting=next(iter(waiting), None),
        last_written=told.id if told else None,
    )


def _covers(row: _Kept, *, shadow: bool) -> bool:
    if shadow and row.state == RunState.SKIPPED:
        return row.trigger != PAUSED
    return row.state == RunState.WRITTEN


@cache
def standing_query(shared: bool) -> Select[*tuple[Any, ...]]:
    """Of every track in the parameter `wanted`: its place there, its newest rows as one JSON list, and two instants.

    The first is since when its time is open where none of the newest rows tells it: the end of its last document, else
    the start of its first window. The second is where a track without rows begins: it counts as dealt with up to the
    other track's newest window, else from its enrolment.
    """
    wanted, enrolled, end = _wanted(shared), tables.enrolments.c, _RUNS.window_end
    theirs = (_RUNS.team == wanted.c.team, _RUNS.ceremony == wanted.c.ceremony)
    track = (*theirs, (_RUNS.mode == Mode.SHADOW) == wanted.c.shadow)
    columns = [_RUNS[name] for name in _Kept._fields]
    last = select(*columns).where(*track).order_by(end.desc()).limit(NEWEST)
    newest = last.correlate(wanted).subquery("newest")
    row, rows = (func.json_build_array, func.json_agg) if shared else (func.json_array, func.json_group_array)
    since = select(enrolled.since).where(
        enrolled.team == wanted.c.team, enrolled.ceremony == wanted.c.ceremony
    )
    written = select(end).where(*track, _RUNS.state == RunState.WRITTEN).order_by(end.desc()).limit(1)
    first = select(_RUNS.window_start).where(*track).order_by(end).limit(1)
    any_newest = select(end).where(*theirs).order_by(end.desc()).limit(1)
    return select(
        wanted.c.n,
        cast(select(rows(row(*newest.c))).scalar_subquery(), Text),
        _first_of(written, first),
        _first_of(any_newest, since),
    )


def _first_of(*instants: Select[datetime]) -> ColumnElement[str]:
    """The first of these that there is, as stored."""
    return type_coerce(func.coalesce(*(one.scalar_subquery() for one in instants)), Text)


def _wanted(shared: bool) -> FromClause:
    """The parameter `wanted`, a JSON list of team, ceremony and whether the shadow track is meant, as rows: `n` from 0."""
    given = bindparam("wanted", type_=Text)
    if shared:
        from sqlalchemy.dialects.postgresql import JSONB  # SQLite alone need not load it

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
