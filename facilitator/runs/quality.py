"""How good the documents are, by what graders, people and time said: counts over the run log, per team and ceremony.

It judges nothing and hides nothing: where the words of old drafts were purged, their edits are not counted, and says so.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import select

from facilitator.board.prediction import Level, Scored, brier, calibration, hit_rate
from facilitator.runs import tables
from facilitator.runs.database import Database
from facilitator.runs.followups import Opinion
from facilitator.runs.money import Spending, percentiles
from facilitator.runs.run import Mode

Name = tuple[str, str]
"""Team and ceremony."""


@dataclass(frozen=True, slots=True)
class Graded:
    """One run as quality sees it: `drafts` are its drafts' bodies with their origin, oldest first."""

    run: str
    team: str
    ceremony: str
    state: str
    result: str
    gradings: int
    decisions: tuple[str, ...]
    drafts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The quality of one team's documents of one kind; None where nothing is known."""

    team: str
    ceremony: str
    runs: int
    states: Mapping[str, int]
    verdicts: Mapping[str, int]
    gradings: float | None
    """Per run that was graded."""
    decisions: Mapping[str, int]
    edited: int
    edits_by_section: Mapping[str, int]
    wrong: tuple[Opinion, ...]
    likes: int
    dislikes: int
    predictions: int
    hit_rate: float | None
    brier: float | None
    calibration: tuple[Level, ...]
    first_event: tuple[float, float] | None
    first_message: tuple[float, float] | None


class Quality:
    """The quality of one run log's documents."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def graded(self, *, team: str = "", since: datetime | None = None) -> tuple[Graded, ...]:
        """Runs with what was said of them, oldest first."""
        runs = tables.runs.c
        wanted = [*([runs.team == team] if team else []), *([runs.created_at >= since] if since else [])]
        with self._database.connect().execution_options(reading=True) as connection:
            found = connection.execute(
                select(tables.runs).where(*wanted).order_by(runs.created_at, runs.id)
            ).all()
            gradings = Counter(connection.execute(select(tables.verdicts.c.run_id)).scalars())
            decided = _by_run(connection.execute(_decisions()))
            drafted = _by_run(connection.execute(_drafts()))
        return tuple(
            Graded(
                run.id, run.team, run.ceremony, run.state, run.result or "", gradings[run.id],
                tuple(row.kind for row in decided.get(run.id, ())),
                tuple((row.origin, row.body) for row in drafted.get(run.id, ())),
            )
            for run in found
        )  # fmt: skip


def _decisions() -> Any:
    """What people decided; what a mode decided by itself is no word of anyone."""
    table = tables.decisions
    query = select(table.c.run_id, table.c.kind).where(table.c.channel.not_in([mode.value for mode in Mode]))
    return query.order_by(table.c.run_id, table.c.seq)


def _drafts() -> Any:
    table = tables.drafts
    return select(table.c.run_id, table.c.origin, table.c.body).order_by(
        table.c.run_id, table.c.at, table.c.digest
    )


def _by_run(rows: Iterable[Any]) -> dict[str, list[Any]]:
    return {run: list(group) for run, group in groupby(rows, key=lambda row: row.run_id)}


def reports(
    graded: Sequence[Graded],
    spendings: Sequence[Spending],
    scored: Sequence[tuple[str, str, Scored]],
    opinions: Sequence[Opinion],
) -> list[Report]:
    """One report for each team and ceremony that had a run, in their order."""
    names = sorted({(one.team, one.ceremony) for one in graded})
    return [_report(name, graded, spendings, scored, opinions) for name in names]


def _report(
    name: Name,
    graded: Sequence[Graded],
    spendings: Sequence[Spending],
    scored: Sequence[tuple[str, str, Scored]],
    opinions: Sequence[Opinion],
) -> Report:
    ours = [one for one in graded if (one.team, one.ceremony) == name]
    ids = {one.run for one in ours}
    said = [one for one in opinions if one.run in ids]
    truths = [one for team, ceremony, one in scored if (team, ceremony) == name]
    spent = [one for one in spendings if one.run in ids]
    sections = [edits_of(one.drafts) for one in ours]
    judged = [one.gradings for one in ours if one.gradings]
    return Report(
        team=name[0],
        ceremony=name[1],
        runs=len(ours),
        states=_counted(one.state for one in ours),
        verdicts=_counted(one.result for one in ours if one.result),
        gradings=sum(judged) / len(judged) if judged else None,
        decisions=_counted(kind for one in ours for kind in one.decisions),
        edited=sum(bool(edits) for edits in sections),
        edits_by_section=_counted(section for edits in sections for section in edits),
        wrong=tuple(one for one in said if one.kind == "wrong"),
        likes=sum(one.times for one in said if one.kind == "like"),
        dislikes=sum(one.times for one in said if one.kind == "dislike"),
        predictions=len(truths),
        hit_rate=hit_rate(truths),
        brier=brier(truths),
        calibration=calibration(truths),
        first_event=percentiles([one.first_event for one in spent]),
        first_message=percentiles([one.first_message for one in spent]),
    )


def edits_of(drafts: Sequence[tuple[str, str]]) -> list[str]:
    """The sections that people changed, once for each edit; drafts whose words were purged tell nothing."""
    changed = []
    for (_, before), (origin, after) in pairwise(drafts):
        if origin == "edit" and before and after:
            old, new = _sections(before), _sections(after)
            changed += [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    return changed


def _sections(body: str) -> dict[str, Any]:
    raw = json.loads(body)
    return {"headline": raw["headline"], **{one["id"]: one["items"] for one in raw["sections"]}}


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(map(str, words)).items()))
