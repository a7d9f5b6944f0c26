"""The rounds of a sprint: refinement, planning, late additions, closing. Moves tasks between backlog and sprints.

Planning ends on the working day before a sprint starts, so that what was planned is committed at the start;
what is open at the close is carried over right after it. Working on tasks is `flow.py`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from facilitator.sandbox.generated import phrases
from facilitator.sandbox.generated.blueprint import (
    BACKLOG,
    DONE,
    IN_REVIEW,
    RESOLUTION,
    SPRINT,
    TO_DO,
    Sprint,
)
from facilitator.sandbox.generated.history import Act, Item, birth_fields
from facilitator.sandbox.generated.people import DOERS, FORMER, LEAD, OWNER
from facilitator.sandbox.generated.stage import Stage, due_day
from facilitator.sandbox.generated.titles import Idea

PRIORITIES = ("Critical", "High", "High", "Medium", "Medium", "Medium", "Medium", "Low")
SIZES = (1, 2, 3, 5, 8)
CREATORS = (OWNER, OWNER, OWNER, LEAD, *(person.key for person in DOERS))
MOST_TASKS = 13


class Rounds:
    """Keeps the list of tasks that are ready to be planned."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ready: list[Item] = []

    def capture(self, idea: Idea, now: datetime, *, ready: bool = True) -> Item:
        """Write an idea into the backlog; most get their estimate later, in a refinement."""
        stage, rng = self.stage, self.stage.rng
        early = now < stage.plan.sprints[0].start
        author = FORMER if early and rng.random() < 0.12 else rng.choice(CREATORS)
        known = idea.points if rng.random() < 0.4 else None
        priority = rng.choice(PRIORITIES) if rng.random() < 0.95 else None
        item = stage.board.create(idea, Act(now, author), fields=birth_fields(idea, priority, known))
        if known is None and idea.points is not None and rng.random() < 0.9:
            stage.agenda.at(stage.later(now, 4, 14), partial(self._refine, item, idea.points))
        if ready:
            self.ready.append(item)
        return item

    def dismiss(self, item: Item, resolution: str, reason: str, now: datetime) -> None:
        """Close a task out of the backlog without doing it."""
        act = Act(now, OWNER)
        self.stage.board.say(item, act, reason)
        self.stage.board.complete(item, act, resolution)

    def plan(self, sprint: Sprint, now: datetime) -> None:
        """Fill a sprint from what is ready, up to what the team believes it can do."""
        stage = self.stage
        target = stage.rng.randint(29, 37)
        chosen = [*stage.in_sprint(sprint), *self._likely_carried(sprint)]
        points, count = sum(item.points or 0 for item in chosen), len(chosen)
        for item in sorted(self.ready, key=self._urgency):
            size = item.points or 0
            if count < MOST_TASKS and points + size <= target:
                points, count = points + size, count + 1
                self.ready.remove(item)
                moment = now + timedelta(seconds=40 * count)
                stage.agenda.at(moment, partial(self._commit, item, sprint))

    def add_late(self, idea: Idea, sprint: Sprint, now: datetime) -> None:
        """Scope creep: a new task goes straight into the running sprint."""
        stage, rng = self.stage, self.stage.rng
        act = Act(now, rng.choice((OWNER, OWNER, LEAD)))
        points = idea.points if rng.random() < 0.75 else None
        at_birth = sprint.name if rng.random() < 0.5 else None
        fields = birth_fields(idea, rng.choice(("Critical", "High", "Medium")), points, at_birth)
        item = stage.board.create(idea, act, section=TO_DO, fields=fields)
        stage.board.choose(item, act, SPRINT, sprint.name)
        stage.board.say(item, act, stage.draw("added", phrases.ADDED))

    def descope(self, sprint: Sprint, now: datetime) -> None:
        """Take one task that nobody has begun out of the running sprint, if there are two to spare."""
        stage = self.stage
        waiting = [
            item for item in stage.in_sprint(sprint) if stage.section(item) == TO_DO and not item.scripted
        ]
        if len(waiting) >= 2:
            self.drop(waiting[-1], Act(now, OWNER), stage.draw("descoped", phrases.DESCOPED))
            self.ready.append(waiting[-1])

    def drop(self, item: Item, act: Act, reason: str) -> None:
        """Back to the backlog, out of its sprint, without a due date."""
        board = self.stage.board
        board.say(item, act, reason)
        board.choose(item, act, SPRINT, None)
        board.move(item, act, BACKLOG)
        board.set_due(item, act, {})

    def close(self, sprint: Sprint, now: datetime) -> None:
        """After the close: what is open goes into the next sprint, some of what was not begun back to the backlog."""
        stage = self.stage
        following = stage.plan.sprints[sprint.index + 1]
        open_items = [item for item in stage.in_sprint(sprint) if item.completed is None]
        for number, item in enumerate(open_items):
            moment = now + timedelta(seconds=20 * number)
            if stage.section(item) == TO_DO and not item.scripted and stage.rng.random() < 0.4:
                stage.agenda.at(moment, partial(self._give_back, item))
            else:
                stage.agenda.at(moment, partial(self._carry, item, following))

    def commit(self, item: Item, sprint: Sprint, act: Act) -> None:
        """Put a task into a sprint and into the To do column."""
        self.stage.board.choose(item, act, SPRINT, sprint.name)
        self.stage.board.move(item, act, TO_DO)

    def _refine(self, item: Item, points: int, now: datetime) -> None:
        if item.points is None and RESOLUTION not in item.fields:
            self.stage.board.estimate(item, Act(now, LEAD), points)

    def _commit(self, item: Item, sprint: Sprint, now: datetime) -> None:
        stage, rng, act = self.stage, self.stage.rng, Act(now, OWNER)
        self.commit(item, sprint, act)
        if rng.random() < 0.7:
            day = sprint.days[-1] if rng.random() < 0.8 else rng.choice(sprint.days[3:-1])
            stage.board.set_due(item, act, due_day(day))
        if rng.random() < 0.6:
            skilled = [person.key for person in DOERS if item.idea.area in person.skills]
            stage.board.assign(item, act, rng.choice(skilled))

    def _give_back(self, item: Item, now: datetime) -> None:
        self.drop(item, Act(now, LEAD), self.stage.draw("returned", phrases.RETURNED))
        self.ready.append(item)

    def _carry(self, item: Item, sprint: Sprint, now: datetime) -> None:
        stage, act = self.stage, Act(now, LEAD)
        stage.board.choose(item, act, SPRINT, sprint.name)
        if item.due:
            stage.board.set_due(item, act, due_day(sprint.days[-1]))
        if not item.scripted and stage.section(item) != TO_DO:
            stage.board.say(item, act, stage.draw("carried", phrases.CARRIED))

    def _likely_carried(self, sprint: Sprint) -> list[Item]:
        if sprint.index == 0:
            return []
        running = self.stage.in_sprint(self.stage.plan.sprints[sprint.index - 1])
        return [item for item in running if self.stage.section(item) not in {IN_REVIEW, DONE}]

    def _urgency(self, item: Item) -> tuple[int, str]:
        rank = {"Critical": 0, "High": 1, "Medium": 2, "Low": 3}
        return rank.get(str(item.fields.get("Priority")), 2), item.gid
