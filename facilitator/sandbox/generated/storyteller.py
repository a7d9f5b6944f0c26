"""Performs the storyboards: turns each step into an event on the agenda, and the event into verbs of the board.

It decides nothing about what happens; that is written in `storyboard_past.py` and `storyboard_now.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from types import MappingProxyType

from facilitator.sandbox.generated.blueprint import BLOCKED, IN_PROGRESS, IN_REVIEW, TYPE, Sprint
from facilitator.sandbox.generated.history import Act, Board, Item, birth_fields, stamp
from facilitator.sandbox.generated.rounds import Rounds
from facilitator.sandbox.generated.script import Script, Step
from facilitator.sandbox.generated.stage import Stage, due_day


class Storyteller:
    """Enters scripts into the agenda and performs their steps when the time comes."""

    def __init__(self, stage: Stage, rounds: Rounds, as_of: datetime) -> None:
        self.stage = stage
        self.rounds = rounds
        self.cast: dict[str, Item] = {}
        self._today = stage.hours.local_day(as_of)

    def tell(self, script: Script) -> bool:
        """Schedule a script; one that begins in an earlier sprint than the world has is left out (False)."""
        if self._missing(script.steps[0]):
            return False
        moment = self.stage.plan.founded
        for number, step in enumerate(step for step in script.steps if not self._missing(step)):
            event = partial(self._perform, script, step) if number else partial(self._create, script, step)
            moment = max(self._moment(step), moment + timedelta(seconds=8))
            self.stage.agenda.at(moment, event)
        return True

    def _missing(self, step: Step) -> bool:
        return -(step.sprint or 0) >= len(self.stage.plan.sprints)

    def sprint(self, back: int) -> Sprint:
        """The active sprint (0) or one before it (-1, -2 ...)."""
        return self.stage.plan.sprints[back - 1]

    def day(self, step: Step, number: int) -> date:
        """A working day, counted as the step counts its own; never past the last day of the step's sprint."""
        if step.sprint is None:
            return self.stage.hours.shift(self._today, number)
        days = self.sprint(step.sprint).days
        return self.stage.hours.shift(days[0], min(number, len(days)) - 1)

    def _moment(self, step: Step) -> datetime:
        second = self.stage.rng.randint(0, 59)
        return self.stage.hours.at(self.day(step, step.day), f"{step.clock}:{second:02d}")

    def _create(self, script: Script, step: Step, now: datetime) -> None:
        fields = birth_fields(script.idea, script.priority, script.idea.points)
        if script.untyped:
            del fields[TYPE]
        self.cast[script.key] = self.stage.board.create(
            script.idea, Act(now, step.who), section=step.value, fields=fields, scripted=True
        )

    def _perform(self, script: Script, step: Step, now: datetime) -> None:
        VERBS[step.verb](self, self.cast[script.key], step, Act(now, step.who))


Verb = Callable[[Storyteller, Item, Step, Act], None]


def _plan(teller: Storyteller, item: Item, step: Step, act: Act) -> None:
    """Into a sprint, `value` counting as sprints of steps do."""
    teller.rounds.commit(item, teller.sprint(int(step.value)), act)


def _start(teller: Storyteller, item: Item, step: Step, act: Act) -> None:
    """The acting person takes the task and begins."""
    teller.stage.board.assign(item, act, step.who)
    teller.stage.board.move(item, act, IN_PROGRESS)


def _submit(teller: Storyteller, item: Item, step: Step, act: Act) -> None:
    """Into review, with a comment that says where to look."""
    teller.stage.board.move(item, act, IN_REVIEW)
    teller.stage.board.say(item, act, teller.stage.write(step.value))


def _due(teller: Storyteller, item: Item, step: Step, act: Act) -> None:
    """Due on a working day of the step's sprint: `5`, or `9 15:00` for an instant."""
    number, _, clock = step.value.partition(" ")
    day = teller.day(step, int(number))
    at = {"due_at": stamp(teller.stage.hours.at(day, clock))} if clock else {}
    teller.stage.board.set_due(item, act, due_day(day) | at)


def _block(teller: Storyteller, item: Item, step: Step, act: Act) -> None:
    teller.stage.board.block(item, act, blocked=True)
    teller.stage.board.say(item, act, step.value)


def _unblock(teller: Storyteller, item: Item, step: Step, act: Act) -> None:
    teller.stage.board.say(item, act, step.value)
    teller.stage.board.choose(item, act, BLOCKED, "Not blocked")


def _say(teller: Storyteller, item: Item, step: Step, act: Act) -> None:
    teller.stage.board.say(item, act, teller.stage.write(step.value))


def _split_from(teller: Storyteller, item: Item, step: Step, _act: Act) -> None:
    """The task becomes a subtask of another one, from its creation on: Asana tells no story of it."""
    item.parent = teller.cast[step.value].gid


def _on_board(act_on: Callable[[Board, Item, Act, str], None]) -> Verb:
    """A verb that hands its value to one verb of the board."""

    def verb(teller: Storyteller, item: Item, step: Step, act: Act) -> None:
        act_on(teller.stage.board, item, act, step.value)

    return verb


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "plan": _plan,
        "start": _start,
        "submit": _submit,
        "due": _due,
        "block": _block,
        "unblock": _unblock,
        "say": _say,
        "split_from": _split_from,
        "depend": lambda teller, item, step, act: teller.stage.board.depend(
            item, act, teller.cast[step.value]
        ),
        "drop": lambda teller, item, step, act: teller.rounds.drop(item, act, step.value),
        "assign": _on_board(lambda board, item, act, value: board.assign(item, act, value or None)),
        "estimate": _on_board(
            lambda board, item, act, value: board.estimate(item, act, int(value) if value else None)
        ),
        "move": _on_board(lambda board, item, act, value: board.move(item, act, value)),
        "home": _on_board(lambda board, item, act, value: board.add_home(item, act, value)),
        "done": _on_board(lambda board, item, act, value: board.complete(item, act, value or "Done")),
        "reopen": _on_board(lambda board, item, act, value: board.reopen(item, act, value)),
        "rename": _on_board(lambda board, item, act, value: board.rename(item, act, value)),
    }
)
"""What a step can do; storyboards name these."""
