"""Proposed changes to tasks, from the row to Asana: nothing without a yes, each once, and never over a person's change.

The proposals are queued as a session's tool does it; the session itself is tried in `tests/attacks`.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from facilitator.board.board import Board
from facilitator.board.wishes import Wish, Wished, wish_for
from facilitator.cli.telling import proposed
from facilitator.errors import CheckFailed
from facilitator.runs.assignment import Approver
from facilitator.runs.changes import Change
from facilitator.runs.ports import Tracker
from facilitator.runs.proposals import Proposal, Proposals
from facilitator.runs.run import Mode, Run, RunState

from .boards import IN_WINDOW, SECTIONS, board, moved, task
from .conftest import Opens
from .office import ALICE, APPROVERS, BOB, Office
from .test_parcels import Killed, Mortal

pytestmark = pytest.mark.anyio
RETRY, SEARCH = "1001", "1002"


@dataclass
class Desktop:
    """An office in which a session proposed changes before its draft came."""

    office: Office

    async def waiting(self, *wishes: tuple[str, Wished], mode: Mode = Mode.APPROVE, **team: Any) -> Run:
        """A run whose draft waits, with these changes of tasks proposed beside it."""
        house = self.office.house
        house.wants(approvers=APPROVERS, expires_after=timedelta(hours=24), **team)
        async with house.pipeline() as pipeline:
            run = await pipeline.advance(self.office.due(mode))
            assert run.state is RunState.GATHERED, run.reason
            app = house.app
            with app.store.step(run, now=app.clock()) as step:
                step.set(session_id=f"sesn_{run.id}")
                step.move(RunState.SUBMITTED, "by hand")
            for gid, wanted in wishes:
                self.queued(step.run, gid, wanted)
            return await pipeline.settle(self.judged(step.run))

    def queued(self, run: Run, gid: str, wanted: Wished) -> None:
        app = self.office.house.app
        snapshot = app.store.snapshot(run.id)
        assert snapshot is not None
        wish = wish_for(Board.of(snapshot, app.assignment("harbour", "standup").rules), gid, wanted)
        assert isinstance(wish, Wish), wish
        made = Proposals(app.database).queue(run, wish, "Bob asked", now=app.clock())
        assert isinstance(made, Proposal), made

    def judged(self, run: Run) -> Run:
        return self.office.judged(run)

    def task(self, gid: str) -> dict[str, Any]:
        return self.office.shown(gid)

    def section(self, gid: str) -> str:
        [membership] = self.task(gid)["memberships"]
        return str(membership["section"]["gid"])

    def touches(self, since: int) -> list[str]:
        """What was sent to Asana about tasks of the team, from the n-th write on."""
        own = (f"/tasks/{RETRY}", f"/tasks/{SEARCH}", "/addTask")
        return [one for one in self.office.house.writes()[since:] if one.endswith(own)]

    @property
    def writes(self) -> int:
        return len(self.office.house.writes())

    def outcomes(self, run: Run) -> list[str]:
        app = self.office.house.app
        return [one.outcome for one in Proposals(app.database).of(app.store.get(run.id))]

    def told(self) -> list[str]:
        """The subjects of the notices about changes that were not made."""
        posted = self.office.house.app.notices.recent(limit=50)
        return [one.notice.subject for one in posted if one.notice.kind == "change_refused"]

    def reset(self) -> None:
        """Put the tasks back where they were, for the next test: it is one world."""
        for gid in (RETRY, SEARCH):
            if self.task(gid)["completed"]:
                self.office.does(BOB, "PUT", f"/tasks/{gid}", completed=False)
            self.office.does(BOB, "POST", f"/sections/{SECTIONS['In progress']}/addTask", task=gid)
        self.office.passes(seconds=1)


@pytest.fixture
def desktop(office: Office) -> Desktop:
    made = Desktop(office)
    made.reset()
    return made


async def test_nothing_is_changed_before_a_yes_and_then_exactly_what_was_shown(desktop: Desktop) -> None:
    """The approver sees task, from, to and note; with the yes each is set once, beside the one comment."""
    before = desktop.writes
    run = await desktop.waiting((RETRY, "done"), (SEARCH, "todo"))
    notes = desktop.office.shown(desktop.office.task(run))["notes"]
    assert f"- Payment retry ({RETRY}): in_progress -> done, Bob asked" in notes
    assert f"- Search index ({SEARCH}): in_progress -> todo, Bob asked" in notes
    assert run.waits_for_a_person
    assert desktop.touches(before) == []
    desktop.office.sets(ALICE, run, "approved")
    before = desktop.writes
    run = await desktop.office.look(run)
    assert run.state is RunState.WRITTEN, desktop.office.notes(run)
    assert (desktop.task(RETRY)["completed"], desktop.section(SEARCH)) == (True, SECTIONS["To do"])
    assert len(desktop.touches(before)) == 2
    assert len(desktop.office.written()) == 1
    assert desktop.outcomes(run) == ["written", "written"]
    audit = desktop.office.house.app.audit
    [first, second] = [json.loads(one.detail) for one in audit.entries(run=run.id) if one.kind == "changed"]
    assert json.loads(first["after"])["completed"] is True
    assert json.loads(second["before"])["section"] == SECTIONS["In progress"]
    assert audit.verify().broken == ()
    assert await desktop.office.look(run) == run


async def test_a_no_changes_nothing(desktop: Desktop) -> None:
    """Nor does silence: the rows stay what they are, proposals."""
    run = await desktop.waiting((RETRY, "done"))
    before = desktop.writes
    desktop.office.house.reject(run, because="not today", who="Alice")
    assert (await desktop.office.look(run)).state is RunState.REJECTED
    assert desktop.touches(before) == []
    assert desktop.outcomes(run) == [""]


async def test_a_persons_change_meanwhile_stands_and_the_comment_is_written_once(desktop: Desktop) -> None:
    """Bob moved one of two tasks after the board was read: it stays his, the other is set, and people are told."""
    run = await desktop.waiting((RETRY, "done"), (SEARCH, "todo"))
    desktop.office.does(BOB, "POST", f"/sections/{SECTIONS['Done']}/addTask", task=SEARCH)
    before = desktop.writes
    run = await desktop.office.look(desktop.office.house.approve(run, who="Alice"))
    assert run.state is RunState.WRITTEN
    assert (desktop.task(RETRY)["completed"], desktop.section(SEARCH)) == (True, SECTIONS["Done"])
    assert len(desktop.touches(before)) == 1
    assert len(desktop.office.written()) == 1
    written, refused = desktop.outcomes(run)
    assert written == "written"
    assert refused.startswith("refused: changed meanwhile by Bob at 2026-")
    assert "changed meanwhile by Bob" in run.reason
    assert "changed meanwhile by Bob" in desktop.office.notes(run)
    assert f"An approved change was not made: Search index ({SEARCH}): in_progress -> todo" in desktop.told()


async def test_changes_can_be_left_out(desktop: Desktop) -> None:
    """At the command line by number, in Asana by three words; the document is written all the same."""
    run = await desktop.waiting((RETRY, "done"), (SEARCH, "todo"))
    app = desktop.office.house.app
    told = proposed(app, run).splitlines()
    assert told[0] == "  [AI Proposal] changes to tasks, made only with an approver's yes:"
    assert told[1] == f"    1. Payment retry ({RETRY}): in_progress -> done, Bob asked"
    wanted: dict[str, Any] = {"who": "Alice", "now": app.clock(), "channel": "cli"}
    with pytest.raises(CheckFailed, match="no proposed change 9"):
        app.approvals.approve(run, app.assignment("harbour", "standup"), chosen={9}, **wanted)
    run = app.approvals.approve(run, app.assignment("harbour", "standup"), chosen={2}, **wanted)
    run = await desktop.office.look(run)
    assert (desktop.task(RETRY)["completed"], desktop.section(SEARCH)) == (False, SECTIONS["To do"])
    assert app.store.decisions(run.id)[-1].because == "changes 2"

    desktop.reset()
    other = Office(
        desktop.office.house,
        replace(desktop.office.window, end=desktop.office.window.end + timedelta(hours=6)),
    )
    second = Desktop(other)
    run = await second.waiting((RETRY, "done"))
    other.says(ALICE, run, "Approve without changes.")
    run = await other.look(run)
    assert (run.state, second.task(RETRY)["completed"]) == (RunState.WRITTEN, False)
    assert app.store.decisions(run.id)[-1].because == "without the proposed changes"


async def test_two_people_must_agree_to_the_same_changes(desktop: Desktop) -> None:
    """Where the team says so; a second yes to other changes is no second yes."""
    run = await desktop.waiting((RETRY, "done"), two_person=frozenset({Change.TASK_CHANGES}))
    app = desktop.office.house.app
    run = desktop.office.house.approve(run, who="Alice")
    assert run.waits_for_a_person
    assert "task_changes: a second approver" in desktop.office.notes(run)
    assert desktop.office.house.approve(run, who="Alice").waits_for_a_person
    run = desktop.office.house.approve(app.store.get(run.id), who="Carol")
    run = await desktop.office.look(run)
    assert (run.state, desktop.task(RETRY)["completed"]) == (RunState.WRITTEN, True)


async def test_mode_auto_gives_way_to_a_person(desktop: Desktop) -> None:
    """A run with proposals is never decided on by code; without any it is."""
    run = await desktop.waiting((RETRY, "done"), mode=Mode.AUTO)
    assert run.waits_for_a_person
    assert "changes to tasks are proposed (1): a person decides" in desktop.office.notes(run)


async def test_a_team_may_want_none_at_all(desktop: Desktop) -> None:
    """In `never` the class is neither shown nor written, whoever says yes."""
    run = await desktop.waiting((RETRY, "done"), never=frozenset({Change.TASK_CHANGES}))
    assert "PROPOSED CHANGES" not in desktop.office.shown(desktop.office.task(run))["notes"]
    run = await desktop.office.look(desktop.office.house.approve(run, who="Alice"))
    assert (run.state, desktop.task(RETRY)["completed"]) == (RunState.WRITTEN, False)


DEATHS = [("read_task", 1, False), ("amend_task", 1, False), ("amend_task", 1, True), ("amend_task", 2, True)]


@pytest.mark.parametrize(("verb", "nth", "after"), DEATHS)
async def test_a_process_that_dies_leaves_each_change_made_once(
    desktop: Desktop, verb: str, nth: int, after: bool
) -> None:
    """Between write and record, and before: the next process finds what is so and sets only what is not."""
    run = await desktop.waiting((RETRY, "done"), (SEARCH, "todo"))
    house = desktop.office.house
    run, before = house.approve(run, who="Alice"), desktop.writes
    async with house.pipeline() as pipeline:
        desk = pipeline._desk
        tracker = desk.ports.tracker
        desk.ports = replace(
            desk.ports, tracker=lambda one: cast("Tracker", Mortal(tracker(one), verb, nth, after))
        )
        with pytest.raises(Killed):
            await pipeline.settle(run)
    run = await desktop.office.look(run)
    assert run.state is RunState.WRITTEN, desktop.office.notes(run)
    assert (desktop.task(RETRY)["completed"], desktop.section(SEARCH)) == (True, SECTIONS["To do"])
    assert len(desktop.touches(before)) == 2
    assert len(desktop.office.written()) == 1
    assert desktop.outcomes(run) == ["written", "written"]


TROUBLES = (
    {"kind": "commit_then_status", "status": 500},
    {"kind": "drop"},
    {"kind": "status", "status": 429},
)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: one["kind"])
async def test_a_lost_answer_is_looked_for(desktop: Desktop, trouble: dict[str, Any]) -> None:
    """Done or not done, the task itself says it; nothing is sent again before it was read again."""
    run = await desktop.waiting((RETRY, "done"))
    house = desktop.office.house
    run = house.approve(run, who="Alice")
    house.harm("asana", method="PUT", path=f"/tasks/{RETRY}", **trouble)
    run = await desktop.office.look(run)
    assert run.state is RunState.WRITTEN, desktop.office.notes(run)
    assert (desktop.task(RETRY)["completed"], desktop.outcomes(run)) == (True, ["written"])


async def test_blocked_tasks_are_marked_in_the_teams_own_field_once_approved(open_house: Opens) -> None:
    """Only where nobody said anything there, only after a yes, and by the same rule."""
    waits, story = moved(1001, "Payment retry", tags=[{"gid": "870"}])
    told = task(1002, "Search index", "In progress", tags=[{"gid": "870"}], modified_at=IN_WINDOW)
    told["custom_fields"] = [*told["custom_fields"], {"gid": "601", "enum_value": {"gid": "6012"}}]
    pack = board([waits, told, task(1003, "Free")], {RETRY: story})
    pack["tags"] = [{"gid": "870", "name": "blocked"}]
    options = [
        {"gid": "6011", "name": "Yes", "enabled": True},
        {"gid": "6012", "name": "No", "enabled": True},
    ]
    pack["custom_fields"].append(
        {"gid": "601", "name": "Impediment", "resource_subtype": "enum", "enum_options": options}
    )
    pack["projects"][0]["custom_field_settings"].append({"gid": "611", "custom_field": {"gid": "601"}})
    async with open_house(pack) as house:
        house.wants(blockers_field="impediment")
        run = await house.fire()
        assert run.waits_for_a_person, run.reason
        [one] = house.app.approvals.proposed(run, house.app.assignment("harbour", "standup"))
        assert (one.wish.task, one.wish.wanted, one.origin) == (RETRY, "Impediment: Yes", "facts")
        assert _impediment(house.world.asana.task(RETRY)) is None
        run = await house.settle(house.approve(run))
        assert run.state is RunState.WRITTEN, run.reason
        assert _impediment(house.world.asana.task(RETRY)) == "6011"
        assert _impediment(house.world.asana.task(SEARCH)) == "6012"


async def test_a_due_date_is_moved_with_two_peoples_word_and_not_with_one(open_house: Opens) -> None:
    """A task is due before what it waits for: the later date is proposed, and others plan by it."""
    first, story = moved(1001, "Payment retry", due_on="2026-06-19")
    second = task(1002, "Search index", due_on="2026-06-16", dependencies=[{"gid": RETRY}])
    async with open_house(board([first, second], {RETRY: story})) as house:
        house.wants(cascade_dates=True, approvers=(Approver("Alice"), Approver("Carol")))
        run = await house.fire()
        assert run.waits_for_a_person, run.reason
        [one] = house.app.approvals.proposed(run, house.app.assignment("harbour", "standup"))
        assert (one.wish.task, one.wish.before, one.wish.wanted) == (
            SEARCH,
            "due 2026-06-16",
            "due 2026-06-19",
        )
        run = await house.settle(house.approve(run, who="Alice"))
        assert run.waits_for_a_person
        assert "task_dates: a second approver must agree" in house.app.store.history(run.id)[-1].why
        assert house.writes() == []
        run = await house.settle(house.approve(run, who="Carol"))
        assert run.state is RunState.WRITTEN, run.reason
        shown = house.world.asana.task(SEARCH)
        assert (shown["due_on"], house.world.asana.task(RETRY)["due_on"]) == ("2026-06-19", "2026-06-19")


def _impediment(found: dict[str, Any]) -> str | None:
    held = next((one["enum_value"] for one in found["custom_fields"] if one["gid"] == "601"), None)
    return str(held["gid"]) if held else None
