"""Portfolio roll-up: several teams on one page, for leaders who have two minutes: who needs them, and for what.

Each team stands against its own plan, with the figures and the colour of its own weekly status and the health of the
portfolio; none is compared with another, and no person is counted. What lies between teams comes before what lies within
one. A team whose board could not be read is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import time, timedelta

from facilitator.board import flow
from facilitator.board.activity import activity
from facilitator.board.board import Board
from facilitator.board.building import FactsBuilder, counted
from facilitator.board.days import local_date
from facilitator.board.facts import Document, Facts, SectionSpec
from facilitator.board.health import COLOUR_WORDS, STATUS_TYPES, Colour
from facilitator.board.portfolio import GOOD, LABELS, WATCH, WEIGHTS
from facilitator.board.rollup import TeamStanding, standing_of
from facilitator.board.rollup_facts import BEHIND, Between, between, keys_of, tell_between, tell_team
from facilitator.board.snapshot import Snapshot
from facilitator.board.weekly import completed, week_of
from facilitator.board.weekly_facts import LAST_WEEK, blocked_in_focus
from facilitator.calendar.cadence import Weekly
from facilitator.calendar.window import Window
from facilitator.ceremony import Ceremony, Past, TeamContext
from facilitator.drafts import citing, shape, wording
from facilitator.drafts.checks import Check, covers, criterion, headline_figure, needed, tells
from facilitator.drafts.gate import whose
from facilitator.drafts.leading import no_league, statuses_by_rule, whole_ranges
from facilitator.drafts.reporting import one_sentence, rests_on_something, tells_change

WORDS, QUIET_WORDS, HEADLINE_WORDS = 260, 40, 32
"""Words of the writer's own; each team's figures, names, ages and links are put in by code on top of them."""

MANY = 3
"""The whole is Off Track once one team in so many is."""

DECIDE_WITHIN = timedelta(days=7)

ORDER = (Colour.RED, Colour.AMBER, Colour.GREEN)
COUNTED: Mapping[Colour, tuple[str, str]] = {
    Colour.RED: ("teams.off_track", "teams off track"),
    Colour.AMBER: ("teams.at_risk", "teams at risk"),
    Colour.GREEN: ("teams.on_track", "teams on track"),
}


def gather(snapshot: Snapshot, window: Window, context: TeamContext) -> Facts:
    """Each team's figures under its key, what lies between them, and one colour for the whole by a stated rule."""
    members = {member.team: member for member in context.members}
    keys = keys_of([each.team for each in snapshot.boards])
    named = {keys[each.team]: each.name for each in snapshot.boards}
    teams = {
        keys[each.team]: standing_of(
            Board.of(each.snapshot, members[each.team].rules), members[each.team].told
        )
        for each in snapshot.boards
        if each.snapshot is not None and each.team in members
    }
    facts = FactsBuilder(
        Board.of(snapshot, context.rules), ceremony="portfolio_rollup", team=context.team, start=window.start,
        end=window.end, others={key: one.board for key, one in teams.items()}, names=named,
    )  # fmt: skip
    unread = {keys[each.team]: each.unread for each in snapshot.boards if each.snapshot is None}
    found = between(teams)
    _day(facts)
    _whole(facts, teams, unread, found, context.past)
    _together(facts, teams, window)
    tell_between(facts, found, teams)
    for key, reason in unread.items():
        facts.figure(f"{key}.not_read", "not read", reason, "text", "why its board is missing here")
        facts.blind_spot(f"{named[key]} not read: {reason}")
    for key, one in teams.items():
        last = _before(context.past, f"{key}.status")
        tell_team(facts, key, one, end=window.end, last=last, behind=BEHIND // len(teams))
    quiet = bool(teams) and not any(_touched(one.board, window) for one in teams.values())
    return facts.build(document(teams, found, quiet=quiet))


def document(teams: Mapping[str, TeamStanding], found: Between, *, quiet: bool) -> Document:
    """As many items as there is cause for: every team off its plan, what waits between teams, what leaders must decide."""
    troubled = [f"{key}.status" for colour in ORDER[:2] for key in _of(teams, colour)]
    sections = (
        SectionSpec(
            id="teams",
            title="Teams",
            max_items=8,
            min_items=min(len(troubled), 8),
            tells=tuple(troubled),
            cites_from=("blockers",),
            needs=("facts", "next_step", "owner"),
            max_words=35,
            hint="what it means for readers outside the team; next_step: what brings it back; owner: who is asked",
        ),
        SectionSpec(
            id="across",
            title="Between teams",
            max_items=4,
            covers="dependencies",
            cites_from=("dependencies",),
            needs=("tasks", "next_step"),
            max_words=30,
            hint="what the wait delays; next_step: what the other team could do",
        ),
        SectionSpec(
            id="milestones",
            title="Milestones in danger",
            max_items=4,
            covers="milestones",
            cites_from=("milestones",),
            needs=("tasks",),
            max_words=25,
            hint="what depends on the date, as far as it is recorded",
        ),
        SectionSpec(
            id="decisions",
            title="Decisions needed",
            max_items=3,
            min_items=1 if _of(teams, Colour.RED) else 0,
            cites_from=("blockers",),
            needs=("owner", "due_on"),
            max_words=30,
            hint="the question only leaders can settle, its owner, by when; none is fine",
        ),
    )
    kept = [one for one in sections if one.id != "across" or found.waits]
    kept = [one for one in kept if one.id != "milestones" or found.milestones]
    return Document(
        sections=tuple(kept),
        max_words=QUIET_WORDS if quiet else WORDS,
        headline_words=HEADLINE_WORDS,
        headline_uses=("status.colour", _deciding(teams)),
        quiet=quiet,
    )


def _deciding(teams: Mapping[str, TeamStanding]) -> str:
    """The count that says how the whole stands: of the worst colour there is."""
    colour = next((colour for colour in ORDER if _of(teams, colour)), Colour.GREEN)
    return COUNTED[colour][0]


def _day(facts: FactsBuilder) -> None:
    today = local_date(facts.board.as_of, facts.board.rules.zone)
    facts.figure("today", "today", today.isoformat(), "date", "the date when the boards were read")
    rule = "a week on: the latest day for a decision that can wait no longer"
    facts.figure("decide.by", "decide by", (today + DECIDE_WITHIN).isoformat(), "date", rule)


def _whole(
    facts: FactsBuilder,
    teams: Mapping[str, TeamStanding],
    unread: Mapping[str, str],
    found: Between,
    past: Past,
) -> None:
    """How many teams stand how, and the one colour that follows."""
    count = Counter(one.outlook.status.colour for one in teams.values())
    overdue = sum(one.overdue_days > 0 for one in found.milestones)
    colour = colour_of(count, unread=len(unread), overdue=overdue)
    rule = f"Off Track from one team in {MANY}; At Risk with any team off its plan or unread, or a milestone overdue"
    facts.figure("status.colour", "status", COLOUR_WORDS[colour], "text", rule)
    facts.figure(
        "status.type", "the status as Asana names it", STATUS_TYPES[colour], "text", "by status.colour"
    )
    reason = _reason(count, colour, unread=len(unread), overdue=overdue)
    facts.figure("status.reason", "reason", reason, "text", "by that rule")
    if past.documents and (last := _before(past, "status.colour")):
        word = past.documents[0].status or last
        facts.figure("status.last", "last status", word, "text", "of the last roll-up")
    whole = len(teams) + len(unread)
    facts.figure("teams.read", "teams read", len(teams), "count", "boards read, of the teams asked", of=whole)
    for each in ORDER:
        name, label = COUNTED[each]
        facts.figure(name, label, count[each], "count", "by each team's own status", of=len(teams))
        before = past.documents[0].facts.facts.get(name) if past.documents else None
        if before is not None:
            label = f"{label} last week"
            facts.figure(f"{name}{LAST_WEEK}", label, before.value, "count", "in the last roll-up")
    _health(facts, teams)


def _health(facts: FactsBuilder, teams: Mapping[str, TeamStanding]) -> None:
    """How many teams score how, and what the score is made of."""
    words = Counter(one.health.word for one in teams.values())
    bands = (
        ("well", "well", "good", f"{GOOD} and more"),
        ("watch", "watch", "fair", f"{WATCH} to {GOOD - 1}"),
        ("low", "at risk", "low", f"under {WATCH}"),
    )
    for name, word, said, band in bands:
        label = f"teams of {said} health"
        facts.figure(f"health.{name}", label, words[word], "count", f"score {band}", of=len(teams))
    weights = ", ".join(f"{LABELS[part]} {weight}" for part, weight in WEIGHTS.items())
    rule = "weighted mean of the known parts; as on the dashboard's Portfolio"
    facts.figure("health.weights", "weights of the score", weights, "text", rule)


def colour_of(count: Mapping[Colour, int], *, unread: int, overdue: int) -> Colour:
    """One colour for all teams; `count` has how many stand how, `overdue` counts milestones."""
    read = sum(count.values())
    if MANY * count.get(Colour.RED, 0) >= max(read, 1):
        return Colour.RED
    off = count.get(Colour.RED, 0) + count.get(Colour.AMBER, 0)
    return Colour.AMBER if off or unread or overdue else Colour.GREEN


def _reason(count: Mapping[Colour, int], colour: Colour, *, unread: int, overdue: int) -> str:
    """What made the colour, in words; which teams it were stands under their own headings."""
    read = sum(count.values())
    if colour is Colour.RED:
        return f"{count[Colour.RED]} of {read} teams Off Track, and one in {MANY} is enough"
    told = [f"{count[each]} of {read} teams {COLOUR_WORDS[each]}" for each in ORDER[:2] if count[each]]
    told += [counted(unread, "team not read", "teams not read")] if unread else []
    told += [counted(overdue, "milestone overdue", "milestones overdue")] if overdue else []
    return "; ".join(told) or "every team is within its plan"


def _together(facts: FactsBuilder, teams: Mapping[str, TeamStanding], window: Window) -> None:
    """What all teams have finished, and what waits or is late with them: a task on two boards counts once."""
    done: set[str] = set()
    before: set[str] = set()
    for one in teams.values():
        week = week_of(min(window.end, one.board.as_of), one.board.rules.zone)
        done |= set(completed(one.board, week.start, week.end))
        before |= set(completed(one.board, week.before, week.start))
    facts.figure("throughput", "tasks done this week", len(done), "tasks", "by all teams, in seven days")
    rule = "by all teams, in the seven days before"
    facts.figure(f"throughput{LAST_WEEK}", "tasks done last week", len(before), "tasks", rule)
    stuck = {gid for one in teams.values() for gid in blocked_in_focus(one.board)}
    late = {gid for one in teams.values() for gid in flow.overdue(one.board)}
    facts.figure("blocked", "blocked in all teams", len(stuck), "tasks", "open and waiting")
    facts.figure("overdue", "overdue in all teams", len(late), "tasks", "open and due before today")


def _of(teams: Mapping[str, TeamStanding], colour: Colour) -> list[str]:
    """Teams of this colour, in the order of the configuration: an order, not a rank."""
    return [key for key, one in teams.items() if one.outlook.status.colour is colour]


def _touched(board: Board, window: Window) -> bool:
    return bool(activity(board, window.start, window.end).touched)


def _before(past: Past, fact_id: str) -> str:
    """A word of the last roll-up, by the rules; empty where it had none."""
    fact = past.documents[0].facts.facts.get(fact_id) if past.documents else None
    return str(fact.value) if fact is not None else ""


ROLLUP_CHECKS: Mapping[str, Check] = {
    "P1": criterion("P1", one_sentence, wording.headline_uses, headline_figure(), tells_change()),
    "P2": criterion("P2", statuses_by_rule),
    "P3": criterion("P3", tells("teams"), needed("teams")),
    "P4": criterion("P4", whose),
    "P5": criterion("P5", covers("across"), needed("across"), covers("milestones"), needed("milestones")),
    "P6": criterion(
        "P6", needed("decisions"), rests_on_something("decisions"), citing.owner_known, citing.due_supported
    ),
    "P7": criterion("P7", wording.figures_by_placeholder, whole_ranges("forecast.p50", "forecast.p85")),
    "P8": criterion("P8", no_league, wording.people_only_as_owners),
    "P9": criterion(
        "P9",
        shape.right_ceremony,
        shape.sections_in_order,
        shape.within_caps,
        shape.quiet_form,
        citing.cites_from,
        citing.cited_once,
    ),
    "P10": criterion("P10", wording.safe_text, citing.known_facts, citing.known_tasks),
}
"""The code half of rubrics/portfolio_rollup.md, criterion by criterion."""

CEREMONY = Ceremony(
    name="portfolio_rollup",
    title="Portfolio roll-up",
    cadence=Weekly(day="fri", at=time(16, 30)),
    gather=gather,
    checks=ROLLUP_CHECKS,
    status="status.type",
    agenda=("Teams off their plan", "Between teams", "Milestones in danger", "Decisions needed"),
    lasts=timedelta(minutes=30),
    over_teams=True,
)
