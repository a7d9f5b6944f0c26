"""A run's document as Asana shows it, line by line with what stands behind each, and what changed since the last one."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field

from facilitator.board.facts import Fact, Facts, show
from facilitator.drafts.explaining import Explanation, TaskBehind, explain
from facilitator.drafts.richtext import to_text
from facilitator.drafts.tracing import Block, blocks, traced
from facilitator.runs.run import ParcelKind, Run, RunState
from facilitator.runs.store import DraftRecord
from facilitator.web.access import NotFound
from facilitator.web.site import Site
from facilitator.web.views.asking import Asked
from facilitator.web.views.standing import zone_of

COVERAGE = "coverage"
"""The name of lines that stand for no figure: the frame that code puts around every document."""


@dataclass(frozen=True, slots=True)
class Document:
    """The comment as written, or as it would be written; `html` is what Asana gets, `blocks` the same cut into lines."""

    html: str
    blocks: tuple[Block, ...]
    written: bool


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact of the run as a table shows it."""

    id: str
    label: str
    shown: str
    rule: str
    tasks: int


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a comparison: same, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing behind a line: what it says, and the facts it leans on, each with its rule, or a rule of its own."""

    what: str
    text: str
    rule: str
    leans_on: tuple[FactLine, ...]
    tasks: tuple[TaskBehind, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything behind one line of a document; `zone` is the team's."""

    run: str
    zone: str
    reasons: tuple[Reason, ...] = field(default=())


def document_of(site: Site, run: Run, record: DraftRecord | None) -> Document | None:
    """The comment of the run, or None while there is none."""
    assignment, facts = site.assignment(run), site.facts(run.id)
    parcel = next((one for one in site.app.store.parcels(run.id) if one.kind is ParcelKind.COMMENT), None)
    if record is None or facts is None or assignment is None:
        return (
            None
            if parcel is None
            else Document(parcel.body, blocks(parcel.body), run.state is RunState.WRITTEN)
        )
    library, hosts = site.app.library, assignment.allowed_hosts
    html = parcel.body if parcel else library.comment(run, assignment, record.draft, facts, proposal=True)
    marked = library.comment(run, assignment, record.draft, facts, proposal=parcel is None, lens=traced)
    return Document(html, blocks(html, marked, hosts=hosts), run.state is RunState.WRITTEN)


def fact_lines(facts: Facts | None) -> tuple[FactLine, ...]:
    """Every fact, in the order of the document's own bundle."""
    return tuple(_fact_line(fact) for fact in facts.facts.values()) if facts else ()


def _fact_line(fact: Fact) -> FactLine:
    of = f" of {fact.of:g}" if fact.of is not None else ""
    unit = "" if fact.unit in ("text", "date", "percent") else f" {fact.unit.replace('_', ' ')}"
    return FactLine(fact.id, fact.label, f"{show(fact)}{of}{unit}", fact.rule, len(fact.tasks) + fact.omitted)


def changes_since(site: Site, run: Run, document: Document | None) -> tuple[Run | None, tuple[Change, ...]]:
    """The last written document of the pair, and this one held against it, without the lines that always differ."""
    last = site.overview.written_before(run)
    before = next((one.body for one in site.app.store.parcels(last.id)), "") if last else ""
    if document is None or not before:
        return last, ()
    lines = difflib.ndiff(list(_told(before)), list(_told(document.html)))
    kinds = {"  ": "same", "+ ": "added", "- ": "removed"}
    return last, tuple(Change(kinds[line[:2]], line[2:]) for line in lines if line[:2] in kinds)


def _told(html: str) -> Iterator[str]:
    """A comment's text without its frame: what a reader would compare."""
    for line in to_text(html).splitlines():
        if line.strip() and not line.startswith(("[AI Proposal]", "As of ", "ref ")):
            yield line.strip().removeprefix("- ")


def explained(asked: Asked) -> Explained:
    """Why a line is there, by the names the document gives it; `NotFound` for a run of another team."""
    site = asked.site
    run = site.run(asked.visitor, asked.path["run"])
    facts = site.facts(run.id)
    if facts is None:
        raise NotFound("this run has no facts yet.", suggestion="Come back when the board was read.")
    record = site.app.store.draft(run.id, run.draft_digest or "")
    names = asked.many.get("what", (COVERAGE,))[:12]
    snapshot = None if names == (COVERAGE,) else site.app.store.snapshot(run.id)
    reasons: list[Explanation] = []
    # The writer's own line first, then figures, then tasks that neither of them has told of.
    for name in sorted(names, key=lambda name: (name in facts.tasks, name in facts.facts)):
        if name == COVERAGE:
            reasons.append(_coverage(facts))
            continue
        if name in facts.tasks and any(task.gid == name for one in reasons for task in one.tasks):
            continue
        found = explain(name[:120], facts=facts, draft=record.draft if record else None, snapshot=snapshot)
        reasons.append(found)
    zone = zone_of(site.assignment(run))
    return Explained(run.id, zone, tuple(_reason(one, facts) for one in reasons))


def _reason(found: Explanation, facts: Facts) -> Reason:
    leans_on = tuple(_fact_line(facts.facts[name]) for name in found.facts if name in facts.facts)
    return Reason(found.what, found.text, "" if leans_on else found.rule, leans_on, found.tasks)


def _coverage(facts: Facts) -> Explanation:
    read = facts.coverage
    text = (
        f"Put in by code around every document. The board was read once, as of {facts.as_of:%Y-%m-%d %H:%M} UTC: "
        f"{read.tasks_read} tasks, {read.comments_read} comments."
    )
    spots = "; ".join(read.blind_spots) or "no gap is known"
    return Explanation(
        COVERAGE,
        text,
        f"window from {facts.start:%Y-%m-%d %H:%M} to {facts.end:%Y-%m-%d %H:%M} UTC; {spots}",
        (),
        (),
    )
