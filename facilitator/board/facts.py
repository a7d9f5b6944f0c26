"""Facts: every figure, list and date one document may use, computed before the model is asked.

`gather` ends here: a ceremony turns a `Snapshot` into one `Facts`. The agent gets it as `facts.json`, the comment
template renders from it, and the fact gate holds every draft against it. Facts never change once recorded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from facilitator.board.columns import columns, spread

FORMAT = "facts/1"


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure, list or word: `value` in `unit`, out of `of` where it has a denominator.

    `unit` is one of: tasks, points, working_days, days, percent (0-100), date, instant, text, people, count,
    sprints, comments. A list fact has its length as value and its task gids in `tasks`, in the order the document
    shows them; `omitted` counts gids cut to keep facts small. `rule` says in a sentence how it was computed.
    """

    id: str
    label: str
    value: float | int | str | None
    unit: str
    rule: str
    of: float | int | None = None
    tasks: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    omitted: int = 0


@dataclass(frozen=True, slots=True)
class TaskFact:
    """What a document may say of one task; `figures` and `notes` are keyed by short names (`blocked_days`).

    `state` is one of: backlog, todo, in_progress, in_review, done. `team` is a key of the facts' `teams`, where there are any.
    """

    gid: str
    name: str
    state: str
    section: str = ""
    owner: str | None = None
    url: str = ""
    points: float | None = None
    due_on: str | None = None
    team: str = ""
    figures: Mapping[str, float | int] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SectionSpec:
    """One section of the document: what it holds, how much, and which facts its items must cite.

    `covers` names a list fact whose tasks (the first `max_items`) the section's items must cite exactly. `tells` names facts
    (the first `max_items` of them) each of which has one item, in that order, that names it in `facts`.
    `cites_from` names list facts outside of which no task may be cited. `needs` are item fields that must be
    present: next_step, owner, due_on, signal, tasks, facts.
    """

    id: str
    title: str
    max_items: int
    min_items: int = 0
    covers: str | None = None
    cites_from: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    max_words: int = 30
    hint: str = ""
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The shape a draft must have. `quiet` asks for the one-line form: a headline and empty sections."""

    sections: tuple[SectionSpec, ...]
    max_words: int
    headline_words: int = 25
    headline_uses: tuple[str, ...] = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was read and what was not; printed in every footer."""

    tasks_read: int
    comments_read: int
    blind_spots: tuple[str, ...] = ()
    omitted: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All a document may say. `start` and `end` bound the window, [start, end), in UTC; `zone` is the team's.

    Where it speaks of several teams, `teams` has their names, and a fact of one of them is called `<its key>.<what>`.
    """

    ceremony: str
    team: str
    project: str
    project_name: str
    as_of: datetime
    zone: str
    start: datetime
    end: datetime
    facts: Mapping[str, Fact]
    tasks: Mapping[str, TaskFact]
    people: Mapping[str, str]
    coverage: Coverage
    document: Document
    teams: Mapping[str, str] = field(default_factory=dict)

    def team_of(self, fact_id: str) -> str:
        """The key of the team a fact is about, or nothing for one about all of them."""
        key = fact_id.partition(".")[0]
        return key if key in self.teams else ""

    def bare(self, fact_id: str) -> str:
        """A fact's id without its team: what is said, not of whom."""
        key = self.team_of(fact_id)
        return fact_id.removeprefix(f"{key}.") if key else fact_id

    def to_json(self) -> str:
        """The bytes mounted as facts.json: stable key order, so equal facts have equal digests."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1, sort_keys=False)

    def as_dict(self) -> dict[str, Any]:
        """The facts/1 form; empty members are left out to spare tokens."""
        by_team, placed = columns(self.facts, self.teams)
        return {
            "format": FORMAT,
            "ceremony": self.ceremony,
            "team": self.team,
            "project": {"gid": self.project, "name": self.project_name},
            "as_of": _iso(self.as_of),
            "zone": self.zone,
            "window": {"start": _iso(self.start), "end": _iso(self.end)},
            "facts": {
                key: _lean(_members(fact), drop=("id",))
                for key, fact in self.facts.items()
                if key not in placed
            },
            **({"by_team": by_team} if by_team else {}),
            "tasks": {key: _lean(_members(task), drop=("gid",)) for key, task in self.tasks.items()},
            "people": dict(self.people),
            **({"teams": dict(self.teams)} if self.teams else {}),
            "coverage": _plain(_members(self.coverage)),
            "document": {
                "headline": {
                    "max_words": self.document.headline_words,
                    "must_use": list(self.document.headline_uses),
                },
                "max_words": self.document.max_words,
                "quiet": self.document.quiet,
                "sections": [
                    _lean(_members(spec), keep=("min_items", "max_items")) for spec in self.document.sections
                ],
            },
        }

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """Read back what `to_json` wrote; ValueError names the first thing that is not facts/1."""
        raw = json.loads(text)
        if not isinstance(raw, dict) or raw.get("format") != FORMAT:
            raise ValueError(f"not a {FORMAT} document: no such format line at the top level")
        try:
            return cls._from_dict(raw)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a {FORMAT} document: {error!r}") from error

    @classmethod
    def _from_dict(cls, raw: dict[str, Any]) -> Facts:
        document = raw["document"]
        return cls(
            ceremony=raw["ceremony"],
            team=raw["team"],
            project=raw["project"]["gid"],
            project_name=raw["project"]["name"],
            as_of=_instant(raw["as_of"]),
            zone=raw["zone"],
            start=_instant(raw["window"]["start"]),
            end=_instant(raw["window"]["end"]),
            facts={
                key: Fact(**_tuples({"id": key, "value": None, **fact}))
                for key, fact in [*raw["facts"].items(), *spread(raw.get("by_team", {}))]
            },
            tasks={key: TaskFact(**{"gid": key, "name": "", **task}) for key, task in raw["tasks"].items()},
            people=raw["people"],
            coverage=Coverage(**_tuples(raw["coverage"])),
            document=Document(
                sections=tuple(SectionSpec(**_tuples(spec)) for spec in document["sections"]),
                max_words=document["max_words"],
                headline_words=document["headline"]["max_words"],
                headline_uses=tuple(document["headline"]["must_use"]),
                quiet=document["quiet"],
            ),
            teams=raw.get("teams", {}),
        )


def show(fact: Fact) -> str:
    """A fact's value as a document prints it: whole numbers without a point, percentages with a sign."""
    value = fact.value
    if value is None:
        return "not known"
    if isinstance(value, float):
        value = int(value) if value == int(value) else round(value, 1)
    if fact.unit == "percent":
        return f"{value} %"
    if fact.unit == "date" and isinstance(value, str):
        return show_date(date.fromisoformat(value))
    return str(value)


def show_date(day: date) -> str:
    """A date as every document prints it: Fri 12 Jun."""
    return f"{day:%a} {day.day} {day:%b}"


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _members(record: Fact | TaskFact | SectionSpec | Coverage) -> dict[str, Any]:
    """Not `asdict`, which copies every value first: facts are written down several times a run."""
    return {each.name: getattr(record, each.name) for each in fields(record)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _lean(raw: dict[str, Any], *, drop: tuple[str, ...] = (), keep: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        key: _plain(value)
        for key, value in raw.items()
        if key not in drop
        and (
            key in keep
            or (value not in (None, "", (), [], {}) and (value != 0 or key in ("value", "points")))
        )
    }


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
