"""How people of the built-in world work on tasks: pick one, build, review, finish; sometimes stuck or reopened.

Each person has one task in hand at a time. Scripted tasks are left alone, the storyboards move those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from facilitator.sandbox.generated import phrases
from facilitator.sandbox.generated.blueprint import IN_PROGRESS, IN_REVIEW, TO_DO, Sprint
from facilitator.sandbox.generated.history import Act, Item
from facilitator.sandbox.generated.people import DOERS, Person
from facilitator.sandbox.generated.rounds import SIZES
from facilitator.sandbox.generated.stage import Stage
from facilitator.sandbox.generated.titles import Idea

FIXED_HOURS, HOURS_PER_POINT = 4.0, 6.5
"""Working hours a task takes before anybody reviews it: a part for every task and one that grows with its size."""
LATE_DAYS = 11
"""Calendar days in work after which somebody writes down why it took so long."""


class Workshop:
    """Moves ordinary tasks from To do to Done."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._begun: dict[str, datetime] = {}
        self._stuck_in: set[int] = set()

    def look_for_work(self, person: Person, now: datetime) -> None:
        """Take the next task of the running sprint, or look again a little later."""
        stage = self.stage
        sprint = stage.plan.sprint_at(now)
        item = self._next_for(person, sprint) if sprint else None
        if sprint is None or item is None:
            stage.agenda.at(stage.later(now, 3, 6), partial(self.look_for_work, person))
            return
        self._start(item, person, sprint, now)

    def support(self, idea: Idea, now: datetime) -> None:
        """A small case that is done within hours and never enters a sprint."""
        stage = self.stage
        person = stage.rng.choice([doer for doer in DOERS if idea.area in doer.skills])
        item = stage.board.create(
            idea, Act(now, "tomasz"), section=TO_DO, fields={"Type": idea.kind}, scripted=True
        )
        stage.board.assign(item, Act(now, "tomasz"), person.key)
        began = stage.later(now, 0.5, 3)
        stage.agenda.at(began, lambda at: stage.board.move(item, Act(at, person.key), IN_PROGRESS))
        stage.agenda.at(
            stage.later(began, 0.5, 5), lambda at: stage.board.complete(item, Act(at, person.key))
        )

    def _next_for(self, person: Person, sprint: Sprint) -> Item | None:
        stage = self.stage
        waiting = [
            item for item in stage.in_sprint(sprint) if stage.section(item) == TO_DO and not item.scripted
        ]
        mine = [item for item in waiting if item.assignee in {None, person.key}]
        near = [item for item in mine if item.assignee or item.idea.area in person.skills]
        return next(iter([*sorted(near, key=lambda item: item.assignee is None), *mine, *waiting]), None)

    def _start(self, item: Item, person: Person, sprint: Sprint, now: datetime) -> None:
        stage, rng, act = self.stage, self.stage.rng, Act(now, person.key)
        stage.board.assign(item, act, person.key)
        stage.board.move(item, act, IN_PROGRESS)
        self._begun.setdefault(item.gid, now)
        if rng.random() < 0.4:
            text = stage.draw(item.idea.area, phrases.CHATTER[item.idea.area])
            stage.agenda.at(
                stage.later(now, 1, 3), lambda at: stage.board.say(item, Act(at, person.key), text)
            )
        if rng.random() < 0.15:
            stage.agenda.at(stage.later(now, 3, 3.5), partial(self._re_estimate, item, person))
        hours = (FIXED_HOURS + HOURS_PER_POINT * (item.points or 2)) * rng.lognormvariate(0, 0.35)
        hours = max(hours, 4)
        if self._gets_stuck(item, sprint, now):
            hours += self._stick(item, person, now)
        stage.agenda.at(stage.hours.add(now, hours), partial(self._submit, item, person))

    def _gets_stuck(self, item: Item, sprint: Sprint, now: datetime) -> bool:
        """Once in most sprints, early enough to be resolved before the close; never in the active sprint."""
        early = now < sprint.start + timedelta(days=6)
        if sprint.closed is None or not early or sprint.index in self._stuck_in or (item.points or 0) < 3:
            return False
        self._stuck_in.add(sprint.index)
        return self.stage.rng.random() < 0.8

    def _stick(self, item: Item, person: Person, now: datetime) -> float:
        """Enter a blocked episode of some working days; the answer is its length in hours."""
        stage = self.stage
        reason, resolved = stage.draw("blocked", phrases.BLOCKED)
        begins = stage.hours.add(now, 3.6)
        hours = stage.rng.uniform(16, 34)

        def begin(at: datetime) -> None:
            stage.board.block(item, Act(at, person.key), blocked=True)
            stage.board.say(item, Act(at, person.key), reason)

        def end(at: datetime) -> None:
            stage.board.say(item, Act(at, person.key), resolved)
            stage.board.block(item, Act(at, person.key), blocked=False)

        stage.agenda.at(begins, begin)
        stage.agenda.at(stage.hours.add(begins, hours), end)
        return hours

    def _re_estimate(self, item: Item, person: Person, now: datetime) -> None:
        stage = self.stage
        if item.points in SIZES[:4]:
            place = SIZES.index(item.points)
            bigger = place == 0 or stage.rng.random() < 0.7
            text = phrases.RE_ESTIMATED[0] if bigger else phrases.RE_ESTIMATED[1]
            stage.board.say(item, Act(now, person.key), text)
            stage.board.estimate(item, Act(now, person.key), SIZES[place + (1 if bigger else -1)])

    def _submit(self, item: Item, person: Person, now: datetime) -> None:
        stage, act = self.stage, Act(now, person.key)
        stage.board.move(item, act, IN_REVIEW)
        stage.board.say(item, act, stage.write(stage.draw("pull", phrases.PULL_REQUEST)))
        stage.agenda.at(stage.later(now, 2, 9), partial(self._review, item, person))
        stage.agenda.at(stage.later(now, 0.2, 1.5), partial(self.look_for_work, person))

    def _review(self, item: Item, person: Person, now: datetime) -> None:
        stage, rng = self.stage, self.stage.rng
        reviewer = rng.choice([doer for doer in DOERS if doer is not person])
        if rng.random() < 0.2:
            self._send_back(item, person, reviewer, now)
            return
        if rng.random() < 0.75:
            stage.board.say(item, Act(now, reviewer.key), self._opinion(item, "approved", phrases.APPROVED))
        stage.agenda.at(stage.later(now, 0.2, 2), partial(self._finish, item, person))

    def _opinion(self, item: Item, deck: str, cards: Mapping[str, Sequence[str]]) -> str:
        """What a reviewer says, after trying it or after reading it."""
        kind = "service" if item.idea.area in phrases.SERVICE_AREAS else "screen"
        return self.stage.draw(f"{deck} {kind}", cards[kind])

    def _send_back(self, item: Item, person: Person, reviewer: Person, now: datetime) -> None:
        stage = self.stage
        stage.board.say(item, Act(now, reviewer.key), self._opinion(item, "changes", phrases.CHANGES))
        stage.board.move(item, Act(now, reviewer.key), IN_PROGRESS)

        def rework(at: datetime) -> None:
            stage.board.say(item, Act(at, person.key), stage.write(stage.draw("rework", phrases.REWORKED)))
            stage.board.move(item, Act(at, person.key), IN_REVIEW)
            stage.agenda.at(stage.later(at, 1, 4), partial(self._finish, item, person))

        stage.agenda.at(stage.later(now, 2, 6), rework)

    def _finish(self, item: Item, person: Person, now: datetime) -> None:
        stage, rng, act = self.stage, self.stage.rng, Act(now, person.key)
        if now - self._begun[item.gid] > timedelta(days=LATE_DAYS):
            stage.board.say(item, act, stage.draw("cause", phrases.ROOT_CAUSE))
        stage.board.complete(item, act)
        sprint = stage.plan.sprint_at(now)
        back = stage.later(now, 3, 7)
        if sprint and sprint.closed and back + timedelta(days=2) < sprint.end and rng.random() < 0.09:
            stage.agenda.at(back, partial(self._come_back, item, person))

    def _come_back(self, item: Item, person: Person, now: datetime) -> None:
        stage = self.stage
        act = Act(now, "fatima")
        stage.board.say(item, act, stage.draw("reopened", phrases.REOPENED))
        stage.board.reopen(item, act, IN_PROGRESS)
        stage.agenda.at(stage.later(now, 3, 8), partial(self._submit_fix, item, person))

    def _submit_fix(self, item: Item, person: Person, now: datetime) -> None:
        self.stage.board.say(
            item, Act(now, person.key), self.stage.write("Fix is in {pr}, with a test this time.")
        )
        self.stage.board.complete(item, Act(now, person.key))
