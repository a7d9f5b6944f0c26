"""Why a figure or a line is there: the rule, the tasks and the stories behind it, from the run log alone.

Beside the flow, for whoever doubts a document. It reads facts, draft and snapshot as recorded; it asks nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from facilitator.board.facts import Fact, Facts, show
from facilitator.board.snapshot import Snapshot, Story, Task
from facilitator.drafts.draft import Draft, Item
from facilitator.drafts.placeholders import fill_known, names, nearest
from facilitator.drafts.richtext import one_line
from facilitator.errors import FacilitatorError

MOST_STORIES = 8
"""Stories told of one task, the newest ones; the count says how many there are."""

_LINE = re.compile(r"(?P<section>[a-z][a-z0-9_]*)\[(?P<number>\d+)\]\Z")


class NothingToExplain(FacilitatorError):  # noqa: N818 - reads as the sentence it is
    """The document has no fact or line of that name."""

    code = "nothing_to_explain"


@dataclass(frozen=True, slots=True)
class Told:
    """One story in a line: when, and what happened."""

    at: datetime
    words: str

    @property
    def line(self) -> str:
        """For a place that knows no reader's clock."""
        return f"{self.at:%Y-%m-%d %H:%M} UTC {self.words}"


@dataclass(frozen=True, slots=True)
class TaskBehind:
    """One task behind a figure, with what happened to it last. `stories` are newest first, `of` how many there are."""

    gid: str
    name: str
    state: str
    url: str
    stories: tuple[Told, ...]
    of: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What stands behind one fact or line; a line has the facts it leans on in `facts`."""

    what: str
    text: str
    rule: str
    facts: tuple[str, ...]
    tasks: tuple[TaskBehind, ...]


def explain(what: str, *, facts: Facts, draft: Draft | None, snapshot: Snapshot | None) -> Explanation:
    """Explain a fact by its id (`sprint.done_points`), a line by its place (`headline`, `blocked[0]`), a task by its gid.

    Raises `NothingToExplain` with the nearest name. Without a snapshot (its retention time is over) tasks are named
    without their stories.
    """
    if what in facts.facts:
        return _fact(facts.facts[what], facts, snapshot)
    if what in facts.tasks:
        behind = _behind(what, facts, snapshot)
        return Explanation(what, behind.name, "", (), (behind,))
    item = _item(what, draft)
    if item is None:
        known = list(facts.facts) + _places(draft)
        close = nearest(what, facts)
        hint = f"Did you mean {close}? " if close else ""
        raise NothingToExplain(
            f"this document has no fact or line {what!r}.",
            suggestion=f"{hint}There are: {', '.join(known[:40])}.",
        )
    words = [item.text, item.next_step or "", item.signal or ""]
    used = tuple(dict.fromkeys([*(name for text in words for name in names(text)), *item.facts]))
    text = fill_known("; ".join(word.removesuffix(".") for word in words if word), facts)
    rules = [f"{name}: {facts.facts[name].rule}" for name in used if name in facts.facts]
    tasks = tuple(_behind(gid, facts, snapshot) for gid in item.tasks)
    return Explanation(what, text, "; ".join(rules), used, tasks)


def _fact(fact: Fact, facts: Facts, snapshot: Snapshot | None) -> Explanation:
    of = f" of {fact.of:g}" if fact.of is not None else ""
    unit = "" if fact.unit in ("text", "date", "percent") else f" {fact.unit}"
    left = f", {fact.omitted} more not kept" if fact.omitted else ""
    text = f"{fact.label}: {show(fact)}{of}{unit}{left}"
    return Explanation(
        fact.id, text, fact.rule, (), tuple(_behind(gid, facts, snapshot) for gid in fact.tasks)
    )


def _item(what: str, draft: Draft | None) -> Item | None:
    if draft is None:
        return None
    if what == "headline":
        return Item(text=draft.headline)
    match = _LINE.match(what)
    section = draft.section(match["section"]) if match else None
    if match is None or section is None or int(match["number"]) >= len(section.items):
        return None
    return section.items[int(match["number"])]


def _places(draft: Draft | None) -> list[str]:
    if draft is None:
        return []
    return ["headline", *(f"{one.id}[{n}]" for one in draft.sections for n in range(len(one.items)))]


def _behind(gid: str, facts: Facts, snapshot: Snapshot | None) -> TaskBehind:
    known, task = facts.tasks.get(gid), snapshot.task(gid) if snapshot else None
    stories = _news(task, facts.as_of) if task else []
    return TaskBehind(
        gid=gid,
        name=one_line(known.name if known else task.name if task else "not kept", 120),
        state=known.state if known else "",
        url=known.url if known else task.url if task else "",
        stories=tuple(_told(story, facts, snapshot) for story in stories[:MOST_STORIES]),
        of=len(stories),
    )


def _news(task: Task, as_of: datetime) -> list[Story]:
    return sorted(
        (story for story in task.stories if story.created_at <= as_of),
        key=lambda story: story.created_at,
        reverse=True,
    )


def _told(story: Story, facts: Facts, snapshot: Snapshot | None) -> Told:
    """What happened, from what to what; comments are somebody's words, shortened and made plain."""
    kind = story.subtype.replace("_", " ")
    if story.text:
        return Told(story.created_at, f"{kind}: {one_line(story.text, 160)!r}")
    if story.old is None and story.new is None:
        return Told(story.created_at, kind)
    names = _names(facts, snapshot)
    nothing = "nobody" if story.subtype in OF_PEOPLE else "nothing"
    old, new = (
        nothing if value is None else one_line(names.get(str(value), str(value)), 60)
        for value in (story.old, story.new)
    )
    return Told(story.created_at, f"{kind}: {old} -> {new}")


OF_PEOPLE = frozenset({"assigned", "unassigned"})
"""Kinds of stories that go from one person to another."""


def _names(facts: Facts, snapshot: Snapshot | None) -> dict[str, str]:
    """What the gids in a story stand for: sections, options, tasks and people, these as the document writes them."""
    names: dict[str, str] = {}
    for board in snapshot.whole() if snapshot else ():
        names |= {section.gid: section.name for section in board.sections}
        names |= {option.gid: option.name for field in board.custom_fields for option in field.options}
        names |= {task.gid: task.name for task in board.tasks}
        names |= {user.gid: user.name for user in board.users}
    return names | dict(facts.people)
