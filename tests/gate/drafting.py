"""Correct drafts by construction: frames filled with the right words, each filled slot remembered.

A `Slot` keeps what it says and about what, so that `mutating` can make exactly one of them wrong. Figures are written as
digits, as words or as placeholders; days as ISO dates, `12 June`, `Fri 12 Jun` or weekdays.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from facilitator.board.facts import Facts, TaskFact, show
from facilitator.drafts.draft import Draft
from tests.gate.frames import Frame

_PLURAL_VERB = re.compile(r"\b(?:are|were|have|wait|move)\b")
_SLOT = re.compile(r"\[(\w+)(?::([^\]]*))?\]")
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_TENS = {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty", 6: "sixty", 7: "seventy", 8: "eighty", 9: "ninety"}
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split()
STATE_WORDS: Mapping[str, tuple[str, ...]] = {
    "done": ("done", "finished", "completed", "closed"),
    "in review": ("in review", "under review"),
    "in progress": ("in progress", "being worked on"),
    "started": ("started",),
    "not started": ("not started", "not started yet"),
    "not done": ("not finished", "still open", "not done"),
    "blocked": ("blocked", "stuck"),
    "overdue": ("overdue", "past its due date"),
    "no owner": ("unassigned", "without an owner"),
    "carried over": ("carried over",),
}
NOUNS = {
    "tasks": "tasks",
    "points": "points",
    "working_days": "working days",
    "days": "days",
    "comments": "comments",
    "count": "actions",
}


class Unfit(Exception):  # noqa: N818 - not an error: this frame says nothing about these tasks
    """The frame cannot be filled rightly from these facts."""


@dataclass(frozen=True)
class Slot:
    """One filled slot: its kind, what it is about, and the words it was filled with."""

    kind: str
    about: str
    text: str
    value: float = 0


@dataclass(frozen=True)
class Line:
    """One filled frame: where it goes, its pieces (plain text or slots), the tasks it cites, its next step and owner."""

    place: str
    pieces: tuple[str | Slot, ...]
    tasks: tuple[str, ...] = ()
    next_step: str = ""
    owner: str = ""
    due_on: str = ""
    frame: str = ""
    facts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words as the draft has them."""
        return "".join(piece if isinstance(piece, str) else piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Sheet:
    """A whole draft as lines: a headline and items by section."""

    facts: Facts
    lines: tuple[Line, ...] = field(default=())

    def draft(self) -> Draft:
        """The draft these lines make."""
        sections: dict[str, list[dict[str, Any]]] = {spec.id: [] for spec in self.facts.document.sections}
        for line in self.lines[1:]:
            sections.setdefault(line.place, []).append(_item(line))
        return Draft.model_validate(
            {
                "ceremony": self.facts.ceremony,
                "headline": self.lines[0].text,
                "sections": [{"id": key, "items": items} for key, items in sections.items()],
            }
        )

    def where(self, number: int) -> str:
        """The place of a line in the draft, such as `blocked[0]`."""
        if number == 0:
            return "headline"
        place = self.lines[number].place
        return f"{place}[{sum(line.place == place for line in self.lines[1:number])}]"

    def with_line(self, number: int, line: Line) -> Sheet:
        """The same sheet with one line changed."""
        return replace(self, lines=(*self.lines[:number], line, *self.lines[number + 1 :]))


def _item(line: Line) -> dict[str, Any]:
    raw: dict[str, Any] = {"text": line.text, "tasks": list(line.tasks), "facts": list(line.facts)}
    raw |= {name: getattr(line, name) for name in ("next_step", "owner", "due_on") if getattr(line, name)}
    return raw


def sheet(
    rng: random.Random, facts: Facts, headlines: Sequence[Frame], items: Sequence[Frame], size: int = 4
) -> Sheet:
    """One correct draft: a headline and a few items, no task cited twice."""
    shape = facts.ceremony
    lines = [_first_fit(rng, facts, [frame for frame in headlines if shape in frame.shapes], set())]
    used: set[str] = set()
    options = [frame for frame in items if shape in frame.shapes]
    rng.shuffle(options)
    for frame in options:
        if len(lines) > size:
            break
        try:
            line = filled(rng, facts, frame, used)
        except Unfit:
            continue
        used |= set(line.tasks)
        lines.append(line)
    return Sheet(facts, tuple(lines))


def _first_fit(rng: random.Random, facts: Facts, frames: list[Frame], used: set[str]) -> Line:
    rng.shuffle(frames)
    for frame in frames:
        try:
            return filled(rng, facts, frame, used)
        except Unfit:
            continue
    raise AssertionError(f"no headline frame fits a {facts.ceremony}")


def filled(rng: random.Random, facts: Facts, frame: Frame, used: set[str]) -> Line:
    """A frame filled rightly; raises `Unfit` where these facts have nothing for one of its slots."""
    tasks = _tasks(rng, facts, frame, used)
    filler = Filler(rng, facts, tasks)
    pieces: list[str | Slot] = []
    last = 0
    for match in _SLOT.finditer(frame.text):
        pieces += [frame.text[last : match.start()], filler.fill(match[1], match[2] or "")]
        last = match.end()
    pieces.append(frame.text[last:])
    if _PLURAL_VERB.search(frame.text) and any(
        isinstance(one, Slot) and one.kind == "n" and one.value == 1 for one in pieces
    ):
        raise Unfit  # "1 task are blocked" is not how anybody writes
    owner = facts.tasks[tasks[0]].owner if tasks and rng.random() < 0.5 else None
    due = facts.tasks[tasks[0]].due_on if tasks and rng.random() < 0.3 else None
    leaning = (frame.cites,) if frame.cites in facts.facts and rng.random() < 0.5 else ()
    line = Line(
        frame.place, tuple(pieces), tuple(tasks), frame.next_step, owner or "", due or "", frame.text, leaning
    )
    return _capital(line) if frame.place == "headline" else line


def _capital(line: Line) -> Line:
    first = next((n for n, piece in enumerate(line.pieces) if piece), 0)
    piece = line.pieces[first]
    if isinstance(piece, Slot):
        text = piece.text[:1].upper() + piece.text[1:] if not piece.text.startswith("{") else piece.text
        return replace(
            line, pieces=(*line.pieces[:first], replace(piece, text=text), *line.pieces[first + 1 :])
        )
    return line


def _tasks(rng: random.Random, facts: Facts, frame: Frame, used: set[str]) -> list[str]:
    if not frame.cites:
        return []
    if frame.cites in facts.facts:
        pool = [gid for gid in facts.facts[frame.cites].tasks if gid not in used]
    else:
        states = {"todo": ("todo", "backlog"), "progress": ("in_progress",)}[frame.cites]
        pool = [gid for gid, task in facts.tasks.items() if task.state in states and gid not in used]
    if len(pool) < frame.tasks:
        raise Unfit
    return rng.sample(pool, frame.tasks)


def number_words(value: int) -> str:
    """Twenty-one for 21."""
    if value <= 20:
        return _WORDS[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens] + (f"-{_WORDS[ones]}" if ones else "")


class Filler:
    """Fills slots with what the facts say of one frame's tasks."""

    def __init__(self, rng: random.Random, facts: Facts, tasks: list[str]) -> None:
        self._rng = rng
        self._facts = facts
        self._tasks = [facts.tasks[gid] for gid in tasks]

    def fill(self, kind: str, about: str) -> Slot:
        """One slot filled rightly."""
        maker: Callable[[str], Slot] | None = getattr(self, f"_fill_{kind}", None)
        assert maker is not None, f"no such slot kind: {kind}"
        return maker(about)

    def _fact(self, name: str) -> float:
        fact = self._facts.facts.get(name)
        if fact is None or not isinstance(fact.value, (int, float)):
            raise Unfit
        return fact.value

    def _figure(self, kind: str, name: str, value: float, *, placeholder: bool = True) -> Slot:
        style = self._rng.random()
        if placeholder and style < 0.25 and name in self._facts.facts:
            return Slot(kind, name, f"{{{name}}}", value)
        percent = name in self._facts.facts and self._facts.facts[name].unit == "percent"
        if percent:
            return Slot(
                kind, name, self._rng.choice((f"{value:g} %", f"{value:g}%", f"{value:g} percent")), value
            )
        if style < 0.55 and value == int(value) and 1 < value < 99:
            return Slot(kind, name, number_words(int(value)), value)
        return Slot(kind, name, f"{value:g}", value)

    def _fill_n(self, name: str) -> Slot:
        return self._figure("n", name, self._fact(name))

    def _fill_of(self, name: str) -> Slot:
        of = self._facts.facts[name].of if name in self._facts.facts else None
        if of is None:
            raise Unfit
        return replace(self._figure("of", name, of, placeholder=False), about=name)

    def _fill_u(self, name: str) -> Slot:
        if name not in self._facts.facts:
            raise Unfit
        return self._noun("u", name, self._facts.facts[name].unit, self._fact(name))

    def _noun(self, kind: str, name: str, unit: str, value: float) -> Slot:
        noun = NOUNS[unit]
        return Slot(kind, name, noun.removesuffix("s") if value == 1 else noun, value)

    def _fill_tf(self, name: str) -> Slot:
        return self._figure("tf", name, self._task_figure(name), placeholder=False)

    def _task_figure(self, name: str) -> float:
        if not self._tasks or name not in self._tasks[0].figures:
            raise Unfit
        return self._tasks[0].figures[name]

    def _fill_tu(self, name: str) -> Slot:
        unit = "working_days" if name == "blocked_days" else "days"
        return self._noun("tu", name, unit, self._task_figure(name))

    def _fill_pts(self, _about: str) -> Slot:
        points = self._tasks[0].points
        if points is None or points == 1:
            raise Unfit
        return self._figure("pts", "points", points, placeholder=False)

    def _fill_count(self, _about: str) -> Slot:
        return Slot("count", "", number_words(len(self._tasks)), len(self._tasks))

    def _fill_task(self, about: str) -> Slot:
        return Slot("task", about or "0", self._tasks[int(about or 0)].name)

    def _fill_owner(self, _about: str) -> Slot:
        owner = self._tasks[0].owner
        if owner is None:
            raise Unfit
        name = self._facts.people[owner]
        alone = name.split()[0]
        single = sum(other.split()[0] == alone for other in self._facts.people.values()) == 1
        return Slot(
            "owner", owner, alone if single and alone != "Will" and self._rng.random() < 0.5 else name
        )

    def _due(self) -> date:
        due = self._tasks[0].due_on
        if due is None:
            raise Unfit
        return date.fromisoformat(due)

    def _fill_due(self, _about: str) -> Slot:
        return Slot("due", self._due().isoformat(), show_day(self._rng, self._due()))

    def _fill_dueon(self, _about: str) -> Slot:
        day = self._due()
        return Slot("dueon", day.isoformat(), f"{day:%a} {day.day} {day:%b}")

    def _fill_dueday(self, _about: str) -> Slot:
        day = self._due()
        if day <= self._today() or day > self._today() + timedelta(days=6):
            raise Unfit
        return Slot("dueday", day.isoformat(), f"{day:%A}")

    def _today(self) -> date:
        return self._facts.as_of.astimezone(ZoneInfo(self._facts.zone)).date()

    def _fill_since(self, _about: str) -> Slot:
        day = self._start()
        return Slot("since", day.isoformat(), show_day(self._rng, day))

    def _start(self) -> date:
        return self._facts.start.astimezone(ZoneInfo(self._facts.zone)).date()

    def _fill_sinceday(self, _about: str) -> Slot:
        return Slot("sinceday", self._start().isoformat(), f"{self._start():%A}")

    def _fill_date(self, name: str) -> Slot:
        fact = self._facts.facts.get(name)
        if fact is None or not isinstance(fact.value, str):
            raise Unfit
        if self._rng.random() < 0.3:
            return Slot("date", name, f"{{{name}}}")
        return Slot("date", name, show_day(self._rng, date.fromisoformat(fact.value)))

    def _fill_state(self, about: str) -> Slot:
        if not all(holds(about, task, self._facts) for task in self._tasks):
            raise Unfit
        return Slot("state", about, self._rng.choice(STATE_WORDS[about]))

    def _fill_verdict(self, _about: str) -> Slot:
        name = next((key for key in ("sprint.verdict", "status.colour") if key in self._facts.facts), "")
        if not name:
            raise Unfit
        return Slot(
            "verdict", name, f"{{{name}}}" if self._rng.random() < 0.5 else str(self._facts.facts[name].value)
        )

    def _fill_sprint(self, _about: str) -> Slot:
        name = str(self._facts.facts["sprint.name"].value)
        return Slot("sprint", "sprint.name", "{sprint.name}" if self._rng.random() < 0.4 else name)

    def _fill_ord(self, name: str) -> Slot:
        value = int(self._fact(name))
        ending = {1: "st", 2: "nd", 3: "rd"}.get(value, "th")
        if value == 2:
            raise Unfit
        return Slot("ord", name, self._rng.choice((_ORDINALS[value], f"{value}{ending}")), value)

    def _fill_pct(self, name: str) -> Slot:
        fact = self._facts.facts.get(name)
        if fact is None or not fact.of:
            raise Unfit
        share = round(100 * self._fact(name) / fact.of)
        return Slot("pct", name, f"{share} %", share)

    def _pair(self, name: str) -> tuple[float, float]:
        earlier = next(
            (key for key in (f"{name}.last_week", f"{name}.previous") if key in self._facts.facts), ""
        )
        return self._fact(name), self._fact(earlier)

    def _fill_prev(self, name: str) -> Slot:
        earlier = next(
            (key for key in (f"{name}.last_week", f"{name}.previous") if key in self._facts.facts), name
        )
        return self._figure("prev", earlier, self._pair(name)[1])

    def _fill_trend(self, name: str) -> Slot:
        now, before = self._pair(name)
        return Slot("trend", name, "up" if now > before else "down")

    def _fill_rosefell(self, name: str) -> Slot:
        now, before = self._pair(name)
        return Slot(
            "rosefell",
            name,
            self._rng.choice(("rose", "grew")) if now > before else self._rng.choice(("fell", "dropped")),
        )

    def _fill_morefewer(self, name: str) -> Slot:
        now, before = self._pair(name)
        return Slot("morefewer", name, "more" if now > before else "fewer")

    def _fill_change(self, name: str) -> Slot:
        now, before = self._pair(name)
        return self._figure("change", "", abs(now - before))

    def _gap(self) -> float:
        return self._fact("sprint.done_points") - self._fact("sprint.expected_points")

    def _fill_gap(self, _about: str) -> Slot:
        return self._figure("gap", "", abs(self._gap()))

    def _fill_plan(self, _about: str) -> Slot:
        ahead = self._gap() > 0
        return Slot("plan", "ahead" if ahead else "behind", "ahead of plan" if ahead else "behind plan")

    def _fill_rest(self, name: str) -> Slot:
        fact = self._facts.facts[name]
        if fact.of is None:
            raise Unfit
        return self._figure("rest", "", fact.of - self._fact(name))


def show_day(rng: random.Random, day: date) -> str:
    """A day in one of the ways people write it."""
    forms = (
        f"{day:%a} {day.day} {day:%b}",
        f"{day.day} {day:%B}",
        day.isoformat(),
        f"{day:%B} {day.day}",
        f"{day.day} {day:%b}",
    )
    return rng.choice(forms)


def holds(state: str, task: TaskFact, facts: Facts) -> bool:
    """Whether a state is true of a task: the corpus's own reading of the facts, not the gate's."""
    listed = {
        name: task.gid in facts.facts[name].tasks
        for name in ("blocked", "overdue", "carried")
        if name in facts.facts
    }
    today = facts.as_of.astimezone(ZoneInfo(facts.zone)).date().isoformat()
    return {
        "done": task.state == "done",
        "in review": task.state == "in_review",
        "in progress": task.state == "in_progress",
        "started": task.state in {"in_progress", "in_review", "done"},
        "not started": task.state in {"todo", "backlog"},
        "not done": task.state != "done",
        "blocked": listed.get("blocked", False),
        "overdue": listed.get("overdue", False)
        or bool(task.due_on and task.due_on < today and task.state != "done"),
        "no owner": task.owner is None,
        "carried over": listed.get("carried", False),
    }[state]


def value_of(facts: Facts, name: str) -> str:
    """A fact as a placeholder shows it."""
    return show(facts.facts[name])
