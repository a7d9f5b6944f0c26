"""What a comment template sees: the draft's words beside the facts' figures, everything already escaped.

Templates lay out; they compute nothing. Every string here is `Markup` built by `richtext`, so no template can let a
task's name become a tag.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from facilitator.board.facts import Fact, Facts, SectionSpec, TaskFact, show, show_date
from facilitator.drafts.draft import Draft, Item
from facilitator.drafts.placeholders import fill
from facilitator.drafts.richtext import DEFAULT_HOSTS, escape, link, one_line, unlinked
from facilitator.drafts.wording import is_gid

NAME_CHARS = 80
"""A longer task name is cut in the comment; its link leads to the whole of it."""

BLIND_SPOTS = 3


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact as text: `value` as documents print it, `of` its denominator or None, `number` its raw value."""

    value: Markup
    of: Markup | None
    number: float | int
    names: tuple[Markup, ...]
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskView:
    """One cited task; `link` is its name, linked to Asana where its address is on an allowed host."""

    task: TaskFact
    link: Markup
    owner: Markup | None

    def figure(self, name: str) -> str | None:
        """A figure of the task as text, or None where it has none of that name."""
        value = self.task.figures.get(name)
        return None if value is None else _number(value)

    def note(self, name: str) -> Markup | None:
        """A note of the task, or None."""
        note = self.task.notes.get(name)
        return _text(note, 160) if note else None

    @property
    def due(self) -> Markup | None:
        """Its due date as documents print dates."""
        return escape(show_date(date.fromisoformat(self.task.due_on))) if self.task.due_on else None


@dataclass(frozen=True, slots=True)
class ItemView:
    """One bullet. `text`, `next_step` and `signal` are clauses: a last full stop is taken off, `?` and `!` stay.

    `helper` is the owner, unless it is already shown as the owner of one of the bullet's tasks. `facts` are those it leans on.
    """

    text: Markup
    tasks: tuple[TaskView, ...]
    next_step: Markup | None
    owner: Markup | None
    due: Markup | None
    signal: Markup | None
    facts: tuple[str, ...] = ()

    @property
    def helper(self) -> Markup | None:
        """Who does the next step, where that is not plain from the task's owner."""
        return None if self.owner in [task.owner for task in self.tasks] else self.owner

    def within(self, fact: FactView | None) -> bool:
        """Whether the bullet speaks of that list: its first task is in it."""
        return bool(fact and self.tasks and self.tasks[0].task.gid in fact.tasks)


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its items; `fact` is the list it covers, `hidden` how many of that list are not shown."""

    id: str
    title: Markup
    items: tuple[ItemView, ...]
    fact: FactView | None
    hidden: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a comment says about itself: draft or published, by whose approval, a remark, and its marker."""

    status: str
    signature: Markup
    approved_by: Markup | None
    note: Markup | None
    marker: Markup


@dataclass(frozen=True, slots=True)
class DocumentView:
    """The whole document. Instants are in the team's zone; `since` is a weekday and time within the last week."""

    headline: Markup
    sections: tuple[SectionView, ...]
    quiet: bool
    as_of: str
    window: str
    since: str
    tasks_read: int
    comments_read: int
    blind_spots: tuple[Markup, ...]
    more_blind_spots: int
    omitted: int
    stamp: Stamp
    facts: Facts
    hosts: Collection[str] = DEFAULT_HOSTS

    @property
    def teams(self) -> tuple[tuple[str, Markup], ...]:
        """The teams it speaks of, as key and name, in the order of the configuration."""
        return tuple((key, _text(name, NAME_CHARS)) for key, name in self.facts.teams.items())

    def team(self, key: str) -> Markup:
        """A team's name by its key."""
        return _text(self.facts.teams.get(key, key), NAME_CHARS)

    def whom(self, item: ItemView) -> tuple[Markup, ...]:
        """The teams whose facts an item leans on, by name."""
        keys = dict.fromkeys(self.facts.team_of(name) for name in item.facts)
        return tuple(self.team(key) for key in keys if key)

    def listed(self, fact_id: str) -> tuple[TaskView, ...]:
        """The tasks of a list fact, linked: what code tells without the writer. Empty where there is no such fact."""
        fact = self.facts.facts.get(fact_id)
        gids = fact.tasks if fact else ()
        return tuple(
            _task(self.facts.tasks[gid], self.facts, self.hosts) for gid in gids if gid in self.facts.tasks
        )

    def fact(self, fact_id: str) -> FactView | None:
        """A fact by id, or None where this board has no such figure."""
        fact = self.facts.facts.get(fact_id)
        return None if fact is None else fact_view(fact, self.facts)


def document_view(draft: Draft, facts: Facts, stamp: Stamp, hosts: Collection[str]) -> DocumentView:
    """Join a checked draft with its facts; raises `UnknownFact` where the draft was never checked."""
    zone = ZoneInfo(facts.zone)
    as_of, start, end = (moment.astimezone(zone) for moment in (facts.as_of, facts.start, facts.end))
    spots = facts.coverage.blind_spots
    return DocumentView(
        headline=closed(clause(draft.headline, facts)),
        sections=tuple(_section(spec, draft, facts, hosts) for spec in facts.document.sections),
        quiet=facts.document.quiet,
        as_of=f"{_moment(as_of)} {as_of:%Z}",
        window=_window(start, end, as_of),
        since=f"{start:%a %H:%M}" if (as_of - start).days < 6 else _moment(start),
        tasks_read=facts.coverage.tasks_read,
        comments_read=facts.coverage.comments_read,
        blind_spots=tuple(_text(spot, 80) for spot in spots[:BLIND_SPOTS]),
        more_blind_spots=max(0, len(spots) - BLIND_SPOTS),
        omitted=facts.coverage.omitted,
        stamp=stamp,
        facts=facts,
        hosts=hosts,
    )


def signature(approved_by: str, *, proposal: bool = False) -> str:
    """The line by which everything we write says who wrote it and who approved it; on one line, not escaped."""
    if proposal:
        return "AI draft, not approved yet"
    if approved_by:
        return f"AI draft, approved by {one_line(approved_by, NAME_CHARS)}"
    return "AI draft, checked by code, published without a person's approval"


def stamp(*, status: str, approved_by: str | None, note: str, marker: str) -> Stamp:
    """The comment's own marks, escaped."""
    return Stamp(
        status=status,
        signature=_text(signature(approved_by or "", proposal=status == "draft"), NAME_CHARS + 40),
        approved_by=_text(approved_by, NAME_CHARS) if approved_by else None,
        note=_text(note, 300) if note else None,
        marker=_text(marker),
    )


def fact_view(fact: Fact, facts: Facts) -> FactView:
    """A fact ready for a template."""
    shown = replace(fact, value=fact.of) if fact.of is not None else None
    return FactView(
        value=_text(show(fact)),
        of=_text(show(shown)) if shown else None,
        number=fact.value if isinstance(fact.value, (int, float)) else 0,
        names=tuple(_text(facts.tasks[gid].name, NAME_CHARS) for gid in fact.tasks if gid in facts.tasks),
        tasks=fact.tasks,
    )


def clause(text: str, facts: Facts) -> Markup:
    """Free text with its figures put in, on one line, without a last full stop: a template may add to it."""
    line = unlinked(one_line(fill(text, facts)))
    return escape(line[:-1] if line.endswith(".") and not line.endswith("..") else line)


def closed(text: Markup) -> Markup:
    """A clause as a sentence: with a full stop where no other mark ends it."""
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def _section(spec: SectionSpec, draft: Draft, facts: Facts, hosts: Collection[str]) -> SectionView:
    given = draft.section(spec.id)
    covered = facts.facts.get(spec.covers or "")
    items = tuple(_item(item, facts, hosts) for item in given.items) if given else ()
    shown = sum(len(item.tasks) for item in items)
    return SectionView(
        id=spec.id,
        title=_text(spec.title),
        items=items,
        fact=fact_view(covered, facts) if covered else None,
        hidden=max(0, len(covered.tasks) + covered.omitted - shown) if covered else 0,
    )


def _item(item: Item, facts: Facts, hosts: Collection[str]) -> ItemView:
    return ItemView(
        text=clause(item.text, facts),
        tasks=tuple(_task(facts.tasks[gid], facts, hosts) for gid in item.tasks if gid in facts.tasks),
        next_step=clause(item.next_step, facts) if item.next_step else None,
        owner=_owner(item.owner, facts),
        due=escape(show_date(item.due_on)) if item.due_on else None,
        signal=clause(item.signal, facts) if item.signal else None,
        facts=tuple(item.facts),
    )


def _task(task: TaskFact, facts: Facts, hosts: Collection[str]) -> TaskView:
    name = one_line(task.name, NAME_CHARS) or "(task without a name)"
    # Not unlinked: inside a link of ours nothing else is linked.
    return TaskView(task=task, link=link(task.url, name, hosts), owner=_owner(task.owner, facts))


def _owner(owner: str | None, facts: Facts) -> Markup | None:
    """A person by name, never as a mention: a mention notifies. A gid nobody knows is 'someone', not a number."""
    if not owner:
        return None
    known = facts.people.get(owner, "")
    return _text(known or ("someone" if is_gid(owner) else owner), NAME_CHARS)


def _text(text: str, limit: int = 0) -> Markup:
    return escape(unlinked(one_line(text, limit)))


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(round(value, 1))


def _window(start: datetime, end: datetime, as_of: datetime) -> str:
    """The window in few words: its end is left out where the board was read right then."""
    if timedelta(0) <= as_of - end < timedelta(minutes=30):
        return f"since {_moment(start)}"
    return f"window {_moment(start)} to {_moment(end)}"


def _moment(moment: datetime) -> str:
    return f"{show_date(moment.date())} {moment:%H:%M}"
