"""Drafts that wait for a person, and whose word counts for each."""

from __future__ import annotations

from dataclasses import dataclass

from facilitator.drafts.placeholders import fill_known
from facilitator.runs.run import Run
from facilitator.web.site import Site, team_names
from facilitator.web.views.asking import Asked
from facilitator.web.views.standing import RunLine, run_line


@dataclass(frozen=True, slots=True)
class Waiting:
    """One draft that waits: its headline, what the grader and the checks said, and whether this visitor may decide."""

    run: RunLine
    team_name: str
    headline: str
    result: str
    faults: int
    yours: bool


def decides(asked: Asked, run: Run) -> bool:
    """Whether this visitor's yes or no counts for the run."""
    assignment = asked.site.assignment(run)
    return assignment is not None and assignment.approver(asked.visitor.name) is not None


def waiting(asked: Asked, run: Run) -> Waiting:
    """One such draft with its headline."""
    site = asked.site
    headline, faults = _head(site, run)
    return Waiting(
        run_line(site, run),
        team_names(site, asked.visitor).get(run.team, run.team),
        headline,
        run.result or "",
        faults,
        decides(asked, run),
    )


def _head(site: Site, run: Run) -> tuple[str, int]:
    """The draft's headline with its figures, and how many faults it has; a draft never changes, so it is read once."""
    name = ("head", run.id, run.draft_digest)
    known = site.heads.peek(name)
    if known is not None:
        return known
    record, facts = site.app.store.draft(run.id, run.draft_digest or ""), site.facts(run.id)
    if record is None or facts is None:
        return "", len(record.faults) if record else 0
    return site.heads.put(name, (fill_known(record.draft.headline, facts), len(record.faults)))
