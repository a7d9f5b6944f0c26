"""The stand-up's facts: what a team reads at nine, and what it is spared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from facilitator.board.facts import Facts
from facilitator.board.rules import BoardRules, NoSprints
from facilitator.board.snapshot import Snapshot
from facilitator.calendar.window import Window
from facilitator.ceremony import TeamContext
from jobs.standup import CEREMONY, gather
from tests.boards import (
    SECTIONS,
    SprintLine,
    TaskLine,
    at,
    called,
    gid,
    instant,
    rules,
    snapshot,
    sprint,
    task,
)

S1 = sprint("S1", "2026-03-02", "2026-03-13")
START, NOW = "2026-03-06T09:00Z", "2026-03-09T09:00Z"
SINCE_THEN = "2026-03-06T15:00Z"


def standup(*lines: TaskLine | SprintLine, read: BoardRules | None = None, **more: Any) -> Facts:
    """Facts on Monday of day six, for the window since Friday."""
    return gathered(snapshot(S1, *lines, as_of=NOW, **more), read)


def gathered(known: Snapshot, read: BoardRules | None = None) -> Facts:
    window = Window(instant(START), instant(NOW))
    return gather(known, window, TeamContext("Harbour", read or rules()))


def listed(facts: Facts, fact_id: str) -> list[str]:
    return called(facts.facts[fact_id].tasks)


BLOCKED = at("2026-03-04T09:00Z", blocked="Blocked")
STARTED = at("2026-03-05T09:00Z", section="In progress")


def test_blocked_work_comes_with_its_age_and_its_cause() -> None:
    """Longest first; what it waits for is named."""
    facts = standup(
        task("keys", sprint="S1", owner="Mara", then=[BLOCKED]),
        task("import", sprint="S1", then=[at(SINCE_THEN, waits_for="layout")]),
        task("layout", sprint="S1"),
    )
    assert listed(facts, "blocked") == ["keys", "import"]
    told = facts.tasks[gid("keys")], facts.tasks[gid("import")]
    assert [one.figures["blocked_days"] for one in told] == [3, 1]
    assert told[1].notes["blocked_because"] == "waits for layout"
    assert told[0].notes["blocked_because"] == "the field Blocked says so"
    assert (facts.facts["blocked"].of, facts.facts["blocked.new"].value) == (3, 1)


def test_a_section_or_tag_that_blocks_is_named() -> None:
    """Which thing said so is part of the truth."""
    facts = standup(
        task("A", sprint="S1", section="On hold"),
        task("B", sprint="S1", tags=["waiting"]),
        sections=[*SECTIONS, "On hold"],
    )
    notes = {called([number])[0]: one.notes["blocked_because"] for number, one in facts.tasks.items()}
    assert notes == {"A": "it stands in the section On hold", "B": "it is tagged waiting"}


def test_the_backlogs_blockers_are_a_number() -> None:
    """Three years old and blocked in the backlog: not this morning's business."""
    facts = standup(task("old", section="Backlog", blocked="Blocked"), task("A", sprint="S1", then=[STARTED]))
    assert listed(facts, "blocked") == []
    assert facts.facts["blocked.elsewhere"].value == 1


def test_no_task_is_in_two_lists() -> None:
    """Blocked before ageing before moved, each task once."""
    past = [
        task(f"done {n}", then=[at("2026-03-01T09:00Z", section="In progress")], done="2026-03-01T12:00Z")
        for n in range(5)
    ]
    moved = at(SINCE_THEN, section="In review")
    facts = standup(
        *past,
        task("blocked", sprint="S1", then=[STARTED, BLOCKED, moved]),
        task("ageing", sprint="S1", then=[STARTED, moved]),
        task("moved", sprint="S1", then=[at("2026-03-08T09:00Z", section="In review"), at(NOW, points=1)]),
        task("fresh", sprint="S1", then=[at("2026-03-09T08:00Z", section="In progress")]),
    )
    lists = ("blocked", "ageing", "moved.done", "moved.in_review", "moved.started")
    assert [listed(facts, name) for name in lists] == [["blocked"], ["ageing", "moved"], [], [], ["fresh"]]
    assert (facts.facts["moved"].value, facts.facts["ageing.p85"].value) == (1, 1)
    assert facts.tasks[gid("ageing")].figures["age_days"] == 5


def test_without_a_pace_nothing_ages_and_that_is_said() -> None:
    """Four finished tasks make no line; the footer tells why the section is empty."""
    facts = standup(
        task("A", sprint="S1", section="In progress"), task("B", then=[STARTED], done="2026-03-05T12:00Z")
    )
    assert listed(facts, "ageing") == []
    assert "no ageing line: only 1 task finished in 12 weeks" in facts.coverage.blind_spots


def test_moved_work_is_grouped_by_its_last_state() -> None:
    """Done, in review, started since Friday; earlier moves are old news."""
    facts = standup(
        task("A", sprint="S1", then=[STARTED], done=SINCE_THEN),
        task("B", sprint="S1", then=[at(SINCE_THEN, section="In review")]),
        task("C", sprint="S1", then=[at(SINCE_THEN, section="In progress")]),
        task("old", sprint="S1", then=[STARTED]),
    )
    assert [listed(facts, f"moved.{name}") for name in ("done", "in_review", "started")] == [
        ["A"],
        ["B"],
        ["C"],
    ]
    assert (facts.facts["moved"].value, facts.facts["moved"].of) == (3, 4)


def test_the_headline_must_use_the_sprints_figures() -> None:
    """Day, verdict and the number behind it."""
    facts = standup(task("A", sprint="S1", points=3, done=SINCE_THEN))
    assert facts.document.headline_uses == ("sprint.day", "sprint.verdict", "sprint.done_points")
    assert facts.facts["sprint.verdict"].value == "On track"


def test_without_a_sprint_the_headline_counts_what_moved() -> None:
    """A flowing team is told of its flow; there is no sprint fact to misuse."""
    facts = standup(task("A", done=SINCE_THEN), task("B"), read=rules(sprint=NoSprints()))
    assert facts.document.headline_uses == ("moved",)
    assert not [name for name in facts.facts if name.startswith("sprint.")]


def test_a_flowing_team_looks_at_all_but_the_backlog() -> None:
    """Without a sprint, work outside the backlog is in focus."""
    facts = standup(
        task("A", blocked="Blocked"),
        task("B", blocked="Blocked", section="Backlog"),
        read=rules(sprint=NoSprints()),
    )
    assert listed(facts, "blocked") == ["A"]


def test_a_quiet_day_is_one_line() -> None:
    """Nothing moved, nothing newly blocked: old blockers alone do not make a digest."""
    facts = standup(task("A", sprint="S1", then=[BLOCKED]))
    assert facts.document.quiet
    assert facts.document.max_words == 40
    assert facts.document.headline_uses == ("sprint.day", "sprint.verdict")


def test_a_new_blocker_breaks_the_quiet() -> None:
    """So does work that came back."""
    assert not standup(task("A", sprint="S1", then=[at(SINCE_THEN, blocked="Blocked")])).document.quiet
    again = standup(
        task("A", sprint="S1", then=[at("2026-03-05T09:00Z", done=True), at(SINCE_THEN, done=False)])
    )
    assert not again.document.quiet
    assert again.facts["moved.reopened"].value == 1


def test_our_own_comment_does_not_break_the_quiet() -> None:
    """Yesterday's digest is not today's news."""
    assert standup(task("A", sprint="S1", then=[at(SINCE_THEN, by="bot", comment="digest")])).document.quiet


def test_the_last_two_days_may_be_longer() -> None:
    """240 words on days nine and ten of ten."""
    line = task("A", sprint="S1", done="2026-03-11T12:00Z")
    words = []
    for now in ("2026-03-11T13:00Z", "2026-03-12T09:00Z", "2026-03-13T09:00Z"):
        window = Window(instant("2026-03-11T09:00Z"), instant(now))
        made = gather(snapshot(S1, line, as_of=now), window, TeamContext("Harbour", rules()))
        words.append(made.document.max_words)
    assert words == [180, 240, 240]


def test_the_limit_stands_beside_the_work_in_progress() -> None:
    """Only where the team set one."""
    lines = [task(f"T{n}", section="In progress") for n in range(3)]
    facts = standup(*lines, read=rules(wip_limit=2))
    assert (facts.facts["wip"].value, facts.facts["wip.limit"].value) == (3, 2)
    assert "wip.limit" not in standup(*lines).facts


def test_what_is_late_or_nobodys_can_be_asked_about() -> None:
    """Overdue and ownerless work of the sprint may be cited; asks come from lists, not from the air."""
    facts = standup(
        task("late", sprint="S1", due="2026-03-06", owner="Mara"),
        task("free", sprint="S1"),
        task("late backlog", section="Backlog", due="2026-01-01"),
    )
    assert (listed(facts, "overdue"), listed(facts, "unassigned")) == (["late"], ["free"])
    help_spec = facts.document.sections[-1]
    assert {"overdue", "unassigned"} <= set(help_spec.cites_from)
    assert set(help_spec.cites_from) <= set(facts.facts)


def test_gaps_are_told_in_the_footer() -> None:
    """Missing estimates, unticked work, unreadable sprints, unread dependencies."""
    facts = standup(
        SprintLine("S9", "S9 | soon"),
        task("bare", sprint="S1"),
        task("dragged", sprint="S1", section="Done"),
        task("far", sprint="S1", points=1, waits_for=["elsewhere"]),
    )
    assert facts.coverage.blind_spots == (
        "1 task without an estimate",
        "1 task in Done is not marked complete",
        "1 sprint has no readable dates",
        "1 dependency leads to an unread task",
    )


def test_a_board_without_points_says_so() -> None:
    """Tasks are counted instead, and the footer tells."""
    known = snapshot(S1, task("A", sprint="S1", done=SINCE_THEN), as_of=NOW)
    fields = tuple(one for one in known.custom_fields if one.name != "Story Points")
    facts = gathered(replace(known, custom_fields=fields))
    assert facts.document.headline_uses[-1] == "sprint.done_tasks"
    assert "no field Story Points: no points" in facts.coverage.blind_spots


def test_an_empty_project_is_a_quiet_day() -> None:
    """No task, no section, no field: zeros, one line, no error."""
    empty = Snapshot(snapshot().project, "Empty", instant(NOW), ())
    facts = gathered(empty)
    assert facts.document.quiet
    assert facts.facts["moved"].value == 0
    assert facts.coverage.tasks_read == 0


def test_equal_boards_give_equal_bytes() -> None:
    """The order in which tasks were read changes nothing."""
    lines = [
        task(f"T{n}", sprint="S1", due="2026-03-06", then=[BLOCKED], done=SINCE_THEN if n % 2 else None)
        for n in range(9)
    ]
    known = snapshot(S1, *lines, as_of=NOW)
    turned = replace(known, tasks=known.tasks[::-1])
    assert gathered(known).to_json() == gathered(turned).to_json()


def test_every_fact_has_a_rule_and_every_cited_task_is_described() -> None:
    """Nothing a document may print stands without its reason."""
    facts = standup(task("A", sprint="S1", then=[BLOCKED]), task("B", sprint="S1", done=SINCE_THEN))
    assert all(fact.rule and fact.label for fact in facts.facts.values())
    shown = {name for spec in facts.document.sections for name in spec.cites_from}
    assert {number for name in shown for number in facts.facts[name].tasks} <= set(facts.tasks)


def test_the_ceremony_is_complete() -> None:
    """Found by its name, checked criterion by criterion."""
    assert CEREMONY.name == "standup"
    assert list(CEREMONY.checks) == [f"D{n}" for n in range(1, 11)]
