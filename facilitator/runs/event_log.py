"""A session's raw events in the run log: each once, in the order first seen, with every tool call in the audit chain.

Used by `RunStore` inside its transaction. It keeps what it is given and reads no meaning into it but one: which events are
calls of a tool.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from facilitator.runs.rowdigest import canonical, digest
from facilitator.runs.tables import events as table
from facilitator.runs.trail import Trail, covered_now

TOOL_CALLS = frozenset({"agent.tool_use", "agent.custom_tool_use", "agent.mcp_tool_use"})


def keep_events(
    connection: Connection, run: str, events: Sequence[Mapping[str, Any]], *, now: datetime
) -> int:
    """Add raw events, each once by id; one seen again with its stamp is updated. Returns how many were new."""
    trail = Trail(connection, now, "pipeline", run)
    seen = select(table.c.event_id, table.c.processed_at).where(table.c.run_id == run)
    known = {row.event_id: row.processed_at for row in connection.execute(seen)}
    before = len(known)
    for event in events:
        event_id, stamp = str(event.get("id") or f"unnamed-{len(known)}"), event.get("processed_at")
        here = (table.c.run_id == run, table.c.event_id == event_id)
        kept = {"processed_at": stamp, "body": json.dumps(event, ensure_ascii=False, default=str)}
        if event_id not in known:
            row = {"run_id": run, "event_id": event_id, "seq": len(known), "type": str(event.get("type"))}
            connection.execute(insert(table).values(**row, **kept))
        elif known[event_id] is None and stamp is not None:
            connection.execute(update(table).where(*here).values(**kept))
        else:
            continue
        known[event_id] = stamp
        if event.get("type") in TOOL_CALLS:
            arguments = digest(canonical(event.get("input")))
            rows = covered_now(connection, table, *here)
            trail.add("tool called", target=str(event.get("name")), rows=rows, arguments=arguments)
    trail.seal()
    return len(known) - before
