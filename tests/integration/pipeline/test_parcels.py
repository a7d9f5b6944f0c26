"""A made-up ceremony with two actions, a status update and a picture: each written exactly once, whatever goes wrong.

The ceremony stands beside the configuration, as a team's own would. The board is read by the pipeline; the draft is put in by
hand, for what is tested begins with the approval. Waits pass at once: a tracker and a pipeline share a clock that only
sleeping moves.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

import httpx
import pytest

from facilitator.agents import ManagedAgentsBackend
from facilitator.asana import AsanaTracker, Limits
from facilitator.board.snapshot import ProjectGid, TaskGid
from facilitator.drafts.draft import Draft
from facilitator.errors import CheckFailed
from facilitator.runs.locks import FileLocks
from facilitator.runs.pipeline import Pipeline
from facilitator.runs.ports import Tracker
from facilitator.runs.run import Run, RunState
from facilitator.runs.steps.desk import Ports
from facilitator.sandbox import Sandbox
from tests.unit.asana.fake import FakeTime

from .boards import board, task
from .conftest import SPEED, House, composed, configuration_of

pytestmark = pytest.mark.anyio
KEY = ("harbour", "huddle")
OWNER, WORK = "902", "1001"
FAST = Limits(requests_per_minute=1500, burst=1500, first_backoff=0.001, longest_backoff=0.001)

JOB = '''
"""A made-up ceremony: it proposes actions, has a status and one picture, and remembers its actions."""

from datetime import time

from facilitator.board.board import Board
from facilitator.board.building import FactsBuilder
from facilitator.board.facts import Document, SectionSpec
from facilitator.calendar.cadence import Weekdays
from facilitator.ceremony import Ceremony, Chart


def gather(snapshot, window, context):
    board = Board.of(snapshot, context.rules)
    facts = FactsBuilder(board, ceremony="huddle", team=context.team, start=window.start, end=window.end)
    open_tasks = [found.task.gid for found in board.open_tasks()]
    facts.listed("open", "open", open_tasks, "every open task")
    facts.figure("status.type", "status", "at_risk", "text", "made up")
    past = "; ".join(f"{one.number} {one.text}, {one.owner}, {one.due_on}, {one.signal}, {one.task}" for one in context.past.actions)
    facts.figure("past", "earlier actions", past or "none", "text", "approved actions, newest first")
    sections = (SectionSpec("actions", "Actions", 3, needs=("owner", "signal")),)
    return facts.build(Document(sections, max_words=100))


def draw(snapshot, window, context):
    return (Chart("burndown", "Burndown", bytes(range(256)), b"<svg/>"),)


CEREMONY = Ceremony(
    name="huddle", title="Huddle", cadence=Weekdays(time(9, 15)), gather=gather,
    actions="actions", status="status.type", charts=draw,
)
'''
COMMENT = "<body>\n<strong>{{ doc.headline }}</strong>\n{{ doc.stamp.marker }}\n</body>\n"
BRIEF = "Write the huddle.\n"
RUBRIC = """---
id: huddle
version: 1.0.0
max_iterations: 2
artifact: /mnt/session/outputs/draft.json
---
# Rubric: huddle

## H1 It proposes something   [hard] [grader]
`actions` has at least one item.
Fail when: `actions` has no item.
Why: a huddle without a next step was a chat.
"""

WISHES = """
[teams.ceremonies.huddle]
status_update = true
charts = true
actions_section = "to do"
"""

DRAFT = Draft.model_validate(
    {
        "ceremony": "huddle",
        "headline": "All calm.",
        "sections": [
            {
                "id": "actions",
                "items": [
                    {
                        "text": "Agree on a limit for open work",
                        "tasks": [WORK],
                        "owner": OWNER,
                        "due_on": "2026-06-24",
                        "signal": "fewer open tasks than {open}",
                    },
                    {
                        "text": "Ask the vendor for a contact",
                        "owner": "product owner",
                        "signal": "a name on the board",
                    },
                ],
            }
        ],
    }
)


class Killed(BaseException):
    """The process is gone at this point."""


@dataclass
class Mortal:
    """A tracker in a process that dies before or after the n-th call of one verb."""

    tracker: Tracker
    verb: str
    nth: int
    after: bool
    calls: int = 0

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self.tracker, name)

        async def call(*given: Any, **named: Any) -> Any:
            self.calls += name == self.verb
            fatal = name == self.verb and self.calls == self.nth
            if fatal and not self.after:
                raise Killed
            answer = await method(*given, **named)
            if fatal:
                raise Killed
            return answer

        return call


@dataclass
class MortalClock:
    """A clock in a process that dies when it is asked once too often: before the record of some step."""

    clock: Callable[[], datetime]
    left: int

    def __call__(self) -> datetime:
        if self.left == 0:
            raise Killed
        self.left -= 1
        return self.clock()


@dataclass
class Huddle:
    """The program with the made-up ceremony, and short verbs for what its approval writes."""

    house: House
    time: FakeTime = field(default_factory=FakeTime)

    async def nap(self, seconds: float) -> None:
        """Let the time pass at once, and others have their turn."""
        await self.time.sleep(seconds)
        await asyncio.sleep(0)

    @asynccontextmanager
    async def pipeline(
        self,
        wrap: Callable[[Tracker], Tracker] = lambda tracker: tracker,
        clock: Callable[[], datetime] | None = None,
    ) -> AsyncIterator[Pipeline]:
        """A pipeline as a new process would have it, with waits that pass at once."""
        app = self.house.app
        asana, agents = app.settings.asana, app.settings.agents
        backend = ManagedAgentsBackend(app.pinned(), agents.key.reveal, agents.base_url)
        async with AsanaTracker(
            base_url=asana.base_url, token=asana.token.reveal, limits=FAST, clock=self.time.clock,
            sleep=self.nap, random=Random(7),
        ) as tracker:  # fmt: skip
            ports = Ports(
                store=app.store, tracker=lambda _assignment: wrap(tracker), agents=backend, pinned=app.pinned(),
                library=app.library, locks=FileLocks(app.locks_folder), clock=clock or app.clock,
                sleep=self.nap,
            )  # fmt: skip
            try:
                yield Pipeline(ports, app.assignments)
            finally:
                await backend.aclose()

    def wants(self, **changes: Any) -> None:
        """Change what the team wants of its huddle."""
        app = self.house.app
        app.assignments = {**app.assignments, KEY: replace(app.assignments[KEY], **changes)}

    async def judged(self, draft: Draft = DRAFT) -> Run:
        """A run whose board was read and whose draft waits for a person."""
        async with self.pipeline() as pipeline:
            run = await pipeline.advance(self.house.due("huddle"))
        assert run.state is RunState.GATHERED, run.reason
        app = self.house.app
        with app.store.step(run, now=app.clock()) as step:
            step.move(RunState.SUBMITTED, "by hand")
            step.keep_draft(draft, (), origin="agent")
            step.set(result="satisfied", expires_at=app.clock() + timedelta(days=1))
            step.move(RunState.JUDGED, "by hand")
        return step.run

    async def approved(self, draft: Draft = DRAFT) -> Run:
        """The same, and Alice said yes."""
        return self.house.approve(await self.judged(draft))

    async def settle(self, run: Run, **how: Any) -> Run:
        """Advance it in a process of its own."""
        async with self.pipeline(**how) as pipeline:
            return await pipeline.settle(self.house.app.store.get(run.id))

    async def dies(self, run: Run, **how: Any) -> bool:
        """Advance it in a process that may die; whether it did."""
        try:
            await self.settle(run, **how)
        except Killed:
            return True
        return False

    def held(self, table: str) -> list[dict[str, Any]]:
        """The world's records of one kind."""
        return list(self.house.world.asana.world.tables[table].values())

    def actions(self) -> list[dict[str, Any]]:
        """The tasks made of actions, in the order of their markers."""
        made = [one for one in self.held("task") if "ref huddle/" in one.get("notes", "")]
        return sorted(made, key=lambda one: str(one["notes"]).splitlines()[-1])

    def written(self) -> dict[str, int]:
        """How many there are of each thing an approval writes."""
        return {
            "ceremony tasks": sum(one["name"] == "Huddle" for one in self.held("task")),
            "comments": sum("ref huddle/" in one.get("text", "") for one in self.held("story")),
            "actions": len(self.actions()),
            "status updates": len(self.held("status_update")),
            "pictures": len(self.held("attachment")),
        }


ONCE = {"ceremony tasks": 1, "comments": 1, "actions": 2, "status updates": 1, "pictures": 1}
NOTHING = dict.fromkeys(ONCE, 0)


@pytest.fixture
def huddle(tmp_path: Path) -> Iterator[Huddle]:
    """A small board, a team with its own ceremony, and everything an approval can write switched on."""
    for name, content in (
        ("jobs/huddle.py", JOB),
        ("rubrics/huddle.md", RUBRIC),
        ("templates/briefs/huddle.md.j2", BRIEF),
        ("templates/comments/huddle.html.j2", COMMENT),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    pack = board([task(int(WORK), "Payment retry", "In progress", assignee={"gid": OWNER})])
    with Sandbox(pack, speed=SPEED, seed=7) as world:
        house = composed(world, pack, tmp_path, configuration_of(pack) + WISHES)
        yield Huddle(house)
        house.app.close()


def marker(run: Run) -> str:
    return f"ref {run.key}"


async def test_an_approval_writes_each_thing_once(huddle: Huddle) -> None:
    """A comment, two tasks, a status update and a picture; the log names each with its gid."""
    run = await huddle.settle(await huddle.approved())
    assert run.state is RunState.WRITTEN, run.reason
    assert huddle.written() == ONCE
    assert all(parcel.gid and parcel.written_at for parcel in huddle.house.app.store.parcels(run.id))


async def test_an_action_becomes_the_task_that_was_approved(huddle: Huddle) -> None:
    """Owner, day, section, signal and the way back: all a person needs to take it up."""
    run = await huddle.settle(await huddle.approved())
    first, second = huddle.actions()
    assert (first["name"], first["due_on"]) == ("Agree on a limit for open work", "2026-06-24")
    assert first["assignee"]["gid"] == OWNER
    assert [one["section"]["gid"] for one in first["memberships"]] == ["801"]
    assert first["notes"].splitlines()[1:] == [
        "Done when: fewer open tasks than 1",
        "AI draft, approved by Alice.",
        f"{marker(run)}#1",
    ]
    assert second.get("assignee") is None
    assert second["notes"].splitlines()[1:] == [
        "Owner: product owner",
        "Done when: a name on the board",
        "AI draft, approved by Alice.",
        f"{marker(run)}#2",
    ]


async def test_every_write_says_that_a_machine_wrote_it(huddle: Huddle) -> None:
    """Comment, actions, status update, picture and the task that takes the comments; all written as the bot."""
    run = await huddle.settle(await huddle.approved())
    signed = "AI draft, approved by Alice"
    [comment] = [one for one in huddle.held("story") if "ref huddle/" in one.get("text", "")]
    assert signed in comment["text"]
    assert all(signed in one["notes"] for one in huddle.actions())
    assert signed in huddle.held("status_update")[0]["text"]
    assert huddle.held("attachment")[0]["name"].startswith("ai-draft-")
    [home] = [one for one in huddle.held("task") if one["name"] == "Huddle"]
    assert "AI agent" in home["notes"]
    audit = huddle.house.app.audit
    writes = [json.loads(one.detail) for one in audit.entries(run=run.id) if one.kind == "sent"]
    assert [one["after"] for one in writes] == [one.gid for one in huddle.house.app.store.parcels(run.id)]
    assert {one["bot"] for one in writes} == {comment["created_by"]["gid"]}
    assert audit.verify().broken == ()


async def test_an_action_links_back_to_the_documents_task(huddle: Huddle) -> None:
    """Where the configuration names the task, the approved bytes hold its address."""
    huddle.wants(task=TaskGid(WORK))
    await huddle.settle(await huddle.approved())
    link = f"Document: https://app.asana.com/0/0/{WORK}/f"
    assert [link in one["notes"].splitlines() for one in huddle.actions()] == [True, True]


async def test_the_status_update_says_what_the_comment_says(huddle: Huddle) -> None:
    """The type is the rule's, the text the document's, the last line its marker."""
    run = await huddle.settle(await huddle.approved())
    [update] = huddle.held("status_update")
    assert (update["status_type"], update["title"]) == ("at_risk", "Huddle, 2026-06-10")
    assert update["text"].splitlines()[0] == "All calm."
    assert update["text"].splitlines()[-1] == marker(run)


async def test_the_next_document_knows_what_was_approved(huddle: Huddle) -> None:
    """Text with its figures, owner or role, day, signal and the task it became."""
    run = await huddle.settle(await huddle.approved())
    first, second = huddle.actions()
    huddle.house.as_of = run.window.end + timedelta(minutes=5)
    again = await huddle.judged()
    facts = huddle.house.app.store.facts(again.id)
    assert facts is not None
    assert facts.facts["past"].value == (
        f"1 Agree on a limit for open work, {OWNER}, 2026-06-24, fewer open tasks than 1, {first['gid']}; "
        f"2 Ask the vendor for a contact, product owner, , a name on the board, {second['gid']}"
    )


WRITES: dict[str, dict[str, Any]] = {
    "the ceremony's task": {"path": "/tasks"},
    "the comment": {"path": "/tasks/*/stories"},
    "the first action": {"path": "/tasks", "after": 1},
    "the second action": {"path": "/tasks", "after": 2},
    "the status update": {"path": "/status_updates"},
    "the picture": {"path": "/attachments"},
}
TROUBLES: dict[str, dict[str, Any]] = {
    "done, then 500": {"kind": "commit_then_status", "status": 500},
    "done, then cut": {"kind": "commit_then_drop"},
    "done, unreadable": {"kind": "malformed_json"},
    "500 before": {"kind": "status", "status": 500},
    "cut before": {"kind": "drop"},
    "429": {"kind": "status", "status": 429, "retry_after": 30},
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("write", WRITES)
async def test_a_write_that_goes_wrong_happens_once(huddle: Huddle, write: str, trouble: str) -> None:
    """Done or not, the answer is looked for and not guessed: in the end each thing is there once."""
    run = await huddle.approved()
    huddle.house.harm("asana", **TROUBLES[trouble], **WRITES[write], method="POST")
    run = await huddle.settle(run)
    assert run.state is RunState.WRITTEN, run.reason
    assert huddle.written() == ONCE
    if trouble == "429":
        assert huddle.time.slept > 30


async def test_no_answer_to_any_write_is_no_hindrance(huddle: Huddle) -> None:
    """Every write happens and every answer is lost: each is found by its marker."""
    run = await huddle.approved()
    huddle.house.harm("asana", "commit_then_drop", method="POST", count=None)
    run = await huddle.settle(run)
    assert (run.state, huddle.written()) == (RunState.WRITTEN, ONCE)


async def test_an_approval_stays_owed_while_asana_is_down_and_is_then_written(huddle: Huddle) -> None:
    """Nobody has to approve again: the next start writes what is owed, each thing once."""
    run = await huddle.approved()
    huddle.house.harm("asana", "status", status=503, method="POST", count=None)
    owed = await huddle.settle(run)
    assert (owed.state, huddle.written()) == (RunState.APPROVED, NOTHING)
    assert "not written yet" in huddle.house.app.store.history(run.id)[-1].why
    huddle.house.world._asana_wire.faults.clear()
    assert (await huddle.settle(run)).state is RunState.WRITTEN
    assert huddle.written() == ONCE


POINTS = [
    ("find_task", 1), ("create_task", 1), ("find_comments", 1), ("post_comment", 1), ("read_comment", 1),
    ("create_task", 2), ("find_marked_task", 2), ("create_task", 3), ("post_status", 1), ("attach", 1),
]  # fmt: skip


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("verb", "nth"), POINTS)
async def test_a_process_that_dies_at_a_call_leaves_nothing_to_do_twice(
    huddle: Huddle, verb: str, nth: int, after: bool
) -> None:
    """Before the call nothing happened; after it the world has it and the log does not. The next process sorts it out."""
    run = await huddle.approved()
    assert await huddle.dies(run, wrap=lambda tracker: cast("Tracker", Mortal(tracker, verb, nth, after)))
    assert huddle.house.app.store.get(run.id).state is RunState.APPROVED
    run = await huddle.settle(run)
    assert run.state is RunState.WRITTEN, run.reason
    assert huddle.written() == ONCE


@pytest.mark.parametrize("records", [3, 4, 6])
async def test_processes_that_die_again_and_again_come_to_an_end(huddle: Huddle, records: int) -> None:
    """Each process gets a few records further; however often one dies, the sum is the same.

    A process reads the clock when it begins a step and twice to record an attempt: with fewer it could record nothing.
    """
    run, deaths = await huddle.approved(), 0
    while await huddle.dies(run, clock=MortalClock(huddle.house.app.clock, records)):
        deaths += 1
        assert deaths < 20
    assert deaths > 1
    assert huddle.house.app.store.get(run.id).state is RunState.WRITTEN
    assert huddle.written() == ONCE


async def test_settling_what_is_written_sends_nothing(huddle: Huddle) -> None:
    """An ended run stays as it is."""
    run = await huddle.settle(await huddle.approved())
    before = len(huddle.house.writes())
    assert await huddle.settle(run) == run
    assert len(huddle.house.writes()) == before


async def test_two_workers_write_once(huddle: Huddle) -> None:
    """Both start on the same approved run; one holds its lock, the other takes what came of it."""
    run = await huddle.approved()
    one, two = await asyncio.gather(huddle.settle(run), huddle.settle(run))
    assert one.state is two.state is RunState.WRITTEN
    assert huddle.written() == ONCE


async def test_a_rejection_creates_nothing(huddle: Huddle) -> None:
    """Not the comment, not a task, not even the ceremony's own."""
    run = huddle.house.reject(await huddle.judged(), because="not this sprint")
    assert (await huddle.settle(run)).state is RunState.REJECTED
    assert huddle.written() == NOTHING
    assert not [call for call in huddle.house.writes() if call.startswith("POST")]


async def test_a_draft_that_waits_creates_nothing(huddle: Huddle) -> None:
    """Settling it changes nothing, and a faulty one cannot be approved by anyone."""
    nobody = DRAFT.model_copy(update={"headline": "See https://evil.example now."})
    run = await huddle.settle(await huddle.judged(nobody))
    with pytest.raises(CheckFailed, match="cannot be approved"):
        huddle.house.approve(run)
    assert (run.state, huddle.written()) == (RunState.JUDGED, NOTHING)


@pytest.mark.parametrize(
    ("path", "status", "missing"),
    [
        ("/status_updates", 402, "status updates"),
        ("/attachments", 403, "pictures"),
    ],
)
async def test_what_is_refused_beside_the_comment_is_named(
    huddle: Huddle, path: str, status: int, missing: str
) -> None:
    """The document is there and the rest is written: a failed run would have the next one tell it all again."""
    run = await huddle.approved()
    huddle.house.harm("asana", "status", status=status, method="POST", path=path, count=None)
    run = await huddle.settle(run)
    assert run.state is RunState.WRITTEN
    assert "not written: Asana would not" in run.reason
    assert str(status) in run.reason
    assert huddle.written() == {**ONCE, missing: 0}


async def test_actions_for_a_project_that_is_not_shared_are_named(huddle: Huddle) -> None:
    """A wrong gid in the configuration costs the tasks, tells so, and keeps comment, status and picture."""
    huddle.wants(actions_project=ProjectGid("7777"))
    run = await huddle.settle(await huddle.approved())
    assert run.state is RunState.WRITTEN
    assert "task 'Agree on a limit for open work' not written" in run.reason
    assert huddle.written() == {**ONCE, "actions": 0}


async def test_a_refused_comment_fails_the_run_before_anything_else(huddle: Huddle) -> None:
    """Without the document there are no actions of it."""
    run = await huddle.approved()
    huddle.house.harm("asana", "status", status=403, method="POST", path="/tasks/*/stories", count=None)
    run = await huddle.settle(run)
    assert (run.state, "403" in run.reason) == (RunState.FAILED, True)
    assert huddle.written() == {**NOTHING, "ceremony tasks": 1}


async def test_a_comment_that_a_person_deleted_is_not_written_again(huddle: Huddle) -> None:
    """Gone between the write and the reading back: the run ends with its reason, and Asana stays as the person left it."""
    run = await huddle.approved()
    assert await huddle.dies(
        run, wrap=lambda tracker: cast("Tracker", Mortal(tracker, "read_comment", 1, False))
    )
    story = huddle.house.app.store.get(run.id).story_gid
    url = huddle.house.world.asana_url.removesuffix("/api/1.0")
    httpx.post(f"{url}/_sandbox/hide", json={"gids": [story]}, trust_env=False).raise_for_status()
    run = await huddle.settle(run)
    assert (run.state, "not there any more" in run.reason) == (RunState.FAILED, True)
    assert huddle.written()["comments"] == 1


def test_the_made_up_ceremony_is_whole(huddle: Huddle) -> None:
    """Module, rubric and templates beside the configuration fit, with no edit of the engine."""
    library = huddle.house.app.library
    assert library.prove(library.ceremony("huddle")) == "huddle@1.0.0"
