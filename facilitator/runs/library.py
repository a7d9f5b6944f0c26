"""The files beside the engine, rubrics/ and templates/, and what is made from them for one run.

Reads files and renders; it decides nothing and remembers what it read for the life of the process.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from facilitator.board.facts import Facts
from facilitator.board.snapshot import Snapshot
from facilitator.ceremony import Ceremony, PastAction, TeamContext
from facilitator.drafts import gate, tone
from facilitator.drafts.checks import check_draft
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.drafts.placeholders import fill
from facilitator.drafts.rendering import FRAMES, TOOLS, marker, render_brief, render_comment, render_revision
from facilitator.drafts.richtext import one_line, to_text, unlinked
from facilitator.drafts.rubric import Rubric, checks_for, load_rubric
from facilitator.drafts.versions import Brief, load_brief
from facilitator.drafts.view import DocumentView, signature
from facilitator.drafts.wording import is_gid
from facilitator.errors import ConfigurationError
from facilitator.runs.amending import change_parcels
from facilitator.runs.assignment import Assignment
from facilitator.runs.changes import allowed
from facilitator.runs.delivery import owner_of, pack_task, unpack_task
from facilitator.runs.marking import ATTACHED, ai_fields
from facilitator.runs.ports import ON_REQUEST, NewTask
from facilitator.runs.proposals import Proposal
from facilitator.runs.run import FIGURES, Override, Parcel, ParcelKind, Run
from facilitator.runs.store import sha256

LONGEST_LINE = 200
"""A task's name and its signal are cut here; the run log's column for the latter is no wider."""

LONGEST_ROLE = 80

FIGURES_ONLY = "Figures only: no writer could be reached, so code filled this document in from the board."
NOT_SATISFIED = "The grader was not satisfied with this draft."


@dataclass(frozen=True, slots=True)
class Shelves:
    """The ceremonies found, and for each the folder that holds its rubrics/ and templates/."""

    ceremonies: Mapping[str, Ceremony]
    homes: Mapping[str, Path]

    @property
    def over_teams(self) -> tuple[str, ...]:
        """Those of them that tell of several teams, by name."""
        return tuple(name for name, ceremony in self.ceremonies.items() if ceremony.over_teams)


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

    def brief_version(self, ceremony: Ceremony) -> Brief:
        """Which brief that is: its id, version and digest, the frame it includes counted in."""
        own = self._homes[ceremony.name] / "templates" / "briefs" / f"{ceremony.name}.md.j2"
        return load_brief(own, FRAMES / "briefs" / "_draft.md.j2")

    def brief(self, ceremony: Ceremony, facts: Facts, *, tools: Sequence[str] = ()) -> str:
        """What the agent is told: the outcome's description. `tools` are those its agent was given; none named means the usual ones."""
        return render_brief(
            facts,
            templates=self._homes[ceremony.name] / "templates",
            title=ceremony.title,
            tools=[name for name in tools or TOOLS if name not in ON_REQUEST],
        )

    def revision(self, ceremony: Ceremony, because: str) -> str:
        """What the agent is told after a reviewer asked for changes: the next outcome's description."""
        return render_revision(because, templates=self._homes[ceremony.name] / "templates")

    def check(self, ceremony: Ceremony, draft: Draft, facts: Facts) -> list[Fault]:
        """Every fault that code can find in the draft: the same in draft_check, after the verdict, and on approval."""
        return check_draft(draft, facts, tuple(ceremony.checks.values()), gate=gate.check, tone=tone.check)

    def comment(
        self,
        run: Run,
        assignment: Assignment,
        draft: Draft,
        facts: Facts,
        *,
        approved_by: str = "",
        proposal: bool,
        override: Override | None = None,
        lens: Callable[[DocumentView], DocumentView] | None = None,
    ) -> str:
        """The comment as html_text; `proposal` marks it as a draft for the approver's eyes.

        Through a `lens` it is for looking at only; see `drafts.tracing`.
        """
        remarks = (
            _remark(facts, assignment.ceremony, override, approved_by),
            FIGURES_ONLY if run.draft_source == FIGURES else "",
            NOT_SATISFIED if proposal and run.result == "max_iterations_reached" else "",
        )
        return render_comment(
            draft,
            overridden(facts, assignment.ceremony, override),
            note=" ".join(remark for remark in remarks if remark),
            templates=self._homes[run.ceremony] / "templates",
            marker=marker(assignment.team, run.ceremony, run.window.key),
            status="draft" if proposal else "published",
            approved_by=approved_by or None,
            hosts=assignment.allowed_hosts,
            lens=lens,
        )

    def proposal(self, run: Run, assignment: Assignment, draft: Draft, facts: Facts) -> Parcel:
        """The one thing that mode draft lets out: the comment, marked as a proposal."""
        html = self.comment(run, assignment, draft, facts, proposal=True)
        line = marker(assignment.team, run.ceremony, run.window.key)
        comment = _parcel(ParcelKind.COMMENT, assignment.task, assignment.ceremony.title, html, line)
        return replace(comment, seq=1)

    def parcels(
        self,
        run: Run,
        assignment: Assignment,
        draft: Draft,
        board: tuple[Snapshot, Facts],
        *,
        approved_by: str,
        override: Override | None = None,
        proposals: Sequence[Proposal] = (),
    ) -> tuple[Parcel, ...]:
        """Everything an approval lets out, the comment first: the exact bytes, where they go, how they are found again."""
        snapshot, facts = board
        line = marker(assignment.team, run.ceremony, run.window.key)
        html = self.comment(
            run, assignment, draft, facts, approved_by=approved_by, proposal=False, override=override
        )
        comment = _parcel(ParcelKind.COMMENT, assignment.task, assignment.ceremony.title, html, line)
        others = [
            *_actions(assignment, draft, board, line, approved_by, assignment.task or run.task_gid),
            *_status(assignment, overridden(facts, assignment.ceremony, override), html, line),
            *_charts(assignment, snapshot, run, line),
            *change_parcels(proposals, snapshot, line),
        ]
        let_out = [comment, *allowed(others, assignment.never)]
        return tuple(replace(parcel, seq=seq) for seq, parcel in enumerate(let_out, start=1))


STATUSES = {"on_track": "On Track", "at_risk": "At Risk", "off_track": "Off Track"}
"""Asana's status types that a rule or an approver may set, and how documents write them."""


def overridden(facts: Facts, ceremony: Ceremony, override: Override | None) -> Facts:
    """The facts with the approver's status in the place of the rule's; the recorded facts stay as they are."""
    if override is None:
        return facts
    kind, colour = facts.facts[ceremony.status], facts.facts[_colour(ceremony)]
    changed = {
        kind.id: replace(kind, value=override.status),
        colour.id: replace(colour, value=STATUSES[override.status]),
    }
    return replace(facts, facts={**facts.facts, **changed})


def _remark(facts: Facts, ceremony: Ceremony, override: Override | None, by: str) -> str:
    if override is None:
        return ""
    ruled = facts.facts[_colour(ceremony)].value
    return f"{by} set the status to {STATUSES[override.status]}; by the rules it is {ruled}. Reason: {override.because}"


def _colour(ceremony: Ceremony) -> str:
    """The fact that words the status: it stands beside the one that types it."""
    return ceremony.status.rpartition(".")[0] + ".colour"


def past_action(run: Run, parcel: Parcel) -> PastAction:
    """An approved action as later documents are told of it."""
    task = unpack_task(parcel)
    return PastAction(
        run=run.id,
        number=int(parcel.marker.rpartition("#")[2]),
        text=task.name,
        owner=owner_of(parcel),
        due_on=task.due_on.isoformat() if task.due_on else "",
        signal=parcel.detail,
        task=parcel.gid,
    )


def _actions(
    assignment: Assignment,
    draft: Draft,
    board: tuple[Snapshot, Facts],
    line: str,
    approved_by: str,
    task: str | None,
) -> Iterator[Parcel]:
    """One task for each item of the ceremony's section of actions; `task` is the document's own, where known."""
    snapshot, facts = board
    section = draft.section(assignment.ceremony.actions) if assignment.ceremony.actions else None
    project = assignment.actions_project or assignment.project
    fields = ai_fields(snapshot) if project == snapshot.project else ()
    for number, item in enumerate(section.items if section else (), start=1):
        marker_ = f"{line}#{number}"
        owner, signal = one_line(item.owner or "", LONGEST_ROLE), _said(item.signal, facts)
        person = owner if is_gid(owner) else None
        # Every part on a line of its own: outside text with a line end could forge another action's marker.
        told = (
            f"Proposed by the {assignment.ceremony.title.lower()} of {one_line(assignment.team_name)}, {_day(facts)}.",
            f"Document: https://app.asana.com/0/0/{task}/f" if task else "",
            f"Owner: {owner}" if owner and not person else "",
            f"Done when: {signal}" if signal else "",
            f"{signature(approved_by)}.",
            marker_,
        )
        made = NewTask(
            _said(item.text, facts) or f"Action {number}",
            "\n".join(part for part in told if part),
            person,
            item.due_on,
            assignment.actions_section,
            fields,
        )
        body = pack_task(made, role="" if person else owner)
        yield replace(_parcel(ParcelKind.TASK, project, made.name, body, marker_), detail=signal)


def _said(text: str | None, facts: Facts) -> str:
    """Free text of the draft with its figures put in, as one clean line without a last full stop."""
    line = unlinked(one_line(fill(text or "", facts), LONGEST_LINE))
    return line[:-1] if line.endswith(".") and not line.endswith("..") else line


def _day(facts: Facts) -> str:
    return f"{facts.end.astimezone(ZoneInfo(facts.zone)):%Y-%m-%d}"


def _status(assignment: Assignment, facts: Facts, html: str, line: str) -> Iterator[Parcel]:
    """The project's status update, its type as the rule engine says; text only, since html may be refused."""
    fact = facts.facts.get(assignment.ceremony.status)
    if assignment.publish_status and fact is not None and fact.value:
        title = f"{assignment.ceremony.title}, {_day(facts)}"
        parcel = _parcel(ParcelKind.STATUS, assignment.project, title, unlinked(to_text(html)), line)
        yield replace(parcel, detail=str(fact.value))


def _charts(assignment: Assignment, snapshot: Snapshot, run: Run, line: str) -> Iterator[Parcel]:
    """The ceremony's pictures, named after the window so that a second look finds them."""
    if not assignment.attach_charts:
        return
    context = TeamContext(assignment.team_name, assignment.rules)
    for chart in assignment.ceremony.charts(snapshot, run.window, context):
        body = base64.b64encode(chart.png).decode()
        # Plain ASCII: a name that Asana changes on the way would never be found again.
        words = f"{ATTACHED} {chart.name} {line.removeprefix('ref ')}".casefold()
        name = re.sub(r"[^a-z0-9]+", "-", words).strip("-")
        yield _parcel(ParcelKind.ATTACHMENT, None, chart.title, body, f"{name}.png")


def _parcel(kind: ParcelKind, target: str | None, title: str, body: str, marker_: str) -> Parcel:
    return Parcel(0, kind, target, "", title, body, sha256(body), marker_)
