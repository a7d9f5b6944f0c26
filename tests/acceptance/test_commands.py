"""Every verb at the command line: its envelope, its exit code, and what it did in the world."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from .conftest import KEYS, ROOT, RUNNER, Deployment, Program, printed_urls

RUN_KEYS = {
    "run_id",
    "ceremony",
    "team",
    "state",
    "verdicts",
    "session_id",
    "task_gid",
    "story_gid",
    "comment_html",
    "cost",
}

WRONG = [
    (),
    ("nonsense",),
    ("run", "standup"),
    ("run", "standup", "--team", "harbour", "--frequency", "often"),
    ("next", "--days", "many"),
    ("sandbox", "--speed", "0"),
    ("check",),
    ("runs", "list"),
    ("approvals", "reject", "run_1"),
]
"""Words that no configuration could make right, and verbs without one."""


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_use_exits_2_without_a_traceback(program: Program, words: tuple[str, ...]) -> None:
    """In words for people, and as one envelope for programs."""
    plain = program(*words)
    assert plain.code == 2
    assert "Traceback" not in plain.err
    if words:
        answer = program(*words, "--json")
        assert answer.code == 2
        assert answer.error["code"] == "configuration"
        assert answer.error["message"]


def test_help_answers_without_the_heavy_libraries() -> None:
    """Neither client library, database nor chart is imported to show the verbs."""
    code = f"import sys, runpy; sys.argv = ['runner.py', '--help']; sys.path.insert(0, {str(ROOT)!r})\ntry:\n runpy.run_path({str(RUNNER)!r}, run_name='__main__')\nexcept SystemExit as end:\n assert end.code == 0\nprint(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    for heavy in ("anthropic", "sqlalchemy", "httpx", "httpx2", "matplotlib", "apscheduler", "starlette"):
        assert f"'{heavy}'" not in done.stderr
    assert "approvals" in done.stdout


def test_the_demo_writes_every_document(program: Program) -> None:
    """With no key and no network: each run is written, with a revision on the way, and the run log stays."""
    data = program("demo", "--json").data
    assert "standup" in {run["ceremony"] for run in data["runs"]}
    for run in data["runs"]:
        assert set(run) >= RUN_KEYS
        assert run["state"] == "written"
        assert [verdict["result"] for verdict in run["verdicts"]] == ["needs_revision", "satisfied"]
        assert run["comment_html"].startswith("<body>")
        assert all((run["run_id"], run["team"], run["session_id"], run["task_gid"], run["story_gid"]))
        assert run["cost"]["list_cents"] > 0
    listed = program("--config", data["configuration"], "runs", "list", "--json").data
    assert {run["run_id"] for run in listed} == {run["run_id"] for run in data["runs"]}


def test_the_demo_clears_no_folder_but_its_own(program: Program) -> None:
    """A folder with something else in it is refused and left as it is."""
    (program.folder / "demo").mkdir()
    precious = program.folder / "demo" / "precious"
    precious.write_text("mine")
    assert program("demo", "--json").error["code"] == "configuration"
    assert precious.read_text() == "mine"


def test_init_writes_a_configuration_once(program: Program) -> None:
    """The second time it is kept, unless forced."""
    words = ("init", "--team", "Harbour", "--project", "123", "--approver", "Alice", "--json")
    assert program(*words).data["path"] == "facilitator.toml"
    written = (program.folder / "facilitator.toml").read_text()
    assert "already there" in program(*words).error["message"]
    assert (program.folder / "facilitator.toml").read_text() == written
    assert program(*words, "--force").code == 0


def test_check_finds_what_is_missing(deployment: Deployment) -> None:
    """A whole deployment passes; without its key the check fails and names it."""
    found = deployment.run("check", "--json").data
    assert {finding["verdict"] for finding in found} <= {"ok", "warning"}
    deployment.run.environ = {**deployment.run.environ, "ANTHROPIC_API_KEY": ""}
    answer = deployment.run("check", "--json")
    assert answer.code == 1
    assert "ANTHROPIC_API_KEY" in answer.out
    assert answer.error["code"] == "check_failed"


def test_applying_the_agent_twice_changes_nothing(deployment: Deployment) -> None:
    """The same version stays pinned, and nothing new is made."""
    agents = len(deployment.world.agents_app.state.agents)  # type: ignore[attr-defined]
    first = deployment.run("agents", "apply", "--json").data
    assert deployment.run("agents", "apply", "--json").data == first
    assert len(deployment.world.agents_app.state.agents) == agents  # type: ignore[attr-defined]
    plan = deployment.run("agents", "plan", "--json").data
    assert {change["action"] for change in plan} == {"keep"}


def test_a_run_in_mode_auto_is_written(deployment: Deployment, at: str) -> None:
    """One object as data, with its history; the comment stands in Asana."""
    data = deployment.run("run", "standup", "--team", "harbour", "--at", at, "--mode", "auto", "--json").data
    assert data["state"] == "written"
    assert [move["to"] for move in data["history"]][-1] == "written"
    [text] = deployment.comments
    assert text.rstrip().endswith(f"ref standup/{at.replace('.000Z', 'Z')}/harbour")


def test_a_draft_is_approved_by_who_may(deployment: Deployment, at: str) -> None:
    """Bob may not, Alice may; only then is anything written, and the receipt is told."""
    run = deployment.run("run", "standup", "--team", "harbour", "--at", at, "--json").data
    assert run["state"] == "judged"
    [waiting] = deployment.run("approvals", "list", "--json").data
    assert waiting["run_id"] == run["run_id"]
    assert waiting["comment_html"]
    refused = deployment.run("approvals", "approve", run["run_id"], "--by", "Bob", "--json")
    assert refused.code == 1
    assert "Bob may not decide" in refused.error["message"]
    assert not deployment.comments
    written = deployment.run("approvals", "approve", run["run_id"], "--by", "alice", "--json").data
    assert written["state"] == "written"
    [decision] = written["decisions"]
    assert (decision["kind"], decision["approved"], decision["by"]) == ("approved", True, "Alice")
    assert decision["draft"] == run["draft_digest"]
    assert len(deployment.comments) == 1
    assert deployment.run("approvals", "list", "--json").data == []


def test_auto_before_enough_was_reviewed_is_refused_for_production(deployment: Deployment) -> None:
    """A warning while one tries things out, a fault where it counts."""
    path = deployment.run.folder / "facilitator.toml"
    path.write_text(path.read_text().replace('mode = "approve"', 'mode = "auto"'))
    tried = deployment.run("check", "--json").data
    assert "0 of 5 documents were reviewed" in str([one for one in tried if one["verdict"] == "warning"])
    refused = deployment.run("check", "--production", "--json")
    assert refused.code == 1
    faults = [one["message"] for one in refused.envelope["data"] if one["verdict"] == "fault"]
    assert "is written without a person's yes, and 0 of 5 documents were reviewed." in faults


def test_a_draft_is_sent_back_and_then_said_in_other_words(
    deployment: Deployment, at: str, tmp_path: Path
) -> None:
    """A second graded draft of the same session; an edit is refused with the right figure, then taken and approved."""
    run = deployment.run("run", "standup", "--team", "harbour", "--at", at, "--json").data
    asked = ("approvals", "revise", run["run_id"], "--by", "Alice", "--because", "Shorter.", "--json")
    again = deployment.run(*asked).data
    assert (again["state"], again["session_id"]) == ("judged", run["session_id"])
    [waiting] = deployment.run("approvals", "list", "--json").data
    assert waiting["may_decide"] == ["Alice"]
    words = deployment.run("approvals", "edit", run["run_id"], "--json").data["words"]
    blocked = len(again["facts"]["facts"]["blocked"]["tasks"])
    file, edit = tmp_path / "words.txt", ("approvals", "edit", run["run_id"], "--by", "Alice", "--json")
    file.write_text(words.replace("headline: ", f"headline: {blocked + 1} tasks blocked, ", 1))
    refused = deployment.run(*edit, "--file", str(file))
    assert refused.code == 1
    assert "blocked" in refused.error["message"]
    assert str(blocked) in refused.error["message"]
    file.write_text(words.replace("headline: ", "headline: Today: "))
    edited = deployment.run(*edit, "--file", str(file)).data
    assert (edited["state"], edited["draft_digest"] != again["draft_digest"]) == ("judged", True)
    deployment.run("approvals", "approve", run["run_id"], "--by", "Alice", "--json")
    [text] = deployment.comments
    assert "Today:" in text


def test_a_draft_is_rejected_for_a_reason(deployment: Deployment, at: str) -> None:
    """Nothing is written, the reason is kept, and it cannot be approved afterwards."""
    run = deployment.run("run", "standup", "--team", "harbour", "--at", at, "--json").data["run_id"]
    data = deployment.run(
        "approvals", "reject", run, "--by", "Alice", "--because", "Wrong sprint", "--json"
    ).data
    assert (data["state"], data["reason"]) == ("rejected", "rejected by Alice: Wrong sprint")
    late = deployment.run("approvals", "approve", run, "--by", "Alice", "--json")
    assert "does not wait for a decision" in late.error["message"]
    assert not deployment.comments


def test_the_run_log_is_read_from_the_command_line(deployment: Deployment, at: str) -> None:
    """List, show and tail tell the same run; an unknown one is a sentence."""
    run = deployment.run("run", "standup", "--team", "harbour", "--at", at, "--mode", "shadow", "--json").data
    [listed] = deployment.run("runs", "list", "--json").data
    assert (listed["run_id"], listed["state"]) == (run["run_id"], "skipped")
    shown = deployment.run("runs", "show", run["run_id"], "--json").data
    assert shown == run
    events = deployment.run("runs", "tail", run["run_id"], "--json").data
    assert len(events) == shown["events"]
    told = deployment.run("runs", "show", run["run_id"])
    assert "submitted -> judged" in told.out
    assert deployment.run("runs", "list", "--state", "written", "--json").data == []
    assert deployment.run("runs", "show", "run_nowhere", "--json").error["code"] == "run_log"
    assert deployment.run("runs", "list", "--state", "finished", "--json").code == 2


def test_wrong_words_for_a_good_configuration_exit_2(deployment: Deployment) -> None:
    """Unknown teams, ceremonies, modes and instants without a zone name what there is."""
    words: list[tuple[tuple[str, ...], str]] = [
        (("run", "standup", "--team", "harbor"), "harbour"),
        (("run", "standdown", "--team", "harbour"), "standup"),
        (("run", "standup", "--team", "harbour", "--mode", "yolo"), "approve"),
        (("run", "standup", "--team", "harbour", "--at", "2026-06-10T09:00:00"), "+02:00"),
        (("next", "--team", "harbor"), "harbour"),
    ]
    for call, hint in words:
        answer = deployment.run(*call, "--json")
        assert answer.code == 2, call
        assert hint in answer.error["suggestion"]


def test_next_shows_the_coming_fires(deployment: Deployment) -> None:
    """A week of a daily ceremony on working days has five."""
    fires = deployment.run("next", "--days", "7", "--json").data
    assert len(fires) == 5
    assert {fire["ceremony"] for fire in fires} == {"standup"}
    assert all(re.search(r"09:15 UTC$", fire["local"]) for fire in fires)


def test_the_board_is_shown_and_nothing_recorded(deployment: Deployment, at: str) -> None:
    """Facts, live; no run, no session."""
    facts = deployment.run("board", "harbour", "--at", at, "--json").data
    assert facts["format"] == "facts/1"
    assert facts["facts"]
    assert deployment.run("runs", "list", "--json").data == []
    assert not deployment.sessions


def test_people_are_told_and_asked_and_a_stopped_deployment_is_not_ready(deployment: Deployment) -> None:
    """`notices`, `triggers` and `health` print one envelope each; nothing of the log gets between."""
    told = deployment.run("notices", "test", "--json").data
    assert [way["status"][:4] for way in told["ways"]] == ["told"]
    assert [one["key"] for one in deployment.run("notices", "list", "--json").data] == [told["key"]]
    assert deployment.run("triggers", "list", "--json").data == []
    stopped = deployment.run("health", "--json")
    assert (stopped.code, "serve" in stopped.error["message"]) == (1, True)
    checks = {check["name"]: check["ok"] for check in stopped.envelope["data"]}
    assert checks == {"configuration": True, "database": True, "agent": True, "scheduler": False}


def test_a_broken_configuration_tells_every_fault_with_its_line(deployment: Deployment) -> None:
    """All at once, exit 2."""
    path = deployment.run.folder / "facilitator.toml"
    text = path.read_text().replace('"UTC"', '"Mars/Olympus"').replace('mode = "approve"', 'mode = "maybe"')
    path.write_text(text)
    answer = deployment.run("check", "--json")
    assert answer.code == 2
    assert "Mars/Olympus" in answer.error["message"]
    assert "mode" in answer.error["message"]
    assert len(re.findall(r"line \d+", answer.error["message"])) >= 2


def test_progress_goes_to_standard_error(deployment: Deployment, at: str) -> None:
    """Standard output holds the answer alone; with --json nobody is told of progress."""
    words = ("run", "standup", "--team", "harbour", "--at", at, "--mode", "shadow")
    quiet = deployment.run(*words, "--json")
    assert quiet.data
    assert quiet.err == ""
    told = deployment.run(
        "run", "standup", "--team", "harbour", "--at", at.replace("07:00", "06:59"), "--mode", "shadow"
    )
    assert "standup: verdict: satisfied" in told.err
    assert "verdict:" not in told.out


def packs() -> list[Any]:
    path = ROOT.parent / "shared" / "data" / "medium-windows.json"
    absent = pytest.mark.skipif(not path.exists(), reason="../shared/data/medium-windows.json is not here")
    return [
        pytest.param(None, "1205000000000003", "2026-06-10T07:00:00Z", id="built-in"),
        pytest.param(path, "2000000003", "2015-08-26T15:00:00Z", id="medium-windows", marks=absent),
    ]


@pytest.mark.parametrize(("workspace", "project", "instant"), packs())
def test_the_sandbox_alone_serves_a_whole_first_day(
    program: Program, workspace: Path | None, project: str, instant: str
) -> None:
    """Sandbox, init, check, apply twice, run: the story is readable through Asana's own API; SIGTERM ends it well."""
    process = program.start(
        "sandbox", "--json", "--speed", "500", *(("--workspace", str(workspace)) if workspace else ())
    )
    urls = printed_urls(process)
    program.environ = {**urls, **KEYS}
    words = ("--team", "Harbour", "--project", project, "--approver", "Alice")
    assert program("init", *words, "--json").data["path"] == "facilitator.toml"
    assert program("check", "--json").code == 1, "no agent is applied yet"
    pins = [program("agents", "apply", "--json").data for _ in range(2)]
    assert pins[0] == pins[1]
    assert program("check", "--json").code == 0
    run = program("run", "standup", "--team", "harbour", "--at", instant, "--mode", "auto", "--json").data
    assert run["state"] == "written"
    story = asana(urls, f"/stories/{run['story_gid']}?opt_fields=text,target")
    assert story["target"]["gid"] == run["task_gid"]
    assert story["text"].rstrip().endswith(f"ref standup/{instant}/harbour")
    process.send_signal(signal.SIGTERM)
    assert program.end(process).code == 0


def asana(urls: dict[str, str], path: str) -> dict[str, Any]:
    """What Asana's API answers."""
    request = urllib.request.Request(
        f"{urls['ASANA_BASE_URL']}{path}", headers={"Authorization": "Bearer reader"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        data: dict[str, Any] = json.load(answer)["data"]
        return data
