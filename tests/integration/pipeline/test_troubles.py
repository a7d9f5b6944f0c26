"""Asana and Managed Agents refusing, limiting and losing answers, at every stage of a run."""

import pytest

from facilitator.runs.run import Mode, Run, RunState

from .conftest import House

pytestmark = pytest.mark.anyio

STORIES = "/tasks/*/stories"


def stays_whole(house: House, run: Run) -> None:
    """What every failed run keeps: its history and its reason; and nothing in Asana."""
    story = house.app.store.history(run.id)
    assert story[0].why == "fired by hand"
    assert story[-1].why == run.reason
    assert house.app.store.get(run.id) == run
    assert not house.comments()


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refused_read_fails_the_run_with_its_remedy(hasty_house: House, status: int) -> None:
    """It is asked once, and the reason names the status and what to do."""
    hasty_house.harm("asana", "status", status=status, method="GET", path="/projects/*", count=None)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.FAILED
    assert f": {status}" in run.reason
    assert any(
        word in run.reason for word in ("ASANA_ACCESS_TOKEN", "Invite the bot user", "facilitator.toml")
    )
    stays_whole(hasty_house, run)


@pytest.mark.parametrize("status", [429, 500])
async def test_a_passing_trouble_of_a_read_is_waited_out(hasty_house: House, status: int) -> None:
    """Twice limited or broken, then well: the run does not notice."""
    hasty_house.harm("asana", "status", status=status, method="GET", count=2, retry_after=0)
    run = await hasty_house.fire(mode=Mode.SHADOW)
    assert run.state is RunState.SKIPPED, run.reason


@pytest.mark.parametrize("status", [429, 500])
async def test_lasting_trouble_of_a_read_fails_the_run(hasty_house: House, status: int) -> None:
    """Patience ends; the run says what was tried and why, and no session was paid for."""
    hasty_house.harm("asana", "status", status=status, method="GET", count=None, retry_after=0)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.FAILED
    assert str(status) in run.reason
    stays_whole(hasty_house, run)
    assert not [one for one in hasty_house.world.agents_requests if one.path == "/v1/sessions"]


@pytest.mark.parametrize("kind", ["drop", "malformed_json", "html_error", "truncated_body"])
async def test_a_broken_answer_to_a_read_is_asked_again(hasty_house: House, kind: str) -> None:
    """A cut line or a proxy's page is no answer."""
    hasty_house.harm("asana", kind, method="GET", count=2)
    run = await hasty_house.fire(mode=Mode.SHADOW)
    assert run.state is RunState.SKIPPED, run.reason


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refused_comment_fails_the_run_and_keeps_what_was_approved(
    hasty_house: House, status: int
) -> None:
    """The parcel stays in the run log with the bytes that were approved."""
    hasty_house.harm("asana", "status", status=status, method="POST", path=STORIES, count=None)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.FAILED
    assert f": {status}" in run.reason
    stays_whole(hasty_house, run)
    [parcel] = hasty_house.app.store.parcels(run.id)
    assert parcel.gid is None


@pytest.mark.parametrize("status", [429, 500])
async def test_a_comment_that_asana_cannot_take_now_stays_owed(hasty_house: House, status: int) -> None:
    """Approved and not written is no failure: it is tried at the next start, and then it is one comment."""
    hasty_house.harm("asana", "status", status=status, method="POST", path=STORIES, count=None, retry_after=0)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.APPROVED
    assert "to be tried again" in hasty_house.app.store.history(run.id)[-1].why
    assert not hasty_house.comments()
    hasty_house.world._asana_wire.faults.clear()
    run = await hasty_house.settle(run)
    assert run.state is RunState.WRITTEN, run.reason
    assert len(hasty_house.comments()) == 1


@pytest.mark.parametrize(
    "kind", ["commit_then_status", "commit_then_drop", "malformed_json", "truncated_body"]
)
async def test_a_comment_whose_answer_is_lost_is_found_not_repeated(hasty_house: House, kind: str) -> None:
    """It was written although nobody heard so: the marker is looked for before anything is sent again."""
    hasty_house.harm("asana", kind, method="POST", path=STORIES, count=1)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.WRITTEN, run.reason
    assert len(hasty_house.comments()) == 1
    assert len([one for one in hasty_house.writes() if one.endswith("/stories")]) == 1


@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop"])
async def test_the_task_for_the_comments_is_made_once(hasty_house: House, kind: str) -> None:
    """A lost answer to making the task leads to a look, not to a second task."""
    hasty_house.wants(task_name="Harbour reports")
    hasty_house.harm("asana", kind, method="POST", path="/tasks", count=1)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.WRITTEN, run.reason
    tasks = hasty_house.world.asana.world.tables["task"].values()
    assert [one["gid"] for one in tasks if one["name"] == "Harbour reports"] == [run.task_gid]


@pytest.mark.parametrize("kind", ["drop", "status"])
async def test_a_comment_that_never_arrived_is_sent_again(hasty_house: House, kind: str) -> None:
    """In doubt it looks; finding nothing after several looks, it writes, and that is the only one."""
    parameters = {"status": 500} if kind == "status" else {}
    hasty_house.harm("asana", kind, method="POST", path=STORIES, count=1, **parameters)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.WRITTEN, run.reason
    assert len(hasty_house.comments()) == 1


async def test_a_comment_that_cannot_be_read_back_is_not_called_written(hasty_house: House) -> None:
    """Written means seen in Asana; until then it is owed, and never posted twice."""
    hasty_house.harm("asana", "status", status=500, method="GET", path="/stories/*", count=None)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.APPROVED
    hasty_house.world._asana_wire.faults.clear()
    run = await hasty_house.settle(run)
    assert run.state is RunState.WRITTEN, run.reason
    assert len(hasty_house.comments()) == 1


@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop"])
async def test_a_session_whose_creation_is_lost_is_adopted(hasty_house: House, kind: str) -> None:
    """One session is followed, and it is the one that the lost call made."""
    hasty_house.harm("agents", kind, method="POST", path="/v1/sessions", count=1)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.WRITTEN, run.reason
    sessions = hasty_house.world.agents_app.state.sessions  # type: ignore[attr-defined]
    assert list(sessions) == [run.session_id]
    assert len(hasty_house.comments()) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refused_session_fails_the_run_with_its_remedy(hasty_house: House, status: int) -> None:
    """The reason names the status; Asana is left alone."""
    hasty_house.harm("agents", "status", status=status, method="POST", path="/v1/sessions", count=None)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.FAILED
    assert f"HTTP {status}" in run.reason
    stays_whole(hasty_house, run)


@pytest.mark.parametrize("status", [429, 529])
async def test_an_overloaded_service_is_waited_for(hasty_house: House, status: int) -> None:
    """Limited or overloaded twice: still one session and one comment."""
    hasty_house.harm(
        "agents", "status", status=status, method="POST", path="/v1/sessions", count=2, retry_after=0
    )
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.WRITTEN, run.reason
    sessions = hasty_house.world.agents_app.state.sessions  # type: ignore[attr-defined]
    assert list(sessions) == [run.session_id]


@pytest.mark.parametrize("kind", ["stream_cut", "stream_close", "stream_duplicate", "stream_unknown_event"])
async def test_a_troubled_event_stream_loses_and_doubles_nothing(hasty_house: House, kind: str) -> None:
    """Every event of the session is in the run log, once."""
    hasty_house.harm("agents", kind, method="GET", count=2, frames=5)
    run = await hasty_house.fire(mode=Mode.AUTO)
    assert run.state is RunState.WRITTEN, run.reason
    ids = [event["id"] for _, event in hasty_house.app.store.events(run.id) if "id" in event]
    session = hasty_house.world.agents_app.state.sessions[run.session_id]  # type: ignore[attr-defined]
    assert len(ids) == len(set(ids))
    assert {event["id"] for event in session.log.events} <= set(ids)
