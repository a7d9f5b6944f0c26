"""One run: the draft to decide on beside everything that speaks for or against it, and the run's whole story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from facilitator.board.facts import Facts
from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.runs.amending import words_of
from facilitator.runs.assignment import Assignment
from facilitator.runs.library import STATUSES
from facilitator.runs.run import Run
from facilitator.service.progress import event_line
from facilitator.web.site import Site, team_names
from facilitator.web.views.asking import Asked
from facilitator.web.views.document import (
    Change,
    Document,
    FactLine,
    changes_since,
    document_of,
    fact_lines,
)
from facilitator.web.views.standing import RunLine, run_line
from facilitator.web.views.waiting import decides

MOST_EVENTS = 200
"""Session events a page tells; a usual session has about a hundred that say something."""

LONGEST_START = timedelta(hours=1)
"""A first event so long after the request is no measure of a start: the run was taken up again, or two clocks differ."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the grader said of one iteration, counted from 1."""

    number: int
    result: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Word:
    """One decision about a draft: approved, rejected or revise."""

    kind: str
    by: str
    because: str
    at: datetime
    channel: str
    present: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """One row of the run's history."""

    at: datetime
    before: str
    after: str
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One session event in a few words; `at` is None where the service has not stamped it yet."""

    seq: int
    at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What the session used. `cached` is the share of input tokens read from the cache, 0 to 100."""

    list_cents: float
    active_seconds: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    grader_tokens: int
    cached: float


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing written to Asana, or to be written."""

    kind: str
    title: str
    gid: str
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """One proposed change to a task, in words; `outcome` is empty until it was written or refused."""

    number: int
    words: str
    outcome: str


@dataclass(frozen=True, slots=True)
class TextField:
    """One free text of the draft in the form that edits it; `faults` are those found in exactly this place."""

    place: str
    name: str
    label: str
    text: str
    needed: bool
    longest: int
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextGroup:
    """The texts of the headline or of one bullet."""

    title: str
    place: str
    fields: tuple[TextField, ...]
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one run; parts that are not there yet are empty or None.

    `digest` names the draft that is shown: a decision about another one is refused.
    """

    run: RunLine
    team_name: str
    may_decide: bool
    approvers: tuple[str, ...]
    digest: str
    origin: str
    document: Document | None
    faults: tuple[str, ...]
    facts: tuple[FactLine, ...]
    verdicts: tuple[Verdict, ...]
    decisions: tuple[Word, ...]
    history: tuple[Moved, ...]
    events: tuple[Happened, ...]
    cost: Cost | None
    sent: tuple[Sent, ...]
    proposed: tuple[Proposed, ...]
    charts: tuple[str, ...]
    last: str
    changes: tuple[Change, ...]
    texts: tuple[TextGroup, ...]
    statuses: Mapping[str, str]
    status: str
    session_id: str
    console_url: str
    comment_url: str
    provenance: Mapping[str, str]
    first_event_after: float | None


def story(asked: Asked) -> Story:
    """The run of the path; `NotFound` for one of another team."""
    site, visitor = asked.site, asked.visitor
    run = site.run(visitor, asked.path["run"])
    store, assignment, facts = site.app.store, site.assignment(run), site.facts(run.id)
    record = store.draft(run.id, run.draft_digest or "")
    document = document_of(site, run, record)
    last, changes = changes_since(site, run, document)
    events = tuple(_happened(store.events(run.id)))
    faults = record.faults if record else ()
    waits = run.waits_for_a_person and not (run.expires_at and asked.now >= run.expires_at)
    return Story(
        run=run_line(site, run),
        team_name=team_names(site, visitor).get(run.team, run.team),
        may_decide=waits and decides(asked, run),
        approvers=tuple(person.name for person in assignment.approvers) if assignment else (),
        digest=run.draft_digest or "",
        origin=record.origin if record else "",
        document=document,
        faults=tuple(fault.line() for fault in faults),
        facts=fact_lines(facts),
        verdicts=tuple(
            Verdict(number, one.result, one.explanation)
            for number, one in enumerate(store.verdicts(run.id), start=1)
        ),
        decisions=tuple(
            Word(one.kind, one.by, one.because, one.at, one.channel, one.draft_digest == run.draft_digest)
            for one in store.decisions(run.id)
        ),
        history=tuple(
            Moved(one.at, one.before or "", one.after, one.why, one.by) for one in store.history(run.id)
        ),
        events=events[-MOST_EVENTS:],
        cost=_cost(site, run),
        sent=tuple(Sent(one.kind, one.title, one.gid or "", one.written_at) for one in store.parcels(run.id)),
        proposed=tuple(_proposed(site, run, assignment)) if assignment else (),
        charts=chart_names(site, run),
        last=last.id if last else "",
        changes=changes,
        texts=texts_of(record.draft, facts, faults) if record and facts and waits else (),
        statuses=STATUSES if assignment and assignment.ceremony.status else {},
        status=str(facts.facts[assignment.ceremony.status].value)
        if facts and assignment and assignment.ceremony.status in facts.facts
        else "",
        session_id=run.session_id or "",
        console_url=run.console_url,
        comment_url=f"https://app.asana.com/0/0/{run.task_gid}/f" if run.task_gid else "",
        provenance=_provenance(run),
        first_event_after=_first_after(run, events),
    )


def chart_names(site: Site, run: Run) -> tuple[str, ...]:
    """The names of the charts this run's page shows: those of its team's board as it was read; a roll-up has none of its own."""
    assignment = site.assignment(run)
    if assignment is None or assignment.members or not site.facts(run.id):
        return ()
    return "burndown", "velocity", "cycle-times", "throughput"


def texts_of(draft: Draft, facts: Facts, faults: tuple[Fault, ...] | list[Fault]) -> tuple[TextGroup, ...]:
    """The draft's free texts as a form shows them, each with the faults of its place."""
    titles = {spec.id: spec.title for spec in facts.document.sections}
    groups = [
        TextGroup(
            "Headline", "headline", (_text("headline", "headline", "Headline", draft.headline, faults),)
        )
    ]
    for section in draft.sections:
        for number, item in enumerate(section.items):
            place = f"{section.id}[{number}]"
            given = [("text", "Text", item.text, True, 600)]
            given += (
                [("next_step", "Next step", item.next_step, False, 300)] if item.next_step is not None else []
            )
            given += [("signal", "Done when", item.signal, False, 300)] if item.signal is not None else []
            fields = tuple(
                _text(f"{place}.{name}", name, label, text or "", faults, needed=needed, longest=longest)
                for name, label, text, needed, longest in given
            )
            names = tuple(facts.tasks[gid].name for gid in item.tasks if gid in facts.tasks)
            groups.append(TextGroup(titles.get(section.id, section.id), place, fields, names))
    return tuple(groups)


def _text(
    place: str,
    name: str,
    label: str,
    text: str,
    faults: tuple[Fault, ...] | list[Fault],
    *,
    needed: bool = True,
    longest: int = 600,
) -> TextField:
    bare = place.removesuffix(".text")
    mine = tuple(
        fault.line()
        for fault in faults
        if fault.where == place or (fault.where == bare and name in ("text", "headline"))
    )
    return TextField(place, name, label, text, needed, longest, mine)


def _proposed(site: Site, run: Run, assignment: Assignment) -> Iterator[Proposed]:
    found = site.app.approvals.proposed(run, assignment)
    snapshot = site.app.store.snapshot(run.id) if found else None
    for one in found:
        yield Proposed(one.seq, words_of(one, snapshot), one.outcome)


def _happened(events: tuple[tuple[int, dict[str, Any]], ...]) -> Iterator[Happened]:
    for seq, event in events:
        words = event_line(event)
        if words:
            yield Happened(seq, _stamp(event.get("processed_at")), words)


def _stamp(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _cost(site: Site, run: Run) -> Cost | None:
    used = site.app.store.usage(run.id)
    if used is None:
        return None
    whole = used.input_tokens + used.cache_read_tokens
    return Cost(
        used.list_cents,
        used.active_seconds,
        used.input_tokens,
        used.output_tokens,
        used.cache_read_tokens,
        used.grader_tokens,
        100 * used.cache_read_tokens / whole if whole else 0.0,
    )


def _provenance(run: Run) -> dict[str, str]:
    told = {
        "run key": run.key,
        "rubric": f"{run.rubric_id}@{run.rubric_version}" if run.rubric_id else "",
        "rubric digest": run.rubric_hash,
        "brief digest": run.prompt_hash,
        "agent": f"{run.agent_id} version {run.agent_version}" if run.agent_id else "",
        "agent digest": run.agent_hash,
        "environment digest": run.environment_hash,
        "draft digest": run.draft_digest or "",
        "draft from": run.draft_source,
    }
    return {key: value for key, value in told.items() if value}


def _first_after(run: Run, events: tuple[Happened, ...]) -> float | None:
    """Seconds from asking for a session to its first event."""
    first = next((one.at for one in events if one.at), None)
    asked = run.submit_attempted_at
    if first is None or asked is None or not timedelta(seconds=-1) <= first - asked <= LONGEST_START:
        return None
    return max(0.0, (first - asked).total_seconds())
