"""The rounds of a sprint, each on a stage of its own: what is planned, given back, taken out and carried on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from random import Random

import pytest

from facilitator.sandbox.generated.blueprint import BACKLOG, SPRINT, TO_DO, lay_out, plan_sprints
from facilitator.sandbox.generated.history import Act, Board, Item
from facilitator.sandbox.generated.hours import german_hours
from facilitator.sandbox.generated.rounds import MOST_TASKS, Rounds
from facilitator.sandbox.generated.stage import Agenda, Stage
from facilitator.sandbox.generated.titles import STORY, Idea

LATER = datetime(2026, 12, 1, tzinfo=UTC)


class Always(Random):
    """Dice that always fall on the same side, so that a rule of chance can be asked for either way."""

    side = 0.0

    def random(self) -> float:
        """The chosen side."""
        return self.side


@pytest.fixture
def stage() -> Stage:
    """Two sprints, nothing in them, and dice that say yes to everything."""
    hours = german_hours(date(2026, 1, 1), date(2026, 12, 31))
    now = datetime(2026, 6, 10, 7, tzinfo=UTC)
    plan = lay_out(plan_sprints(hours, now, 1, Random(1)), hours.at(date(2026, 3, 2), "09:00"))
    return Stage(plan, hours, Always(1), Board(plan))


@pytest.fixture
def rounds(stage: Stage) -> Rounds:
    """The team's rounds on that stage."""
    return Rounds(stage)


def waiting(stage: Stage, number: int = 1, points: int = 1) -> list[Item]:
    """So many tasks in the To do column of the first sprint."""
    sprint = stage.plan.sprints[0]
    fields: dict[str, int | str] = {SPRINT: sprint.name, "Story Points": points}
    ideas = [Idea(f"Splice rope {n}", STORY, points, "ops") for n in range(number)]
    return [
        stage.board.create(idea, Act(sprint.start, "tomasz"), section=TO_DO, fields=fields) for idea in ideas
    ]


def test_what_was_not_begun_may_go_back_to_the_backlog(stage: Stage, rounds: Rounds) -> None:
    """It leaves the sprint, loses its date, and is ready for the next planning."""
    (item,) = waiting(stage)
    rounds.close(stage.plan.sprints[0], stage.plan.sprints[0].end)
    stage.agenda.run_until(LATER)
    assert (stage.section(item), item.fields.get(SPRINT), item.due) == (BACKLOG, None, {})
    assert rounds.ready == [item]


def test_scripted_work_is_always_carried_on(stage: Stage, rounds: Rounds) -> None:
    """The storyboards count on it: no dice for a task with a script."""
    (item,) = waiting(stage)
    item.scripted = True
    rounds.close(stage.plan.sprints[0], stage.plan.sprints[0].end)
    stage.agenda.run_until(LATER)
    assert item.fields[SPRINT] == stage.plan.sprints[1].name


def test_finished_work_stays_in_its_sprint(stage: Stage, rounds: Rounds) -> None:
    """Closing a sprint moves what is open and nothing else."""
    (item,) = waiting(stage)
    stage.board.complete(item, Act(stage.plan.sprints[0].start, "yuki"))
    rounds.close(stage.plan.sprints[0], stage.plan.sprints[0].end)
    stage.agenda.run_until(LATER)
    assert item.fields[SPRINT] == stage.plan.sprints[0].name


def test_a_task_is_taken_out_only_where_one_can_be_spared(stage: Stage, rounds: Rounds) -> None:
    """With a single task waiting nothing is removed, with two the last one is."""
    sprint = stage.plan.sprints[0]
    (only,) = waiting(stage)
    rounds.descope(sprint, sprint.end)
    assert only.fields[SPRINT] == sprint.name
    (second,) = waiting(stage)
    rounds.descope(sprint, sprint.end)
    assert (only.fields.get(SPRINT), second.fields.get(SPRINT)) == (sprint.name, None)


@pytest.mark.parametrize(("points", "most"), [(1, MOST_TASKS), (8, 3)])
def test_planning_stops_at_what_the_team_can_do(stage: Stage, rounds: Rounds, points: int, most: int) -> None:
    """Either the number of tasks or their points fill a sprint; the rest stays ready."""
    sprint = stage.plan.sprints[0]
    eve = stage.hours.at(stage.hours.shift(sprint.days[0], -1), "15:00")
    for n in range(20):
        idea = Idea(f"Grease winch {n}", STORY, points, "ops")
        rounds.ready.append(stage.board.create(idea, Act(eve, "ingrid"), fields={"Story Points": points}))
    rounds.plan(sprint, eve)
    stage.agenda.run_until(sprint.start)
    assert len(stage.in_sprint(sprint)) == most
    assert len(rounds.ready) == 20 - most


def test_refinement_keeps_an_estimate_that_is_there_already(stage: Stage, rounds: Rounds) -> None:
    """Somebody was faster than the refinement: the first number stays."""
    stage.rng = Random(3)
    idea, now = Idea("Tar the pier", STORY, 5, "ops"), stage.plan.founded
    item = next(it for it in (rounds.capture(idea, now) for _ in range(20)) if it.points is None)
    stage.board.estimate(item, Act(now, "linh"), 2)
    stage.agenda.run_until(LATER)
    assert item.points == 2


def test_events_of_one_instant_run_in_the_order_they_were_entered() -> None:
    """The order decides the numbering of stories, so it may not depend on chance."""
    agenda, seen = Agenda(), list[int]()
    for number in range(5):
        agenda.at(LATER, partial(lambda number, _: seen.append(number), number))
    agenda.run_until(LATER)
    assert seen == [0, 1, 2, 3, 4]


def test_events_after_the_end_do_not_happen() -> None:
    """The present is included, a second later is not."""
    agenda, seen = Agenda(), list[datetime]()
    agenda.at(LATER, seen.append)
    agenda.at(LATER.replace(second=1), seen.append)
    agenda.run_until(LATER)
    assert seen == [LATER]


def test_a_deck_repeats_nothing_before_all_cards_were_seen(stage: Stage) -> None:
    """Comments read as if people wrote them, not as if dice did."""
    cards = ("a", "b", "c")
    drawn = [stage.draw("letters", cards) for _ in range(6)]
    assert sorted(drawn[:3]) == sorted(drawn[3:]) == list(cards)
