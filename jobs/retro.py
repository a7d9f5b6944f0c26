"""Sprint retro: the facts of the sprint that just ended, what became of earlier actions, and what to talk about.

Purpose (ceremonies reference, section 4): find the one or two changes that help most in the next sprint. Figures,
timeline and recorded causes come from code; the writer offers hypotheses, questions and at most three actions. The team
concludes, not the document. Nothing here is about one person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial

from facilitator import charts
from facilitator.board.board import Board
from facilitator.board.building import FactsBuilder, counted
from facilitator.board.burndown import burndown
from facilitator.board.days import local_date
from facilitator.board.deviations import deviations, with_causes
from facilitator.board.facts import Document, Facts, SectionSpec
from facilitator.board.flow import pace
from facilitator.board.forecast import next_sprint, past_sprints
from facilitator.board.retro import earlier_actions, ended_sprints, retro_sprint, with_actions
from facilitator.board.retro_facts import (
    add_account,
    add_deviations,
    add_flow,
    add_list,
    add_say_do,
    add_sentiment,
    add_standouts,
    add_timeline,
    unit_of,
)
from facilitator.board.series import finished_tasks, velocities
from facilitator.board.snapshot import Snapshot
from facilitator.board.sprint_figures import SprintFigures, sprint_figures
from facilitator.board.sprints import Sprint, undated
from facilitator.calendar.cadence import EndOfSprint
from facilitator.calendar.window import Window
from facilitator.ceremony import Ceremony, Chart, Check, TeamContext
from facilitator.drafts import citing, retrospect, shape, wording
from facilitator.drafts.checks import covers, criterion, needed

ACTIONS_SECTION = "Process improvement"
"""Where approved actions stand on the board unless configured otherwise, and where people put their own."""

FORMATS: tuple[charts.Format, ...] = ("png", "svg")
HISTORY = timedelta(days=200)
WORDS = 220
"""The writer's words; with facts, timeline and names a reader meets about 450 (ceremonies reference, section 4)."""

MOST_OLD, MOST_DEVIATIONS, MOST_GONE = 5, 3, 3
ENOUGH_OPEN = 3
"""From this many open actions on, no new one is proposed (R7)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides the sections: old actions, deviations without a recorded cause, pattern lists, what may be proposed."""

    old: int = 0
    unrecorded: int = 0
    patterns: tuple[str, ...] = ()
    went: bool = False
    proposes: bool = False


def gather(snapshot: Snapshot, window: Window, context: TeamContext) -> Facts:
    """The account of the sprint that ends in the window, or ended last before its end, and what stood out in it."""
    board = Board.of(snapshot, context.rules)
    facts = _builder(board, window, context)
    vague = len(undated(snapshot, context.rules))
    facts.blind_spot(counted(vague, "sprint has no readable dates", "sprints have no readable dates"))
    sprint = retro_sprint(board)
    if sprint is None:
        facts.figure("sprints.ended", "sprints ended so far", 0, "sprints", "over at the time of the report")
        return facts.build(Document(_sections(Shape()), WORDS, headline_uses=("sprints.ended",), quiet=True))
    return _account(facts, sprint, _actions(snapshot, window, context, sprint))


def _builder(board: Board, window: Window, context: TeamContext) -> FactsBuilder:
    return FactsBuilder(board, ceremony="retro", team=context.team, start=window.start, end=window.end)


def _account(facts: FactsBuilder, sprint: Sprint, old: Facts) -> Facts:
    """Everything of one sprint, joined with what became of earlier actions."""
    board = facts.board
    figures = sprint_figures(board, sprint)
    earlier = _earlier(board, sprint)
    uses = add_account(facts, figures)
    add_flow(facts, figures, earlier[-1] if earlier else None)
    add_say_do(facts, [*earlier, figures])
    add_sentiment(facts, figures)
    add_timeline(facts, figures)
    every = deviations(board, figures)
    odd = with_causes(board, figures, every[:MOST_DEVIATIONS])
    add_deviations(facts, odd, count=len(every))
    patterns, went = add_standouts(facts, figures, earlier, told=[one.gid for one in odd])
    zone = board.rules.zone
    length = sprint.last_day(zone) - local_date(sprint.start, zone) + timedelta(days=1)
    latest = local_date(board.as_of, zone) + max(length, timedelta(weeks=1))
    rule = "one sprint's length from now, at least a week"
    facts.day("actions.latest", "latest day for an action", latest, rule)
    found = Shape(
        old=len(old.facts["actions.past"].tasks),
        unrecorded=sum(one.cause is None for one in odd),
        patterns=patterns,
        went=went,
        proposes=retrospect.number(old, "actions.open") < ENOUGH_OPEN,
    )
    bundle = facts.build(Document(_sections(found), WORDS, headline_uses=uses))
    return _joined(bundle, old, tuple(one.cause.story for one in odd if one.cause))


def _earlier(board: Board, sprint: Sprint) -> list[SprintFigures]:
    """The accounts of the sprints before this one, oldest first, as far back as history was read."""
    return [
        sprint_figures(board, one)
        for one in ended_sprints(board)
        if board.as_of - HISTORY < one.start < sprint.start
    ]


def draw(snapshot: Snapshot, _window: Window, context: TeamContext) -> Sequence[Chart]:
    """The sprint's burndown, velocity with the next sprint's band, and cycle times; none where no sprint has ended."""
    board = Board.of(snapshot, context.rules)
    sprint = retro_sprint(board)
    if sprint is None:
        return ()
    figures = sprint_figures(board, sprint)
    every = [*_earlier(board, sprint), *([figures] if sprint.closed_by(board.as_of) else [])]
    unit = unit_of(figures)
    data, speeds = burndown(board, sprint, unit=unit), velocities(every, unit=unit)
    band = next_sprint(past_sprints(every, points=unit == "points"))
    titles = [f"{context.team}: {what}" for what in (f"burndown of {sprint.name}", "velocity", "cycle times")]
    return [
        Chart("burndown", titles[0], *(charts.burndown(data, title=titles[0], as_format=kind) for kind in FORMATS)),
        Chart("velocity", titles[1], *(
            charts.velocity(speeds, band, unit=unit, title=titles[1], as_format=kind) for kind in FORMATS
        )),
        Chart("cycle-times", titles[2], *(
            charts.cycle_times(finished_tasks(board), pace(board), title=titles[2], as_format=kind) for kind in FORMATS
        )),
    ]  # fmt: skip


def _sections(found: Shape) -> tuple[SectionSpec, ...]:
    """The sections in reading order; R2 wants the old actions first."""
    return (
        SectionSpec(
            "last_actions", "Last actions", max(found.old, 1), covers="actions.past",
            needs=("tasks",), max_words=15, hint="what became of it, and of its signal where the facts tell",
        ),
        SectionSpec(
            "patterns", "Patterns", 3, min_items=min(2, len(found.patterns)), cites_from=found.patterns,
            needs=("facts",), max_words=30,
            hint="a hypothesis, worded as one: what these tasks may have in common; name the list or figure in facts",
        ),
        SectionSpec(
            "went_well", "Went well", 2, min_items=int(found.went), cites_from=("went_through",), needs=("tasks",),
            max_words=20, hint="one concrete success and what it was good for; no praise",
        ),
        SectionSpec(
            "deviations", "Deviations", max(found.unrecorded, 1), covers="deviations.unrecorded", needs=("tasks",), max_words=15,
            hint="'cause not recorded', and who could tell; plan, outcome and recorded causes are put in by code",
        ),
        SectionSpec(
            "discuss", "Discuss", 4, min_items=2, max_words=20, hint="an open question, ending in a question mark"
        ),
        SectionSpec(
            "actions", "Proposed actions", 3 if found.proposes else 0, min_items=int(found.proposes and bool(found.patterns)),
            cites_from=found.patterns, needs=("facts", "owner", "due_on", "signal"), max_words=30,
            hint="one change to try, its pattern in facts, a role as owner, due by the fact actions.latest; "
            "signal: what will be seen on the board" if found.proposes
            else "none, for three earlier actions are open",
        ),
    )  # fmt: skip


def _actions(snapshot: Snapshot, window: Window, context: TeamContext, sprint: Sprint) -> Facts:
    """Earlier actions as facts of a board of their own, for the team's board leaves them out.

    Done ones are told once: if done since the last retro, or since the sprint began where there was none.
    """
    past = context.past
    since: datetime = past.documents[0].end if past.documents else sprint.start
    known = [action.task for action in past.actions if action.task]
    snapshot = with_actions(snapshot, context.actions)
    old = earlier_actions(snapshot, context.rules, known, ACTIONS_SECTION, since)
    facts, every = _builder(old.board, window, context), (*old.open, *old.done)
    rule = "open ones, first due first, then those done since the last retro"
    add_list(facts, "actions.past", "earlier actions", every, rule, most=MOST_OLD)
    facts.figure(
        "actions.open",
        "earlier actions still open",
        len(old.open),
        "tasks",
        "on the board now",
        of=len(every),
    )
    for action in past.actions:
        if action.task and action.signal:
            facts.about(action.task, signal=action.signal)
    lost = [
        one
        for one in past.actions
        if one.run == past.actions[0].run and not (one.task and snapshot.task(one.task))
    ]
    for number, action in enumerate(lost[:MOST_GONE], start=1):
        facts.figure(
            f"actions.gone.{number}",
            "earlier action not found",
            action.text[:120],
            "text",
            "no task of this board",
        )
    return facts.build(Document((), WORDS))


def _joined(facts: Facts, old: Facts, stories: tuple[str, ...]) -> Facts:
    """Both bundles as one; the comments that hold recorded causes are named by their stories."""
    recorded = facts.facts["deviations.recorded"]
    return replace(
        facts,
        facts={**facts.facts, recorded.id: replace(recorded, stories=stories), **old.facts},
        tasks={**old.tasks, **facts.tasks},
        people={**facts.people, **old.people},
        coverage=replace(facts.coverage, omitted=facts.coverage.omitted + old.coverage.omitted),
    )


RETRO_CHECKS: Mapping[str, Check] = {
    "R1": criterion("R1", wording.headline_uses, retrospect.reconciles),
    "R2": criterion("R2", covers("last_actions")),
    "R3": criterion("R3", needed("patterns"), partial(citing.cites_from, section="patterns"), retrospect.hypotheses),
    "R4": criterion("R4", needed("went_well"), partial(citing.cites_from, section="went_well")),
    "R5": criterion("R5", wording.people_only_as_owners, citing.owner_known),
    "R6": criterion("R6", covers("deviations"), retrospect.causes),
    "R7": criterion("R7", needed("actions"), partial(retrospect.at_most, section="actions"), retrospect.actions_linked, retrospect.actions_soon),
    "R8": criterion("R8", needed("discuss"), partial(retrospect.at_most, section="discuss"), retrospect.questions),
    "R9": criterion("R9", wording.figures_by_placeholder, retrospect.trends),
    "R10": criterion(
        "R10", shape.right_ceremony, shape.sections_in_order, shape.within_caps, shape.quiet_form, wording.safe_text,
        citing.known_facts, citing.known_tasks, citing.cited_once, citing.due_supported,
    ),
}  # fmt: skip
"""The code half of rubrics/retro.md, criterion by criterion."""

CEREMONY = Ceremony(
    name="retro",
    title="Sprint retro",
    cadence=EndOfSprint(at=time(15, 0)),
    gather=gather,
    checks=RETRO_CHECKS,
    history=HISTORY,
    actions="actions",
    agenda=("Last actions", "Patterns", "Went well", "Deviations", "Discuss", "Proposed actions"),
    lasts=timedelta(minutes=60),
    charts=draw,
)
