"""Weekly status: a colour by rule, what was accomplished, what endangers the rest, what comes next, and last week's word.

For readers outside the team who have a minute. It looks back seven days by the team's wall clock, whatever its window is,
and puts last week's figure beside each. Work that nobody touched in those days is counted, never named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Literal

from facilitator import charts
from facilitator.board import flow
from facilitator.board.activity import activity
from facilitator.board.blocking import blocked_now, unread_dependencies
from facilitator.board.board import Board
from facilitator.board.building import NOTE_CHARS, FactsBuilder, clip, counted
from facilitator.board.burndown import burndown
from facilitator.board.days import local_date
from facilitator.board.facts import Document, Facts, SectionSpec
from facilitator.board.forecast import Forecast
from facilitator.board.health import COLOUR_WORDS, Colour, Status, scope_growth
from facilitator.board.outlook import outlook
from facilitator.board.pulse import Pulse, add_pulse, pulse
from facilitator.board.refusal import Refused
from facilitator.board.snapshot import Snapshot
from facilitator.board.weekly import in_focus, promises, week_of
from facilitator.board.weekly_facts import (
    BEHIND,
    tell_date_moves,
    tell_finished,
    tell_flow,
    tell_next,
    tell_promises,
    tell_risks,
    tell_slips,
)
from facilitator.calendar.cadence import Weekly
from facilitator.calendar.window import Window
from facilitator.ceremony import Ceremony, Chart, Past, TeamContext
from facilitator.drafts import citing, shape, wording
from facilitator.drafts.checks import Check, covers, criterion, headline_figure, needed
from facilitator.drafts.reporting import (
    nothing_idle,
    one_sentence,
    rests_on_something,
    section_cites,
    status_by_rule,
    tells_change,
    whole_range,
)

WORDS, QUIET_WORDS, HEADLINE_WORDS = 150, 40, 30
"""Words of the writer's own. Of the 250 in the ceremonies reference, section 3, code needs the rest for names, ages and
figures; moved dates and last week's promises come on top where there are any.
"""

FORMATS: tuple[Literal["png"], Literal["svg"]] = ("png", "svg")

REASONS = 2
"""Rules told beside the colour; the others that fired are in the facts."""


def gather(snapshot: Snapshot, window: Window, context: TeamContext) -> Facts:
    """A week's figures beside those of the week before, the colour by rule, and which task may be told where."""
    board = Board.of(snapshot, context.rules)
    week = week_of(min(window.end, snapshot.as_of), board.rules.zone)
    facts = FactsBuilder(
        board, ceremony="weekly_status", team=context.team, start=window.start, end=window.end
    )
    today = local_date(board.as_of, board.rules.zone)
    facts.figure("today", "today", today.isoformat(), "date", "the team's date when the board was read")

    found = outlook(board)
    sprint = found.sprint
    colour = _status(facts, found.status, context.past)
    _sprint(facts, board, sprint)
    _tell_forecast(facts, found.still_open, found.forecast)
    done = tell_finished(facts, board, week, unit=sprint.unit if sprint else "throughput")
    tell_flow(facts, board, week)
    risky = tell_risks(facts, board, late=colour is not Colour.GREEN)
    tell_slips(facts, board)
    gids, loose = promised(context.past)
    facts.blind_spot(
        counted(loose, "promise of last week names no task", "promises of last week name no task")
    )
    kept = tell_promises(facts, board, promises(board, gids), risky)
    tell_next(facts, board, without={*risky, *kept})
    moved = tell_date_moves(facts, board, week)
    _blind_spots(facts, board)
    touched = activity(board, week.start, week.end).touched
    quiet = not (touched or done or kept or moved)
    return facts.build(document(colour, done=done, risks=len(risky), kept=len(kept), quiet=quiet))


def document(colour: Colour, *, done: int, risks: int, kept: int, quiet: bool) -> Document:
    """This week's form: as many items as there is cause for, a third risk on a red week, one line on a quiet one."""
    sections = (
        SectionSpec(
            id="accomplished",
            title="Accomplished",
            max_items=3,
            min_items=min(2, done),
            cites_from=("accomplished",),
            needs=("tasks",),
            max_words=25,
            hint="outcomes in the past tense: what somebody has or can do now",
        ),
        SectionSpec(
            id="risks",
            title="Risks and blockers",
            max_items=3 if colour is Colour.RED else 2,
            min_items=min(1, risks),
            cites_from=("risks",),
            needs=("next_step", "owner"),
            max_words=35,
            hint="text: its effect; next_step: what eases it; owner: who is asked",
        ),
        SectionSpec(
            id="next",
            title="Next",
            max_items=4,
            min_items=2,
            cites_from=("next.candidates",),
            needs=("owner", "due_on"),
            max_words=20,
            hint="the action; without a task it is a proposal",
        ),
        SectionSpec(
            id="promises",
            title="Last week's promises",
            max_items=3,
            min_items=min(1, kept),
            covers="promises.open",
            cites_from=("promises.open",),
            needs=("tasks",),
            max_words=20,
            hint="why it is not done, where that is recorded, and what becomes of it",
        ),
    )
    return Document(
        sections=sections if kept else sections[:-1],
        max_words=QUIET_WORDS if quiet else WORDS,
        headline_words=HEADLINE_WORDS,
        headline_uses=("status.colour",),
        quiet=quiet,
    )


def promised(past: Past) -> tuple[tuple[str, ...], int]:
    """Tasks the last document promised, next steps before risks, and how many of its promises named no task."""
    if not past.documents:
        return (), 0
    sections = [past.documents[0].draft.section(name) for name in ("next", "risks")]
    items = [item for section in sections if section for item in section.items]
    gids = dict.fromkeys(gid for item in items for gid in item.tasks)
    return tuple(gids), sum(not item.tasks for item in items)


def draw(snapshot: Snapshot, _window: Window, context: TeamContext) -> Sequence[Chart]:
    """The running sprint's burndown, where there is one, and twelve weeks of throughput."""
    board = Board.of(snapshot, context.rules)
    today = local_date(board.as_of, board.rules.zone)
    days = flow.throughput(board, today - flow.HISTORY, today)
    title = f"{context.team}: throughput"
    found = [
        Chart(
            "throughput", title, *(charts.throughput(days, title=title, as_format=kind) for kind in FORMATS)
        )
    ]
    sprint = pulse(board, blocked_now(board))
    if sprint:
        data = burndown(board, sprint.figures.sprint, unit=sprint.unit)
        title = f"{context.team}: burndown of {data.sprint.name}"
        pictures = (charts.burndown(data, title=title, as_format=kind) for kind in FORMATS)
        found.insert(0, Chart("burndown", title, *pictures))
    return found


def _status(facts: FactsBuilder, found: Status, past: Past) -> Colour:
    """The colour by rule, every rule that fired, and last week's colour."""
    rule = "red if a red rule fired, else amber if an amber one did, else green"
    facts.figure("status.colour", "status", COLOUR_WORDS[found.colour], "text", rule)
    facts.figure("status.type", "the status as Asana names it", found.status_type, "text", "by status.colour")
    deciding = [fired.because for fired in found.fired if fired.colour is found.colour]
    if deciding:
        reason = "; ".join(deciding[:REASONS])
        facts.figure("status.reason", "reason", reason, "text", "the first rules that decided the colour")
    for fired in found.fired:
        rule = f"the rule {fired.rule} of the status"
        facts.figure(
            f"status.{fired.rule}", "rule fired", fired.because, "text", rule, tasks=fired.tasks[:BEHIND]
        )
    last = past.documents[0].facts.facts.get("status.colour") if past.documents else None
    if last:
        told, rule = past.documents[0], "status.colour of the last weekly status"
        facts.figure("status.last", "last status", told.status or last.value, "text", rule)
        if told.status and told.status != last.value:
            reason = f"set by its approver, by the rules {last.value}: {told.status_because}"
            facts.figure(
                "status.last_reason", "why the last status", clip(reason, NOTE_CHARS), "text", "its decision"
            )
    return found.colour


def _sprint(facts: FactsBuilder, board: Board, sprint: Pulse | None) -> None:
    """The running sprint, without the verdict of its own: a document with two verdicts has none."""
    if sprint is None:
        facts.blind_spot("no running sprint, so no deadline")
        return
    add_pulse(facts, replace(sprint, verdict=""))
    figures = sprint.figures
    last = figures.sprint.last_day(board.rules.zone).isoformat()
    facts.figure("sprint.end", "end of the sprint", last, "date", "its last planned day")
    removed, committed = figures.removed, figures.committed.tasks
    rule = "left the sprint after its start, of the tasks committed then"
    facts.figure(
        "sprint.removed",
        "removed since the start",
        removed.tasks,
        "tasks",
        rule,
        of=committed,
        tasks=removed.gids,
    )
    growth = scope_growth(figures)
    if growth is not None:
        rule = "added, not split off, less removed, plus re-estimates, of what was committed"
        facts.figure("sprint.scope_growth", "growth of the scope", round(growth), "percent", rule)


def _tell_forecast(facts: FactsBuilder, still_open: int, found: Forecast[date] | Refused) -> None:
    if isinstance(found, Refused):
        facts.blind_spot(f"no forecast: {found.reason}" if still_open else "")
        return
    rule = (
        f"of {found.runs:,} runs drawn from {found.samples} working days of the team's throughput, zeros kept"
    )
    kind = "open in the sprint; where there is none, all open work outside the backlog"
    facts.figure("forecast.open", "open tasks", still_open, "tasks", kind)
    facts.figure(
        "forecast.p50", "forecast p50", found.p50.isoformat(), "date", f"all done by then in half {rule}"
    )
    facts.figure(
        "forecast.p85", "forecast p85", found.p85.isoformat(), "date", f"all done by then in 85 % {rule}"
    )


def _blind_spots(facts: FactsBuilder, board: Board) -> None:
    if board.points_field is None:
        facts.blind_spot(f"no field {board.rules.points_field}: no points")
    else:
        bare = len(flow.unestimated(board, in_focus(board)))
        facts.blind_spot(counted(bare, "task without an estimate", "tasks without an estimate"))
    loose = len(flow.unticked(board))
    facts.blind_spot(
        counted(loose, "task in Done is not marked complete", "tasks in Done are not marked complete")
    )
    far = unread_dependencies(board)
    facts.blind_spot(counted(far, "dependency leads to an unread task", "dependencies lead to unread tasks"))


WEEKLY_CHECKS: Mapping[str, Check] = {
    "W1": criterion("W1", one_sentence, wording.headline_uses, headline_figure(), tells_change()),
    "W2": criterion("W2", status_by_rule()),
    "W3": criterion("W3", section_cites("accomplished"), needed("accomplished")),
    "W4": criterion("W4", section_cites("risks"), needed("risks"), rests_on_something("risks")),
    "W5": criterion("W5", needed("next"), citing.owner_known, citing.due_supported),
    "W6": criterion("W6", nothing_idle(days=7, besides=("promises",)), section_cites("next")),
    "W7": criterion("W7", wording.figures_by_placeholder, whole_range("forecast.p50", "forecast.p85")),
    "W8": criterion("W8", covers("promises"), section_cites("promises"), needed("promises")),
    "W9": criterion(
        "W9",
        shape.right_ceremony,
        shape.sections_in_order,
        shape.within_caps,
        shape.quiet_form,
        citing.cited_once,
        wording.people_only_as_owners,
    ),
    "W10": criterion("W10", wording.safe_text, citing.known_facts, citing.known_tasks),
}
"""The code half of rubrics/weekly_status.md, criterion by criterion."""

CEREMONY = Ceremony(
    name="weekly_status",
    title="Weekly status",
    cadence=Weekly(day="fri", at=time(15, 0)),
    gather=gather,
    checks=WEEKLY_CHECKS,
    status="status.type",
    agenda=("Accomplished", "Risks and blockers", "Next", "Last week's promises"),
    lasts=timedelta(minutes=30),
    charts=draw,
)
