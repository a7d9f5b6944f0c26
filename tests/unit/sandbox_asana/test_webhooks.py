"""Webhooks of the simulated Asana, as far as they can be seen without a target."""

import pytest

from facilitator.sandbox.asana.webhooks import passes
from tests.unit.sandbox_asana.worlds import TEAM, WORKSPACE, Api

ADDED = {"action": "added", "resource": {"kind": "story"}}
DUE = {"action": "changed", "resource": {"kind": "task"}, "change": {"field": "due_on", "action": "changed"}}


@pytest.mark.parametrize(
    ("event", "filters", "let"),
    [
        (ADDED, [], True),
        (ADDED, [{"resource_type": "story", "action": "added"}], True),
        (ADDED, [{"resource_type": "story"}], True),
        (ADDED, [{"resource_type": "task"}, {"resource_type": "story", "action": "removed"}], False),
        (DUE, [{"resource_type": "task", "action": "changed", "fields": ["due_on"]}], True),
        (DUE, [{"resource_type": "task", "action": "changed", "fields": ["name"]}], False),
    ],
)
def test_filters_pass_when_any_matches(
    event: dict[str, object], filters: list[dict[str, object]], let: bool
) -> None:
    """By kind, action and fields; none at all lets everything pass."""
    assert passes(filters, event) is let


def test_a_target_elsewhere_is_never_called(api: Api) -> None:
    """The sandbox stays on this machine."""
    status, said = api.refused("POST", "/webhooks", resource=TEAM, target="https://example.org/hook")
    assert (status, "this one" in said) == (403, True)
    assert api.read("/webhooks", workspace=WORKSPACE) == []


def test_a_target_that_does_not_answer_is_refused(api: Api) -> None:
    """Port 9 takes nothing: no handshake, no webhook."""
    assert api.refused("POST", "/webhooks", resource=TEAM, target="http://127.0.0.1:9/x")[0] == 400
