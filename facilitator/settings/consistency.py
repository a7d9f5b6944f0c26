"""What keys mean together: names used twice, ceremonies nobody wrote, a wish that can never come true.

Works on the raw document, so that these faults are found even where single values are wrong too; a value of the
wrong kind is passed over here, since `shape` reports it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from facilitator.calendar.workdays import DAY_NAMES, MONDAY_TO_FRIDAY, weekday_number
from facilitator.settings.addresses import channel_faults, trigger_faults
from facilitator.settings.deciding import date_faults, decision_faults
from facilitator.settings.faults import Found, KeyPath
from facilitator.settings.nearest import did_you_mean, one_of, quoted
from facilitator.settings.readers import is_loopback
from facilitator.settings.rollups import rollup_faults

Table = Mapping[str, Any]

_KINDS = ("days", "day", "end_of_sprint", "monthly", "once", "cron")
_NO_FREE_DAYS = {
    "monthly": "it counts working days already",
    "once": "somebody asked for that very instant",
}
_OWN_TIME = ("once", "cron")
_SPRINT_KEYS = {
    "field": {"field"},
    "section": {"pattern"},
    "projects": {"projects", "pattern"},
    "dates": {"first_day", "length_days", "name", "first_number"},
    "none": set[str](),
}


def inconsistencies(
    document: Table, ceremonies: Collection[str] | None, over_teams: Collection[str] = ()
) -> Iterator[Found]:
    """Every fault between keys. `ceremonies` are the names that exist, None where nobody knows them yet; `over_teams` those
    of them that tell of several teams.
    """
    teams: list[tuple[KeyPath, Table]] = [
        (("teams", n), team) for n, team in enumerate(_list(document.get("teams"))) if isinstance(team, dict)
    ]
    yield from _web(_table(document.get("web")))
    yield from _profile(_table(document.get("asana")))
    yield from _repeated(teams, "slug")
    yield from _repeated(teams, "name")
    yield from rollup_faults(teams, over_teams)
    common = _table(document.get("notify"))
    yield from channel_faults(("notify",), common, common, [])
    for path, team in teams:
        yield from _approvers(path, team)
        yield from date_faults(path, team)
        yield from channel_faults(
            (*path, "notify"), _table(team.get("notify")), common, _list(team.get("approvers"))
        )
        yield from _sprint(path, _table(_table(team.get("board")).get("sprint")))
        yield from trigger_faults((*path, "triggers"), team, ceremonies)
        for name, wish in _table(team.get("ceremonies")).items():
            here = (*path, "ceremonies", name)
            yield from _unknown(here, name, ceremonies)
            yield from _schedule(here, _table(wish), _days(team.get("working_days")) or MONDAY_TO_FRIDAY)
            yield from _target(here, _table(wish))
            yield from decision_faults(here, team, _table(wish))


def executor_faults(document: Table, database_url: str) -> Iterator[Found]:
    """A cluster's job queue and its run log stand in one PostgreSQL, which the environment names."""
    kind = _table(document.get("executor")).get("kind")
    if kind == "cluster" and not database_url.startswith(("postgresql://", "postgresql+psycopg://")):
        yield Found(
            ("executor", "kind"),
            "a cluster needs its run log on PostgreSQL.",
            "Set FACILITATOR_DATABASE_URL=postgresql://USER@HOST/NAME, or leave kind out.",
        )


def _profile(asana: Table) -> Iterator[Found]:
    if asana.get("profile") == "sandbox" and "workspace" not in asana:
        message = "profile sandbox does not say which workspace it may write in."
        yield Found(
            ("asana", "profile"), message, 'Add workspace = "1200000000000001", the test workspace\'s gid.'
        )
    if "workspace" in asana and asana.get("profile") != "sandbox":
        message = "workspace is only for profile sandbox."
        yield Found(("asana", "workspace"), message, 'Leave it out, or say profile = "sandbox".')


def _web(web: Table) -> Iterator[Found]:
    host = web.get("host", "127.0.0.1")
    if isinstance(host, str) and not is_loopback(host) and not web.get("base_url"):
        message = (
            f"a dashboard on {quoted(host)} can be reached from other machines, but nobody knows its address."
        )
        yield Found(
            ("web", "host"), message, 'Add base_url = "https://..." as browsers reach it, or leave host out.'
        )
    if web.get("trusted_header") and not web.get("trusted_peers"):
        message = "trusted_header would be believed from no one."
        yield Found(
            ("web", "trusted_header"), message, 'Add trusted_peers = ["127.0.0.1"], the proxy\'s address.'
        )


def _repeated(teams: list[tuple[KeyPath, Table]], key: str) -> Iterator[Found]:
    seen: dict[str, int] = {}
    for number, (path, team) in enumerate(teams, start=1):
        value = team.get(key)
        if not isinstance(value, str):
            continue
        first = seen.setdefault(value.casefold(), number)
        if first != number:
            message = f"team {number} has the same {key} as team {first}: {quoted(value)}."
            yield Found((*path, key), message, f"Give each team its own {key}.")


def _unknown(path: KeyPath, name: str, known: Collection[str] | None) -> Iterator[Found]:
    if known is not None and name not in known:
        yield Found(
            path, f"unknown ceremony {quoted(name)}.", did_you_mean(name, known) or one_of(sorted(known))
        )


def _approvers(path: KeyPath, team: Table) -> Iterator[Found]:
    people = team.get("approvers", [])
    for role in ("approvers", "viewers", "admins"):
        for number, person in enumerate(_list(team.get(role))):
            if person == {}:
                yield Found((*path, role, number), "nobody is named.", "Give a name, a gid, or both.")
    waiting = [
        name
        for name, wish in _table(team.get("ceremonies")).items()
        if isinstance(wish, dict) and wish.get("mode", "approve") == "approve" and wish.get("enabled", True)
    ]
    if people == [] and waiting:
        message = f"nobody may approve, but {', '.join(map(quoted, waiting))} waits for approval."
        key = (*path, "approvers") if "approvers" in team else path
        yield Found(key, message, 'Add approvers = ["their name"], or choose mode "shadow" or "auto".')


def _schedule(path: KeyPath, wish: Table, working: frozenset[int]) -> Iterator[Found]:
    kinds = [kind for kind in _KINDS if kind in wish]
    if len(kinds) > 1:
        yield Found((*path, kinds[1]), f"{' and '.join(kinds)} exclude each other.", "Keep one of them.")
    for kind in kinds:
        if kind in _NO_FREE_DAYS and "on_holiday" in wish:
            yield Found(
                (*path, "on_holiday"), f"{kind} takes no on_holiday: {_NO_FREE_DAYS[kind]}.", "Leave it out."
            )
        if kind in _OWN_TIME and "at" in wish:
            yield Found((*path, "at"), f"{kind} says its own time.", "Leave at out.")
    yield from _fortnight(path, wish)
    for key in ("days", "day"):
        value = wish.get(key)
        free = _days(value if key == "days" else [value]) - working
        if free:
            names = ", ".join(DAY_NAMES[day] for day in sorted(free))
            message = f"{names}: not among this team's working days."
            yield Found((*path, key), message, "Add it to the team's working_days or choose another day.")


def _fortnight(path: KeyPath, wish: Table) -> Iterator[Found]:
    """`every_weeks` needs the day it means and the week it counts from."""
    stray = next((key for key in ("every_weeks", "anchor_week") if key in wish and "day" not in wish), None)
    if stray:
        yield Found((*path, stray), f"{stray} needs the day of the week.", 'Add day = "thu".')
    every = wish.get("every_weeks", 1)
    if isinstance(every, int) and every > 1 and "anchor_week" not in wish:
        message = f"every_weeks = {every} does not say which weeks."
        yield Found((*path, "every_weeks"), message, "Add anchor_week = 2026-01-05, a date in one of them.")
    if "anchor_week" in wish and "every_weeks" not in wish:
        yield Found((*path, "anchor_week"), "anchor_week needs every_weeks.", "Add every_weeks = 2.")


def _target(path: KeyPath, wish: Table) -> Iterator[Found]:
    if "task" in wish and "task_name" in wish:
        yield Found(
            (*path, "task_name"),
            "task and task_name exclude each other.",
            "Keep the gid, it cannot be renamed.",
        )


def _sprint(path: KeyPath, sprint: Table) -> Iterator[Found]:
    here = (*path, "board", "sprint")
    source = sprint.get("source", "field")
    own = _SPRINT_KEYS.get(source) if isinstance(source, str) else None
    if own is None:
        return
    if source == "dates" and "first_day" not in sprint:
        yield Found(
            (*here, "source"),
            "sprints counted by dates need the first day of one.",
            "Add first_day = 2026-01-05.",
        )
    if source == "projects" and not sprint.get("projects") and not sprint.get("pattern"):
        message = "sprints that are projects need their gids, or a pattern for their names."
        yield Found((*here, "source"), message, 'Add pattern = "(?i)^sprint" or projects = ["12000001"].')
    for key in sprint:
        homes = [kind for kind, keys in _SPRINT_KEYS.items() if key in keys]
        if homes and key not in own:
            yield Found(
                (*here, key),
                f"{key} belongs to source {' or '.join(map(quoted, homes))}, not {quoted(source)}.",
                "Leave it out.",
            )


def _days(value: object) -> frozenset[int]:
    """The days of the week that can be read; others are reported where they are checked."""
    found = set()
    for day in _list(value):
        try:
            found.add(weekday_number(day if isinstance(day, str) else ""))
        except ValueError:
            continue
    return frozenset(found)


def _table(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
