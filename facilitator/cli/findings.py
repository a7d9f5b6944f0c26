"""What `check` finds, and its part about writing: where it may go, and what the changes that a team asks for need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from facilitator.board.wishes import MARKABLE
from facilitator.runs.ports import ON_REQUEST
from facilitator.settings import Settings, Team
from facilitator.settings.settings import AsanaSettings

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


def profile_finding(asana: AsanaSettings, *, production: bool) -> Finding:
    """What may be written to; production wants it said."""
    profile, workspace = asana.profile, asana.workspace
    if profile == "sandbox":
        verdict = "fault" if production else "ok"
        told = f"sandbox: nothing is written outside workspace {workspace}."
        return Finding("profile", verdict, told, 'Say profile = "live" in [asana].' if production else "")
    if profile is None and production:
        return Finding("profile", "fault", "nobody said live.", 'Add profile = "live" to [asana].')
    return Finding("profile", "ok", "live: what the teams name is written to.")


async def outside_findings(
    tracker: AsanaTracker, settings: Settings, team: Team, own: Project
) -> list[Finding]:
    """In profile sandbox: projects that something could be written to and that are in another workspace."""
    inside = settings.asana.workspace
    if not inside:
        return []
    others = {wish.actions_project for wish in team.ceremonies.values() if wish.actions_project} | {
        *team.projects
    }
    found = []
    for gid in sorted({own.gid, *others}):
        project = own if gid == own.gid else await tracker.project(gid)
        if project.workspace != inside:
            told = f"{project.name} is in workspace {project.workspace}, not in the sandbox {inside}."
            found.append(
                Finding(f"profile of {team.slug}", "fault", told, "Name a project of the test workspace.")
            )
    return found


def change_findings(settings: Settings, team: Team, project: Project) -> list[Finding]:
    """What the team's board must have for the changes to tasks that it asks for."""
    name, what = team.board.blockers_field, f"changes for {team.slug}"
    field = next((one for one in project.custom_fields if one.name.casefold() == name.casefold()), None)
    found = []
    if name and field is None:
        found.append(
            Finding(
                what, "fault", f"there is no field {name!r} to mark blocked tasks in.", "Mend blockers_field."
            )
        )
    elif field is not None and field.kind not in MARKABLE:
        told = f"the field {name!r} is of the kind {field.kind}."
        found.append(Finding(what, "fault", told, f"Name one of the kinds {' or '.join(MARKABLE)}."))
    if ON_REQUEST & {*(settings.agents.tools or ())} and not team.approvers:
        found.append(
            Finding(what, "warning", "changes are proposed, and nobody may approve one.", "Name `approvers`.")
        )
    return found
