"""A run log of any size, written in bulk: what the pages are measured on. The runs never ran; only this benchmark reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from facilitator.board.facts import Facts
from facilitator.drafts.draft import parse_draft
from facilitator.runs import ledger_tables, tables
from facilitator.runs.archive import pack
from facilitator.runs.database import open_database
from facilitator.sandbox.generated import generate_world
from tests.packs import snapshot_of

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 6, 10, 7, 20, tzinfo=UTC)
CEREMONIES = ("standup", "weekly_status", "retro")
STATES = ("written",) * 17 + ("rejected", "expired", "failed")
CHUNK = 5_000


def write_run_log(url: str, *, runs: int, teams: int) -> None:
    """So many runs of so many teams, evenly over the ceremonies, newest windows last; one in each pair waits, and the last three are kept whole."""
    engine = open_database(url)
    per_pair = runs // (teams * len(CEREMONIES))
    texts = {name: _texts(name) for name in CEREMONIES}
    rows = _rows(teams, per_pair, texts)
    with engine.begin() as connection:
        chunk: dict[Any, list[dict[str, Any]]] = {}
        for count, (table, row) in enumerate(rows):
            chunk.setdefault(table, []).append(row)
            if count % CHUNK == CHUNK - 1:
                _write(connection, chunk)
        _write(connection, chunk)
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _write(connection: Any, chunk: dict[Any, list[dict[str, Any]]]) -> None:
    for table in tables.metadata.sorted_tables:
        if chunk.get(table):
            connection.execute(insert(table), chunk.pop(table))


@lru_cache(maxsize=1)
def _board() -> bytes:
    """The built-in world's board, as every recent run keeps it."""
    return pack(snapshot_of(generate_world(7)))


def _texts(name: str) -> tuple[str, str, str]:
    folder = ROOT / "rubrics" / "examples" / name
    facts = Facts.from_json((folder / "facts.json").read_text()).to_json()
    draft = parse_draft((folder / "good-normal.json").read_text())
    return facts, draft.canonical(), draft.digest()


def _rows(
    teams: int, per_pair: int, texts: dict[str, tuple[str, str, str]]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    for place in range(per_pair):
        for number in range(teams):
            for name in CEREMONIES:
                newest = place == per_pair - 1
                end = NOW - timedelta(days=per_pair - 1 - place, minutes=number % 60)
                state = "judged" if newest else STATES[(place * 7 + number) % len(STATES)]
                yield from _run(f"team-{number}", name, end, state, texts[name], recent=per_pair - place <= 3)


def _run(
    team: str, name: str, end: datetime, state: str, texts: tuple[str, str, str], *, recent: bool
) -> Iterator[tuple[Any, dict[str, Any]]]:
    key = f"{name}/{end:%Y-%m-%dT%H:%M}/{team}"
    run = "run_" + hashlib.sha256(key.encode()).hexdigest()[:16]
    facts, draft, digest = texts
    yield (
        tables.runs,
        {
            **{column.name: "" for column in tables.runs.columns if not column.nullable and column.default is not None},
            "id": run, "key": key, "team": team, "ceremony": name, "window_start": end - timedelta(days=1),
            "window_end": end, "mode": "approve", "trigger": "schedule", "state": state, "version": 5, "created_at": end,
            "updated_at": end, "reason": f"a sentence about being {state}", "result": "satisfied", "draft_digest": digest,
            "expires_at": end + timedelta(hours=24), "outcome_id": "outc_1", **_whole_numbers(),
        },
    )  # fmt: skip
    for seq, after in enumerate(("scheduled", "gathered", "submitted", "judged", state), start=1):
        yield tables.history, {"run_id": run, "seq": seq, "at": end, "before": None, "after": after, "why": "why", "by": "pipeline"}  # fmt: skip
    for iteration in range(2):
        yield tables.verdicts, {"run_id": run, "outcome_id": "outc_1", "iteration": iteration, "result": "satisfied", "explanation": "met"}  # fmt: skip
    yield tables.costs, {
        "run_id": run, "session_id": "sesn_1", "input_tokens": 9000, "output_tokens": 2000, "cache_read_tokens": 30000, "cache_write_tokens": 900,
        "grader_tokens": 4000, "active_seconds": 40.0, "list_cents": 9.5,
    }  # fmt: skip
    yield (
        ledger_tables.latencies,
        {"run_id": run, "session_id": "sesn_1", "first_event": 0.5 + len(team) % 7, "first_message": 3.0},
    )
    if state == "written":
        for seq in range(2):
            yield ledger_tables.predictions, {
                "run_id": run, "seq": seq, "fact": "forecast.sprint", "said": "80%", "by": end, "expected": True, "probability": 0.8,
                "tasks": "[]", "happened": bool(seq), "scored_at": end,
            }  # fmt: skip
        yield (
            ledger_tables.feedback,
            {"run_id": run, "story": "1:like", "kind": "like", "who": "", "text": "", "times": 2, "at": end},
        )
    if state in ("written", "rejected"):
        kind = "approved" if state == "written" else "rejected"
        yield tables.decisions, {"run_id": run, "seq": 1, "kind": kind, "by": "Alice", "because": "", "draft_digest": digest, "at": end, "channel": "web"}  # fmt: skip
    if recent:
        yield tables.facts, {"run_id": run, "digest": digest, "body": facts}
        yield tables.drafts, {"run_id": run, "digest": digest, "origin": "agent", "at": end, "body": draft, "faults": "[]"}  # fmt: skip
        yield tables.snapshots, {"run_id": run, "taken_at": end, "body": _board()}


def _whole_numbers() -> dict[str, int]:
    """Columns that count, whatever they are called in this release: 0."""
    return {
        column.name: 0
        for column in tables.runs.columns
        if not column.nullable and str(column.type) == "INTEGER" and column.name != "version"
    }
