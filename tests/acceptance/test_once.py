"""One comment, whatever happens to the process: two at once, killed at any point, stopped, started again."""

import signal
from datetime import UTC, datetime, timedelta
from typing import Any

from facilitator.calendar.window import Window
from facilitator.runs.run import Mode, RunState
from facilitator.runs.store import RunStore

from .conftest import Deployment, until

KILLED_AT: list[tuple[str, dict[str, Any]]] = [
    ("asana", {"kind": "commit_then_hang", "method": "GET", "path": "/projects/*/tasks"}),
    ("agents", {"kind": "commit_then_hang", "method": "POST", "path": "/v1/sessions"}),
    ("agents", {"kind": "commit_then_hang", "method": "POST", "path": "/v1/sessions/*/events"}),
    ("agents", {"kind": "stream_silence", "method": "GET", "frames": 4, "seconds": 600}),
    ("asana", {"kind": "commit_then_hang", "method": "POST", "path": "/tasks"}),
    ("asana", {"kind": "commit_then_hang", "method": "POST", "path": "/tasks/*/stories"}),
    ("asana", {"kind": "commit_then_hang", "method": "GET", "path": "/stories/*"}),
]
"""Where a run is held while its process dies: reading, creating, submitting, following, writing, reading back."""


def auto(at: str) -> tuple[str, ...]:
    return ("run", "standup", "--team", "harbour", "--at", at, "--mode", "auto", "--json")


def test_two_commands_for_one_window_make_one_of_everything(deployment: Deployment, at: str) -> None:
    """Both tell the same run, written; there is one session and one comment."""
    both = [deployment.run.start(*auto(at)) for _ in range(2)]
    first, second = (deployment.run.end(process).data for process in both)
    assert first["run_id"] == second["run_id"]
    assert (first["state"], second["state"]) == ("written", "written")
    assert len(deployment.run("runs", "list", "--json").data) == 1
    assert deployment.sessions == [first["session_id"]]
    assert len(deployment.comments) == 1


def test_a_run_killed_at_every_place_goes_on_where_it_stood(deployment: Deployment, at: str) -> None:
    """Kill -9 with a call of unknown fate in the air, at one place after the other: each start finds what is there, goes
    on to the next place, and doubles nothing. Every place alone, and every record between, is in
    `tests/integration/pipeline/test_killed_anywhere.py`.
    """
    deployment.wants('task_name = "Harbour reports"')
    for on, fault in KILLED_AT:
        deployment.harm(on, **fault)
        held = deployment.run.start(*auto(at))
        until(lambda on=on: deployment.harmed(on), held)  # type: ignore[misc]
        held.kill()
        assert deployment.run.end(held).code == -signal.SIGKILL
    data = deployment.run(*auto(at)).data
    assert data["state"] == "written"
    assert deployment.sessions == [data["session_id"]]
    assert len(deployment.comments) == 1
    tasks = deployment.world.asana.world.tables["task"].values()
    assert len([task for task in tasks if task["name"] == "Harbour reports"]) == 1


def test_resume_takes_up_a_killed_run(deployment: Deployment, at: str) -> None:
    """By its id, without naming its window again."""
    deployment.harm("asana", "commit_then_hang", method="POST", path="/tasks/*/stories")
    held = deployment.run.start(*auto(at))
    until(lambda: deployment.harmed("asana"), held)
    held.kill()
    deployment.run.end(held)
    [run] = deployment.run("runs", "list", "--json").data
    assert run["state"] == "approved"
    assert deployment.run("runs", "resume", run["run_id"], "--json").data["state"] == "written"
    assert deployment.run("runs", "resume", run["run_id"], "--json").data["state"] == "written"
    assert len(deployment.comments) == 1


def due_now(deployment: Deployment) -> None:
    """Let the stand-up have been due five minutes ago, with a window before it in the run log."""
    now = datetime.now(UTC)
    moment = now - timedelta(minutes=5)
    week = '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    deployment.wants('mode = "auto"', f'at = "{moment:%H:%M}"', f"days = {week}")
    path = deployment.run.folder / "facilitator.toml"
    path.write_text(path.read_text().replace('zone = "UTC"', f'zone = "UTC"\nworking_days = {week}'))
    store = RunStore.open(run_log(deployment))
    earlier = Window(now - timedelta(days=3), now - timedelta(days=2))
    run, _ = store.fire("harbour", "standup", earlier, mode=Mode.SHADOW, trigger="test", now=earlier.end)
    with store.step(run, now=earlier.end) as step:
        step.move(RunState.SKIPPED, "an earlier day")
    store.close()


def newest_state(deployment: Deployment) -> str:
    """Where the newest run stands, read beside the process that works on it."""
    store = RunStore.open(run_log(deployment))
    newest = max(store.recent(), key=lambda run: run.window.end)
    store.close()
    return newest.state


def state_of(deployment: Deployment, run: str) -> str:
    """Where one run stands; by day, `serve` may have fired today's window besides."""
    store = RunStore.open(run_log(deployment))
    state = store.get(run).state
    store.close()
    return state


def run_log(deployment: Deployment) -> str:
    return f"sqlite:///{deployment.run.folder / 'facilitator.sqlite3'}"


def test_serve_fires_what_was_missed_and_stops_cleanly(deployment: Deployment) -> None:
    """The window due while nobody served is written once; SIGTERM ends with 0 and one envelope on standard output."""
    due_now(deployment)
    serving = deployment.run.start("serve", "--json")
    until(lambda: len(deployment.comments) == 1, serving)
    until(lambda: newest_state(deployment) == "written", serving)
    serving.send_signal(signal.SIGTERM)
    assert deployment.run.end(serving).data == {"unfinished": 0}
    again = deployment.run.start("serve", "--json")
    until(lambda: again.stderr is not None and "serving" in again.stderr.readline(), again)
    again.send_signal(signal.SIGINT)
    assert deployment.run.end(again).code == 0
    assert len(deployment.comments) == 1
    assert len(deployment.run("runs", "list", "--json").data) == 2


def test_serve_leaves_a_run_where_it_stands_and_goes_on_with_it(deployment: Deployment) -> None:
    """Stopped in the middle of a session it ends with 0 at once; the next start writes the one comment."""
    due_now(deployment)
    deployment.harm("agents", "stream_silence", method="GET", frames=4, seconds=600)
    serving = deployment.run.start("serve", "--json")
    until(lambda: deployment.harmed("agents"), serving)
    serving.send_signal(signal.SIGTERM)
    assert deployment.run.end(serving).data == {"unfinished": 1}
    assert newest_state(deployment) == "submitted"
    again = deployment.run.start("serve", "--json")
    until(lambda: newest_state(deployment) == "written", again)
    again.send_signal(signal.SIGTERM)
    assert deployment.run.end(again).data == {"unfinished": 0}
    assert len(deployment.comments) == 1
    assert len(deployment.sessions) == 1


def test_serve_takes_up_a_yes_from_the_command_line(deployment: Deployment, at: str) -> None:
    """What was approved and not written, because the approving process died, is written by the next start."""
    run = deployment.run("run", "standup", "--team", "harbour", "--at", at, "--json").data["run_id"]
    deployment.harm("asana", "commit_then_hang", method="POST", path="/tasks/*/stories")
    approving = deployment.run.start("approvals", "approve", run, "--by", "Alice", "--json")
    until(lambda: deployment.harmed("asana"), approving)
    approving.kill()
    deployment.run.end(approving)
    serving = deployment.run.start("serve", "--json")
    until(lambda: state_of(deployment, run) == "written", serving)
    serving.send_signal(signal.SIGTERM)
    assert deployment.run.end(serving).code == 0
    assert len(deployment.comments) == 1
