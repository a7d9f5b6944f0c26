"""Verbs of the first day: `init` writes a configuration, `check` tells what is missing before anything runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from facilitator.board.rules import FieldSprints, ProjectSprints
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprints import find_sprints, undated
from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.errors import CheckFailed, ConfigurationError, FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.autonomy import USUAL_REVIEWS, Autonomy
from facilitator.runs.run import Mode
from facilitator.service.application import Application
from facilitator.service.hardening import weaknesses
from facilitator.settings import Team

if TYPE_CHECKING:
    from facilitator.asana import AsanaTracker
    from facilitator.asana.project import Project


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `ok`, `warning` or `fault`, and what to do where it is not ok."""

    what: str
    verdict: str
    message: str
    suggestion: str = ""


def init(context: Context, project: str, team: str, zone: str, approver: str, *, force: bool) -> Answer:
    """Write facilitator.toml from what was said; an existing one is kept unless forced."""
    from facilitator.settings import first_configuration, read_settings

    path = context.config or Path("facilitator.toml")
    if path.exists() and not force:
        raise ConfigurationError(f"{path} is already there.", suggestion="Add --force to replace it.")
    text = first_configuration(
        team=team or "My team",
        project=project or "1200000000000000",
        zone=zone,
        approvers=[approver] if approver else [],
        ceremonies=context.ceremonies(),
    )
    read_settings(text, path, {})
    path.write_text(text, encoding="utf-8")
    todo = [] if project else ["put your project's gid into it"]
    todo += [] if approver else ["name an approver"]
    todo += ["set ASANA_ACCESS_TOKEN and ANTHROPIC_API_KEY", "run `runner.py check`"]
    return Answer({"path": str(path), "next": todo}, f"Wrote {path}. Next: {'; '.join(todo)}.")


def check(context: Context, *, production: bool) -> Answer:
    """Look at everything a run needs; any fault is a failed check, warnings are not."""
    with context.application() as app:
        findings = [
            Finding("configuration", "ok", f"{app.settings.source}: {len(app.assignments)} ceremonies")
        ]
        findings += _secrets(app)
        findings += _rubrics(app)
        findings += [
            found
            for assignment in app.assignments.values()
            for found in _wishes(app, assignment, production=production)
        ]
        if production:
            found = weaknesses(app.settings, tuple(app.library.ceremonies))
            findings += [Finding(weak.what, "warning", weak.message, weak.suggestion) for weak in found]
        if all(finding.verdict != "fault" for finding in findings):
            findings += asyncio.run(_board(app))
            findings.append(_looked("agents", lambda: _pin(app)))
    data = [asdict(finding) for finding in findings]
    text = "\n".join(
        f"{finding.verdict:<8} {finding.what}: {finding.message} {finding.suggestion}".rstrip()
        for finding in findings
    )
    faults = [finding for finding in findings if finding.verdict == "fault"]
    if faults:
        return Answer(data, text, CheckFailed(f"{len(faults)} faults", suggestion=faults[0].suggestion))
    return Answer(data, text)


def _secrets(app: Application) -> list[Finding]:
    return [
        _looked(secret.name, lambda secret=secret: f"{len(secret.reveal())} characters" and "is set")  # type: ignore[misc]
        for secret in app.settings.secrets()
    ]


def _rubrics(app: Application) -> list[Finding]:
    return [
        _looked(f"ceremony {name}", lambda ceremony=ceremony: f"rubric {app.library.prove(ceremony)}")  # type: ignore[misc]
        for name, ceremony in app.library.ceremonies.items()
    ]


def _wishes(app: Application, assignment: Assignment, *, production: bool) -> list[Finding]:
    what = f"{assignment.team}/{assignment.ceremony.name}"
    if assignment.mode is Mode.APPROVE and not assignment.approvers:
        return [Finding(what, "fault", "nobody may approve its drafts.", "Name `approvers` of the team.")]
    if assignment.mode is Mode.AUTO:
        return [_golive(app, assignment, what, production=production)]
    return []


def _golive(app: Application, assignment: Assignment, what: str, *, production: bool) -> Finding:
    """Mode auto set by hand: sound only after enough documents were looked at; refused for production before that."""
    reviewed = Autonomy(app.database).reviewed(assignment.team, assignment.ceremony.name)
    if reviewed >= USUAL_REVIEWS:
        return Finding(what, "ok", f"is written without a person's yes; {reviewed} documents were reviewed.")
    return Finding(
        what,
        "fault" if production else "warning",
        f"is written without a person's yes, and {reviewed} of {USUAL_REVIEWS} documents were reviewed.",
        "Use mode approve until it is trusted; auto_after lets it earn auto by itself.",
    )


async def _board(app: Application) -> list[Finding]:
    found = []
    async with app.reading(app) as tracker:
        for team in app.settings.teams:
            rules, what = team.rules(), f"project of {team.slug}"
            try:
                board = tracker.for_team(team.slug)
                project = await board.project(team.project)
            except FacilitatorError as error:
                found.append(Finding(what, "fault", error.message, error.suggestion))
                continue
            found.append(Finding(what, "ok", f"{project.name}, {len(project.members)} members"))
            wanted = [rules.points_field, rules.blocked_field, *filter(None, [rules.status_field])]
            wanted += [rules.sprint.field] if isinstance(rules.sprint, FieldSprints) else []
            found += await _more_projects(board, team, project, app.clock())
            names = {field.name.casefold() for field in project.custom_fields}
            found += [
                Finding(
                    what, "warning", f"there is no field {name!r}.", "Name the right one in facilitator.toml."
                )
                for name in wanted
                if name.casefold() not in names
            ]
    return found


async def _more_projects(tracker: AsanaTracker, team: Team, own: Project, now: datetime) -> list[Finding]:
    """Whether the board's other projects can be read, and which sprints its sprint projects give."""
    rules, what = team.rules(), f"projects of {team.slug}"
    found = []
    try:
        for gid in team.projects:
            found.append(Finding(what, "ok", (await tracker.project(gid)).name))
        if not isinstance(rules.sprint, ProjectSprints):
            return found
        seen = Snapshot(own.gid, own.name, now, (), projects=await tracker.sprint_projects(own, rules.sprint))
    except FacilitatorError as error:
        return [*found, Finding(what, "fault", error.message, error.suggestion)]
    sprints, vague = find_sprints(seen, rules), undated(seen, rules)
    found.append(
        Finding(what, "ok", f"{len(sprints)} sprints, the last {sprints[-1].name}")
        if sprints
        else Finding(
            what,
            "fault",
            "no project is a sprint with dates.",
            "Mend `pattern` or `projects`, or give them a start and due date.",
        )
    )
    if vague:
        found.append(
            Finding(
                what,
                "warning",
                f"without dates: {', '.join(vague[:5])}.",
                "Give each a start and a due date.",
            )
        )
    return found


def _pin(app: Application) -> str:
    pinned = app.pinned()
    return f"agent {pinned.agent_id} version {pinned.agent_version}"


def _looked(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, "ok", look())
    except FacilitatorError as error:
        return Finding(what, "fault", error.message, error.suggestion)
