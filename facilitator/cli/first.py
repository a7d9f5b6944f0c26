"""Verbs of the first day: `init` writes a configuration, `check` tells what is missing before anything runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from facilitator.board.rules import FieldSprints, ProjectSprints
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprints import find_sprints, undated
from facilitator.cli.answer import Answer
from facilitator.cli.context import Context
from facilitator.cli.findings import Finding, change_findings, outside_findings, profile_finding
from facilitator.cli.first_steps import Asker, Nobody, Proposal, Wishes, asker, local_zone, propose
from facilitator.errors import CheckFailed, ConfigurationError, FacilitatorError
from facilitator.runs.assignment import Assignment
from facilitator.runs.autonomy import USUAL_REVIEWS, Autonomy
from facilitator.runs.database import refuse_damage
from facilitator.runs.run import Mode
from facilitator.service.application import Application
from facilitator.service.hardening import weaknesses
from facilitator.settings import Team

if TYPE_CHECKING:
    from facilitator.asana import AsanaTracker
    from facilitator.asana.project import Project


def init(context: Context, wishes: Wishes, *, force: bool, as_json: bool) -> Answer:
    """Walk through the first configuration and write it; an existing one is kept unless forced.

    With a token Asana is looked at, and what was written is checked; without one it is written from what was said alone.
    """
    from facilitator.settings import first_configuration, read_settings

    path = context.config or Path("facilitator.toml")
    if path.exists() and not force:
        raise ConfigurationError(f"{path} is already there.", suggestion="Add --force to replace it.")
    found = _looked_up(context, wishes, asker(as_json=as_json))
    text = first_configuration(
        team=found.team,
        project=found.project,
        zone=found.zone,
        approvers=found.approvers,
        sprint_field=found.sprint_field,
        points_field=found.points_field,
        ceremonies=context.ceremonies(),
    )
    read_settings(text, path, {})
    path.write_text(text, encoding="utf-8")
    todo = list(found.remarks)
    todo += [] if context.environ.get("ANTHROPIC_API_KEY") else ["set ANTHROPIC_API_KEY"]
    todo += ["run `runner.py agents apply`, then `runner.py check`, then `runner.py serve`"]
    checked = check(context, production=False) if _has_token(context) else Answer([])
    data = {"path": str(path), "team": found.team, "project": found.project, "zone": found.zone,
            "approvers": list(found.approvers), "sprint_field": found.sprint_field, "points_field": found.points_field,
            "next": todo, "check": checked.data}  # fmt: skip
    lines = [checked.text, f"Wrote {path} for {found.team}.", *(f"  - {one}" for one in todo)]
    return Answer(data, "\n".join(line for line in lines if line))


def _has_token(context: Context) -> bool:
    return any(context.environ.get(name) for name in ("ASANA_ACCESS_TOKEN", "ASANA_ACCESS_TOKEN_FILE"))


def _looked_up(context: Context, wishes: Wishes, ask: Asker) -> Proposal:
    from facilitator.asana import AsanaTracker
    from facilitator.settings.environment import read_environment
    from facilitator.settings.settings import ASANA_BASE_URL

    variables = read_environment(context.environ)
    zone = local_zone() if not isinstance(ask, Nobody) else "UTC"
    if not _has_token(context):
        return _said_alone(wishes, ask, zone)

    async def look() -> Proposal:
        address = variables.asana_url or ASANA_BASE_URL
        async with AsanaTracker(base_url=address, token=variables.token.reveal) as tracker:
            return await propose(tracker, wishes, ask, zone=zone)

    return asyncio.run(look())


def _said_alone(wishes: Wishes, ask: Asker, zone: str) -> Proposal:
    """Without a token: from the options, with a word on what is still to be filled in."""
    remarks = ["set ASANA_ACCESS_TOKEN; with it `init` finds project, fields and people by itself"]
    remarks += [] if wishes.project else ["put your project's gid into it"]
    remarks += [] if wishes.approvers else ["name an approver"]
    return Proposal(
        project=wishes.project or "1200000000000000",
        team=wishes.team or ask.text("The team's name", "My team"),
        zone=wishes.zone or ask.text("The team's time zone", zone),
        approvers=wishes.approvers,
        sprint_field=None if wishes.sprint_field == "none" else wishes.sprint_field or "Sprint",
        points_field=wishes.points_field or "Story Points",
        remarks=tuple(remarks),
    )


def check(context: Context, *, production: bool) -> Answer:
    """Look at everything a run needs; any fault is a failed check, warnings are not."""
    with context.application() as app:
        findings = [
            Finding("configuration", "ok", f"{app.settings.source}: {len(app.assignments)} ceremonies")
        ]
        findings.append(profile_finding(app.settings.asana, production=production))
        findings.append(_looked("run log", lambda: _whole(app)))
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


def _whole(app: Application) -> str:
    refuse_damage(app.database)
    return "is whole"


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
            found += await outside_findings(board, app.settings, team, project)
            found += change_findings(app.settings, team, project)
            found += await _rights(board, team)
            if team.rollup:
                # Its own board is not what it tells of: each member's is looked at in its own turn.
                over = ", ".join(app.settings.team(slug).name for slug in team.rollup)
                found.append(Finding(f"roll-up of {team.slug}", "ok", f"over {over}, each read as its own"))
                continue
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


async def _rights(tracker: AsanaTracker, team: Team) -> list[Finding]:
    """What the token is refused of what this team's ceremonies read, with the scope it may lack."""
    wishes = team.ceremonies.values()
    status, files = any(wish.status_update for wish in wishes), any(wish.charts for wish in wishes)
    try:
        refused = await tracker.rights(team.project, status=status, files=files)
    except FacilitatorError as error:
        return [Finding(f"rights for {team.slug}", "fault", error.message, error.suggestion)]
    return [Finding(f"rights for {team.slug}", "fault", one.message, one.suggestion) for one in refused]


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
