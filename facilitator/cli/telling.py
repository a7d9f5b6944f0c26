"""Runs as JSON and as text: the shapes that `run`, `runs show`, `demo` and `approvals` share."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from facilitator.drafts.richtext import to_text
from facilitator.runs.amending import words_of
from facilitator.runs.autonomy import Autonomy, Standing
from facilitator.runs.ports import Latency, Usage
from facilitator.runs.proposals import Proposal
from facilitator.runs.run import DecisionKind, Run, RunState

if TYPE_CHECKING:
    from facilitator.service.application import Application


def run_data(app: Application, run: Run, *, whole: bool = False) -> dict[str, Any]:
    """One run as every `--json` answer shows it; `whole` adds its history, facts and faults."""
    usage = app.store.usage(run.id)
    data: dict[str, Any] = {
        "run_id": run.id,
        "ceremony": run.ceremony,
        "team": run.team,
        "window": {"start": run.window.start.isoformat(), "end": run.window.end.isoformat()},
        "mode": run.mode,
        "state": run.state,
        "reason": run.reason,
        "result": run.result,
        "verdicts": [
            {"iteration": verdict.iteration, "result": verdict.result, "explanation": verdict.explanation}
            for verdict in app.store.verdicts(run.id)
        ],
        "session_id": run.session_id,
        "console_url": run.console_url,
        "task_gid": run.task_gid,
        "story_gid": run.story_gid,
        "draft_digest": run.draft_digest,
        "draft_source": run.draft_source,
        "comment_html": comment_html(app, run),
        "cost": None
        if usage is None
        else {
            "list_cents": usage.list_cents,
            "active_seconds": usage.active_seconds,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "cache_read_tokens": usage.cache_read_tokens,
            "cached_percent": _cached_percent(usage),
            "grader_tokens": usage.grader_tokens,
        },
    }
    return {**data, **_whole(app, run)} if whole else data


def _whole(app: Application, run: Run) -> dict[str, Any]:
    record = app.store.draft(run.id, run.draft_digest or "")
    facts = app.store.facts(run.id)
    return {
        "history": [
            {"at": move.at.isoformat(), "from": move.before, "to": move.after, "why": move.why, "by": move.by}
            for move in app.store.history(run.id)
        ],
        "decisions": [
            {
                "kind": made.kind,
                "approved": made.kind is DecisionKind.APPROVED,
                "by": made.by,
                "because": made.because,
                "draft": made.draft_digest,
                "at": made.at.isoformat(),
                "channel": made.channel,
            }
            for made in app.store.decisions(run.id)
        ],
        "faults": [fault.as_dict() for fault in record.faults] if record else [],
        "autonomy": asdict(standing) if (standing := _earned(app, run)) else None,
        "provenance": {
            "prompt_hash": run.prompt_hash,
            "brief": f"{run.brief_id}@{run.brief_version}",
            "brief_hash": run.brief_hash,
            "rubric": f"{run.rubric_id}@{run.rubric_version}",
            "rubric_hash": run.rubric_hash,
            "agent": f"{run.agent_id}@{run.agent_version}",
            "agent_hash": run.agent_hash,
            "environment_hash": run.environment_hash,
        },
        "cost_parts": [asdict(part) for part in app.money.parts(run.id)],
        "latency": asdict(app.money.latency(run.id) or Latency()),
        "parcels": [
            {"kind": parcel.kind, "title": parcel.title, "target": parcel.target, "gid": parcel.gid}
            for parcel in app.store.parcels(run.id)
        ],
        "proposed_changes": proposals_data(app, run),
        "events": len(app.store.events(run.id)),
        "facts": facts.as_dict() if facts else None,
    }


def comment_html(app: Application, run: Run) -> str | None:
    """The comment as written or to be written; before a decision, as its approver would see it."""
    parcels = app.store.parcels(run.id)
    if parcels:
        return parcels[0].body
    record, facts = app.store.draft(run.id, run.draft_digest or ""), app.store.facts(run.id)
    assignment = app.assignments.get((run.team, run.ceremony))
    if record is None or facts is None or assignment is None:
        return None
    return app.library.comment(run, assignment, record.draft, facts, proposal=True)


def story(app: Application, run: Run) -> str:
    """A run's whole story, as text for a terminal."""
    zone = _zone(app, run)
    lines = [
        f"{run.id}  {run.ceremony} of {run.team}, window to {run.window.end.astimezone(zone):%a %d %b %Y %H:%M %Z}"
    ]
    lines += [
        f"  {move.at.astimezone(zone):%H:%M:%S}  {_arrow(move.before, move.after):<24} {move.why} ({move.by})"
        for move in app.store.history(run.id)
    ]
    if standing := _earned(app, run):
        lines.append(f"  the ceremony's next mode: {standing.mode} ({standing.why})")
    for verdict in app.store.verdicts(run.id):
        lines.append(f"  grading {verdict.iteration + 1}: {verdict.result}")
        lines += [f"      {line}" for line in verdict.explanation.splitlines()[:6]]
    usage = app.store.usage(run.id)
    if usage is not None:
        lines.append(
            f"  cost: {usage.input_tokens + usage.cache_read_tokens} tokens in ({_cached_percent(usage):.0f} %"
            f" cached), {usage.output_tokens} out, {usage.active_seconds:.0f} s, list price {usage.list_cents:.1f} cents"
        )
        lines += _parts(app, run)
    if run.console_url:
        lines.append(f"  session: {run.session_id}  {run.console_url}")
    if run.story_gid:
        lines.append(f"  receipt: comment {run.story_gid} on task {run.task_gid}")
    return "\n".join(lines)


def document(app: Application, run: Run) -> str:
    """The document as Asana shows it, in plain text, framed."""
    html = comment_html(app, run)
    if html is None:
        return ""
    kind = "comment in Asana" if run.state is RunState.WRITTEN else "draft"
    body = "\n".join(f"  | {line}" for line in to_text(html).splitlines())
    return f"  {run.ceremony}, {kind}:\n{body}"


def proposals_data(app: Application, run: Run) -> list[dict[str, Any]]:
    """The changes to tasks that are proposed beside the run's present draft, and what became of each."""
    return [
        {
            "number": one.seq, "task_gid": one.wish.task, "from": one.wish.before, "to": one.wish.wanted,
            "note": one.note, "origin": one.origin, "outcome": one.outcome,
        }
        for one in _proposals(app, run)
    ]  # fmt: skip


def proposed(app: Application, run: Run) -> str:
    """The same as text; empty where nothing is proposed."""
    found = _proposals(app, run)
    if not found:
        return ""
    snapshot = app.store.snapshot(run.id)
    lines = [
        f"    {one.seq}. {words_of(one, snapshot)}{f' ({one.outcome})' if one.outcome else ''}"
        for one in found
    ]
    return "\n".join(["  [AI Proposal] changes to tasks, made only with an approver's yes:", *lines])


def _proposals(app: Application, run: Run) -> tuple[Proposal, ...]:
    assignment = app.assignments.get((run.team, run.ceremony))
    return app.approvals.proposed(run, assignment) if assignment else ()


def faults(app: Application, run: Run) -> str:
    """What the checks found in the present draft, a line each."""
    record = app.store.draft(run.id, run.draft_digest or "")
    if record is None or not record.faults:
        return ""
    return "\n".join(["  faults:", *(f"    {fault.line()}" for fault in record.faults)])


def whole_story(app: Application, run: Run) -> str:
    """Document, faults and story together."""
    parts = (document(app, run), proposed(app, run), faults(app, run), story(app, run))
    return "\n\n".join(part for part in parts if part)


def _earned(app: Application, run: Run) -> Standing | None:
    """How far the run's ceremony is on its way to mode auto, where it may earn that."""
    assignment = app.assignments.get((run.team, run.ceremony))
    if assignment is None or assignment.auto_after is None:
        return None
    return Autonomy(app.database).standing(assignment)


def _zone(app: Application, run: Run) -> ZoneInfo:
    assignment = app.assignments.get((run.team, run.ceremony))
    return assignment.rules.zone if assignment else ZoneInfo("UTC")


def _arrow(before: RunState | None, after: RunState) -> str:
    if before is None or before is after:
        return str(after)
    return f"{before} -> {after}"


def _cached_percent(usage: Usage) -> float:
    """How much of what the model read came from its cache."""
    read = usage.input_tokens + usage.cache_read_tokens
    return round(100 * usage.cache_read_tokens / read, 1) if read else 0.0


def _parts(app: Application, run: Run) -> list[str]:
    """How soon the session spoke, and what writer and grader cost in each iteration."""
    latency = app.money.latency(run.id)
    lines = []
    if latency and latency.first_event is not None:
        word = "never" if latency.first_message is None else f"after {latency.first_message:.1f} s"
        lines.append(f"  first event after {latency.first_event:.1f} s, first word {word}")
    lines += [
        f"      {part.who} {part.iteration + 1}: {part.input_tokens + part.cache_read_tokens} tokens in,"
        f" {part.output_tokens} out, {part.seconds:.0f} s, {part.list_cents:.2f} cents"
        for part in app.money.parts(run.id)
        # Between the last verdict and the end the writer is on for a moment, often without a word.
        if part.input_tokens or part.cache_read_tokens or part.output_tokens or part.seconds >= 1
    ]
    return lines
