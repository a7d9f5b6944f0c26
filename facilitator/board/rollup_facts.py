"""Several teams as facts: each team's own figures under its key, and what lies between the teams.

Between `rollup`, which measures, and a ceremony over teams. A team's figures are those its own documents give. With many
teams not all of them fit: whole columns give way, the least telling first, and of teams on track before the others; what
was left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from facilitator.board import flow
from facilitator.board.blocking import Blocked, blocked_now
from facilitator.board.board import Board, gid_order
from facilitator.board.building import FactsBuilder, clip, names
from facilitator.board.facts import show_date
from facilitator.board.forecast import Forecast
from facilitator.board.health import COLOUR_WORDS, Colour, scope_growth
from facilitator.board.rollup import (
    LONG_BLOCKED,
    Endangered,
    TeamStanding,
    Wait,
    endangered,
    open_milestones,
    waits_between,
)
from facilitator.board.weekly import completed, week_of
from facilitator.board.weekly_facts import blocked_in_focus

RESERVED = frozenset(
    "today decide status teams health throughput blocked overdue dependencies milestones blockers coverage tasks".split()
)
"""First words of this document's own ids: a team of such a name gets another key."""

RANKS: Mapping[str, int] = {
    "health_parts": 10, "sprint_day": 9, "sprint_end": 9, "done_week": 8, "scope_growth": 7, "forecast.p50": 6,
    "forecast.p85": 6, "status_last": 5, "overdue": 4, "done_points": 3, "done_tasks": 3, "blocked": 2, "why": 1,
}  # fmt: skip
"""Which figures of a team give way first where many teams leave no room; those not named never do."""

BEHIND = 12
"""Tasks named behind the figures of all teams together: looked up seldom, and room is short."""

LISTED = 4
NAME_CHARS, WHY_CHARS = 60, 110


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between teams, each task told once: waits for other teams, milestones in danger, long waits within a team."""

    waits: tuple[Wait, ...]
    milestones: tuple[Endangered, ...]
    blockers: tuple[tuple[str, Blocked], ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    """One figure of one team: `what` follows the team's key in its id."""

    what: str
    label: str
    value: float | str | None
    unit: str
    rule: str
    of: float | None = None
    tasks: tuple[str, ...] = ()


def keys_of(slugs: Sequence[str]) -> dict[str, str]:
    """Slug to the key its facts are called by: the slug, unless no id may begin with it."""
    found: dict[str, str] = {}
    for slug in slugs:
        key = slug
        while not key[:1].isalpha() or key in RESERVED or (key != slug and key in slugs):
            key = f"team-{key}"
        found[slug] = key
    return found


def between(teams: Mapping[str, TeamStanding]) -> Between:
    """Look at all boards together."""
    boards = {key: one.board for key, one in teams.items()}
    waits = waits_between(boards)
    days = {wait.gid: wait.working_days for wait in reversed(waits)}
    dangers: dict[str, Endangered] = {}
    stuck: dict[str, tuple[str, Blocked]] = {}
    for key, one in teams.items():
        for danger in endangered(key, one.board, one.outlook, days):
            dangers.setdefault(danger.gid, danger)
        for block in blocked_now(one.board):
            if block.working_days >= LONG_BLOCKED:
                stuck.setdefault(block.gid, (key, block))
    milestones = [one for gid, one in dangers.items() if gid not in days]
    blockers = [pair for gid, pair in stuck.items() if gid not in days and gid not in dangers]
    return Between(
        waits,
        tuple(sorted(milestones, key=lambda one: (one.due, gid_order(one.gid)))),
        tuple(sorted(blockers, key=lambda pair: (-pair[1].working_days, gid_order(pair[1].gid)))),
    )


def tell_team(
    facts: FactsBuilder, key: str, one: TeamStanding, *, end: datetime, last: str, behind: int
) -> None:
    """One team's own figures over the week that ends at `end`; `last` is its status in the last roll-up, or empty."""
    on_track = one.outlook.status.colour is Colour.GREEN
    for each in (*_standing(one, last), *_work(one, end), *_plan(one)):
        facts.figure(
            f"{key}.{each.what}",
            each.label,
            each.value,
            each.unit,
            each.rule,
            of=each.of,
            tasks=each.tasks[:behind],
            rank=2 * RANKS[each.what] + on_track if each.what in RANKS else 0,
        )


def _standing(one: TeamStanding, last: str) -> Iterator[_Figure]:
    found = one.outlook.status
    word = COLOUR_WORDS[found.colour]
    yield _Figure("status", "status", word, "text", "by the rules of its weekly status")
    if last and last != word:
        yield _Figure("status_last", "last status", last, "text", "in the last roll-up")
    because = [fired.because for fired in found.fired if fired.colour is found.colour]
    if because:
        yield _Figure("why", "why", clip(because[0], WHY_CHARS), "text", "the first rule that decided")
    score = one.health.score
    yield _Figure(
        "health", "health score", score, "count", "by health.weights", None if score is None else 100
    )
    parts = "; ".join(f"{part.label} {part.value:.0f}" for part in one.health.parts if part.value is not None)
    yield _Figure("health_parts", "parts of the score", parts or "not known", "text", "each 0 to 100")


def _work(one: TeamStanding, end: datetime) -> Iterator[_Figure]:
    board, sprint = one.board, one.outlook.sprint
    if sprint:
        unit = sprint.unit
        yield _Figure(
            f"done_{unit}", f"{unit} done", sprint.done, unit, "of the sprint's", sprint.planned,
            sprint.figures.completed.gids,
        )  # fmt: skip
    stuck, late = blocked_in_focus(board), flow.overdue(board)
    yield _Figure("blocked", "blocked", len(stuck), "tasks", "open and waiting", tasks=stuck)
    yield _Figure("overdue", "overdue", len(late), "tasks", "due before today", tasks=late)
    week = week_of(min(end, board.as_of), board.rules.zone)
    done = tuple(completed(board, week.start, week.end))
    yield _Figure("done_week", "done this week", len(done), "tasks", "in seven days", tasks=done)


def _plan(one: TeamStanding) -> Iterator[_Figure]:
    found, sprint = one.outlook.forecast, one.outlook.sprint
    if isinstance(found, Forecast):
        rule = "all open work done by then in {} % of runs"
        for name, day, share in (("p50", found.p50, 50), ("p85", found.p85, 85)):
            yield _Figure(f"forecast.{name}", f"forecast {name}", day.isoformat(), "date", rule.format(share))
    if sprint is None:
        return
    yield _Figure("sprint_day", "sprint day", sprint.day, "working_days", "of the sprint", sprint.days)
    last = sprint.figures.sprint.last_day(one.board.rules.zone)
    yield _Figure("sprint_end", "end of the sprint", last.isoformat(), "date", "last planned day")
    growth = scope_growth(sprint.figures)
    if growth is not None:
        yield _Figure(
            "scope_growth", "growth of the scope", round(growth), "percent", "of what was committed"
        )


def tell_between(facts: FactsBuilder, found: Between, teams: Mapping[str, TeamStanding]) -> None:
    """The three lists, each task with its team and what it waits for or is in danger of."""
    boards = {key: one.board for key, one in teams.items()}
    for wait in reversed(found.waits):  # said twice the last holds: the longest wait
        other = boards[wait.other]
        state = other.state(other.histories[wait.waits_for], other.as_of).replace("_", " ")
        facts.about(
            wait.gid,
            blocked_days=wait.working_days,
            waits_for=f"{names([wait.waits_for], other)} ({facts.name_of(wait.other)}, {state})",
            waits_for_task=wait.waits_for,
        )
    for danger in found.milestones:
        days = {"overdue_days": danger.overdue_days} if danger.overdue_days else {}
        facts.about(danger.gid, danger=", ".join(danger.reasons), due=show_date(danger.due), **days)
    for key, block in found.blockers:
        facts.about(block.gid, blocked_days=block.working_days, blocked_because=_because(boards[key], block))
    waiting = list(dict.fromkeys(wait.gid for wait in found.waits))
    rule = "open, and waiting for an open task of another team, longest first"
    facts.listed("dependencies", "tasks waiting for another team", waiting, rule, cap=LISTED)
    first = {wait.gid: wait.waits_for for wait in reversed(found.waits)}
    others = list(dict.fromkeys(first[gid] for gid in waiting))
    rule = "what those wait for, in their order"
    facts.listed("dependencies.on", "tasks another team waits for", others, rule, cap=LISTED)
    dated = {gid for board in boards.values() for gid in open_milestones(board)}
    rule = "past its date, waiting close to it, or due before its team's careful forecast; waits between teams aside"
    gids = [one.gid for one in found.milestones]
    facts.listed("milestones", "milestones in danger", gids, rule, of=len(dated), cap=LISTED)
    rule = f"blocked within the team for {LONG_BLOCKED} working days and more, longest first"
    blocked = [block.gid for _key, block in found.blockers]
    facts.listed("blockers", "blocked for long", blocked, rule, cap=2 * LISTED)


def _because(board: Board, block: Blocked) -> str:
    waits = names((cause.of for cause in block.causes if cause.kind == "dependency"), board)
    return f"waits for {waits}" if waits else "the board says blocked, not by what"
