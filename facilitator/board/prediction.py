"""What a document foretold, in a form that a later board can prove right or wrong; and how right it was. Pure.

Every prediction is about one event: all these tasks are done by that instant. A forecast's date gives it a probability, a
verdict or a status only a yes or no. Scores: the share of hits, the Brier score of the probabilities (0 is perfect, 0.25
is a coin), and a table of what was said against what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from facilitator.board.board import Board
from facilitator.board.facts import Facts
from facilitator.board.weekly import in_focus

PROBABILITIES: Mapping[str, float] = {"forecast.p15": 0.15, "forecast.p50": 0.5, "forecast.p85": 0.85}
"""Facts that give a date by which all open work is done, and how sure they are of it."""

VERDICTS: Mapping[str, bool] = {
    "on track": True,
    "on_track": True,
    "at risk": False,
    "at_risk": False,
    "off track": False,
    "off_track": False,
}
"""Words of our rules, and whether they say that the sprint's work will be done by its end."""

SAID_BY = ("sprint.verdict", "status.type")


@dataclass(frozen=True, slots=True)
class Prediction:
    """All of `tasks` are done by `by`: with this probability, or (None) simply yes or no as `expected` says.

    `fact` is the fact that said it and `said` its word or date.
    """

    fact: str
    said: str
    by: datetime
    expected: bool
    probability: float | None
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A prediction whose truth is known."""

    fact: str
    said: str
    expected: bool
    probability: float | None
    happened: bool


@dataclass(frozen=True, slots=True)
class Level:
    """One line of the calibration table: what was said, how often, and how often the work was done in time."""

    said: str
    times: int
    happened: int

    @property
    def share(self) -> float:
        """How often it happened, 0 to 1."""
        return self.happened / self.times


def predictions(facts: Facts, board: Board) -> tuple[Prediction, ...]:
    """What the document of these facts foretold of the board it was made from; empty where it foretold nothing."""
    found = []
    focus = in_focus(board)
    for key, probability in PROBABILITIES.items():
        fact = facts.facts.get(key)
        if fact and fact.unit == "date" and isinstance(fact.value, str) and focus:
            by = _end_of(date.fromisoformat(fact.value), board)
            found.append(Prediction(key, fact.value, by, probability >= 0.5, probability, focus))
    sprint = board.current_sprint()
    if sprint is None or sprint.end <= board.as_of:
        return tuple(found)
    scope = set(board.scope(sprint, board.as_of))
    open_now = tuple(each.task.gid for each in board.open_tasks() if each.task.gid in scope)
    for key in SAID_BY:
        fact = facts.facts.get(key)
        word = str(fact.value).casefold() if fact else ""
        if word in VERDICTS and open_now:
            found.append(Prediction(key, word.replace("_", " "), sprint.end, VERDICTS[word], None, open_now))
    return tuple(found)


def outcome(prediction: Prediction, board: Board) -> bool | None:
    """Whether it came true, as a later board shows; None where that cannot be known yet, or no task of it is left."""
    known = [board.histories[gid] for gid in prediction.tasks if gid in board.histories]
    if not known:
        return None
    look = min(prediction.by, board.as_of)
    done = all(board.state(history, look) == "done" for history in known)
    if done:
        return True
    return False if board.as_of >= prediction.by else None


def hit_rate(scored: Iterable[Scored]) -> float | None:
    """The share of predictions whose yes or no came true; None where none is known."""
    hits = [one.expected == one.happened for one in scored]
    return sum(hits) / len(hits) if hits else None


def brier(scored: Iterable[Scored]) -> float | None:
    """The mean squared distance of the probabilities from what came (1 or 0); None where none had a probability."""
    squares = [(one.probability - one.happened) ** 2 for one in scored if one.probability is not None]
    return sum(squares) / len(squares) if squares else None


def calibration(scored: Sequence[Scored]) -> tuple[Level, ...]:
    """Per thing said, sure things last: probabilities as percent, verdicts by their word."""
    levels: dict[tuple[float, str], list[bool]] = {}
    for one in scored:
        said = one.said if one.probability is None else f"{one.probability:.0%}"
        levels.setdefault((one.probability if one.probability is not None else -1.0, said), []).append(
            one.happened
        )
    return tuple(Level(said, len(seen), sum(seen)) for (_, said), seen in sorted(levels.items()))


def _end_of(day: date, board: Board) -> datetime:
    """The last moment of a date where the team lives."""
    return datetime.combine(day + timedelta(days=1), time(), board.rules.zone)
