"""What can be wrong with a team of teams: whom its roll-up names, and what only such a team can hold.

Part of `consistency`: works on the raw document, and passes over what `shape` reports.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from facilitator.settings.faults import Found, KeyPath
from facilitator.settings.nearest import did_you_mean, one_of, quoted

MOST_TEAMS = 25
"""Teams of one roll-up: with more, its facts would have no room for more than a colour each."""

Table = Mapping[str, Any]


def rollup_faults(teams: Sequence[tuple[KeyPath, Table]], over_teams: Collection[str]) -> Iterator[Found]:
    """Every fault of every `rollup`; `over_teams` are the ceremonies that need one."""
    slugs = [team["slug"] for _path, team in teams if isinstance(team.get("slug"), str)]
    nested = {team.get("slug") for _path, team in teams if team.get("rollup")}
    for path, team in teams:
        named = team.get("rollup")
        if isinstance(named, list):
            others = [slug for slug in slugs if slug != team.get("slug")]
            yield from _named((*path, "rollup"), team, named, (others, nested))
        yield from _held(path, team, over_teams)


def _named(
    here: KeyPath, team: Table, named: Sequence[Any], known: tuple[list[str], Collection[Any]]
) -> Iterator[Found]:
    others, nested = known
    if not named:
        yield Found(here, "names no team.", "Name the teams it tells of, or leave rollup out.")
    if len(named) > MOST_TEAMS:
        message = f"names {len(named)} teams; at most {MOST_TEAMS} fit into one document."
        yield Found(here, message, "Make two roll-ups of it.")
    for number, slug in enumerate(named):
        if not isinstance(slug, str):
            continue
        place = (*here, number)
        if slug == team.get("slug"):
            yield Found(place, f"{quoted(slug)} is this team itself.", "Name the teams it tells of.")
        elif slug in named[:number]:
            yield Found(place, f"{quoted(slug)} is named twice.", "Name each team once.")
        elif slug not in others:
            hint = did_you_mean(slug, others) or (one_of(others) if others else "Add it as [[teams]].")
            yield Found(place, f"unknown team {quoted(slug)}.", hint)
        elif slug in nested:
            message = f"{quoted(slug)} is a roll-up itself, and its figures would count twice."
            yield Found(place, message, "Name the teams that it rolls up instead.")


def _held(path: KeyPath, team: Table, over_teams: Collection[str]) -> Iterator[Found]:
    """A ceremony over several teams needs them, and naming them without one is a mistake."""
    wishes = team.get("ceremonies")
    held = [name for name in wishes if name in over_teams] if isinstance(wishes, dict) else []
    if "rollup" not in team:
        for name in held:
            message = f"{quoted(name)} is a document over several teams, and this team names none."
            yield Found((*path, "ceremonies", name), message, 'Add rollup = ["team", ...] to the team.')
    elif over_teams and not held:
        suggestion = f"Add [teams.ceremonies.{min(over_teams)}], or leave rollup out."
        yield Found((*path, "rollup"), "no ceremony of this team would tell of these teams.", suggestion)
