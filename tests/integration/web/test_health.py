"""Probes tell the truth: alive, ready, and figures, without a sign-in and without names."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from facilitator.runs.ports import Pinned
from facilitator.runs.run import RunState
from facilitator.service.health import Check
from facilitator.web.health import _told
from tests.integration.web.conftest import browser
from tests.integration.web.house import NOW, House

PINNED = Pinned("agent_1", 3, "env_1", "a", "b")


def ready(house: House) -> House:
    """A house whose agent is applied and whose scheduler ticked just now."""
    house.app.store.pin(PINNED, now=house.now)
    house.app.marks.touch("tick", now=house.now)
    return house


def test_a_process_that_answers_is_alive(house: House) -> None:
    """Also one that is not ready: restarting it would not help."""
    answer = browser(house).get("/healthz", headers={"Host": "10.0.0.7:8484"})
    assert answer.status_code == 200
    assert {name: check["ok"] for name, check in answer.json()["checks"].items()} == {
        "loop": True,
        "database": True,
    }


def test_a_database_that_does_not_answer_is_told(house: House, tmp_path: Path) -> None:
    """Here its file was overwritten while the process ran."""
    house.app.database.dispose()
    for file in tmp_path.glob("facilitator.sqlite3*"):
        file.write_bytes(b"rubbish" * 1000)
    for path in ("/healthz", "/readyz"):
        answer = browser(house).get(path)
        assert (answer.status_code, answer.json()["checks"]["database"]["ok"]) == (503, False)


def test_ready_needs_an_agent_and_a_fresh_tick(house: House) -> None:
    """Each check says what is missing."""
    client = browser(house)
    checks = client.get("/readyz").json()["checks"]
    assert [name for name, check in checks.items() if not check["ok"]] == ["agent", "scheduler"]
    ready(house)
    assert client.get("/readyz").status_code == 200
    house.later(timedelta(minutes=2))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["scheduler"] == {"ok": False, "detail": "last tick 120 s ago"}


def test_one_bad_check_is_503() -> None:
    """However many are fine."""
    assert _told([Check("a", True, ""), Check("b", False, "")]).status_code == 503


def test_metrics_tell_runs_lateness_durations_cost_and_429s(house: House) -> None:
    """For teams and ceremonies, never for people or tasks."""
    ready(house).run(RunState.WRITTEN)
    house.run(RunState.FAILED, end=NOW - timedelta(days=1))
    house.app.counting("asana")()
    text = browser(house).get("/metrics").text
    pair = 'ceremony="standup",team="harbour"'
    for line in (
        'facilitator_runs{ceremony="standup",state="written",team="harbour"} 1.0',
        'facilitator_runs{ceremony="standup",state="failed",team="harbour"} 1.0',
        f"facilitator_cost_cents_total{{{pair}}} 15.0",
        f"facilitator_run_lateness_seconds{{{pair}}} 0.0",
        f"facilitator_run_duration_seconds{{{pair}}} 30.0",
        'facilitator_rate_limited_total{service="asana"} 1.0',
        'facilitator_rate_limited_total{service="managed_agents"} 0.0',
        "facilitator_tick_age_seconds 0.0",
        "facilitator_notices_not_told 0.0",
    ):
        assert line in text
    assert "Alice" not in text


def test_metrics_without_their_extra_say_what_to_install(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """501 with a sentence, not an error."""
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    answer = browser(house).get("/metrics")
    assert answer.status_code == 501
    assert "facilitator[metrics]" in answer.json()["error"]
