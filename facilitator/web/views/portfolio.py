"""Portfolio: the health of every team, with its published weights and parts."""

from __future__ import annotations

from dataclasses import dataclass

from facilitator.board.portfolio import GOOD, LABELS, WATCH, WEIGHTS, Health
from facilitator.runs.run import RunState
from facilitator.web.site import rolled_up, team_names
from facilitator.web.views.asking import Asked
from facilitator.web.views.figures import newest_figures


@dataclass(frozen=True, slots=True)
class TeamHealth:
    """One team in the portfolio; `health` is None where no board of it is kept. A roll-up tells of the teams in `over`."""

    slug: str
    name: str
    health: Health | None
    word: str
    risks: tuple[str, ...]
    sprint: str
    waiting: int
    failed: int
    over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """What one part counts for."""

    name: str
    label: str
    weight: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Every team the visitor may see, the ones at risk first. `score` is the mean of the known ones."""

    score: int | None
    teams: tuple[TeamHealth, ...]
    weights: tuple[Weight, ...]
    good: int
    watch: int


def portfolio(asked: Asked) -> Portfolio:
    """Health of all teams, with its published weights and parts."""
    site = asked.site
    open_runs = site.overview.unfinished(asked.visitor.teams)
    newest = site.overview.newest(site.pairs(asked.visitor))
    figures = newest_figures(site, {team for team, _ in newest})
    teams = []
    for slug, name in team_names(site, asked.visitor).items():
        found = figures.get(slug)
        health = found.health if found else None
        teams.append(
            TeamHealth(
                slug=slug,
                name=name,
                health=health,
                word=health.word if health else "not known",
                risks=health.risks if health else (),
                sprint=found.sprint.name if found and found.sprint else "",
                waiting=sum(run.team == slug and run.waits_for_a_person for run in open_runs),
                failed=sum(pair[0] == slug and run.state is RunState.FAILED for pair, run in newest.items()),
                over=rolled_up(site, slug),
            )
        )
    teams.sort(key=lambda one: (_score(one) is None, _score(one) or 0, one.name))
    known = [score for one in teams if (score := _score(one)) is not None]
    return Portfolio(
        score=round(sum(known) / len(known)) if known else None,
        teams=tuple(teams),
        weights=tuple(Weight(name, LABELS[name], weight) for name, weight in WEIGHTS.items()),
        good=GOOD,
        watch=WATCH,
    )


def _score(one: TeamHealth) -> int | None:
    return one.health.score if one.health else None
