"""Learning how right the documents were: predictions held against later boards, and what people said of them.

A chore of the serving process. A look reads the run log, and of Asana one list of comments for each recent document, a
bounded number at a time; nothing here writes to Asana. A team that is not configured any more is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from facilitator.board.board import Board
from facilitator.board.prediction import outcome, predictions
from facilitator.board.rules import BoardRules
from facilitator.board.snapshot import TaskGid
from facilitator.errors import FacilitatorError
from facilitator.runs.followups import Document, Followups, Opinion
from facilitator.runs.ports import Echo, Tracker
from facilitator.runs.store import RunStore

log = structlog.get_logger()

LOOK_BACK = timedelta(minutes=30)
"""How often the process looks."""

ASKED_FOR = timedelta(days=14)
ASKED_EVERY = timedelta(hours=6)
AT_ONCE = 20
LOST_AFTER = timedelta(days=30)
"""A prediction whose tasks are gone for so long after its day will never be known."""

WRONG = "wrong:"
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Learner:
    """What is needed to look back; `rules` and `tracker` answer for a team, None where it is not configured."""

    store: RunStore
    followups: Followups
    rules: Callable[[str], BoardRules | None]
    tracker: Callable[[str], Tracker | None]
    clock: Callable[[], datetime]
    seen: dict[str, datetime] = field(default_factory=dict)
    """The instant of the newest board by which each team's predictions were scored."""

    async def turn(self) -> None:
        """One look: note what new documents foretold, score what is known by now, ask what people said."""
        self.note()
        self.score()
        await self.ask()

    def note(self) -> None:
        """Write down the predictions of documents that were written since the last look."""
        for run_id in self.followups.unpredicted(AT_ONCE):
            run = self.store.get(run_id)
            facts, snapshot, rules = (
                self.store.facts(run.id),
                self.store.snapshot(run.id),
                self.rules(run.team),
            )
            known = predictions(facts, Board.of(snapshot, rules)) if facts and snapshot and rules else ()
            self.followups.keep(run.id, known, now=self.clock())

    def score(self) -> None:
        """Hold what is open against each team's newest board, where that is newer than last time."""
        pending = self.followups.pending()
        for team in sorted({one.team for one in pending}):
            rules, snapshot = self.rules(team), self.store.latest_snapshot(team)
            if rules is None or snapshot is None or self.seen.get(team) == snapshot.as_of:
                continue
            board = Board.of(snapshot, rules)
            for one in (each for each in pending if each.team == team):
                truth = outcome(one.prediction, board)
                if truth is not None or board.as_of >= one.prediction.by + LOST_AFTER:
                    self.followups.score(one, truth, now=self.clock())
            self.seen[team] = snapshot.as_of

    async def ask(self) -> None:
        """Read what was said of recent documents, a few at a time; a task that cannot be read waits for its next turn."""
        now = self.clock()
        for document in self.followups.to_ask(
            written_since=now - ASKED_FOR, asked_before=now - ASKED_EVERY, limit=AT_ONCE
        ):
            tracker = self.tracker(document.team)
            if tracker is None:
                continue
            try:
                echoes, me = await tracker.read_echoes(TaskGid(document.task)), (await tracker.me()).gid
            except FacilitatorError as error:
                log.warning("feedback_not_read", run=document.run, error=error.message)
                continue
            told = opinions(document, echoes, self.followups.stories_on(document.task), me)
            self.followups.heard(document.run, told, now=now)


def opinions(
    document: Document, echoes: Sequence[Echo], documents: Iterable[str], me: str
) -> Iterator[Opinion]:
    """What these comments say of one document: replies that begin with `wrong:`, up to the next document, and reactions."""
    ours = next((echo for echo in echoes if echo.gid == document.story), None)
    if ours is None:
        return
    others = {gid for gid in documents if gid != document.story}
    ends = [echo.at for echo in echoes if echo.gid in others and echo.at > ours.at]
    until = min(ends, default=None)
    for echo in echoes:
        within = echo.at > ours.at and (until is None or echo.at < until)
        if within and echo.by != me and echo.text.strip().casefold().startswith(WRONG):
            words = echo.text.strip()[len(WRONG) :].strip()[:LONGEST]
            yield Opinion(document.run, echo.gid, "wrong", echo.by, words, 1, echo.at)
    for kind, times in (("like", ours.likes), ("dislike", ours.dislikes)):
        if times:
            yield Opinion(document.run, f"{ours.gid}:{kind}", kind, "", "", times, ours.at)
