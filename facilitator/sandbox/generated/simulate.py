"""Plays the whole history of the built-in world: the storyboards and, around them, ordinary work by dice.

The order in which things are entered is fixed and all chance comes from one seeded source, so that a seed
always gives the same world. Turning the outcome into a pack is `pack.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from facilitator.sandbox.generated.backlog import CLOSED, SUPPORT, WAITING
from facilitator.sandbox.generated.blueprint import lay_out, plan_sprints
from facilitator.sandbox.generated.flow import Workshop
from facilitator.sandbox.generated.history import Board
from facilitator.sandbox.generated.hours import german_hours
from facilitator.sandbox.generated.people import DOERS
from facilitator.sandbox.generated.rounds import Rounds
from facilitator.sandbox.generated.stage import Stage
from facilitator.sandbox.generated.storyboard_now import NOW
from facilitator.sandbox.generated.storyboard_past import PAST
from facilitator.sandbox.generated.storyteller import Storyteller
from facilitator.sandbox.generated.titles import SPRINT_IDEAS, Idea

MOST_PAST_SPRINTS = 8
"""More would run out of titles."""
SPRINT_DAYS_SEEN = 8
"""The storyboard of the active sprint needs this many of its working days, that of `as_of` included."""
IDEAS_PER_SPRINT = 9


def simulate(seed: int, as_of: datetime, past_sprints: int) -> Stage:
    """Play the world up to and including `as_of`.

    ValueError where the world cannot be told: `as_of` without a zone, off the working days or too early in its
    week, or a number of sprints outside 1 to 8.
    """
    stage = _open_stage(Random(seed), as_of, past_sprints)
    rounds, workshop = Rounds(stage), Workshop(stage)
    teller = Storyteller(stage, rounds, as_of)
    for script in (*PAST, *NOW):
        teller.tell(script)
    _enter_rounds(stage, rounds)
    _enter_ideas(stage, rounds, workshop, as_of)
    for person in DOERS:
        stage.agenda.at(
            stage.later(stage.plan.sprints[0].start, 0.3, 2.5), partial(workshop.look_for_work, person)
        )
    stage.agenda.run_until(as_of)
    return stage


def _open_stage(rng: Random, as_of: datetime, past_sprints: int) -> Stage:
    if as_of.tzinfo is None:
        raise ValueError(f"as_of {as_of} has no time zone; give an aware datetime")
    if not 1 <= past_sprints <= MOST_PAST_SPRINTS:
        raise ValueError(f"past_sprints is {past_sprints}; choose 1 to {MOST_PAST_SPRINTS}")
    hours = german_hours(as_of.date() - timedelta(days=365), as_of.date() + timedelta(days=21))
    sprints = plan_sprints(hours, as_of, past_sprints, rng)
    today = hours.local_day(as_of)
    if today not in sprints[-1].days[SPRINT_DAYS_SEEN - 1 :]:
        raise ValueError(
            f"as_of {today} cannot be the present of this world; choose a Wednesday, Thursday or Friday "
            "that is a working day in Germany, in a fortnight without a holiday before it"
        )
    founded = hours.shift(min(sprints[0].days[0], hours.shift(sprints[-1].days[0], -45)), -30)
    plan = lay_out(sprints, hours.at(founded, "09:00"))
    return Stage(plan, hours, rng, Board(plan))


def _enter_rounds(stage: Stage, rounds: Rounds) -> None:
    """Planning before each closed sprint, and what happens at its close. The active one is in the storyboard."""
    for sprint in stage.plan.sprints[:-1]:
        eve = stage.hours.shift(sprint.days[0], -1)
        stage.agenda.at(stage.hours.at(eve, "15:00"), partial(rounds.plan, sprint))
        stage.agenda.at((sprint.closed or sprint.end) + timedelta(minutes=2), partial(rounds.close, sprint))
    for sprint in stage.rng.sample(stage.plan.sprints[:-1], min(2, len(stage.plan.sprints) - 1)):
        stage.agenda.at(_moment(stage, sprint.days[2:3]), partial(rounds.descope, sprint))


def _enter_ideas(stage: Stage, rounds: Rounds, workshop: Workshop, as_of: datetime) -> None:
    """Spread the birth of ordinary tasks over the time: for each sprint, late ones, the backlog, support."""
    ideas = stage.rng.sample(SPRINT_IDEAS, len(SPRINT_IDEAS))
    past = stage.plan.sprints[:-1]
    for sprint in past:
        first = stage.hours.shift(sprint.days[0], -18)
        spread = stage.hours.between(first, stage.hours.shift(sprint.days[0], -2))
        for _ in range(IDEAS_PER_SPRINT):
            stage.agenda.at(_moment(stage, spread), partial(rounds.capture, ideas.pop()))
    small = [idea for idea in ideas if (idea.points or 0) <= 3]
    for sprint in past:
        for _ in range(min(stage.rng.choice((1, 1, 2, 3)), len(small))):
            stage.agenda.at(_moment(stage, sprint.days[1:6]), partial(rounds.add_late, small.pop(), sprint))
    _enter_backlog(stage, rounds, as_of)
    for idea in SUPPORT:
        day = _moment(stage, stage.rng.choice(past).days[:-1])
        stage.agenda.at(day, partial(workshop.support, idea))


def _enter_backlog(stage: Stage, rounds: Rounds, as_of: datetime) -> None:
    today = stage.hours.local_day(as_of)
    days = stage.hours.between(stage.hours.local_day(stage.plan.founded), stage.hours.shift(today, -2))
    for idea in WAITING:
        stage.agenda.at(_moment(stage, days[5:]), partial(_keep, rounds, idea))
    for idea, resolution, reason in CLOSED:
        place = stage.rng.randrange(5, len(days) - 12)
        event = partial(_keep_and_dismiss, stage, rounds, (idea, resolution, reason))
        stage.agenda.at(_moment(stage, days[place : place + 1]), event)


def _keep(rounds: Rounds, idea: Idea, now: datetime) -> None:
    rounds.capture(idea, now, ready=False)


def _keep_and_dismiss(stage: Stage, rounds: Rounds, closing: tuple[Idea, str, str], now: datetime) -> None:
    idea, resolution, reason = closing
    item = rounds.capture(idea, now, ready=False)
    stage.agenda.at(stage.later(now, 20, 80), partial(rounds.dismiss, item, resolution, reason))


def _moment(stage: Stage, days: Sequence[date]) -> datetime:
    """Some minute of office hours on one of these days."""
    opening = stage.hours.at(stage.rng.choice(days), "09:05")
    return opening + timedelta(seconds=stage.rng.randint(0, 7 * 3600))
