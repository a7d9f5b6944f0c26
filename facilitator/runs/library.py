"""The files beside the engine, rubrics/ and templates/, and what is made from them for one run.

Reads files and renders; it decides nothing and remembers what it read for the life of the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from facilitator.board.facts import Facts
from facilitator.ceremony import Ceremony
from facilitator.drafts.checks import check_draft
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.drafts.rendering import marker, render_brief, render_comment
from facilitator.drafts.rubric import Rubric, checks_for, load_rubric
from facilitator.errors import ConfigurationError
from facilitator.runs.assignment import Assignment
from facilitator.runs.run import Outbox, Run
from facilitator.runs.store import sha256


@dataclass(frozen=True, slots=True)
class Shelves:
    """The ceremonies found, and for each the folder that holds its rubrics/ and templates/."""

    ceremonies: Mapping[str, Ceremony]
    homes: Mapping[str, Path]


class Library:
    """Rubrics, briefs and comment templates of the ceremonies handed over by runner.py."""

    def __init__(self, shelves: Shelves) -> None:
        self.ceremonies = shelves.ceremonies
        self._homes = shelves.homes
        self._rubrics: dict[str, Rubric] = {}

    def ceremony(self, name: str) -> Ceremony:
        """The ceremony with this name; raises `ConfigurationError` naming those there are."""
        found = self.ceremonies.get(name)
        if found is None:
            known = ", ".join(sorted(self.ceremonies))
            raise ConfigurationError(
                f"there is no ceremony {name!r}.", suggestion=f"Ceremonies in jobs/: {known}."
            )
        return found

    def rubric(self, ceremony: Ceremony) -> Rubric:
        """The ceremony's rubric, read once per process."""
        if ceremony.name not in self._rubrics:
            self._rubrics[ceremony.name] = load_rubric(
                self._homes[ceremony.name] / "rubrics" / f"{ceremony.name}.md"
            )
        return self._rubrics[ceremony.name]

    def prove(self, ceremony: Ceremony) -> str:
        """Check that the ceremony's module, rubric and templates fit; gives the rubric's name and version.

        Raises an error naming the first file that does not.
        """
        rubric = self.rubric(ceremony)
        checks_for(rubric, ceremony.checks)
        templates = self._homes[ceremony.name] / "templates"
        for path in (f"briefs/{ceremony.name}.md.j2", f"comments/{ceremony.name}.html.j2"):
            if not (templates / path).is_file():
                raise ConfigurationError(
                    f"the ceremony {ceremony.name} has no {templates / path}.",
                    suggestion="Every ceremony has a module, a rubric, a brief and a comment template of its name.",
                )
        return rubric.key

    def brief(self, ceremony: Ceremony, facts: Facts) -> str:
        """What the agent is told: the outcome's description."""
        return render_brief(facts, templates=self._homes[ceremony.name] / "templates", title=ceremony.title)

    def check(self, ceremony: Ceremony, draft: Draft, facts: Facts) -> list[Fault]:
        """Every fault that code can find in the draft: the same in draft_check, after the verdict, and on approval."""
        return check_draft(draft, facts, tuple(ceremony.checks.values()))

    def comment(
        self,
        run: Run,
        assignment: Assignment,
        draft: Draft,
        facts: Facts,
        *,
        approved_by: str = "",
        proposal: bool,
    ) -> str:
        """The comment as html_text; `proposal` marks it as a draft for the approver's eyes."""
        return render_comment(
            draft,
            facts,
            templates=self._homes[run.ceremony] / "templates",
            marker=marker(assignment.team, run.ceremony, run.window.key),
            status="draft" if proposal else "published",
            approved_by=approved_by or None,
            hosts=assignment.allowed_hosts,
        )

    def outbox(
        self, run: Run, assignment: Assignment, draft: Draft, facts: Facts, *, approved_by: str
    ) -> Outbox:
        """The exact bytes to be written, where they go, and the line they will be found by."""
        body = self.comment(run, assignment, draft, facts, approved_by=approved_by, proposal=False)
        return Outbox(
            task_gid=assignment.task,
            task_name=assignment.task_name or assignment.ceremony.title,
            body=body,
            digest=sha256(body),
            marker=marker(assignment.team, run.ceremony, run.window.key),
        )
