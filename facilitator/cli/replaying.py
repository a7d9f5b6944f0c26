"""The verb `runs replay`: two plays of the same facts, side by side."""

from __future__ import annotations

import asyncio
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.cli.progress import watching

if TYPE_CHECKING:
    from facilitator.service.replaying import Played

WIDTH = 58
"""Columns of each side: two and a rule fit a wide terminal."""


def replayed(context: Context, run_id: str, rubric: Path | None, *, quiet: bool) -> Answer:
    """Play a run's recorded facts again in a new session and set both plays beside each other; writes nothing."""
    from facilitator.service.replaying import replay

    with context.application() as app, watching(quiet=quiet) as observe:
        before, after = asyncio.run(replay(app, app.store.get(run_id), rubric, observe))
    data = {"run_id": run_id, "recorded": _data(before), "replayed": _data(after)}
    sides = zip_longest(_lines(before), _lines(after), fillvalue="")
    head = f"{'RECORDED':<{WIDTH}} | REPLAYED"
    return Answer(data, "\n".join([head, *(f"{left:<{WIDTH}} | {right}" for left, right in sides)]))


def _data(played: Played) -> dict[str, Any]:
    return {
        "rubric": played.rubric, "session_id": played.session_id, "result": played.result,
        "verdicts": [
            {"iteration": one.iteration, "result": one.result, "explanation": one.explanation}
            for one in played.verdicts
        ],
        "draft": played.draft.model_dump(mode="json") if played.draft else None,
        "faults": list(played.faults),
        "list_cents": played.usage.list_cents if played.usage else None,
        "trouble": played.trouble,
    }  # fmt: skip


def _lines(played: Played) -> list[str]:
    cents = f"{played.usage.list_cents:.1f} cents" if played.usage else "cost not known"
    told = [
        f"rubric {played.rubric}",
        f"session {played.session_id}",
        f"{played.result or 'ungraded'}, {len(played.verdicts)} gradings, {cents}",
        *(f"  {one.iteration + 1}. {one.result}: {one.explanation}" for one in played.verdicts),
        *([played.trouble] if played.trouble else []),
        *(f"  fault: {fault}" for fault in played.faults),
        "",
        *(_words(played) if played.draft else ["no draft"]),
    ]
    return [part for line in told for part in _wrapped(line)]


def _words(played: Played) -> list[str]:
    from facilitator.drafts.editing import words_of

    return words_of(played.draft).splitlines() if played.draft else []


def _wrapped(line: str) -> list[str]:
    from textwrap import wrap

    return wrap(line, WIDTH, subsequent_indent="    ") or [""]
