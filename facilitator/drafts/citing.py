"""What a draft points at: tasks, facts, owners and dates, each held against the facts.

Part of the checks that need no judgement. It reads the fields of an item, never its sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from facilitator.board.facts import Facts, SectionSpec, show_date
from facilitator.drafts.draft import Draft, DraftSection, Item
from facilitator.drafts.faults import Fault
from facilitator.drafts.placeholders import nearest
from facilitator.drafts.richtext import one_line
from facilitator.drafts.shape import paired
from facilitator.drafts.wording import is_gid, items

PROPOSED_ACTIONS = frozenset({"actions", "next"})
"""Sections whose dates are proposals: any day after `as_of` is fine there."""


def task_name(gid: str, facts: Facts) -> str:
    """A task for a fault's message: its name in quotes and its gid."""
    task = facts.tasks.get(gid)
    return f"'{one_line(task.name, 60)}' ({gid})" if task else gid


def known_tasks(draft: Draft, facts: Facts) -> list[Fault]:
    """Every cited gid is one of the facts' tasks."""
    return [
        Fault(
            "cites",
            f"{where}.tasks",
            f"task {gid} is not in the facts; cite only tasks of facts.json",
            item.text,
            gid,
        )
        for where, item in items(draft)
        for gid in item.tasks
        if gid not in facts.tasks
    ]


def cites_a_task(draft: Draft, facts: Facts) -> list[Fault]:
    """Every item cites at least one task."""
    del facts  # the same for all facts; the shape of a check asks for both
    return [
        Fault("cites", f"{where}.tasks", "cites no task; name the gid it speaks of", item.text)
        for where, item in items(draft)
        if not item.tasks
    ]


def cited_once(draft: Draft, facts: Facts) -> list[Fault]:
    """No task in two sections, in two items, or twice in one."""
    faults: list[Fault] = []
    first: dict[str, str] = {}
    for where, item in items(draft):
        for gid in item.tasks:
            if gid in first:
                message = f"{task_name(gid, facts)} is already cited in {first[gid]}; tell each task once"
                faults.append(Fault("cites", f"{where}.tasks", message, item.text, gid))
            first.setdefault(gid, where)
    return faults


def covers(draft: Draft, facts: Facts, *, section: str | None = None) -> list[Fault]:
    """A section that covers a list fact cites exactly its first `max_items` tasks, in its order."""
    if facts.document.quiet:
        return []
    return [
        fault
        for spec, given in paired(draft, facts, section)
        if spec.covers in facts.facts
        for fault in _coverage(spec, given, facts)
    ]


def _coverage(spec: SectionSpec, given: DraftSection, facts: Facts) -> Iterator[Fault]:
    wanted = facts.facts[spec.covers or ""].tasks[: spec.max_items]
    cited = list(dict.fromkeys(gid for item in given.items for gid in item.tasks))
    for gid in wanted:
        if gid not in cited:
            message = f"{task_name(gid, facts)} is missing; `{spec.covers}` holds it"
            yield Fault("covers", spec.id, message, fact=spec.covers or "", right=_list(wanted))
    for gid in cited:
        if gid not in wanted:
            message = f"{task_name(gid, facts)} does not belong here; `{spec.covers}` does not list it"
            yield Fault("covers", spec.id, message, claim=gid, fact=spec.covers or "", right=_list(wanted))
    if set(cited) == set(wanted) and cited != list(wanted):
        message = f"wrong order; keep the order of `{spec.covers}`"
        yield Fault("covers", spec.id, message, fact=spec.covers or "", right=_list(wanted))


def _list(gids: tuple[str, ...]) -> str:
    return ", ".join(gids) or "no task"


def tells(draft: Draft, facts: Facts, *, section: str | None = None) -> list[Fault]:
    """A section that tells facts has one item for each of the first `max_items`, in their order, that names it in `facts`."""
    if facts.document.quiet:
        return []
    return [
        fault
        for spec, given in paired(draft, facts, section)
        if spec.tells
        for fault in _telling(spec, given, facts)
    ]


def _telling(spec: SectionSpec, given: DraftSection, facts: Facts) -> Iterator[Fault]:
    wanted = spec.tells[: spec.max_items]
    told: list[str] = []
    for index, item in enumerate(given.items):
        named = [name for name in item.facts if name in wanted]
        if len(named) != 1 or named[0] in told:
            message = (
                "names none of the facts it may tell"
                if not named
                else "tells more than one of them, or one again"
            )
            right = ", ".join(name for name in wanted if name not in told)
            yield Fault(
                "tells", f"{spec.id}[{index}].facts", f"{message}; name one of {right or 'none'}", item.text
            )
        told += named
    for name in wanted:
        if name not in told:
            label = f"{facts.teams.get(facts.team_of(name), '')} {facts.facts[name].label}".strip()
            message = f"`{name}` ({label}) is told by no item; name it in an item's `facts`"
            yield Fault("tells", spec.id, message, fact=name, right=", ".join(wanted))
    if sorted(told) == sorted(wanted) and told != list(wanted):
        message = f"wrong order; right is {', '.join(wanted)}"
        yield Fault("tells", spec.id, message, right=", ".join(wanted))


def cites_from(draft: Draft, facts: Facts, *, section: str | None = None) -> list[Fault]:
    """A section cites only tasks of the list facts it may draw on."""
    faults: list[Fault] = []
    for spec, given in paired(draft, facts, section):
        allowed = {gid for name in spec.cites_from if name in facts.facts for gid in facts.facts[name].tasks}
        faults += [
            Fault(
                check="cites",
                where=f"{spec.id}[{index}].tasks",
                message=f"{task_name(gid, facts)} is in none of {', '.join(spec.cites_from)}",
                sentence=item.text,
                claim=gid,
            )
            for index, item in enumerate(given.items)
            for gid in item.tasks
            if spec.cites_from and gid not in allowed
        ]
    return faults


def known_facts(draft: Draft, facts: Facts) -> list[Fault]:
    """Every fact an item leans on exists."""
    return [
        Fault(
            "facts",
            f"{where}.facts",
            f"there is no fact `{one_line(name, 60)}`",
            item.text,
            fact=nearest(name, facts),
        )
        for where, item in items(draft)
        for name in item.facts
        if name not in facts.facts
    ]


def owner_known(draft: Draft, facts: Facts) -> list[Fault]:
    """An owner is a person of a cited task, by gid, or a plain role."""
    return [
        Fault("owner", f"{where}.owner", problem, item.text, one_line(item.owner or "", 60))
        for where, item in items(draft)
        if (problem := _owner_problem(item, facts))
    ]


def _owner_problem(item: Item, facts: Facts) -> str:
    owner = item.owner
    if owner is None:
        return ""
    if is_gid(owner):
        cited = {facts.tasks[gid].owner for gid in item.tasks if gid in facts.tasks}
        return "" if owner in cited else f"is no owner of a cited task; right is {_owners(item, facts)}"
    if any(letter.isdigit() for letter in owner):
        return "holds digits; write a person's gid alone, or a role such as 'product owner'"
    named = next((gid for gid, name in facts.people.items() if name.casefold() == owner.casefold()), None)
    return f"is a person's name; write the gid {named}" if named else ""


def _owners(item: Item, facts: Facts) -> str:
    owners = dict.fromkeys(facts.tasks[gid].owner for gid in item.tasks if gid in facts.tasks)
    named = [f"{owner} ({facts.people.get(owner, 'no name')})" for owner in owners if owner]
    return " or ".join([*named, "a role"])


def due_supported(draft: Draft, facts: Facts) -> list[Fault]:
    """A date is a cited task's due date or a date of the facts; in proposed actions, any later day."""
    today = facts.as_of.astimezone(ZoneInfo(facts.zone)).date()
    return [
        Fault(
            check="due",
            where=f"{section.id}[{index}].due_on",
            message=f"{show_date(item.due_on)} is no due date of a cited task and no date of the facts; "
            f"right is {' or '.join([*sorted(_dates(item, facts)), 'no date'])}",
            sentence=item.text,
            claim=item.due_on.isoformat(),
        )
        for section in draft.sections
        for index, item in enumerate(section.items)
        if item.due_on is not None
        and item.due_on.isoformat() not in _dates(item, facts)
        and not (section.id in PROPOSED_ACTIONS and item.due_on > today)
    ]


def _dates(item: Item, facts: Facts) -> set[str]:
    due = {facts.tasks[gid].due_on for gid in item.tasks if gid in facts.tasks}
    dates = {str(fact.value) for fact in facts.facts.values() if fact.unit == "date" and fact.value}
    return dates | {day for day in due if day}


def in_turn(draft: Draft, facts: Facts, *, section: str, groups: tuple[str, ...]) -> list[Fault]:
    """The section's items follow the list facts in this order, and each item stays within one of them."""
    place = {
        gid: turn
        for turn, name in enumerate(groups)
        if name in facts.facts
        for gid in facts.facts[name].tasks
    }
    faults: list[Fault] = []
    reached = 0
    for _spec, given in paired(draft, facts, section):
        for index, item in enumerate(given.items):
            turns = sorted({place[gid] for gid in item.tasks if gid in place})
            where = f"{section}[{index}]"
            if len(turns) > 1:
                message = f"mixes {' and '.join(groups[turn] for turn in turns)}; one item for each"
                faults.append(Fault("order", where, message, item.text))
            if turns and turns[0] < reached:
                message = f"{groups[turns[0]]} stands after {groups[reached]}; finished work comes first"
                faults.append(Fault("order", where, message, item.text))
            reached = max([reached, *turns])
    return faults
