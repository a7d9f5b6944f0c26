"""Quality: how the documents of twelve weeks fared with graders, people, time and readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from facilitator.runs.followups import Complaint, Echoes, Truths
from facilitator.runs.overview import Verdicts
from facilitator.runs.weeks import WEEKS, mondays
from facilitator.web.site import Site
from facilitator.web.views.asking import Asked
from facilitator.web.views.standing import title_of, zone_of

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
