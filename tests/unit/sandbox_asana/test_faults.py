"""The fault plan: which fault is due on which call."""

from typing import Any

import pytest

from facilitator.sandbox.faults import FaultError, FaultPlan, faults_for

PATHS = ("/api/1.0/tasks/11", "/tasks/11")


def _due(plan: FaultPlan, method: str = "GET", times: int = 1, *, stream: bool = False) -> list[str | None]:
    taken = [plan.take(method, PATHS, stream=stream) for _ in range(times)]
    return [fault.kind if fault else None for fault in taken]


def test_a_fault_is_used_once_by_default() -> None:
    """Without a count the second call goes well."""
    plan = FaultPlan()
    plan.add([{"kind": "drop"}])
    assert _due(plan, times=2) == ["drop", None]


def test_a_fault_without_an_end_is_used_for_ever() -> None:
    """A count of null never runs out."""
    plan = FaultPlan()
    plan.add([{"kind": "drop", "count": None}])
    assert _due(plan, times=5) == ["drop"] * 5


def test_after_lets_calls_pass_first() -> None:
    """The first matches go well, then the fault comes."""
    plan = FaultPlan()
    plan.add([{"kind": "drop", "after": 2, "count": 2}])
    assert _due(plan, times=5) == [None, None, "drop", "drop", None]


@pytest.mark.parametrize("pattern", ["/tasks/*", "/api/1.0/tasks/11", "*11", "*"])
def test_a_path_matches_with_and_without_its_prefix(pattern: str) -> None:
    """A glob may be written either way."""
    plan = FaultPlan()
    plan.add([{"kind": "drop", "path": pattern}])
    assert _due(plan) == ["drop"]


@pytest.mark.parametrize("wanted", [{"path": "/stories/*"}, {"method": "post"}])
def test_other_calls_are_left_alone(wanted: dict[str, Any]) -> None:
    """A fault waits for its own method and path."""
    plan = FaultPlan()
    plan.add([{"kind": "drop", **wanted}])
    assert _due(plan) == [None]


def test_methods_are_read_in_any_case() -> None:
    """A method in lower case is the same method."""
    plan = FaultPlan()
    plan.add([{"kind": "drop", "method": "post"}])
    assert _due(plan, "POST") == ["drop"]


def test_stream_faults_wait_for_streams() -> None:
    """A stream fault is not spent on a plain answer, nor the other way round."""
    plan = FaultPlan()
    plan.add([{"kind": "stream_cut"}, {"kind": "drop"}])
    assert _due(plan) == ["drop"]
    assert _due(plan, stream=True) == ["stream_cut"]


def test_chance_repeats_with_the_seed() -> None:
    """The same seed makes the same calls fail, another seed others."""

    def run(seed: int) -> list[str | None]:
        plan = FaultPlan()
        plan.add([{"kind": "drop", "probability": 0.5, "count": None}], seed=seed)
        return _due(plan, times=40)

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert set(run(1)) == {"drop", None}


def test_the_counters_are_shown() -> None:
    """What was seen and used stands beside each fault, with its own parameters."""
    plan = FaultPlan()
    plan.add([{"kind": "status", "status": 503, "after": 1}])
    _due(plan, times=2)
    shown = plan.faults()[0].as_json()
    assert (shown["status"], shown["seen"], shown["used"]) == (503, 2, 1)


def test_clearing_ends_every_fault() -> None:
    """After a clear all goes well."""
    plan = FaultPlan()
    plan.add([{"kind": "drop", "count": None}])
    plan.clear()
    assert _due(plan) == [None]


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("drop", "a fault is an object with a kind"),
        ({}, "unknown fault kind None; the sandbox knows"),
        ({"kind": "explode"}, "unknown fault kind 'explode'"),
        ({"kind": "drop", "seconds": 1}, "fault 'drop' has no 'seconds'"),
        ({"kind": "slow", "seconds": "long"}, "seconds is 'long', not a number"),
        ({"kind": "slow", "count": True}, "count is True, not a number"),
        ({"kind": "drop", "on": "jira"}, "on is 'jira', not one of asana, agents"),
    ],
)
def test_a_fault_nobody_knows_is_refused(description: Any, said: str) -> None:
    """An unknown kind, key or value is an error that names it."""
    with pytest.raises(FaultError, match=said):
        FaultPlan().add([description])


def test_one_bad_fault_adds_none() -> None:
    """A list is taken whole or not at all."""
    plan = FaultPlan()
    with pytest.raises(FaultError):
        plan.add([{"kind": "drop"}, {"kind": "explode"}])
    assert plan.faults() == []


def test_faults_go_to_the_port_they_name() -> None:
    """A fault with `on` goes to one port, one without to both."""
    both, asana = {"kind": "drop"}, {"kind": "drop", "on": "asana"}
    assert faults_for("asana", [both, asana]) == [both, asana]
    assert faults_for("agents", [both, asana]) == [both]
