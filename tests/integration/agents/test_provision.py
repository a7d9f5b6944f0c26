"""Agent and environment on the service: made once, found again, brought up to date, never doubled."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from facilitator.agents import Change, apply, make_client, plan
from facilitator.agents.client import Wire, WireError
from facilitator.errors import ConfigurationError
from facilitator.runs.ports import Pinned
from tests.integration.agents.service import BRISK, NO_LAG, TEMPLATES, Running, Service, no_wait

pytestmark = pytest.mark.anyio


@pytest.fixture
async def bare() -> AsyncIterator[Service]:
    """A service on which nothing was made yet."""
    with Running(NO_LAG) as running:
        yield running


@pytest.fixture
async def wire(bare: Service) -> AsyncIterator[Wire]:
    """A client of it that waits for nothing."""
    async with make_client(lambda: "sk-test", bare.sandbox.agents_url) as client:
        yield Wire(client, no_wait, lambda: 0.5, BRISK)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A copy of our templates to change."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "agents"))


def edit(templates: Path, name: str, old: str, new: str) -> None:
    """Change one place of one template."""
    path = templates / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def actions(changes: list[Change]) -> list[str]:
    """What would be done, agent first."""
    return [change.action for change in changes]


async def test_plan_says_create_and_makes_nothing(bare: Service, wire: Wire) -> None:
    """On an empty workspace both are to be made, and looking makes neither."""
    changes = await plan(TEMPLATES, wire)

    assert actions(changes) == ["create", "create"]
    assert not bare.app.state.sandbox.agents


async def test_a_second_apply_changes_nothing(bare: Service, wire: Wire) -> None:
    """Applied twice: one agent with one version, one environment, the same pin."""
    first = await apply(TEMPLATES, wire)
    second = await apply(TEMPLATES, wire, known=first)

    assert second == first
    assert first.agent_version == 1
    assert bare.calls("POST", "/v1/agents") == 1
    assert bare.calls("POST", "/v1/environments") == 1
    assert actions(await plan(TEMPLATES, wire, known=first)) == ["keep", "keep"]


async def test_the_pin_names_the_declared_tools(wire: Wire) -> None:
    """Exactly the five tools we answer."""
    pinned = await apply(TEMPLATES, wire)

    assert pinned.tools == (
        "board_get_health",
        "board_get_task",
        "board_list_changes",
        "board_list_comments",
        "draft_check",
    )


async def test_a_lost_pin_is_found_again(wire: Wire) -> None:
    """With our database lost, the private metadata key leads back to the same two."""
    first = await apply(TEMPLATES, wire)

    assert await apply(TEMPLATES, wire) == first


async def test_a_changed_template_makes_one_new_version(wire: Wire, templates: Path) -> None:
    """A new system prompt updates the agent in place; the environment stays."""
    first = await apply(templates, wire)
    edit(templates, "system.md", "Be concise.", "Be very concise.")

    planned = await plan(templates, wire, known=first)
    second = await apply(templates, wire, known=first)

    assert actions(planned) == ["update", "keep"]
    assert (second.agent_id, second.agent_version) == (first.agent_id, 2)
    assert second.agent_hash != first.agent_hash
    assert second.environment_id == first.environment_id


async def test_the_model_may_come_from_configuration(bare: Service, wire: Wire) -> None:
    """The configured model replaces the template's and is part of what is hashed."""
    first = await apply(TEMPLATES, wire)
    second = await apply(TEMPLATES, wire, known=first, model="claude-sonnet-5-5")

    agent = bare.app.state.sandbox.agents[second.agent_id].latest
    assert second.agent_version == 2
    assert agent["model"]["id"] == "claude-sonnet-5-5"


async def test_an_agent_changed_by_hand_is_put_right(wire: Wire) -> None:
    """Somebody added a web tool in the console: the version differs from the pin, so it is applied again."""
    first = await apply(TEMPLATES, wire)
    await wire.client.beta.agents.update(first.agent_id, system="Do as the tasks say.")

    planned = await plan(TEMPLATES, wire, known=first)
    second = await apply(TEMPLATES, wire, known=first)
    agent = await wire.client.beta.agents.retrieve(second.agent_id)

    assert "outside" in planned[0].because
    assert second.agent_version == 3
    assert agent.system == (TEMPLATES / "system.md").read_text()


async def test_two_deployments_keep_apart_by_their_suffix(wire: Wire) -> None:
    """One workspace, two suffixes: two agents, two environments."""
    one = await apply(TEMPLATES, wire, name_suffix="-blue")
    two = await apply(TEMPLATES, wire, name_suffix="-green")

    assert one.agent_id != two.agent_id
    assert one.environment_id != two.environment_id


async def test_of_two_agents_with_our_mark_the_oldest_wins(bare: Service, wire: Wire) -> None:
    """A double made by an older accident is left alone; everybody agrees on the first."""
    first = await apply(TEMPLATES, wire)
    original = bare.app.state.sandbox.agents[first.agent_id].latest
    await wire.client.beta.agents.create(
        name="facilitator", model="claude-opus-5-5", metadata=original["metadata"]
    )

    assert (await apply(TEMPLATES, wire)).agent_id == first.agent_id


async def test_an_archived_agent_is_replaced(wire: Wire) -> None:
    """An archived agent cannot start sessions: a new one is made, although the pin names the old one."""
    first = await apply(TEMPLATES, wire)
    await wire.client.beta.agents.archive(first.agent_id)

    second = await apply(TEMPLATES, wire, known=first)

    assert second.agent_id != first.agent_id


async def test_an_environment_of_our_name_is_adopted(wire: Wire) -> None:
    """Names are unique: one made by hand is taken over and closed to the network."""
    made = await wire.client.beta.environments.create(
        name="facilitator", config={"type": "cloud", "networking": {"type": "unrestricted"}}
    )

    pinned = await apply(TEMPLATES, wire)
    environment = await wire.client.beta.environments.retrieve(pinned.environment_id)

    assert pinned.environment_id == made.id
    assert environment.to_dict()["config"]["networking"]["type"] == "limited"  # type: ignore[index]


@pytest.mark.parametrize("kind", ["commit_then_status", "commit_then_drop", "malformed_json", "status"])
@pytest.mark.parametrize("path", ["/v1/agents", "/v1/environments"])
async def test_a_create_of_unknown_fate_is_looked_for(
    bare: Service, wire: Wire, path: str, kind: str
) -> None:
    """Whether or not the first create happened, there is one of each in the end."""
    bare.faults({"kind": kind, "method": "POST", "path": path})

    await apply(TEMPLATES, wire)

    assert len(bare.app.state.sandbox.agents) == 1
    assert len(bare.app.state.sandbox.environments) == 1


async def test_an_update_of_unknown_fate_is_not_repeated(bare: Service, wire: Wire, templates: Path) -> None:
    """A new version whose answer was lost is recognised by its hash."""
    first = await apply(templates, wire)
    edit(templates, "system.md", "Be concise.", "Be brief.")
    bare.faults({"kind": "commit_then_status", "method": "POST", "path": "/v1/agents/*"})

    second = await apply(templates, wire, known=first)

    assert second.agent_version == 2


async def test_a_refusal_is_not_tried_again(bare: Service, wire: Wire) -> None:
    """A key without rights ends at once, with a remedy."""
    bare.faults({"kind": "status", "status": 403, "path": "*", "count": None})

    with pytest.raises(WireError) as refused:
        await apply(TEMPLATES, wire)

    assert not refused.value.retryable
    assert refused.value.suggestion


async def test_patience_with_a_failing_service_ends(bare: Service, wire: Wire) -> None:
    """A create that never gets an answer ends as an error to try later, not in a loop."""
    bare.faults({"kind": "status", "status": 500, "method": "POST", "path": "*", "count": None})

    with pytest.raises(WireError) as tired:
        await apply(TEMPLATES, wire)

    assert tired.value.in_doubt


async def test_a_long_list_is_read_to_its_end(wire: Wire) -> None:
    """Our agent on the second page is found."""
    first = await apply(TEMPLATES, wire)
    for number in range(105):
        await wire.client.beta.agents.create(name=f"other {number}", model="claude-opus-5-5")

    assert (await apply(TEMPLATES, wire)).agent_id == first.agent_id


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("agent.yaml", "name: [", "not YAML"),
        ("agent.yaml", "", "no keys"),
        ("agent.yaml", "name: facilitator\n", "missing"),
        ("environment.yaml", "name: f\ndescription: d\nconfig: {}\nscope: account\n", "unknown keys: scope"),
        ("system.md", None, "cannot be read"),
    ],
)
async def test_a_faulty_template_is_named(
    wire: Wire, templates: Path, name: str, content: str | None, fault: str
) -> None:
    """Before any call, the error says which file is wrong and how."""
    if content is None:
        (templates / name).unlink()
    else:
        (templates / name).write_text(content)

    with pytest.raises(ConfigurationError, match=fault) as wrong:
        await plan(templates, wire)

    assert name in wrong.value.message


async def test_a_plain_client_is_enough(bare: Service) -> None:
    """The command line hands in the client alone."""
    async with make_client(lambda: "sk-test", bare.sandbox.agents_url) as client:
        pinned: Pinned = await apply(TEMPLATES, client)

    assert replace(pinned, agent_version=1) == pinned


def test_a_missing_key_is_said_before_any_call() -> None:
    """An empty key is a fault of the configuration."""
    with pytest.raises(ConfigurationError) as missing:
        make_client(str)

    assert "ANTHROPIC_API_KEY" in missing.value.suggestion


async def test_a_pin_of_another_workspace_is_forgotten(wire: Wire) -> None:
    """An id the service does not know is no error: both are found or made here."""
    elsewhere = Pinned("agent_elsewhere", 4, "env_elsewhere", "a", "e")

    pinned = await apply(TEMPLATES, wire, known=elsewhere)

    assert pinned.agent_id != "agent_elsewhere"
    assert pinned.environment_id != "env_elsewhere"


async def test_a_known_agent_that_may_not_be_read_is_not_replaced(bare: Service, wire: Wire) -> None:
    """A missing right is told; it is never read as a missing agent."""
    first = await apply(TEMPLATES, wire)
    bare.faults({"kind": "status", "status": 403, "method": "GET", "path": "*", "count": None})

    with pytest.raises(WireError):
        await apply(TEMPLATES, wire, known=first)

    assert bare.calls("POST", "/v1/agents") == 1
