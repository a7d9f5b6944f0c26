"""Verbs of the audit chain: `audit verify | export`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from facilitator.cli.answer import Answer, say
from facilitator.cli.context import Context, instant
from facilitator.errors import CheckFailed, ConfigurationError
from facilitator.runs.audit import Verified
from facilitator.runs.database import refuse_damage
from facilitator.runs.trail import Entry

_SHOWN = 20


def verify(context: Context, expect: str) -> Answer:
    """Whether chain and run log are what was recorded; anything else is a failed check that names the first place."""
    kept = _head(expect) if expect else None
    with context.application() as app:
        refuse_damage(app.database)
        found = app.audit.verify(expected=kept)
    data = {"head": found.head, "entries": found.seq, "rows": found.rows, "older_runs": found.older,
            "broken": [asdict(one) for one in found.broken]}  # fmt: skip
    if not found.broken:
        return Answer(
            data,
            "\n".join([*_lines(found), "Keep the head: a later `audit verify --expect HEAD` proves more."]),
        )
    lines = [f"  {one.message}" for one in found.broken[:_SHOWN]]
    failed = CheckFailed(
        f"the run log is not what was recorded: {found.broken[0].message}.",
        suggestion="Compare with a backup; nothing was changed.",
    )
    return Answer(
        data, "\n".join([f"{len(found.broken)} broken places, the first in the chain first:", *lines]), failed
    )


def export(context: Context, since: str, *, as_json: bool) -> Answer:
    """The chain row by row, each line as sealed, with the names of people who were not erased."""
    start = instant(since, datetime.min.replace(tzinfo=UTC)) if since else None
    told = []
    with context.application() as app:
        names = app.audit.names()
        for entry in app.audit.entries(since=start):
            line = _line(entry, names)
            if as_json:
                told.append(line)
            else:
                say(json.dumps(line, ensure_ascii=False))
    return Answer(told if as_json else None)


def _line(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    name = {"name": names[entry.by]} if entry.by in names else {}
    return {**asdict(entry), "detail": json.loads(entry.detail), **name}


def _lines(found: Verified) -> list[str]:
    older = f"; {found.older} runs are older than the chain" if found.older else ""
    return [f"The chain is whole: {found.seq} entries over {found.rows} rows{older}.", f"head {found.head}"]


def _head(text: str) -> tuple[int, str]:
    seq, _, sealed = text.partition(":")
    if not (seq.isascii() and seq.isdigit() and len(sealed) == 64):
        raise ConfigurationError(
            f"{text[:80]!r} is no head of a chain.",
            suggestion="Give it as `audit verify` printed it, SEQ:HASH.",
        )
    return int(seq), sealed
