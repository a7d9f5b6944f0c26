"""From a board to a run: once for each request, for those whose word counts, whatever becomes of the events."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from facilitator.board.snapshot import ProjectGid, TaskGid
from facilitator.calendar.window import Window
from facilitator.runs.approval_tasks import ApprovalTasks
from facilitator.runs.approval_tasks import Asked as AskedInAsana
from facilitator.runs.commands import Commands
from facilitator.runs.ports import BoardEvent
from facilitator.runs.run import Mode, RunState
from tests.integration.listening.conftest import BOT, Board
from tests.unit.sandbox_asana.worlds import ANN, DOING, FIRST, SECOND, TEAM, TODO

pytestmark = pytest.mark.anyio


class Dying(Commands):
    """A process that dies when it would record what became of a command."""

    def decide(self, *_asked: Any, **_verdict: Any) -> None:
        raise KeyboardInterrupt


async def test_a_mention_in_a_comment_yields_one_run_and_one_reply(board: Board) -> None:
    """However often we listen afterwards; the run is like one fired by hand, and handed to the executor."""
    before = len(board.replies())
    story = await board.says("@facilitator standup")
    (run,) = await board.hear()
    board.restart()
    for _ in range(3):
        assert await board.hear() == [run]
    assert (run.ceremony, run.trigger, run.state) == ("standup", "mention", RunState.SCHEDULED)
    assert board.started == [run.id]
    assert board.replies()[before:] == [
        f"Daily stand-up started: run {run.id}. Its draft will wait for Ann.\nref command/house/comment-{story}"
    ]


async def test_a_real_mention_is_known_by_the_bots_gid(board: Board) -> None:
    """As Asana expands it when the comment is read."""
    html = f'<body><a data-asana-gid="{BOT}"/> standup</body>'
    await board.do("POST", f"/tasks/{FIRST}/stories", html_text=html)
    assert [run.trigger for run in await board.hear()] == ["mention"]


async def test_nobody_elses_word_counts(board: Board) -> None:
    """Ben is on the board and not on the list: no run, one reply, and a record of it."""
    before = len(board.replies())
    await board.says("@facilitator standup", who="ben")
    for _ in range(2):
        assert await board.hear() == []
    assert [asked.verdict for asked in board.asked()] == ["refused"]
    assert len(board.replies()) == before + 1
    assert "not among those" in board.replies()[-1]


async def test_our_own_comments_are_never_a_request(board: Board) -> None:
    """Or we would answer ourselves for ever."""
    await board.says("@facilitator standup", who="bot")
    assert await board.hear() == []
    assert board.asked() == []


async def test_what_is_at_work_already_is_not_started_again(board: Board) -> None:
    """The second request is answered, and its window stays with the run there is."""
    await board.says("@facilitator standup")
    (run,) = await board.hear()
    board.later(minutes=1)
    await board.says("@facilitator standup")
    assert await board.hear() == [run]
    assert sorted(asked.verdict for asked in board.asked()) == ["accepted", "busy"]
    assert f"is at work (scheduled) already, run {run.id}" in board.replies()[-1]


async def test_a_request_nobody_understands_gets_what_can_be_asked_for(board: Board) -> None:
    """And no run."""
    await board.says("@facilitator make coffee")
    assert await board.hear() == []
    assert board.replies()[-1].startswith("Not understood. You can ask for: retro, standup.")


async def test_one_run_for_each_kind_of_trigger(board: Board) -> None:
    """A phrase, a task moved to a column, a task added by name: each once, each saying how it came."""
    await board.do("POST", f"/sections/{TODO}/addTask", task=SECOND)
    await board.hear()
    await board.do("POST", f"/sections/{DOING}/addTask", task=SECOND)
    await board.says("plan sprint")
    assert {(run.ceremony, run.trigger) for run in await board.hear()} == {
        ("standup", "section"),
        ("retro", "comment"),
    }
    board.later(minutes=1)
    for run in await board.hear():
        with board.app.store.step(run, now=board.now) as step:
            step.move(RunState.SKIPPED, "done with")
    task = await board.do("POST", "/tasks", name="Plan Sprint", projects=[TEAM])
    assert [run.trigger for run in await board.hear()].count("task") == 1
    assert len(board.replies(task["gid"])) == 1


async def test_what_means_nothing_to_us_is_counted(board: Board) -> None:
    """By resource and action, as they are called today; a kind nobody has heard of too."""
    await board.do("PUT", f"/tasks/{FIRST}", name="Another name")
    later = len(board.world.asana.world.events)
    board.world.asana.world.events._events[later - 1].record["action"] = "hugged"
    assert await board.hear() == []
    counted = board.app.commands.ignored(ProjectGid(TEAM))
    assert counted["task.changed"] == 1
    assert counted["story.hugged"] == 1


async def test_ten_thousand_duplicate_events_are_one_run(board: Board) -> None:
    """A hundred pages of the same event: one look at the story, one run, one reply."""
    before, asked = len(board.replies()), len(board.world.asana.requests)
    story = await board.says("@facilitator standup")
    events = board.world.asana.world.events
    events._events.extend([events._events[-1]] * 9_999)
    assert len(await board.hear()) == 1
    looks = [call.path for call in board.world.asana.requests[asked:]]
    assert looks.count("/api/1.0/events") == 100
    assert looks.count(f"/api/1.0/stories/{story}") == 1
    assert len(board.replies()) == before + 1


async def test_a_dead_token_means_reading_anew_what_was_said_meanwhile(board: Board) -> None:
    """Down for more than a day, or longer than Asana likes: nothing is lost, nothing old is started."""
    await board.says("@facilitator retro")
    (first,) = await board.hear()
    board.later(hours=30)
    await board.says("@facilitator standup")
    board.later(hours=1)
    board.restart()
    runs = await board.hear()
    assert [(run.ceremony, run.trigger) for run in runs if run.id != first.id] == [("standup", "mention")]
    assert {asked.verdict for asked in board.asked()} == {"accepted"}


async def test_a_request_of_the_day_before_yesterday_is_not_run(board: Board) -> None:
    """Found in the full look after a long outage; nobody waits for it, so nobody is answered."""
    before = len(board.replies())
    await board.says("@facilitator standup")
    board.later(hours=48)
    assert await board.hear() == []
    assert [asked.verdict for asked in board.asked()] == ["stale"]
    assert len(board.replies()) == before


async def test_a_crash_after_the_run_and_before_its_record_makes_no_second(board: Board) -> None:
    """The page is read again: the command is known, its window is the same, and so is its run."""
    await board.says("@facilitator standup")
    board.listener._commands = Dying(board.app.database)
    with pytest.raises(KeyboardInterrupt):
        await board.listener.turn()
    board.later(minutes=2)
    board.restart()
    (run,) = await board.hear()
    assert board.started == [run.id]
    assert [asked.verdict for asked in board.asked()] == ["accepted"]


async def test_a_reply_whose_answer_is_lost_is_not_said_twice(board: Board) -> None:
    """Looked for by its last line before it is said again."""
    before = len(board.replies())
    await board.says("@facilitator standup")
    board.world._asana_wire.faults.add(
        [
            {
                "kind": "commit_then_status",
                "method": "POST",
                "path": "/tasks/*/stories",
                "status": 500,
                "count": 1,
            }
        ]
    )
    await board.hear()
    assert len(board.replies()) == before + 1


async def test_a_project_that_cannot_be_read_is_only_logged(board: Board) -> None:
    """The next turn hears what was said meanwhile."""
    await board.says("@facilitator standup")
    board.world._asana_wire.faults.add([{"kind": "status", "path": "/events", "status": 403, "count": 1}])
    assert await board.hear() == []
    assert len(await board.hear()) == 1


async def test_a_comment_that_is_gone_before_it_is_read_is_nothing(board: Board) -> None:
    """Its event still comes."""
    story = await board.says("@facilitator standup")
    await board.do("DELETE", f"/stories/{story}")
    assert await board.hear() == []


async def test_an_answer_on_an_approval_task_is_looked_at_at_once(board: Board) -> None:
    """What it says is the run's own next step to judge; here it is only heard that something was said."""
    now = board.now
    window = Window(now - timedelta(days=1), now)
    run, _new = board.app.store.fire("house", "retro", window, mode=Mode.APPROVE, trigger="hand", now=now)
    tasks = ApprovalTasks(board.app.database)
    tasks.keep(replace(AskedInAsana(run.id, "digest", "ref approval/x"), gid=TaskGid(FIRST)))
    await board.do("POST", f"/tasks/{SECOND}/stories", text="approve")
    await board.hear()
    assert board.started == []
    await board.says("approve")
    await board.hear()
    assert board.started == [run.id]


async def test_a_ring_is_answered_at_once(board: Board) -> None:
    """What a webhook does: no waiting for the next turn."""
    await board.says("@facilitator standup")
    answering = asyncio.ensure_future(board.app.board_bell.answer(board.listener.turn))
    await asyncio.sleep(0)
    board.app.board_bell.ring()
    for _ in range(200):
        await asyncio.sleep(0.01)
        if board.started:
            break
    answering.cancel()
    assert len(board.started) == 1


async def test_events_of_ours_are_left_out_where_they_are_read(board: Board) -> None:
    """By author, as Asana tells it."""
    await board.says("hello", who="bot")
    await board.says("hello")
    stream = await board.tracker.listen(ProjectGid(TEAM))
    place = board.app.commands.place(ProjectGid(TEAM))
    assert place is not None
    page = await stream.read(place.sync)
    assert {event.author for event in page.events} == {ANN}
    assert all(isinstance(event, BoardEvent) for event in page.events)
