"""One wrong word in a right draft: a figure, unit, date, owner, state, task, trend or denominator, one at a time.

Each mutation really makes the draft wrong by the facts; one that would leave it true is not made.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from facilitator.board.facts import Facts
from tests.gate.drafting import STATE_WORDS, Line, Sheet, Slot, holds, number_words, show_day
from tests.gate.worlds import PEOPLE, TASK_NAMES

FIGURES = frozenset({"n", "tf", "pts", "prev", "gap", "rest", "change", "pct", "count", "ord"})
STRANGERS = ("Petra N.", "Ulrich G.", "Sofia B.", "Henrik J.")
CLASSES = {
    **dict.fromkeys(FIGURES, "figure"),
    **dict.fromkeys(("u", "tu"), "unit"),
    **dict.fromkeys(("due", "dueday", "dueon", "since", "sinceday", "date", "due_on"), "date"),
    **dict.fromkeys(("owner", "owner_field"), "owner"),
    **dict.fromkeys(("state", "verdict"), "state"),
    "task": "task",
    "sprint": "figure",
    **dict.fromkeys(("trend", "rosefell", "morefewer", "plan"), "trend"),
    "of": "denominator",
}
"""Which kind of claim a slot makes."""


@dataclass(frozen=True)
class Mutation:
    """A sheet with one thing wrong: which kind, where, and the words before and after."""

    sheet: Sheet
    kind: str
    where: str
    before: str
    after: str


def mutations(rng: random.Random, sheet: Sheet) -> Iterator[Mutation]:
    """Every slot of a sheet made wrong once, one at a time, and its owners and dates by field."""
    for number, line in enumerate(sheet.lines):
        for place, piece in enumerate(line.pieces):
            if isinstance(piece, Slot):
                wrong = wrong_text(rng, sheet.facts, line, piece)
                if wrong is not None and wrong != piece.text:
                    pieces = (*line.pieces[:place], replace(piece, text=wrong), *line.pieces[place + 1 :])
                    changed = sheet.with_line(number, replace(line, pieces=pieces))
                    yield Mutation(changed, CLASSES[piece.kind], sheet.where(number), piece.text, wrong)
        yield from _fields(rng, sheet, number, line)


def _fields(rng: random.Random, sheet: Sheet, number: int, line: Line) -> Iterator[Mutation]:
    owners = {sheet.facts.tasks[gid].owner for gid in line.tasks}
    if line.owner:
        other = rng.choice([gid for gid in sheet.facts.people if gid not in owners])
        changed = sheet.with_line(number, replace(line, owner=other))
        yield Mutation(changed, "owner", sheet.where(number), line.owner, other)
    if line.due_on and line.place not in {"next", "actions"}:
        supported = {sheet.facts.tasks[gid].due_on for gid in line.tasks} | {
            str(fact.value) for fact in sheet.facts.facts.values() if fact.unit == "date"
        }
        day = (
            date.fromisoformat(line.due_on) + timedelta(days=rng.choice((-3, -2, -1, 1, 2, 3, 7)))
        ).isoformat()
        if day not in supported:
            changed = sheet.with_line(number, replace(line, due_on=day))
            yield Mutation(changed, "date", sheet.where(number), line.due_on, day)


def wrong_text(rng: random.Random, facts: Facts, line: Line, slot: Slot) -> str | None:
    """Words that make this slot wrong, in the style of the right ones; None where nothing surely would."""
    if slot.kind in FIGURES or slot.kind == "of":
        return _wrong_figure(rng, facts, line, slot)
    if slot.kind in {"u", "tu"}:
        return _wrong_unit(rng, slot)
    if slot.kind in {"due", "dueon", "since", "date"}:
        return _wrong_day(rng, facts, slot)
    if slot.kind in {"dueday", "sinceday"}:
        return _wrong_weekday(rng, facts, slot)
    if slot.kind == "task":
        names = {facts.tasks[gid].name for gid in line.tasks}
        return rng.choice(
            [
                name
                for name in (*TASK_NAMES[:20], *(t.name for t in facts.tasks.values()))
                if name not in names and name in {t.name for t in facts.tasks.values()}
            ]
        )
    return _wrong_word(rng, facts, line, slot)


def _wrong_word(rng: random.Random, facts: Facts, line: Line, slot: Slot) -> str | None:
    if slot.kind == "owner":
        owners = {facts.tasks[gid].owner for gid in line.tasks}
        taken = {facts.people[gid].split()[0] for gid in owners if gid}
        others = [
            name for gid, name in facts.people.items() if gid not in owners and name.split()[0] not in taken
        ]
        name = rng.choice([*others, *STRANGERS, *(one for one in PEOPLE if one not in facts.people.values())])
        return name.split()[0] if " " not in slot.text and not name.startswith("Will") else name
    if slot.kind == "state":
        return _wrong_state(rng, facts, line, slot)
    if slot.kind == "verdict":
        return rng.choice(
            [
                word
                for word in ("On track", "At risk", "Off track")
                if word.lower() != str(facts.facts[slot.about].value).lower()
            ]
        )
    if slot.kind == "sprint":
        number = int(str(facts.facts["sprint.name"].value).split()[1])
        return f"Sprint {number + rng.choice((-2, -1, 1, 2, 3))}"
    opposite = {
        "up": "down",
        "down": "up",
        "more": "fewer",
        "fewer": "more",
        "rose": "fell",
        "grew": "dropped",
        "fell": "rose",
        "dropped": "grew",
    }
    if slot.kind == "plan":
        return "behind plan" if slot.about == "ahead" else "ahead of plan"
    return opposite[slot.text]


def _wrong_state(rng: random.Random, facts: Facts, line: Line, slot: Slot) -> str | None:
    tasks = [facts.tasks[gid] for gid in line.tasks]
    false = [
        state
        for state in STATE_WORDS
        if state != slot.about and all(not holds(state, task, facts) for task in tasks)
    ]
    if "carried" not in facts.facts and "carried over" in false:
        false.remove("carried over")
    return rng.choice(STATE_WORDS[rng.choice(false)]) if false else None


def _wrong_figure(rng: random.Random, facts: Facts, line: Line, slot: Slot) -> str | None:
    if slot.text.startswith("{"):
        return _other_placeholder(rng, facts, slot)
    value = _other_value(rng, facts, slot)
    if value is None or (
        slot.kind == "n" and value == len(line.tasks) > 1
    ):  # that many are cited: it would be true of them
        return None
    if slot.kind == "ord":
        return f"{value}th" if value not in {1, 2, 3} else {1: "1st", 2: "2nd", 3: "3rd"}[value]
    if "%" in slot.text or "percent" in slot.text:
        return slot.text.replace(f"{slot.value:g}", str(value))
    if slot.text[0].isdigit():
        return str(value)
    return number_words(value) if 0 <= value < 99 and value != 1 else str(value)


def _other_value(rng: random.Random, facts: Facts, slot: Slot) -> int | None:
    """Near the right value, far from it, or another figure of the same facts: what a careless writer puts."""
    right = round(slot.value)
    near = [right + step for step in (-3, -2, -1, 1, 2, 3, 10)]
    others = [int(fact.value) for fact in facts.facts.values() if isinstance(fact.value, (int, float))]
    turned = [int(str(right)[::-1])] if right > 9 else []
    low = 3 if slot.kind == "ord" else 2 if slot.kind == "of" else 0
    options = [
        value
        for value in rng.choice((near, near, others, [*turned, right * 2]))
        if value != right and value >= low
    ]
    options = [value for value in options if value != 1 or slot.text[0].isdigit()]
    return rng.choice(options) if options else None


def _other_placeholder(rng: random.Random, facts: Facts, slot: Slot) -> str | None:
    """Another figure of another kind and value: the right number in the wrong place."""
    right = facts.facts[slot.about]
    options = [
        key
        for key, fact in facts.facts.items()
        if isinstance(fact.value, (int, float)) and fact.value != right.value and key.split(".")[-1] != "n"
    ]
    return "{" + rng.choice(options) + "}" if options else None


def _wrong_unit(rng: random.Random, slot: Slot) -> str:
    plural = slot.text.endswith("s")
    noun = slot.text if plural else f"{slot.text}s"
    wrong = {
        "tasks": ("points", "days", "comments"),
        "points": ("tasks", "days", "hours", "stories"),
        "working days": ("days", "weeks", "hours", "calendar days"),
        "days": ("working days", "weeks", "hours", "months"),
        "comments": ("tasks", "points"),
        "actions": ("sprints", "points"),
    }[noun]
    chosen = rng.choice(wrong)
    return chosen if plural else "story" if chosen == "stories" else chosen.removesuffix("s")


def _wrong_day(rng: random.Random, facts: Facts, slot: Slot) -> str:
    iso = str(facts.facts[slot.about].value) if slot.kind == "date" else slot.about
    right = date.fromisoformat(iso)
    day = right + timedelta(days=rng.choice((-9, -4, -3, -2, -1, 1, 2, 3, 4, 7, 30)))
    if slot.kind == "dueon" and rng.random() < 0.3:
        return (
            f"{day:%a} {right.day} {right:%b}"
            if day.weekday() != right.weekday()
            else f"{day:%a} {day.day} {day:%b}"
        )
    return f"{day:%a} {day.day} {day:%b}" if slot.kind == "dueon" else show_day(rng, day)


def _wrong_weekday(rng: random.Random, facts: Facts, slot: Slot) -> str:
    del facts
    right = date.fromisoformat(slot.about)
    return f"{right + timedelta(days=rng.choice((1, 2, 3, 4, 5, 6))):%A}"


def today(facts: Facts) -> date:
    """The team's date."""
    return facts.as_of.astimezone(ZoneInfo(facts.zone)).date()
