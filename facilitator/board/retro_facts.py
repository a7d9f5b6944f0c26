"""One sprint's account as facts: what was planned and done, how long work took and waited, and the dated events.

Used by the retro's `gather`; beside every flow figure `X` stands the sprint before's as `X.previous`. A percentile of fewer than
five tasks and a band of fewer than five sprints are not given. It chooses no task for a document to speak of.
"""

from __future__ import annotations

from collections.abc import Sequence

from facilitator.board.board import Board
from facilitator.board.building import LIST_CAP, FactsBuilder
from facilitator.board.days import days_from, local_date
from facilitator.board.deviations import Deviation, quote
from facilitator.board.facts import show_date
from facilitator.board.flow import ENOUGH, age_days, throughput
from facilitator.board.predictability import THIRD_TIME, band, say_do
from facilitator.board.refusal import Refused
from facilitator.board.retro import Standouts, sprint_goal, standouts, waits
from facilitator.board.sentiment import RULE, tone_of
from facilitator.board.sprint_figures import Spread, SprintFigures, TaskSet, carry_over_counts
from facilitator.board.timeline import Event, most_telling, timeline

SETS = {
    "committed": ("committed", "in the sprint at its start, not done"),
    "added": ("added", "entered after the start with work left"),
    "removed": ("removed", "taken out and not done in the sprint"),
    "completed": ("completed", "done while in the sprint"),
    "carried_over": ("carried over", "in the sprint and not done at its end"),
}
PATTERNS = {
    "carried_again": (
        "carried over again",
        "open at this sprint's end and at an earlier one's; most often first",
    ),
    "blocked_long": (
        "blocked for long",
        "blocked for three or more working days of the sprint; longest first",
    ),
    "added_late": (
        "added in the second half",
        "entered late in the sprint; parts of work already in it left out",
    ),
    "reestimated": ("re-estimated", "had an estimate when it came in and got another"),
    "reopened": ("reopened", "was done and then open again within the sprint"),
}
"""Lists that may show a pattern: each id with its label and rule."""

SHORT_NAME = 40
MOST_OF_A_LIST = 3
"""Tasks of one list that facts name; the rest are counted."""


def whole(value: float) -> float | int:
    """One decimal, and none where it is 0: as documents print figures."""
    shown = round(value, 1)
    return int(shown) if shown == int(shown) else shown


def unit_of(figures: SprintFigures) -> str:
    """Points where at least half of the sprint's tasks have them, else tasks."""
    tasks = figures.committed.tasks + figures.added.tasks
    bare = figures.committed.unestimated + figures.added.unestimated
    return "points" if 2 * bare <= tasks and figures.committed.points > 0 else "tasks"


def add_list(
    facts: FactsBuilder,
    fact_id: str,
    label: str,
    gids: Sequence[str],
    rule: str,
    *,
    of: float | None = None,
    most: int = LIST_CAP,
) -> None:
    """Add one list of tasks in the order documents show them, each task in progress with its age."""
    facts.listed(fact_id, label, gids, rule, of=of, cap=most)
    board = facts.board
    for history in (board.histories[gid] for gid in gids[:most] if gid in board.histories):
        if board.state(history, board.as_of) != "done" and (age := age_days(board, history)) is not None:
            facts.about(history.task.gid, age_days=age)


def add_account(facts: FactsBuilder, figures: SprintFigures) -> tuple[str, ...]:
    """What became of the sprint's tasks, in tasks and points; gives the facts a headline must use."""
    sprint, zone, unit = figures.sprint, facts.board.rules.zone, unit_of(figures)
    facts.figure("sprint.name", "sprint", sprint.name, "text", "the sprint this retro is about")
    facts.day("sprint.begins", "first day", local_date(sprint.start, zone), "first day of the sprint")
    facts.day("sprint.ends", "final day", sprint.last_day(zone), "planned end of the sprint")
    if goal := sprint_goal(facts.board, figures):
        facts.figure(
            "sprint.goal", "sprint goal", goal[0][:120], "text", "a milestone of the sprint named so"
        )
        reached = "reached" if goal[1] else "not reached"
        facts.figure("sprint.goal_state", "goal", reached, "text", "whether that milestone was completed")
    done, planned = _size(figures.initial_completed, unit), _size(figures.committed, unit)
    facts.figure(
        f"sprint.done_{unit}", f"committed {unit} done", done, unit, "done in the sprint, of what was committed at its start",
        of=planned,
    )  # fmt: skip
    facts.figure(f"sprint.planned_{unit}", f"{unit} committed", planned, unit, "in the sprint at its start")
    pointed = unit == "points"
    for name, (label, rule) in SETS.items():
        _add_set(
            facts,
            f"sprint.{name}",
            getattr(figures, name),
            label,
            rule,
            points=pointed and name != "committed",
        )
    if figures.other.tasks:
        rule = "done while outside the sprint, and back in it at its end"
        _add_set(facts, "sprint.other", figures.other, "otherwise ended", rule, points=pointed)
    _add_details(facts, figures)
    return ("sprint.name", f"sprint.done_{unit}", f"sprint.planned_{unit}")


def _add_set(facts: FactsBuilder, name: str, tasks: TaskSet, label: str, rule: str, *, points: bool) -> None:
    facts.figure(name, label, tasks.tasks, "tasks", rule, tasks=tasks.gids)
    if points:
        facts.figure(
            f"{name}_points", f"points {label}", whole(tasks.points), "points", "the same, in points"
        )


def _add_details(facts: FactsBuilder, figures: SprintFigures) -> None:
    bare = figures.committed.unestimated + figures.added.unestimated
    scope = figures.committed.tasks + figures.added.tasks
    facts.figure("sprint.unestimated", "without an estimate", bare, "tasks", "of all in the sprint", of=scope)
    if figures.decomposed.tasks:
        facts.figure(
            "sprint.split", "split off work already in the sprint", figures.decomposed.tasks, "tasks",
            "subtasks of a task in scope: no new scope", of=figures.added.tasks, tasks=figures.decomposed.gids,
        )  # fmt: skip
    if figures.completed_not_delivered:
        facts.figure(
            "sprint.not_delivered", "closed without a delivery", figures.completed_not_delivered, "tasks",
            "resolution such as Duplicate or Won't Do", of=figures.completed.tasks,
        )  # fmt: skip


def add_flow(facts: FactsBuilder, now: SprintFigures, before: SprintFigures | None) -> None:
    """Cycle and lead time, waiting and throughput, each with the sprint before's."""
    board = facts.board
    for name, label, rule in (
        ("cycle", "cycle time", "days from the first move into progress to done"),
        ("lead", "lead time", "days from creation to done"),
    ):
        spread, other = _spread(now, name), _spread(before, name) if before else None
        _pair(
            facts,
            f"{name}.n",
            "tasks",
            f"tasks behind the {label}",
            "completed ones",
            spread.n,
            other.n if other else None,
        )
        for stat in ("p50", "p85"):
            value, earlier = _known(spread, stat), _known(other, stat)
            _pair(facts, f"{name}.{stat}", "days", f"{label}, {stat}", rule, value, earlier)
    waited = waits(board, now)
    _pair(
        facts, "blocked.days", "working_days", "blocked time", "summed over the sprint's tasks and their waits",
        sum(waited.values()), sum(waits(board, before).values()) if before else None,
    )  # fmt: skip
    facts.figure(
        "blocked.tasks",
        "tasks that were blocked",
        len(waited),
        "tasks",
        "for a working day or more",
        tasks=tuple(waited),
    )
    _pair(
        facts, "throughput", "tasks", "tasks finished in the sprint's days", "all on the board, in the sprint or not",
        _finished(board, now), _finished(board, before) if before else None,
    )  # fmt: skip


def add_say_do(facts: FactsBuilder, figures: Sequence[SprintFigures]) -> None:
    """The say/do band over the last closed sprints, or why there is none."""
    closed = [one for one in figures if one.sprint.closed_by(facts.board.as_of)]
    found = band(say_do(closed, points=unit_of(figures[-1]) == "points"))
    if isinstance(found, Refused):
        facts.figure("saydo.refused", "say/do", found.reason, "text", "a band needs five sprints")
        return
    rule = "committed work done, of what was committed, per sprint"
    facts.figure("saydo.low", "say/do, p15", round(found.low), "percent", rule)
    facts.figure("saydo.mid", "say/do, median", round(found.mid), "percent", rule)
    facts.figure("saydo.high", "say/do, p85", round(found.high), "percent", rule)
    facts.figure(
        "saydo.sprints", "sprints behind say/do", found.sprints, "sprints", "closed ones, at most ten"
    )


def add_sentiment(facts: FactsBuilder, figures: SprintFigures) -> None:
    """How the sprint's comments read, as counts over all of them, where the team asked for it; or why there is no figure."""
    if not facts.board.rules.sentiment:
        return
    found = tone_of(facts.board, figures)
    if isinstance(found, Refused):
        facts.figure("sentiment.refused", "tone of comments", found.reason, "text", RULE)
        return
    facts.figure("sentiment.texts", "comments read for their tone", found.texts, "comments", RULE)
    facts.figure("sentiment.authors", "authors of those comments", found.authors, "count", RULE)
    for name in ("positive", "negative", "neither"):
        facts.figure(
            f"sentiment.{name}",
            f"comments read as {name}",
            getattr(found, name),
            "comments",
            RULE,
            of=found.texts,
        )
    if found.unread:
        facts.figure("sentiment.unread", "comments in another language", found.unread, "comments", RULE)


def add_timeline(facts: FactsBuilder, figures: SprintFigures) -> None:
    """The most telling dated events, in order, as `timeline.1` to `timeline.6`.

    The end of a wait is left out where its beginning, which tells its length, is an event too.
    """
    board = facts.board
    zone, first = board.rules.zone, local_date(figures.sprint.start, board.rules.zone)
    free = {
        day: ""
        for day in days_from(first, figures.sprint.last_day(zone))
        if day.weekday() < 5 and not board.rules.working_day(day)
    }
    every = timeline(board, figures, free)
    begun = {gid for event in every if event.kind == "blocker_began" for gid in event.gids}
    events = [event for event in every if event.kind != "blocker_ended" or not begun >= set(event.gids)]
    for number, event in enumerate(most_telling(events), start=1):
        text = f"{show_date(event.day)}: {_label(board, event)}"
        facts.figure(
            f"timeline.{number}", "event", text, "text", event.kind.replace("_", " "), tasks=event.gids
        )


def add_deviations(facts: FactsBuilder, odd: Sequence[Deviation], *, count: int) -> None:
    """The gravest deviations as two lists: a recorded cause is quoted beside its task, for the others there is none."""
    rule = (
        "not finished, then late, then longer than its size suggests, then re-estimated; the gravest of all"
    )
    for name, label, told in (
        ("recorded", "deviations with a recorded cause", [one for one in odd if one.cause]),
        ("unrecorded", "deviations without a recorded cause", [one for one in odd if not one.cause]),
    ):
        add_list(facts, f"deviations.{name}", label, [one.gid for one in told], rule, of=count)
        for one in told:
            facts.about(one.gid, planned=one.planned)
            facts.about(one.gid, actual=one.actual)
            if one.cause:
                facts.about(one.gid, cause=one.cause.quote)


def add_standouts(
    facts: FactsBuilder, figures: SprintFigures, earlier: Sequence[SprintFigures], *, told: Sequence[str]
) -> tuple[tuple[str, ...], bool]:
    """Lists that may show a pattern, and what went through; `told` are tasks a document tells elsewhere.

    Gives the pattern lists that are not empty, those with most to cite first, and whether anything went through.
    """
    found = standouts(facts.board, figures, earlier)
    shown = {name: getattr(found, name)[:MOST_OF_A_LIST] for name in PATTERNS if getattr(found, name)}
    for name in shown:
        add_list(facts, name, PATTERNS[name][0], getattr(found, name), PATTERNS[name][1], most=MOST_OF_A_LIST)
    smooth = [gid for gid in found.went_through if gid not in told] or [
        gid for gid in figures.completed.gids if not any(gid in gids for gids in (told, *shown.values()))
    ]
    rule = "completed; first what was never blocked, carried, reopened or re-estimated, largest first"
    add_list(
        facts, "went_through", "went through", smooth, rule, of=figures.completed.tasks, most=MOST_OF_A_LIST
    )
    _tell_more(facts, figures, earlier, found)
    fresh = {name: sum(gid not in told for gid in gids) for name, gids in shown.items()}
    return tuple(sorted(shown, key=lambda name: -fresh[name])), bool(smooth)


def _tell_more(
    facts: FactsBuilder, figures: SprintFigures, earlier: Sequence[SprintFigures], found: Standouts
) -> None:
    """How long listed tasks waited and how often they were carried; the third time is a fact of its own."""
    times = carry_over_counts([*earlier, figures])
    for gid, days in waits(facts.board, figures).items():
        facts.about(gid, blocked_days=days)
    for gid in found.carried_again:
        facts.about(gid, times_carried=times[gid])
    if third := [gid for gid in found.carried_again if times[gid] >= THIRD_TIME]:
        facts.figure(
            "carried_third", "carried over for the third time or more", len(third), "tasks",
            "open at the end of three or more sprints, this one included", tasks=third,
        )  # fmt: skip


def _label(board: Board, event: Event) -> str:
    """The event's words; the name of its task where it is one, and not its date again."""
    label = event.label.removesuffix(f": {show_date(event.day)}")
    if len(event.gids) != 1:
        return label
    name = quote(board.histories[event.gids[0]].task.name, SHORT_NAME)
    return f"“{name}” {label.removeprefix('1 task ')}"


def _size(tasks: TaskSet, unit: str) -> float | int:
    return whole(tasks.points) if unit == "points" else tasks.tasks


def _spread(figures: SprintFigures, name: str) -> Spread:
    return figures.cycle_days if name == "cycle" else figures.lead_days


def _known(spread: Spread | None, stat: str) -> float | None:
    value: float | None = getattr(spread, stat) if spread and spread.n >= ENOUGH else None
    return None if value is None else whole(value)


def _finished(board: Board, figures: SprintFigures) -> int:
    zone = board.rules.zone
    last = min(figures.sprint.last_day(zone), local_date(board.as_of, zone))
    return sum(count for _, count in throughput(board, local_date(figures.sprint.start, zone), last))


def _pair(
    facts: FactsBuilder, name: str, unit: str, label: str, rule: str, now: float | None, before: float | None
) -> None:
    """A figure and the sprint before's, each where it is known."""
    if now is not None:
        facts.figure(name, label, now, unit, rule)
    if before is not None:
        facts.figure(
            f"{name}.previous", f"{label}, sprint before", before, unit, "the same, of the sprint before"
        )
