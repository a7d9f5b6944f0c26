"""Facts and drafts of a small made-up team, Harbour, for tests that need a document to speak of.

`harbour()` is a normal stand-up; `without`, `with_task` and `dataclasses.replace` make the odd ones. `draft()` is a
draft that every check accepts; `edited` changes one place of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from facilitator.board.facts import Coverage, Document, Fact, Facts, SectionSpec, TaskFact
from facilitator.drafts.draft import Draft

PAYMENT, IMPORT, SEARCH, LOGIN, EXPORT, AUDIT, THEME, RETRY, CSV, OLD = (str(1200 + n) for n in range(10))
MARA, ALEX, JUNO = "1101", "1102", "1103"

SECTIONS = (
    SectionSpec(
        id="blocked",
        title="Blocked",
        max_items=4,
        covers="blocked",
        cites_from=("blocked",),
        needs=("tasks", "next_step"),
        hint="what it waits for",
    ),
    SectionSpec(
        id="ageing",
        title="Ageing",
        max_items=3,
        covers="ageing",
        cites_from=("ageing",),
        needs=("tasks",),
        hint="what keeps it",
    ),
    SectionSpec(
        id="moved",
        title="Moved",
        max_items=6,
        cites_from=("moved.done", "moved.in_review", "moved.started"),
        needs=("tasks",),
        hint="done, then in review, then started; grouped by outcome",
    ),
    SectionSpec(
        id="help",
        title="Decision or help today",
        max_items=3,
        needs=("owner",),
        hint="the ask, its owner, by when; none is fine",
    ),
)


def fact(fact_id: str, value: float | str | None, unit: str = "tasks", **more: Any) -> Fact:
    """One fact with its id as label."""
    return Fact(id=fact_id, label=fact_id, value=value, unit=unit, rule=f"{fact_id}, counted", **more)


def listing(fact_id: str, *tasks: str, of: int = 14) -> Fact:
    """A list fact: its value is its length."""
    return fact(fact_id, len(tasks), of=of, tasks=tasks)


def task(gid: str, name: str, state: str, owner: str | None = None, **more: Any) -> TaskFact:
    """One task with an Asana address."""
    return TaskFact(
        gid=gid, name=name, state=state, owner=owner, url=f"https://app.asana.com/0/900/{gid}", **more
    )


def harbour(*, quiet: bool = False) -> Facts:
    """Day six of ten: two blocked, one ageing, six moved."""
    facts = (
        fact("sprint.name", "Sprint 24", "text"),
        fact("sprint.day", 6, "working_days", of=10),
        fact("sprint.days", 10, "working_days"),
        fact("sprint.verdict", "At risk", "text"),
        fact("sprint.done_points", 9, "points", of=21),
        fact("sprint.planned_points", 21, "points"),
        fact("sprint.expected_points", 12, "points"),
        fact("today", "2026-06-10", "date"),
        fact("ageing.p85", 8, "days"),
        listing("blocked", PAYMENT, IMPORT),
        listing("ageing", SEARCH),
        listing("moved.done", LOGIN, EXPORT, AUDIT, of=6),
        listing("moved.in_review", THEME, RETRY, of=6),
        listing("moved.started", CSV, of=6),
    )
    tasks = (
        task(PAYMENT, "Payment retry", "in_progress", MARA, figures={"blocked_days": 4, "age_days": 7}),
        task(IMPORT, "Import job", "in_progress", figures={"blocked_days": 1, "age_days": 2}),
        task(SEARCH, "Search index", "in_progress", ALEX, figures={"age_days": 11}),
        task(LOGIN, "Login with a code", "done", MARA, points=3),
        task(EXPORT, "Export to a file", "done", ALEX, points=3),
        task(AUDIT, "Audit log", "done", JUNO, points=3),
        task(THEME, "Dark theme", "in_review", JUNO),
        task(RETRY, "Retry of webhooks", "in_review", ALEX),
        task(CSV, "CSV format", "in_progress", JUNO, due_on="2026-06-12"),
        task(OLD, "Colour of the logo", "todo"),
    )
    return Facts(
        ceremony="standup",
        team="Harbour",
        project="900",
        project_name="Harbour delivery",
        as_of=datetime(2026, 6, 10, 7, 15, tzinfo=UTC),
        zone="Europe/Berlin",
        start=datetime(2026, 6, 9, 7, 15, tzinfo=UTC),
        end=datetime(2026, 6, 10, 7, 15, tzinfo=UTC),
        facts={one.id: one for one in facts},
        tasks={one.gid: one for one in tasks},
        people={MARA: "Mara K.", ALEX: "Alex P.", JUNO: "Juno S."},
        coverage=Coverage(tasks_read=34, comments_read=41, blind_spots=("3 tasks without an estimate",)),
        document=Document(
            sections=SECTIONS,
            max_words=40 if quiet else 180,
            headline_uses=("sprint.day", "sprint.verdict"),
            quiet=quiet,
        ),
    )


def with_task(facts: Facts, gid: str, **changes: Any) -> Facts:
    """The same facts with one task told differently."""
    return replace(facts, tasks={**facts.tasks, gid: replace(facts.tasks[gid], **changes)})


def with_fact(facts: Facts, *changed: Fact) -> Facts:
    """The same facts with these added or replaced."""
    return replace(facts, facts={**facts.facts, **{one.id: one for one in changed}})


def item(text: str, *tasks: str, **more: Any) -> dict[str, Any]:
    """One bullet as the agent writes it."""
    return {"text": text, "tasks": list(tasks), **more}


HEADLINE = (
    "{sprint.name}, day {sprint.day} of {sprint.days}. {sprint.verdict}: {sprint.done_points} of "
    "{sprint.planned_points} points done against {sprint.expected_points} expected by today."
)

BLOCKED = (
    item(
        "waits for the sandbox keys", PAYMENT, next_step="ask the vendor today", owner=MARA, facts=["blocked"]
    ),
    item("waits for the new file layout", IMPORT, next_step="agree on the layout at the desk"),
)
AGEING = (item("the last slow query is still being measured", SEARCH, next_step="split off the tuning"),)
MOVED = (
    item("people can sign in with a code, take their data out and see who did what", LOGIN, EXPORT, AUDIT),
    item("both need one reviewer each", THEME, RETRY),
)
HELP = (item("keep or drop the CSV format?", CSV, owner="product owner", due_on="2026-06-10"),)

_NORMAL: Mapping[str, tuple[dict[str, Any], ...]] = {
    "blocked": BLOCKED,
    "ageing": AGEING,
    "moved": MOVED,
    "help": HELP,
}


def raw(*, headline: str = HEADLINE, **sections: Any) -> dict[str, Any]:
    """draft.json of a normal day; name a section to give it other items."""
    items = {**_NORMAL, **sections}
    return {
        "format": "draft/1",
        "ceremony": "standup",
        "headline": headline,
        "sections": [{"id": key, "items": list(items[key])} for key in items],
    }


def draft(**changes: Any) -> Draft:
    """The normal draft, with the changes of `raw`."""
    return Draft.model_validate(raw(**changes))


def quiet_draft(
    headline: str = "{sprint.name}, day {sprint.day} of {sprint.days}. {sprint.verdict}.",
) -> Draft:
    """The one-line form."""
    return draft(headline=headline, blocked=(), ageing=(), moved=(), help=())
