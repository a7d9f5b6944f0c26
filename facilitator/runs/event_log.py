"""A session's raw events in the run log: each once, in the order first seen, with every tool call in the audit chain.

Used by `RunStore` inside its transaction. It keeps what it is given and reads no meaning into it but one: which events are
calls of a tool.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from facilitator.runs.bulk import insert_stored
from facilitator.runs.rowdigest import canonical, digest
from facilitator.runs.run import RunId
from facilitator.runs.tables import events as table
from facilitator.runs.trail import Trail, covered, covered_now, seal_together

Event = Mapping[str, Any]
TOOL_CALLS = frozenset({"agent.tool_use", "agent.custom_tool_use", "agent.mcp_tool_use"})

_HERE = (table.c.run_id == bindparam("run"), table.c.event_id == bindparam("event"))
_KNOWN = select(table.c.event_id, table.c.processed_at).where(
    table.c.run_id == bindparam("run"), table.c.event_id.in_(bindparam("ids", expanding=True))
)
_COUNT = select(func.count()).where(table.c.run_id == bindparam("run"))
_STAMP = update(table).where(*_HERE)


def keep_events(connection: Connection, pages: Mapping[RunId, Sequence[Event]], *, now: datetime) -> int:
    """Add raw events of some runs, each once by id; one seen again with its stamp is updated. Returns how many were new.

    What it costs depends on how many are handed in, not on how many the runs have.
    """
    trails, added = list[Trail](), list[dict[str, Any]]()
    for run, events in pages.items():
        trail = Trail(connection, now, "pipeline", run)
        added += _new_rows(connection, trail, run, events)
        trails.append(trail)
    if added:
        insert_stored(connection, table, added)
    seal_together(trails)
    return len(added)


def _new_rows(
    connection: Connection, trail: Trail, run: RunId, events: Sequence[Event]
) -> list[dict[str, Any]]:
    """The rows to add for one run; stamps of events it has already are put in their place."""
    named = [str(event.get("id") or "") for event in events]
    held = connection.execute(_KNOWN, {"run": run, "ids": [name for name in named if name]})
    known = {row.event_id: row.processed_at for row in held}
    count = connection.execute(_COUNT, {"run": run}).scalar_one()
    added = dict[str, dict[str, Any]]()
    for name, event in zip(named, events, strict=True):
        event_id, stamp = name or f"unnamed-{count}", event.get("processed_at")
        kept = {"processed_at": stamp, "body": json.dumps(event, ensure_ascii=False, default=str)}
        if event_id not in known:
            told = {"event_id": event_id, "seq": count, "type": str(event.get("type"))}
            added[event_id] = {"run_id": run, **told, **kept}
            count += 1
        elif known[event_id] is not None or stamp is None:
            continue
        elif event_id in added:
            added[event_id] |= kept
        else:
            connection.execute(_STAMP, {"run": run, "event": event_id, **kept})
        known[event_id] = stamp
        if event.get("type") in TOOL_CALLS:
            _audit(connection, trail, added.get(event_id), run, event_id, event)
    return list(added.values())


def _audit(
    connection: Connection,
    trail: Trail,
    row: Mapping[str, Any] | None,
    run: str,
    event_id: str,
    event: Mapping[str, Any],
) -> None:
    """Seal a call of a tool: its row as it is about to be added, or as it stands after its stamp came."""
    here = (table.c.run_id == run, table.c.event_id == event_id)
    rows = covered(table, row) if row else covered_now(connection, table, *here)
    arguments = digest(canonical(event.get("input")))
    trail.add("tool called", target=str(event.get("name")), rows=rows, arguments=arguments)
