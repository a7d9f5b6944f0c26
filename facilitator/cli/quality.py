"""The verb `quality`: what graders, people and time said of the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta

from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.runs.quality import Report, reports

SHOWN = 5
"""Complaints shown per ceremony; --json has them all."""


def quality(context: Context, team: str, days: int) -> Answer:
    """One report for each team and ceremony over so many days."""
    with context.application() as app:
        since = app.clock() - timedelta(days=days)
        found = reports(
            app.quality.graded(team=team, since=since),
            app.money.spendings(team=team, since=since),
            app.followups.scored(team),
            app.followups.opinions(team, since=since),
        )
    text = "\n\n".join("\n".join(_lines(one)) for one in found)
    return Answer([asdict(one) for one in found], text or f"No run in the last {days} days.")


def _lines(one: Report) -> Iterator[str]:
    yield f"{one.ceremony} of {one.team}: {one.runs} runs ({_told(one.states)})"
    per = "" if one.gradings is None else f", {one.gradings:.1f} gradings a run"
    yield f"  grader: {_told(one.verdicts) or 'nothing graded'}{per}"
    edited = f"; {one.edited} edited ({_told(one.edits_by_section)})" if one.edited else ""
    yield f"  people: {_told(one.decisions) or 'no decision'}{edited}"
    yield f"  feedback: {len(one.wrong)} wrong, {one.likes} likes, {one.dislikes} thumbs down"
    for opinion in one.wrong[:SHOWN]:
        yield f"    {opinion.at:%Y-%m-%d} on {opinion.run}: {opinion.text or '(purged)'}"
    if one.hit_rate is not None:
        score = "" if one.brier is None else f", Brier score {one.brier:.3f} (0 is perfect, 0.25 a coin)"
        yield f"  predictions: {100 * one.hit_rate:.0f} % of {one.predictions} came true{score}"
        for level in one.calibration:
            yield f"    said {level.said:<10} {level.times:>4} times; done in time {100 * level.share:.0f} %"
    if one.first_event and one.first_message:
        yield (
            f"  latency: first event after {one.first_event[0]:.1f} s (p95 {one.first_event[1]:.1f}), first word after"
            f" {one.first_message[0]:.1f} s (p95 {one.first_message[1]:.1f})"
        )


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{times} {word.replace('_', ' ')}" for word, times in counts.items())
