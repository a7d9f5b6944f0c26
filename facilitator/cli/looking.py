"""Verbs that compute and show, and record nothing: `board`, `drafts check`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path

from facilitator.board.facts import Fact, Facts, show
from facilitator.ceremony import TeamContext
from facilitator.cli.answer import Answer
from facilitator.cli.context import Context, instant
from facilitator.drafts.draft import DraftUnreadable, parse_draft
from facilitator.drafts.explaining import explain
from facilitator.errors import CheckFailed, ConfigurationError
from facilitator.runs.steps.boards import read_boards
from facilitator.runs.steps.gather import members_of
from facilitator.service.firing import window_at


def board(context: Context, team: str, ceremony: str, at: str) -> Answer:
    """Read the team's project now and show the facts a document would be held to."""
    with context.application() as app:
        assignment = app.assignment(team, ceremony)
        window = window_at(app.store, assignment, instant(at, app.clock()))

        async def read() -> Facts:
            async with app.reading(app) as tracker:
                snapshot = await read_boards(
                    lambda whose: tracker.for_team(whose.team).within(app.reach(whose.team)),
                    assignment,
                    window,
                )
            members = members_of(app.store, assignment)
            context = TeamContext(assignment.team_name, assignment.rules, members=members)
            return assignment.ceremony.gather(snapshot, window, context)

        facts = asyncio.run(read())
    return Answer(facts.as_dict(), "\n".join(_lines(facts)))


def drafts_check(context: Context, facts: Path, draft: Path, ceremony: str) -> Answer:
    """Every fault of a draft against its facts; a draft with faults is a failed check."""
    with context.application() as app:
        known = app.library.ceremony(ceremony)
        try:
            read = Facts.from_json(_text(facts))
            found = app.library.check(known, parse_draft(_text(draft)), read)
        except (DraftUnreadable, ValueError) as error:
            raise CheckFailed(
                f"the files cannot be checked: {error}", suggestion="Mend the file named."
            ) from error
    data = {"faults": [fault.as_dict() for fault in found]}
    if not found:
        return Answer(data, "No faults.")
    failed = CheckFailed(f"{len(found)} faults", suggestion="Each line names its place and the right value.")
    return Answer(data, "\n".join(fault.line() for fault in found), failed)


def explained(context: Context, what: str, run_id: str) -> Answer:
    """The rule, tasks and stories behind a figure or a line of a run's document, offline."""
    with context.application() as app:
        run = app.store.get(run_id)
        facts = app.store.facts(run.id)
        if facts is None:
            raise CheckFailed(
                f"run {run.id} has no facts: it is {run.state}.", suggestion="Choose another run."
            )
        record = app.store.draft(run.id, run.draft_digest or "")
        found = explain(
            what, facts=facts, draft=record.draft if record else None, snapshot=app.store.snapshot(run.id)
        )
    lines = [f"{found.what}: {found.text}"]
    lines += [f"  rule: {found.rule}"] if found.rule else []
    lines += [f"  leans on: {', '.join(found.facts)}"] if found.facts else []
    for task in found.tasks:
        lines.append(f"  {task.gid}  {task.name} ({task.state or 'state not kept'})  {task.url}")
        lines += [f"      {story.line}" for story in task.stories]
        lines += [f"      and {task.of - len(task.stories)} older"] if task.of > len(task.stories) else []
    return Answer(asdict(found), "\n".join(lines))


def _lines(facts: Facts) -> list[str]:
    width = max((len(key) for key in facts.facts), default=0)
    return [f"{facts.team}: {facts.project_name}, as of {facts.as_of:%Y-%m-%d %H:%M} UTC"] + [
        f"  {key:<{width}}  {_value(fact)}  ({fact.rule})" for key, fact in facts.facts.items()
    ]


def _value(fact: Fact) -> str:
    of = f" of {fact.of:g}" if fact.of is not None else ""
    return f"{show(fact)}{of}" + ("" if fact.unit in ("text", "date", "percent") else f" {fact.unit}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error}", suggestion="Name a UTF-8 text file."
        ) from error
