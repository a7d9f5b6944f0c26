"""Quality, Costs and Portfolio: many runs in few figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from facilitator.board.portfolio import GOOD, LABELS, WATCH, WEIGHTS, Health
from facilitator.board.prediction import Scored, brier, hit_rate
from facilitator.board.sprint_figures import percentile
from facilitator.runs.overview import Spent
from facilitator.runs.run import RunState
from facilitator.web.site import team_names
from facilitator.web.views.asking import Asked
from facilitator.web.views.figures import newest_figures
from facilitator.web.views.standing import title_of

OVER = timedelta(weeks=12)


@dataclass(frozen=True, slots=True)
class CeremonyQuality:
    """How one ceremony's documents fared. Calibration: how often the grader and the people disagreed, how often what was
    predicted came true (a share of 1), and the predictions' Brier score.
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
    """One team in the portfolio; `health` is None where no board of it is kept."""

    slug: str
    name: str
    health: Health | None
    word: str
    risks: tuple[str, ...]
    sprint: str
    waiting: int
    failed: int


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
    """Verdicts, decisions and edits of the visitor's teams; at most a minute old."""
    made: Quality = asked.site.for_a_minute(("quality", asked.teams()), lambda: _quality(asked))
    return replace(made, team=asked.query.get("team", ""))


def _quality(asked: Asked) -> Quality:
    site, teams, since = asked.site, asked.teams(), asked.now - OVER
    names = site.ceremonies()
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in site.overview.tallies(teams, names, since):
        counts[one.ceremony][one.state] += one.count
    judged = {one.ceremony: one for one in site.overview.judgements(teams, names, since)}
    scored: dict[str, list[Scored]] = defaultdict(list)
    for team in teams:
        for _team, name, one_scored in site.app.followups.scored(team):
            scored[name].append(one_scored)
    lines = []
    for name in names:
        states, said = counts.get(name, {}), judged.get(name)
        if not states:
            continue
        lines.append(
            CeremonyQuality(
                ceremony=name,
                title=title_of(site, name),
                runs=sum(states.values()),
                written=states.get(RunState.WRITTEN, 0),
                failed=states.get(RunState.FAILED, 0),
                expired=states.get(RunState.EXPIRED, 0),
                graded=said.satisfied + said.not_satisfied if said else 0,
                satisfied=said.satisfied if said else 0,
                gradings=round(float(said.gradings), 2) if said else 0.0,
                approved=said.approved if said else 0,
                rejected=said.rejected if said else 0,
                edited=said.edited if said else 0,
                satisfied_rejected=said.satisfied_rejected if said else 0,
                unsatisfied_approved=said.unsatisfied_approved if said else 0,
                predictions=len(scored.get(name, ())),
                came_true=hit_rate(scored.get(name, ())),
                brier=brier(scored.get(name, ())),
            )
        )
    return Quality(OVER.days // 7, "", tuple(lines))


def costs(asked: Asked) -> Costs:
    """List prices of the visitor's teams by week, team and ceremony; at most a minute old."""
    made: Costs = asked.site.for_a_minute(("costs", asked.teams()), lambda: _costs(asked))
    return made


def _costs(asked: Asked) -> Costs:
    site, since = asked.site, asked.now - OVER
    names, teams = team_names(site, asked.visitor), asked.teams()
    pairs = site.overview.spent(teams, site.ceremonies(), since, by_day=False)
    weeks: dict[date, list[Spent]] = {monday: [] for monday in _mondays(asked.now.date())}
    for one in site.overview.spent(teams, site.ceremonies(), since, by_day=True):
        day = date.fromisoformat(one.day)
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(one)
    written = {
        (one.team, one.ceremony): one.count
        for one in site.overview.tallies(teams, site.ceremonies(), since)
        if one.state == RunState.WRITTEN
    }
    starts = site.overview.first_events(teams, site.ceremonies(), since)
    whole = sum(one.input_tokens + one.cache_read_tokens for one in pairs)
    lines = [
        CostLine(
            team=one.team,
            team_name=names.get(one.team, one.team),
            ceremony=one.ceremony,
            title=title_of(site, one.ceremony),
            runs=one.runs,
            list_cents=one.list_cents,
            input_tokens=one.input_tokens,
            output_tokens=one.output_tokens,
            cache_read_tokens=one.cache_read_tokens,
            grader_tokens=one.grader_tokens,
            active_seconds=one.active_seconds,
            documents=written.get((one.team, one.ceremony), 0),
            minutes_saved=_saved(asked, one, written),
            first_event=_percentiles(starts.get((one.team, one.ceremony), [])),
        )
        for one in pairs
    ]
    return Costs(
        weeks=OVER.days // 7,
        list_cents=sum(one.list_cents for one in pairs),
        runs=sum(one.runs for one in pairs),
        cached=100 * sum(one.cache_read_tokens for one in pairs) / whole if whole else 0.0,
        minutes_saved=sum(line.minutes_saved or 0 for line in lines),
        by_week=tuple(
            WeekCost(monday, sum(one.list_cents for one in spent), sum(one.runs for one in spent))
            for monday, spent in sorted(weeks.items())
        ),
        lines=tuple(sorted(lines, key=lambda line: -line.list_cents)),
    )


def _saved(asked: Asked, one: Spent, written: Mapping[tuple[str, str], int]) -> int | None:
    assignment = asked.site.app.assignments.get((one.team, one.ceremony))
    minutes = assignment.baseline_minutes if assignment else None
    return None if minutes is None else minutes * written.get((one.team, one.ceremony), 0)


def _percentiles(seconds: list[float]) -> tuple[float, float] | None:
    middle, high = (percentile(sorted(seconds), share) for share in (0.5, 0.95))
    return None if middle is None or high is None else (middle, high)


def _mondays(today: date) -> Iterable[date]:
    this = today - timedelta(days=today.weekday())
    return (this - timedelta(weeks=n) for n in range(OVER.days // 7, -1, -1))


def portfolio(asked: Asked) -> Portfolio:
    """Health of all teams, with its published weights and parts."""
    site = asked.site
    open_runs = site.overview.unfinished(asked.visitor.teams)
    newest = site.overview.newest(site.pairs(asked.visitor))
    teams = []
    for slug, name in team_names(site, asked.visitor).items():
        found = newest_figures(site, slug)
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
