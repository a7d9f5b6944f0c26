"""What stands in deploy/ can be read, and starts verbs that exist, with names that the program reads."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import runner
from facilitator.cli.app import build
from facilitator.cli.context import Context

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
KNOWN = {
    "FACILITATOR_CONFIG",
    "FACILITATOR_DATABASE_URL",
    "ASANA_ACCESS_TOKEN_FILE",
    "ANTHROPIC_API_KEY_FILE",
}


def verbs() -> set[str | None]:
    """The verbs of the command line."""
    app = build(Context(runner.compose, runner.ceremonies))
    return {
        command.name or (command.callback.__name__ if command.callback else None)
        for command in app.registered_commands
    }


def manifests() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))


def test_the_compose_file_starts_serve_and_worker() -> None:
    """Its services run verbs of ours, with secrets from files alone."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    ours = {name: one for name, one in compose["services"].items() if "command" in one}
    assert {one["command"][0] for one in ours.values()} == {"serve", "worker"}
    assert {"serve", "worker"} <= verbs()
    for one in ours.values():
        assert {name for name in one["environment"] if not name.startswith("PG")} <= KNOWN
        assert set(one["secrets"]) <= set(compose["secrets"])


def test_the_kubernetes_manifest_starts_serve_and_worker() -> None:
    """Every container runs a verb of ours and names variables that are read."""
    pods = [one["spec"]["template"]["spec"] for one in manifests() if one["kind"] == "Deployment"]
    containers = [container for pod in pods for container in pod["containers"]]
    assert [container["args"] for container in containers] == [["serve"], ["worker"]]
    for container in containers:
        assert {variable["name"] for variable in container["env"]} <= KNOWN


@pytest.mark.parametrize(
    ("unit", "verb"), [("facilitator-serve.service", "serve"), ("facilitator-worker@.service", "worker")]
)
def test_the_units_start_their_verb(unit: str, verb: str) -> None:
    """And each setting stands once, but for those that may be repeated."""
    text = (DEPLOY / "systemd" / unit).read_text()
    assert re.findall(r"^ExecStart=\S+ \S+runner\.py (\w+)$", text, re.MULTILINE) == [verb]
    names = re.findall(r"^(\w+)=", text, re.MULTILINE)
    repeated = {name for name in names if names.count(name) > 1}
    assert repeated <= {"Environment", "LoadCredential"}
