"""Quality, Costs and Portfolio: many runs in few figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from facilitator.board.portfolio import GOOD, LABELS, WATCH, WEIGHTS, Health
from facilitator.runs.followups import Complaint, Echoes, Truths
from facilitator.runs.money import Spent, Starts, percentiles
from facilitator.runs.overview import Pair, Verdicts
from facilitator.runs.run import RunState
from facilitator.runs.weeks import mondays
from facilitator.web.site import Site, rolled_up, team_names
from facilitator.web.views.asking import Asked
from facilitator.web.views.figures import newest_figures
from facilitator.web.views.standing import title_of, zone_of

WEEKS = 12
"""The present week and those before it."""

MOST_COMPLAINTS = 5


@dataclass(frozen=True, slots=True)
class SaidWrong:
    """A reply `wrong: ...` to a document; its words are empty after their retention time. `zone` is the team's."""

    run: str
    team: str
    at: datetime
    text: str
    zone: str


@dataclass(frozen=True, slots=True)
class CeremonyQuality:
    """How one ceremony's documents fared. Calibration: how often the grader and the people disagreed, how often what was
    predicted came true (a share of 1), and the predictions' Brier score. `wrong` are the newest of `said_wrong` replies;
    likes and
    dislikes are reactions in Asana.
    """

    ceremony: str
    title: str
    runs: int
    written: int
    failed: int
    expired: int
    graded: int
    satisfied: int
    gradings: float
    approved: int
    rejected: int
    edited: int
    satisfied_rejected: int
    unsatisfied_approved: int
    predictions: int
    came_true: float | None
    brier: float | None
    likes: int
    dislikes: int
    said_wrong: int
    wrong: tuple[SaidWrong, ...]

    @property
    def decided(self) -> int:
        """Runs a person said yes or no to."""
        return self.approved + self.rejected

    @property
    def agreed(self) -> int:
        """Of those, the ones where the grader had said the same."""
        return self.decided - self.satisfied_rejected - self.unsatisfied_approved


@dataclass(frozen=True, slots=True)
class Quality:
    """The last twelve weeks, by ceremony."""

    weeks: int
    team: str
    ceremonies: tuple[CeremonyQuality, ...]


@dataclass(frozen=True, slots=True)
class WeekCost:
    """A week by its Monday."""

    monday: date
    list_cents: float
    runs: int


@dataclass(frozen=True, slots=True)
class CostLine:
    """What one team's ceremony cost, and what it saved by the team's own baseline; `first_event` is p50 and p95 in seconds."""

    team: str
    team_name: str
    ceremony: str
    title: str
    runs: int
    list_cents: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    grader_tokens: int
    active_seconds: float
    documents: int
    minutes_saved: int | None
    first_event: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Costs:
    """The last twelve weeks at list price; `cached` is the share of input tokens read from the cache, 0 to 100."""

    weeks: int
    list_cents: float
    runs: int
    cached: float
    minutes_saved: int
    by_week: tuple[WeekCost, ...]
    lines: tuple[CostLine, ...]


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


def quality(asked: Asked) -> Quality:
    """Verdicts, decisions, edits and what readers said, of the visitor's teams."""
    site, teams, weeks = asked.site, asked.teams(), mondays(asked.now, WEEKS)
    said = site.by_week("quality", teams, weeks, lambda since: site.overview.judgements(teams, since))
    truths = _truths(asked, teams, weeks)
    followups = site.app.followups
    echoes = {one.ceremony: one for one in followups.echoes(teams, since=weeks[0])}
    complaints = followups.complaints(teams, since=weeks[0], most=MOST_COMPLAINTS * len(site.ceremonies()))
    lines = []
    for name in site.ceremonies():
        ours = [one for one in said if one.ceremony == name]
        if ours:
            heard = echoes.get(name, Echoes(name, 0, 0, 0))
            wrong = [one for one in complaints if one.ceremony == name][:MOST_COMPLAINTS]
            came = truths.get(name, Truths(name, 0, 0, 0, 0.0))
            lines.append(_ceremony_quality(site, ours, came, heard, wrong))
    return Quality(WEEKS, asked.query.get("team", ""), tuple(lines))


def _truths(asked: Asked, teams: tuple[str, ...], weeks: Sequence[datetime]) -> Mapping[str, Truths]:
    """What became of predictions; summed up again when one was scored since, and every minute while that goes on."""
    followups = asked.site.app.followups
    last = followups.last_scored()
    lately = last is not None and asked.now - last < timedelta(hours=1)
    name = ("truths", teams, weeks[0], last, asked.now.replace(second=0, microsecond=0) if lately else None)
    found = asked.site.made.get(name, lambda: {one.ceremony: one for one in followups.truths(teams, weeks)})
    assert isinstance(found, dict)
    return found


def _ceremony_quality(
    site: Site, said: Sequence[Verdicts], truths: Truths, heard: Echoes, wrong: Sequence[Complaint]
) -> CeremonyQuality:
    def total(what: str) -> int:
        return sum(getattr(one, what) for one in said)

    graded = total("satisfied") + total("not_satisfied")
    return CeremonyQuality(
        ceremony=said[0].ceremony,
        title=title_of(site, said[0].ceremony),
        graded=graded,
        gradings=round(total("gradings") / graded, 2) if graded else 0.0,
        predictions=truths.count,
        came_true=truths.true / truths.count if truths.count else None,
        brier=truths.squares / truths.with_probability if truths.with_probability else None,
        likes=heard.likes,
        dislikes=heard.dislikes,
        said_wrong=heard.wrong,
        wrong=tuple(
            SaidWrong(
                one.run,
                one.team,
                one.at,
                one.text,
                zone_of(site.app.assignments.get((one.team, one.ceremony))),
            )
            for one in wrong
        ),
        **{what: total(what) for what in _COUNTED},
    )


_COUNTED = (
    "runs", "written", "failed", "expired", "satisfied", "approved", "rejected", "edited", "satisfied_rejected",
    "unsatisfied_approved",
)  # fmt: skip


def costs(asked: Asked) -> Costs:
    """List prices of the visitor's teams by week, team and ceremony."""
    site, teams, weeks = asked.site, asked.teams(), mondays(asked.now, WEEKS)
    money = site.app.money

    def make(since: Sequence[datetime]) -> Iterable[Spent | Starts]:
        return [*money.by_week(teams, since), *money.starts(teams, since)]

    spent: dict[Pair, list[Spent]] = defaultdict(list)
    starts: dict[Pair, list[float]] = defaultdict(list)
    by_week: dict[datetime, list[Spent]] = {week: [] for week in weeks}
    for one in site.by_week("costs", teams, weeks, make):
        if isinstance(one, Starts):
            starts[one.team, one.ceremony] += one.seconds
        else:
            spent[one.team, one.ceremony].append(one)
            by_week[one.week].append(one)
    names = team_names(site, asked.visitor)
    lines = [
        _cost_line(site, pair, names.get(pair[0], pair[0]), sums, starts[pair])
        for pair, sums in spent.items()
    ]
    whole = sum(line.input_tokens + line.cache_read_tokens for line in lines)
    return Costs(
        weeks=WEEKS,
        list_cents=sum(line.list_cents for line in lines),
        runs=sum(line.runs for line in lines),
        cached=100 * sum(line.cache_read_tokens for line in lines) / whole if whole else 0.0,
        minutes_saved=sum(line.minutes_saved or 0 for line in lines),
        by_week=tuple(
            WeekCost(week.date(), sum(one.list_cents for one in sums), sum(one.runs for one in sums))
            for week, sums in by_week.items()
        ),
        lines=tuple(sorted(lines, key=lambda line: -line.list_cents)),
    )


def _cost_line(
    site: Site, pair: Pair, team_name: str, spent: Sequence[Spent], starts: list[float]
) -> CostLine:
    def total(what: str) -> Any:
        return sum(getattr(one, what) for one in spent)

    assignment, documents = site.app.assignments.get(pair), total("documents")
    minutes = assignment.baseline_minutes if assignment else None
    return CostLine(
        team=pair[0],
        team_name=team_name,
        ceremony=pair[1],
        title=title_of(site, pair[1]),
        documents=documents,
        minutes_saved=None if minutes is None else minutes * documents,
        first_event=percentiles(starts),
        **{what: total(what) for what in _SUMMED},
    )


_SUMMED = (
    "runs", "list_cents", "input_tokens", "output_tokens", "cache_read_tokens", "grader_tokens", "active_seconds",
)  # fmt: skip


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
