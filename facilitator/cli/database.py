"""The verb `db copy`."""

from __future__ import annotations

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.runs.audit import Audit
from facilitator.runs.copying import copy_run_log
from facilitator.runs.database import open_database, refuse_damage


def copy(context: Context, target: str) -> Answer:
    """Copy the run log and verify its audit chain where it now stands."""
    with context.application() as app:
        refuse_damage(app.database)
        database = open_database(target)
        try:
            counts = copy_run_log(app.database, database)
            head = Audit(database).verify().head
        finally:
            database.dispose()
    rows = sum(counts.values())
    text = (
        f"Copied {rows} rows, {counts['runs']} runs among them; the audit chain ends at {head} there too.\n"
        "Set FACILITATOR_DATABASE_URL to the new database before the next start."
    )
    return Answer({"rows": rows, "tables": dict(counts), "audit_head": head}, text)
