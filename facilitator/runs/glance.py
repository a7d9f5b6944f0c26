"""A glance at a run log in a file, without what it takes to work with one: `runs list` answers at once, however long it is.

It reads one table with the standard library alone, and changes nothing. Whatever is not plainly there (another database, a
file of another release, a damaged one) it leaves to `database`, which can say what is wrong.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

MIGRATIONS = Path(__file__).with_name("migrations")
COLUMNS = ("id", "ceremony", "team", "window_end", "mode", "state", "reason", "story_gid", "created_at")


def newest_revision() -> str:
    """The revision that this release's tables are at: its migrations are named by their numbers."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("m*.py"))[1:5]


def newest_runs(address: str, wanted: Mapping[str, str], limit: int) -> list[dict[str, str | None]] | None:
    """The newest runs whose columns are as wanted, newest first, values as stored; None where a glance does not tell."""
    path = Path(address.removeprefix("sqlite:///"))
    if not address.startswith("sqlite:///") or not path.is_file():
        return None
    where = " AND ".join(f"{name} = ?" for name in wanted) or "1"
    query = f"SELECT {', '.join(COLUMNS)} FROM runs WHERE {where} ORDER BY created_at DESC, id LIMIT ?"  # noqa: S608 - our names
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if revision != (newest_revision(),):
                return None
            rows = connection.execute(query, (*wanted.values(), limit)).fetchall()
    except sqlite3.Error:
        return None
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]
