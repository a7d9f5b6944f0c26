"""What the boards of teams say: the figures kept of each newest reading, or made now where nobody has made them yet."""

from __future__ import annotations

from collections.abc import Collection

from facilitator.board.figures import BoardFigures
from facilitator.runs.board_figures import KeptFigures
from facilitator.service.figuring import figures_for
from facilitator.web.site import Site


def newest_figures(site: Site, teams: Collection[str]) -> dict[str, BoardFigures]:
    """The figures of the newest reading that is still kept, by team; teams without one are missing."""
    found = KeptFigures(site.app.database).newest(teams)
    for team in teams:
        made = None if team in found else _made(site, team)
        if made is not None:
            found[team] = made
    return found


def _made(site: Site, team: str) -> BoardFigures | None:
    names = [name for slug, name in site.app.assignments if slug == team]
    run = site.overview.newest_with_snapshot(team, names)
    if run is None:
        return None
    made = site.made.get(("figures", run.id), lambda: figures_for(site.app.store, run, site.app.assignments))
    assert made is None or isinstance(made, BoardFigures)
    return made
